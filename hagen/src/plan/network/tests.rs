use super::*;

fn link(name: &str, kind: LinkKind, addresses: &[&str], router: Option<&str>) -> Link {
    let route = |via: &str| {
        let to = if via.contains(':') { "::/0" } else { "0.0.0.0/0" };
        Route { to: to.parse().unwrap(), via: via.parse().unwrap() }
    };
    Link {
        name: name.parse().unwrap(),
        kind,
        mtu_bytes: 1500,
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

fn network(links: Vec<Link>) -> Network {
    Network { style: NetworkStyle::Netplan, links, servers: vec![], search: vec![] }
}

fn problems_of(links: Vec<Link>) -> Vec<String> {
    network(links).problems().iter().map(ToString::to_string).collect()
}

#[test]
fn a_host_with_bridge_and_vlan_is_accepted() {
    let links = vec![
        link("eth0", CARD, &[], None),
        link("br0", bridge(&["eth0"]), &["10.0.0.1/24", "fd00::1/64"], Some("10.0.0.254")),
        link("br0.7", vlan(7, "br0"), &["10.7.0.1/24"], None),
    ];
    let network = network(links);
    assert_eq!(network.problems(), []);
    assert_eq!(network.bridge_of(&"eth0".parse().unwrap()).unwrap().name.as_str(), "br0");
    assert_eq!(network.bridge_of(&"br0".parse().unwrap()), None, "the parent of a VLAN is not a port");
}

#[test]
fn what_cannot_be_is_told() {
    let mut wide = link("eth0.5", vlan(5, "eth0"), &[], None);
    wide.mtu_bytes = 9217;
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
            "`eth0.5` has an MTU of 9217 bytes; 1280 to 9216 are allowed",
            "two default routes of one family",
        ]
    );
}
