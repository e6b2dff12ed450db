//! VIP-1, VIP-2, NET-1, NAME-1: addresses and names that must not meet.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Findings;
use crate::problem::{Problem, Span};
use crate::topology::{Model, Network};

/// Ranges that the cluster uses inside, with the words for messages.
fn inner_ranges(model: &Model) -> Vec<(&'static str, IpNet, Span)> {
    let mut ranges = vec![];
    if let Some(k) = &model.kubernetes {
        ranges.push(("kubernetes.podSubnet", k.spec.pod_subnet.value, k.spec.pod_subnet.span));
        ranges.push(("kubernetes.serviceSubnet", k.spec.service_subnet.value, k.spec.service_subnet.span));
    }
    if let Some(dce) = &model.dce {
        let network = &dce.spec.network;
        ranges.push(("dce.network.clusterCidr", network.cluster_cidr.value, network.cluster_cidr.span));
        ranges.push(("dce.network.serviceCidr", network.service_cidr.value, network.service_cidr.span));
    }
    ranges
}

fn overlap(a: &IpNet, b: &IpNet) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}

/// Why an address of a network cannot be a host's, if so.
fn unusable(network: &Network, address: IpAddr) -> Option<&'static str> {
    let subnet = &network.subnet;
    let wide = subnet.max_prefix_len() - subnet.prefix_len() >= 2;
    if wide && address == subnet.network() {
        return Some("the network's own address");
    }
    if wide && address.is_ipv4() && address == subnet.broadcast() {
        return Some("the broadcast address");
    }
    (network.gateway == Some(address)).then_some("the gateway's address")
}

pub(super) fn vip_1(model: &Model, f: &mut Findings) {
    let mut seen = BTreeMap::<IpAddr, Span>::new();
    for vip in model.vips.values() {
        let (address, span) = (vip.address, vip.address_span);
        let mut wrong = |message: String, help: String, see: Option<(Span, String)>| {
            let mut problem = Problem::error("VIP-1", span, message).help(help);
            problem.related.extend(see);
            f.push(&vip.name, problem);
        };
        for member in &vip.members {
            let Some(network) = model.node(&member.node).and_then(|n| model.networks.get(&n.network)) else {
                continue;
            };
            if network.subnet.contains(&address) {
                continue;
            }
            let message =
                format!("the VIP {address} is outside {}, the network of `{}`", network.subnet, member.node);
            let help = format!("take a free address of {}", network.subnet);
            wrong(message, help, Some((network.span, "the network".into())));
            break;
        }
        let idle = "take an address that nothing uses";
        if let Some(node) = model
            .nodes
            .values()
            .find(|n| n.address == address || n.addresses.iter().any(|a| a.addr() == address))
        {
            let message = format!("the VIP {address} is the address of the node `{}`", node.name);
            wrong(message, idle.into(), Some((node.address_span, "the node".into())));
        }
        let network = vip.network.as_ref().and_then(|n| model.networks.get(n));
        if let Some(reason) = network.and_then(|n| unusable(n, address)) {
            wrong(format!("the VIP {address} is {reason}"), idle.into(), None);
        }
        if let Some((what, range, at)) =
            inner_ranges(model).into_iter().find(|(_, r, _)| r.contains(&address))
        {
            let message = format!("the VIP {address} is inside {what} {range}");
            wrong(message, "take an address of the nodes' network".into(), Some((at, "this range".into())));
        }
        if let Some(first) = seen.insert(address, span) {
            wrong(
                format!("the VIP {address} is used twice"),
                "one address, one VIP: add the service to the first".into(),
                Some((first, "first here".into())),
            );
        }
    }
}

pub(super) fn vip_2(model: &Model, f: &mut Findings) {
    for vip in model.vips.values() {
        let network = vip.network.as_ref().and_then(|n| model.networks.get(n));
        if network.is_some_and(|n| n.checks_source_address) {
            let message = format!("the platform below must let {} use the VIP {}", names(vip), vip.address);
            let help = "reserve the address in the platform's IPAM, and allow it as an address pair, or switch the source check off, on these machines";
            f.push(&vip.name, Problem::note("VIP-2", vip.address_span, message).help(help));
        }
    }
}

fn names(vip: &crate::topology::Vip) -> String {
    vip.members.iter().map(|m| format!("`{}`", m.node)).collect::<Vec<_>>().join(", ")
}

