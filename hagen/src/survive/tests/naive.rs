//! The same questions answered a second time, straight from the topology, with loops and counters.

use std::net::IpAddr;

use crate::spec::{Balancer, DomainName, Name, Owner};
use crate::topology::{Etcd, Target, Topology, Vip, Volume};

/// Whether a service works, and whether it would after a step by hand.
pub(super) fn judge(t: &Topology, service: &str, failed: &[bool]) -> (bool, bool) {
    let n = Naive { t, failed };
    let (kind, name) = service.split_once('/').unwrap_or((service, ""));
    let works = match (kind, name) {
        ("api", "kubernetes") => n.kubernetes(),
        ("api", "dce") => n.dce_etcd() && t.dce.as_ref().unwrap().masters.iter().any(|m| n.alive(m)),
        ("etcd", "kubernetes") => n.etcd(),
        ("etcd", "dce") => n.dce_etcd(),
        ("vip", _) => n.vip(&t.vips[name], None),
        ("zone", _) => n.zone(name),
        ("resolver", _) => n.resolver(),
        ("database", _) => n.database(name),
        ("volume", _) => n.volume(&t.volumes[name]),
        ("bootstrap", _) => return n.bootstrap(),
        ("ingress", _) => n.vip(&t.vips[&t.rainbond.as_ref().unwrap().vip], None),
        ("platform", "rainbond") => {
            let r = t.rainbond.as_ref().unwrap();
            n.alive(&r.managers[0]) && n.most(&r.managers) && n.volume(&t.volumes[&r.volume])
        }
        ("platform", "cloudpods") => {
            let c = t.cloudpods.as_ref().unwrap();
            n.cloudpods_etcd()
                && c.ha.iter().any(|h| n.alive(h))
                && n.database(c.database.as_str())
                && n.vip(&t.vips[&c.vip], None)
        }
        ("time", _) => t.time.servers.iter().any(|s| {
            let host = s.as_str().trim_end_matches(" iburst");
            match (t.nodes.get(host), host.parse()) {
                (Some(node), _) => n.alive(&node.name),
                (None, Ok(address)) => n.address(address),
                _ => true,
            }
        }),
        _ => panic!("no second opinion about {service}"),
    };
    (works, false)
}

struct Naive<'t> {
    t: &'t Topology,
    failed: &'t [bool],
}

