//! haproxy on one node: which addresses it answers, and which servers stand behind them.
//!
//! Always in `tcp` mode: what passes through is TLS or a database, whose paths nobody here can read.
//! A [`Draft`] is plain data; only a [`Haproxy`], which is proven, can be rendered.
//! Sources: the configuration manuals of 1.5, 2.2, 2.6 and 2.8.

mod decide;
mod prove;

use std::fmt;
use std::net::SocketAddr;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};
use std::ops::Deref;

use ha_xdp_config::{AbsolutePath, HttpPath, Millis, Name};
use ipnet::IpNet;
use serde::Serialize;

use super::keepalived::UserName;

pub use decide::{activate, decide};
pub use prove::HaproxyError;

/// Where haproxy reads its configuration.
pub const CONFIG_PATH: &str = "/etc/haproxy/haproxy.cfg";
/// Proxies of one node.
pub const PROXIES_MAX: usize = 4096;
/// Servers of one proxy.
pub const SERVERS_PER_PROXY_MAX: usize = 1024;
/// Addresses that one proxy answers.
pub const BINDS_PER_PROXY_MAX: usize = 32;
/// Ranges of clients of one proxy.
pub const SOURCES_PER_PROXY_MAX: usize = 4096;
/// The longest time that haproxy knows, about 24.8 days.
pub const TIME_MAX: Millis = Millis::new(2_147_483_647);
/// The largest weight that haproxy knows.
pub const WEIGHT_MAX: u16 = 256;

/// Which haproxy will read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct HaproxyVersion {
    /// Major number.
    pub major: u8,
    /// Minor number.
    pub minor: u8,
}

impl HaproxyVersion {
    /// CentOS 7.
    pub const CENTOS_7: Self = Self { major: 1, minor: 5 };
    /// RHEL 8 and its kin.
    pub const RHEL_8: Self = Self { major: 1, minor: 8 };
    /// Debian 12.
    pub const DEBIAN_12: Self = Self { major: 2, minor: 6 };
    /// The container image of kubeadm's HA guide; Ubuntu 24.04.
    pub const KUBEADM_IMAGE: Self = Self { major: 2, minor: 8 };

    /// Whether old processes can be ended some time after a reload (`hard-stop-after`).
    pub fn has_hard_stop(self) -> bool {
        self >= Self { major: 1, minor: 8 }
    }

    /// Whether it can log to standard output.
    pub fn has_stdout_log(self) -> bool {
        self >= Self { major: 1, minor: 9 }
    }

    /// Whether the times of TCP keep-alive can be said (`clitcpka-idle`); before, the kernel's hold.
    pub fn has_keepalive_times(self) -> bool {
        self >= Self { major: 2, minor: 4 }
    }
}

impl fmt::Display for HaproxyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The configuration of one node, not yet proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Which haproxy will read it.
    pub version: HaproxyVersion,
    /// How it runs.
    pub process: Process,
    /// Connections at one time, of all proxies together.
    pub connections_max: NonZeroU32,
    /// File descriptors that the process may have. Each connection needs two.
    pub descriptors_max: NonZeroU32,
    /// Times.
    pub timeouts: Timeouts,
    /// Where haproxy tells how it is; at least one.
    pub health: Vec<HealthPage>,
    /// What is balanced.
    pub proxies: Vec<Proxy>,
}

/// A loopback address where `GET /healthz` succeeds while each of some proxies has a usable server, and
/// where `/stats` shows all servers. It accepts connections as long as haproxy runs at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthPage {
    /// Its name, such as that of the VIP which is watched through it.
    pub name: Name,
    /// The address and port.
    pub address: SocketAddr,
    /// The proxies.
    pub watches: Vec<Name>,
}

/// How haproxy runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Process {
    /// As a service of the node, which gives up its rights after the start.
    Service {
        /// The user.
        user: UserName,
        /// The group.
        group: UserName,
        /// The empty folder that it is locked into.
        chroot: AbsolutePath,
        /// The socket for `show stat` and `disable server`, mode 0600.
        stats_socket: AbsolutePath,
    },
    /// In a container, in the foreground, logging to standard output; the image sets user and rights.
    Container,
}

