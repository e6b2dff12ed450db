//! Databases and volumes.

use std::collections::BTreeSet;

use super::network::{all, carriers};
use super::{Builder, majority};
use crate::plan::glusterfs::{Replication, VolumeSetup};
use crate::spec::{Balancer, Name};
use crate::survive::need::{Enough, Need, Noun};
use crate::topology::{Database, Volume};

pub(super) fn databases(b: &mut Builder) {
    for db in b.t.databases.values() {
        let need = b.database_alone(db);
        b.add("database", &db.name, format!("clients read and write at {}:{}", db.address, db.port), need);
    }
}

pub(super) fn volumes(b: &mut Builder) {
    for volume in b.t.volumes.values() {
        let need = b.volume_alone(volume);
        b.add("volume", &volume.name, format!("clients read and write {}", volume.mount), need);
    }
}

impl<'t> Builder<'t> {
    /// A database as a part of another service.
    pub(super) fn database(&mut self, db: &'t Database) -> Need {
        Need::of(format!("database {}", db.name), self.database_alone(db))
    }

    fn database_alone(&mut self, db: &'t Database) -> Need {
        let vip = db.vip.as_ref().and_then(|v| self.t.vips.get(v));
        let servers = match db.nodes.as_slice() {
            [only] => self.node(only, format!("the only server {only}")),
            nodes => self.nodes(1, nodes, "server", "no copy of the data is served"),
        };
        match vip {
            // The pair carries the VIP itself: a server that lives is one that can carry it.
            Some(vip) if vip.balancer == Balancer::None => {
                let both = carriers(vip).into_iter().filter(|n| db.nodes.contains(n));
                self.nodes(1, both, "server", "no copy of the data is served")
            }
            Some(vip) => Need::All(vec![self.vip(vip), servers]),
            None => servers,
        }
    }

    /// A volume as a part of another service.
    pub(super) fn volume(&self, volume: &Volume) -> Need {
        Need::of(format!("volume {}", volume.name), self.volume_alone(volume))
    }

    fn volume_alone(&self, volume: &Volume) -> Need {
        let quorum = Quorum::of(volume, self.t.pool(volume).len());
        let sets: Vec<&[Name]> = volume.bricks.chunks(usize::from(volume.replica).max(1)).collect();
        let mut needs = vec![];
        for (at, bricks) in sets.iter().enumerate() {
            let set = if sets.len() > 1 { format!(" of set {}", at + 1) } else { String::new() };
            needs.push(self.written(&quorum.client, bricks, &set));
            // Two of three always hold data; one of three may be the arbiter.
            if volume.arbiter.is_some() && !matches!(quorum.client, Client::Majority) {
                let data: Vec<Name> =
                    bricks.iter().filter(|n| Some(*n) != volume.arbiter.as_ref()).cloned().collect();
                let what = Noun::from(format!("brick | with data{set}").as_str());
                needs.push(self.bricks(1, &data, what, "the arbiter alone has no content"));
            }
        }
        if let Some(pool) = self.server_quorum(volume, &quorum) {
            let lost = "without their majority glusterd stops its bricks";
            needs.push(self.nodes(majority(pool.len()), pool, "peer", lost));
        }
        all(needs)
    }

    /// The client quorum of one set of bricks: how many must be seen to write.
    fn written(&self, quorum: &Client, bricks: &[Name], set: &str) -> Need {
        let rest = if set.is_empty() { String::new() } else { format!(" |{set}") };
        let what = Noun::from(format!("brick{rest}").as_str());
        let lost = "clients may only read";
        match quorum {
            Client::Any => self.bricks(1, bricks, what, "no copy is left"),
            Client::Fixed(count) => self.bricks((*count).clamp(1, bricks.len()), bricks, what, lost),
            Client::Majority if !bricks.len().is_multiple_of(2) => {
                self.bricks(majority(bricks.len()), bricks, what, lost)
            }
            Client::Majority => {
                // More than half, or exactly half with the first brick among them. A weight of two each
                // and one more for the first makes both one comparison.
                let weigh = |(at, node): (usize, &Name)| {
                    (if at == 0 { 3 } else { 2 }, self.node(node, what.one.clone()))
                };
                let of: Vec<(u32, Need)> = bricks.iter().enumerate().map(weigh).collect();
                let weight = u32::try_from(bricks.len() + 1).unwrap_or(u32::MAX);
                let Noun { one, many } = what;
                Need::Enough(Enough { weight, of, one, many, lost: lost.into() })
            }
        }
    }

    fn bricks(&self, count: usize, bricks: &[Name], what: Noun, lost: &str) -> Need {
        let of = bricks.iter().map(|n| self.node(n, what.one.clone())).collect();
        Need::at_least(count, of, what, lost)
    }

    /// The trusted pool whose majority a volume needs, if it does.
    fn server_quorum(&self, volume: &Volume, quorum: &Quorum) -> Option<BTreeSet<&'t Name>> {
        let volume = self.t.volumes.get(&volume.name)?;
        let pool = self.t.pool(volume);
        // The client quorum of a single set that is the whole pool says the same.
        let same = pool.len() == volume.bricks.len()
            && pool.len() == usize::from(volume.replica)
            && !pool.len().is_multiple_of(2)
            && matches!(quorum.client, Client::Majority);
        (quorum.server && !same).then_some(pool)
    }
}

/// How a volume votes.
struct Quorum {
    client: Client,
    /// glusterd stops its bricks without the majority of its pool.
    server: bool,
}

/// What clients must see of a set of bricks to write.
enum Client {
    /// Any brick will do.
    Any,
    /// The majority, or half of an even number with the first brick.
    Majority,
    /// So many.
    Fixed(usize),
}

impl Quorum {
    /// The options that hagen decides, with those of the description on top.
    fn of(volume: &Volume, pool: usize) -> Self {
        let replication = match (&volume.arbiter, volume.replica) {
            (Some(_), _) => Replication::Arbiter,
            (None, 2) => Replication::TwoCopies,
            (None, copies) => Replication::Copies(copies),
        };
        let given = volume.spec.options.iter().map(|(key, value)| (key.value.clone(), value.clone()));
        let options = VolumeSetup::options(replication, pool, 1, &[], &given.collect());
        let option = |name: &str| options.get(name).map(String::as_str);
        let count = option("cluster.quorum-count").and_then(|n| n.parse().ok());
        let client = match (option("cluster.quorum-type"), count) {
            (Some("none"), _) => Client::Any,
            (Some("fixed"), Some(count)) => Client::Fixed(count),
            _ => Client::Majority,
        };
        Self { client, server: option("cluster.server-quorum-type") == Some("server") }
    }
}
