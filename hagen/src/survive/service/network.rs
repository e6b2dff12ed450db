//! VIPs, zones, name resolution, time.

use super::Builder;
use crate::spec::{Balancer, DomainName, Name, Owner};
use crate::survive::need::Need;
use crate::topology::{Service, Vip, Zone};

pub(super) fn vips(b: &mut Builder) {
    for vip in b.t.vips.values() {
        let need = b.vip_alone(vip);
        b.add("vip", &vip.name, format!("the VIP {} answers on every port", vip.address), need);
    }
}

pub(super) fn zones(b: &mut Builder) {
    for zone in b.t.zones.values() {
        if zone.external {
            b.outside.insert(format!("the name servers of {}", zone.name));
            continue;
        }
        let need = b.zone_alone(zone);
        b.add("zone", &zone.name, "names of the zone are answered", need);
    }
}

pub(super) fn resolver(b: &mut Builder) {
    if b.t.resolvers.servers.is_empty() {
        return;
    }
    if let Some(need) = b.resolver() {
        b.add("resolver", "", "nodes resolve names", need);
    }
}

pub(super) fn time(b: &mut Builder) {
    let t = b.t;
    let mut sources = vec![];
    for server in &t.time.servers {
        let host = server.as_str().split(' ').next().unwrap_or(server.as_str());
        let node = t.nodes.values().find(|n| n.name.as_str() == host);
        sources.push(match (node, host.parse()) {
            (Some(node), _) => b.node(&node.name, "a time source"),
            (None, Ok(address)) => b.address(address, "time source"),
            (None, Err(_)) => {
                b.outside.insert(format!("time source {host}"));
                Need::Outside
            }
        });
    }
    if sources.iter().all(|s| *s == Need::Outside) {
        return;
    }
    let need = Need::at_least(1, sources, "time source", "clocks drift apart until certificates fail");
    b.add("time", "", "nodes agree on the time", need);
}

impl<'t> Builder<'t> {
    /// A VIP as a part of another service.
    pub(super) fn vip(&mut self, vip: &'t Vip) -> Need {
        Need::of(format!("VIP {}", vip.name), self.vip_alone(vip))
    }

    /// A VIP with all its services.
    fn vip_alone(&mut self, vip: &'t Vip) -> Need {
        let mut needs = vec![self.carried(vip)];
        for service in &vip.services {
            if vip.balancer != Balancer::None {
                needs.push(self.backends(service));
            }
            needs.extend(self.behind(vip, service));
        }
        all(needs)
    }

    /// One service of a VIP as a part of another. A node gives the VIP up when its balancer fails, not
    /// when the backends of another service do; without a balancer, all of its own services count.
    pub(super) fn vip_service(&mut self, vip: &'t Vip, service: &'t Service) -> Need {
        if vip.balancer == Balancer::None {
            return self.vip(vip);
        }
        let mut needs = vec![self.carried(vip), self.backends(service)];
        needs.extend(self.behind(vip, service));
        Need::of(format!("VIP {}", vip.name), all(needs))
    }

    /// Some node that can carry the VIP and, without a balancer, answers itself.
    fn carried(&mut self, vip: &'t Vip) -> Need {
        let carriers = carriers(vip);
        let alive = self.nodes(1, carriers, "node | that can carry it", "nothing carries the address");
        if vip.owner != Owner::KubeVip {
            return alive;
        }
        // kube-vip elects its leader through the API, and gives the address up with the lease.
        match self.etcd() {
            Some(etcd) => Need::All(vec![alive, etcd]),
            None => alive,
        }
    }

    fn backends(&self, service: &Service) -> Need {
        let what = format!("backend | of {}", service.name);
        self.nodes(1, service.backends.iter().map(|b| &b.node), &what, "connections are refused")
    }

    /// What the backends of a service need besides their nodes: an apiserver is not ready without etcd.
    fn behind(&mut self, vip: &Vip, service: &Service) -> Option<Need> {
        let t = self.t;
        let kubernetes = t
            .kubernetes
            .as_ref()
            .filter(|k| k.vip.as_ref() == Some(&vip.name) && k.endpoint_port == service.port);
        if kubernetes.is_some() {
            return self.etcd();
        }
        let cloudpods = t.cloudpods.as_ref();
        let c = cloudpods.filter(|c| c.vip == vip.name && c.spec.control_plane_port == service.port)?;
        Some(self.cloudpods_etcd(c))
    }

    /// A zone as a part of another service.
    fn zone(&self, zone: &Zone) -> Need {
        Need::of(format!("zone {}", zone.name), self.zone_alone(zone))
    }

    fn zone_alone(&self, zone: &Zone) -> Need {
        let servers = zone.primary.iter().chain(&zone.secondaries);
        let answers = self.nodes(1, servers, "name server", "its names are not resolved");
        match &zone.primary {
            Some(primary) if !zone.secondaries.is_empty() => {
                let lost = format!(
                    "the primary {primary} has failed: records cannot be changed, and the copies expire after {}",
                    zone.spec.expire
                );
                let need = Box::new(self.node(primary, "the primary"));
                Need::All(vec![answers, Need::Missed { need, lost }])
            }
            _ => answers,
        }
    }

    /// What the nodes ask for names; nothing when all of it is outside.
    fn resolver(&mut self) -> Option<Need> {
        let servers = &self.t.resolvers.servers;
        let of: Vec<Need> = servers.iter().map(|a| self.address(*a, "name server")).collect();
        let inside = of.iter().any(|n| *n != Need::Outside);
        inside.then(|| Need::at_least(1, of, "name server | that the nodes ask", "no node resolves a name"))
    }

    /// That nodes can resolve a domain: a hosts file, or the zone and what the nodes ask.
    pub(super) fn resolved(&mut self, domain: &DomainName) -> Vec<Need> {
        let t = self.t;
        if t.document.dns.extra_hosts.iter().any(|(name, _)| name.as_str() == domain.as_str()) {
            return vec![];
        }
        let zone = t.zone_of(domain).map(|(zone, _)| zone).filter(|z| !z.external);
        let zone = zone.map(|zone| self.zone(zone));
        let resolver = self.resolver().map(|need| Need::of("resolver", need));
        zone.into_iter().chain(resolver).collect()
    }
}

/// The nodes on which a VIP is of use: those that may carry it and, without a balancer, serve all of it.
pub(super) fn carriers(vip: &Vip) -> Vec<&Name> {
    let serves = |node: &Name| {
        vip.balancer != Balancer::None
            || vip.services.iter().all(|s| s.backends.iter().any(|b| b.node == *node))
    };
    let carriers: Vec<&Name> = vip.members.iter().map(|m| &m.node).filter(|n| serves(n)).collect();
    // What kube-vip and platforms put behind their address is their own affair.
    if carriers.is_empty() { vip.members.iter().map(|m| &m.node).collect() } else { carriers }
}

/// All of them, without a wrapping around a single one.
pub(super) fn all(mut needs: Vec<Need>) -> Need {
    match needs.len() {
        1 => needs.remove(0),
        _ => Need::All(needs),
    }
}
