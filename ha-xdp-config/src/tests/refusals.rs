//! One change to the full letter at a time, and what is said about it.

use super::super::*;
use super::{FULL, show};

/// The problems after one replacement; it must occur, or the case tests nothing.
fn after(from: &str, to: &str) -> Vec<Problem> {
    assert!(FULL.contains(from), "`{from}` is not in the letter");
    let text = FULL.replacen(from, to, 1);
    Config::parse(&text).expect_err(&format!("`{to}` instead of `{from}` was accepted"))
}

#[track_caller]
fn refused(from: &str, to: &str, path: &str, message: &str) {
    let problems = after(from, to);
    let hit = problems.iter().find(|p| p.path == path && p.message.contains(message));
    let Some(hit) = hit else { panic!("wanted {path}: {message}\ngot {}", show(&problems)) };
    assert!(hit.position.is_some(), "no position: {hit}");
}

#[test]
fn contradictions_of_the_daemon() {
    let long = format!("/run/{}", "x".repeat(110));
    for (from, to, path, message) in [
        ("/run/ha-xdp/control.sock", long.as_str(), "daemon.controlSocket", "115 bytes"),
        ("/sys/fs/bpf/ha-xdp", "/var/ha-xdp", "daemon.pinPath", "not on the BPF file system"),
        ("127.0.0.1:9105", "127.0.0.1:0", "daemon.metricsListen", "port 0"),
        ("realtimePriority: 50", "realtimePriority: 100", "daemon.realtimePriority", "100 is not in 1..=99"),
        ("probeConcurrency: 128", "probeConcurrency: 0", "daemon.probeConcurrency", "0 is not in 1..=1024"),
        ("name: eth1\n    mode", "name: eth0\n    mode", "interfaces[1].name", "`eth0` is named twice"),
        ("flows: 65536", "flows: 10", "tables.flows", "10 is not in 1024..=16777216"),
        ("maglevSlots: 4093", "maglevSlots: 4096", "tables.maglevSlots", "4096 is not a prime"),
        ("maglevSlots: 4093", "maglevSlots: 0", "tables.maglevSlots", "0 is not in 251..=131071"),
        ("tcpOpening: 20s", "tcpOpening: 1ms", "timeouts.tcpOpening", "1ms is not in 1s..=168h"),
        ("fragment: 15s", "fragment: 61s", "timeouts.fragment", "longer than any host waits"),
        ("peers: [172.29.1.12:3780]", "peers: []", "sync.peers", "nobody"),
        ("peers: [172.29.1.12:3780]", "peers: [172.29.1.11:3781]", "sync.peers[0]", "this node itself"),
        ("peers: [172.29.1.12:3780]", "peers: ['[2001:db8::1]:1']", "sync.peers[0]", "family"),
        ("listen: 172.29.1.11:3780", "listen: 0.0.0.0:3780", "sync.listen", "unspecified"),
        ("sources: [10.8.0.0/24]", "sources: []", "decapsulation.sources", "no source is believed"),
        ("sources: [10.8.0.0/24]", "sources: [0.0.0.0/0]", "decapsulation.sources[0]", "everybody"),
        (
            "sources: [10.8.0.0/24]",
            "sources: [10.8.0.1/24]",
            "decapsulation.sources[0]",
            "bits behind its prefix",
        ),
    ] {
        refused(from, to, path, message);
    }
}

