//! The static pods that carry a VIP on control planes: they run before there is an apiserver to ask.
//!
//! keepalived and haproxy read the files that [`super::keepalived`] and [`super::haproxy`] decide; kube-vip
//! has everything in its pod.

mod decide;

use std::net::IpAddr;
use std::num::NonZeroU16;

use serde::Serialize;

use crate::spec::{InterfaceName, NodePath, Port, Word};

pub use decide::{activate, decide};

/// Folder of static pods.
pub const MANIFESTS: &str = "/etc/kubernetes/manifests";
/// Port of kube-vip's metrics.
pub const METRICS_PORT: Port = Port::new(2112).unwrap();

/// The static pods of one node.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StaticPods {
    /// keepalived.
    pub keepalived: Option<KeepalivedPod>,
    /// haproxy.
    pub haproxy: Option<HaproxyPod>,
    /// kube-vip.
    pub kube_vip: Option<KubeVipPod>,
}

/// keepalived as a static pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeepalivedPod {
    /// Its image, from the local registry or by digest where there is one.
    pub image: Word,
    /// Its configuration on the node.
    pub config: NodePath,
    /// Where the image reads it.
    pub config_in_pod: NodePath,
    /// Folder of the scripts that the configuration names; it has the same path in the pod.
    pub scripts: NodePath,
}

/// haproxy as a static pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HaproxyPod {
    /// Its image.
    pub image: Word,
    /// Its configuration on the node. It must not say `daemon`: the pod ends with its first process.
    pub config: NodePath,
    /// How the kubelet finds out that it lives.
    pub liveness: Liveness,
}

/// A question that a living balancer answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Liveness {
    /// HTTPS through the balancer to an apiserver, on an address that this node always has. An apiserver
    /// that is not there yet counts as a failure, so only for balancers that listen on all addresses.
    Https {
        /// The address.
        host: IpAddr,
        /// The balancer's port.
        port: Port,
        /// Path, `/healthz`.
        path: NodePath,
    },
    /// HTTP to the balancer itself (`monitor-uri`), on an address that this node always has.
    Http {
        /// The address.
        host: IpAddr,
        /// The port of the monitor.
        port: Port,
        /// Path.
        path: NodePath,
    },
    /// The balancer accepts a connection.
    Tcp {
        /// The address.
        host: IpAddr,
        /// The port.
        port: Port,
    },
}

/// kube-vip as a static pod. The apiservers listen on all addresses, the VIP's among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KubeVipPod {
    /// Its image.
    pub image: Word,
    /// The VIP.
    pub address: IpAddr,
    /// The apiservers' port, which is also the VIP's.
    pub port: Port,
    /// How the VIP is announced.
    pub announce: Announce,
    /// The election of the carrier.
    pub lease: Lease,
    /// Also carry the addresses of Services of type LoadBalancer.
    pub services: bool,
    /// Balance connections over all apiservers (IPVS), on this port of the VIP.
    pub load_balancer: Option<Port>,
    /// Port of the metrics.
    pub metrics_port: Port,
}

/// How kube-vip announces the VIP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Announce {
    /// By ARP or neighbour discovery in the segment of this interface.
    Arp {
        /// The interface.
        interface: InterfaceName,
    },
    /// By BGP; the VIP stands on `lo`.
    Bgp {
        /// Router id of this node.
        router_id: IpAddr,
        /// Number of the autonomous system.
        autonomous_system: u32,
        /// The peers.
        peers: Vec<BgpPeer>,
    },
}

/// A BGP peer. kube-vip takes its password only in the pod, which anybody may read; so there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BgpPeer {
    /// Its address.
    pub address: IpAddr,
    /// Its autonomous system.
    pub autonomous_system: u32,
    /// It is more than one hop away.
    pub multihop: bool,
}

/// The election of the carrier, in seconds. The lease outlasts the deadline, and the deadline several tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lease {
    /// How long a lease holds after its last renewal.
    pub duration_seconds: NonZeroU16,
    /// How long the carrier tries to renew it before it gives up.
    pub renew_deadline_seconds: NonZeroU16,
    /// Time between two tries.
    pub retry_period_seconds: NonZeroU16,
}

impl Default for Lease {
    /// kube-vip's own: 5, 3 and 1.
    fn default() -> Self {
        let seconds = |n| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
        Self {
            duration_seconds: seconds(5),
            renew_deadline_seconds: seconds(3),
            retry_period_seconds: seconds(1),
        }
    }
}
