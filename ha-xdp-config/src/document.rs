//! The letter as it is written: the whole document and its small parts.
//!
//! Plain data; every value is proven by its own type, but values may still contradict each other.
//! Only [`crate::Config`] proves that they do not.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::group::Group;
use crate::service::Service;
use crate::words::{AbsolutePath, InterfaceName, Millis, Name};

/// The whole letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    /// The version of the letter's language.
    pub api_version: ApiVersion,
    /// The name of this node, for logs, metrics and `status`.
    pub node: Name,
    /// What the daemon says about itself, and where it is spoken to.
    #[serde(default)]
    pub daemon: Daemon,
    /// Where the program sees packets. Empty: the node only takes part in elections.
    #[serde(default)]
    pub interfaces: Vec<Interface>,
    /// The sizes of the tables in the kernel.
    #[serde(default)]
    pub tables: Tables,
    /// How long a silent flow is remembered.
    #[serde(default)]
    pub timeouts: FlowTimeouts,
    /// Connections that processes of this node itself open to a VIP.
    #[serde(default)]
    pub local_traffic: LocalTraffic,
    /// Groups of addresses that are owned together.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// What is balanced.
    #[serde(default)]
    pub services: Vec<Service>,
    /// Sharing flow state with the other nodes of the pair; absent: not shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<Sync>,
    /// Taking IPIP and IP6IP6 apart, on a backend of an `ipip` service; absent: not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decapsulation: Option<Decapsulation>,
}

/// The version of the letter's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApiVersion {
    /// The only one so far.
    #[serde(rename = "ha-xdp/v1")]
    V1,
}

/// The daemon itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Daemon {
    /// The least severe message that is logged.
    pub log_level: LogLevel,
    /// How a message is spelled.
    pub log_format: LogFormat,
    /// The control socket, mode 0600.
    pub control_socket: AbsolutePath,
    /// Where the programs and maps are pinned, so that they outlive the daemon.
    pub pin_path: AbsolutePath,
    /// Where metrics are served in Prometheus' text format; absent: not served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    /// Real-time priority (`SCHED_RR`, 1 to 99) of the thread that speaks VRRP, so that a busy node is not
    /// taken for a dead one; absent: normal scheduling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realtime_priority: Option<u8>,
    /// Probes under way at one time.
    pub probe_concurrency: u16,
}

impl Daemon {
    /// Where the control socket stands when nothing else is said.
    pub const CONTROL_SOCKET: &str = "/run/ha-xdp/control.sock";
    /// Where programs and maps are pinned when nothing else is said.
    pub const PIN_PATH: &str = "/sys/fs/bpf/ha-xdp";
}

impl Default for Daemon {
    fn default() -> Self {
        Self {
            log_level: LogLevel::Info,
            log_format: LogFormat::Text,
            control_socket: AbsolutePath::known(Self::CONTROL_SOCKET),
            pin_path: AbsolutePath::known(Self::PIN_PATH),
            metrics_listen: None,
            realtime_priority: None,
            probe_concurrency: 64,
        }
    }
}

/// The least severe message that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LogLevel {
    /// Something does not work.
    Error,
    /// Something may soon not work.
    Warn,
    /// What a person wants to know afterwards: transitions, health, reloads.
    Info,
    /// Every decision.
    Debug,
    /// Every packet of the control plane.
    Trace,
}

/// How a message is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LogFormat {
    /// `key=value` pairs, for people and for journald.
    Text,
    /// One JSON object per line.
    Json,
}

/// A network interface that carries the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Interface {
    /// Its name. For a bond or bridge, name its members: the program sits where frames arrive.
    pub name: InterfaceName,
    /// Where the kernel runs the program.
    #[serde(default)]
    pub mode: XdpMode,
}

/// Where the kernel runs the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum XdpMode {
    /// In the driver. A driver that cannot is an error; the daemon never falls back by itself.
    #[default]
    Native,
    /// In the generic path, after the socket buffer is made: works everywhere and is slower.
    Generic,
}

/// The sizes of the tables in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Tables {
    /// Flows whose backend must be remembered because it can no longer be computed.
    pub flows: u32,
    /// Datagrams of which fragments are under way.
    pub fragments: u32,
    /// Slots of every service's Maglev table: a prime, best a hundred times the number of backends.
    /// All nodes that share a VIP must have the same.
    pub maglev_slots: u32,
}

impl Default for Tables {
    fn default() -> Self {
        Self { flows: 262_144, fragments: 8192, maglev_slots: 16_381 }
    }
}

/// How long a silent flow is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FlowTimeouts {
    /// A TCP connection of which only one side has spoken.
    pub tcp_opening: Millis,
    /// A TCP connection that stands. Long, because an idle watch of an apiserver must not be cut.
    pub tcp_established: Millis,
    /// A TCP connection that was closed or reset.
    pub tcp_closing: Millis,
    /// A UDP flow.
    pub udp: Millis,
    /// The fragments of one datagram (RFC 791 and RFC 8200 wait at most 60 s).
    pub fragment: Millis,
}

impl Default for FlowTimeouts {
    fn default() -> Self {
        Self {
            tcp_opening: Millis::seconds(30),
            tcp_established: Millis::seconds(7200),
            tcp_closing: Millis::seconds(60),
            udp: Millis::seconds(60),
            fragment: Millis::seconds(30),
        }
    }
}

/// Connections that processes of this node itself open to a VIP: they never pass an interface's program,
/// so their destination is chosen when they connect, whether or not this node is Active.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LocalTraffic {
    /// Whether it is done.
    pub enabled: bool,
    /// The control group (version 2) whose processes it is done for.
    pub cgroup: AbsolutePath,
}

impl LocalTraffic {
    /// The root of the control groups, which means every process.
    pub const CGROUP: &str = "/sys/fs/cgroup";
}

impl Default for LocalTraffic {
    fn default() -> Self {
        Self { enabled: true, cgroup: AbsolutePath::known(Self::CGROUP) }
    }
}

/// Sharing flow state, so that connections survive losing the Active node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sync {
    /// The UDP address of this node that the others send to.
    pub listen: SocketAddr,
    /// The same of every other node.
    pub peers: Vec<SocketAddr>,
    /// A file with the shared key: 64 hexadecimal digits (32 bytes), mode 0600.
    pub key_file: AbsolutePath,
}

/// Taking IPIP and IP6IP6 apart on a backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decapsulation {
    /// Outer source addresses that are believed: the load balancers. Never everybody.
    pub sources: Vec<IpNet>,
    /// Inner destinations that are taken: the VIPs of the services.
    pub addresses: Vec<IpAddr>,
}