#[test]
fn contradictions_of_groups() {
    let vrrp = "groups[0].owner.vrrp";
    for (from, to, path, message) in [
        ("name: old\n", "name: apiserver\n", "groups[2].name".to_owned(), "named twice"),
        ("[10.0.0.200/24]", "[172.29.1.200/24]", "groups[2].addresses[0]".into(), "named twice"),
        ("[10.0.0.200/24]", "[]", "groups[2].addresses".into(), "owns nothing"),
        ("[10.0.0.200/24]", "[10.0.0.255/24]", "groups[2].addresses[0]".into(), "broadcast"),
        ("[10.0.0.200/24]", "[10.0.0.0/24]", "groups[2].addresses[0]".into(), "the network's own"),
        ("[10.0.0.200/24]", "[127.0.0.2/8]", "groups[2].addresses[0]".into(), "loopback"),
        ("[10.0.0.200/24]", "[224.0.0.18/24]", "groups[2].addresses[0]".into(), "multicast"),
        ("[10.0.0.200/24]", "[10.0.0.200/24, 'fe80::1/64']", "groups[2].addresses".into(), "cannot be one"),
        ("\"fe80::33/64\", ", "", "groups[1].addresses".into(), "link-local"),
        (
            "interface: eth0\n    addresses: [\"fe80",
            "interface: eth0\n    addresses: [10.3.0.1/8, \"fe80",
            "groups[1].addresses".into(),
            "cannot be one virtual router",
        ),
        (
            "advertisementInterval: 250ms",
            "advertisementInterval: 41s",
            format!("{vrrp}.advertisementInterval"),
            "10ms to 40950ms",
        ),
        (
            "passFile: /etc/ha-xdp/old.pass",
            "passFile: /x\n        transport: {unicast: {source: 10.0.0.200, peers: []}}",
            "groups[2].owner.vrrp.transport.unicast.source".into(),
            "moves with the group",
        ),
        ("preemptDelay: 30s", "preemptDelay: 1001s", format!("{vrrp}.preemptDelay"), "not in 0s..=1000s"),
        ("preempt: true", "preempt: false", format!("{vrrp}.preemptDelay"), "never happens"),
        ("preempt: true", "preempt: false", format!("{vrrp}.preemptAfterSync"), "never happens"),
        (
            "priority: owner",
            "priority: owner\n        preempt: false",
            "groups[1].owner.vrrp.preempt".into(),
            "always takes over",
        ),
        (
            "peers: [172.29.1.12, 172.29.1.13]",
            "peers: []",
            format!("{vrrp}.transport.unicast.peers"),
            "no other member",
        ),
        (
            "peers: [172.29.1.12, ",
            "peers: [172.29.1.11, ",
            format!("{vrrp}.transport.unicast.peers[0]"),
            "the node itself",
        ),
        (
            "peers: [172.29.1.12, ",
            "peers: [172.29.1.13, ",
            format!("{vrrp}.transport.unicast.peers[1]"),
            "named twice",
        ),
        (
            "peers: [172.29.1.12, ",
            "peers: [172.29.1.201, ",
            format!("{vrrp}.transport.unicast.peers[0]"),
            "moves with",
        ),
        (
            "peers: [172.29.1.12, ",
            "peers: ['2001:db8::1', ",
            format!("{vrrp}.transport.unicast.peers[0]"),
            "family",
        ),
        (
            "services: [{ name: apiserver,",
            "services: [{ name: nothing,",
            format!("{vrrp}.track.services[0].name"),
            "no service",
        ),
        (
            "services: [{ name: apiserver,",
            "services: [{ name: six,",
            format!("{vrrp}.track.services[0].name"),
            "never fails",
        ),
        (
            "{ drop: 20 }",
            "{ drop: 254 }",
            format!("{vrrp}.track.interfaces[0].effect"),
            "254 is not in 1..=253",
        ),
        (
            "priority: 120",
            "priority: owner",
            format!("{vrrp}.track.interfaces[0].effect"),
            "cannot be lowered",
        ),
        ("127.0.0.1:8404", "127.0.0.1:0", format!("{vrrp}.track.probes[0].address"), "port 0"),
        ("127.0.0.1:8404", "0.0.0.0:8404", format!("{vrrp}.track.probes[0].address"), "unspecified"),
        (
            "timeout: 500ms",
            "timeout: 3s",
            format!("{vrrp}.track.probes[0].timeout"),
            "longer than the interval",
        ),
        ("fall: 5", "fall: 101", format!("{vrrp}.track.probes[0].fall"), "not in 1..=100"),
        ("{ drop: 30 }", "{ drop: 254 }", format!("{vrrp}.track.probes[0].effect"), "not in 1..=253"),
        ("count: 3", "count: 0", format!("{vrrp}.announce.count"), "0 is not in 1..=32"),
        ("repeatAfter: 2s", "repeatAfter: 2ms", format!("{vrrp}.announce.repeatAfter"), "neither"),
        (
            "version: 3\n        virtualRouterId: 33\n        priority: 120",
            "version: 2\n        virtualRouterId: 33\n        priority: 120",
            format!("{vrrp}.advertisementInterval"),
            "whole seconds",
        ),
        (
            "version: 3\n        virtualRouterId: 33\n        priority: owner",
            "version: 2\n        virtualRouterId: 33\n        priority: owner",
            "groups[1].owner.vrrp.version".into(),
            "knows no IPv6",
        ),
        ("version: 2", "version: 3", "groups[2].owner.vrrp.passFile".into(), "no authentication"),
        (
            "passFile: /etc/ha-xdp/old.pass",
            "checksum: messageOnly",
            "groups[2].owner.vrrp.checksum".into(),
            "nothing to choose",
        ),
    ] {
        refused(from, to, &path, message);
    }
}

