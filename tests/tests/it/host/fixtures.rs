//! Plans made by hand: a DCE bootstrap pair with its name server, on every system.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};

use hagen::os::{Component, Os};
use hagen::plan::chrony::{Chrony, TimeHost, TimeService};
use hagen::plan::cloud_init::{CloudInit, Login};
use hagen::plan::hosts::{HostEntry, Hosts};
use hagen::plan::named::*;
use hagen::plan::network::{Link, LinkKind, Network, Route};
use hagen::plan::resolv::Resolv;
use hagen::plan::sysctl::{Kernel, KernelGroup, Purpose};
use hagen::plan::systemd::{UnitFile, UnitValue, Units};
use hagen::render;
use hagen::tree::{File, Tree};

pub(crate) fn name(text: &str) -> DnsName {
    text.parse().unwrap()
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn ttl(seconds: u64) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

fn soa(revision: u32) -> Soa {
    Soa {
        primary: name("ns.tinder-node-server.com"),
        hostmaster: name("hostmaster.tinder-node-server.com"),
        serial: NonZeroU32::new(revision).unwrap(),
        refresh: ttl(900),
        retry: ttl(300),
        expire: ttl(1_209_600),
        negative_ttl: ttl(60),
    }
}

/// The forward zone of the bootstrap pair, `www` switched between the two, and its reverse zones. The
/// declared active node comes first.
pub(crate) fn zones(revision: u32, server: &str, active: [&str; 2]) -> Vec<Zone> {
    let domain = name("tinder-node-server.com");
    let host = |label: &str| domain.child(label).unwrap();
    let target = |label: &str| {
        let last = if label == "tinder-1" { 193 } else { 194 };
        Target {
            label: name(label),
            v4: Some(format!("172.30.41.{last}").parse().unwrap()),
            v6: Some(format!("fd00:41::{last}").parse().unwrap()),
        }
    };
    let mut records = vec![
        Record { owner: domain.clone(), ttl: None, data: Data::Address(ip("172.30.41.193")) },
        Record { owner: host("*"), ttl: None, data: Data::Alias(host("www")) },
        Record { owner: host("ns"), ttl: None, data: Data::Address(ip(server)) },
    ];
    let mut pointers = BTreeMap::from([(ip(server), host("ns"))]);
    for label in ["tinder-1", "tinder-2"] {
        for address in target(label).addresses() {
            records.push(Record { owner: host(label), ttl: Some(ttl(60)), data: Data::Address(address) });
            pointers.insert(address, host(label));
        }
    }
    records.sort();
    let servers = vec![host("ns")];
    let switched = vec![Switched { owner: host("www"), ttl: ttl(30), targets: active.map(target).to_vec() }];
    let (soa, ttl) = (soa(revision), ttl(3600));
    let networks = ["172.30.41.0/24".parse().unwrap(), "fd00:41::/64".parse().unwrap()];
    let mut zones = reverse_zones(&pointers, &networks, &soa, ttl, &servers);
    zones.push(Zone { name: domain, soa, ttl, name_servers: servers, records, switched });
    zones.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(check(&zones), []);
    zones
}

pub(crate) fn named(os: &Os, listen: &str, zones: Vec<ServedZone>) -> Named {
    Named {
        paths: os.paths().named.clone(),
        words: RoleWords::of(os),
        listen: vec![ip(listen)],
        port: NonZeroU16::new(53).unwrap(),
        clients: vec!["172.30.41.0/24".parse().unwrap(), "127.0.0.0/8".parse().unwrap()],
        foreign: Foreign::Refuse,
        zones,
    }
}

pub(crate) fn primary(
    os: &Os,
    listen: &str,
    revision: u32,
    active: [&str; 2],
    secondaries: &[&str],
) -> Named {
    let served =
        |zone| ServedZone::Primary { zone, secondaries: secondaries.iter().map(|s| ip(s)).collect() };
    named(os, listen, zones(revision, listen, active).into_iter().map(served).collect())
}

pub(crate) fn secondary(os: &Os, listen: &str, primary: &str) -> Named {
    let names = zones(1, primary, ["tinder-1", "tinder-2"]).into_iter().map(|zone| zone.name);
    let served = |name| ServedZone::Secondary { name, primary: ip(primary) };
    named(os, listen, names.map(served).collect())
}

pub(crate) fn tree(files: Vec<File>) -> Tree {
    let mut tree = Tree::default();
    for file in files {
        tree.place("rootfs", file).unwrap();
    }
    tree
}

fn network(os: &Os) -> Network {
    let link = |name: &str, kind, addresses: &[&str], routes: &[(&str, &str)]| Link {
        name: name.parse().unwrap(),
        kind,
        mtu_bytes: 1500,
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        routes: routes
            .iter()
            .map(|(to, via)| Route { to: to.parse().unwrap(), via: via.parse().unwrap() })
            .collect(),
    };
    // The MAC addresses are numbers to base 60 for a careless reader of YAML 1.1.
    let card = |mac: &str| LinkKind::Ethernet { mac: Some(mac.parse().unwrap()) };
    let bridge = LinkKind::Bridge {
        mac: Some("52:54:00:12:34:50".parse().unwrap()),
        ports: vec!["eth0".parse().unwrap()],
    };
    let links = vec![
        link("eth0", card("52:54:00:12:34:50"), &[], &[]),
        link(
            "br0",
            bridge,
            &["172.30.41.192/24", "172.30.41.20/24", "fd00:41::192/64"],
            &[("0.0.0.0/0", "172.30.41.1"), ("::/0", "fe80::1"), ("172.33.1.0/24", "172.30.41.2")],
        ),
        link("san0", card("52:54:00:12:34:56"), &["192.168.7.192/24"], &[]),
        link("san0.7", LinkKind::Vlan { id: 7, parent: "san0".parse().unwrap() }, &["192.168.8.192/24"], &[]),
        link("eth9", LinkKind::Ethernet { mac: None }, &[], &[]),
    ];
    let search = vec![name("a.example"), name("b.example")];
    let network = Network { style: os.network(), links, servers: vec![ip("172.30.41.192")], search };
    assert_eq!(network.problems(), []);
    network
}

/// Everything of the host's part on one node.
pub(crate) fn node(id: &str) -> Tree {
    let os = Os::builtin(id).unwrap();
    let unit = |component| os.unit(component).unwrap().parse().unwrap();
    let mut files =
        render::named::render(&primary(os, "172.30.41.192", 7, ["tinder-1", "tinder-2"], &["172.30.41.191"]));
    let entry =
        |address: &str, label: &str| HostEntry { address: ip(address), names: vec![label.parse().unwrap()] };
    let entries = vec![entry("172.30.41.192", "dns-1"), entry("172.30.41.193", "tinder-1")];
    let zone = BTreeSet::from([name("tinder-node-server.com")]);
    files.extend(render::hosts::render(&Hosts { entries, served_zones: zone }));
    files.extend(render::resolv::render(&Resolv {
        owner: os.resolver(),
        servers: vec![ip("172.30.41.192")],
        search: vec![],
    }));
    let server = TimeHost::Address(ip("10.9.9.9"));
    let serving = TimeService {
        clients: vec!["172.30.41.0/24".parse().unwrap(), "fd00:41::/64".parse().unwrap()],
        local_stratum: TimeService::LOCAL_STRATUM,
        orphan: true,
    };
    let paths = os.paths().chrony.clone();
    files.extend(render::chrony::render(&Chrony { paths, servers: vec![server], serving: Some(serving) }));
    let network = network(os);
    files.extend(render::network::render(&network));
    let purposes =
        [Purpose::Kubernetes, Purpose::VirtualAddress, Purpose::Forwarding, Purpose::DirectServerReturn];
    let groups = purposes.map(|purpose| KernelGroup::of(purpose, os)).to_vec();
    files.extend(render::sysctl::render(&Kernel { groups }));
    let publish = UnitFile::oneshot(
        "hagen-dns.service".parse().unwrap(),
        UnitValue::literal("Publish the DNS zones of this cluster").unwrap(),
        UnitValue::command(&["/usr/local/sbin/hagen-dns-switch", "--publish"]).unwrap(),
        &[unit(Component::Named)],
    );
    let units = [
        UnitFile::keep_running(unit(Component::Keepalived), os),
        UnitFile::keep_running(unit(Component::Named), os).merge(UnitFile::start_after(
            unit(Component::Named),
            std::slice::from_ref(&publish.unit),
            "Zones are published first.",
        )),
        publish,
    ];
    files.extend(render::systemd::render(&Units { files: units.to_vec() }));
    let mut tree = tree(files);
    let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0000000000000000000000000000000000000000000 an: operator #1";
    let login = Login { user: "root".parse().unwrap(), keys: vec![key.parse().unwrap()] };
    let seed = CloudInit {
        node: "dns-1".parse().unwrap(),
        fqdn: Some(name("dns-1.a.example")),
        time_zone: "Asia/Shanghai".parse().unwrap(),
        login,
        network,
        modern: true,
    };
    for file in render::cloud_init::render(&seed) {
        tree.place("cloud-init", file).unwrap();
    }
    tree
}
