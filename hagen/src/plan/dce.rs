//! DaoCloud Enterprise 5.0 on one bootstrap node: what the installer reads, and what must hold before it runs.
//!
//! The original runs in domain mode, a standby in address mode, and the certificate of each serves the
//! domain and its own address (the two names that a client may use for it).

mod activate;
mod cluster_config;
mod decide;
mod manifest;

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

pub use activate::activate;
pub use cluster_config::*;
pub use decide::decide;
pub use manifest::*;

use crate::spec::{DomainName, Name, NodePath, Port, RecordName};

/// Folder of the installer's input and of hagen's notes about it.
pub const FOLDER: &str = "/etc/hagen/dce";

/// Installs, on the original as on a standby.
pub const INSTALL_PATH: &str = "/usr/local/sbin/hagen-dce-install";
/// Upgrades the bootstrap services.
pub const UPGRADE_PATH: &str = "/usr/local/sbin/hagen-dce-upgrade";
/// Asks the bootstrap services of the node.
pub const VERIFY_PATH: &str = "/usr/local/sbin/hagen-dce-verify";

/// One node with the role `bootstrap` or `backup-bootstrap`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bootstrap {
    /// What the node is.
    pub role: BootstrapRole,
    /// Its own address.
    pub address: IpAddr,
    /// The name under which clients reach the bootstrap services.
    pub domain: DomainName,
    /// How the name leads to a bootstrap node.
    pub front: Front,
    /// How the record is pointed back to the original, where the cluster serves its zone itself.
    pub switch: Option<RecordSwitch>,
    /// Folder of `dce5-installer`.
    pub installer_dir: NodePath,
    /// `clusterConfig.yaml`.
    pub config: ClusterConfig,
    /// `manifest.yaml`; absent when the one of the offline package is used.
    pub manifest: Option<Manifest>,
    /// The machine that the installer asks for.
    pub minimum: Minimum,
}

impl Bootstrap {
    /// The names and addresses that the certificate of the node's registry must hold (SAN-1).
    pub fn certificate_names(&self) -> BTreeSet<String> {
        BTreeSet::from([self.domain.to_string(), self.address.to_string()])
    }

    /// The addresses to which the domain may point when the node is installed.
    pub fn addresses_at_install(&self) -> Vec<IpAddr> {
        match (self.front, self.role) {
            (Front::Vip { address }, _) => vec![address],
            // In domain mode the installer compares the record with the node's own address, and writes
            // /etc/hosts when they differ.
            (Front::Switched { original }, BootstrapRole::Original) => vec![original],
            // In address mode it does not: the record may point to the original, or here during an outage.
            (Front::Switched { original }, BootstrapRole::Backup) => vec![original, self.address],
        }
    }

    /// The address to which the domain must point while the bootstrap services are upgraded.
    pub fn address_at_upgrade(&self) -> IpAddr {
        match self.front {
            Front::Switched { original } => original,
            Front::Vip { address } => address,
        }
    }

    /// The steps of the installer that are run: all of them on the original, those that only touch the
    /// bootstrap node on a standby. A standby without them would install a second cluster.
    pub fn steps(&self) -> Option<&'static str> {
        match self.role {
            BootstrapRole::Original => None,
            BootstrapRole::Backup => Some("1,2,3,4,5"),
        }
    }

    /// The ports of the bootstrap services: registry, chart repository, MinIO, MinIO's console.
    pub fn ports(&self) -> [Port; 4] {
        let tinder = &self.config.tinder_kind;
        [tinder.registry_port, tinder.chartmuseum_port, tinder.minio_server_port, tinder.minio_console_port]
    }
}

/// What a bootstrap node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum BootstrapRole {
    /// The original: it installs the cluster.
    Original,
    /// A standby: it holds the same images, files and charts.
    Backup,
}

/// How the name of the bootstrap services leads to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Front {
    /// A DNS record that points to one node, and is switched to a standby during an outage.
    Switched {
        /// Address of the original.
        original: IpAddr,
    },
    /// A VIP whose balancer prefers the original.
    Vip {
        /// The VIP.
        address: IpAddr,
    },
}

/// A switched record on a name server of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordSwitch {
    /// The node that holds the zone's master copy.
    pub name_server: Name,
    /// The zone.
    pub zone: DomainName,
    /// The record's name in it.
    pub record: RecordName,
    /// The node that is the record's original target.
    pub original: Name,
}

/// What the installer's own check asks of a bootstrap node: *more* than each of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Minimum {
    /// Number of processors.
    pub cpus: u16,
    /// Memory, in MiB.
    pub memory_mib: u32,
    /// Free space below the installer's data, in GiB.
    pub disk_gib: u32,
}

impl Minimum {
    /// The values of the installer's documentation: CPU > 10, memory > 12 GB, disk > 100 GB.
    pub const DOCUMENTED: Self = Self { cpus: 10, memory_mib: 12 << 10, disk_gib: 100 };
}

#[cfg(test)]
pub(crate) mod tests;