#[test]
fn one_id_per_interface_and_family() {
    // The IPv6 group of the full letter has the id of the IPv4 group, which is two virtual routers.
    let text = FULL.replace(
        "interface: eth1\n    addresses: [10.0.0.200/24]",
        "interface: eth0\n    addresses: [10.0.0.200/24]",
    );
    assert!(Config::parse(&text).is_ok());
    let problems = Config::parse(&text.replace("virtualRouterId: 51", "virtualRouterId: 33")).unwrap_err();
    assert_eq!(
        show(&problems),
        "63:26: groups[2].owner.vrrp.virtualRouterId: virtual router id 33 is also that of group `apiserver` \
         (IPv4 on `eth0`) (choose an id that nobody else on the network uses)\n"
    );
}

#[test]
fn contradictions_of_services() {
    for (from, to, path, message) in [
        ("name: pooled", "name: apiserver", "services[1].name", "named twice"),
        (
            "address: 172.29.1.200\n    port: 443",
            "address: 172.29.1.200\n    port: 6443",
            "services[1].port",
            "also that of",
        ),
        ("address: 10.9.9.9\n", "address: 10.9.9.8\n", "services[3].address", "in no group"),
        ("[172.29.0.0/16, ", "[172.29.0.1/16, ", "services[0].sources[0]", "bits behind"),
        ("[172.29.0.0/16, ", "['2001:db8::/32', ", "services[0].sources[0]", "family"),
        ("[172.29.0.0/16, 10", "[10.0.0.0/8, 10", "services[0].sources[1]", "named twice"),
        ("mssClamp: 1440", "mssClamp: 100", "services[0].mssClamp", "not in 536..=9176"),
        ("forward: ipip", "forward: ipip\n    mssClamp: 1400", "services[3].mssClamp", "only TCP"),
        ("drainTimeout: 2m", "drainTimeout: 169h", "services[0].drainTimeout", "not in"),
        ("ports: 32768-60999", "ports: 1024-60999", "services[0].forward.nat.ports", "listens there on 6443"),
        ("{ pool: [172.29.1.201] }", "{ pool: [] }", "services[1].forward.nat.source.pool", "empty"),
        (
            "{ pool: [172.29.1.201] }",
            "{ pool: [10.0.0.200] }",
            "services[1].forward.nat.source.pool[0]",
            "does not move",
        ),
        (
            "{ pool: [172.29.1.201] }",
            "{ pool: ['2001:db8::200'] }",
            "services[1].forward.nat.source.pool[0]",
            "family",
        ),
        (
            "backends: [{ name: g1, address: 172.29.1.21 }]",
            "backends: []",
            "services[1].backends",
            "without backends",
        ),
        (
            "address: 172.29.1.21 }",
            "address: 172.29.1.21, weight: 0 }",
            "services[1].backends",
            "every backend is drained",
        ),
        (
            "address: 172.29.1.21 }",
            "address: 172.29.1.21, backup: true }",
            "services[1].backends",
            "every backend is in reserve",
        ),
        ("name: d2", "name: d1", "services[2].backends[1].name", "named twice"),
        ("10.0.0.22", "10.0.0.21", "services[2].backends[1].address", "named twice"),
        ("10.0.0.22", "10.0.0.201", "services[2].backends[1].address", "is a VIP"),
        ("10.0.0.22", "\"2001:db8::1\"", "services[2].backends[1].address", "family"),
        ("10.0.0.22", "0.0.0.0", "services[2].backends[1].address", "unspecified"),
        ("10.0.0.22 }", "10.0.0.22, port: 80 }", "services[2].backends[1].port", "keeps the client's port"),
        (
            "10.1.0.21, port: 53",
            "10.1.0.21, port: 54",
            "services[3].backends[0].port",
            "`ipip` cannot turn port 53 into 54",
        ),
        (
            "weight: 2 }",
            "weight: 2, local: true }",
            "services[0].backends",
            "two addresses are said to be this node",
        ),
        (
            "interval: 1s\n      jitter",
            "interval: 99ms\n      jitter",
            "services[0].check.interval",
            "not in 100ms..=1h",
        ),
        ("timeout: 800ms", "timeout: 1001ms", "services[0].check.timeout", "longer than the interval"),
        ("jitterPercent: 20", "jitterPercent: 51", "services[0].check.jitterPercent", "not in 0..=50"),
        ("rise: 3", "rise: 101", "services[0].check.rise", "not in 1..=100"),
        ("}, port: 8080 }", "} }", "services[3].check.probe", "no handshake"),
        ("probe: tcp, port: 80, ", "probe: tcp, ", "services[2].check.port", "which to probe"),
        ("rise: 3", "through: vip", "services[0].check.through", "have the VIP"),
    ] {
        refused(from, to, path, message);
    }
}

