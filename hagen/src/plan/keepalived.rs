//! keepalived on one node: what it speaks, what it carries, and what must work for it to carry it.
//!
//! A [`Draft`] is plain data; a [`Keepalived`] is a draft whose parts do not contradict each other, and
//! the only thing that can be rendered. Sources: keepalived.conf(5) of 1.3.5 and 2.2.7, RFC 9568.

mod check;
mod decide;
mod pass;
mod prove;

use std::fmt;
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};
use std::ops::Deref;

use ha_vrrp::{AdvertisementInterval, Priority, VirtualRouterId};
use ha_xdp_config::{AbsolutePath, InterfaceName, Name};
use ipnet::IpNet;
use serde::Serialize;

pub use check::{
    Answer, HttpProbe, MariaDbProbe, Need, PROBES_PER_SCRIPT_MAX, Probe, Probes, Run, Script, UserName,
    UserNameError,
};
pub use decide::{activate, decide};
pub use pass::{Pass, PassError};
pub use prove::{InstanceFault, KeepalivedError, ScriptFault};

/// Where keepalived reads its configuration.
pub const CONFIG_PATH: &str = "/etc/keepalived/keepalived.conf";
/// Where the check scripts lie; also where static pods and the four source guides look for them.
pub const SCRIPT_DIR: &str = "/etc/keepalived";

/// Virtual routers of one node.
pub const INSTANCES_MAX: usize = 255;
/// Addresses of one virtual router: what one advertisement of every implementation carries.
pub const ADDRESSES_PER_INSTANCE_MAX: usize = 20;
/// Longest `preempt_delay`, in seconds (keepalived.conf(5)).
pub const PREEMPT_DELAY_S_MAX: u16 = 1000;

/// Which keepalived will read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KeepalivedVersion {
    /// Major number.
    pub major: u8,
    /// Minor number.
    pub minor: u8,
    /// Patch level.
    pub patch: u8,
}

impl KeepalivedVersion {
    /// CentOS 7.
    pub const CENTOS_7: Self = Self { major: 1, minor: 3, patch: 5 };
    /// The container image of kubeadm's HA guide.
    pub const KUBEADM_IMAGE: Self = Self { major: 2, minor: 0, patch: 20 };
    /// Debian 12.
    pub const DEBIAN_12: Self = Self { major: 2, minor: 2, patch: 7 };

    /// Whether interfaces may appear after the start (`dynamic_interfaces`).
    pub fn has_dynamic_interfaces(self) -> bool {
        self.major >= 2
    }
}

impl fmt::Display for KeepalivedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The configuration of one node, not yet proven.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Draft {
    /// Which keepalived will read it.
    pub version: KeepalivedVersion,
    /// The node's name (`router_id`), its own on every node.
    pub router_id: Name,
    /// Who runs scripts that do not name a user themselves (`script_user`).
    pub script_user: UserName,
    /// Whether an interface may appear after keepalived starts, such as a bridge that another service makes.
    pub late_interfaces: bool,
    /// How the network is told that addresses have moved.
    pub announce: Announce,
    /// The checks.
    pub scripts: Vec<Script>,
    /// The virtual routers.
    pub instances: Vec<Instance>,
}

/// Gratuitous ARP and unsolicited neighbour advertisements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Announce {
    /// Packets per address in each of the two bursts (`vrrp_garp_master_repeat`).
    pub repeat: NonZeroU8,
    /// Seconds from the first to the second burst (`vrrp_garp_master_delay`); 0: no second one.
    pub delay_s: u8,
    /// Seconds between single packets while Active (`vrrp_garp_master_refresh`); 0: none.
    /// They heal stale caches after a split brain.
    pub refresh_s: u16,
}

impl Default for Announce {
    fn default() -> Self {
        Self { repeat: NonZeroU8::MIN.saturating_add(4), delay_s: 5, refresh_s: 60 }
    }
}

