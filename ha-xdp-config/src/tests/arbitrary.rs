//! Documents that are valid by construction, as varied as the letter allows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroU8, NonZeroU16};

use ha_vrrp::{Centiseconds, Priority, RouterPriority, Version, VirtualRouterId};
use ipnet::IpNet;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::*;

/// Also names that YAML would take for something else: `1e3`, `null`, `0x1f`, `on`.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?",
        1 => select(vec!["1e3", "null", "0x1f", "on", "y", "true", "0123", "1.0", "1", "nan", "0o17"])
            .prop_map(str::to_owned),
    ]
}

fn word<T: std::str::FromStr<Err = WordError> + std::fmt::Debug>(
    pattern: &'static str,
) -> impl Strategy<Value = T> {
    pattern.prop_filter_map("not a word", |text| text.parse().ok())
}

fn millis(least_ms: u32, most_ms: u32) -> impl Strategy<Value = Millis> {
    prop_oneof![
        (least_ms..=most_ms).prop_map(Millis::new),
        (least_ms.div_ceil(1000)..=most_ms / 1000).prop_map(|s| Millis::new(s * 1000)),
    ]
}

fn path() -> impl Strategy<Value = AbsolutePath> {
    word("(/[a-z0-9_@=,%~+-][a-z0-9_.]{0,9}){1,4}")
}

fn interface_name() -> impl Strategy<Value = InterfaceName> {
    word("[a-z0-9][a-zA-Z0-9_.:@-]{0,14}")
}

prop_compose! {
    fn daemon()(
        log_level in select(vec![LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace]),
        json in any::<bool>(),
        control_socket in path(),
        pin in "[a-z0-9]{1,10}",
        metrics in option::of((any::<u32>(), 1u16..)),
        realtime_priority in option::of(1u8..=99),
        probe_concurrency in 1u16..=1024,
    ) -> Daemon {
        Daemon {
            log_level,
            log_format: if json { LogFormat::Json } else { LogFormat::Text },
            control_socket,
            pin_path: format!("/sys/fs/bpf/{pin}").parse().unwrap(),
            metrics_listen: metrics.map(|(a, p)| SocketAddr::new(Ipv4Addr::from(a).into(), p)),
            realtime_priority,
            probe_concurrency,
        }
    }
}

/// The `n`th address of a family, all different and none special.
fn nth(v6: bool, net: u8, n: usize) -> IpAddr {
    let n = u16::try_from(n).unwrap() + 1;
    if v6 {
        Ipv6Addr::new(0x2001, 0xdb8, u16::from(net), 0, 0, 0, 0, n).into()
    } else {
        let [high, low] = n.to_be_bytes();
        Ipv4Addr::new(10, net, high, low).into()
    }
}

fn nth_socket(v6: bool) -> SocketAddr {
    if v6 {
        SocketAddr::from((Ipv6Addr::LOCALHOST, 8404))
    } else {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 8404))
    }
}

fn effect(owner: bool) -> impl Strategy<Value = Effect> {
    (any::<bool>(), 1u8..=253).prop_map(move |(fault, drop)| {
        NonZeroU8::new(drop).filter(|_| !fault && !owner).map_or(Effect::Fault, Effect::Drop)
    })
}

prop_compose! {
    fn announce()(count in 1u8..=32, repeat in 0u16..=3600, refresh in 0u16..=3600) -> Announce {
        Announce { count, repeat_after: Millis::seconds(repeat), refresh: Millis::seconds(refresh) }
    }
}

prop_compose! {
    fn vrrp(v6: bool)(
        v3 in any::<bool>(),
        id in 1u8..,
        priority in option::of(1u8..=254),
        seconds in 1u16..=255,
        centiseconds in 1u16..=4095,
        (preempt, preempt_delay) in (any::<bool>(), millis(0, 1_000_000)),
        peers in option::of(1usize..=16),
        message_only in any::<bool>(),
        pass_file in option::of(path()),
        drops in (effect(false), effect(true)),
        tracked in interface_name(),
        announce in announce(),
        local_probe in option::of((name(), probe(), check(false))),
    ) -> Vrrp {
        let v3 = v3 || v6;
        let priority = priority.map_or(RouterPriority::Owner, |p| Priority::new(p).unwrap().into());
        let owner = priority == RouterPriority::Owner;
        let preempt = preempt || owner;
        let effect = if owner { drops.1 } else { drops.0 };
        let unicast = |n| Unicast { source: nth(v6, 1, 0), peers: (1..=n).map(|k| nth(v6, 1, k)).collect() };
        Vrrp {
            version: if v3 { Version::V3 } else { Version::V2 },
            virtual_router_id: VirtualRouterId::new(id).unwrap(),
            priority,
            advertisement_interval: Centiseconds::new(if v3 { centiseconds } else { seconds * 100 }),
            preempt,
            preempt_delay: if preempt { preempt_delay } else { Millis::new(0) },
            preempt_after_sync: false,
            transport: peers.map_or(Transport::Multicast, |n| Transport::Unicast(unicast(n))),
            checksum: if message_only && v3 && !v6 { Checksum::MessageOnly } else { Checksum::PseudoHeader },
            pass_file: pass_file.filter(|_| !v3),
            track: Track {
                interfaces: vec![TrackedInterface { name: tracked, effect }],
                services: Vec::new(),
                probes: local_probe.into_iter().map(|(name, probe, check)| TrackedProbe {
                    name: name.parse().unwrap(),
                    address: nth_socket(v6),
                    probe,
                    interval: check.interval,
                    timeout: check.timeout,
                    rise: check.rise,
                    fall: check.fall,
                    effect,
                }).collect(),
            },
            announce,
        }
    }
}

