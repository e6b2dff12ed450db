//! BIND on one node: which zones it serves in which role, whom it answers, and what may be switched.
//!
//! Knows nothing of the syntax of `named.conf` or of zone files, nor of what happens at run time: the
//! zones here are the *declared* ones. The node publishes them with `hagen-dns-switch`, which keeps the
//! serial growing whatever bundle is applied.

mod decide;
mod name;
mod reverse;
mod zone;

use std::net::IpAddr;
use std::num::NonZeroU16;

use ipnet::IpNet;
use serde::Serialize;

pub use decide::{ClusterZone, activate, cluster_zones, decide};
pub use name::{DnsName, DnsNameError};
pub use reverse::{reverse_zone_of, reverse_zones};
pub use zone::{Data, Record, Soa, Switched, Target, Ttl, TtlError, Zone, ZoneProblem, check};

use crate::os::{Component, NamedPaths, Os};

/// The operator's tool, and the publisher that runs before `named`.
pub const SWITCH_PATH: &str = "/usr/local/sbin/hagen-dns-switch";

/// The unit that publishes the zones before BIND starts, and when a bundle brings other ones.
pub const UNIT: &str = "hagen-dns.service";

/// Folder of the declared zones and lists on the node.
pub const DECLARED_FOLDER: &str = "/etc/hagen/dns";

/// BIND on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Where this system keeps BIND's files.
    pub paths: NamedPaths,
    /// The words for the two roles of a server.
    pub words: RoleWords,
    /// Own addresses to listen on besides loopback; the first of a family is the source of transfers
    /// and notifications.
    pub listen: Vec<IpAddr>,
    /// The port of this server and of the others in the cluster; 53 outside tests.
    pub port: NonZeroU16,
    /// Networks that may ask.
    pub clients: Vec<IpNet>,
    /// What happens to foreign names.
    pub foreign: Foreign,
    /// The zones, in name order.
    pub zones: Vec<ServedZone>,
}

/// How `named.conf` names the roles: BIND before 9.18 does not know all the new words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RoleWords {
    /// `primary`, `secondary`, `primaries`.
    Primary,
    /// `master`, `slave`, `masters`.
    Master,
}

impl RoleWords {
    /// The words that the BIND of this system understands.
    pub fn of(os: &Os) -> Self {
        if os.has_version(Component::Named, (9, 18)) { Self::Primary } else { Self::Master }
    }
}

/// What a server does with a question about a name outside its zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Foreign {
    /// Refuses at once. A closed network has no one to ask, and a resolver that tries the root servers
    /// makes every wrong name a time-out of many seconds.
    Refuse,
    /// Asks these servers and no others; never empty.
    Forward(Vec<IpAddr>),
}

/// A zone and this server's role for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum ServedZone {
    /// This node holds the master copy.
    Primary {
        /// The declared content.
        zone: Zone,
        /// Servers that are notified and may transfer the zone.
        secondaries: Vec<IpAddr>,
    },
    /// This node copies the zone.
    Secondary {
        /// The zone's name.
        name: DnsName,
        /// Where it is copied from.
        primary: IpAddr,
    },
}

impl ServedZone {
    /// The zone's name.
    pub fn name(&self) -> &DnsName {
        match self {
            Self::Primary { zone, .. } => &zone.name,
            Self::Secondary { name, .. } => name,
        }
    }
}

impl Named {
    /// Folder of the published zone files, written at run time by `hagen-dns-switch`.
    pub fn live_folder(&self) -> String {
        format!("{}/hagen", self.paths.live)
    }

    /// The published file of a zone that this node holds.
    pub fn live_file(&self, zone: &DnsName) -> String {
        format!("{}/{zone}.zone", self.live_folder())
    }

    /// The folder of copied zones; `named` itself writes there.
    pub fn copies_folder(&self) -> String {
        // Debian's working folder belongs to the daemon; on Red Hat only `slaves` below it does.
        let below = if self.paths.options.is_some() { "" } else { "/slaves" };
        format!("{}{below}", self.paths.working)
    }

    /// The zones that this node holds, with their secondaries.
    pub fn held(&self) -> impl Iterator<Item = (&Zone, &[IpAddr])> {
        self.zones.iter().filter_map(|served| match served {
            ServedZone::Primary { zone, secondaries } => Some((zone, secondaries.as_slice())),
            ServedZone::Secondary { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests;