impl Naive<'_> {
    fn alive(&self, name: &Name) -> bool {
        let at = self.t.nodes.keys().position(|n| n == name).unwrap();
        !self.failed[at]
    }

    fn count<'n>(&self, names: impl IntoIterator<Item = &'n Name>) -> usize {
        names.into_iter().filter(|n| self.alive(n)).count()
    }

    fn most(&self, names: &[Name]) -> bool {
        2 * self.count(names) > names.len()
    }

    fn address(&self, address: IpAddr) -> bool {
        if let Some(node) = self.t.nodes.values().find(|n| n.address == address) {
            return self.alive(&node.name);
        }
        match self.t.vips.values().find(|v| v.address == address) {
            Some(vip) => self.vip(vip, None),
            None => true,
        }
    }

    fn etcd(&self) -> bool {
        let k = self.t.kubernetes.as_ref().unwrap();
        match &k.etcd {
            Etcd::Stacked => self.most(&k.control_planes),
            Etcd::Nodes(nodes) => self.most(nodes),
            Etcd::External(addresses) => {
                2 * addresses.iter().filter(|a| self.address(**a)).count() > addresses.len()
            }
        }
    }

    fn dce_etcd(&self) -> bool {
        let dce = self.t.dce.as_ref().unwrap();
        self.most(if dce.etcd.is_empty() { &dce.masters } else { &dce.etcd })
    }

    fn cloudpods_etcd(&self) -> bool {
        let c = self.t.cloudpods.as_ref().unwrap();
        let mut planes = c.controllers.clone();
        planes.push(c.first.clone());
        self.most(&planes)
    }

    fn kubernetes(&self) -> bool {
        let k = self.t.kubernetes.as_ref().unwrap();
        let name = k.spec.endpoint.as_ref().is_none_or(|e| self.resolved(e));
        let vip = k.vip.as_ref().is_none_or(|v| self.vip(&self.t.vips[v], Some(k.endpoint_port.get())));
        self.etcd() && self.count(&k.control_planes) > 0 && vip && name
    }

    /// Whether a VIP answers, on one port or on all.
    fn vip(&self, vip: &Vip, port: Option<u16>) -> bool {
        let t = self.t;
        if vip.owner == Owner::KubeVip && !self.etcd() {
            return false;
        }
        let asked = |p: u16| vip.balancer == Balancer::None || port.is_none_or(|port| port == p);
        let apiserver = |p: u16| {
            let k = t.kubernetes.as_ref().filter(|k| k.vip.as_ref() == Some(&vip.name));
            let c = t.cloudpods.as_ref().filter(|c| c.vip == vip.name);
            k.is_none_or(|k| k.endpoint_port.get() != p || self.etcd())
                && c.is_none_or(|c| c.spec.control_plane_port.get() != p || self.cloudpods_etcd())
        };
        let services = || vip.services.iter().filter(|s| asked(s.port.get()));
        if !services().all(|s| apiserver(s.port.get())) {
            return false;
        }
        vip.members.iter().any(|m| {
            self.alive(&m.node)
                && services().all(|s| match vip.balancer {
                    Balancer::None => s.backends.iter().any(|b| b.node == m.node),
                    _ => s.backends.iter().any(|b| self.alive(&b.node)),
                })
        })
    }

    fn zone(&self, name: &str) -> bool {
        let zone = &self.t.zones[name];
        zone.external || self.count(zone.primary.iter().chain(&zone.secondaries)) > 0
    }

    fn resolver(&self) -> bool {
        self.t.resolvers.servers.iter().any(|a| self.address(*a)) || self.t.resolvers.servers.is_empty()
    }

    fn resolved(&self, domain: &DomainName) -> bool {
        let zone = self.t.zone_of(domain);
        zone.is_none_or(|(zone, _)| self.zone(zone.name.as_str())) && self.resolver()
    }

    fn database(&self, name: &str) -> bool {
        let db = &self.t.databases[name];
        let vip = db.vip.as_ref().is_none_or(|v| self.vip(&self.t.vips[v], None));
        vip && self.count(&db.nodes) > 0
    }

    fn volume(&self, volume: &Volume) -> bool {
        let option = |name: &str| {
            volume.spec.options.iter().find(|(k, _)| k.as_str() == name).map(|(_, v)| v.as_str())
        };
        let kind = option("cluster.quorum-type").unwrap_or(if volume.replica == 2 { "none" } else { "auto" });
        let sets = volume.bricks.chunks(volume.replica.into()).all(|set| {
            let (alive, all) = (self.count(set), set.len());
            let quorum = match kind {
                "auto" => 2 * alive > all || 2 * alive == all && self.alive(&set[0]),
                "fixed" => alive >= option("cluster.quorum-count").unwrap().parse().unwrap(),
                _ => alive >= 1,
            };
            quorum && self.count(set.iter().filter(|n| Some(*n) != volume.arbiter.as_ref())) >= 1
        });
        // The clusters of this file have one volume, whose bricks are the pool.
        let server = match option("cluster.server-quorum-type") {
            Some(kind) => kind == "server",
            None => volume.bricks.len() >= 3,
        };
        sets && (!server || self.most(&volume.bricks))
    }

    fn bootstrap(&self) -> (bool, bool) {
        let t = self.t;
        let dce = t.dce.as_ref().unwrap();
        if !self.resolved(&dce.domain) {
            return (false, false);
        }
        if let Some(vip) = &dce.vip {
            return (self.vip(&t.vips[vip], None), false);
        }
        let (zone, name) = t.zone_of(&dce.domain).unwrap();
        let record = zone.records.iter().find(|r| r.name == name);
        let leads_to = |n: &&Name| record.is_none_or(|r| r.target == Target::Address(t.nodes[*n].address));
        let nodes: Vec<&Name> = std::iter::once(&dce.original).chain(&dce.backups).collect();
        let now = nodes.iter().copied().find(|n| leads_to(n)).unwrap();
        if self.alive(now) {
            return (true, false);
        }
        let other = nodes.iter().any(|n| *n != now && self.alive(n));
        let switchable = zone.external || self.alive(zone.primary.as_ref().unwrap());
        (false, other && switchable)
    }
}
