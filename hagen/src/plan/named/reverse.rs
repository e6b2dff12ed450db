//! Reverse zones: which zone an address belongs to, and all zones for a set of addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::name::{reverse_labels, suffix};
use super::{Data, DnsName, Record, Soa, Ttl, Zone};

/// The reverse zone that holds an address of a network.
///
/// A zone ends at a label, so at an octet of IPv4 and a nibble of IPv6. A prefix that ends inside a
/// label is served by the smallest zones that do not reach beyond it (`10.0.0.0/20` by sixteen zones of
/// the form `2.0.10.in-addr.arpa`): a zone for the whole label would deny names of foreign networks.
/// Only a prefix inside the last label (`/25` to `/31`, `/125` to `/127`) is served by the zone around
/// it, because there is no smaller one; delegating less needs the parent's help (RFC 2317).
pub fn reverse_zone_of(address: IpAddr, network: IpNet) -> DnsName {
    let (label_bits, labels_max) = if address.is_ipv4() { (8, 4) } else { (4, 32) };
    let wanted = usize::from(network.prefix_len().div_ceil(label_bits)).clamp(1, labels_max - 1);
    let labels = reverse_labels(address);
    let text = labels[labels_max - wanted..].join(".") + suffix(address);
    // A reverse name is a domain name by construction; the whole one stands for the impossible.
    text.parse().unwrap_or_else(|_| DnsName::reverse_of(address))
}

/// The reverse zones of the given pointers, merged over all forward zones and sorted by name.
///
/// Each address is put into the zone of the most specific of the networks that contain it; an address
/// in none of them counts as a network of its own enclosing /24 or /64.
pub fn reverse_zones(
    pointers: &BTreeMap<IpAddr, DnsName>,
    networks: &[IpNet],
    soa: &Soa,
    ttl: Ttl,
    name_servers: &[DnsName],
) -> Vec<Zone> {
    let mut zones: BTreeMap<DnsName, Zone> = BTreeMap::new();
    for (&address, target) in pointers {
        let around = networks.iter().filter(|network| network.contains(&address));
        let prefix = if address.is_ipv4() { 24 } else { 64 };
        let alone = IpNet::new(address, prefix).unwrap_or_else(|_| IpNet::from(address));
        let network = around.max_by_key(|network| network.prefix_len()).copied().unwrap_or(alone);
        let name = reverse_zone_of(address, network);
        let zone = zones.entry(name.clone()).or_insert_with(|| Zone {
            name,
            soa: soa.clone(),
            ttl,
            name_servers: name_servers.to_vec(),
            records: Vec::new(),
            switched: Vec::new(),
        });
        let data = Data::Pointer(target.clone());
        zone.records.push(Record { owner: DnsName::reverse_of(address), ttl: None, data });
    }
    zones.into_values().collect()
}
