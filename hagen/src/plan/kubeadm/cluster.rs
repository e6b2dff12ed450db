//! The cluster that `kubeadm init` makes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use crate::spec::{DomainName, Duration, EncryptionAlgorithm, Line, Name, NodePath, Word};

/// A Kubernetes cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cluster {
    /// Its name in kubeconfig files.
    pub name: Name,
    /// Host and port that everybody uses for the control plane (LB-3).
    pub endpoint: String,
    /// Names and addresses in the apiservers' certificate: endpoint, VIP, every control plane, and more.
    pub cert_sans: BTreeSet<String>,
    /// Addresses of pods.
    pub pod_subnet: IpNet,
    /// Addresses of services.
    pub service_subnet: IpNet,
    /// Domain of services.
    pub dns_domain: DomainName,
    /// Where images come from.
    pub image_repository: Word,
    /// Another image for CoreDNS.
    pub dns_image: Option<Image>,
    /// etcd.
    pub etcd: Etcd,
    /// The apiserver.
    pub api_server: Component,
    /// The controller manager.
    pub controller_manager: Component,
    /// The scheduler.
    pub scheduler: Component,
    /// Feature gates of kubeadm.
    pub feature_gates: BTreeMap<Word, bool>,
    /// Leave kube-proxy out, for a network plugin that replaces it.
    pub disable_kube_proxy: bool,
    /// The certificates; with v1beta3 kubeadm always takes its defaults.
    pub certificates: Certificates,
}

/// How certificates are made (v1beta4).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Certificates {
    /// Key algorithm.
    pub encryption_algorithm: EncryptionAlgorithm,
    /// How long they hold.
    pub validity: Duration,
    /// How many years of 365 days the certificate authority holds.
    pub ca_validity_years: u8,
}

/// An image other than kubeadm's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Its repository, without the image's name.
    pub repository: Word,
    /// Its tag.
    pub tag: Word,
}

/// A part of the control plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Component {
    /// More arguments, by name without dashes.
    pub args: BTreeMap<Word, Line>,
    /// More folders and files of the node.
    pub volumes: Vec<HostPathMount>,
}

/// A folder or file of the node inside a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostPathMount {
    /// Name of the volume.
    pub name: Name,
    /// Path on the node.
    pub host_path: NodePath,
    /// Path in the pod.
    pub mount_path: NodePath,
    /// The pod may not write to it.
    pub read_only: bool,
}

/// Where etcd runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Etcd {
    /// With the control planes.
    Stacked {
        /// Data folder.
        data_dir: NodePath,
        /// More arguments, by name without dashes.
        args: BTreeMap<Word, Line>,
        /// More names and addresses in the certificates of servers and peers.
        cert_sans: BTreeSet<String>,
        /// Another image.
        image: Option<Image>,
    },
    /// On machines of its own.
    External {
        /// Addresses of the members; port 2379.
        members: Vec<IpAddr>,
        /// Certificate authority, a file on the control planes.
        ca_file: NodePath,
        /// Client certificate.
        cert_file: NodePath,
        /// Its key.
        key_file: NodePath,
        /// The members are nodes of the description, so that their kit makes these three files.
        made_here: bool,
    },
}

/// kube-proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KubeProxy {
    /// How it forwards.
    pub mode: ProxyMode,
    /// Answer ARP only for addresses of the interface (`ipvs.strictARP`); kube-vip and MetalLB need it in IPVS mode.
    pub strict_arp: bool,
}

/// How kube-proxy forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyMode {
    /// iptables.
    Iptables,
    /// IPVS.
    Ipvs,
    /// nftables; beta since 1.31.
    Nftables,
}
