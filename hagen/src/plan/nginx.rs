//! nginx on one node as the front: its `stream` module, which passes TCP and UDP through untouched.
//!
//! It has no probes of its own: a server that fails is found out by the connection that fails, and is
//! then left alone for a while. Where servers must be asked, use haproxy or ha-xdp.
//! A [`Draft`] is plain data; only an [`Nginx`], which is proven, can be rendered.
//! Sources: ngx_stream_upstream_module, ngx_stream_proxy_module, ngx_stream_access_module.

mod decide;
mod prove;

use std::net::SocketAddr;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};
use std::ops::Deref;

use ha_xdp_config::{AbsolutePath, Millis, Name};
use ipnet::IpNet;
use serde::Serialize;

use super::keepalived::UserName;

pub use decide::{activate, decide};
pub use prove::NginxError;

/// Where nginx reads its configuration.
pub const CONFIG_PATH: &str = "/etc/nginx/nginx.conf";
/// Proxies of one node.
pub const PROXIES_MAX: usize = 4096;
/// Servers of one proxy.
pub const SERVERS_PER_PROXY_MAX: usize = 1024;
/// Addresses that one proxy answers.
pub const LISTENS_PER_PROXY_MAX: usize = 32;
/// Ranges of clients of one proxy.
pub const SOURCES_PER_PROXY_MAX: usize = 4096;

/// Which nginx will read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NginxVersion {
    /// Major number.
    pub major: u8,
    /// Minor number.
    pub minor: u8,
    /// Patch level.
    pub patch: u8,
}

impl NginxVersion {
    /// RHEL 8 and its kin.
    pub const RHEL_8: Self = Self { major: 1, minor: 14, patch: 1 };
    /// EPEL for CentOS 7.
    pub const EPEL_7: Self = Self { major: 1, minor: 20, patch: 1 };
    /// Debian 12.
    pub const DEBIAN_12: Self = Self { major: 1, minor: 22, patch: 1 };

    /// Whether connections to servers can be kept alive (`proxy_socket_keepalive`).
    pub fn has_socket_keepalive(self) -> bool {
        self >= Self { major: 1, minor: 15, patch: 6 }
    }
}

/// The configuration of one node, not yet proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Which nginx will read it.
    pub version: NginxVersion,
    /// Where the `stream` module is.
    pub stream: StreamModule,
    /// The user of the workers.
    pub user: UserName,
    /// The pid file that the unit expects.
    pub pid: AbsolutePath,
    /// Connections of one worker at one time; each client's needs two.
    pub worker_connections: NonZeroU32,
    /// File descriptors that a worker may have.
    pub descriptors_max: NonZeroU32,
    /// A loopback address that accepts connections and says `well` as long as nginx runs.
    pub health: SocketAddr,
    /// What is balanced.
    pub proxies: Vec<Proxy>,
}

/// Where the `stream` module is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum StreamModule {
    /// Part of the program (nginx.org's packages).
    BuiltIn,
    /// Loaded by a file of this folder, which the module's package brings.
    Included(AbsolutePath),
}

impl StreamModule {
    /// The folder of Debian and Ubuntu.
    pub const DEBIAN: &str = "/etc/nginx/modules-enabled";
    /// The folder of RHEL, its kin, and EPEL for CentOS 7.
    pub const RED_HAT: &str = "/usr/share/nginx/modules";
}

/// The transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// Addresses that are answered together, and the servers behind them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proxy {
    /// Its name.
    pub name: Name,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// The addresses. Where a server of this node listens on the same port, the VIP only (LB-1).
    pub listens: Vec<SocketAddr>,
    /// Until a server accepts (`proxy_connect_timeout`).
    pub connect: Millis,
    /// Silence of both sides after which a connection is cut (`proxy_timeout`). Long where there are
    /// watches, short with UDP, where nobody says goodbye.
    pub idle: Millis,
    /// Clients that are let in; empty: everybody.
    pub sources: Vec<IpNet>,
    /// What the choice of a server depends on.
    pub balance: Balance,
    /// The servers.
    pub servers: Vec<Server>,
}

/// What the choice of a server depends on. Only the first two can have servers in reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Balance {
    /// One after the other.
    RoundRobin,
    /// The fewest connections.
    LeastConnections,
    /// The client's address, consistently when servers come and go.
    Source,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Its address and port.
    pub address: SocketAddr,
    /// Its share against the others'.
    pub weight: NonZeroU16,
    /// Failed connections after which it is left alone.
    pub max_fails: NonZeroU8,
    /// For how long, and within which time they must fail.
    pub fail_timeout: Millis,
    /// When it is used.
    pub standing: Standing,
}

/// When a server is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Standing {
    /// Always.
    Active,
    /// Only when no active one is usable (`backup`).
    Backup,
}

/// A configuration that nginx takes and that does what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Nginx(Draft);

impl Nginx {
    /// Proves a draft.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(draft: Draft) -> Result<Self, Vec<NginxError>> {
        let errors = prove::errors(&draft);
        if errors.is_empty() { Ok(Self(draft)) } else { Err(errors) }
    }
}

impl Deref for Nginx {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.0
    }
}

#[cfg(test)]
pub(crate) mod tests;
