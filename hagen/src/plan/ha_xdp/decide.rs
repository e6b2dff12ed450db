//! Topology → the letter to ha-xdp of a node.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ha_xdp_config::{
    Affinity, Announce, ApiVersion, Backend, Check, Checksum, Daemon, Decapsulation, Effect, FlowTimeouts,
    Forward, Group, HttpProbe, HttpsProbe, Interface, LocalTraffic, LogFormat, LogLevel, Millis, Nat,
    NatSource, PortRange, Probe, Protocol, Service, ServicePort, StatusRange, Tables, Through, Track,
    TrackedProbe, TrackedService, Transport, Trust, Unicast, Vrrp, WhenAllDown, XdpMode, limits,
};
use ipnet::IpNet;

use super::*;
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, UnitAction};
use crate::plan::vip::{self, mistaken};
use crate::spec::{self, Balancer, CheckType, ForwardMode, OnFailure};
use crate::topology::{self, Node, Vip, VipMember};

/// The unit that the package of ha-xdp brings.
const UNIT: &str = "ha-xdp.service";
/// Where metrics are served: on the node itself only.
const METRICS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9105);
/// Above ordinary work, below the kernel's own threads.
const REALTIME_PRIORITY: u8 = 50;
/// Lowest kernel that takes the programs: Linux 5.15, or Red Hat's 5.14 (LB-4).
const KERNEL: (u32, u32) = (5, 14);
/// Space of an outer header and of the inner IP and TCP headers, in bytes: 20 + 20 + 20, 40 + 40 + 20.
const IPIP_HEADERS: (u16, u16) = (60, 100);

/// The letter of a node that may carry a VIP which ha-xdp owns or serves, or that takes its encapsulated
/// packets; nothing on other nodes.
pub fn decide(input: &Input<'_>) -> Option<HaXdp> {
    let vips: Vec<&Vip> = input.topology.vips_on(&input.node.name).filter(|v| uses_ha_xdp(v)).collect();
    let decapsulation = decapsulation(input);
    if vips.is_empty() && decapsulation.is_none() {
        return None;
    }
    let served = || vips.iter().copied().filter(|v| v.balancer == Balancer::HaXdp);
    let services: Vec<Service> =
        served().flat_map(|v| v.services.iter().filter_map(|s| service(input, v, s))).collect();
    let document = Document {
        api_version: ApiVersion::V1,
        node: vip::name(&input.node.name),
        daemon: Daemon {
            log_level: LogLevel::Info,
            log_format: LogFormat::Text,
            metrics_listen: Some(METRICS),
            realtime_priority: Some(REALTIME_PRIORITY),
            ..Daemon::default()
        },
        interfaces: interfaces(input.node),
        tables: tables(&services),
        timeouts: timeouts(served()),
        local_traffic: LocalTraffic { enabled: !services.is_empty(), ..LocalTraffic::default() },
        groups: vips.iter().filter_map(|v| group(input, v)).collect(),
        services,
        sync: None,
        decapsulation,
    };
    let secrets = vips.iter().filter_map(|v| {
        let reference = v.vrrp.as_ref().filter(|_| speaks(v))?.password.as_ref()?;
        Some((pass_file(v), input.secrets.value(reference)))
    });
    Some(HaXdp::new(document, secrets.collect()).unwrap_or_else(|errors| mistaken("ha-xdp", &errors)))
}

/// The unit and what it reads. The program and the unit come with ha-xdp itself.
pub fn activate(plan: &HaXdp, _input: &Input<'_>, parts: &mut Parts) {
    let mut reads = vec![ha_xdp_config::PATH.to_owned()];
    reads.extend(plan.secrets().map(|(path, _)| path.to_owned()));
    let unit = UnitAction {
        name: UNIT.to_owned(),
        on_change: OnChange::Reload,
        reads,
        check: ["ha-xdp", "check", ha_xdp_config::PATH].map(str::to_owned).to_vec(),
    };
    parts.unit(Phase::Balancer, unit);
}

fn uses_ha_xdp(vip: &Vip) -> bool {
    vip.owner == spec::Owner::HaXdp || vip.balancer == Balancer::HaXdp
}

