//! The interfaces of one node: names, addresses, routes, bridges and VLANs, whatever writes them down.
//!
//! All addresses are static. Nothing here knows netplan, NetworkManager or cloud-init: they are three
//! spellings of this one decision.

mod decide;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;
use thiserror::Error;

pub use decide::{activate, decide};

use super::named::DnsName;
use crate::os::NetworkStyle;
use crate::spec::{InterfaceName, Mac};

/// Puts the files into force without a boot.
pub const APPLY_PATH: &str = "/usr/local/sbin/hagen-network-apply";

/// The interfaces of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// What writes the interfaces down on this node.
    pub style: NetworkStyle,
    /// The interfaces.
    pub links: Vec<Link>,
    /// Name servers, for the spellings that carry them.
    pub servers: Vec<IpAddr>,
    /// Search domains, for the spellings that carry them.
    pub search: Vec<DnsName>,
}

/// One interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Its name; an Ethernet interface with a known MAC address gets this name.
    pub name: InterfaceName,
    /// What it is.
    pub kind: LinkKind,
    /// Largest packet in bytes, 1280 (the least for IPv6, RFC 8200 §5) to 9216.
    pub mtu_bytes: u16,
    /// Addresses with the prefix of their subnet, the main one first.
    pub addresses: Vec<IpNet>,
    /// Routes through this interface.
    pub routes: Vec<Route>,
}

/// What an interface is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum LinkKind {
    /// A network card.
    Ethernet {
        /// By which it is found, where names are not reliable.
        mac: Option<Mac>,
    },
    /// A bridge without spanning tree.
    Bridge {
        /// Its own hardware address: the one of its port, because platforms that check source addresses
        /// know no other.
        mac: Option<Mac>,
        /// Network cards that are its ports; they carry no addresses.
        ports: Vec<InterfaceName>,
    },
    /// A VLAN on top of another interface.
    Vlan {
        /// 1 to 4094 (IEEE 802.1Q).
        id: u16,
        /// The interface below.
        parent: InterfaceName,
    },
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Where to; the default route is `0.0.0.0/0` or `::/0`.
    pub to: IpNet,
    /// The router, in a subnet of the interface.
    pub via: IpAddr,
}

impl Route {
    /// Whether this is a default route.
    pub fn is_default(&self) -> bool {
        self.to.prefix_len() == 0
    }
}

/// Why a set of interfaces cannot be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NetworkProblem {
    /// Two interfaces of one name.
    #[error("the interface `{0}` is there twice")]
    Duplicate(InterfaceName),
    /// A port or parent that is not an interface of the node, or of the wrong kind.
    #[error("`{link}` needs `{missing}`, which is not a network card of the node")]
    Missing {
        /// The bridge or VLAN.
        link: InterfaceName,
        /// What it needs.
        missing: InterfaceName,
    },
    /// A port of a bridge with an address of its own, or of two bridges.
    #[error("`{0}` is the port of a bridge and has an address, a route or another bridge")]
    BusyPort(InterfaceName),
    /// An address twice on the node.
    #[error("the address {0} is there twice")]
    DuplicateAddress(IpAddr),
    /// The router of a route cannot be reached through the interface.
    #[error("the router {via} is in no subnet of `{link}`")]
    Unreachable {
        /// The interface.
        link: InterfaceName,
        /// The router.
        via: IpAddr,
    },
    /// More than one default route of a family: which one holds would depend on the order of events.
    #[error("two default routes of one family")]
    Defaults,
    /// A VLAN id outside 1 to 4094.
    #[error("`{link}` has VLAN id {id}; 1 to 4094 are allowed")]
    VlanId {
        /// The interface.
        link: InterfaceName,
        /// The id.
        id: u16,
    },
    /// An interface lets larger packets through than the one below.
    #[error("`{link}` has a larger MTU than `{below}` below it")]
    Mtu {
        /// The upper interface.
        link: InterfaceName,
        /// The lower one.
        below: InterfaceName,
    },
    /// An MTU outside the range.
    #[error("`{link}` has an MTU of {bytes} bytes; 1280 to 9216 are allowed")]
    MtuRange {
        /// The interface.
        link: InterfaceName,
        /// The size.
        bytes: u16,
    },
}