prop_compose! {
    /// A group of its own subnet, so that groups never meet.
    fn group(net: u8)(
        v6 in any::<bool>(),
        name in name(),
        count in 1usize..=19,
        interface in interface_name(),
        owner in 0..3,
        vrrp4 in vrrp(false),
        vrrp6 in vrrp(true),
        prefix4 in 8u8..=12,
    ) -> Group {
        let mut addresses: Vec<IpNet> = Vec::new();
        if v6 {
            addresses.push(format!("fe80::{net:x}:1/64").parse().unwrap());
        }
        let prefix = if v6 { 64 } else { prefix4 };
        addresses.extend((0..count).map(|n| IpNet::new(nth(v6, net, n), prefix).unwrap()));
        let owner = match owner {
            0 => Owner::External,
            1 => Owner::Always,
            _ => Owner::Vrrp(Box::new(if v6 { vrrp6 } else { vrrp4 })),
        };
        let name = format!("g{net}-{name}").parse().unwrap();
        Group { name, interface, addresses, owner }
    }
}

fn probe() -> impl Strategy<Value = Probe> {
    let http = (
        word("/[a-zA-Z0-9/?&=._:%-]{0,20}"),
        option::of(word("[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?(\\.[a-z]{1,5})?")),
    );
    let status =
        (100u16..=599, 100u16..=599).prop_map(|(a, b)| StatusRange::new(a.min(b), a.max(b)).unwrap());
    let trust = prop_oneof![
        path().prop_map(Trust::CaFile),
        word("[0-9a-f]{64}").prop_map(Trust::Sha256),
        Just(Trust::Unverified)
    ];
    (0..3, http, status, trust).prop_map(|(kind, (path, host), status, trust)| match kind {
        0 => Probe::Tcp,
        1 => Probe::Http(HttpProbe { path, host, status }),
        _ => Probe::Https(HttpsProbe { path, host, status, trust }),
    })
}

prop_compose! {
    fn check(vip_possible: bool)(
        probe in probe(),
        port in 1u16..,
        vip in any::<bool>(),
        interval in millis(100, 3_600_000),
        percent in 0u8..=50,
        share in 1u32..=100,
        rise in 1u8..=100,
        fall in 1u8..=100,
    ) -> Check {
        Check {
            probe,
            port: NonZeroU16::new(port),
            through: if vip && vip_possible { Through::Vip } else { Through::Backend },
            interval,
            jitter_percent: percent,
            timeout: Millis::new((interval.get() / 100 * share).max(10)),
            rise: NonZeroU8::new(rise).unwrap(),
            fall: NonZeroU8::new(fall).unwrap(),
        }
    }
}

prop_compose! {
    /// The `n`th service, at the first address of a group.
    fn service(n: usize, group: Group)(
        name in name(),
        port in option::weighted(0.9, 1024u16..20_000),
        udp in any::<bool>(),
        mode in 0..5,
        client_affinity in any::<bool>(),
        sources in prop::collection::btree_set(0u8..=255, 0..4),
        mss in option::of(536u16..=9176),
        drain in millis(0, 604_800_000),
        refuse in any::<bool>(),
        checked in any::<bool>(),
        direct in check(true),
        translated in check(false),
        backends in prop::collection::vec((name(), option::of(1u16..), any::<u16>(), any::<bool>()), 1..6),
    ) -> Service {
        let address = group.addresses.last().unwrap().addr();
        let v6 = address.is_ipv6();
        let port = port.map_or(ServicePort::Any, |p| ServicePort::One(NonZeroU16::new(p + u16::try_from(n).unwrap()).unwrap()));
        let any = port == ServicePort::Any;
        let nat = |source| Forward::Nat(Nat { source, ports: PortRange::UPPER_HALF });
        let forward = match mode {
            0 => Forward::Dsr,
            1 => Forward::Ipip,
            2 if !any => nat(NatSource::Vip),
            3 if !any => nat(NatSource::Pool(vec![address])),
            _ => nat(NatSource::Client),
        };
        let translates = matches!(forward, Forward::Nat(_));
        let backends = backends.into_iter().enumerate().map(|(k, (name, port, weight, local))| Backend {
            name: format!("b{k}-{name}").parse().unwrap(),
            address: nth(v6, 200, k),
            port: port.and_then(NonZeroU16::new).filter(|_| translates && !any),
            weight: if k == 0 { weight.max(1) } else { weight },
            backup: local && k > 0,
            local: local && k == 0,
        }).collect();
        let range = |n: u8| -> IpNet {
            if v6 { format!("2001:db8:{n:x}::/48").parse().unwrap() } else { format!("10.{n}.0.0/16").parse().unwrap() }
        };
        Service {
            name: format!("s{n}-{name}").parse().unwrap(),
            address,
            port,
            protocol: if udp { Protocol::Udp } else { Protocol::Tcp },
            forward,
            affinity: if client_affinity { Affinity::Client } else { Affinity::Flow },
            sources: sources.into_iter().map(range).collect(),
            mss_clamp: mss.filter(|_| !udp),
            drain_timeout: drain,
            when_all_down: if refuse { WhenAllDown::Refuse } else { WhenAllDown::KeepLast },
            check: checked.then_some(if translates { translated } else { direct }),
            backends,
        }
    }
}

