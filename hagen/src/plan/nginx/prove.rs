//! What an nginx configuration must hold, so that it is accepted and does what it says.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use ha_xdp_config::{Millis, Name};
use ipnet::IpNet;
use thiserror::Error;

use super::{
    Balance, Draft, LISTENS_PER_PROXY_MAX, PROXIES_MAX, Protocol, Proxy, SERVERS_PER_PROXY_MAX,
    SOURCES_PER_PROXY_MAX, Standing,
};

/// One thing that is wrong with a draft.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NginxError {
    /// Nothing to balance, or too much.
    #[error("{0} proxies; 1 to {PROXIES_MAX} are possible")]
    Proxies(usize),
    /// A worker would run out of descriptors.
    #[error("{connections} connections of a worker need as many file descriptors, but {limit} are allowed")]
    Descriptors {
        /// Connections of one worker.
        connections: u32,
        /// Descriptors that it may have.
        limit: u32,
    },
    /// Nobody else may ask.
    #[error("the health address {0} is not on the loopback interface")]
    Health(SocketAddr),
    /// A name or address that occurs twice.
    #[error("{what} `{value}` is named twice")]
    Twice {
        /// What it is.
        what: &'static str,
        /// The name or address.
        value: String,
    },
    /// A proxy that can never be right.
    #[error("proxy `{proxy}`: {why}")]
    Proxy {
        /// The proxy.
        proxy: Name,
        /// What is wrong.
        why: ProxyFault,
    },
}

/// What is wrong with a proxy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProxyFault {
    /// Nothing is answered, or too much.
    #[error("{0} addresses; 1 to {LISTENS_PER_PROXY_MAX} are possible")]
    Listens(usize),
    /// Nothing behind it, or too much.
    #[error("{0} servers; 1 to {SERVERS_PER_PROXY_MAX} are possible")]
    Servers(usize),
    /// Too many ranges.
    #[error("{0} ranges of clients; at most {SOURCES_PER_PROXY_MAX} are possible")]
    Sources(usize),
    /// A port that cannot be bound or reached.
    #[error("port 0 of {0}")]
    Port(SocketAddr),
    /// Connections would come back for ever.
    #[error("{0} is answered here and is also a server")]
    Loop(SocketAddr),
    /// A wildcard that takes the port of a server which may be on this node.
    #[error("{listen} would take port {} of every address of this node, also of a server here; listen on the VIP only", listen.port())]
    Wildcard {
        /// The address.
        listen: SocketAddr,
    },
    /// Only servers in reserve.
    #[error("every server is a backup")]
    NoActive,
    /// nginx refuses `backup` with `hash`.
    #[error("servers chosen by the client's address cannot be in reserve")]
    HashWithBackup,
    /// nginx counts in whole seconds here.
    #[error("a fail timeout of {0} is not a whole number of seconds")]
    FailTimeout(Millis),
    /// A range with host bits.
    #[error("`{0}` has bits behind its prefix")]
    Range(IpNet),
}

/// Everything that is wrong with a draft.
pub(super) fn errors(draft: &Draft) -> Vec<NginxError> {
    let mut errors = Vec::new();
    if draft.proxies.is_empty() || draft.proxies.len() > PROXIES_MAX {
        errors.push(NginxError::Proxies(draft.proxies.len()));
    }
    let (connections, limit) = (draft.worker_connections.get(), draft.descriptors_max.get());
    if connections > limit {
        errors.push(NginxError::Descriptors { connections, limit });
    }
    twice("proxy", draft.proxies.iter().map(|p| p.name.to_string()), &mut errors);
    if !draft.health.ip().is_loopback() || draft.health.port() == 0 {
        errors.push(NginxError::Health(draft.health));
    }
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let proxies = draft.proxies.iter().filter(|p| p.protocol == protocol);
        let health = (protocol == Protocol::Tcp).then_some(draft.health);
        let listens = proxies.flat_map(|p| p.listens.iter().copied()).chain(health);
        twice("address", listens.map(|a| a.to_string()), &mut errors);
    }
    for proxy in &draft.proxies {
        let addresses = proxy.servers.iter().map(|s| format!("{}/{}", proxy.name, s.address));
        twice("server", addresses, &mut errors);
        let faults = faults(proxy).into_iter();
        errors.extend(faults.map(|why| NginxError::Proxy { proxy: proxy.name.clone(), why }));
    }
    errors
}

fn twice(what: &'static str, values: impl Iterator<Item = String>, errors: &mut Vec<NginxError>) {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(value.clone()) {
            errors.push(NginxError::Twice { what, value });
        }
    }
}

fn faults(proxy: &Proxy) -> Vec<ProxyFault> {
    let mut faults = Vec::new();
    if proxy.listens.is_empty() || proxy.listens.len() > LISTENS_PER_PROXY_MAX {
        faults.push(ProxyFault::Listens(proxy.listens.len()));
    }
    if proxy.servers.is_empty() || proxy.servers.len() > SERVERS_PER_PROXY_MAX {
        faults.push(ProxyFault::Servers(proxy.servers.len()));
    }
    if proxy.sources.len() > SOURCES_PER_PROXY_MAX {
        faults.push(ProxyFault::Sources(proxy.sources.len()));
    }
    let addresses = proxy.servers.iter().map(|s| s.address);
    let all = proxy.listens.iter().copied().chain(addresses.clone());
    faults.extend(all.filter(|a| a.port() == 0).map(ProxyFault::Port));
    for listen in &proxy.listens {
        if addresses.clone().any(|a| a == *listen) {
            faults.push(ProxyFault::Loop(*listen));
        } else if listen.ip().is_unspecified() && addresses.clone().any(|a| a.port() == listen.port()) {
            faults.push(ProxyFault::Wildcard { listen: *listen });
        }
    }
    let backups = proxy.servers.iter().filter(|s| s.standing == Standing::Backup).count();
    if backups == proxy.servers.len() && backups > 0 {
        faults.push(ProxyFault::NoActive);
    }
    if backups > 0 && proxy.balance == Balance::Source {
        faults.push(ProxyFault::HashWithBackup);
    }
    let times = proxy.servers.iter().map(|s| s.fail_timeout);
    faults.extend(times.filter(|t| t.get() == 0 || t.get() % 1000 != 0).map(ProxyFault::FailTimeout));
    faults.extend(proxy.sources.iter().filter(|r| r.trunc() != **r).copied().map(ProxyFault::Range));
    faults
}
