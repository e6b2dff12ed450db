//! Topology → the zones of the cluster, and what one name server does with them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroU16;

use ipnet::IpNet;

use super::{
    DECLARED_FOLDER, Data, DnsName, Foreign, Named, Record, RoleWords, SWITCH_PATH, ServedZone, Soa,
    Switched, Target, UNIT, Zone, reverse_zones,
};
use crate::os::Component;
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, RunBy, SetupScript, UnitAction};
use crate::spec::{Balancer, Name};
use crate::topology::{self, Topology};

const DNS_PORT: NonZeroU16 = NonZeroU16::new(53).unwrap();

/// A zone with the nodes that serve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterZone {
    /// Its declared content.
    pub zone: Zone,
    /// The node that holds it.
    pub primary: Name,
    /// The nodes that copy it.
    pub secondaries: Vec<Name>,
}

/// The name server of the node; nothing on a node that serves no zone.
pub fn decide(input: &Input) -> Option<Named> {
    let (topology, node) = (input.topology, input.node);
    let address = |name: &Name| topology.node(name).map(|node| node.address);
    let mut zones = Vec::new();
    for ClusterZone { zone, primary, secondaries } in cluster_zones(topology) {
        if primary == node.name {
            let secondaries = secondaries.iter().filter_map(address).collect();
            zones.push(ServedZone::Primary { zone, secondaries });
        } else if let Some(primary) = address(&primary).filter(|_| secondaries.contains(&node.name)) {
            zones.push(ServedZone::Secondary { name: zone.name, primary });
        }
    }
    if zones.is_empty() {
        return None;
    }
    let forwarders = &topology.resolvers.forwarders;
    Some(Named {
        paths: node.os.paths().named.clone(),
        words: RoleWords::of(node.os),
        listen: listen(input),
        port: DNS_PORT,
        clients: clients(topology),
        foreign: if forwarders.is_empty() { Foreign::Refuse } else { Foreign::Forward(forwarders.clone()) },
        zones,
    })
}

/// The node's address, and VIPs at whose port 53 the node itself answers.
fn listen(input: &Input) -> Vec<IpAddr> {
    let vips = input.topology.vips_on(&input.node.name).filter(|vip| {
        vip.balancer == Balancer::None && vip.services.iter().any(|service| service.port == DNS_PORT)
    });
    std::iter::once(input.node.address).chain(vips.map(|vip| vip.address)).collect()
}

/// The nodes' networks, and pods, whose questions may arrive with their own address.
fn clients(topology: &Topology) -> Vec<IpNet> {
    let pods = topology.kubernetes.as_ref().map(|kubernetes| kubernetes.spec.pod_subnet.value);
    let dce = topology.dce.as_ref().map(|dce| dce.spec.network.cluster_cidr.value);
    let networks = topology.networks.values().map(|network| network.subnet);
    networks.chain(pods).chain(dce).collect::<BTreeSet<_>>().into_iter().collect()
}

/// All zones that nodes of the cluster serve, forward and reverse, in name order.
pub fn cluster_zones(topology: &Topology) -> Vec<ClusterZone> {
    let mut zones: Vec<ClusterZone> =
        topology.zones.values().filter_map(|zone| forward(topology, zone)).collect();
    let reverse = reverse(topology, &zones);
    zones.extend(reverse);
    zones.sort_by(|a, b| a.zone.name.cmp(&b.zone.name));
    zones
}

fn forward(topology: &Topology, zone: &topology::Zone) -> Option<ClusterZone> {
    let primary = zone.primary.clone().filter(|_| !zone.external)?;
    let secondaries: Vec<Name> = zone.secondaries.iter().filter(|name| **name != primary).cloned().collect();
    let name = DnsName::from(&zone.name);
    let mut records = Vec::new();
    let mut switched = Vec::new();
    for record in &zone.records {
        let owner = DnsName::of_record(&zone.name, &record.name);
        if !record.candidates.is_empty() {
            switched.push(Switched { owner, ttl: record.ttl.into(), targets: targets(record) });
            continue;
        }
        let data = match &record.target {
            topology::Target::Address(address) => Data::Address(*address),
            topology::Target::Cname(domain) => Data::Alias(DnsName::from(domain)),
        };
        let ttl = (record.ttl != zone.spec.ttl).then(|| record.ttl.into());
        records.push(Record { owner, ttl, data });
    }
    let mut name_servers = Vec::new();
    for server in std::iter::once(&primary).chain(&secondaries) {
        let address = topology.node(server)?.address;
        let taken: BTreeSet<&DnsName> =
            records.iter().map(|r| &r.owner).chain(switched.iter().map(|s| &s.owner)).collect();
        let (server, is_new) = name_server(&name, address, &records, &taken)?;
        if is_new {
            records.push(Record { owner: server.clone(), ttl: None, data: Data::Address(address) });
        }
        name_servers.push(server);
    }
    records.sort();
    switched.sort_by(|a, b| a.owner.cmp(&b.owner));
    let hostmaster = zone.spec.hostmaster.as_ref().map(DnsName::from);
    let soa = Soa {
        primary: name_servers.first()?.clone(),
        hostmaster: hostmaster.or_else(|| name.child("hostmaster").ok())?,
        serial: topology.document.revision.value,
        refresh: zone.spec.refresh.into(),
        retry: zone.spec.retry.into(),
        expire: zone.spec.expire.into(),
        negative_ttl: zone.spec.negative_ttl.into(),
    };
    let zone = Zone { name, soa, ttl: zone.spec.ttl.into(), name_servers, records, switched };
    Some(ClusterZone { zone, primary, secondaries })
}

