//! The resolved cluster: names are followed, defaults applied, selections expanded.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::WaivedProblem;
use crate::os::Os;
use crate::problem::Span;
use crate::spec::{self, DomainName, Duration, InterfaceName, Mac, Name, NodePath, Port, RecordName, Role};

/// The whole cluster. Unproven: only a [`super::Topology`] is known to keep the rules.
#[derive(Clone, Debug)]
pub struct Model {
    /// The document it came from, with defaults.
    pub document: spec::Document,
    /// The networks by name.
    pub networks: BTreeMap<Name, Network>,
    /// The nodes by name.
    pub nodes: BTreeMap<Name, Node>,
    /// The VIPs by name.
    pub vips: BTreeMap<Name, Vip>,
    /// The zones by domain.
    pub zones: BTreeMap<DomainName, Zone>,
    /// The GlusterFS volumes by name.
    pub volumes: BTreeMap<Name, Volume>,
    /// The databases by name.
    pub databases: BTreeMap<Name, Database>,
    /// kubeadm's cluster.
    pub kubernetes: Option<Kubernetes>,
    /// DCE 5.0.
    pub dce: Option<Dce>,
    /// Rainbond.
    pub rainbond: Option<Rainbond>,
    /// Cloudpods.
    pub cloudpods: Option<Cloudpods>,
    /// Time sources.
    pub time: Time,
    /// Name resolution of the nodes.
    pub resolvers: Resolvers,
    /// Files that are shipped besides configuration.
    pub offline: Vec<OfflineFile>,
    /// Rules that were waived, with the problems that they covered.
    pub waived: Vec<WaivedProblem>,
}

impl Model {
    /// Name of the cluster.
    pub fn cluster(&self) -> &Name {
        &self.document.cluster
    }

    /// Revision of the description, 1 to 4294967295.
    pub fn revision(&self) -> u32 {
        self.document.revision.get()
    }

    /// The nodes with a role, in name order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(move |node| node.has(role))
    }

    /// A node by name. Names inside the model always resolve.
    pub fn node(&self, name: &Name) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// The VIPs that a node may carry.
    pub fn vips_on<'m>(&'m self, node: &'m Name) -> impl Iterator<Item = &'m Vip> {
        self.vips.values().filter(move |vip| vip.member(node).is_some())
    }

    /// The trusted pool of glusterd that a volume lives in: the nodes with its bricks, and those of every
    /// volume that shares a node with one of them.
    pub fn pool<'m>(&'m self, volume: &'m Volume) -> BTreeSet<&'m Name> {
        let mut pool = BTreeSet::new();
        let mut wanted: Vec<&Name> = volume.bricks.iter().collect();
        while let Some(name) = wanted.pop() {
            if pool.insert(name) {
                let sharing = self.volumes.values().filter(|v| v.bricks.contains(name));
                wanted.extend(sharing.flat_map(|v| &v.bricks));
            }
        }
        pool
    }

    /// The zone that serves a domain name, and the record's name in it.
    pub fn zone_of(&self, domain: &DomainName) -> Option<(&Zone, RecordName)> {
        let zones = self.zones.values().filter_map(|zone| {
            let domain = domain.as_str();
            let name = if domain == zone.name.as_str() {
                "@"
            } else {
                domain.strip_suffix(zone.name.as_str())?.strip_suffix('.')?
            };
            Some((zone, name.parse().ok()?))
        });
        zones.max_by_key(|(zone, _)| zone.name.as_str().len())
    }
}

/// One broadcast domain.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name.
    pub name: Name,
    /// Its address range.
    pub subnet: IpNet,
    /// Where the range is written.
    pub span: Span,
    /// Its router.
    pub gateway: Option<IpAddr>,
    /// Largest packet, in bytes.
    pub mtu: u16,
    /// Virtual router ids of other equipment.
    pub reserved_virtual_router_ids: Vec<u8>,
    /// The platform below checks source addresses.
    pub checks_source_address: bool,
}

/// One machine.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name, which is its host name.
    pub name: Name,
    /// Where the name is written.
    pub span: Span,
    /// Its address.
    pub address: IpAddr,
    /// Where the address is written.
    pub address_span: Span,
    /// The network that the address is in.
    pub network: Name,
    /// Length of the network's prefix, in bits.
    pub prefix_len: u8,
    /// The default router.
    pub gateway: Option<IpAddr>,
    /// Largest packet, in bytes.
    pub mtu: u16,
    /// More addresses of the same interface.
    pub addresses: Vec<IpNet>,
    /// The interface (the NIC) of the address.
    pub interface: InterfaceName,
    /// MAC address to find the interface by.
    pub mac: Option<Mac>,
    /// The bridge that takes the NIC's address over (Cloudpods host role).
    pub bridge: Option<InterfaceName>,
    /// More interfaces.
    pub interfaces: BTreeMap<InterfaceName, spec::Interface>,
    /// What it does.
    pub roles: BTreeSet<Role>,
    /// Its operating system.
    pub os: &'static Os,
    /// Access.
    pub ssh: spec::Ssh,
    /// Kubernetes labels.
    pub labels: BTreeMap<String, String>,
    /// Kubernetes taints.
    pub taints: Vec<spec::Taint>,
    /// Rainbond's host UUID.
    pub host_uuid: Option<spec::Uuid>,
}

