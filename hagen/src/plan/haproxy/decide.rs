//! Topology → haproxy of a node.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use super::*;
use crate::os::{Component, Family};
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, UnitAction};
use crate::plan::vip::{self, mistaken};
use crate::spec::{self, Balancer, CheckType, Deployment};
use crate::topology::{self, Node, Vip};

/// Where RHEL's package lets haproxy be spoken to: inside its chroot, the only folder it may write.
const RED_HAT_SOCKET: &str = "/var/lib/haproxy/stats";
/// Where Debian's package makes a folder for it.
const DEBIAN_SOCKET: &str = "/run/haproxy/admin.sock";
const CHROOT: &str = "/var/lib/haproxy";
/// The kernel's bound of file descriptors for one process (`fs.nr_open`).
const DESCRIPTORS_BOUND: u32 = 1_048_576;
/// A server is not asked more often than this, whatever the document says.
const CHECK_INTERVAL_MIN: Millis = Millis::new(100);
/// Listeners, probes, logs and the poller.
const DESCRIPTORS_BESIDES: u32 = 4096;
/// What a version of an image that does not tell is taken for: it logs to standard output, and nothing
/// newer is asked of it.
const UNTOLD: HaproxyVersion = HaproxyVersion { major: 2, minor: 0 };

/// haproxy of a node that may carry a VIP which it serves; nothing on other nodes.
pub fn decide(input: &Input<'_>) -> Option<Haproxy> {
    let vips: Vec<&Vip> = vip::balanced(input, Balancer::Haproxy).collect();
    let first = vips.first()?;
    let (version, process) = process(input, first.deployment);
    let connections = vips.iter().map(|v| v.max_connections).fold(0, u32::saturating_add);
    let most = (DESCRIPTORS_BOUND - DESCRIPTORS_BESIDES) / 2;
    let connections = connections.clamp(1, most);
    let draft = Draft {
        version,
        process,
        connections_max: NonZeroU32::MIN.saturating_add(connections - 1),
        descriptors_max: NonZeroU32::MIN.saturating_add(2 * connections + DESCRIPTORS_BESIDES - 1),
        timeouts: Timeouts::default(),
        health: vips.iter().map(|v| health(input, v)).collect(),
        proxies: vips.iter().flat_map(|v| v.services.iter().map(|s| proxy(input, v, s))).collect(),
    };
    Some(Haproxy::new(draft).unwrap_or_else(|errors| mistaken("haproxy", &errors)))
}

/// The package, its unit and what it reads; a static pod needs none of it.
pub fn activate(plan: &Haproxy, input: &Input<'_>, parts: &mut Parts) {
    let Process::Service { .. } = plan.process else { return };
    let os = input.node.os;
    parts.packages(os.packages(Component::Haproxy));
    if let Some(unit) = os.unit(Component::Haproxy) {
        let unit = UnitAction {
            name: unit.to_owned(),
            on_change: OnChange::Reload,
            reads: vec![CONFIG_PATH.to_owned()],
            check: ["haproxy", "-c", "-f", CONFIG_PATH].map(str::to_owned).to_vec(),
        };
        parts.unit(Phase::Balancer, unit);
    }
}

fn process(input: &Input<'_>, deployment: Deployment) -> (HaproxyVersion, Process) {
    let os = input.node.os;
    if deployment == Deployment::StaticPod {
        let image = input.topology.kubernetes.as_ref().map(|k| &k.spec.images.haproxy);
        let told = image.and_then(vip::image_version);
        let version = told.map_or(UNTOLD, |(major, minor, _)| HaproxyVersion { major, minor });
        return (version.max(UNTOLD), Process::Container);
    }
    let told = os.provision(Component::Haproxy).and_then(|p| p.version.as_ref());
    let version = told
        .map(vip::numbers)
        .map_or(HaproxyVersion::CENTOS_7, |(major, minor, _)| HaproxyVersion { major, minor });
    let socket = match os.family() {
        Family::Debian => DEBIAN_SOCKET,
        Family::Redhat => RED_HAT_SOCKET,
    };
    let account = vip::word::<UserName>("haproxy");
    let (chroot, stats_socket) = (vip::word(CHROOT), vip::word(socket));
    (version, Process::Service { user: account.clone(), group: account, chroot, stats_socket })
}

/// Zero would mean for ever.
fn time(duration: spec::Duration) -> Millis {
    vip::millis(duration).clamp(Millis::new(1), TIME_MAX)
}

fn health(input: &Input<'_>, vip: &Vip) -> HealthPage {
    HealthPage {
        name: vip::name(&vip.name),
        address: vip::health(input, vip),
        watches: vip.services.iter().map(|s| vip::service_name(vip, s)).collect(),
    }
}

fn proxy(input: &Input<'_>, vip: &Vip, service: &topology::Service) -> Proxy {
    let spec = &service.spec;
    let address = SocketAddr::new(vip.address, service.port.get());
    let database = vip::database(input, vip, service).is_some();
    let mut sources: Vec<IpNet> = spec.source_ranges.iter().map(IpNet::trunc).collect();
    sources.sort();
    sources.dedup();
    Proxy {
        name: vip::service_name(vip, service),
        binds: vec![Bind { address, transparent: needs_transparent(input.node, address) }],
        connect: time(spec.connect_timeout),
        idle: time(spec.idle_timeout),
        sources,
        balance: balance(service, database),
        check: check(service, database),
        servers: service.backends.iter().map(server).collect(),
    }
}

/// `net.ipv6.ip_nonlocal_bind` came with Linux 4.3.
fn needs_transparent(node: &Node, address: SocketAddr) -> bool {
    address.is_ipv6() && !node.os.kernel().at_least((4, 3))
}

fn balance(service: &topology::Service, database: bool) -> Balance {
    match service.spec.balance {
        _ if database => Balance::SingleWriter,
        spec::Balance::RoundRobin => Balance::RoundRobin,
        spec::Balance::LeastConn => Balance::LeastConnections,
        spec::Balance::Source => Balance::Source,
    }
}

fn check(service: &topology::Service, database: bool) -> Check {
    let spec = &service.spec.check;
    let path = || vip::http_path(&spec.path);
    let probe = match spec.r#type {
        CheckType::Tcp if database => Probe::MysqlGreeting,
        CheckType::Tcp => Probe::Tcp,
        CheckType::Http => Probe::Http { path: path(), status: Status::Ok, tls: None },
        CheckType::Https => {
            let trust = spec.ca_file.as_ref().map(vip::file).map_or(Trust::Unverified, Trust::CaFile);
            Probe::Http { path: path(), status: Status::Ok, tls: Some(trust) }
        }
    };
    // A path may fail everywhere at once, and then no watch must be cut; a port that is closed is dead.
    let when_down = match spec.r#type {
        CheckType::Tcp => WhenDown::Cut,
        CheckType::Http | CheckType::Https => WhenDown::Keep,
    };
    Check {
        probe,
        port: spec.port,
        timeout: time(spec.timeout),
        interval: time(spec.interval).max(CHECK_INTERVAL_MIN),
        rise: vip::streak(spec.rise),
        fall: vip::streak(spec.fall),
        when_down,
    }
}

fn server(backend: &topology::Backend) -> Server {
    Server {
        name: vip::name(&backend.node),
        address: SocketAddr::new(backend.address, backend.port.get()),
        weight: backend.weight,
        standing: if backend.backup { Standing::Backup } else { Standing::Active },
        connections_max: None,
    }
}

#[cfg(test)]
mod tests;
