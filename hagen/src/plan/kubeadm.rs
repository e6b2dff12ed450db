//! kubeadm on one node: the documents for `init`, `join` or an etcd member, and the container runtime.
//!
//! Knows what one node is told. The modules and sysctls that Kubernetes needs belong to the host, the
//! pods that carry a VIP to [`super::static_pod`].

mod cluster;
mod containerd;
mod decide;
mod etcd;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Serialize;

use crate::secret::Secret;
use crate::spec::{Duration, Line, Name, NodePath, Port, Taint, Word};

pub use cluster::{Certificates, Cluster, Component, Etcd, HostPathMount, Image, KubeProxy, ProxyMode};
pub use containerd::{ConfigVersion, Containerd, RegistryHost, RegistryLogin};
pub use decide::{activate, decide};
pub use etcd::{EtcdMember, EtcdPeer};
pub use version::{Version, VersionError};

/// Runs `kubeadm init` or `kubeadm join` on this node, once. Safe to repeat.
pub const KUBEADM_SCRIPT: &str = "/usr/local/sbin/hagen-kubeadm";
/// Makes this node a member of an etcd cluster of its own.
pub const ETCD_SCRIPT: &str = "/usr/local/sbin/hagen-etcd";
/// Folder of hagen's files for kubeadm.
pub const FOLDER: &str = "/etc/kubernetes/hagen";
/// What `init`, `join` or the etcd member is told.
pub const CONFIG: &str = "/etc/kubernetes/hagen/kubeadm.yaml";
/// Patches of this node for the pods that kubeadm makes.
pub const PATCHES: &str = "/etc/kubernetes/hagen/patches";

/// kubeadm on one node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kubeadm {
    /// Version of Kubernetes.
    pub version: Version,
    /// How the node registers.
    pub node: NodeRegistration,
    /// The container runtime.
    pub containerd: Containerd,
    /// What the node becomes.
    pub role: Role,
}

impl Kubeadm {
    /// The form of the documents. v1beta4 came with 1.31, where v1beta3 still works with a warning.
    pub const fn api(&self) -> Api {
        if self.version.at_least(31) { Api::V1Beta4 } else { Api::V1Beta3 }
    }
}

/// A version of kubeadm's documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Api {
    /// `kubeadm.k8s.io/v1beta3`: extra arguments are maps.
    V1Beta3,
    /// `kubeadm.k8s.io/v1beta4`: extra arguments are lists of name and value.
    V1Beta4,
}

/// What a node becomes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Role {
    /// The first control plane, which makes the cluster.
    Init(Box<Init>),
    /// Another control plane.
    ControlPlane(Join, ApiEndpoint),
    /// A worker.
    Worker(Join),
    /// A member of an etcd cluster of its own; no node of the Kubernetes cluster.
    Etcd(EtcdMember),
}

/// How a node registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeRegistration {
    /// Its name, which is its host name.
    pub name: Name,
    /// Its address; without it the kubelet may choose a VIP that stands on the same interface.
    pub address: IpAddr,
    /// Socket of the container runtime, `unix:///run/containerd/containerd.sock`.
    pub cri_socket: Word,
    /// Its taints; `None` stands for kubeadm's own: one for control planes, none for workers.
    pub taints: Option<Vec<Taint>>,
    /// Labels that the node gives itself, by key.
    pub labels: BTreeMap<String, String>,
    /// More arguments of the kubelet, by name without dashes.
    pub kubelet_args: BTreeMap<Word, Line>,
    /// Preflight errors that are accepted.
    pub ignore_preflight_errors: BTreeSet<Word>,
    /// Phases that are skipped.
    pub skip_phases: Vec<Word>,
    /// Folder with patches of the operator.
    pub patches: Option<NodePath>,
}

impl NodeRegistration {
    /// Whether a node may give itself a label (NodeRestriction). Others need an administrator.
    pub fn may_label_itself(key: &str) -> bool {
        const ALLOWED: [&str; 9] = [
            "kubernetes.io/hostname",
            "kubernetes.io/arch",
            "kubernetes.io/os",
            "beta.kubernetes.io/instance-type",
            "node.kubernetes.io/instance-type",
            "failure-domain.beta.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone",
            "topology.kubernetes.io/region",
            "topology.kubernetes.io/zone",
        ];
        let Some((prefix, _)) = key.split_once('/') else { return true };
        let inside = |domain: &str| prefix == domain || prefix.ends_with(&format!(".{domain}"));
        let own = |domain: &str| prefix == domain || prefix.ends_with(&format!(".{domain}"));
        !(inside("kubernetes.io") || inside("k8s.io"))
            || own("kubelet.kubernetes.io")
            || own("node.kubernetes.io")
            || ALLOWED.contains(&key)
    }
}

/// An apiserver on this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ApiEndpoint {
    /// The address that it tells others.
    pub address: IpAddr,
    /// Its port.
    pub port: Port,
    /// Where it listens (LB-1).
    pub listen: Listen,
}

/// Where an apiserver listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Listen {
    /// On all addresses: nothing else on the node has its port.
    All,
    /// On the node's address only, because a balancer on the node has the same port on the VIP.
    NodeAddress,
}

/// `kubeadm init`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Init {
    /// The cluster.
    pub cluster: Cluster,
    /// The apiserver of this node.
    pub local: ApiEndpoint,
    /// The token with which others join; made by kubeadm when absent.
    pub token: Option<BootstrapToken>,
    /// Key that encrypts the uploaded certificates, 64 hexadecimal digits; made by kubeadm when absent.
    pub certificate_key: Option<Secret>,
    /// kube-vip carries the VIP and needs the administrator's file while the cluster is made (1.29 and later).
    pub kube_vip: bool,
    /// kube-proxy's settings, when they differ from kubeadm's.
    pub kube_proxy: Option<KubeProxy>,
    /// Labels that nodes cannot give themselves, by node: set by `hagen-kubeadm label`.
    pub admin_labels: BTreeMap<Name, BTreeMap<String, String>>,
}

/// A bootstrap token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BootstrapToken {
    /// `[a-z0-9]{6}.[a-z0-9]{16}`.
    pub token: Secret,
    /// How long it holds.
    pub ttl: Duration,
}

/// `kubeadm join`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Join {
    /// Host and port of the control plane.
    pub endpoint: String,
    /// How the node and the cluster come to trust each other.
    pub trust: Trust,
}

/// How a node and the cluster come to trust each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Trust {
    /// The bundle knows everything.
    Pinned {
        /// The bootstrap token.
        token: Secret,
        /// Digests of the cluster's certificate authorities, `sha256:` and 64 hexadecimal digits; at least one.
        ca_cert_hashes: BTreeSet<Word>,
        /// Key of the uploaded certificates; needed by control planes.
        certificate_key: Option<Secret>,
    },
    /// The certificate authority does not exist before `kubeadm init`: the operator brings token, digest
    /// and key from a control plane, `hagen-kubeadm credentials | ssh NODE hagen-kubeadm join`.
    Brought,
}

/// `HOST:PORT`, with brackets around an IPv6 address.
pub fn endpoint(host: &str, port: Port) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests;
