//! The document as a whole, and what belongs to the cluster rather than to a node.

use std::net::IpAddr;
use std::num::NonZeroU32;

use ipnet::IpNet;

use super::*;
use crate::yaml::{Map, Spanned};
use crate::{choice, record};

choice! {
    /// The version of the document's form.
    pub enum ApiVersion {
        /// The first one.
        V1 = "hagen/v1",
    }
}

record! {
    /// The description of one highly available cluster.
    pub struct Document ("the document") {
        /// The version of the document's form: `hagen/v1`.
        api_version: ApiVersion,
        /// Name of the cluster.
        cluster: Spanned<Name>,
        /// Revision of this description, 1 to 4294967295. Raise it with every change: it becomes the SOA
        /// serial of the zones, which must grow.
        revision: Spanned<NonZeroU32>,
        /// Time zone of every node.
        time_zone: TimeZone = fixed("UTC"),
        /// Time sources of every node, inside the closed network. A node of the cluster that is listed
        /// here serves time to the others.
        ntp: Vec<Spanned<NtpServer>>,
        /// The networks (broadcast domains) that the nodes stand in.
        networks: Map<Name, Network>,
        /// Name resolution of the nodes.
        dns: Dns,
        /// What every node has unless it says otherwise.
        defaults: NodeDefaults,
        /// The machines, by name; the name becomes the host name.
        nodes: Map<Name, Node>,
        /// Virtual IP addresses, the nodes that may carry them, and the services behind them.
        vips: Map<Name, Vip>,
        /// DNS zones, served by the nodes with the role `dns` or by an external name server.
        zones: Map<DomainName, Zone>,
        /// GlusterFS volumes.
        volumes: Map<Name, Volume>,
        /// MariaDB servers and pairs.
        databases: Map<Name, Database>,
        /// A Kubernetes cluster made by kubeadm.
        kubernetes: Option<Kubernetes>,
        /// DaoCloud Enterprise 5.0: the bootstrap node, its standby, and the installer's clusterConfig.
        dce: Option<Dce>,
        /// Rainbond in its minimal highly available form.
        rainbond: Option<Rainbond>,
        /// Cloudpods, installed by ocboot.
        cloudpods: Option<Cloudpods>,
        /// Container registries inside the closed network.
        registries: Map<Name, Registry>,
        /// What is shipped to the nodes besides configuration.
        offline: Offline,
        /// Rules that do not hold here, each with a reason.
        waivers: Vec<Waiver>,
    }
}

record! {
    /// One broadcast domain.
    pub struct Network ("a network") {
        /// Its address range, such as `172.30.41.0/24`.
        subnet: Spanned<IpNet>,
        /// Its router, when it has one.
        gateway: Option<Spanned<IpAddr>>,
        /// Largest packet of the links, in bytes, 1280 to 9216.
        mtu: u16 = 1500,
        /// Virtual router ids (1 to 255) that other equipment uses in this broadcast domain.
        reserved_virtual_router_ids: Vec<u8>,
        /// The nodes are virtual machines of a platform that checks source addresses (VIP-2).
        checks_source_address: bool = false,
    }
}

record! {
    /// Name resolution of the nodes.
    pub struct Dns ("dns") {
        /// Name servers of the nodes, inside the closed network. Default: the nodes with the role `dns`.
        servers: Vec<Spanned<IpAddr>>,
        /// Search domains of the nodes.
        search: Vec<DomainName>,
        /// Name servers that the cluster's own servers ask for foreign names. Default: none, foreign
        /// names are answered with an error at once.
        forwarders: Vec<Spanned<IpAddr>>,
        /// Write the nodes' names to every `/etc/hosts`, for names that no zone serves.
        hosts: bool = true,
        /// More lines of every `/etc/hosts`: names that no zone serves, with their address.
        extra_hosts: Map<Word, Spanned<IpAddr>>,
    }
}

record! {
    /// A container registry inside the closed network.
    pub struct Registry ("a registry") {
        /// Its URL.
        url: Spanned<Url>,
        /// Upstream registries that it replaces, such as `registry.k8s.io`.
        mirrors: Vec<Word>,
        /// User, when it asks for one.
        username: Option<Word>,
        /// Password, by reference.
        password: Option<SecretRef>,
        /// Certificate authority of the registry: a file on the node.
        ca_file: Option<NodePath>,
        /// Accept a certificate that cannot be checked.
        skip_verify: bool = false,
    }
}

record! {
    /// What is shipped to the nodes besides configuration.
    pub struct Offline ("offline") {
        /// Files and folders to put into bundles.
        files: Vec<OfflineFile>,
    }
}

record! {
    /// A file, or every file of a folder, that goes into the bundles of some nodes.
    pub struct OfflineFile ("an offline file") {
        /// Path on the machine where hagen runs; a relative path starts at the document's folder.
        source: Spanned<Line>,
        /// Where it lies on the node; for a folder, the folder. Without it, the content goes to the
        /// bundle's `packages/`, from where `apply` installs.
        target: Option<Spanned<NodePath>>,
        /// The nodes that get it. Default: all.
        nodes: Option<Selector>,
    }
}

record! {
    /// A rule that does not hold here, and why.
    pub struct Waiver ("a waiver") {
        /// Id of the rule, such as `QR-3`.
        id: Spanned<Word>,
        /// The thing that the waiver is for: the name of a VIP, volume, zone, … Default: all.
        subject: Option<Word>,
        /// Why it is safe or accepted here.
        reason: Spanned<Line>,
    }
}
