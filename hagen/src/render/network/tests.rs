use super::*;
use crate::plan::network::{Link, LinkKind, Route};

fn link(name: &str, kind: LinkKind, addresses: &[&str], routes: &[(&str, &str)]) -> Link {
    Link {
        name: name.parse().unwrap(),
        kind,
        mtu_bytes: 1500,
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        routes: routes
            .iter()
            .map(|(to, via)| Route { to: to.parse().unwrap(), via: via.parse().unwrap() })
            .collect(),
    }
}

/// A Cloudpods host: its card is the port of br0; a second card found by a MAC address that YAML 1.1
/// would read as a number; a VLAN; a card without use.
fn network(style: NetworkStyle) -> Network {
    let mac = |text: &str| Some(text.parse().unwrap());
    let links = vec![
        link("eth0", LinkKind::Ethernet { mac: mac("52:54:00:12:34:50") }, &[], &[]),
        link(
            "br0",
            LinkKind::Bridge { mac: mac("52:54:00:12:34:50"), ports: vec!["eth0".parse().unwrap()] },
            &["10.127.190.251/24", "10.127.190.20/24", "fd00:190::251/64", "fd00:190::20/64"],
            &[("0.0.0.0/0", "10.127.190.1"), ("::/0", "fe80::1"), ("172.33.1.0/24", "10.127.190.2")],
        ),
        link("san0", LinkKind::Ethernet { mac: mac("52:54:00:12:34:56") }, &["192.168.7.251/24"], &[]),
        link(
            "san0.7",
            LinkKind::Vlan { id: 7, parent: "san0".parse().unwrap() },
            &["192.168.8.251/24", "fd00:8::251/64"],
            &[("fd01::/48", "fe80::7")],
        ),
        link("eth9", LinkKind::Ethernet { mac: None }, &[], &[]),
    ];
    let servers = vec!["10.127.190.192".parse().unwrap(), "fd00:190::192".parse().unwrap()];
    let search = vec!["a.example".parse().unwrap(), "b.example".parse().unwrap()];
    let network = Network { style, links, servers, search };
    assert_eq!(network.problems(), []);
    network
}

fn all(files: &[File]) -> String {
    let config = files.iter().filter(|file| file.path != APPLY_PATH);
    config.map(|file| format!("==> {} {:o}\n{}", file.path, file.entry.mode, file.text())).collect()
}

#[test]
fn netplan() {
    insta::assert_snapshot!(all(&render(&network(NetworkStyle::Netplan))));
}

#[test]
fn ifcfg() {
    insta::assert_snapshot!(all(&render(&network(NetworkStyle::Ifcfg))));
}

#[test]
fn keyfile() {
    insta::assert_snapshot!(all(&render(&network(NetworkStyle::NetworkmanagerKeyfile))));
}

#[test]
fn cloud_init_gets_the_same_interfaces_without_a_renderer() {
    let network = network(NetworkStyle::Ifcfg);
    let seed = network_config(&network);
    assert!(!seed.contains("renderer"));
    assert!(seed.contains("macaddress: \"52:54:00:12:34:56\""), "{seed}");
}
