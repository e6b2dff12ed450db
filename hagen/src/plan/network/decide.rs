//! Topology → the node's interfaces.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{APPLY_PATH, Link, LinkKind, Network, Route};
use crate::os::{Component, NetworkStyle, Resolver};
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, RunBy, SetupScript, UnitAction};
use crate::plan::named::DnsName;
use crate::plan::resolv;
use crate::spec::InterfaceName;

/// The interfaces that the document describes.
///
/// A Cloudpods host gets no bridge here: its agent makes `br0` itself (with Open vSwitch), refuses one
/// that it did not make ("exists, but not created by this driver"), and takes the address over from a
/// card that must have it.
pub fn decide(input: &Input) -> Option<Network> {
    let node = input.node;
    let mut links: BTreeMap<InterfaceName, Link> = BTreeMap::new();
    let main = Link {
        name: node.interface.clone(),
        kind: LinkKind::Ethernet { mac: node.mac.clone() },
        mtu_bytes: node.mtu,
        addresses: std::iter::once(node.cidr()).chain(node.addresses.iter().copied()).collect(),
        routes: node.gateway.map(default_route).into_iter().collect(),
    };
    links.insert(main.name.clone(), main);
    for (name, interface) in &node.interfaces {
        let addresses: Vec<IpNet> = interface.addresses.iter().map(|address| address.value).collect();
        let (mac, mtu) = (interface.mac.clone(), interface.mtu);
        let link = links.entry(name.clone()).or_insert_with(|| Link {
            name: name.clone(),
            kind: LinkKind::Ethernet { mac: None },
            mtu_bytes: mtu.unwrap_or(1500),
            addresses: Vec::new(),
            routes: Vec::new(),
        });
        // The interface of the node's address may be described a second time; the words are added up.
        if let (LinkKind::Ethernet { mac: found }, Some(mac)) = (&mut link.kind, mac) {
            *found = Some(mac);
        }
        link.mtu_bytes = mtu.unwrap_or(link.mtu_bytes);
        link.addresses.extend(addresses);
    }
    for link in links.values_mut() {
        let mut seen = std::collections::BTreeSet::new();
        link.addresses.retain(|address| seen.insert(address.addr()));
    }
    Some(Network {
        style: node.os.network(),
        links: links.into_values().collect(),
        servers: resolv::servers_of(input),
        search: input.topology.resolvers.search.iter().map(DnsName::from).collect(),
    })
}

fn default_route(via: IpAddr) -> Route {
    // A prefix of length 0 exists in both families.
    let to = IpNet::new(via, 0).unwrap_or_else(|_| IpNet::from(via)).trunc();
    Route { to, via }
}

/// The files are laid, but a node that serves is not cut off by them: they count from the next boot, or
/// when the operator says so.
pub fn activate(network: &Network, input: &Input, parts: &mut Parts) {
    if network.style == NetworkStyle::Netplan {
        parts.packages(input.node.os.packages(Component::Netplan));
    }
    if input.node.os.resolver() == Resolver::NetworkManager {
        parts.unit(
            Phase::Network,
            UnitAction {
                name: "NetworkManager.service".to_owned(),
                on_change: OnChange::Reload,
                reads: Vec::new(),
                check: Vec::new(),
            },
        );
    }
    parts.script(
        Phase::Network,
        SetupScript {
            path: APPLY_PATH.to_owned(),
            run: RunBy::Operator,
            purpose: "puts changed interfaces into force before the next boot; connections may break"
                .to_owned(),
        },
    );
}

#[cfg(test)]
mod tests;