/// Times that all proxies share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timeouts {
    /// In the queue for a free server.
    pub queue: Millis,
    /// After one side has closed.
    pub closing: Millis,
    /// How long an old process serves standing connections after a reload.
    pub hard_stop: Millis,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { queue: Millis::seconds(20), closing: Millis::seconds(30), hard_stop: Millis::seconds(1800) }
    }
}

/// Addresses that are answered together, and the servers behind them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proxy {
    /// Its name.
    pub name: Name,
    /// The addresses. Where a server of this node listens on the same port, the VIP only (LB-1).
    pub binds: Vec<Bind>,
    /// Until a server accepts.
    pub connect: Millis,
    /// Silence of both sides after which a connection is cut. Long where there are watches.
    pub idle: Millis,
    /// Clients that are let in; empty: everybody.
    pub sources: Vec<IpNet>,
    /// What the choice of a server depends on.
    pub balance: Balance,
    /// How a server's health is known.
    pub check: Check,
    /// The servers.
    pub servers: Vec<Server>,
}

/// An address that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bind {
    /// The address and port.
    pub address: SocketAddr,
    /// Bound also while this node does not carry it, where the kernel has no `ip_nonlocal_bind` for its
    /// family (IPv6 before Linux 4.3).
    pub transparent: bool,
}

impl From<SocketAddr> for Bind {
    fn from(address: SocketAddr) -> Self {
        Self { address, transparent: false }
    }
}

/// What the choice of a server depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Balance {
    /// One after the other.
    RoundRobin,
    /// The fewest connections: for long-lived ones.
    LeastConnections,
    /// The client's address, consistently when servers come and go.
    Source,
    /// All to the first usable one; when a preferred one comes back, the connections of the others are
    /// closed, so that there are never two writers.
    SingleWriter,
}

/// How a server's health is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is asked.
    pub probe: Probe,
    /// The port that is asked; none: the server's.
    pub port: Option<NonZeroU16>,
    /// Until a probe is answered.
    pub timeout: Millis,
    /// Time from one probe to the next.
    pub interval: Millis,
    /// Successes in a row after which a server is used again.
    pub rise: NonZeroU8,
    /// Failures in a row after which it is not.
    pub fall: NonZeroU8,
    /// What becomes of its connections then.
    pub when_down: WhenDown,
}

/// What becomes of the connections of a server that fails its probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum WhenDown {
    /// They stay: a probe that fails everywhere for a moment must not cut every watch.
    Keep,
    /// They are closed, so that clients find another server at once.
    Cut,
}

/// What a probe asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Probe {
    /// Whether a connection is accepted.
    Tcp,
    /// Whether a path answers.
    Http {
        /// The path.
        path: HttpPath,
        /// The status codes of a healthy server.
        status: Status,
        /// Over TLS, and how the certificate is judged.
        tls: Option<Trust>,
    },
    /// Whether a database greets with protocol version 10 and not with an error, as MySQL and MariaDB do.
    /// It needs no login; the servers need `skip_name_resolve`, or they block a host that never logs in.
    MysqlGreeting,
}

/// The status codes of a healthy server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Status {
    /// Exactly 200.
    Ok,
    /// 200 to 399, 401 and 403: it works, but tells strangers nothing.
    OkOrDenied,
}

/// How a certificate is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Trust {
    /// Signed by an authority in this file (PEM), which must exist before haproxy starts.
    CaFile(AbsolutePath),
    /// Any certificate: before `kubeadm init` there is no authority yet, and a probe carries no secret.
    Unverified,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Its name.
    pub name: Name,
    /// Its address and port.
    pub address: SocketAddr,
    /// Its share against the others', 0 (drained) to [`WEIGHT_MAX`].
    pub weight: u16,
    /// When it is used.
    pub standing: Standing,
    /// Connections at one time; none: as many as come.
    pub connections_max: Option<NonZeroU16>,
}

/// When a server is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Standing {
    /// Always.
    Active,
    /// Only when no active one is usable (`backup`).
    Backup,
}

/// A configuration that haproxy takes and that does what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Haproxy(Draft);

impl Haproxy {
    /// Proves a draft.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(draft: Draft) -> Result<Self, Vec<HaproxyError>> {
        let errors = prove::errors(&draft);
        if errors.is_empty() { Ok(Self(draft)) } else { Err(errors) }
    }
}

impl Deref for Haproxy {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.0
    }
}

#[cfg(test)]
pub(crate) mod tests;