pub(super) fn net_1(model: &Model, f: &mut Findings) {
    let networks = model.networks.values().map(|n| (n.name.as_str(), n.subnet, n.span));
    let mut ranges: Vec<(&str, IpNet, Span)> = networks.chain(inner_ranges(model)).collect();
    // DCE brings its own Kubernetes, so that its ranges and those of `kubernetes` would be two clusters.
    ranges.sort_by_key(|(_, _, span)| *span);
    for (at, (name, range, span)) in ranges.iter().enumerate() {
        for (earlier, other, first) in &ranges[..at] {
            if overlap(range, other) {
                // Two defaults overlap only where both sections are there; the name says it then.
                let span = if *span == Span::default() { *first } else { *span };
                let message = format!("`{name}` {range} and `{earlier}` {other} overlap");
                let problem = Problem::error("NET-1", span, message).see(*first, "the other range");
                f.push(
                    name,
                    problem.help("take ranges that share no address; packets would go to the wrong one"),
                );
            }
        }
    }
    let mut seen = BTreeMap::<IpAddr, (&str, Span)>::new();
    for node in model.nodes.values() {
        if let Some((other, first)) = seen.insert(node.address, (node.name.as_str(), node.address_span)) {
            let message = format!("`{}` and `{other}` have the same address {}", node.name, node.address);
            let problem = Problem::error("NET-1", node.address_span, message).see(first, "first here");
            f.push(&node.name, problem.help("every node has its own address"));
        }
        let network = model.networks.get(&node.network);
        if let Some(reason) = network.and_then(|n| unusable(n, node.address)) {
            let message = format!("the address {} of `{}` is {reason}", node.address, node.name);
            f.push(
                &node.name,
                Problem::error("NET-1", node.address_span, message).help("take another address"),
            );
        }
    }
    for network in model.networks.values() {
        if let Some(gateway) = network.gateway.filter(|g| !network.subnet.contains(g)) {
            let message = format!("the gateway {gateway} is outside {}", network.subnet);
            f.push(
                &network.name,
                Problem::error("NET-1", network.span, message).help("a router of the network itself"),
            );
        }
    }
}

pub(super) fn net_2(model: &Model, f: &mut Findings) {
    let Some(k) = &model.kubernetes else { return };
    let Some(first) = k.control_planes.first().and_then(|n| model.node(n)) else { return };
    for (what, range) in [("podSubnet", &k.spec.pod_subnet), ("serviceSubnet", &k.spec.service_subnet)] {
        if range.addr().is_ipv4() == first.address.is_ipv4() {
            continue;
        }
        let span = if range.span == Span::default() { k.spec.version.span } else { range.span };
        let message = format!(
            "{what} {} and the address {} of `{}` are of two families",
            range.value, first.address, first.name
        );
        let help =
            format!("give `{what}` a range of the nodes' family: the apiserver refuses to start otherwise");
        f.push("kubernetes", Problem::error("NET-2", span, message).help(help));
    }
}

pub(super) fn name_1(model: &Model, f: &mut Findings) {
    for node in model.nodes.values() {
        if matches!(node.name.as_str(), "localhost" | "localhost4" | "localhost6" | "broadcasthost") {
            let message = format!("`{}` cannot be a host name", node.name);
            f.push(
                &node.name,
                Problem::error("NAME-1", node.span, message).help("name the machine, such as `node-1`"),
            );
        }
    }
    let mut macs = BTreeMap::new();
    for node in model.nodes.values() {
        let Some(mac) = &node.mac else { continue };
        if let Some((other, first)) = macs.insert(mac, (&node.name, node.span)) {
            let message = format!("`{}` and `{other}` have the same MAC address {mac}", node.name);
            let problem = Problem::error("NAME-1", node.span, message).see(first, "first here");
            f.push(&node.name, problem.help("read the address off each machine: `ip link`"));
        }
    }
    let mut uuids = BTreeMap::new();
    for node in model.nodes.values() {
        let Some(uuid) = &node.host_uuid else { continue };
        if let Some((other, first)) = uuids.insert(uuid, (&node.name, node.span)) {
            let message = format!("`{}` and `{other}` have the same host UUID", node.name);
            let problem = Problem::error("NAME-1", node.span, message).see(first, "first here");
            f.push(
                &node.name,
                problem.help("every host has its own; a copied UUID makes Rainbond take both for one"),
            );
        }
    }
}