prop_compose! {
    fn base()(
        node in name(),
        daemon in daemon(),
        mode in any::<bool>(),
        names in prop::collection::btree_set(interface_name(), 1..4),
        flows in 1024u32..=16_777_216,
        fragments in 0u32..=1_048_576,
        maglev_slots in select(vec![251u32, 4093, 16_381, 65_537, 131_071]),
        timeouts in prop::collection::vec(millis(1000, 60_000), 5),
        local in (any::<bool>(), path()),
        sync in option::of((1usize..=16, path(), 1u16..)),
        decapsulation in option::of(prop::collection::btree_set(0u8..=255, 1..5)),
    ) -> Document {
        let mode = if mode { XdpMode::Generic } else { XdpMode::Native };
        let at = |n, port| SocketAddr::new(nth(false, 250, n), port);
        Document {
            api_version: ApiVersion::V1,
            node: node.parse().unwrap(),
            daemon,
            interfaces: names.into_iter().map(|name| Interface { name, mode }).collect(),
            tables: Tables { flows, fragments, maglev_slots },
            timeouts: FlowTimeouts {
                tcp_opening: timeouts[0],
                tcp_established: timeouts[1],
                tcp_closing: timeouts[2],
                udp: timeouts[3],
                fragment: timeouts[4],
            },
            local_traffic: LocalTraffic { enabled: local.0, cgroup: local.1 },
            groups: Vec::new(),
            services: Vec::new(),
            sync: sync.map(|(n, key_file, port)| Sync {
                listen: at(0, port),
                peers: (1..=n).map(|k| at(k, port)).collect(),
                key_file,
            }),
            decapsulation: decapsulation.map(|set| Decapsulation {
                sources: set.iter().map(|n| format!("10.{n}.0.0/16").parse().unwrap()).collect(),
                addresses: set.iter().map(|n| nth(n % 2 == 0, *n, 0)).collect(),
            }),
        }
    }
}

/// Two services of one VIP and protocol that would contradict each other are left out.
fn compatible(services: Vec<Service>) -> Vec<Service> {
    let mut kept: Vec<Service> = Vec::new();
    for service in services {
        let translated = |s: &Service| matches!(&s.forward, Forward::Nat(n) if n.source != NatSource::Client);
        let clash = kept.iter().any(|k| {
            let same = k.address == service.address && k.protocol == service.protocol;
            let any = k.port == ServicePort::Any || service.port == ServicePort::Any;
            same && (k.port == service.port || (any && (translated(k) || translated(&service))))
        });
        if !clash {
            kept.push(service);
        }
    }
    kept
}

/// A valid document.
pub(super) fn document() -> impl Strategy<Value = Document> {
    (base(), 1u8..=4)
        .prop_flat_map(|(base, n)| {
            let groups: Vec<_> = (0..n).map(|k| group(k * 16 + 16)).collect();
            (Just(base), groups)
        })
        .prop_flat_map(|(base, groups)| {
            let services: Vec<_> =
                (0..groups.len() * 2).map(|n| service(n, groups[n % groups.len()].clone())).collect();
            (Just(base), Just(groups), services)
        })
        .prop_map(|(mut document, mut groups, services)| {
            // Ids are unique by interface and family: give each group its own.
            for (n, group) in groups.iter_mut().enumerate() {
                if let Owner::Vrrp(vrrp) = &mut group.owner {
                    vrrp.virtual_router_id = VirtualRouterId::new(u8::try_from(n).unwrap() + 1).unwrap();
                    vrrp.preempt_after_sync = vrrp.preempt && document.sync.is_some();
                    let tracked = services.iter().find(|s| s.check.is_some());
                    vrrp.track.services = (compatible(services.clone()).iter())
                        .filter(|s| tracked.is_some_and(|t| t.name == s.name))
                        .map(|s| TrackedService { name: s.name.clone(), effect: Effect::Fault })
                        .collect();
                }
            }
            document.groups = groups;
            document.services = compatible(services);
            document
        })
}
