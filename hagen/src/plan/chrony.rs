//! Time on one node: whom it asks, and whether it gives time to others.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::Input;
use super::activation::{OnChange, Parts, Phase, UnitAction};
use super::named::DnsName;
use crate::os::{ChronyPaths, Component};

/// chrony on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chrony {
    /// Where this system keeps chrony's files.
    pub paths: ChronyPaths,
    /// Sources to ask, in the document's order; never the node itself. A burst of questions at the start
    /// sets the clock within seconds (`iburst`, `chrony.conf(5)`).
    pub servers: Vec<TimeHost>,
    /// What the node gives to others; none on a node that only asks.
    pub serving: Option<TimeService>,
}

/// A time source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum TimeHost {
    /// By address: works before and without DNS.
    Address(IpAddr),
    /// By name.
    Name(DnsName),
}

impl fmt::Display for TimeHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Name(name) => write!(f, "{name}"),
        }
    }
}

/// The part of a node that serves time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeService {
    /// Networks that may ask; never empty.
    pub clients: Vec<IpNet>,
    /// The stratum that the node claims when it has no source itself, 1 to 15: far from a real clock,
    /// so that any real source wins.
    pub local_stratum: u8,
    /// Other nodes of the cluster serve time too: without a real source all follow one of them, the
    /// one with the smallest reference id (`orphan`), instead of drifting apart.
    pub orphan: bool,
}

impl TimeService {
    /// The usual stratum of a server without a source.
    pub const LOCAL_STRATUM: u8 = 10;
}

/// Time of the node; nothing when the document names no source.
pub fn decide(input: &Input) -> Option<Chrony> {
    let (topology, node) = (input.topology, input.node);
    if topology.time.servers.is_empty() {
        return None;
    }
    let is_self = |host: &TimeHost| match host {
        TimeHost::Address(address) => *address == node.address,
        TimeHost::Name(name) => name.as_str() == node.name.as_str(),
    };
    let host = |text: &str| {
        let text = text.strip_suffix(" iburst").unwrap_or(text);
        // A node is asked by its address: that works before name servers do.
        let known = topology.nodes.values().find(|known| known.name.as_str() == text);
        match known.map(|node| node.address).or_else(|| text.parse().ok()) {
            Some(address) => Some(TimeHost::Address(address)),
            None => text.to_ascii_lowercase().parse().ok().map(TimeHost::Name),
        }
    };
    let servers = topology.time.servers.iter().filter_map(|server| host(server.as_str()));
    let serving = topology.time.serving.contains(&node.name).then(|| TimeService {
        clients: topology.networks.values().map(|network| network.subnet).collect(),
        local_stratum: TimeService::LOCAL_STRATUM,
        orphan: topology.time.serving.len() > 1,
    });
    let paths = node.os.paths().chrony.clone();
    Some(Chrony { paths, servers: servers.filter(|host| !is_self(host)).collect(), serving })
}

/// Package and unit.
pub fn activate(chrony: &Chrony, input: &Input, parts: &mut Parts) {
    let os = input.node.os;
    parts.packages(os.packages(Component::Chrony));
    // `-p` came with chrony 4.0; an older one would take it for a mistake.
    let check = if os.has_version(Component::Chrony, (4, 0)) {
        ["chronyd", "-p", "-f", &chrony.paths.config].map(str::to_owned).to_vec()
    } else {
        Vec::new()
    };
    let reads = vec![chrony.paths.config.clone()];
    if let Some(name) = os.unit(Component::Chrony).map(str::to_owned) {
        parts.unit(Phase::Time, UnitAction { name, on_change: OnChange::Restart, reads, check });
    }
}