/// Whether ha-xdp itself speaks VRRP for the VIP.
fn speaks(vip: &Vip) -> bool {
    vip.owner == spec::Owner::HaXdp
}

fn pass_file(vip: &Vip) -> AbsolutePath {
    vip::below("/etc/ha-xdp", &format!("{}.pass", vip.name))
}

/// The NICs of the node, not its bridge: the program sits where frames arrive.
fn interfaces(node: &Node) -> Vec<Interface> {
    let names: BTreeSet<_> = std::iter::once(&node.interface).chain(node.interfaces.keys()).collect();
    let native = |name| Interface { name: vip::interface(name), mode: XdpMode::Native };
    names.into_iter().map(native).take(limits::INTERFACES_MAX).collect()
}

/// The largest of some primes that lets all services' tables fit, at least a hundred slots a backend where
/// that is possible.
fn tables(services: &[Service]) -> Tables {
    let most = services.iter().map(|s| s.backends.len()).max().unwrap_or(0);
    let count = u64::try_from(services.len().max(1)).unwrap_or(u64::MAX);
    let fits = |slots: &u32| u64::from(*slots).saturating_mul(count) <= limits::MAGLEV_SLOTS_TOTAL_MAX;
    let enough = |slots: &u32| usize::try_from(*slots).is_ok_and(|s| s >= most.saturating_mul(100));
    let primes = [16_381, 65_537, 131_071];
    let chosen = primes.iter().copied().filter(fits).find(enough);
    let maglev_slots = chosen.or_else(|| primes.iter().copied().rfind(fits)).unwrap_or(16_381);
    Tables { maglev_slots, ..Tables::default() }
}

/// The longest idle time that any service asks for.
fn timeouts<'t>(vips: impl Iterator<Item = &'t Vip>) -> FlowTimeouts {
    let asked = vips.flat_map(|v| &v.services).map(|s| vip::millis(s.spec.idle_timeout)).max();
    let (least, most) = (Millis::new(limits::FLOW_TIMEOUT_MS_MIN), Millis::new(limits::FLOW_TIMEOUT_MS_MAX));
    let default = FlowTimeouts::default();
    FlowTimeouts {
        tcp_established: asked.map_or(default.tcp_established, |t| t.clamp(least, most)),
        ..default
    }
}

fn group(input: &Input<'_>, vip: &Vip) -> Option<Group> {
    let own = vip.member(&input.node.name)?;
    let name = vip::name(&vip.name);
    let interface = vip::interface(&own.interface);
    let vrrp = vip.vrrp.as_ref().filter(|_| speaks(vip));
    Some(match vrrp {
        Some(vrrp) => Group {
            name,
            interface,
            addresses: vip::addresses(vip, vip::router_id(vrrp)),
            owner: Owner::Vrrp(Box::new(router(input, vip, vrrp, own))),
        },
        // keepalived or kube-vip carries it: the link-local address of their virtual router is theirs.
        None => Group {
            name,
            interface,
            addresses: vec![IpNet::new(vip.address, vip.prefix_len).unwrap_or_else(|_| vip.address.into())],
            owner: Owner::External,
        },
    })
}

fn router(input: &Input<'_>, vip: &Vip, vrrp: &spec::Vrrp, own: &VipMember) -> Vrrp {
    let advertisement = vip::advertisement(vrrp);
    let peers: Vec<IpAddr> = vip::others(input, vip).map(|m| m.address).collect();
    let unicast = Unicast { source: own.address, peers };
    let delay = vrrp.preempt_delay.as_ref().filter(|_| vrrp.preempt);
    Vrrp {
        version: advertisement.version(),
        virtual_router_id: vip::router_id(vrrp),
        priority: vip::priority(own).into(),
        advertisement_interval: advertisement.centiseconds(),
        preempt: vrrp.preempt,
        preempt_delay: delay
            .map_or(Millis::new(0), |d| vip::millis(**d).min(Millis::new(limits::PREEMPT_DELAY_MS_MAX))),
        preempt_after_sync: false,
        transport: if vrrp.unicast && !unicast.peers.is_empty() {
            Transport::Unicast(unicast)
        } else {
            Transport::Multicast
        },
        checksum: Checksum::PseudoHeader,
        pass_file: vrrp.password.as_ref().map(|_| pass_file(vip)),
        track: track(input, vip, vrrp),
        announce: Announce::default(),
    }
}

