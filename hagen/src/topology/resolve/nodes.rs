//! Networks, nodes, time, name servers, shipped files.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Resolver, having};
use crate::os::Os;
use crate::spec::{Document, Name, NtpServer, Role, fixed};
use crate::topology::{Network, Node, OfflineFile, Resolvers, Time};
use crate::yaml::{Spanned, nearest};

pub(super) fn networks(document: &Document, r: &mut Resolver) -> BTreeMap<Name, Network> {
    let mut networks = BTreeMap::new();
    for (name, spec) in &document.networks {
        let subnet = spec.subnet.value;
        if subnet.trunc() != subnet {
            let message = format!("`{subnet}` is an address in a network, not the network");
            r.error("NET-1", spec.subnet.span, message, format!("write `{}`", subnet.trunc()));
        }
        if !(1280..=9216).contains(&spec.mtu) {
            let message = format!("an mtu of {} is not in 1280..=9216", spec.mtu);
            r.error("DOC-4", name.span, message, "1500 is the usual one, 9000 for jumbo frames");
        }
        let network = Network {
            name: name.value.clone(),
            subnet: subnet.trunc(),
            span: spec.subnet.span,
            gateway: spec.gateway.as_deref().copied(),
            mtu: spec.mtu,
            reserved_virtual_router_ids: spec.reserved_virtual_router_ids.clone(),
            checks_source_address: spec.checks_source_address,
        };
        networks.insert(name.value.clone(), network);
    }
    networks
}

pub(super) fn nodes(
    document: &Document,
    networks: &BTreeMap<Name, Network>,
    r: &mut Resolver,
) -> BTreeMap<Name, Node> {
    if document.nodes.is_empty() {
        r.error("REF-1", crate::spec::NOWHERE, "the document has no nodes", "add `nodes:` with at least one");
    }
    let mut nodes = BTreeMap::new();
    for (name, spec) in &document.nodes {
        let os_name = spec.os.as_ref().unwrap_or(&document.defaults.os);
        let os = Os::builtin(os_name.as_str());
        if os.is_none() {
            let help = match nearest(os_name.as_str(), Os::ids()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known: {}", Os::ids().collect::<Vec<_>>().join(", ")),
            };
            r.error("REF-1", os_name.span, format!("there is no image `{os_name}`"), help);
        }
        let interface = spec.interface.as_ref().or(document.defaults.interface.as_ref());
        if interface.is_none() {
            let message = format!("nothing says which interface carries the address of `{name}`");
            r.error(
                "VRRP-8",
                name.span,
                message,
                "add `interface:` to the node or to `defaults`, and `mac:` where names are not known",
            );
        }
        let address = spec.address.value;
        let network = networks.values().find(|n| n.subnet.contains(&address));
        if network.is_none() {
            let message = format!("the address {address} of `{name}` is in none of `networks`");
            r.error("NET-1", spec.address.span, message, "correct the address, or add its network");
        }
        let bridge = spec.roles.iter().any(|role| role.value == Role::Host);
        let bridge = document.cloudpods.as_ref().filter(|_| bridge).map(|c| c.bridge.clone());
        let mut roles = BTreeSet::new();
        for role in &spec.roles {
            if !roles.insert(role.value) {
                r.error("DOC-3", role.span, format!("the role `{role}` stands twice"), "keep one of the two");
            }
        }
        // A faulty node stays, with stand-ins: what names it is not wrong too. No topology comes of it,
        // for each fault above is an error.
        let Some(os) = os.or_else(|| Os::ids().next().and_then(Os::builtin)) else { continue };
        let node = Node {
            name: name.value.clone(),
            span: name.span,
            address,
            address_span: spec.address.span,
            network: network.map_or_else(|| fixed("unknown"), |n| n.name.clone()),
            prefix_len: network.map_or(if address.is_ipv4() { 32 } else { 128 }, |n| n.subnet.prefix_len()),
            gateway: network.and_then(|n| n.gateway),
            mtu: network.map_or(1500, |n| n.mtu),
            addresses: spec.addresses.iter().map(|a| a.value).collect(),
            interface: interface.map_or_else(|| fixed("unknown"), |i| i.value.clone()),
            mac: spec.mac.as_ref().map(|m| m.value.clone()),
            bridge,
            interfaces: spec.interfaces.iter().map(|(k, v)| (k.value.clone(), v.clone())).collect(),
            roles,
            os,
            ssh: spec.ssh.clone().unwrap_or_else(|| document.defaults.ssh.clone()),
            labels: spec.labels.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
            taints: spec.taints.clone(),
            host_uuid: spec.host_uuid.as_ref().map(|u| u.value.clone()),
        };
        nodes.insert(name.value.clone(), node);
    }
    nodes
}

/// The host of a time source, without options.
pub(super) fn ntp_host(server: &NtpServer) -> &str {
    server.as_str().strip_suffix(" iburst").unwrap_or(server.as_str())
}

pub(super) fn time(document: &Document, nodes: &BTreeMap<Name, Node>) -> Time {
    let servers: Vec<NtpServer> = document.ntp.iter().map(|s| s.value.clone()).collect();
    let is_source = |node: &&Node| {
        servers.iter().any(|s| ntp_host(s) == node.name.as_str() || ntp_host(s).parse() == Ok(node.address))
    };
    let serving = nodes.values().filter(is_source).map(|n| n.name.clone()).collect();
    Time { servers, serving }
}

pub(super) fn resolvers(document: &Document, nodes: &BTreeMap<Name, Node>) -> Resolvers {
    let spec = &document.dns;
    let mut servers: Vec<IpAddr> = spec.servers.iter().map(|s| s.value).collect();
    if servers.is_empty() {
        servers = having(nodes, Role::Dns).iter().filter_map(|n| nodes.get(n)).map(|n| n.address).collect();
    }
    Resolvers {
        servers,
        search: spec.search.clone(),
        forwarders: spec.forwarders.iter().map(|s| s.value).collect(),
        hosts: spec.hosts,
    }
}

pub(super) fn offline(
    document: &Document,
    nodes: &BTreeMap<Name, Node>,
    r: &mut Resolver,
) -> Vec<OfflineFile> {
    let mut files = vec![];
    for spec in &document.offline.files {
        let selected = match &spec.nodes {
            Some(selector) => {
                let selector = Spanned { value: selector.clone(), span: spec.source.span };
                r.select(&selector, nodes).into_iter().map(|(n, _)| n.name.clone()).collect()
            }
            None => nodes.keys().cloned().collect(),
        };
        files.push(OfflineFile {
            source: spec.source.to_string(),
            span: spec.source.span,
            target: spec.target.as_ref().map(|t| t.value.clone()),
            nodes: selected,
        });
    }
    files
}
