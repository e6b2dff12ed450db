use std::collections::BTreeSet;

use super::*;
use crate::plan::hosts::{HostEntry, HostsProblem};
use crate::plan::named::DnsName;

fn entry(address: &str, names: &[&str]) -> HostEntry {
    HostEntry { address: address.parse().unwrap(), names: names.iter().map(|n| n.parse().unwrap()).collect() }
}

fn zones(names: &[&str]) -> BTreeSet<DnsName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn the_block_has_loopback_and_the_nodes() {
    let entries = vec![
        entry("172.30.41.193", &["tinder-1", "kubeapi.goodrain.me"]),
        entry("fd00::193", &["tinder-1"]),
        entry("172.30.41.194", &["tinder-2"]),
    ];
    let hosts = Hosts { entries, served_zones: zones(&["tinder-node-server.com"]) };
    assert_eq!(hosts.problems(), []);
    let files = render(&hosts);
    insta::assert_snapshot!(files[0].text(), @r"
    # Written by hagen-hosts from /etc/hagen/hosts. Change cluster.yaml and make a new bundle instead.
    127.0.0.1 localhost localhost.localdomain
    ::1 localhost ip6-localhost ip6-loopback
    172.30.41.193 tinder-1 kubeapi.goodrain.me
    fd00::193 tinder-1
    172.30.41.194 tinder-2
    ");
    assert_eq!(files[1].text(), "tinder-node-server.com\n");
    assert_eq!(files[2].entry.mode, 0o755);
}

#[test]
fn names_of_zones_loopback_and_doubles_are_refused() {
    let entries = vec![
        entry("10.0.0.1", &["WWW.tinder-node-server.com", "a"]),
        entry("127.0.1.1", &["b"]),
        entry("10.0.0.2", &["a"]),
        entry("10.0.0.3", &[]),
    ];
    let hosts = Hosts { entries, served_zones: zones(&["tinder-node-server.com"]) };
    assert_eq!(
        hosts.problems(),
        [
            HostsProblem::ServedByDns {
                name: "WWW.tinder-node-server.com".parse().unwrap(),
                zone: "tinder-node-server.com".parse().unwrap()
            },
            HostsProblem::Loopback("b".parse().unwrap()),
            HostsProblem::Ambiguous("a".parse().unwrap()),
            HostsProblem::Nameless("10.0.0.3".parse().unwrap()),
        ]
    );
}
