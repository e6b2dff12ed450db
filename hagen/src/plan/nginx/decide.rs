//! Topology → nginx of a node.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use super::*;
use crate::os::Component;
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, UnitAction};
use crate::plan::vip::{self, mistaken};
use crate::spec::{self, Balancer};
use crate::topology::{self, Vip};

/// The kernel's bound of file descriptors for one process (`fs.nr_open`).
const DESCRIPTORS_BOUND: u32 = 1_048_576;
/// Listeners, logs and the poller.
const DESCRIPTORS_BESIDES: u32 = 4096;
/// Nobody says goodbye over UDP: an exchange is forgotten after this time.
const UDP_IDLE_MAX: Millis = Millis::seconds(30);
/// A server that failed is left alone for at least this long.
const FAIL_TIMEOUT_MIN_S: u64 = 10;

/// nginx of a node that may carry a VIP which it serves; nothing on other nodes.
pub fn decide(input: &Input<'_>) -> Option<Nginx> {
    let vips: Vec<&Vip> = vip::balanced(input, Balancer::Nginx).collect();
    let first = vips.first()?;
    let os = input.node.os;
    let told = os.provision(Component::NginxStream).and_then(|p| p.version.as_ref());
    let version = told.map(vip::numbers).map_or(NginxVersion::RHEL_8, |(major, minor, patch)| NginxVersion {
        major,
        minor,
        patch,
    });
    // A worker may get all connections, and each is one to the client and one to the server.
    let connections = vips.iter().map(|v| v.max_connections).fold(0, u32::saturating_add);
    let connections = connections.clamp(1, (DESCRIPTORS_BOUND - DESCRIPTORS_BESIDES) / 2) * 2 + 64;
    let draft = Draft {
        version,
        stream: StreamModule::Included(vip::told(&os.paths().nginx.modules)),
        user: vip::told(&os.paths().nginx.user),
        pid: vip::told(&os.paths().nginx.pid),
        worker_connections: NonZeroU32::MIN.saturating_add(connections - 1),
        descriptors_max: NonZeroU32::MIN.saturating_add(connections + DESCRIPTORS_BESIDES / 2),
        health: vip::health(input, first),
        proxies: vips.iter().flat_map(|v| v.services.iter().map(|s| proxy(v, s))).collect(),
    };
    Some(Nginx::new(draft).unwrap_or_else(|errors| mistaken("nginx", &errors)))
}

/// The packages, the unit and what it reads.
pub fn activate(_plan: &Nginx, input: &Input<'_>, parts: &mut Parts) {
    let os = input.node.os;
    parts.packages(os.packages(Component::NginxStream));
    if let Some(unit) = os.unit(Component::NginxStream) {
        let unit = UnitAction {
            name: unit.to_owned(),
            on_change: OnChange::Reload,
            reads: vec![CONFIG_PATH.to_owned()],
            check: ["nginx", "-q", "-t", "-c", CONFIG_PATH].map(str::to_owned).to_vec(),
        };
        parts.unit(Phase::Balancer, unit);
    }
}

fn proxy(vip: &Vip, service: &topology::Service) -> Proxy {
    let spec = &service.spec;
    let servers: Vec<Server> = service.backends.iter().map(|b| server(spec, b)).collect();
    let reserve = servers.iter().any(|s| s.standing == Standing::Backup);
    let (protocol, idle) = match spec.protocol.value {
        spec::Protocol::Tcp => (Protocol::Tcp, vip::millis(spec.idle_timeout)),
        spec::Protocol::Udp => (Protocol::Udp, vip::millis(spec.idle_timeout).min(UDP_IDLE_MAX)),
    };
    let mut sources: Vec<IpNet> = spec.source_ranges.iter().map(IpNet::trunc).collect();
    sources.sort();
    sources.dedup();
    Proxy {
        name: vip::service_name(vip, service),
        protocol,
        listens: vec![SocketAddr::new(vip.address, service.port.get())],
        connect: vip::millis(spec.connect_timeout),
        idle,
        sources,
        balance: match spec.balance {
            spec::Balance::LeastConn => Balance::LeastConnections,
            // nginx has no reserve where the client's address decides; the reserve was asked for.
            spec::Balance::Source if !reserve => Balance::Source,
            spec::Balance::RoundRobin | spec::Balance::Source => Balance::RoundRobin,
        },
        servers,
    }
}

fn server(spec: &spec::Service, backend: &topology::Backend) -> Server {
    let found_out_s = spec.check.interval.as_secs_up().saturating_mul(u64::from(spec.check.fall));
    let fail_timeout_s = found_out_s.clamp(FAIL_TIMEOUT_MIN_S, 3600);
    Server {
        address: SocketAddr::new(backend.address, backend.port.get()),
        weight: NonZeroU16::new(backend.weight).unwrap_or(NonZeroU16::MIN),
        max_fails: vip::streak(spec.check.fall),
        fail_timeout: Millis::seconds(u16::try_from(fail_timeout_s).unwrap_or(3600)),
        standing: if backend.backup { Standing::Backup } else { Standing::Active },
    }
}

#[cfg(test)]
mod tests;
