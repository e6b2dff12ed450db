//! What a haproxy configuration must hold, so that it is accepted and does what it says.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use ha_xdp_config::{Millis, Name};
use ipnet::IpNet;
use thiserror::Error;

use super::{
    BINDS_PER_PROXY_MAX, Draft, HaproxyVersion, PROXIES_MAX, Process, Proxy, SERVERS_PER_PROXY_MAX,
    SOURCES_PER_PROXY_MAX, Standing, TIME_MAX, WEIGHT_MAX,
};

/// Descriptors for listeners, probes, logs and the poller itself.
const DESCRIPTORS_BESIDES: u64 = 100;

/// One thing that is wrong with a draft.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HaproxyError {
    /// Nothing to balance, or too much.
    #[error("{0} proxies; 1 to {PROXIES_MAX} are possible")]
    Proxies(usize),
    /// haproxy would refuse to start.
    #[error("{connections} connections need {need} file descriptors, but {limit} are allowed")]
    Descriptors {
        /// Connections at one time.
        connections: u32,
        /// Descriptors for them.
        need: u64,
        /// Descriptors that the process may have.
        limit: u32,
    },
    /// The status page has no lock.
    #[error("the health address {0} is not on the loopback interface")]
    Health(SocketAddr),
    /// Nobody could tell how haproxy is.
    #[error("there is no health page")]
    NoHealth,
    /// A health page for a proxy that is not there.
    #[error("the health page `{page}` watches `{proxy}`, which is not there")]
    Watches {
        /// The page.
        page: Name,
        /// The proxy.
        proxy: Name,
    },
    /// Old versions know only syslog.
    #[error("haproxy {0} cannot log to standard output, so it cannot run in a container")]
    Container(HaproxyVersion),
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
    #[error("{0} addresses; 1 to {BINDS_PER_PROXY_MAX} are possible")]
    Binds(usize),
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
    #[error("{bind} would take port {} of every address of this node, also of a server here; bind the VIP only", bind.port())]
    Wildcard {
        /// The address.
        bind: SocketAddr,
    },
    /// A weight that haproxy refuses.
    #[error("weight {0} is more than {WEIGHT_MAX}")]
    Weight(u16),
    /// Nobody would serve.
    #[error("no active server has a weight")]
    NoActive,
    /// Zero would mean for ever to haproxy, and too long is refused.
    #[error("{0} is not in 1ms..={TIME_MAX}")]
    Time(Millis),
    /// A range with host bits.
    #[error("`{0}` has bits behind its prefix")]
    Range(IpNet),
}

/// Everything that is wrong with a draft.
pub(super) fn errors(draft: &Draft) -> Vec<HaproxyError> {
    let mut errors = Vec::new();
    if draft.proxies.is_empty() || draft.proxies.len() > PROXIES_MAX {
        errors.push(HaproxyError::Proxies(draft.proxies.len()));
    }
    let (connections, limit) = (draft.connections_max.get(), draft.descriptors_max.get());
    let need = 2 * u64::from(connections) + DESCRIPTORS_BESIDES;
    if need > u64::from(limit) {
        errors.push(HaproxyError::Descriptors { connections, need, limit });
    }
    if draft.health.is_empty() {
        errors.push(HaproxyError::NoHealth);
    }
    for page in &draft.health {
        if !page.address.ip().is_loopback() || page.address.port() == 0 {
            errors.push(HaproxyError::Health(page.address));
        }
        let missing = page.watches.iter().filter(|w| !draft.proxies.iter().any(|p| p.name == **w));
        errors.extend(missing.map(|w| HaproxyError::Watches { page: page.name.clone(), proxy: w.clone() }));
    }
    twice("health page", draft.health.iter().map(|p| p.name.to_string()), &mut errors);
    if draft.process == Process::Container && !draft.version.has_stdout_log() {
        errors.push(HaproxyError::Container(draft.version));
    }
    twice("proxy", draft.proxies.iter().map(|p| p.name.to_string()), &mut errors);
    let pages = draft.health.iter().map(|p| p.address);
    let binds = draft.proxies.iter().flat_map(|p| p.binds.iter().map(|b| b.address)).chain(pages);
    twice("address", binds.map(|a| a.to_string()), &mut errors);
    for proxy in &draft.proxies {
        let names = proxy.servers.iter().map(|s| format!("{}/{}", proxy.name, s.name));
        twice("server", names, &mut errors);
        let addresses = proxy.servers.iter().map(|s| format!("{}/{}", proxy.name, s.address));
        twice("server", addresses, &mut errors);
        let faults = faults(proxy).into_iter();
        errors.extend(faults.map(|why| HaproxyError::Proxy { proxy: proxy.name.clone(), why }));
    }
    errors
}

fn twice(what: &'static str, values: impl Iterator<Item = String>, errors: &mut Vec<HaproxyError>) {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(value.clone()) {
            errors.push(HaproxyError::Twice { what, value });
        }
    }
}

fn faults(proxy: &Proxy) -> Vec<ProxyFault> {
    let mut faults = Vec::new();
    if proxy.binds.is_empty() || proxy.binds.len() > BINDS_PER_PROXY_MAX {
        faults.push(ProxyFault::Binds(proxy.binds.len()));
    }
    if proxy.servers.is_empty() || proxy.servers.len() > SERVERS_PER_PROXY_MAX {
        faults.push(ProxyFault::Servers(proxy.servers.len()));
    }
    if proxy.sources.len() > SOURCES_PER_PROXY_MAX {
        faults.push(ProxyFault::Sources(proxy.sources.len()));
    }
    let addresses = proxy.servers.iter().map(|s| s.address);
    let binds = proxy.binds.iter().map(|b| b.address);
    let all = binds.clone().chain(addresses.clone());
    faults.extend(all.filter(|a| a.port() == 0).map(ProxyFault::Port));
    for bind in binds {
        if addresses.clone().any(|a| a == bind) {
            faults.push(ProxyFault::Loop(bind));
        } else if bind.ip().is_unspecified() && addresses.clone().any(|a| a.port() == bind.port()) {
            faults.push(ProxyFault::Wildcard { bind });
        }
    }
    faults.extend(proxy.servers.iter().map(|s| s.weight).filter(|w| *w > WEIGHT_MAX).map(ProxyFault::Weight));
    if !proxy.servers.iter().any(|s| s.standing == Standing::Active && s.weight > 0) {
        faults.push(ProxyFault::NoActive);
    }
    let check = &proxy.check;
    let times = [proxy.connect, proxy.idle, check.timeout, check.interval];
    faults.extend(times.into_iter().filter(|t| t.get() == 0 || *t > TIME_MAX).map(ProxyFault::Time));
    faults.extend(proxy.sources.iter().filter(|r| r.trunc() != **r).copied().map(ProxyFault::Range));
    faults
}
