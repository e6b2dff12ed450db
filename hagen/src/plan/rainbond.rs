//! Rainbond 3.6 in its minimal highly available form, on one node.
//!
//! The manager runs the platform and programs the gateways (`rbd-entrance`); the compute nodes run the
//! gateway (`rbd-lb`) and the name server of pods and nodes (`rbd-dns`) behind one VIP. Applications go on
//! when the manager is gone.

mod activate;
mod decide;

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

pub use activate::activate;
pub use decide::{decide, host_names};

use crate::spec::{DomainName, Name, Port, Uuid, Word};

/// Folder of Rainbond's installation.
pub const ROOT: &str = "/opt/rainbond";

/// The service that [`MANAGE_PATH`] puts into the installed `plugin.yaml`.
pub const ENTRANCE_PATH: &str = "/etc/hagen/rainbond/rbd-entrance.yaml";
/// Changes a manager.
pub const MANAGE_PATH: &str = "/usr/local/sbin/hagen-rainbond-manage";
/// Enters the VIP into the platform.
pub const VIP_PATH: &str = "/usr/local/sbin/hagen-rainbond-vip";
/// Starts gateway and name server of a compute node.
pub const COMPUTE_PATH: &str = "/usr/local/sbin/hagen-rainbond-compute";

/// What a node does for Rainbond.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Rainbond {
    /// A node with the role `manage`.
    Manage(Manage),
    /// A node with the role `compute`.
    Compute(Compute),
}

/// A management node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manage {
    /// `rbd-entrance`, which programs the gateways.
    pub entrance: Entrance,
    /// The VIP of the gateways.
    pub vip: IpAddr,
    /// Domain of applications: `EX_DOMAIN` of the installed components must be the same.
    pub application_domain: DomainName,
    /// Whether the node runs the platform's database (`rbd-db`), in which the VIP is entered.
    pub has_database: bool,
}

/// A compute node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compute {
    /// `rbd-lb`, the gateway.
    pub gateway: Gateway,
    /// `rbd-dns`.
    pub dns: Dns,
    /// Servers of the platform behind the gateway.
    pub proxy: Proxy,
    /// The kubelet's environment.
    pub kubelet: Kubelet,
    /// The node from which the platform's certificate is copied.
    pub manager: Name,
}

/// What every component has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Component {
    /// Image with tag.
    pub image: Word,
    /// Memory, in MiB.
    pub memory_mib: u32,
    /// A log file is cut at this size, in MiB.
    pub log_max_size_mib: u16,
    /// Number of log files that are kept.
    pub log_max_files: u8,
}

/// `rbd-entrance`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entrance {
    /// Image and limits.
    pub component: Component,
    /// `DEFAULT_HTTP_PORT`.
    pub http_port: Port,
    /// `DEFAULT_HTTPS_PORT`.
    pub https_port: Port,
    /// `urls` of `--plugin-opts`: the interface of every gateway.
    pub gateways: Vec<SocketAddr>,
    /// `--etcd-endpoints`.
    pub etcd: Vec<SocketAddr>,
    /// `--log-level`.
    pub log_level: Word,
}

/// `rbd-lb`, an nginx (OpenResty) that is programmed over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gateway {
    /// Image and limits.
    pub component: Component,
    /// `DEFAULT_PORT`: HTTP port of applications.
    pub http_port: Port,
    /// `HTTP_SUFFIX_URL`: domain of applications.
    pub application_domain: DomainName,
    /// Port of its own interface.
    pub interface_port: Port,
}

/// `rbd-dns`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dns {
    /// Image and limits.
    pub component: Component,
    /// `--nameservers`: who answers foreign names. Never empty: without the flag it would read
    /// `/etc/resolv.conf`, where it stands itself.
    pub name_servers: Vec<SocketAddr>,
    /// The platform's domain; it and every name in it have the VIP's address.
    pub domain: DomainName,
    /// The VIP.
    pub vip: IpAddr,
}

impl Dns {
    /// An upstream that refuses at once: foreign names do not exist in a closed network.
    pub const NO_UPSTREAM: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);
    /// `--healthz-port`.
    pub const HEALTH_PORT: u16 = 8089;
}

/// Servers of the platform that the gateway knows before it is programmed: `default.http.conf`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proxy {
    /// The platform's domain.
    pub domain: DomainName,
    /// HTTP port of `lang.DOMAIN` and `maven.DOMAIN`.
    pub http_port: Port,
    /// HTTPS port of the registry `DOMAIN`.
    pub https_port: Port,
    /// The managers; each serves artifacts on [`Proxy::ARTIFACT_PORT`] and images on [`Proxy::REGISTRY_PORT`].
    pub managers: Vec<IpAddr>,
}

impl Proxy {
    /// `rbd-repo` on a manager, TCP.
    pub const ARTIFACT_PORT: u16 = 8081;
    /// `rbd-hub` on a manager, TCP.
    pub const REGISTRY_PORT: u16 = 5000;
}

/// `/opt/rainbond/envs/kubelet.sh`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kubelet {
    /// `HOST_UUID`, the node's name in Kubernetes: every host has its own.
    pub host_uuid: Uuid,
    /// `DNS_SERVERS` of pods: `rbd-dns` on every compute node.
    pub dns_servers: Vec<IpAddr>,
    /// `HOST_IP`.
    pub host_ip: IpAddr,
}

#[cfg(test)]
pub(crate) mod tests;
