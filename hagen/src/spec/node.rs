//! A machine: its addresses, interfaces, access, system and roles.

use std::net::IpAddr;

use ipnet::IpNet;

use super::*;
use crate::record;
use crate::yaml::{Map, Spanned};

record! {
    /// What every node has unless it says otherwise.
    pub struct NodeDefaults ("defaults") {
        /// Operating system, a name of `images/`: `debian-12`, `ubuntu-22.04`, `ubuntu-24.04`, `rocky-9`, `centos-7.9`.
        os: Spanned<Word> = Spanned::nowhere(fixed("debian-12")),
        /// The interface that carries the node's address.
        interface: Option<Spanned<InterfaceName>>,
        /// Access for installers and operators.
        ssh: Ssh,
    }
}

record! {
    /// One machine.
    pub struct Node ("a node") {
        /// Its address in one of `networks`.
        address: Spanned<IpAddr>,
        /// More addresses of the same interface, with prefix.
        addresses: Vec<Spanned<IpNet>>,
        /// The interface that carries the address. Never shared blindly: names differ between machines.
        interface: Option<Spanned<InterfaceName>>,
        /// MAC address of that interface: where it is given, the interface is found by it and gets the name.
        mac: Option<Spanned<Mac>>,
        /// More interfaces.
        interfaces: Map<InterfaceName, Interface>,
        /// What the node does.
        roles: Vec<Spanned<Role>>,
        /// Operating system, a name of `images/`.
        os: Option<Spanned<Word>>,
        /// Access for installers and operators.
        ssh: Option<Ssh>,
        /// Kubernetes labels.
        labels: Map<LabelText, LabelText>,
        /// Kubernetes taints.
        taints: Vec<Taint>,
        /// Rainbond's UUID of this host; every host has its own.
        host_uuid: Option<Spanned<Uuid>>,
    }
}

record! {
    /// A further interface of a node.
    pub struct Interface ("an interface") {
        /// MAC address, when the interface is to be found by it.
        mac: Option<Mac>,
        /// Addresses with prefix.
        addresses: Vec<Spanned<IpNet>>,
        /// Largest packet, in bytes, 1280 to 9216.
        mtu: Option<u16>,
    }
}

record! {
    /// SSH access, by reference.
    pub struct Ssh ("ssh") {
        /// User.
        user: Word = fixed("root"),
        /// Port.
        port: Port = fixed("22"),
        /// Private key on the machine that installs (`privateKeyPath`).
        private_key_path: Option<NodePath>,
        /// Password by reference, for installers that cannot use a key.
        password: Option<SecretRef>,
        /// Public keys that may log in.
        authorized_keys: Vec<Line>,
        /// More arguments for ansible: `k='v' k1='v1'`.
        extra_args: Option<Line>,
    }
}
