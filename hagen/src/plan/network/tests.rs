use super::*;

fn link(name: &str, kind: LinkKind, addresses: &[&str], router: Option<&str>) -> Link {
    let route = |via: &str| {
        let to = if via.contains(':') { "::/0" } else { "0.0.0.0/0" };
        Route { to: to.parse().unwrap(), via: via.parse().unwrap() }
    };
    Link {
        name: name.parse().unwrap(),
        kind,
        mtu: Mtu::from_bytes(1500).unwrap(),
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        routes: router.map(route).into_iter().collect(),
    }
}

const CARD: LinkKind = LinkKind::Ethernet { mac: None };

fn bridge(ports: &[&str]) -> LinkKind {
    LinkKind::Bridge { mac: None, ports: ports.iter().map(|p| p.parse().unwrap()).collect() }
}

fn vlan(id: u16, parent: &str) -> LinkKind {
    LinkKind::Vlan { id, parent: parent.parse().unwrap() }
}

fn problems_of(links: Vec<Link>) -> Vec<String> {
    match Network::new(NetworkStyle::Netplan, links, vec![], vec![]) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_host_with_bridge_and_vlan_is_accepted() {
    let links = vec![
        link("eth0", CARD, &[], None),
        link("br0", bridge(&["eth0"]), &["10.0.0.1/24", "fd00::1/64"], Some("10.0.0.254")),
        link("br0.7", vlan(7, "br0"), &["10.7.0.1/24"], None),
    ];
    let network = Network::new(NetworkStyle::Netplan, links, vec![], vec![]).unwrap();
    assert_eq!(network.bridge_of(&"eth0".parse().unwrap()).unwrap().name.as_str(), "br0");
    assert_eq!(network.bridge_of(&"br0".parse().unwrap()), None, "the parent of a VLAN is not a port");
}

#[test]
fn what_cannot_be_is_told() {
    let mut wide = link("eth0.5", vlan(5, "eth0"), &[], None);
    wide.mtu = Mtu::from_bytes(9000).unwrap();
    assert_eq!(
        problems_of(vec![
            link("eth0", CARD, &["10.0.0.1/24"], Some("10.0.1.254")),
            link("eth0", CARD, &[], None),
            link("eth1", CARD, &["10.0.0.1/24"], Some("10.0.0.254")),
            link("br0", bridge(&["eth1", "eth9", "br1"]), &["fd00::1/64"], Some("fe80::1")),
            link("br1", bridge(&[]), &[], None),
            link("eth1.0", vlan(0, "eth1"), &[], Some("fe80::2")),
            wide,
        ]),
        [
            "the interface `eth0` is there twice",
            "the router 10.0.1.254 is in no subnet of `eth0`",
            "the address 10.0.0.1 is there twice",
            "`eth1` is the port of a bridge and has an address, a route or another bridge",
            "`br0` needs `eth9`, which is not a network card of the node",
            "`br0` needs `br1`, which is not a network card of the node",
            "`eth1.0` has VLAN id 0; 1 to 4094 are allowed",
            "the router fe80::2 is in no subnet of `eth1.0`",
            "`eth0.5` has a larger MTU than `eth0` below it",
            "two default routes of one family",
        ]
    );
}

#[test]
fn names_and_addresses_of_interfaces() {
    for bad in ["", ".", "..", "-x", "a b", "a/b", "sixteen-bytes-xx", "a\n"] {
        assert!(bad.parse::<InterfaceName>().is_err(), "{bad:?}");
    }
    assert_eq!("ens192.10".parse::<InterfaceName>().unwrap().as_str(), "ens192.10");
    for bad in [
        "",
        "52:54:00:12:34",
        "52:54:00:12:34:5",
        "53:54:00:12:34:56",
        "00:00:00:00:00:00",
        "+2:54:00:12:34:56",
    ] {
        assert!(bad.parse::<MacAddress>().is_err(), "{bad:?}");
    }
    assert_eq!("52:54:00:AB:34:56".parse::<MacAddress>().unwrap().to_string(), "52:54:00:ab:34:56");
    assert!(Mtu::from_bytes(1279).is_err() && Mtu::from_bytes(9217).is_err());
}
