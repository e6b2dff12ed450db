//! What an operating system is to a plan: its family, its names for packages and units, its paths.
//!
//! The data are `images/<id>/image.yaml`, compiled in. Holding an [`Os`] proves that the data are
//! complete: every component and every path is there. Nothing here knows clusters.

mod builtin;
mod parse;
mod version;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use parse::OsError;
pub use version::{Version, VersionError};

/// The package world of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// deb packages and apt: Debian, Ubuntu.
    Debian,
    /// rpm packages and yum or dnf: Rocky Linux, CentOS.
    Redhat,
}

/// What configures the interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkStyle {
    /// `/etc/netplan/*.yaml`, version 2, for systemd-networkd.
    Netplan,
    /// `/etc/sysconfig/network-scripts/ifcfg-*`.
    Ifcfg,
    /// `/etc/NetworkManager/system-connections/*.nmconnection`.
    NetworkmanagerKeyfile,
}

/// What owns `/etc/resolv.conf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolver {
    /// Nobody: it is a plain file.
    File,
    /// systemd-resolved; the file is a link to its stub.
    SystemdResolved,
    /// NetworkManager, unless it is told to leave the file alone.
    NetworkManager,
}

/// Something that is installed from packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    /// NTP client and server.
    Chrony,
    /// First boot.
    CloudInit,
    /// Container runtime.
    Containerd,
    /// HTTP client of check scripts.
    Curl,
    /// GlusterFS mounts.
    GlusterfsClient,
    /// GlusterFS bricks.
    GlusterfsServer,
    /// Load balancer.
    Haproxy,
    /// VRRP daemon.
    Keepalived,
    /// kubeadm, kubelet and kubectl.
    Kubernetes,
    /// What kubeadm's pre-flight check and kube-proxy want on the host.
    KubernetesPrerequisites,
    /// MariaDB server and client.
    Mariadb,
    /// BIND.
    Named,
    /// The generator behind `/etc/netplan`; only systems of [`NetworkStyle::Netplan`] have it.
    Netplan,
    /// nginx with its stream module.
    NginxStream,
}

impl Component {
    /// All components, in name order.
    pub const ALL: [Self; 14] = [
        Self::Chrony,
        Self::CloudInit,
        Self::Containerd,
        Self::Curl,
        Self::GlusterfsClient,
        Self::GlusterfsServer,
        Self::Haproxy,
        Self::Keepalived,
        Self::Kubernetes,
        Self::KubernetesPrerequisites,
        Self::Mariadb,
        Self::Named,
        Self::Netplan,
        Self::NginxStream,
    ];
}

/// How a system provides a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provision {
    /// Package names, sorted.
    pub packages: Vec<String>,
    /// Full unit names in start order; none for a client.
    pub units: Vec<String>,
    /// The lowest upstream version that the release shipped; none when a vendor's repository decides.
    #[serde(default)]
    pub version: Option<Version>,
    /// Label of the repository that carries the packages.
    pub repository: String,
}

/// Where the products of a system read and write. All paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// chrony.
    pub chrony: ChronyPaths,
    /// haproxy.
    pub haproxy: ConfigPath,
    /// keepalived.
    pub keepalived: ConfigPath,
    /// MariaDB.
    pub mariadb: MariadbPaths,
    /// BIND.
    pub named: NamedPaths,
    /// nginx.
    pub nginx: NginxPaths,
    /// Certificates that the whole system trusts.
    pub trust_anchors: TrustAnchors,
}

/// A product with one configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigPath {
    /// The file.
    pub config: String,
}

/// Paths of chrony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChronyPaths {
    /// `chrony.conf`.
    pub config: String,
    /// The drift file.
    pub drift: String,
    /// The key file.
    pub keys: String,
}

/// Paths of MariaDB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MariadbPaths {
    /// The main option file, which includes [`MariadbPaths::folder`].
    pub main: String,
    /// Folder of further option files; only names that end in `.cnf` are read.
    pub folder: String,
    /// `datadir`.
    pub data: String,
    /// The server's socket.
    pub socket: String,
    /// The server's pid file.
    pub pid: String,
    /// Folder of logs, writable by the server.
    pub log_folder: String,
}

/// Paths of BIND.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPaths {
    /// The file that `named` reads.
    pub main: String,
    /// Debian's file for the `options` block, included by the main file.
    #[serde(default)]
    pub options: Option<String>,
    /// Debian's file for zones, included by the main file.
    #[serde(default)]
    pub zones: Option<String>,
    /// Folder for zone files that change at run time; `named` may read it under AppArmor and SELinux.
    pub live: String,
    /// `directory` of the options block; secondaries write below it.
    pub working: String,
    /// The user that the daemon runs as.
    pub user: String,
}

/// Paths of nginx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NginxPaths {
    /// `nginx.conf`.
    pub config: String,
    /// Folder of `*.conf` files with `load_module` lines, to be included first.
    pub modules: String,
    /// The pid file that the unit expects.
    pub pid: String,
    /// The user of the workers.
    pub user: String,
}

/// Where a certificate authority is added to the system's trust store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustAnchors {
    /// Folder for PEM files named `*.crt`.
    pub folder: String,
    /// Absolute path of the command that rebuilds the store.
    pub update: String,
}

/// An operating system with everything that a plan asks of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Os {
    id: String,
    name: String,
    family: Family,
    version: Version,
    kernel: Version,
    systemd: Version,
    network: NetworkStyle,
    resolver: Resolver,
    components: BTreeMap<Component, Provision>,
    paths: Paths,
}

impl Os {
    /// A system that is compiled in.
    pub fn builtin(id: &str) -> Option<&'static Self> {
        builtin::all().get(id)
    }

    /// Ids of all systems that are compiled in, in name order.
    pub fn ids() -> impl Iterator<Item = &'static str> {
        builtin::all().keys().copied()
    }

    /// The id, such as `debian-12`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The package world.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Version of the system.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The lowest kernel version of the release.
    pub fn kernel(&self) -> &Version {
        &self.kernel
    }

    /// The systemd version of the release.
    pub fn systemd(&self) -> &Version {
        &self.systemd
    }

    /// What configures the interfaces.
    pub fn network(&self) -> NetworkStyle {
        self.network
    }

    /// What owns `/etc/resolv.conf`.
    pub fn resolver(&self) -> Resolver {
        self.resolver
    }

    /// How the system provides a component; none only for [`Component::Netplan`] on a system without it.
    pub fn provision(&self, component: Component) -> Option<&Provision> {
        self.components.get(&component)
    }

    /// Package names of a component, sorted.
    pub fn packages(&self, component: Component) -> &[String] {
        self.provision(component).map_or(&[], |provision| &provision.packages)
    }

    /// The unit of a component that runs as a service, such as `chronyd.service`.
    pub fn unit(&self, component: Component) -> Option<&str> {
        self.provision(component)?.units.first().map(String::as_str)
    }

    /// Whether the component is certainly of this version or a later one. A component whose version a
    /// vendor's repository decides counts as new.
    pub fn has_version(&self, component: Component, lowest: (u32, u32)) -> bool {
        let provision = self.provision(component);
        provision.is_some_and(|p| p.version.as_ref().is_none_or(|version| version.at_least(lowest)))
    }

    /// Where the products read and write.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }
}

#[cfg(test)]
mod tests;
