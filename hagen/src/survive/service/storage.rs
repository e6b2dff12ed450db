//! Databases and volumes.

use std::collections::BTreeSet;

use super::network::{all, carriers};
use super::{Builder, majority};
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
        let sets: Vec<&[Name]> = volume.bricks.chunks(usize::from(volume.replica).max(1)).collect();
        let mut needs = vec![];
        for (at, bricks) in sets.iter().enumerate() {
            let set = if sets.len() > 1 { format!(" | of set {}", at + 1) } else { String::new() };
            needs.push(self.written(volume, bricks, &set));
            // Two of three always hold data; one of three may be the arbiter.
            if volume.arbiter.is_some() && !matches!(Quorum::of(volume), Quorum::Auto) {
                let data = bricks.iter().filter(|n| Some(*n) != volume.arbiter.as_ref());
                let what = format!("brick | with data{}", set.replace(" |", ""));
                needs.push(self.nodes(1, data, &what, "the arbiter alone has no content"));
            }
        }
        if let Some(pool) = self.server_quorum(volume) {
            let need = majority(pool.len());
            needs.push(self.nodes(need, pool, "peer", "without their majority glusterd stops its bricks"));
        }
        all(needs)
    }

    /// The client quorum of one set of bricks: how many must be seen to write.
    fn written(&self, volume: &Volume, bricks: &[Name], set: &str) -> Need {
        let what = Noun::from(format!("brick{set}").as_str());
        let lost = "clients may only read";
        let quorum = Quorum::of(volume);
        if let Quorum::None = quorum {
            return self.bricks(1, bricks, what, "no copy is left");
        }
        if let Quorum::Fixed(count) = quorum {
            return self.bricks(count.clamp(1, bricks.len()), bricks, what, lost);
        }
        if bricks.len() % 2 == 1 {
            return self.bricks(majority(bricks.len()), bricks, what, lost);
        }
        // `auto`: more than half, or exactly half with the first brick among them. A weight of two each
        // and one more for the first makes both one comparison.
        let weigh =
            |(at, node): (usize, &Name)| (if at == 0 { 3 } else { 2 }, self.node(node, what.one.clone()));
        let of: Vec<(u32, Need)> = bricks.iter().enumerate().map(weigh).collect();
        let weight = u32::try_from(bricks.len() + 1).unwrap_or(u32::MAX);
        let Noun { one, many } = what;
        Need::Enough(Enough { weight, of, one, many, lost: lost.into() })
    }

    fn bricks(&self, count: usize, bricks: &[Name], what: Noun, lost: &str) -> Need {
        let of = bricks.iter().map(|n| self.node(n, what.one.clone())).collect();
        Need::at_least(count, of, what, lost)
    }

    /// The trusted pool whose majority a volume needs, if it does. Volumes that share a node share a pool.
    fn server_quorum(&self, volume: &Volume) -> Option<BTreeSet<&'t Name>> {
        let mut pool: BTreeSet<&Name> = BTreeSet::new();
        let mut wanted: Vec<&Name> = volume.bricks.iter().collect();
        while let Some(name) = wanted.pop() {
            let Some((name, _)) = self.t.nodes.get_key_value(name).filter(|(n, _)| pool.insert(n)) else {
                continue;
            };
            let sharing = self.t.volumes.values().filter(|v| v.bricks.contains(name));
            wanted.extend(sharing.flat_map(|v| &v.bricks));
        }
        let on = match option(volume, "cluster.server-quorum-type") {
            Some(kind) => kind == "server",
            // glusterd of a pool of two has no majority to lose.
            None => pool.len() >= 3,
        };
        // The client quorum of a single set that is the whole pool says the same.
        let same = pool.len() == volume.bricks.len()
            && pool.len() == usize::from(volume.replica)
            && pool.len() % 2 == 1
            && matches!(Quorum::of(volume), Quorum::Auto);
        (on && !same).then_some(pool)
    }
}

/// The client quorum of a volume.
enum Quorum {
    /// Any brick will do.
    None,
    /// The majority.
    Auto,
    /// So many bricks of a set.
    Fixed(usize),
}

impl Quorum {
    /// As written, or as hagen decides: two copies have no majority, and `auto` would make their first
    /// brick a single point of failure.
    fn of(volume: &Volume) -> Self {
        let count = option(volume, "cluster.quorum-count").and_then(|n| n.parse().ok());
        match option(volume, "cluster.quorum-type") {
            Some("none") => Quorum::None,
            Some("fixed") => count.map_or(Quorum::Auto, Quorum::Fixed),
            Some(_) => Quorum::Auto,
            None if volume.replica == 2 => Quorum::None,
            None => Quorum::Auto,
        }
    }
}

fn option<'v>(volume: &'v Volume, name: &str) -> Option<&'v str> {
    volume.spec.options.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value.as_str())
}
