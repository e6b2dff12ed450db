//! containerd as Kubernetes needs it.

use serde::Serialize;

use crate::secret::Secret;
use crate::spec::{NodePath, Url, Word};

/// containerd on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Containerd {
    /// The form of its configuration.
    pub config_version: ConfigVersion,
    /// The image that holds a pod's namespaces. It must be the one that kubeadm names, or the kubelet and
    /// the runtime ask for two, of which a closed network has one.
    pub sandbox_image: String,
    /// Where images of a registry are really taken from.
    pub registries: Vec<RegistryHost>,
    /// Accounts for registries.
    pub logins: Vec<RegistryLogin>,
}

/// The form of containerd's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ConfigVersion {
    /// Version 2, for containerd 1.3 and later; containerd 2 takes it too.
    V2,
    /// Version 3, for containerd 2.0 and later.
    V3,
}

/// `hosts.toml` of one registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegistryHost {
    /// The registry as images name it: `registry.k8s.io`, or `HOST:PORT` of the local one.
    pub namespace: Word,
    /// Where its images are. It is the only place: nothing outside the closed network is ever tried.
    pub server: Url,
    /// Certificate authority, a file on the node.
    pub ca_file: Option<NodePath>,
    /// Accept a certificate that cannot be checked.
    pub skip_verify: bool,
}

/// An account for a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegistryLogin {
    /// `HOST` or `HOST:PORT`.
    pub host: Word,
    /// User.
    pub username: Word,
    /// Password.
    pub password: Secret,
}
