use super::*;
use crate::plan::activation::Parts;
use crate::plan::dce::tests::{EXAMPLE, proven};
use crate::plan::{chrony, cloud_init, network, resolv};
use crate::render::systemd::text;

const EXTERNAL_LB: &str = include_str!("../../../../examples/kubeadm-external-lb/cluster.yaml");

/// Runs a function on a node of a document.
fn on<T>(document: &str, node: &str, run: impl FnOnce(&Input) -> T) -> T {
    let (topology, secrets) = proven(document);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    run(&Input { topology: &topology, node, secrets: &secrets })
}

fn paths(document: &str, node: &str) -> Vec<String> {
    on(document, node, decide).unwrap().files.iter().map(UnitFile::path).collect()
}

fn ha_xdp(mode: &str) -> String {
    EXTERNAL_LB
        .replace(
            "    vrrp: {virtualRouterId: 33}",
            "    owner: ha-xdp\n    balancer: ha-xdp\n    vrrp: {virtualRouterId: 33}",
        )
        .replace("        port: 6443\n", &format!("        port: 6443\n        mode: {mode}\n"))
}

#[test]
fn daemons_of_the_node_are_kept_running_and_no_others() {
    let folder = "/etc/systemd/system";
    assert_eq!(
        paths(EXTERNAL_LB, "lb-1"),
        [
            format!("{folder}/hagen-hosts.service"),
            format!("{folder}/keepalived.service.d/hagen.conf"),
            format!("{folder}/haproxy.service.d/hagen.conf"),
        ]
    );
    assert_eq!(paths(EXTERNAL_LB, "cp-1"), [format!("{folder}/hagen-hosts.service")]);
    assert_eq!(
        paths(EXAMPLE, "dns-1"),
        [
            format!("{folder}/hagen-hosts.service"),
            format!("{folder}/hagen-dns.service"),
            format!("{folder}/named.service.d/hagen.conf"),
        ]
    );
}

#[test]
fn a_backend_that_answers_directly_holds_the_vip_without_announcing_it() {
    let units = |mode: &str, node: &str| on(&ha_xdp(mode), node, decide).unwrap().files;
    let found = units("dsr", "cp-1").into_iter().find(|unit| unit.unit.as_str() == DIRECT_UNIT).unwrap();
    let told = text(&found);
    assert!(told.contains("\nExecStart=/usr/sbin/ip -4 addr replace 172.29.1.200/32 dev lo\n"), "{told}");
    assert!(told.contains("\nExecStop=/usr/sbin/ip -4 addr del 172.29.1.200/32 dev lo\n"), "{told}");
    let groups = on(&ha_xdp("dsr"), "cp-1", sysctl::decide).unwrap().groups;
    assert!(groups.iter().any(|group| group.parameters.contains_key("net.ipv4.conf.lo.arp_ignore")));
    for (mode, node) in [("nat", "cp-1"), ("dsr", "lb-1"), ("dsr", "worker-1")] {
        assert!(units(mode, node).iter().all(|unit| unit.unit.as_str() != DIRECT_UNIT), "{mode} {node}");
    }
}

#[test]
fn kernel_parameters_follow_what_the_node_does() {
    let stems = |node| -> Vec<_> {
        on(EXTERNAL_LB, node, sysctl::decide).unwrap().groups.iter().map(|group| group.stem).collect()
    };
    assert_eq!(stems("lb-1"), ["90-hagen-vip", "90-hagen-lb"]);
    assert_eq!(stems("cp-1"), ["k8s"]);
    assert_eq!(stems("worker-1"), ["k8s"]);
    assert_eq!(on(EXAMPLE, "tinder-1", sysctl::decide), None);
}

