//! Groups of addresses that are owned together, and the three ways to own them.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU8;

use ha_vrrp::{Centiseconds, RouterPriority, Version, VirtualRouterId};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::service::{Probe, fall, interval, rise, timeout};
use crate::words::{AbsolutePath, InterfaceName, Millis, Name};

/// Addresses that move together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: Name,
    /// The interface that carries the addresses, and on which VRRP is spoken.
    pub interface: InterfaceName,
    /// The addresses, each with the prefix length that it is added with.
    /// An IPv6 group that speaks VRRP begins with its link-local address (RFC 9568 §5.2.9).
    pub addresses: Vec<IpNet>,
    /// Who decides which node owns them.
    pub owner: Owner,
}

/// Who decides which node owns the addresses of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// The daemon itself, by VRRP; it adds and removes the addresses.
    Vrrp(Box<Vrrp>),
    /// Somebody else, such as keepalived: the daemon follows the address on the interface.
    External,
    /// This node, always: the address is announced by routing, or every node has it on its loopback.
    Always,
}

/// This node's part in one virtual router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vrrp {
    /// 2 or 3. IPv6 needs 3; a password needs 2.
    pub version: Version,
    /// The virtual router id, the same on all members, unique on the network.
    pub virtual_router_id: VirtualRouterId,
    /// 1 to 254, different on all members; or `owner`.
    pub priority: RouterPriority,
    /// How often the Active node advertises: 10 ms to 40950 ms, in version 2 whole seconds.
    pub advertisement_interval: Centiseconds,
    /// Whether a higher priority takes over from a lower one that is Active.
    #[serde(default = "yes")]
    pub preempt: bool,
    /// How long a node with a higher priority waits before it takes over.
    #[serde(default = "none")]
    pub preempt_delay: Millis,
    /// Whether it also waits until a peer's flow state has arrived.
    #[serde(default)]
    pub preempt_after_sync: bool,
    /// How advertisements travel.
    #[serde(default)]
    pub transport: Transport,
    /// What the checksum of version 3 over IPv4 covers.
    #[serde(default)]
    pub checksum: Checksum,
    /// A file with the clear-text password of version 2 (1 to 8 bytes), mode 0600; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_file: Option<AbsolutePath>,
    /// What must work for this node to be Active.
    #[serde(default)]
    pub track: Track,
    /// How the network is told that the addresses have moved.
    #[serde(default)]
    pub announce: Announce,
}

fn yes() -> bool {
    true
}

fn none() -> Millis {
    Millis::new(0)
}

/// How advertisements travel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Transport {
    /// To 224.0.0.18 or ff02::12; the switch must let it pass.
    #[default]
    Multicast,
    /// To each member by itself.
    Unicast(Unicast),
}

/// The addresses of the members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unicast {
    /// This node's address.
    pub source: IpAddr,
    /// All other members, never this node.
    pub peers: Vec<IpAddr>,
}

/// What the checksum of version 3 over IPv4 covers. Both are accepted; this is what is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Checksum {
    /// The message and the pseudo-header, as keepalived and the installed base do (RFC 5798 §5.2.8).
    #[default]
    PseudoHeader,
    /// The message alone (RFC 9568 §5.2.8).
    MessageOnly,
}

/// What must work for this node to be Active.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Track {
    /// Interfaces that must have a carrier. The group's own interface is always tracked as `fault`.
    pub interfaces: Vec<TrackedInterface>,
    /// Services that must have a healthy backend.
    pub services: Vec<TrackedService>,
    /// Programs of this node that must answer, such as a balancer that ha-xdp only carries the VIP for.
    pub probes: Vec<TrackedProbe>,
}

/// An interface that must have a carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrackedInterface {
    /// Its name.
    pub name: InterfaceName,
    /// What its loss does.
    pub effect: Effect,
}

/// A service that must have a healthy backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrackedService {
    /// Its name.
    pub name: Name,
    /// What its loss does.
    pub effect: Effect,
}

/// A program of this node that must answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrackedProbe {
    /// Its name, for logs and metrics.
    pub name: Name,
    /// Where it answers.
    pub address: SocketAddr,
    /// What is asked.
    pub probe: Probe,
    /// Time from one probe to the next.
    #[serde(default = "interval")]
    pub interval: Millis,
    /// How long an answer may take; at most the interval.
    #[serde(default = "timeout")]
    pub timeout: Millis,
    /// Successes in a row after which it counts as well again.
    #[serde(default = "rise")]
    pub rise: NonZeroU8,
    /// Failures in a row after which it counts as failed.
    #[serde(default = "fall")]
    pub fall: NonZeroU8,
    /// What its loss does.
    pub effect: Effect,
}

/// What the loss of a tracked object does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// This node cannot be Active at all. If it hits all members, nobody is.
    Fault,
    /// The priority falls by this much; the VIP moves if another member's is then higher.
    Drop(NonZeroU8),
}

/// How the network is told that addresses have moved: gratuitous ARP, unsolicited neighbour advertisements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Announce {
    /// Packets per address in each burst.
    pub count: u8,
    /// A second burst after this time, for switches that were not listening; `0s`: none.
    pub repeat_after: Millis,
    /// A single packet per address again and again, which heals stale caches after a split; `0s`: never.
    pub refresh: Millis,
}

impl Default for Announce {
    fn default() -> Self {
        Self { count: 5, repeat_after: Millis::seconds(5), refresh: Millis::seconds(60) }
    }
}
