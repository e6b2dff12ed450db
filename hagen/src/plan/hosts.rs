//! The block that hagen manages in `/etc/hosts`: the nodes by name, and nothing that a DNS zone serves.
//!
//! Other tools write to the same file (kubespray, the DCE installer, an operator), so only the block is
//! replaced, never the file.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

use super::Input;
use super::activation::{OnChange, Parts, Phase, UnitAction};
use super::named::DnsName;
use super::rainbond;

/// Puts the block into `/etc/hosts`; runs at every boot and when a bundle is applied.
pub const SCRIPT_PATH: &str = "/usr/local/sbin/hagen-hosts";

/// The unit that runs it.
pub const UNIT: &str = "hagen-hosts.service";

/// The block, without its marks.
pub const BLOCK_PATH: &str = "/etc/hagen/hosts";

/// Zones whose names must not stand in `/etc/hosts`, one in a line.
pub const ZONES_PATH: &str = "/etc/hagen/hosts-not";

/// The managed block of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hosts {
    /// The lines, in order.
    pub entries: Vec<HostEntry>,
    /// Zones, of the cluster or of others, whose names must not stand anywhere in the file.
    pub served_zones: BTreeSet<DnsName>,
}

/// One line of the block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostEntry {
    /// The address; never a loopback one.
    pub address: IpAddr,
    /// Its names, the canonical one first; never empty.
    pub names: Vec<HostName>,
}

/// Why a set of entries is not a block.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HostsProblem {
    /// The switch of a DNS record would not reach a node that has the name in its own file.
    #[error("`{name}` belongs to the DNS zone `{zone}` and must not stand in /etc/hosts")]
    ServedByDns {
        /// The name.
        name: HostName,
        /// The zone.
        zone: DnsName,
    },
    /// A name of a node that would mean another machine on each node.
    #[error("`{0}` would point to a loopback address")]
    Loopback(HostName),
    /// A name stands for two addresses of one family.
    #[error("`{0}` has two addresses of the same family")]
    Ambiguous(HostName),
    /// An address without a name.
    #[error("{0} has no name")]
    Nameless(IpAddr),
}

/// A name in `/etc/hosts`: 1 to 253 letters, digits and `._-`. Other tools look up names there that are no
/// host names, such as Rainbond's host UUIDs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostName(String);

/// A text that is no name in `/etc/hosts`.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a name of 1 to 253 letters, digits and `._-`")]
pub struct HostNameError(String);

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if !(1..=253).contains(&text.len()) || !text.bytes().all(plain) {
            return Err(HostNameError(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl HostName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is a zone or in it; names are compared without case (RFC 4343).
    pub fn is_within(&self, zone: &DnsName) -> bool {
        self.0.to_ascii_lowercase().parse::<DnsName>().is_ok_and(|name| name.is_within(zone))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for HostName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Hosts {
    /// Everything that is wrong with the block; nothing for a sound document.
    pub fn problems(&self) -> Vec<HostsProblem> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for HostEntry { address, names } in &self.entries {
            if names.is_empty() {
                problems.push(HostsProblem::Nameless(*address));
            }
            for name in names {
                if address.is_loopback() {
                    problems.push(HostsProblem::Loopback(name.clone()));
                }
                if !seen.insert((name, address.is_ipv4())) {
                    problems.push(HostsProblem::Ambiguous(name.clone()));
                }
                if let Some(zone) = self.served_zones.iter().find(|zone| name.is_within(zone)) {
                    problems.push(HostsProblem::ServedByDns { name: name.clone(), zone: zone.clone() });
                }
            }
        }
        problems
    }
}

/// The node itself, and with `dns.hosts` all nodes and names that no zone serves.
pub fn decide(input: &Input) -> Option<Hosts> {
    let (topology, node) = (input.topology, input.node);
    let mut served_zones: BTreeSet<DnsName> = topology.zones.keys().map(DnsName::from).collect();
    // The bootstrap name is switched, even where no zone of the document serves it.
    served_zones.extend(topology.dce.as_ref().map(|dce| DnsName::from(&dce.domain)));
    let mut names: Vec<(IpAddr, String)> = vec![(node.address, node.name.to_string())];
    if topology.resolvers.hosts {
        names.extend(topology.nodes.values().map(|node| (node.address, node.name.to_string())));
        names.extend(endpoint(input));
        let rainbond = rainbond::host_names(topology);
        names.extend(
            rainbond.into_iter().flat_map(|(address, names)| names.into_iter().map(move |n| (address, n))),
        );
        let extra = &topology.document.dns.extra_hosts;
        names.extend(extra.iter().map(|(name, address)| (address.value, name.to_string())));
    }
    let mut entries: Vec<HostEntry> = Vec::new();
    let mut seen = BTreeSet::new();
    for (address, name) in names {
        // What is no name, or what DNS serves, is left to the rules to tell; it never gets here.
        let Ok(name) = name.parse::<HostName>() else { continue };
        let served = served_zones.iter().any(|zone| name.is_within(zone));
        if served || !seen.insert((name.clone(), address.is_ipv4())) {
            continue;
        }
        match entries.iter_mut().find(|entry| entry.address == address) {
            Some(entry) => entry.names.push(name),
            None => entries.push(HostEntry { address, names: vec![name] }),
        }
    }
    // The nodes in the order of their addresses; the node itself stands where it belongs.
    entries.sort_by_key(|entry| entry.address);
    Some(Hosts { entries, served_zones })
}

/// The name of the Kubernetes endpoint, where it is one: nodes must reach it before any DNS does.
fn endpoint(input: &Input) -> Option<(IpAddr, String)> {
    let kubernetes = input.topology.kubernetes.as_ref()?;
    let vip = input.topology.vips.get(kubernetes.vip.as_ref()?)?;
    let host = &kubernetes.endpoint_host;
    (host.parse::<IpAddr>().is_err()).then(|| (vip.address, host.clone()))
}

/// The block is put into the file before anything looks names up.
pub fn activate(_: &Hosts, _: &Input, parts: &mut Parts) {
    let reads = [BLOCK_PATH, ZONES_PATH].map(str::to_owned).to_vec();
    let unit = UnitAction { name: UNIT.to_owned(), on_change: OnChange::Restart, reads, check: Vec::new() };
    parts.unit(Phase::Network, unit);
}