/// What is tracked must tell whether *this node* can do its part: a balancer besides ha-xdp always, the
/// servers behind it only where their failure never leaves nobody.
fn track(input: &Input<'_>, vip: &Vip, vrrp: &spec::Vrrp) -> Track {
    let drop = Effect::Drop(vip::drop(vip));
    let (effect, lowers) = match vrrp.on_failure {
        OnFailure::Fault => (Effect::Fault, false),
        OnFailure::LowerPriority => (drop, true),
    };
    let mut track = Track::default();
    match vip.balancer {
        Balancer::HaXdp if lowers => {
            let tracked = |s| TrackedService { name: vip::service_name(vip, s), effect };
            let there = vip.services.iter().filter(|s| service(input, vip, s).is_some());
            track.services = there.take(limits::TRACKED_MAX).map(tracked).collect();
        }
        Balancer::HaXdp | Balancer::None => {}
        Balancer::Haproxy | Balancer::Nginx => {
            let healthz = HttpProbe { path: vip::word("/healthz"), host: None, status: StatusRange::SUCCESS };
            let asks = lowers && vip.balancer == Balancer::Haproxy;
            let interval = bounded_interval(vrrp.check_interval);
            track.probes = vec![TrackedProbe {
                name: vip::word(vip.balancer.word()),
                address: vip::health(input, vip),
                probe: if asks { Probe::Http(healthz) } else { Probe::Tcp },
                interval,
                timeout: Millis::seconds(1).min(interval),
                rise: bounded_streak(vrrp.rise),
                fall: bounded_streak(vrrp.fall),
                effect,
            }];
        }
    }
    track
}

fn bounded_interval(interval: spec::Duration) -> Millis {
    let (least, most) = (limits::PROBE_INTERVAL_MS_MIN, limits::PROBE_INTERVAL_MS_MAX);
    vip::millis(interval).clamp(Millis::new(least), Millis::new(most))
}

fn bounded_streak(number: u8) -> std::num::NonZeroU8 {
    vip::streak(number.min(limits::PROBE_STREAK_MAX))
}

/// A service with the backends that packets of the VIP's family can reach; without one there is nothing to
/// balance.
fn service(input: &Input<'_>, vip: &Vip, service: &topology::Service) -> Option<Service> {
    let spec = &service.spec;
    let protocol = match spec.protocol.value {
        spec::Protocol::Tcp => Protocol::Tcp,
        spec::Protocol::Udp => Protocol::Udp,
    };
    let forward = match spec.mode.value {
        ForwardMode::Nat => Forward::Nat(Nat { source: NatSource::Vip, ports: nat_ports(vip, spec) }),
        ForwardMode::Dsr => Forward::Dsr,
        ForwardMode::Ipip => Forward::Ipip,
    };
    let translated = matches!(forward, Forward::Nat(_));
    let backend = |b: &topology::Backend| {
        Some(Backend {
            name: vip::name(&b.node),
            address: vip::address_like(input, b, vip.address)?,
            port: Some(b.port).filter(|port| translated && *port != service.port),
            weight: b.weight,
            backup: b.backup,
            local: b.node == input.node.name,
        })
    };
    let backends: Vec<Backend> = service.backends.iter().filter_map(backend).collect();
    if backends.iter().all(|b| b.backup) {
        return None;
    }
    let mut sources: Vec<IpNet> = spec.source_ranges.iter().map(IpNet::trunc).collect();
    sources.retain(|range| range.addr().is_ipv4() == vip.address.is_ipv4());
    sources.sort();
    sources.dedup();
    Some(Service {
        name: vip::service_name(vip, service),
        address: vip.address,
        port: ServicePort::One(service.port),
        protocol,
        affinity: if spec.balance == spec::Balance::Source { Affinity::Client } else { Affinity::Flow },
        sources,
        mss_clamp: mss(input.node, vip, protocol, &forward),
        drain_timeout: Millis::seconds(300),
        when_all_down: WhenAllDown::KeepLast,
        check: Some(check(service, &forward)),
        backends,
        forward,
    })
}

