//! The topology as a picture: boxes in ranks, lines between them, and three ways to spell it.
//!
//! The picture is a value with a fixed order; nothing here decides anything about the cluster.

mod dot;
mod layout;
mod mermaid;
mod svg;

use std::collections::BTreeSet;

use crate::spec::{Balancer, Name, Owner, Role};
use crate::topology::{Model, Target, Topology, Vip};

pub use dot::to_dot;
pub use mermaid::to_mermaid;
pub use svg::to_svg;

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A name of a DNS zone, or the clients' way in.
    Name,
    /// A virtual IP address.
    Vip,
    /// A machine.
    Node,
    /// A volume or a database.
    Store,
}

/// One box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vertex {
    /// Unique word of letters, digits and `_`.
    pub id: String,
    /// What it stands for.
    pub kind: Kind,
    /// The first line.
    pub title: String,
    /// More lines.
    pub lines: Vec<String>,
}

/// One line between two boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it starts: an id.
    pub from: String,
    /// Where it ends: an id.
    pub to: String,
    /// What stands at it.
    pub label: String,
    /// Drawn broken: used only when the other way fails.
    pub standby: bool,
}

/// The picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// Name of the cluster.
    pub title: String,
    /// All boxes, by kind and name.
    pub vertices: Vec<Vertex>,
    /// All lines.
    pub edges: Vec<Edge>,
}

/// An id that all three languages take.
fn id(prefix: &str, name: &str) -> String {
    let plain =
        |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("_{:x}_", u32::from(c)) };
    format!("{prefix}_{}", name.chars().map(plain).collect::<String>())
}

/// Draws a topology.
pub fn graph(topology: &Topology) -> Graph {
    let mut graph = Graph { title: topology.cluster().to_string(), vertices: vec![], edges: vec![] };
    zones(topology, &mut graph);
    for vip in topology.vips.values() {
        graph.vip(topology, vip);
    }
    for node in topology.nodes.values() {
        let roles = node.roles.iter().map(|r| r.word()).collect::<Vec<_>>().join(", ");
        let mut lines = vec![node.address.to_string()];
        lines.extend((!roles.is_empty()).then_some(roles));
        graph.vertex(Kind::Node, id("node", node.name.as_str()), node.name.to_string(), lines);
    }
    stores(topology, &mut graph);
    graph.vertices.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    graph
}

/// Switched names, with the way to each candidate.
fn zones(model: &Model, graph: &mut Graph) {
    for zone in model.zones.values() {
        for record in &zone.records {
            let full = match record.name.as_str() {
                "@" => zone.name.to_string(),
                name => format!("{name}.{}", zone.name),
            };
            let Target::Address(active) = record.target else { continue };
            let vip = model.vips.values().find(|v| v.address == active);
            if record.candidates.is_empty() && vip.is_none() {
                continue;
            }
            let name = id("name", &full);
            let servers =
                zone.primary.iter().chain(&zone.secondaries).map(Name::as_str).collect::<Vec<_>>().join(", ");
            let served =
                if zone.external { "served outside".to_owned() } else { format!("served by {servers}") };
            graph.vertex(Kind::Name, name.clone(), full, vec![served, format!("TTL {}", record.ttl)]);
            if let Some(vip) = vip {
                graph.edge(&name, &id("vip", vip.name.as_str()), String::new(), false);
            }
            for candidate in &record.candidates {
                let standby = candidate.address != active;
                let label = if standby { "after a switch" } else { "now" };
                graph.edge(&name, &id("node", candidate.node.as_str()), label.into(), standby);
            }
        }
    }
}

/// Volumes and databases, with the nodes that hold them.
fn stores(model: &Model, graph: &mut Graph) {
    for volume in model.volumes.values() {
        let store = id("volume", volume.name.as_str());
        let lines =
            vec![format!("GlusterFS, replica {}", volume.replica), format!("mounted at {}", volume.mount)];
        graph.vertex(Kind::Store, store.clone(), volume.name.to_string(), lines);
        for brick in &volume.bricks {
            let label = if Some(brick) == volume.arbiter.as_ref() { "arbiter" } else { "brick" };
            graph.edge(&id("node", brick.as_str()), &store, label.into(), false);
        }
    }
    for db in model.databases.values() {
        let store = id("database", db.name.as_str());
        let form = if db.nodes.len() == 2 { "MariaDB pair" } else { "MariaDB" };
        graph.vertex(
            Kind::Store,
            store.clone(),
            db.name.to_string(),
            vec![format!("{form}, port {}", db.port)],
        );
        for (at, node) in db.nodes.iter().enumerate() {
            let label = if db.nodes.len() == 2 { format!("server {}", at + 1) } else { "server".into() };
            graph.edge(&id("node", node.as_str()), &store, label, false);
        }
    }
}

impl Graph {
    fn vertex(&mut self, kind: Kind, id: String, title: String, lines: Vec<String>) {
        if !self.vertices.iter().any(|v| v.id == id) {
            self.vertices.push(Vertex { id, kind, title, lines });
        }
    }

    fn edge(&mut self, from: &str, to: &str, label: String, standby: bool) {
        self.edges.push(Edge { from: from.into(), to: to.into(), label, standby });
    }

    fn vip(&mut self, model: &Model, vip: &Vip) {
        let vertex = id("vip", vip.name.as_str());
        let mut lines = vec![vip.address.to_string()];
        lines.push(match (&vip.vrrp, vip.owner) {
            (Some(vrrp), owner) => format!("{owner}, virtual router {}", *vrrp.virtual_router_id),
            (None, Owner::Platform) => "owned by the platform".into(),
            (None, owner) => owner.to_string(),
        });
        for service in &vip.services {
            let backend = service.backends.first().map_or(service.port, |b| b.port);
            let ports = if backend == service.port {
                service.port.to_string()
            } else {
                format!("{} → {backend}", service.port)
            };
            let by =
                if vip.balancer == Balancer::None { String::new() } else { format!(" by {}", vip.balancer) };
            lines.push(format!("{} {ports}/{}{by}", service.name, service.spec.protocol.value));
        }
        self.vertex(Kind::Vip, vertex.clone(), vip.name.to_string(), lines);
        for (at, member) in vip.members.iter().enumerate() {
            let label =
                if vip.vrrp.is_some() { format!("priority {}", member.priority) } else { String::new() };
            self.edge(&vertex, &id("node", member.node.as_str()), label, at > 0);
        }
        // Backends that do not carry the VIP are reached through the nodes that do.
        let carriers: BTreeSet<&Name> = vip.members.iter().map(|m| &m.node).collect();
        let reached: BTreeSet<&Name> = vip
            .services
            .iter()
            .flat_map(|s| &s.backends)
            .map(|b| &b.node)
            .filter(|n| !carriers.contains(n))
            .collect();
        let carrier = vip
            .members
            .first()
            .filter(|m| model.node(&m.node).is_some_and(|n| n.has(Role::Lb)) || !reached.is_empty());
        if let Some(first) = carrier {
            for member in &vip.members {
                for backend in &reached {
                    let standby = member.node != first.node;
                    self.edge(
                        &id("node", member.node.as_str()),
                        &id("node", backend.as_str()),
                        String::new(),
                        standby,
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
