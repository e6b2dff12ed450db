//! What is balanced: a service, how its packets reach a backend, and how a backend's health is known.

use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::words::{
    AbsolutePath, Fingerprint, HostName, HttpPath, Millis, Name, PortRange, ServicePort, StatusRange,
};

/// One address, port and protocol that clients connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// The VIP, an address of one of the groups.
    pub address: IpAddr,
    /// The port, or `any`.
    pub port: ServicePort,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// How packets reach a backend.
    pub forward: Forward,
    /// What the choice of a backend depends on.
    #[serde(default)]
    pub affinity: Affinity,
    /// Clients that are let in; empty: everybody. Others are dropped and counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<IpNet>,
    /// The largest TCP segment that either side may announce; absent: left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mss_clamp: Option<u16>,
    /// How long the flows of a drained or removed backend are kept.
    #[serde(default = "drain_timeout")]
    pub drain_timeout: Millis,
    /// What happens when no backend is healthy.
    #[serde(default)]
    pub when_all_down: WhenAllDown,
    /// How a backend's health is known; absent: every backend counts as healthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// The backends. All nodes that share the VIP must name the same.
    pub backends: Vec<Backend>,
}

fn drain_timeout() -> Millis {
    Millis::seconds(300)
}

/// The transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// How packets reach a backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Forward {
    /// Addresses and ports are translated both ways; backends need not know.
    Nat(Nat),
    /// Only the MAC address is rewritten: same layer 2, the VIP on a loopback of every backend,
    /// answers go straight to the client.
    Dsr,
    /// Wrapped in IPIP or IP6IP6 across routers; the backend takes it apart and answers by itself.
    Ipip,
}

/// Translation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Nat {
    /// Which source address a backend sees.
    pub source: NatSource,
    /// The ports for `vip` and `pool`.
    #[serde(default = "nat_ports")]
    pub ports: PortRange,
}

fn nat_ports() -> PortRange {
    PortRange::UPPER_HALF
}

/// Which source address a backend sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NatSource {
    /// The client's own. Answers must come back through this node: it is the backends' gateway.
    Client,
    /// The VIP, so that answers find whichever node is Active.
    Vip,
    /// One of these addresses, all of the VIP's group, so that they move with it.
    Pool(Vec<IpAddr>),
}

/// What the choice of a backend depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Affinity {
    /// Addresses and ports: each connection by itself.
    #[default]
    Flow,
    /// The client's address: all its connections go to one backend.
    Client,
}

/// What happens when no backend is healthy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhenAllDown {
    /// The last healthy set stays, with an alarm: a broken probe must not empty a table.
    #[default]
    KeepLast,
    /// New connections are refused (TCP reset, ICMP unreachable).
    Refuse,
}

/// A real server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Backend {
    /// Its name.
    pub name: Name,
    /// Its address, of the VIP's family.
    pub address: IpAddr,
    /// Its port; absent: the service's. `dsr`, `ipip` and `any` cannot translate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<NonZeroU16>,
    /// Its share of new flows against the others'; 0: drained, keeps what it has.
    #[serde(default = "one")]
    pub weight: u16,
    /// Whether it waits in reserve: used only while no other backend is healthy.
    #[serde(default, skip_serializing_if = "is_false")]
    pub backup: bool,
    /// Whether it is this node itself, so that packets are handed to the node's own stack.
    #[serde(default, skip_serializing_if = "is_false")]
    pub local: bool,
}

fn one() -> u16 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a function of a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// How a backend's health is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Check {
    /// What is asked.
    pub probe: Probe,
    /// The port that is asked; absent: the backend's. Needed for UDP and for `any`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<NonZeroU16>,
    /// Which address the probe goes to.
    #[serde(default)]
    pub through: Through,
    /// Time from one probe to the next.
    #[serde(default = "interval")]
    pub interval: Millis,
    /// Up to how many percent of the interval are added or taken away, so that nodes do not probe together.
    #[serde(default = "jitter")]
    pub jitter_percent: u8,
    /// How long an answer may take; at most the interval.
    #[serde(default = "timeout")]
    pub timeout: Millis,
    /// Successes in a row after which a backend is healthy again.
    #[serde(default = "rise")]
    pub rise: NonZeroU8,
    /// Failures in a row after which a backend is not healthy.
    #[serde(default = "fall")]
    pub fall: NonZeroU8,
}

pub(crate) fn interval() -> Millis {
    Millis::seconds(2)
}

fn jitter() -> u8 {
    10
}

pub(crate) fn timeout() -> Millis {
    Millis::seconds(1)
}

pub(crate) fn rise() -> NonZeroU8 {
    NonZeroU8::MIN.saturating_add(1)
}

pub(crate) fn fall() -> NonZeroU8 {
    NonZeroU8::MIN.saturating_add(2)
}

/// What a probe asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Probe {
    /// Whether a connection is accepted.
    Tcp,
    /// Whether a path answers.
    Http(HttpProbe),
    /// Whether a path answers over TLS.
    Https(HttpsProbe),
}

/// A path over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpProbe {
    /// The path.
    pub path: HttpPath,
    /// The `Host` header; absent: the address and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostName>,
    /// The status codes of a healthy backend.
    #[serde(default = "success")]
    pub status: StatusRange,
}

/// A path over HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpsProbe {
    /// The path.
    pub path: HttpPath,
    /// The `Host` header and the server name in the handshake; absent: the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostName>,
    /// The status codes of a healthy backend.
    #[serde(default = "success")]
    pub status: StatusRange,
    /// How the certificate is judged.
    pub trust: Trust,
}

fn success() -> StatusRange {
    StatusRange::SUCCESS
}

/// How a certificate is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trust {
    /// Signed by an authority in this file (PEM), and valid for the host or address.
    CaFile(AbsolutePath),
    /// Exactly this certificate, by the SHA-256 digest of its DER form.
    Sha256(Fingerprint),
    /// Any certificate. A probe carries no secret, and before `kubeadm init` there is no authority yet;
    /// but whoever holds the backend's address can then pass for healthy.
    Unverified,
}

/// Which address a probe goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Through {
    /// The backend's own.
    #[default]
    Backend,
    /// The VIP, sent as a client's packet would be (`dsr` and `ipip` only): it also proves that the
    /// backend has the VIP and takes the encapsulation apart.
    Vip,
}
