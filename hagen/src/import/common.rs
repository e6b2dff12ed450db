//! What both imports must guess, because their sources do not say it: networks and systems.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::out::Out;

/// The networks of some addresses: one /24 (or /64) for each range, named `lan`, `lan-2`, …
pub(super) fn networks(addresses: impl IntoIterator<Item = IpAddr>) -> Vec<(String, Out)> {
    let mut ranges = BTreeMap::<IpNet, ()>::new();
    for address in addresses {
        let bits = if address.is_ipv4() { 24 } else { 64 };
        if let Ok(range) = IpNet::new(address, bits) {
            ranges.insert(range.trunc(), ());
        }
    }
    let name = |index: usize| if index == 0 { "lan".to_owned() } else { format!("lan-{}", index + 1) };
    ranges
        .into_keys()
        .enumerate()
        .map(|(index, range)| (name(index), Out::Map(vec![("subnet".into(), Out::Text(range.to_string()))])))
        .collect()
}

/// The system of which a file name of the source tells, if it does.
pub(super) fn os(hint: &str) -> Option<&'static str> {
    let hint = hint.to_lowercase().replace(['-', '_'], "");
    let known: [(&[&str], &str); 5] = [
        (&["centos7", "centos79", "redhat7", "el7"], "centos-7.9"),
        (&["rocky9", "redhat9", "rhel9", "el9", "almalinux9"], "rocky-9"),
        (&["ubuntu24", "noble"], "ubuntu-24.04"),
        (&["ubuntu22", "jammy"], "ubuntu-22.04"),
        (&["debian12", "bookworm"], "debian-12"),
    ];
    known.iter().find(|(words, _)| words.iter().any(|w| hint.contains(w))).map(|(_, os)| *os)
}