/// A longer header leaves less room for a segment.
fn mss(node: &Node, vip: &Vip, protocol: Protocol, forward: &Forward) -> Option<u16> {
    let headers = if vip.address.is_ipv4() { IPIP_HEADERS.0 } else { IPIP_HEADERS.1 };
    let room = node.mtu.saturating_sub(headers).clamp(limits::MSS_MIN, limits::MSS_MAX);
    (protocol == Protocol::Tcp && *forward == Forward::Ipip).then_some(room)
}

/// The longest run of ports on the VIP on which none of its services listens, below or above them.
fn nat_ports(vip: &Vip, own: &spec::Service) -> PortRange {
    let same = vip.services.iter().filter(|s| s.spec.protocol.value == own.protocol.value);
    let taken: BTreeSet<u16> = same.map(|s| s.port.get()).collect();
    let upper = PortRange::UPPER_HALF;
    if !taken.iter().any(|port| upper.contains(*port)) {
        return upper;
    }
    let mut best = upper;
    let mut best_len = 0;
    let mut first = limits::NAT_PORT_MIN;
    for last in taken.iter().map(|port| port - 1).chain([u16::MAX]) {
        if let Ok(range) = PortRange::new(first, last)
            && last - first >= best_len
        {
            (best, best_len) = (range, last - first);
        }
        first = first.max(last.saturating_add(2));
    }
    best
}

fn check(service: &topology::Service, forward: &Forward) -> Check {
    let spec = &service.spec.check;
    let interval = bounded_interval(spec.interval);
    let path = || vip::http_path(&spec.path);
    let status = StatusRange::OK;
    let probe = match spec.r#type {
        CheckType::Tcp => Probe::Tcp,
        CheckType::Http => Probe::Http(HttpProbe { path: path(), host: None, status }),
        CheckType::Https => {
            let trust = spec.ca_file.as_ref().map(vip::file).map_or(Trust::Unverified, Trust::CaFile);
            Probe::Https(HttpsProbe { path: path(), host: None, status, trust })
        }
    };
    // UDP has no handshake: a TCP port must be named, and the backend's own is what is left.
    let udp = service.spec.protocol.value == spec::Protocol::Udp;
    let own = service.backends.first().map_or(service.port, |b| b.port);
    Check {
        probe,
        port: spec.port.or(Some(own).filter(|_| udp)),
        // Where the backend must have the VIP itself, the probe goes the way of a client's packet.
        through: if matches!(forward, Forward::Nat(_)) { Through::Backend } else { Through::Vip },
        interval,
        jitter_percent: 10,
        timeout: vip::millis(spec.timeout).clamp(Millis::new(10), interval),
        rise: bounded_streak(spec.rise),
        fall: bounded_streak(spec.fall),
    }
}

/// The VIPs whose packets reach this node wrapped in IP, and the nodes that wrap them. An older kernel
/// takes them apart by its own tunnel device.
fn decapsulation(input: &Input<'_>) -> Option<Decapsulation> {
    if !input.node.os.kernel().at_least(KERNEL) {
        return None;
    }
    let wrapped = |vip: &&Vip| {
        vip.balancer == Balancer::HaXdp
            && vip.services.iter().any(|s| {
                s.spec.mode.value == ForwardMode::Ipip && s.backends.iter().any(|b| b.node == input.node.name)
            })
    };
    let vips: Vec<&Vip> = input.topology.vips.values().filter(wrapped).collect();
    let others = vips.iter().flat_map(|v| vip::others(input, v));
    let sources: BTreeSet<IpNet> = others.map(|m| IpNet::from(m.address)).collect();
    let addresses: BTreeSet<IpAddr> = vips.iter().map(|v| v.address).collect();
    let some = !sources.is_empty() && !addresses.is_empty();
    let (sources, addresses) = (sources.into_iter().collect(), addresses.into_iter().collect());
    some.then_some(Decapsulation { sources, addresses })
}

#[cfg(test)]
mod tests;
