use super::*;
use crate::plan::Input;
use crate::plan::dce::tests::proven;

pub(crate) const EXAMPLE: &str = include_str!("../../../examples/rainbond-minimal/cluster.yaml");

/// What a node of a document gets.
pub(crate) fn decided(text: &str, node: &str) -> Option<Rainbond> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

fn compute(text: &str, node: &str) -> Compute {
    match decided(text, node) {
        Some(Rainbond::Compute(compute)) => compute,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_host_has_its_own_uuid_and_address() {
    let (first, second) = (compute(EXAMPLE, "compute01").kubelet, compute(EXAMPLE, "compute02").kubelet);
    assert_ne!(first.host_uuid, second.host_uuid);
    assert_ne!(first.host_ip, second.host_ip);
    assert_eq!(first.dns_servers, second.dns_servers);
}

#[test]
fn the_entrance_programs_every_gateway() {
    let Some(Rainbond::Manage(manage)) = decided(EXAMPLE, "manage01") else { panic!("no manager") };
    let urls: Vec<String> = manage.entrance.gateways.iter().map(|g| g.to_string()).collect();
    assert_eq!(urls, ["10.141.161.107:10002", "10.141.161.108:10002"]);
    assert!(manage.has_database);
}

#[test]
fn foreign_names_are_never_asked_of_itself_nor_of_the_internet() {
    assert_eq!(compute(EXAMPLE, "compute01").dns.name_servers, [Dns::NO_UPSTREAM]);
    let text = EXAMPLE.replace(
        "  servers: [10.141.161.107, 10.141.161.108]",
        "  servers: [10.141.161.107, 10.141.161.108, 10.141.161.2]",
    );
    assert_eq!(compute(&text, "compute01").dns.name_servers, ["10.141.161.2:53".parse().unwrap()]);
    let text = EXAMPLE.replace("dns:\n", "dns:\n  forwarders: [10.141.161.3]\n");
    assert_eq!(compute(&text, "compute01").dns.name_servers, ["10.141.161.3:53".parse().unwrap()]);
}

#[test]
fn applications_live_in_the_zone_whose_wildcard_is_the_vip() {
    assert_eq!(compute(EXAMPLE, "compute01").gateway.application_domain.as_str(), "goodrain.me");
    let zone =
        "zones:\n  apps.example.com: {external: true, records: {\"*\": {vip: gateway}}}\n\nrainbond:\n";
    let text = EXAMPLE.replace("rainbond:\n  version", &format!("{zone}  version"));
    assert_eq!(compute(&text, "compute02").gateway.application_domain.as_str(), "apps.example.com");
}

#[test]
fn the_names_of_every_etc_hosts() {
    let (topology, _) = proven(EXAMPLE);
    let lines: Vec<String> =
        host_names(&topology).into_iter().map(|(a, names)| format!("{a} {}", names.join(" "))).collect();
    assert_eq!(
        lines,
        [
            "10.141.161.105 manage01 13dd8356-1dd2-11b2-a30d-000000821700 \
             kubeapi.goodrain.me region.goodrain.me console.goodrain.me",
            "10.141.161.106 goodrain.me lang.goodrain.me maven.goodrain.me",
        ]
    );
}