/// The candidates with the active one first.
fn targets(record: &topology::Record) -> Vec<Target> {
    let active =
        |candidate: &&topology::Candidate| record.target == topology::Target::Address(candidate.address);
    let first = record.candidates.iter().find(active);
    let others = record.candidates.iter().filter(|candidate| Some(*candidate) != first);
    let target = |candidate: &topology::Candidate| {
        let (v4, v6) = match candidate.address {
            IpAddr::V4(v4) => (Some(v4), None),
            IpAddr::V6(v6) => (None, Some(v6)),
        };
        Target { label: DnsName::from(&candidate.node), v4, v6 }
    };
    first.into_iter().chain(others).map(target).collect()
}

/// The name of a server of the zone and whether it must be added: a record `ns…` that has its address,
/// or the first free of `ns`, `ns2`, `ns3`, ….
fn name_server(
    zone: &DnsName,
    address: IpAddr,
    records: &[Record],
    taken: &BTreeSet<&DnsName>,
) -> Option<(DnsName, bool)> {
    let is_ns = |record: &&Record| {
        let label = record.owner.below(zone).unwrap_or_default();
        record.data == Data::Address(address) && label.starts_with("ns")
    };
    if let Some(record) = records.iter().find(is_ns) {
        return Some((record.owner.clone(), false));
    }
    let labels = std::iter::once("ns".to_owned()).chain((2..).map(|number: u32| format!("ns{number}")));
    // There are fewer records than numbers; a name that is too long is so for every label.
    let free = labels.take(taken.len() + 2).filter_map(|label| zone.child(&label).ok());
    free.into_iter().find(|name| !taken.contains(name)).map(|name| (name, true))
}

/// The reverse zones of all pointers. A zone that several domains share is served by the servers of the
/// first of them, in name order. A zone that the document describes itself is left to it.
fn reverse(topology: &Topology, forward: &[ClusterZone]) -> Vec<ClusterZone> {
    let mut pointers: BTreeMap<IpAddr, (DnsName, usize)> = BTreeMap::new();
    let zones = topology.zones.values();
    let served = |zone: &topology::Zone| {
        let name = DnsName::from(&zone.name);
        forward.iter().position(|served| served.zone.name == name)
    };
    let with_pointers: Vec<_> = zones
        .filter_map(|zone| Some((zone, served(zone)?)))
        .flat_map(|(zone, at)| zone.records.iter().filter(|record| record.ptr).map(move |r| (zone, at, r)))
        .collect();
    for (zone, at, record) in &with_pointers {
        if let topology::Target::Address(address) = record.target {
            let name = DnsName::of_record(&zone.name, &record.name);
            pointers.entry(address).or_insert((name, *at));
        }
    }
    // The other candidates of a switched name lead back to it too, unless they have a name of their own.
    for (zone, at, record) in &with_pointers {
        for candidate in &record.candidates {
            let name = DnsName::of_record(&zone.name, &record.name);
            pointers.entry(candidate.address).or_insert((name, *at));
        }
    }
    let networks: Vec<IpNet> = topology.networks.values().map(|network| network.subnet).collect();
    let described: BTreeSet<DnsName> = topology.zones.keys().map(DnsName::from).collect();
    let mut found: BTreeMap<DnsName, ClusterZone> = BTreeMap::new();
    for (at, source) in forward.iter().enumerate() {
        let own: BTreeMap<IpAddr, DnsName> = pointers
            .iter()
            .filter(|(_, (_, by))| *by == at)
            .map(|(address, (name, _))| (*address, name.clone()))
            .collect();
        let Zone { soa, ttl, name_servers, .. } = &source.zone;
        for zone in reverse_zones(&own, &networks, soa, *ttl, name_servers) {
            if described.contains(&zone.name) {
                continue;
            }
            match found.get_mut(&zone.name) {
                Some(known) => {
                    known.zone.records.extend(zone.records);
                    known.zone.records.sort();
                }
                None => {
                    let ClusterZone { primary, secondaries, .. } = source.clone();
                    found.insert(zone.name.clone(), ClusterZone { zone, primary, secondaries });
                }
            }
        }
    }
    found.into_values().collect()
}

/// Package, the publisher, BIND itself, and the operator's tool.
pub fn activate(named: &Named, input: &Input, parts: &mut Parts) {
    let os = input.node.os;
    parts.packages(os.packages(Component::Named));
    let held = named.held().count() > 0;
    if held {
        let reads = vec![format!("{DECLARED_FOLDER}/"), SWITCH_PATH.to_owned()];
        // Publishing has BIND reload what changed, so that BIND itself need not be touched for a zone.
        let unit =
            UnitAction { name: UNIT.to_owned(), on_change: OnChange::Restart, reads, check: Vec::new() };
        parts.unit(Phase::Names, unit);
    }
    if let Some(name) = os.unit(Component::Named) {
        let paths = &named.paths;
        let reads = match (&paths.options, &paths.zones) {
            (Some(options), Some(zones)) => vec![zones.clone(), options.clone()],
            _ => vec![paths.main.clone()],
        };
        let check = ["named-checkconf", &paths.main].map(str::to_owned).to_vec();
        parts.unit(
            Phase::Names,
            UnitAction { name: name.to_owned(), on_change: OnChange::Reload, reads, check },
        );
    }
    for (zone, _) in named.held() {
        for switched in &zone.switched {
            let targets: Vec<&str> = switched.targets.iter().map(|target| target.label.as_str()).collect();
            let (path, run) = (SWITCH_PATH.to_owned(), RunBy::Operator);
            let name = switched.owner.below(&zone.name).unwrap_or("@");
            let purpose = format!(
                "fail-over of {}: hagen-dns-switch {} {name} {}",
                switched.owner,
                zone.name,
                targets.join("|")
            );
            parts.script(Phase::Names, SetupScript { path, run, purpose });
        }
    }
}

#[cfg(test)]
mod tests;