impl Network {
    /// Everything that is wrong with the interfaces; nothing for a sound node.
    pub fn problems(&self) -> Vec<NetworkProblem> {
        problems(&self.links)
    }

    /// The bridge that an interface is a port of.
    pub fn bridge_of(&self, port: &InterfaceName) -> Option<&Link> {
        self.links
            .iter()
            .find(|link| link.lower().contains(&port) && matches!(link.kind, LinkKind::Bridge { .. }))
    }
}

impl Link {
    /// The interfaces that this one stands on.
    fn lower(&self) -> Vec<&InterfaceName> {
        match &self.kind {
            LinkKind::Ethernet { .. } => Vec::new(),
            LinkKind::Bridge { ports, .. } => ports.iter().collect(),
            LinkKind::Vlan { parent, .. } => vec![parent],
        }
    }

    /// The default route of a family through this interface.
    pub fn default_router(&self, v4: bool) -> Option<IpAddr> {
        self.routes.iter().find(|route| route.is_default() && route.to.addr().is_ipv4() == v4).map(|r| r.via)
    }

    /// Routes other than the default ones.
    pub fn other_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().filter(|route| !route.is_default())
    }
}

fn problems(links: &[Link]) -> Vec<NetworkProblem> {
    let mut problems = Vec::new();
    let mut by_name: BTreeMap<&InterfaceName, &Link> = BTreeMap::new();
    for link in links {
        if by_name.insert(&link.name, link).is_some() {
            problems.push(NetworkProblem::Duplicate(link.name.clone()));
        }
    }
    let mut addresses = BTreeSet::new();
    let mut ports = BTreeSet::new();
    let mut defaults = [0; 2];
    for link in links {
        let bridge = matches!(link.kind, LinkKind::Bridge { .. });
        for lower in link.lower() {
            match by_name.get(lower) {
                // A VLAN may stand on a bridge, a bridge only on network cards.
                Some(below)
                    if matches!(below.kind, LinkKind::Ethernet { .. })
                        || (!bridge && below.name != link.name) =>
                {
                    if below.mtu_bytes < link.mtu_bytes {
                        let (link, below) = (link.name.clone(), below.name.clone());
                        problems.push(NetworkProblem::Mtu { link, below });
                    }
                    let busy = !below.addresses.is_empty() || !below.routes.is_empty();
                    if bridge && (busy || !ports.insert(lower)) {
                        problems.push(NetworkProblem::BusyPort(lower.clone()));
                    }
                }
                _ => {
                    problems.push(NetworkProblem::Missing { link: link.name.clone(), missing: lower.clone() })
                }
            }
        }
        if let LinkKind::Vlan { id, .. } = link.kind
            && !(1..=4094).contains(&id)
        {
            problems.push(NetworkProblem::VlanId { link: link.name.clone(), id });
        }
        if !(1280..=9216).contains(&link.mtu_bytes) {
            problems.push(NetworkProblem::MtuRange { link: link.name.clone(), bytes: link.mtu_bytes });
        }
        for address in &link.addresses {
            if !addresses.insert(address.addr()) {
                problems.push(NetworkProblem::DuplicateAddress(address.addr()));
            }
        }
        for route in &link.routes {
            defaults[usize::from(route.via.is_ipv4())] += usize::from(route.is_default());
            // An IPv6 router is often named by its link-local address, which is on every link with IPv6.
            let v6 = link.addresses.iter().any(|address| address.addr().is_ipv6());
            let link_local = v6 && matches!(route.via, IpAddr::V6(via) if via.is_unicast_link_local());
            if !link_local && !link.addresses.iter().any(|address| address.contains(&route.via)) {
                problems.push(NetworkProblem::Unreachable { link: link.name.clone(), via: route.via });
            }
        }
    }
    if defaults.iter().any(|&count| count > 1) {
        problems.push(NetworkProblem::Defaults);
    }
    problems
}

#[cfg(test)]
mod tests;
