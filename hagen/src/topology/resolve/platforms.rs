//! kubeadm, DCE 5.0, Rainbond and Cloudpods: who is who.

use std::collections::{BTreeMap, BTreeSet};

use super::{Resolver, having};
use crate::spec::{Document, DomainName, Name, Role};
use crate::topology::{
    Cloudpods, Database, Dce, Etcd, Kubernetes, Node, Rainbond, Target, Vip, Volume, Zone,
};

type Nodes = BTreeMap<Name, Node>;
type Vips = BTreeMap<Name, Vip>;

pub(super) fn kubernetes(
    document: &Document,
    nodes: &Nodes,
    vips: &Vips,
    r: &mut Resolver,
) -> Option<Kubernetes> {
    let spec = document.kubernetes.as_ref()?;
    let mut control_planes = having(nodes, Role::ControlPlane);
    if control_planes.is_empty() {
        r.error(
            "QR-1",
            spec.version.span,
            "a Kubernetes cluster without a control plane",
            "give nodes the role `control-plane`",
        );
        return None;
    }
    if let Some(first) = &spec.first {
        match control_planes.iter().position(|n| *n == first.value) {
            Some(at) => control_planes[..=at].rotate_right(1),
            None => r.error(
                "REF-1",
                first.span,
                format!("`{first}` has not the role `control-plane`"),
                "name a control plane",
            ),
        }
    }
    let vip = spec.vip.as_ref().and_then(|v| r.follow("VIP", "vips", v, vips));
    let etcd_nodes = having(nodes, Role::Etcd);
    let etcd = match (etcd_nodes.is_empty(), spec.etcd.endpoints.is_empty()) {
        (true, true) => Etcd::Stacked,
        (true, false) => Etcd::External(spec.etcd.endpoints.iter().map(|e| e.value).collect()),
        (false, true) => Etcd::Nodes(etcd_nodes),
        (false, false) => {
            let span = spec.etcd.endpoints.first().map_or(spec.version.span, |e| e.span);
            r.error(
                "QR-1",
                span,
                "etcd stands on nodes with the role `etcd` and on `etcd.endpoints`",
                "keep one of the two",
            );
            return None;
        }
    };
    let first = nodes.get(control_planes.first()?)?;
    let endpoint_host = match (&spec.endpoint, vip) {
        (Some(domain), _) => domain.to_string(),
        (None, Some(vip)) => vip.address.to_string(),
        (None, None) => first.address.to_string(),
    };
    let mut cert_sans: BTreeSet<String> = spec.cert_sans.iter().map(|s| s.to_string()).collect();
    cert_sans.insert(endpoint_host.clone());
    cert_sans.extend(vip.map(|v| v.address.to_string()));
    cert_sans.extend(control_planes.iter().filter_map(|n| nodes.get(n)).map(|n| n.address.to_string()));
    cert_sans.insert("127.0.0.1".into());
    Some(Kubernetes {
        control_planes,
        workers: having(nodes, Role::Worker),
        etcd,
        vip: vip.map(|v| v.name.clone()),
        endpoint_host,
        endpoint_port: spec.endpoint_port.value,
        bind_port: spec.bind_port.value,
        cert_sans,
        spec: spec.clone(),
    })
}

pub(super) fn dce(
    document: &Document,
    nodes: &Nodes,
    zones: &BTreeMap<DomainName, Zone>,
    vips: &Vips,
    r: &mut Resolver,
) -> Option<Dce> {
    let spec = document.dce.as_ref()?;
    let originals = having(nodes, Role::Bootstrap);
    let [original] = originals.as_slice() else {
        let message =
            format!("DCE has one node with the role `bootstrap`, this document {}", originals.len());
        r.error("DCE-1", spec.domain.span, message, "the others are `backup-bootstrap`");
        return None;
    };
    // A VIP stands behind the name when a record of the name points to its address.
    let address = zones.values().find_map(|zone| {
        let name = spec.domain.as_str().strip_suffix(zone.name.as_str())?;
        let name = if name.is_empty() { "@" } else { name.strip_suffix('.')? };
        let record = zone.records.iter().find(|record| record.name.as_str() == name)?;
        match record.target {
            Target::Address(address) => Some(address),
            Target::Cname(_) => None,
        }
    });
    let vip = address.and_then(|a| vips.values().find(|v| v.address == a)).map(|v| v.name.clone());
    Some(Dce {
        original: original.clone(),
        backups: having(nodes, Role::BackupBootstrap),
        domain: spec.domain.value.clone(),
        vip,
        masters: having(nodes, Role::ControlPlane),
        workers: having(nodes, Role::Worker),
        etcd: having(nodes, Role::Etcd),
        spec: spec.clone(),
    })
}

pub(super) fn rainbond(
    document: &Document,
    nodes: &Nodes,
    vips: &Vips,
    volumes: &BTreeMap<Name, Volume>,
    r: &mut Resolver,
) -> Option<Rainbond> {
    let spec = document.rainbond.as_ref()?;
    let vip = r.follow("VIP", "vips", &spec.vip, vips);
    let volume = r.follow("volume", "volumes", &spec.volume, volumes);
    let (managers, computes) = (having(nodes, Role::Manage), having(nodes, Role::Compute));
    if managers.is_empty() || computes.is_empty() {
        let message = "Rainbond needs a node with the role `manage` and nodes with the role `compute`";
        r.error("QR-2", spec.vip.span, message, "give the roles to nodes");
    }
    let (vip, volume) = (vip?, volume?);
    Some(Rainbond {
        managers,
        computes,
        vip: vip.name.clone(),
        vip_address: vip.address,
        volume: volume.name.clone(),
        spec: spec.clone(),
    })
}

pub(super) fn cloudpods(
    document: &Document,
    nodes: &Nodes,
    vips: &Vips,
    databases: &BTreeMap<Name, Database>,
    r: &mut Resolver,
) -> Option<Cloudpods> {
    let spec = document.cloudpods.as_ref()?;
    let vip = r.follow("VIP", "vips", &spec.vip, vips);
    let database = r.follow("database", "databases", &spec.database, databases);
    let firsts = having(nodes, Role::FirstNode);
    let [first] = firsts.as_slice() else {
        let message =
            format!("Cloudpods has one node with the role `first-node`, this document {}", firsts.len());
        r.error("QR-2", spec.vip.span, message, "the others are `controller`");
        return None;
    };
    let mut controllers = having(nodes, Role::Controller);
    controllers.retain(|n| n != first);
    let all = || std::iter::once(first).chain(&controllers).cloned();
    let ha: BTreeSet<Name> = match &spec.ha_controllers {
        Some(selector) => {
            let chosen = r.select(selector, nodes);
            for (node, span) in &chosen {
                if !all().any(|n| n == node.name) {
                    let message = format!("`{}` has not the role `controller`", node.name);
                    r.error("QR-2", *span, message, "name controllers");
                }
            }
            chosen.into_iter().map(|(n, _)| n.name.clone()).collect()
        }
        None => all().collect(),
    };
    let hosts = having(nodes, Role::Host).into_iter().filter(|n| !all().any(|c| c == *n)).collect();
    let (vip, database) = (vip?, database?);
    Some(Cloudpods {
        first: first.clone(),
        controllers,
        ha,
        hosts,
        vip: vip.name.clone(),
        vip_address: vip.address,
        database: database.name.clone(),
        spec: spec.clone(),
    })
}
