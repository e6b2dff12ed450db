//! Which name servers a node asks, and who writes that down on this system.

use std::net::IpAddr;

use serde::Serialize;

use super::Input;
use super::activation::{OnChange, Parts, Phase, UnitAction};
use super::named::DnsName;
use crate::os::Resolver;

/// glibc reads no more name servers (`resolv.conf(5)`, MAXNS).
pub const SERVERS_MAX: usize = 3;
/// glibc before 2.26 reads no more search domains (`resolv.conf(5)`, MAXDNSRCH).
pub const SEARCH_MAX: usize = 6;

/// Name resolution of one node: only name servers inside the closed network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolv {
    /// What owns `/etc/resolv.conf` on the node.
    pub owner: Resolver,
    /// 1 to [`SERVERS_MAX`] servers, asked in this order.
    pub servers: Vec<IpAddr>,
    /// At most [`SEARCH_MAX`] search domains.
    pub search: Vec<DnsName>,
}

/// The servers of a node. A node that is one of them asks itself first, and so does not depend on the
/// others; what no resolver would read is left out, so that nobody counts on it.
pub fn servers_of(input: &Input) -> Vec<IpAddr> {
    let mut servers = input.topology.resolvers.servers.clone();
    servers.sort_by_key(|server| *server != input.node.address);
    servers.truncate(SERVERS_MAX);
    servers
}

/// Name resolution of the node; nothing when the document names no server.
pub fn decide(input: &Input) -> Option<Resolv> {
    let servers = servers_of(input);
    let search = input.topology.resolvers.search.iter().take(SEARCH_MAX).map(DnsName::from).collect();
    (!servers.is_empty()).then(|| Resolv { owner: input.node.os.resolver(), servers, search })
}

/// The owner of the file takes its drop-in at once; that breaks no connection.
pub fn activate(resolv: &Resolv, _: &Input, parts: &mut Parts) {
    let (name, on_change, file) = match resolv.owner {
        Resolver::File => return,
        Resolver::SystemdResolved => {
            ("systemd-resolved.service", OnChange::Restart, "/etc/systemd/resolved.conf.d/hagen.conf")
        }
        Resolver::NetworkManager => {
            ("NetworkManager.service", OnChange::Reload, "/etc/NetworkManager/conf.d/90-hagen-dns.conf")
        }
    };
    let (name, reads) = (name.to_owned(), vec![file.to_owned()]);
    parts.unit(Phase::Network, UnitAction { name, on_change, reads, check: Vec::new() });
}
