//! Virtual IP addresses, VRRP, and the services behind them.

use std::net::IpAddr;

use ipnet::IpNet;

use super::*;
use crate::yaml::{Map, Spanned};
use crate::{choice, record};

choice! {
    /// What owns a VIP.
    pub enum Owner {
        /// keepalived speaks VRRP.
        Keepalived = "keepalived",
        /// ha-xdp speaks VRRP.
        HaXdp = "ha-xdp",
        /// kube-vip elects a leader through the Kubernetes API.
        KubeVip = "kube-vip",
        /// The platform's own installer brings what owns it (ocboot's keepalived pod); hagen only checks
        /// that nothing collides with it.
        Platform = "platform",
    }
}

impl Owner {
    /// Whether hagen configures VRRP for it.
    pub fn speaks_vrrp(self) -> bool {
        matches!(self, Owner::Keepalived | Owner::HaXdp)
    }
}

choice! {
    /// What distributes the connections that reach a VIP.
    pub enum Balancer {
        /// haproxy in TCP mode.
        Haproxy = "haproxy",
        /// nginx with its stream module.
        Nginx = "nginx",
        /// ha-xdp, in the kernel.
        HaXdp = "ha-xdp",
        /// Nothing: the carrying node answers itself.
        None = "none",
    }
}

choice! {
    /// How the owner and the balancer run.
    pub enum Deployment {
        /// Packages of the operating system, as systemd services.
        Package = "package",
        /// Static pods of the kubelet; only on control planes.
        StaticPod = "static-pod",
    }
}

choice! {
    /// Transport protocol.
    pub enum Protocol {
        /// TCP.
        Tcp = "tcp",
        /// UDP; only with ha-xdp or nginx.
        Udp = "udp",
    }
}

choice! {
    /// How ha-xdp hands a packet to a backend.
    pub enum ForwardMode {
        /// Address and port translation; backends need no change.
        Nat = "nat",
        /// MAC rewrite: backends stand in the same segment, hold the VIP on `lo`, and answer directly.
        Dsr = "dsr",
        /// IP in IP: backends may stand behind routers, and answer directly.
        Ipip = "ipip",
    }
}

choice! {
    /// How the next backend is chosen.
    pub enum Balance {
        /// In turn.
        RoundRobin = "roundrobin",
        /// The one with the fewest connections.
        LeastConn = "leastconn",
        /// By the client's address.
        Source = "source",
    }
}

choice! {
    /// What a check asks a backend.
    pub enum CheckType {
        /// That it accepts a TCP connection.
        Tcp = "tcp",
        /// That it answers HTTP with 200.
        Http = "http",
        /// That it answers HTTPS with 200; the certificate is not checked unless `caFile` is given.
        Https = "https",
    }
}

choice! {
    /// What a node does when the services that it fronts fail on it.
    pub enum OnFailure {
        /// It gives the VIP up.
        Fault = "fault",
        /// It lowers its priority below that of a healthy node, and keeps the VIP if all nodes fail.
        LowerPriority = "lower-priority",
    }
}

record! {
    /// A virtual IP address and what stands behind it.
    pub struct Vip ("a VIP") {
        /// The address, in the network of the nodes that carry it, used by nothing else.
        address: Spanned<IpAddr>,
        /// The nodes that may carry it, in the order in which they are preferred.
        nodes: Spanned<Selector>,
        /// The interface that carries it. Default: the node's own; `br0` on Cloudpods hosts.
        interface: Option<Spanned<InterfaceName>>,
        /// What owns the address.
        owner: Spanned<Owner> = Spanned::nowhere(Owner::Keepalived),
        /// What distributes its connections.
        balancer: Spanned<Balancer> = Spanned::nowhere(Balancer::Haproxy),
        /// How owner and balancer run.
        deployment: Spanned<Deployment> = Spanned::nowhere(Deployment::Package),
        /// VRRP; needed where keepalived or ha-xdp owns the address.
        vrrp: Option<Vrrp>,
        /// The services behind the address. The VIP follows their health.
        services: Map<Name, Service>,
        /// Connections that the balancer carries at once.
        max_connections: u32 = 4000,
    }
}

