//! Zones and records.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Resolver, having};
use crate::spec::{self, Document, DomainName, Name, Role};
use crate::topology::{Candidate, Node, Record, Target, Vip, Zone};
use crate::yaml::Spanned;

pub(super) fn zones(
    document: &Document,
    nodes: &BTreeMap<Name, Node>,
    vips: &BTreeMap<Name, Vip>,
    r: &mut Resolver,
) -> BTreeMap<DomainName, Zone> {
    let servers = having(nodes, Role::Dns);
    // The first name of an address gets the PTR record, over all zones.
    let mut named = BTreeSet::<IpAddr>::new();
    let mut zones = BTreeMap::new();
    for (name, spec) in &document.zones {
        let primary = match &spec.primary {
            Some(primary) => r.follow("node", "nodes", primary, nodes).map(|n| n.name.clone()),
            None => servers.first().cloned(),
        };
        let secondaries = match &spec.secondaries {
            Some(list) => list
                .iter()
                .filter_map(|s| r.follow("node", "nodes", s, nodes))
                .map(|n| n.name.clone())
                .collect(),
            None => servers.iter().filter(|s| Some(*s) != primary.as_ref()).cloned().collect(),
        };
        if primary.is_none() && spec.primary.is_none() && !spec.external {
            let message = format!("no node serves the zone `{name}`");
            r.error(
                "DNS-2",
                name.span,
                message,
                "give a node the role `dns`, or write `external: true` for a zone of another name server",
            );
        }
        let mut records = vec![];
        for (record_name, record) in &spec.records {
            let Some((target, candidates)) = target(record, record_name.span, nodes, vips, r) else {
                continue;
            };
            let address = match target {
                Target::Address(address) => Some(address),
                Target::Cname(_) => None,
            };
            let wildcard = record_name.as_str().starts_with('*');
            let first = !wildcard && address.is_some_and(|a| !named.contains(&a));
            let ptr = spec.reverse && address.is_some() && record.ptr.as_ref().map_or(first, |p| p.value);
            if ptr && !spec.external {
                named.extend(address);
            }
            let switched = !candidates.is_empty();
            records.push(Record {
                name: record_name.value.clone(),
                span: record_name.span,
                target,
                candidates,
                ttl: record.ttl.unwrap_or(if switched { spec.switched_ttl.value } else { spec.ttl }),
                ptr,
            });
        }
        let zone = Zone {
            name: name.value.clone(),
            span: name.span,
            external: spec.external,
            primary: primary.filter(|_| !spec.external),
            secondaries: if spec.external { vec![] } else { secondaries },
            spec: spec.clone(),
            records,
        };
        zones.insert(name.value.clone(), zone);
    }
    zones
}

fn target(
    record: &spec::Record,
    span: crate::problem::Span,
    nodes: &BTreeMap<Name, Node>,
    vips: &BTreeMap<Name, Vip>,
    r: &mut Resolver,
) -> Option<(Target, Vec<Candidate>)> {
    let given = [
        record.address.is_some(),
        record.node.is_some(),
        record.vip.is_some(),
        record.cname.is_some(),
        record.switch.is_some(),
    ];
    if given.iter().filter(|g| **g).count() != 1 {
        let message = "a record points to exactly one of `address`, `node`, `vip`, `cname` and `switch`";
        r.error("DOC-4", span, message, "keep one of them");
        return None;
    }
    if let Some(active) = record.active.as_ref().filter(|_| record.switch.is_none()) {
        r.error(
            "DOC-4",
            active.span,
            "`active` without `switch`",
            "name the candidates: `switch: [original, standby]`",
        );
    }
    if let Some(address) = &record.address {
        return Some((Target::Address(address.value), vec![]));
    }
    if let Some(node) = &record.node {
        return r.follow("node", "nodes", node, nodes).map(|n| (Target::Address(n.address), vec![]));
    }
    if let Some(vip) = &record.vip {
        return r.follow("VIP", "vips", vip, vips).map(|v| (Target::Address(v.address), vec![]));
    }
    if let Some(cname) = &record.cname {
        return Some((Target::Cname(cname.value.clone()), vec![]));
    }
    let switch = record.switch.as_ref()?;
    let follow = |r: &mut Resolver, name: &Spanned<Name>| {
        r.follow("node", "nodes", name, nodes).map(|n| Candidate { node: n.name.clone(), address: n.address })
    };
    let candidates: Vec<Candidate> = switch.iter().filter_map(|name| follow(r, name)).collect();
    if switch.len() < 2 {
        r.error(
            "DOC-4",
            span,
            "a switched record has at least two candidates",
            "write `node: NAME` for a record with one",
        );
    }
    let active = match &record.active {
        Some(active) => {
            let found = candidates.iter().find(|c| c.node == active.value);
            if found.is_none() {
                r.error(
                    "REF-1",
                    active.span,
                    format!("`{active}` is no candidate of this record"),
                    "name one of `switch`",
                );
            }
            // The record stays, so that what names it is not called wrong too.
            found.or(candidates.first())?
        }
        None => candidates.first()?,
    };
    Some((Target::Address(active.address), candidates.clone()))
}
