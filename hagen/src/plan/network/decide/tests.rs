use super::*;
use crate::plan::dce::tests::proven;

const CLOUDPODS: &str = include_str!("../../../../examples/cloudpods-3/cluster.yaml");
const STACKED: &str = include_str!("../../../../examples/kubeadm-stacked/cluster.yaml");

fn on(text: &str, node: &str) -> Network {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    let network = decide(&Input { topology: &topology, node, secrets: &secrets }).unwrap();
    assert_eq!(network.problems(), []);
    network
}

#[test]
fn the_nodes_address_and_router_come_from_its_network() {
    let network = on(STACKED, "dev4");
    assert_eq!(network.style, NetworkStyle::Netplan);
    let [link] = network.links.as_slice() else { panic!("{network:?}") };
    assert_eq!(link.name.as_str(), "ens192");
    assert_eq!(link.addresses, ["172.33.1.50/24".parse::<IpNet>().unwrap()]);
    assert_eq!(link.default_router(true), Some("172.33.1.1".parse().unwrap()));
    assert_eq!(link.default_router(false), None);
}

#[test]
fn a_cloudpods_host_keeps_its_address_on_the_card() {
    // The agent takes it over, and refuses a bridge that it did not make.
    let network = on(CLOUDPODS, "node-1");
    assert!(network.links.iter().all(|link| matches!(link.kind, LinkKind::Ethernet { .. })));
    assert_eq!(network.links[0].addresses[0].addr(), "10.127.190.251".parse::<IpAddr>().unwrap());
}

#[test]
fn more_interfaces_are_added_and_words_about_the_same_one_add_up() {
    let text = STACKED.replace(
        "  dev4: {address: 172.33.1.50, roles: [worker]}",
        "  dev4:\n    address: 172.33.1.50\n    addresses: [172.33.1.51/24, 172.33.1.50/24]\n    roles: [worker]\n    interfaces:\n      \
         ens192: {mac: \"52:54:00:12:34:56\", mtu: 9000, addresses: [172.33.1.52/24]}\n      \
         ens224: {addresses: [10.0.0.1/24]}",
    );
    let network = on(&text, "dev4");
    let names: Vec<_> = network.links.iter().map(|link| link.name.as_str()).collect();
    assert_eq!(names, ["ens192", "ens224"]);
    let main = &network.links[0];
    let addresses: Vec<_> = main.addresses.iter().map(IpNet::to_string).collect();
    assert_eq!(addresses, ["172.33.1.50/24", "172.33.1.51/24", "172.33.1.52/24"]);
    assert_eq!(main.mtu_bytes, 9000);
    assert_eq!(main.kind, LinkKind::Ethernet { mac: Some("52:54:00:12:34:56".parse().unwrap()) });
    assert_eq!(network.links[1].default_router(true), None);
}
