//! Time on one node: whom it asks, and whether it gives time to others.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::named::DnsName;
use crate::os::ChronyPaths;

/// chrony on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chrony {
    /// Where this system keeps chrony's files.
    pub paths: ChronyPaths,
    /// Servers to ask, in the document's order; never the node itself.
    pub servers: Vec<TimeServer>,
    /// What the node gives to others; none on a node that only asks.
    pub serving: Option<TimeService>,
}

/// A time source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeServer {
    /// Where it is.
    pub host: TimeHost,
    /// A burst of questions at the start sets the clock within seconds (`chrony.conf(5)`).
    pub iburst: bool,
}

/// An address or a name of a time source.
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