#[test]
fn no_port_of_a_translated_address_is_served() {
    // `any` on the address that answers come back to.
    refused(
        "address: 10.0.0.200\n    port: any",
        "address: 172.29.1.201\n    port: any",
        "services[1].forward.nat.ports",
        "listens there on any",
    );
}

#[test]
fn bounds_are_bounds() {
    let text: String = (0..33).map(|n| format!("  - name: if{n}\n")).collect();
    refused("  - name: eth0\n", &text, "interfaces", "at most 32 are allowed");
    let peers: Vec<String> = (1..18).map(|n| format!("172.29.1.{}", n + 20)).collect();
    let path = "groups[0].owner.vrrp.transport.unicast.peers";
    refused("[172.29.1.12, 172.29.1.13]", &format!("[{}]", peers.join(", ")), path, "17 peers; at most 16");
    let addresses: Vec<String> = (1..22).map(|n| format!("10.0.0.{n}/24")).collect();
    refused("[10.0.0.200/24]", &format!("[{}]", addresses.join(", ")), "groups[2].addresses", "at most 20");
    let backends: Vec<String> =
        (0..1025).map(|n| format!("{{ name: b{n}, address: 10.77.{}.{} }}", n / 250, n % 250 + 1)).collect();
    let from = "[{ name: d1, address: 10.0.0.21 }, { name: d2, address: 10.0.0.22 }]";
    refused(from, &format!("[{}]", backends.join(", ")), "services[2].backends", "at most 1024");
    let sources: Vec<String> = (0..257).map(|n| format!("10.{}.{}.0/24", n / 256, n % 256)).collect();
    refused(
        "[172.29.0.0/16, 10.0.0.0/8]",
        &format!("[{}]", sources.join(", ")),
        "services[0].sources",
        "at most 256",
    );
}

#[test]
fn more_backends_than_slots() {
    let text = FULL.replace("maglevSlots: 4093", "maglevSlots: 251");
    let backends: Vec<String> =
        (0..252).map(|n| format!("{{ name: b{n}, address: 10.77.{}.{} }}", n / 250, n % 250 + 1)).collect();
    let from = "[{ name: d1, address: 10.0.0.21 }, { name: d2, address: 10.0.0.22 }]";
    let problems = Config::parse(&text.replace(from, &format!("[{}]", backends.join(", ")))).unwrap_err();
    assert!(
        show(&problems).contains("services[2].backends: more backends than slots (251)"),
        "{}",
        show(&problems)
    );
}

#[test]
fn slots_of_all_services_together_are_bounded() {
    let mut document = Config::parse(FULL).unwrap().into_document();
    document.tables.maglev_slots = 131_071;
    let one = document.services[4].clone();
    for n in 0..600u16 {
        let mut next = one.clone();
        next.name = format!("more-{n}").parse().unwrap();
        next.port = ServicePort::One((n + 1000).try_into().unwrap());
        document.services.push(next);
    }
    let problems = Config::new(document).unwrap_err();
    assert_eq!(problems.len(), 1, "{}", show(&problems));
    assert_eq!(problems[0].path, "tables.maglevSlots");
}

