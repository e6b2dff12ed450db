//! The block that hagen manages in `/etc/hosts`: the nodes by name, and nothing that a DNS zone serves.
//!
//! Other tools write to the same file (kubespray, the DCE installer, an operator), so only the block is
//! replaced, never the file.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;
use thiserror::Error;

use super::named::DnsName;

/// The managed block of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hosts {
    entries: Vec<HostEntry>,
    served_zones: BTreeSet<DnsName>,
}

/// One line of the block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostEntry {
    /// The address; never a loopback one.
    pub address: IpAddr,
    /// Its names, the canonical one first; never empty.
    pub names: Vec<DnsName>,
}

/// Why a set of entries is not a block.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HostsProblem {
    /// The switch of a DNS record would not reach a node that has the name in its own file.
    #[error("`{name}` belongs to the DNS zone `{zone}` and must not stand in /etc/hosts")]
    ServedByDns {
        /// The name.
        name: DnsName,
        /// The zone.
        zone: DnsName,
    },
    /// A name of a node that would mean another machine on each node.
    #[error("`{0}` would point to a loopback address")]
    Loopback(DnsName),
    /// A name stands for two addresses of one family.
    #[error("`{0}` has two addresses of the same family")]
    Ambiguous(DnsName),
    /// An address without a name.
    #[error("{0} has no name")]
    Nameless(IpAddr),
}

impl Hosts {
    /// A block without names of the given zones, whether the cluster serves them or somebody else does.
    ///
    /// # Errors
    /// Everything that is wrong with the entries.
    pub fn new(entries: Vec<HostEntry>, served_zones: BTreeSet<DnsName>) -> Result<Self, Vec<HostsProblem>> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for HostEntry { address, names } in &entries {
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
                if let Some(zone) = served_zones.iter().find(|zone| name.is_within(zone)) {
                    problems.push(HostsProblem::ServedByDns { name: name.clone(), zone: zone.clone() });
                }
            }
        }
        if problems.is_empty() { Ok(Self { entries, served_zones }) } else { Err(problems) }
    }

    /// The lines, in order.
    pub fn entries(&self) -> &[HostEntry] {
        &self.entries
    }

    /// Zones whose names must not stand anywhere in the file.
    pub fn served_zones(&self) -> &BTreeSet<DnsName> {
        &self.served_zones
    }
}