impl Node {
    /// Whether the node has a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The interface that holds the node's address once it runs: the bridge where there is one.
    pub fn address_interface(&self) -> &InterfaceName {
        self.bridge.as_ref().unwrap_or(&self.interface)
    }

    /// The address with its prefix.
    pub fn cidr(&self) -> IpNet {
        // A prefix length that came from a network of the same family always fits.
        IpNet::new(self.address, self.prefix_len).unwrap_or_else(|_| IpNet::from(self.address))
    }
}

/// A virtual IP address.
#[derive(Clone, Debug)]
pub struct Vip {
    /// Its name.
    pub name: Name,
    /// Where the name is written.
    pub span: Span,
    /// The address.
    pub address: IpAddr,
    /// Where the address is written.
    pub address_span: Span,
    /// The network that it is in.
    pub network: Option<Name>,
    /// Length of the network's prefix, in bits.
    pub prefix_len: u8,
    /// The nodes that may carry it, highest priority first.
    pub members: Vec<VipMember>,
    /// What owns the address.
    pub owner: spec::Owner,
    /// What distributes its connections.
    pub balancer: spec::Balancer,
    /// How owner and balancer run.
    pub deployment: spec::Deployment,
    /// VRRP, as written; present where keepalived or ha-xdp owns the address.
    pub vrrp: Option<spec::Vrrp>,
    /// The services behind it, in name order.
    pub services: Vec<Service>,
    /// Connections that the balancer carries at once.
    pub max_connections: u32,
}

impl Vip {
    /// The member that a node is, if it may carry the VIP.
    pub fn member(&self, node: &Name) -> Option<&VipMember> {
        self.members.iter().find(|m| m.node == *node)
    }
}

/// One node that may carry a VIP.
#[derive(Clone, Debug)]
pub struct VipMember {
    /// The node.
    pub node: Name,
    /// Its address, for unicast advertisements.
    pub address: IpAddr,
    /// The interface that carries the VIP there.
    pub interface: InterfaceName,
    /// VRRP priority, 1 to 254.
    pub priority: u8,
    /// Where the priority or the node is written.
    pub span: Span,
}

/// One port behind a VIP.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// Where it is written.
    pub span: Span,
    /// Port on the VIP.
    pub port: Port,
    /// The backends, in the order of the selection.
    pub backends: Vec<Backend>,
    /// As written: protocol, check, mode, timeouts.
    pub spec: spec::Service,
}

/// A node that serves a port behind a VIP.
#[derive(Clone, Debug)]
pub struct Backend {
    /// The node.
    pub node: Name,
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: Port,
    /// Its weight, 1 to 256.
    pub weight: u16,
    /// Used only while the preferred backend is down.
    pub backup: bool,
}

/// A DNS zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its domain.
    pub name: DomainName,
    /// Where it is written.
    pub span: Span,
    /// Served outside the cluster.
    pub external: bool,
    /// The node with the master copy; absent for an external zone.
    pub primary: Option<Name>,
    /// The nodes that copy it.
    pub secondaries: Vec<Name>,
    /// As written: times and hostmaster.
    pub spec: spec::Zone,
    /// The records, in name order, without those that hagen adds.
    pub records: Vec<Record>,
}

/// A record of a zone.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its name inside the zone.
    pub name: RecordName,
    /// Where it is written.
    pub span: Span,
    /// What it points to now.
    pub target: Target,
    /// The candidates of a switched record, the original first; empty for others.
    pub candidates: Vec<Candidate>,
    /// How long answers are kept.
    pub ttl: Duration,
    /// Whether the reverse zone gives this name for the address.
    pub ptr: bool,
}

/// What a record points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An address.
    Address(IpAddr),
    /// Another name.
    Cname(DomainName),
}

/// A node that a switched record may point to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The node.
    pub node: Name,
    /// Its address.
    pub address: IpAddr,
}