#[test]
fn work_without_an_interface() {
    let text = FULL.replace("  - name: eth0\n  - name: eth1\n    mode: generic\n", "  []\n");
    let problems = Config::parse(&text).unwrap_err();
    assert_eq!(problems[0].path, "interfaces");
}

#[test]
fn all_contradictions_are_reported_at_once_in_the_order_of_the_text() {
    let text = FULL
        .replace("fragment: 15s", "fragment: 61s")
        .replace("count: 3", "count: 33")
        .replace("mssClamp: 1440", "mssClamp: 1")
        .replace("peers: [172.29.1.12:3780]", "peers: []");
    let paths: Vec<String> = Config::parse(&text).unwrap_err().into_iter().map(|p| p.path).collect();
    assert_eq!(
        paths,
        ["timeouts.fragment", "groups[0].owner.vrrp.announce.count", "services[0].mssClamp", "sync.peers"]
    );
}

#[test]
fn what_the_types_refuse_has_a_place_and_a_reason() {
    for (from, to, message) in [
        ("ha-xdp/v1", "ha-xdp/v2", "ha-xdp/v1"),
        ("node: lb1", "node: LB 1", "is not a name"),
        ("node: lb1", "node: lb1\nnode: lb2", "duplicate"),
        ("node: lb1", "nodes: lb1", "nodes"),
        ("virtualRouterId: 33", "virtualRouterId: 0", "virtual router id `0` is not in 1..=255"),
        ("virtualRouterId: 33", "virtualRouterId: 256", "virtual router id `256` is not in 1..=255"),
        ("priority: 120", "priority: 255", "for the address owner"),
        ("priority: 120", "priority: 0", "when it gives up"),
        ("advertisementInterval: 250ms", "advertisementInterval: 1", "is not a time"),
        ("advertisementInterval: 250ms", "advertisementInterval: 255ms", "whole number of centiseconds"),
        ("port: 6443", "port: 0", "port `0` is not in 1..=65535"),
        ("port: 6443", "port: 65536", "port `65536` is not in 1..=65535"),
        ("source: vip, ports: 32768-60999", "source: vip, ports: 80-90", "not a range of ports"),
        ("name: eth0\n", "name: 'eth0; reboot'\n", "is not an interface name"),
        ("path: /readyz", "path: readyz", "is not an HTTP path"),
        ("weight: 2", "weight: 65536", "not a whole number from 0 to 65535"),
        ("rise: 3", "rise: 0", "zero"),
        ("rise: 3", "rise: three", "not a whole number from 0 to 255"),
        ("local: true", "local: yes", "bool"),
        ("weight: 2", "weight: -1", "from 0 to 65535"),
        ("probe: tcp", "probe: ping", "ping"),
        ("mode: generic", "mode: offload", "offload"),
        ("172.29.1.200/24,", "172.29.1.200,", "such as `10.0.0.1/24`"),
        ("172.29.1.200/24,", "172.29.1.200/33,", "such as `10.0.0.1/24`"),
        ("address: 172.29.1.200\n", "address: lb.example\n", "not an address"),
        ("listen: 172.29.1.11:3780", "listen: 172.29.1.11", "not an address and port"),
        ("keyFile: /etc/ha-xdp/sync.key", "keyFile: sync.key", "not an absolute path"),
        ("keyFile: /etc/ha-xdp/sync.key", "keyFile: /etc/../sync.key", "not an absolute path"),
    ] {
        let problems = after(from, to);
        assert_eq!(problems.len(), 1, "{to}: {}", show(&problems));
        assert!(problems[0].message.contains(message), "{to}: {}", show(&problems));
        let before = FULL.split_once(from).map_or(0, |(before, _)| before.matches('\n').count());
        let line = u32::try_from(before + 1 + to.trim_end().matches('\n').count()).unwrap();
        assert_eq!(problems[0].position.map(|p| p.line), Some(line), "{to}: {}", show(&problems));
        assert!(!problems[0].message.contains(" at line "), "the place is said twice: {}", show(&problems));
    }
}

#[test]
fn a_small_text_cannot_become_a_large_document() {
    let problems = after("sources: [172.29.0.0/16, 10.0.0.0/8]", "sources: &a [172.29.0.0/16]");
    assert!(problems[0].message.contains("anchor"), "{}", show(&problems));
}
