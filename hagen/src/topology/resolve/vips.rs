//! VIPs, their members with priorities, and their services with backends.

use std::collections::BTreeMap;

use super::Resolver;
use crate::spec::{self, Document, Name, Port};
use crate::topology::{Backend, Network, Node, Service, Vip, VipMember};
use crate::yaml::Spanned;

/// Priority of the most preferred member where the document gives none.
const PRIORITY_FIRST: u8 = 200;
/// Difference between two members where the document gives none: room for a priority drop.
const PRIORITY_STEP: u8 = 10;
/// Weight of a backend where the document gives none.
const WEIGHT_DEFAULT: u16 = 100;

pub(super) fn vips(
    document: &Document,
    networks: &BTreeMap<Name, Network>,
    nodes: &BTreeMap<Name, Node>,
    r: &mut Resolver,
) -> BTreeMap<Name, Vip> {
    let mut vips = BTreeMap::new();
    for (name, spec) in &document.vips {
        let selected = r.select(&spec.nodes, nodes);
        // Many members stand closer together, so that all priorities differ.
        let step = u8::try_from(usize::from(PRIORITY_FIRST) / selected.len().max(1))
            .unwrap_or(PRIORITY_STEP)
            .clamp(1, PRIORITY_STEP);
        let mut members = vec![];
        for (index, (node, span)) in selected.iter().enumerate() {
            let given = spec.vrrp.as_ref().and_then(|v| v.priorities.find(&node.name));
            let drop = step.saturating_mul(u8::try_from(index).unwrap_or(u8::MAX));
            members.push(VipMember {
                node: node.name.clone(),
                address: node.address,
                interface: spec
                    .interface
                    .as_ref()
                    .map_or_else(|| node.address_interface().clone(), |i| i.value.clone()),
                priority: given.map_or(PRIORITY_FIRST.saturating_sub(drop).max(1), |p| p.value),
                span: given.map_or(*span, |p| p.span),
            });
        }
        if let Some(vrrp) = &spec.vrrp {
            for (node, _) in &vrrp.priorities {
                if !members.iter().any(|m| m.node == node.value) {
                    let message = format!("a priority for `{node}`, which cannot carry the VIP `{name}`");
                    r.error("REF-1", node.span, message, "name a node of `nodes`, or remove the priority");
                }
            }
        } else if spec.owner.value.speaks_vrrp() {
            let message = format!("the VIP `{name}` has no `vrrp`");
            r.error(
                "VRID-1",
                name.span,
                message,
                "add `vrrp: {virtualRouterId: N}` with an id that is free in the network",
            );
        }
        members.sort_by_key(|m| std::cmp::Reverse(m.priority));
        let network = networks.values().find(|n| n.subnet.contains(&spec.address.value));
        let services = services(spec, &selected.iter().map(|(n, _)| *n).collect::<Vec<_>>(), nodes, r);
        let vip = Vip {
            name: name.value.clone(),
            span: name.span,
            address: spec.address.value,
            address_span: spec.address.span,
            network: network.map(|n| n.name.clone()),
            prefix_len: network
                .map_or(if spec.address.is_ipv4() { 32 } else { 128 }, |n| n.subnet.prefix_len()),
            members,
            owner: spec.owner.value,
            balancer: spec.balancer.value,
            deployment: spec.deployment.value,
            vrrp: spec.vrrp.clone(),
            services,
            max_connections: spec.max_connections,
        };
        vips.insert(name.value.clone(), vip);
    }
    vips
}

fn services(
    vip: &spec::Vip,
    carriers: &[&Node],
    nodes: &BTreeMap<Name, Node>,
    r: &mut Resolver,
) -> Vec<Service> {
    let mut services = vec![];
    for (name, spec) in &vip.services {
        let chosen: Vec<&Node> = match &spec.backends {
            Some(selector) => r.select(selector, nodes).into_iter().map(|(n, _)| n).collect(),
            None => carriers.to_vec(),
        };
        for (node, weight) in &spec.weights {
            if !chosen.iter().any(|n| n.name == node.value) {
                let message = format!("a weight for `{node}`, which is no backend of `{name}`");
                r.error("REF-1", node.span, message, "name a backend, or remove the weight");
            }
            if !(1..=256).contains(weight) {
                r.error("DOC-4", node.span, format!("weight {weight} is not in 1..=256"), "write 1 to 256");
            }
        }
        let preferred = spec.preferred.as_ref().filter(|p| {
            let known = chosen.iter().any(|n| n.name == p.value);
            if !known {
                r.error(
                    "REF-1",
                    p.span,
                    format!("the preferred node `{}` is no backend of `{name}`", p.value),
                    "name a backend",
                );
            }
            known
        });
        let port = backend_port(spec);
        let backend = |node: &&Node| Backend {
            node: node.name.clone(),
            address: node.address,
            port,
            weight: spec.weights.find(&node.name).copied().unwrap_or(WEIGHT_DEFAULT),
            backup: preferred.is_some_and(|p| p.value != node.name),
        };
        services.push(Service {
            name: name.value.clone(),
            span: name.span,
            port: spec.port.value,
            backends: chosen.iter().map(backend).collect(),
            spec: spec.clone(),
        });
    }
    services
}

fn backend_port(spec: &spec::Service) -> Port {
    spec.backend_port.as_ref().map_or(spec.port.value, |p: &Spanned<Port>| p.value)
}
