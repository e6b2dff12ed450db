use super::super::check;
use super::*;
use crate::plan::dce::tests::{EXAMPLE, proven};
use crate::render::named::render;
use crate::tree::File;

fn zones(text: &str) -> Vec<ClusterZone> {
    let (topology, _) = proven(text);
    let zones = cluster_zones(&topology);
    assert_eq!(check(&zones.iter().map(|served| served.zone.clone()).collect::<Vec<_>>()), []);
    zones
}

fn on(text: &str, node: &str) -> Option<Named> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

/// The records of a zone file, without header and timers.
fn records(files: &[File], zone: &str) -> Vec<String> {
    let path = format!("/etc/hagen/dns/zones/{zone}.zone");
    let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"));
    let (_, records) = file.text().split_once("\t)\n").unwrap();
    records.lines().map(|line| line.replace('\t', " ")).collect()
}

/// The example with two name servers and a second zone that has an address of the same network.
fn two_servers() -> String {
    EXAMPLE
        .replace("  tinder-1: ", "  dns-2: {address: 172.30.41.191, roles: [dns]}\n  tinder-1: ")
        .replace(
            "\ndce:",
            "  apps.example.org:\n    ttl: 5m\n    hostmaster: ops.example.org\n    records:\n      \"@\": {node: dns-2}\n      \
             \"*\": {cname: www.tinder-node-server.com}\n      ns: {node: dns-2, ttl: 1m}\n      _srv.a: {address: 172.30.41.50}\n\ndce:",
        )
}

#[test]
fn the_example_has_a_sound_forward_and_reverse_zone() {
    let named = on(EXAMPLE, "dns-1").unwrap();
    assert_eq!(named.words, RoleWords::Master, "BIND 9.11 of CentOS 7.9");
    assert_eq!(named.foreign, Foreign::Refuse);
    let files = render(&named);
    assert_eq!(
        records(&files, "tinder-node-server.com"),
        [
            "@ IN NS ns.tinder-node-server.com.",
            "ns IN A 172.30.41.192",
            "www 30 IN A 172.30.41.193 ; hagen:switched www.tinder-node-server.com",
        ]
    );
    assert_eq!(
        records(&files, "41.30.172.in-addr.arpa"),
        [
            "@ IN NS ns.tinder-node-server.com.",
            "192 IN PTR ns.tinder-node-server.com.",
            "193 IN PTR www.tinder-node-server.com.",
            "194 IN PTR www.tinder-node-server.com.",
        ]
    );
    assert_eq!(on(EXAMPLE, "tinder-1"), None);
}

#[test]
fn the_declared_active_candidate_comes_first() {
    let text = EXAMPLE
        .replace("{switch: [tinder-1, g-master1]}", "{switch: [tinder-1, g-master1], active: g-master1}");
    let named = on(&text, "dns-1").unwrap();
    let (zone, _) = named.held().find(|(zone, _)| !zone.switched.is_empty()).unwrap();
    let labels: Vec<_> = zone.switched[0].targets.iter().map(|target| target.label.as_str()).collect();
    assert_eq!(labels, ["g-master1", "tinder-1"]);
}

#[test]
fn a_server_without_a_record_gets_one() {
    let text = EXAMPLE.replace("      ns:  {node: dns-1}\n", "      ns:  {node: tinder-1}\n");
    let files = render(&on(&text, "dns-1").unwrap());
    let records = records(&files, "tinder-node-server.com");
    assert_eq!(
        records[..3],
        ["@ IN NS ns2.tinder-node-server.com.", "ns IN A 172.30.41.193", "ns2 IN A 172.30.41.192"]
    );
}

#[test]
fn the_second_server_copies_every_zone() {
    let (first, second) = (on(&two_servers(), "dns-1").unwrap(), on(&two_servers(), "dns-2").unwrap());
    let names = |named: &Named| named.zones.iter().map(|zone| zone.name().clone()).collect::<Vec<_>>();
    assert_eq!(names(&first), names(&second));
    assert_eq!(first.held().count(), 3);
    assert!(first.held().all(|(_, secondaries)| secondaries == ["172.30.41.191".parse::<IpAddr>().unwrap()]));
    assert_eq!(second.held().count(), 0);
    let files = render(&second);
    assert_eq!(files.len(), 1, "nothing to publish on a node that only copies");
    assert_eq!(files[0].text().matches("masters { 172.30.41.192; };").count(), 3);
}

#[test]
fn zones_of_two_domains_share_the_reverse_zone() {
    let zones = zones(&two_servers());
    let names: Vec<_> = zones.iter().map(|served| served.zone.name.as_str()).collect();
    assert_eq!(names, ["41.30.172.in-addr.arpa", "apps.example.org", "tinder-node-server.com"]);
    let files = render(&on(&two_servers(), "dns-1").unwrap());
    assert_eq!(
        records(&files, "41.30.172.in-addr.arpa"),
        [
            "@ IN NS ns2.apps.example.org.",
            "@ IN NS ns.apps.example.org.",
            "191 IN PTR apps.example.org.",
            "192 IN PTR ns.tinder-node-server.com.",
            "193 IN PTR www.tinder-node-server.com.",
            "194 IN PTR www.tinder-node-server.com.",
            "50 IN PTR _srv.a.apps.example.org.",
        ]
    );
    assert_eq!(
        records(&files, "apps.example.org"),
        [
            "@ IN NS ns2.apps.example.org.",
            "@ IN NS ns.apps.example.org.",
            "* IN CNAME www.tinder-node-server.com.",
            "_srv.a IN A 172.30.41.50",
            "@ IN A 172.30.41.191",
            "ns 60 IN A 172.30.41.191",
            "ns2 IN A 172.30.41.192",
        ]
    );
    assert_eq!(zones[1].zone.soa.hostmaster.as_str(), "ops.example.org");
}

#[test]
fn a_zone_of_another_server_is_not_rendered() {
    let text = EXAMPLE.replace(
        "tinder-node-server.com:\n    records",
        "tinder-node-server.com:\n    external: true\n    records",
    );
    assert_eq!(on(&text, "dns-1"), None);
}

#[test]
fn forwarders_are_asked_only_when_given() {
    let text = EXAMPLE.replace("\nzones:", "\ndns: {forwarders: [10.9.9.9]}\n\nzones:");
    assert_eq!(on(&text, "dns-1").unwrap().foreign, Foreign::Forward(vec!["10.9.9.9".parse().unwrap()]));
}