record! {
    /// The virtual router of a VIP.
    pub struct Vrrp ("vrrp") {
        /// Virtual router id, 1 to 255, unique in the broadcast domain.
        virtual_router_id: Spanned<u8>,
        /// VRRP version, 2 or 3. Version 2 has passwords (8 bytes, in clear on the wire) and whole seconds.
        version: Spanned<u8> = Spanned::nowhere(3),
        /// Priorities by node, 1 to 254, all different. Default: 200, 190, 180, … in the order of `nodes`.
        priorities: Map<Name, Spanned<u8>>,
        /// Time between advertisements: 10ms to 40s in steps of 10ms (version 3), 1s to 255s in steps of 1s (version 2).
        advertisement_interval: Spanned<Duration> = Spanned::nowhere(Duration::from_secs(1)),
        /// A node with a higher priority takes the VIP back when it returns.
        preempt: bool = false,
        /// How long a returned node waits before it takes the VIP back; only with `preempt`.
        preempt_delay: Option<Spanned<Duration>>,
        /// Advertise to the other nodes by address. With `false`, to the multicast group of VRRP.
        unicast: bool = true,
        /// Password of version 2, by reference, 1 to 8 bytes.
        password: Option<Spanned<SecretRef>>,
        /// What a node does when the services that it fronts fail on it.
        on_failure: OnFailure = OnFailure::Fault,
        /// Time between two checks of the fronted services on the node.
        check_interval: Duration = Duration::from_secs(2),
        /// Failed checks before the node counts as failed, 1 to 60.
        fall: u8 = 3,
        /// Good checks before it counts as healthy, 1 to 60.
        rise: u8 = 2,
    }
}

record! {
    /// One port behind a VIP.
    pub struct Service ("a service") {
        /// Port on the VIP.
        port: Spanned<Port>,
        /// Transport protocol.
        protocol: Spanned<Protocol> = Spanned::nowhere(Protocol::Tcp),
        /// The nodes that serve it. Default: the nodes of the VIP.
        backends: Option<Spanned<Selector>>,
        /// Port on the backends. Default: the same.
        backend_port: Option<Spanned<Port>>,
        /// The one backend that is used while it is healthy; the others wait.
        preferred: Option<Spanned<Name>>,
        /// Weights by node, 1 to 256. Default: 100 each.
        weights: Map<Name, u16>,
        /// How the next backend is chosen.
        balance: Balance = Balance::RoundRobin,
        /// How a backend's health is found out.
        check: Check,
        /// How ha-xdp forwards.
        mode: Spanned<ForwardMode> = Spanned::nowhere(ForwardMode::Nat),
        /// Clients that may use it, as networks. Default: all. With ha-xdp and haproxy.
        source_ranges: Vec<IpNet>,
        /// How long a silent connection is kept. Watches and `kubectl exec` are silent for long.
        idle_timeout: Duration = Duration::from_secs(3600),
        /// Time to open a connection to a backend.
        connect_timeout: Duration = Duration::from_secs(5),
    }
}

record! {
    /// A health check.
    pub struct Check ("a check") {
        /// What is asked.
        r#type: CheckType = CheckType::Tcp,
        /// Path for HTTP and HTTPS.
        path: NodePath = fixed("/readyz"),
        /// Port that is asked. Default: the backend port.
        port: Option<Port>,
        /// Time between two checks.
        interval: Duration = Duration::from_secs(3),
        /// Time to answer.
        timeout: Duration = Duration::from_secs(2),
        /// Failed checks before the backend is left out, 1 to 60.
        fall: u8 = 3,
        /// Good checks before it is used again, 1 to 60.
        rise: u8 = 2,
        /// Certificate authority to check an HTTPS backend with: a file on the balancer's node.
        ca_file: Option<NodePath>,
    }
}
