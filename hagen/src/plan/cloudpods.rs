//! Cloudpods on one node: the inventories from which ocboot installs the others, and what a controller needs
//! afterwards.
//!
//! ocboot reads one `master_nodes` group with one set of flags. Controllers that differ (part of the highly
//! available control plane or not, host agent or not) need one run each: hence several inventories.

mod activate;
mod decide;

use std::net::IpAddr;

use serde::Serialize;

pub use activate::activate;
pub use decide::decide;

use crate::secret::Secret;
use crate::spec::{InterfaceName, Name, NodePath, Port, Word};

/// Folder of the inventories and the runbook.
pub const FOLDER: &str = "/etc/hagen/cloudpods";

/// Installs the platform from the first node.
pub const INSTALL_PATH: &str = "/usr/local/sbin/hagen-cloudpods-install";
/// Lets root use `kubectl` on a controller.
pub const KUBECTL_PATH: &str = "/usr/local/sbin/hagen-cloudpods-kubectl";
/// Sets the priority with which a controller carries the VIP.
pub const VIP_PATH: &str = "/usr/local/sbin/hagen-cloudpods-vip";
/// What to do when a node is to be maintained or replaced.
pub const RUNBOOK_PATH: &str = "/etc/hagen/cloudpods/RUNBOOK.md";

/// What a node of Cloudpods gets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cloudpods {
    /// On the first node: what installs the platform.
    pub installer: Option<Installer>,
    /// On every controller.
    pub controller: Controller,
    /// The whole platform, for the runbook.
    pub platform: Platform,
}

/// The installation from the first node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Installer {
    /// Folder of ocboot.
    pub ocboot_dir: NodePath,
    /// The runs, in order.
    pub inventories: Vec<Inventory>,
    /// All other nodes: they must let this one in.
    pub others: Vec<Peer>,
    /// Key that opens them; the user's own by default.
    pub private_key: Option<NodePath>,
    /// The platform's VIP, which nobody may use before.
    pub vip: IpAddr,
    /// The database.
    pub database: (IpAddr, Port),
}

/// A node that is installed over SSH.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Peer {
    /// Its name.
    pub name: Name,
    /// Its address.
    pub address: IpAddr,
    /// User for SSH.
    pub user: Word,
    /// Port of SSH.
    pub ssh_port: Port,
}

/// One run of `ocboot.py install`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inventory {
    /// File name, such as `1-ha-controllers.yml`.
    pub file: String,
    /// `primary_master_node`.
    pub primary: PrimaryMaster,
    /// `master_nodes`.
    pub masters: Option<Group>,
    /// `worker_nodes`.
    pub workers: Option<Group>,
}

/// `primary_master_node`: the first controller.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrimaryMaster {
    /// `hostname`, `user`, `port`, `host_networks`.
    pub host: Host,
    /// `onecloud_version`.
    pub version: Word,
    /// `db_host`: the pair's VIP, or the only server.
    pub db_host: IpAddr,
    /// `db_user`.
    pub db_user: Word,
    /// `db_password`.
    pub db_password: Secret,
    /// `db_port`.
    pub db_port: Port,
    /// `ip_autodetection_method` of Calico: `can-reach=ADDRESS`, `interface=NAME`.
    pub ip_autodetection_method: Word,
    /// `controlplane_host`: the platform's VIP.
    pub control_plane_host: IpAddr,
    /// `controlplane_port`.
    pub control_plane_port: Port,
    /// `as_host`: run the host agent.
    pub as_host: bool,
    /// `as_host_on_vm`: although the node is virtual.
    pub as_host_on_vm: bool,
    /// `product_version`: `FullStack`, `Edge`, `CMP`.
    pub product_version: Word,
    /// `image_repository`.
    pub image_repository: Word,
    /// `high_availability`: ocboot brings keepalived for the VIP.
    pub high_availability: bool,
    /// `enable_minio`.
    pub minio: bool,
    /// `ha_using_local_registry`.
    pub local_registry: bool,
    /// `region`.
    pub region: Word,
    /// `zone`.
    pub zone: Word,
}

/// `master_nodes` or `worker_nodes`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// `controlplane_host`: the platform's VIP.
    pub control_plane_host: IpAddr,
    /// `controlplane_port`.
    pub control_plane_port: Port,
    /// `as_controller`: true in `master_nodes`.
    pub as_controller: bool,
    /// `as_host`.
    pub as_host: bool,
    /// `as_host_on_vm`.
    pub as_host_on_vm: bool,
    /// `ntpd_server`.
    pub ntp_server: Option<Word>,
    /// `high_availability`.
    pub high_availability: bool,
    /// `hosts`.
    pub hosts: Vec<Host>,
}

/// How ocboot reaches a node, and what it makes of its network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    /// `hostname`, `node_ip`.
    pub address: IpAddr,
    /// `user`.
    pub user: Word,
    /// `port`.
    pub ssh_port: Port,
    /// `host_networks`: the NIC and the bridge that takes its address over; only with the host agent.
    pub network: Option<HostNetwork>,
}

/// `host_networks`: `NIC/BRIDGE/ADDRESS`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HostNetwork {
    /// The NIC.
    pub nic: InterfaceName,
    /// The bridge.
    pub bridge: InterfaceName,
}

/// What a controller needs after the installation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Controller {
    /// Its address.
    pub address: IpAddr,
    /// Its part in carrying the VIP; absent on a controller without it.
    pub vip: Option<VipMember>,
}

/// How a controller carries the platform's VIP.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VipMember {
    /// The VIP.
    pub address: IpAddr,
    /// The interface that holds it: the bridge where the host agent runs.
    pub interface: InterfaceName,
    /// VRRP priority, 1 to 254, different on every node. ocboot gives all but the first the same.
    pub priority: u8,
    /// Priority during maintenance: below that of every other node, and different, too.
    pub lowered_priority: u8,
}

/// The platform as the runbook tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Platform {
    /// Name of the cluster.
    pub cluster: Name,
    /// The platform's VIP.
    pub vip: IpAddr,
    /// The first node.
    pub first: Peer,
    /// The controllers, the first included, in installation order.
    pub controllers: Vec<Peer>,
    /// The controllers that may carry the VIP, highest priority first, with it.
    pub members: Vec<(Name, u8)>,
    /// Compute nodes that are no controllers.
    pub hosts: Vec<Peer>,
    /// The nodes of the database.
    pub database_nodes: Vec<Name>,
    /// The address of the database, and whether it is a VIP.
    pub database: (IpAddr, bool),
    /// User that runs upgrades.
    pub upgrade_user: Word,
    /// Folder of ocboot on the first node.
    pub ocboot_dir: NodePath,
}

#[cfg(test)]
pub(crate) mod tests;
