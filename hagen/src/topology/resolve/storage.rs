//! GlusterFS volumes and MariaDB databases.

use std::collections::BTreeMap;

use super::Resolver;
use crate::spec::{Document, Name};
use crate::topology::{Database, Node, Vip, Volume};

pub(super) fn volumes(
    document: &Document,
    nodes: &BTreeMap<Name, Node>,
    r: &mut Resolver,
) -> BTreeMap<Name, Volume> {
    let mut volumes = BTreeMap::new();
    for (name, spec) in &document.volumes {
        let mut bricks: Vec<Name> =
            r.select(&spec.nodes, nodes).into_iter().map(|(n, _)| n.name.clone()).collect();
        let arbiter =
            spec.arbiter.as_ref().and_then(|a| r.follow("node", "nodes", a, nodes)).map(|n| n.name.clone());
        if let Some(arbiter) = &arbiter {
            bricks.retain(|b| b != arbiter);
            bricks.push(arbiter.clone());
        }
        let all = u8::try_from(bricks.len()).unwrap_or(u8::MAX);
        let clients = match &spec.clients {
            Some(selector) => r.select(selector, nodes).into_iter().map(|(n, _)| n.name.clone()).collect(),
            None => bricks.iter().filter(|b| Some(*b) != arbiter.as_ref()).cloned().collect(),
        };
        let volume = Volume {
            name: name.value.clone(),
            span: name.span,
            bricks,
            arbiter,
            replica: spec.replica.as_ref().map_or(all, |n| n.value),
            clients,
            mount: spec.mount.value.clone(),
            spec: spec.clone(),
        };
        volumes.insert(name.value.clone(), volume);
    }
    volumes
}

pub(super) fn databases(
    document: &Document,
    nodes: &BTreeMap<Name, Node>,
    vips: &BTreeMap<Name, Vip>,
    r: &mut Resolver,
) -> BTreeMap<Name, Database> {
    let mut databases = BTreeMap::new();
    for (name, spec) in &document.databases {
        let selected = r.select(&spec.nodes, nodes);
        let vip = spec.vip.as_ref().and_then(|v| r.follow("VIP", "vips", v, vips));
        if selected.len() > 2 {
            let message = format!(
                "the database `{name}` has {} nodes; one, or two for a pair, are supported",
                selected.len()
            );
            r.error(
                "DB-1",
                spec.nodes.span,
                message,
                "keep two nodes; more writers need Galera, which this release does not set up",
            );
        }
        if selected.len() == 2 && spec.vip.is_none() {
            let message = format!("the pair `{name}` has no VIP: clients could not follow a failover");
            r.error("DB-1", spec.nodes.span, message, "add `vip: NAME`");
        }
        if selected.len() == 2 && spec.replication_password.is_none() {
            let message = format!("the pair `{name}` has no `replicationPassword`");
            r.error("DB-1", name.span, message, "add `replicationPassword: {env: NAME}`");
        }
        let Some((first, _)) = selected.first() else { continue };
        let database = Database {
            name: name.value.clone(),
            span: name.span,
            address: vip.map_or(first.address, |v| v.address),
            nodes: selected.iter().map(|(n, _)| n.name.clone()).collect(),
            vip: vip.map(|v| v.name.clone()),
            port: spec.port.value,
            spec: spec.clone(),
        };
        databases.insert(name.value.clone(), database);
    }
    databases
}