/// A GlusterFS volume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its name.
    pub name: Name,
    /// Where it is written.
    pub span: Span,
    /// The nodes with bricks in brick order; an arbiter stands last.
    pub bricks: Vec<Name>,
    /// The last brick of each set holds only names and attributes.
    pub arbiter: Option<Name>,
    /// Copies of every file, the arbiter counted.
    pub replica: u8,
    /// The nodes that mount the volume.
    pub clients: Vec<Name>,
    /// Where they mount it.
    pub mount: NodePath,
    /// As written: paths and options.
    pub spec: spec::Volume,
}

/// One MariaDB server or a pair.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name.
    pub name: Name,
    /// Where it is written.
    pub span: Span,
    /// The nodes, in order; the first gets server id 1.
    pub nodes: Vec<Name>,
    /// The VIP that clients use.
    pub vip: Option<Name>,
    /// The address that clients use: the VIP's, or the only node's.
    pub address: IpAddr,
    /// TCP port.
    pub port: Port,
    /// As written: accounts and settings.
    pub spec: spec::Database,
}

/// kubeadm's cluster.
#[derive(Clone, Debug)]
pub struct Kubernetes {
    /// The control planes; the first runs `kubeadm init`.
    pub control_planes: Vec<Name>,
    /// The workers.
    pub workers: Vec<Name>,
    /// Where etcd runs.
    pub etcd: Etcd,
    /// The VIP in front of the apiservers.
    pub vip: Option<Name>,
    /// Host of the endpoint: a domain or an address.
    pub endpoint_host: String,
    /// Port of the endpoint.
    pub endpoint_port: Port,
    /// Port on which an apiserver listens.
    pub bind_port: Port,
    /// Every name and address of the apiservers' certificate that kubeadm does not add by itself.
    pub cert_sans: BTreeSet<String>,
    /// As written.
    pub spec: spec::Kubernetes,
}

/// Where etcd runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Etcd {
    /// With the control planes.
    Stacked,
    /// On nodes of the cluster.
    Nodes(Vec<Name>),
    /// On machines that the document does not describe.
    External(Vec<IpAddr>),
}

/// DCE 5.0.
#[derive(Clone, Debug)]
pub struct Dce {
    /// The original bootstrap node.
    pub original: Name,
    /// Its standbys.
    pub backups: Vec<Name>,
    /// The name of the bootstrap services.
    pub domain: DomainName,
    /// The VIP that the name stands for, when the front is a balancer and not a switched record.
    pub vip: Option<Name>,
    /// Control planes of the global cluster.
    pub masters: Vec<Name>,
    /// Workers of the global cluster.
    pub workers: Vec<Name>,
    /// etcd nodes of the global cluster.
    pub etcd: Vec<Name>,
    /// As written.
    pub spec: spec::Dce,
}

/// Rainbond.
#[derive(Clone, Debug)]
pub struct Rainbond {
    /// Management nodes; the first runs the database and the console.
    pub managers: Vec<Name>,
    /// Compute nodes with gateways.
    pub computes: Vec<Name>,
    /// The VIP of the gateways.
    pub vip: Name,
    /// Its address.
    pub vip_address: IpAddr,
    /// The volume of `/grdata`.
    pub volume: Name,
    /// As written.
    pub spec: spec::Rainbond,
}

/// Cloudpods.
#[derive(Clone, Debug)]
pub struct Cloudpods {
    /// The node that installs the others.
    pub first: Name,
    /// The other controllers.
    pub controllers: Vec<Name>,
    /// The nodes (first and controllers) that are part of the highly available control plane.
    pub ha: BTreeSet<Name>,
    /// Compute nodes that are no controllers.
    pub hosts: Vec<Name>,
    /// The VIP of the platform.
    pub vip: Name,
    /// Its address.
    pub vip_address: IpAddr,
    /// The database.
    pub database: Name,
    /// As written.
    pub spec: spec::Cloudpods,
}

/// Time sources.
#[derive(Clone, Debug, Default)]
pub struct Time {
    /// The sources, as written.
    pub servers: Vec<spec::NtpServer>,
    /// The nodes among them: they serve time to the others.
    pub serving: Vec<Name>,
}

/// Name resolution of the nodes.
#[derive(Clone, Debug, Default)]
pub struct Resolvers {
    /// The name servers of a node, in order.
    pub servers: Vec<IpAddr>,
    /// Search domains.
    pub search: Vec<DomainName>,
    /// Name servers that the cluster's own servers ask for foreign names.
    pub forwarders: Vec<IpAddr>,
    /// Write the nodes' names to `/etc/hosts`.
    pub hosts: bool,
}

/// Something shipped besides configuration.
#[derive(Clone, Debug)]
pub struct OfflineFile {
    /// Path where hagen runs, as written.
    pub source: String,
    /// Where it is written.
    pub span: Span,
    /// Place on the node; absent for `packages/`.
    pub target: Option<NodePath>,
    /// The nodes that get it.
    pub nodes: BTreeSet<Name>,
}