/// This node's part in one virtual router.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instance {
    /// Its name.
    pub name: Name,
    /// The interface on which VRRP is spoken; its loss is always a fault.
    pub interface: InterfaceName,
    /// The virtual router id.
    pub virtual_router_id: VirtualRouterId,
    /// This node's priority.
    pub priority: Priority,
    /// The version and how often the Active node advertises.
    pub advertisement: AdvertisementInterval,
    /// Who takes over when.
    pub election: Election,
    /// The other members; none: nothing takes over.
    pub others: Vec<Member>,
    /// How advertisements travel.
    pub transport: Transport,
    /// The password of version 2.
    pub pass: Option<Pass>,
    /// The addresses. Those of IPv6 begin with the link-local one (RFC 9568 §5.2.9).
    pub addresses: Vec<VirtualAddress>,
    /// The scripts that must succeed; at least one, or a dead service would keep the VIP.
    pub track_scripts: Vec<TrackedScript>,
    /// Further interfaces that must have a carrier.
    pub track_interfaces: Vec<TrackedInterface>,
    /// A script that is told every transition; it must exist on the node.
    pub notify: Option<AbsolutePath>,
}

/// Who takes over when. The combinations that keepalived refuses cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Election {
    /// The highest priority takes over at once.
    Preempt {
        /// The state at the start.
        start: Start,
    },
    /// The highest priority takes over when it has seen the Active node for this long; starts as Backup.
    PreemptAfter {
        /// Seconds, 1 to [`PREEMPT_DELAY_S_MAX`].
        delay_s: NonZeroU16,
    },
    /// Whoever is Active stays so until it fails; all members start as Backup.
    NoPreempt,
}

/// The state at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Start {
    /// Take the VIP without waiting (`state MASTER`).
    Active,
    /// Listen first (`state BACKUP`).
    Backup,
}

/// Another member of a virtual router.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its own address on the network of the VIP.
    pub address: IpAddr,
    /// Its priority.
    pub priority: Priority,
}

/// How advertisements travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Transport {
    /// To 224.0.0.18 or ff02::12 (`mcast_src_ip`); the switches must let protocol 112 pass.
    Multicast {
        /// This node's address.
        source: IpAddr,
    },
    /// To each member by itself (`unicast_src_ip`, `unicast_peer`).
    Unicast {
        /// This node's address.
        source: IpAddr,
    },
}

impl Transport {
    /// This node's address.
    pub fn source(self) -> IpAddr {
        match self {
            Self::Multicast { source } | Self::Unicast { source } => source,
        }
    }
}

/// An address that the Active node carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VirtualAddress {
    /// The address and the prefix length that it is added with.
    pub net: IpNet,
    /// The interface that it is added to.
    pub interface: InterfaceName,
}

/// A script that must succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackedScript {
    /// The name of one of [`Draft::scripts`].
    pub name: Name,
    /// What its failure does.
    pub effect: Effect,
}

/// An interface that must have a carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackedInterface {
    /// Its name.
    pub name: InterfaceName,
    /// What its loss does.
    pub effect: Effect,
}

/// What a failure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Effect {
    /// The node leaves the election (`weight 0`, state FAULT). If it hits all members, nobody is Active.
    Fault,
    /// The priority falls (`weight -n`); the VIP moves only to a member that is then higher.
    Drop(NonZeroU8),
}

/// A configuration that keepalived takes and that does what it says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Keepalived(Draft);

impl Keepalived {
    /// Proves a draft.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(draft: Draft) -> Result<Self, Vec<KeepalivedError>> {
        let errors = prove::errors(&draft);
        if errors.is_empty() { Ok(Self(draft)) } else { Err(errors) }
    }

    /// Whether the file holds a password.
    pub fn has_secret(&self) -> bool {
        self.0.instances.iter().any(|i| i.pass.is_some())
    }
}

impl Deref for Keepalived {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.0
    }
}

#[cfg(test)]
pub(crate) mod tests;
