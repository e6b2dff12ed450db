//! Which name servers a node asks, and who writes that down on this system.

use std::net::IpAddr;

use serde::Serialize;
use thiserror::Error;

use super::named::DnsName;
use crate::os::Resolver;

/// glibc reads no more name servers (`resolv.conf(5)`, MAXNS).
pub const SERVERS_MAX: usize = 3;
/// glibc before 2.26 reads no more search domains (`resolv.conf(5)`, MAXDNSRCH).
pub const SEARCH_MAX: usize = 6;

/// Name resolution of one node: only name servers inside the closed network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolv {
    owner: Resolver,
    servers: Vec<IpAddr>,
    search: Vec<DnsName>,
}

/// Why a node cannot resolve names this way.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ResolvError {
    /// No server: CoreDNS' `forward` does not load, and every name is a time-out (DNS-2).
    #[error("no name server")]
    NoServer,
    /// More servers than are read, so some would never be asked.
    #[error("{0} name servers; no more than {SERVERS_MAX} are read")]
    Servers(usize),
    /// More search domains than are read.
    #[error("{0} search domains; no more than {SEARCH_MAX} are read")]
    Search(usize),
}

impl Resolv {
    /// Name resolution by 1 to [`SERVERS_MAX`] servers, asked in this order.
    ///
    /// # Errors
    /// When there is no server, or more than a resolver reads.
    pub fn new(owner: Resolver, servers: Vec<IpAddr>, search: Vec<DnsName>) -> Result<Self, ResolvError> {
        match (servers.len(), search.len()) {
            (0, _) => Err(ResolvError::NoServer),
            (count @ 4.., _) => Err(ResolvError::Servers(count)),
            (_, count @ 7..) => Err(ResolvError::Search(count)),
            _ => Ok(Self { owner, servers, search }),
        }
    }

    /// What owns `/etc/resolv.conf` on the node.
    pub fn owner(&self) -> Resolver {
        self.owner
    }

    /// The servers in order.
    pub fn servers(&self) -> &[IpAddr] {
        &self.servers
    }

    /// The search domains in order.
    pub fn search(&self) -> &[DnsName] {
        &self.search
    }
}
