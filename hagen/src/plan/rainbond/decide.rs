//! Topology → Rainbond's plan for a node.

use super::*;
use crate::plan::Input;
use crate::spec::RecordName;
use crate::spec::words::fixed;
use crate::topology::{self, Node, Target, Topology};

/// etcd on a manager, TCP.
const ETCD_PORT: u16 = 2379;
/// DNS.
const DNS_PORT: u16 = 53;

/// What a node of Rainbond gets; nothing on other nodes. A manager is never a compute node as well.
pub fn decide(input: &Input) -> Option<Rainbond> {
    let rainbond = input.topology.rainbond.as_ref()?;
    let name = &input.node.name;
    if rainbond.managers.contains(name) {
        Some(Rainbond::Manage(manage(input, rainbond)))
    } else if rainbond.computes.contains(name) {
        compute(input, rainbond).map(Rainbond::Compute)
    } else {
        None
    }
}

/// The lines that every node of the cluster has in `/etc/hosts` for Rainbond: address, then names.
pub fn host_names(topology: &Topology) -> Vec<(IpAddr, Vec<String>)> {
    let Some(rainbond) = &topology.rainbond else { return vec![] };
    let domain = &rainbond.spec.domain;
    let mut lines = vec![];
    for (index, manager) in nodes(topology, &rainbond.managers).into_iter().enumerate() {
        let mut names = vec![manager.name.to_string()];
        names.extend(manager.host_uuid.as_ref().map(|uuid| uuid.to_string()));
        // One address for each name: the first manager runs the API, the region and the console.
        if index == 0 {
            names.extend(["kubeapi", "region", "console"].map(|host| format!("{host}.{domain}")));
        }
        lines.push((manager.address, names));
    }
    let names = vec![domain.to_string(), format!("lang.{domain}"), format!("maven.{domain}")];
    lines.push((rainbond.vip_address, names));
    lines
}

fn nodes<'t>(topology: &'t Topology, names: &[Name]) -> Vec<&'t Node> {
    names.iter().filter_map(|n| topology.node(n)).collect()
}

fn component(rainbond: &topology::Rainbond, name: &'static str) -> Component {
    let spec = &rainbond.spec;
    let version = spec.component_versions.find(&fixed(name)).unwrap_or(&spec.version);
    // Words of words: an image name is one, unless prefix and version together are longer than a word may be.
    let image = format!("{}/{name}:{version}", spec.image_prefix).parse().unwrap_or_else(|_| fixed(name));
    Component {
        image,
        memory_mib: spec.memory_mib,
        log_max_size_mib: spec.log_max_size_mib,
        log_max_files: spec.log_max_files,
    }
}

fn manage(input: &Input, rainbond: &topology::Rainbond) -> Manage {
    let (topology, spec) = (input.topology, &rainbond.spec);
    let sockets = |names: &[Name], port: u16| {
        nodes(topology, names).iter().map(|n| SocketAddr::new(n.address, port)).collect()
    };
    Manage {
        entrance: Entrance {
            component: component(rainbond, "rbd-entrance"),
            http_port: spec.http_port,
            https_port: spec.https_port,
            gateways: sockets(&rainbond.computes, spec.gateway_port.get()),
            etcd: sockets(&rainbond.managers, ETCD_PORT),
            log_level: spec.log_level.clone(),
        },
        vip: rainbond.vip_address,
        application_domain: application_domain(topology, rainbond),
        has_database: rainbond.managers.first() == Some(&input.node.name),
    }
}

fn compute(input: &Input, rainbond: &topology::Rainbond) -> Option<Compute> {
    let (topology, spec) = (input.topology, &rainbond.spec);
    let computes: Vec<IpAddr> = nodes(topology, &rainbond.computes).iter().map(|n| n.address).collect();
    Some(Compute {
        gateway: Gateway {
            component: component(rainbond, "rbd-lb"),
            http_port: spec.http_port,
            application_domain: application_domain(topology, rainbond),
            interface_port: spec.gateway_port,
        },
        dns: Dns {
            component: component(rainbond, "rbd-dns"),
            name_servers: upstreams(topology, &computes),
            domain: spec.domain.clone(),
            vip: rainbond.vip_address,
        },
        proxy: Proxy {
            domain: spec.domain.clone(),
            http_port: spec.http_port,
            https_port: spec.https_port,
            managers: nodes(topology, &rainbond.managers).iter().map(|n| n.address).collect(),
        },
        kubelet: Kubelet {
            // Its absence is refused by NAME-1.
            host_uuid: input.node.host_uuid.clone()?,
            dns_servers: computes,
            host_ip: input.node.address,
        },
        manager: rainbond.managers.first()?.clone(),
    })
}

/// Who answers what `rbd-dns` does not know: the name servers of the closed network except `rbd-dns` itself,
/// else what the document names as forwarders, else nobody.
fn upstreams(topology: &Topology, computes: &[IpAddr]) -> Vec<SocketAddr> {
    let resolvers = &topology.resolvers;
    let foreign = |a: &&IpAddr| !computes.contains(a);
    let mut servers: Vec<&IpAddr> = resolvers.servers.iter().filter(foreign).collect();
    if servers.is_empty() {
        servers = resolvers.forwarders.iter().filter(foreign).collect();
    }
    if servers.is_empty() {
        return vec![Dns::NO_UPSTREAM];
    }
    servers.into_iter().map(|a| SocketAddr::new(*a, DNS_PORT)).collect()
}

/// The zone whose wildcard leads to the gateways; without one, applications live in the platform's domain,
/// which `rbd-dns` serves with a wildcard.
fn application_domain(topology: &Topology, rainbond: &topology::Rainbond) -> DomainName {
    let wildcard: RecordName = fixed("*");
    let target = Target::Address(rainbond.vip_address);
    let zone = topology
        .zones
        .values()
        .find(|zone| zone.records.iter().any(|r| r.name == wildcard && r.target == target));
    zone.map_or_else(|| rainbond.spec.domain.clone(), |zone| zone.name.clone())
}