#[test]
fn the_order_of_work_is_network_time_names() {
    let activation = on(EXAMPLE, "dns-1", |input| {
        let mut parts = Parts::default();
        named::activate(&named::decide(input).unwrap(), input, &mut parts);
        chrony::activate(&chrony::decide(input).unwrap(), input, &mut parts);
        network::activate(&network::decide(input).unwrap(), input, &mut parts);
        resolv::activate(&resolv::decide(input).unwrap(), input, &mut parts);
        hosts::activate(&hosts::decide(input).unwrap(), input, &mut parts);
        activate(&decide(input).unwrap(), input, &mut parts);
        parts.into_activation()
    });
    let units: Vec<_> = activation.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(
        units,
        [
            "NetworkManager.service",
            "hagen-hosts.service",
            "chronyd.service",
            "hagen-dns.service",
            "named.service"
        ]
    );
    assert_eq!(activation.packages, ["bind", "bind-utils", "chrony"]);
    assert_eq!(activation.units[2].check, [""; 0], "chrony 3.4 has no -p");
    let purposes: Vec<_> = activation.scripts.iter().map(|script| script.purpose.as_str()).collect();
    assert_eq!(
        purposes[1],
        "fail-over of www.tinder-node-server.com: hagen-dns-switch tinder-node-server.com www tinder-1|g-master1"
    );
}

#[test]
fn time_is_served_by_the_nodes_that_are_named_as_sources() {
    let served = on(EXAMPLE, "dns-1", chrony::decide).unwrap();
    assert_eq!(served.servers, [], "it does not ask itself");
    let serving = served.serving.unwrap();
    assert_eq!(serving.clients, ["172.30.41.0/24".parse().unwrap()]);
    assert!(!serving.orphan);
    let client = on(EXAMPLE, "tinder-1", chrony::decide).unwrap();
    assert_eq!(client.servers, [chrony::TimeHost::Address("172.30.41.192".parse().unwrap())]);
    assert_eq!(client.serving, None);

    let two = EXAMPLE.replace("ntp: [172.30.41.192]", "ntp: [dns-1, 172.30.41.193 iburst, ntp.example.org]");
    let first = on(&two, "dns-1", chrony::decide).unwrap();
    let told: Vec<_> = first.servers.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["172.30.41.193", "ntp.example.org"]);
    assert!(first.serving.unwrap().orphan, "two servers must agree with each other");
}

#[test]
fn the_hosts_block_has_nodes_and_extra_names_but_none_that_dns_serves() {
    let text = EXAMPLE.replace(
        "\nzones:",
        "\ndns: {extraHosts: {registry.local: 172.30.41.9, old_name: 172.30.41.193}}\n\nzones:",
    );
    let block = on(&text, "tinder-1", hosts::decide).unwrap();
    assert_eq!(block.problems(), []);
    let lines: Vec<String> = block
        .entries
        .iter()
        .map(|entry| {
            format!(
                "{} {}",
                entry.address,
                entry.names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "172.30.41.9 registry.local",
            "172.30.41.192 dns-1",
            "172.30.41.193 tinder-1 old_name",
            "172.30.41.194 g-master1"
        ]
    );
    let off = EXAMPLE.replace("\nzones:", "\ndns: {hosts: false}\n\nzones:");
    let own = on(&off, "tinder-1", hosts::decide).unwrap();
    assert_eq!(own.entries.len(), 1, "the node's own name must always be known");
}

#[test]
fn a_name_server_asks_itself_first() {
    let text = EXAMPLE.replace(
        "\nzones:",
        "\ndns: {servers: [172.30.41.10, 172.30.41.11, 172.30.41.12, 172.30.41.192]}\n\nzones:",
    );
    let servers = |node| on(&text, node, resolv::decide).unwrap().servers;
    let told = |node| servers(node).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told("dns-1"), ["172.30.41.192", "172.30.41.10", "172.30.41.11"]);
    assert_eq!(told("tinder-1"), ["172.30.41.10", "172.30.41.11", "172.30.41.12"]);
}

#[test]
fn the_host_name_stays_short_on_an_old_red_hat() {
    let text =
        EXAMPLE.replace("\nzones:", "\ndns: {servers: [172.30.41.192], search: [lan.example]}\n\nzones:");
    assert_eq!(on(&text, "tinder-1", cloud_init::decide).unwrap().fqdn, None);
    let newer = text.replace("os: centos-7.9", "os: rocky-9");
    let seed = on(&newer, "tinder-1", cloud_init::decide).unwrap();
    assert_eq!(seed.fqdn.unwrap().as_str(), "tinder-1.lan.example");
}
