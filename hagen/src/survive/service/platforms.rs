//! Kubernetes, DCE 5.0, Rainbond, Cloudpods.

use super::network::all;
use super::{Builder, majority};
use crate::spec::Name;
use crate::survive::need::Need;
use crate::topology::{Cloudpods, Dce, Etcd, Record, Target};

const NO_MAJORITY: &str = "no majority, the API stops; data stays on disk";

pub(super) fn kubernetes(b: &mut Builder) {
    let Some(k) = &b.t.kubernetes else { return };
    let Some(etcd) = b.etcd() else { return };
    let mut needs = vec![etcd.clone()];
    let planes = &k.control_planes;
    needs.push(b.nodes(1, planes, "apiserver", "nothing answers"));
    if let Some(vip) = k.vip.as_ref().and_then(|v| b.t.vips.get(v)) {
        let service = vip.services.iter().find(|s| s.port == k.endpoint_port);
        needs.push(match service {
            Some(service) => b.vip_service(vip, service),
            None => b.vip(vip),
        });
    }
    if let Some(domain) = &k.spec.endpoint {
        needs.extend(b.resolved(domain));
    }
    let what = format!("the API answers at {}:{}", k.endpoint_host, k.endpoint_port);
    b.add("api", "kubernetes", what, all(needs));
    b.add("etcd", "kubernetes", "etcd has a majority", etcd);
}

pub(super) fn dce_cluster(b: &mut Builder) {
    let Some(dce) = &b.t.dce else { return };
    let members = if dce.etcd.is_empty() { &dce.masters } else { &dce.etcd };
    if members.is_empty() || dce.masters.is_empty() {
        return;
    }
    let etcd = Need::of("etcd", b.nodes(majority(members.len()), members, "member", NO_MAJORITY));
    // kubespray gives every node a proxy that knows all apiservers: no VIP stands between.
    let apiservers = b.nodes(1, &dce.masters, "apiserver", "nothing answers");
    b.add("api", "dce", "the API of the global cluster answers", Need::All(vec![etcd.clone(), apiservers]));
    b.add("etcd", "dce", "etcd of the global cluster has a majority", etcd);
}

pub(super) fn bootstrap(b: &mut Builder) {
    let Some(dce) = &b.t.dce else { return };
    let mut needs = vec![];
    match dce.vip.as_ref().and_then(|v| b.t.vips.get(v)) {
        Some(vip) => needs.push(b.vip(vip)),
        None => needs.push(b.switched(dce)),
    }
    needs.extend(b.resolved(&dce.domain));
    let what = format!("images, charts and files are served at {}", dce.domain);
    b.add("bootstrap", "", what, all(needs));
}

pub(super) fn rainbond(b: &mut Builder) {
    let Some(r) = &b.t.rainbond else { return };
    if let Some(vip) = b.t.vips.get(&r.vip) {
        let need = b.vip(vip);
        b.add("ingress", "rainbond", format!("applications are reached at {}", r.vip_address), need);
    }
    let Some(first) = r.managers.first() else { return };
    let mut needs =
        vec![b.node(first, format!("the manager {first} with the console and its only database"))];
    if r.managers.len() > 1 {
        let count = majority(r.managers.len());
        needs.push(b.nodes(count, &r.managers, "manager | with etcd", NO_MAJORITY));
    }
    needs.extend(b.t.volumes.get(&r.volume).map(|v| b.volume(v)));
    b.add("platform", "rainbond", "applications can be built and changed", all(needs));
}

pub(super) fn cloudpods(b: &mut Builder) {
    let Some(c) = &b.t.cloudpods else { return };
    let mut needs = vec![b.cloudpods_etcd(c)];
    needs.push(b.nodes(1, &c.ha, "highly available control plane", "the platform's services are gone"));
    needs.extend(b.t.databases.get(&c.database).map(|db| b.database(db)));
    needs.extend(b.t.vips.get(&c.vip).map(|v| b.vip(v)));
    b.add("platform", "cloudpods", format!("console and API answer at {}", c.vip_address), all(needs));
}

impl<'t> Builder<'t> {
    /// etcd of the cluster that kubeadm makes.
    pub(super) fn etcd(&mut self) -> Option<Need> {
        let k = self.t.kubernetes.as_ref()?;
        let members: Vec<Need> = match &k.etcd {
            Etcd::Stacked => k.control_planes.iter().map(|n| self.node(n, "a member of etcd")).collect(),
            Etcd::Nodes(nodes) => nodes.iter().map(|n| self.node(n, "a member of etcd")).collect(),
            Etcd::External(addresses) => {
                addresses.iter().map(|a| self.address(*a, "member of etcd")).collect()
            }
        };
        let count = majority(members.len());
        Some(Need::of("etcd", Need::at_least(count, members, "member", NO_MAJORITY)))
    }

    /// etcd of the Kubernetes below Cloudpods: one member on each control plane, highly available or not.
    pub(super) fn cloudpods_etcd(&self, c: &Cloudpods) -> Need {
        let planes: Vec<&Name> = std::iter::once(&c.first).chain(&c.controllers).collect();
        Need::of("etcd", self.nodes(majority(planes.len()), planes, "member", NO_MAJORITY))
    }

    /// The bootstrap nodes behind a record that is switched by hand.
    fn switched(&mut self, dce: &'t Dce) -> Need {
        let t = self.t;
        let zone = t.zone_of(&dce.domain).filter(|(zone, _)| !zone.external);
        let record = zone.as_ref().and_then(|(zone, name)| zone.records.iter().find(|r| r.name == *name));
        let now = record.and_then(|r| now(self, r)).unwrap_or(&dce.original);
        let serving = self.node(now, format!("the bootstrap node {now}, to which the name leads,"));
        let standbys: Vec<&Name> =
            std::iter::once(&dce.original).chain(&dce.backups).filter(|n| *n != now).collect();
        if standbys.is_empty() {
            return serving;
        }
        let mut needs = vec![self.nodes(1, standbys.iter().copied(), "standby", "")];
        let target = match standbys.as_slice() {
            [only] => only.to_string(),
            _ => "NODE".into(),
        };
        let step = match zone {
            Some((zone, name)) => {
                // The record is switched where the zone's master copy lies.
                needs.extend(zone.primary.iter().map(|p| self.node(p, format!("the primary {p}"))));
                format!(
                    "{now} has failed: switch the record, `hagen-dns-switch {} {name} {target}`",
                    zone.name
                )
            }
            None => format!("{now} has failed: point {} to {target} at the name server outside", dce.domain),
        };
        Need::Standby { now: Box::new(serving), standby: Box::new(all(needs)), step }
    }
}

/// The node that a record leads to.
fn now<'t>(b: &Builder<'t>, record: &Record) -> Option<&'t Name> {
    match record.target {
        Target::Address(address) => b.addresses.get(&address).copied(),
        Target::Cname(_) => None,
    }
}
