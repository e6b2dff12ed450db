//! What a node shall be: every decision is taken here, from a proven topology; `render/` only spells it.
//!
//! Each product has one file with the same three things:
//! - the types of its decided configuration on one node;
//! - `decide(&Input) -> Option<X>` (or `Vec<X>`): what this node shall have, `None` when nothing;
//! - `activate(&X, &Input, &mut Parts)`: the packages, units and set-up scripts that go with it.

pub mod activation;
pub mod chrony;
pub mod cloud_init;
pub mod cloudpods;
pub mod dce;
pub mod glusterfs;
pub mod ha_xdp;
pub mod haproxy;
pub mod hosts;
pub mod keepalived;
pub mod kubeadm;
pub mod mariadb;
pub mod named;
pub mod network;
pub mod nginx;
pub mod rainbond;
pub mod resolv;
pub mod static_pod;
pub mod sysctl;
pub mod systemd;
mod vip;

use crate::secret::Secrets;
use crate::topology::{Node, Topology};

/// What decisions are taken from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'t> {
    /// The proven cluster.
    pub topology: &'t Topology,
    /// The node that is planned.
    pub node: &'t Node,
    /// The values of the document's secrets.
    pub secrets: &'t Secrets,
}
