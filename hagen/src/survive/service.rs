//! The services of a topology and what each of them needs.

mod network;
mod platforms;
mod storage;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

use super::need::{Need, NodeIndex, Noun};
use crate::spec::Name;
use crate::topology::Topology;

/// What is judged: a kind, and the name where there may be several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId {
    /// The kind, such as `vip`.
    pub kind: &'static str,
    /// The name, such as that of the VIP; empty where there is one only.
    pub name: String,
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => f.pad(self.kind),
            name => f.pad(&format!("{}/{name}", self.kind)),
        }
    }
}

impl Serialize for ServiceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A service and what it needs.
#[derive(Clone, Debug)]
pub(super) struct Service {
    /// Its id.
    pub id: ServiceId,
    /// What it is, for people.
    pub what: String,
    /// What it needs.
    pub need: Need,
}

/// What a topology offers.
#[derive(Clone, Debug)]
pub(super) struct Services {
    /// The services, in the order of the report.
    pub list: Vec<Service>,
    /// What is outside the cluster and taken as alive.
    pub outside: BTreeSet<String>,
}

/// The services of a topology.
pub(super) fn services(t: &Topology) -> Services {
    let mut b = Builder::new(t);
    platforms::kubernetes(&mut b);
    platforms::dce_cluster(&mut b);
    network::vips(&mut b);
    network::zones(&mut b);
    network::resolver(&mut b);
    storage::databases(&mut b);
    storage::volumes(&mut b);
    platforms::bootstrap(&mut b);
    platforms::rainbond(&mut b);
    platforms::cloudpods(&mut b);
    network::time(&mut b);
    Services { list: b.list, outside: b.outside }
}

/// Collects services, and knows the nodes by number.
struct Builder<'t> {
    t: &'t Topology,
    index: BTreeMap<&'t Name, NodeIndex>,
    addresses: BTreeMap<IpAddr, &'t Name>,
    list: Vec<Service>,
    outside: BTreeSet<String>,
}

impl<'t> Builder<'t> {
    fn new(t: &'t Topology) -> Self {
        let mut addresses = BTreeMap::new();
        for node in t.nodes.values() {
            addresses.insert(node.address, &node.name);
            addresses.extend(node.addresses.iter().map(|a| (a.addr(), &node.name)));
            let others = node.interfaces.values().flat_map(|i| &i.addresses);
            addresses.extend(others.map(|a| (a.addr(), &node.name)));
        }
        let index = t.nodes.keys().enumerate().map(|(at, name)| (name, at)).collect();
        Self { t, index, addresses, list: vec![], outside: BTreeSet::new() }
    }

    fn add(&mut self, kind: &'static str, name: impl fmt::Display, what: impl Into<String>, need: Need) {
        let id = ServiceId { kind, name: name.to_string() };
        self.list.push(Service { id, what: what.into(), need });
    }

    /// A node that lives. Names inside a topology always resolve.
    fn node(&self, name: &Name, what: impl Into<String>) -> Need {
        match self.index.get(name) {
            Some(node) => Need::node(*node, what),
            None => Need::Outside,
        }
    }

    /// At least `count` of some nodes.
    fn nodes<'n>(
        &self,
        count: usize,
        names: impl IntoIterator<Item = &'n Name>,
        what: &str,
        lost: &str,
    ) -> Need {
        let what = Noun::from(what);
        let of = names.into_iter().map(|n| self.node(n, what.one.clone())).collect();
        Need::at_least(count, of, what, lost)
    }

    /// The node, VIP or outside machine that has an address.
    fn address(&mut self, address: IpAddr, what: &str) -> Need {
        if let Some(name) = self.addresses.get(&address) {
            return self.node(name, what);
        }
        let vip = self.t.vips.values().find(|v| v.address == address);
        if let Some(vip) = vip {
            return self.vip(vip);
        }
        self.outside.insert(format!("{what} {address}"));
        Need::Outside
    }
}

/// The smallest majority of `members`.
fn majority(members: usize) -> usize {
    members / 2 + 1
}
