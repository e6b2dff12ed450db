//! A volume as it shall be: its bricks, its replication and its options.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use crate::spec::{Name, NodePath, Word};

/// A volume, on the node that sets it up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VolumeSetup {
    /// Its name.
    pub volume: Name,
    /// Its bricks in order: consecutive bricks hold the same files, an arbiter stands last in its set.
    pub bricks: Vec<BrickPlace>,
    /// How often every file is held.
    pub replication: Replication,
    /// The other nodes with bricks.
    pub peers: Vec<Name>,
    /// Where the brick's file system is mounted on this node.
    pub mount_point: NodePath,
    /// Options by name.
    pub options: BTreeMap<String, String>,
}

/// A brick in the words of gluster(8), `NODE:/FOLDER`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrickPlace {
    /// The node.
    pub node: Name,
    /// The folder.
    pub folder: NodePath,
}

/// How often a volume holds every file (QR-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Replication {
    /// This many copies, three or more; the majority decides.
    Copies(u8),
    /// Two copies and an arbiter, which holds names and attributes only and decides.
    Arbiter,
    /// Two copies and nobody to decide: after a split, both may have changed the same file. Only with a waiver.
    TwoCopies,
}

impl Replication {
    /// Bricks of one set.
    pub const fn set(self) -> u8 {
        match self {
            Self::Copies(copies) => copies,
            Self::Arbiter => 3,
            Self::TwoCopies => 2,
        }
    }

    /// The words of `gluster volume create`.
    pub fn words(self) -> String {
        match self {
            Self::Arbiter => "replica 3 arbiter 1".into(),
            other => format!("replica {}", other.set()),
        }
    }

    /// The line `Number of Bricks` of `gluster volume info`, for that many bricks.
    pub fn shape(self, bricks: usize) -> String {
        let sets = bricks / usize::from(self.set());
        match self {
            Self::Arbiter => format!("{sets} x (2 + 1) = {bricks}"),
            other => format!("{sets} x {} = {bricks}", other.set()),
        }
    }
}

impl VolumeSetup {
    /// The options that hagen decides, with those of the description on top.
    ///
    /// `pool` is the number of nodes in the trusted pool, `clients` who may mount the volume.
    pub fn options(
        replication: Replication,
        pool: usize,
        ping_timeout_seconds: u16,
        clients: &[IpAddr],
        given: &BTreeMap<Word, Word>,
    ) -> BTreeMap<String, String> {
        let mut clients: Vec<String> = clients.iter().map(IpAddr::to_string).collect();
        clients.sort();
        clients.dedup();
        let ipv6 = clients.iter().any(|address| address.contains(':'));
        let mut options = BTreeMap::from([
            ("auth.allow", clients.join(",")),
            ("network.ping-timeout", ping_timeout_seconds.to_string()),
            ("nfs.disable", "on".to_owned()),
            ("performance.client-io-threads", "off".to_owned()),
            ("transport.address-family", if ipv6 { "inet6" } else { "inet" }.to_owned()),
        ]);
        // Clients write only while they see the majority of a set. Two copies have no majority: with
        // `auto` the volume would stop with its first brick, which is not what the waiver asked for.
        let quorum = if replication == Replication::TwoCopies { "none" } else { "auto" };
        options.insert("cluster.quorum-type", quorum.to_owned());
        // glusterd stops its bricks without the majority of the pool; a pool of two has none to lose.
        let server = if pool >= 3 { "server" } else { "none" };
        options.insert("cluster.server-quorum-type", server.to_owned());
        let mut options: BTreeMap<String, String> =
            options.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        options.extend(given.iter().map(|(key, value)| (key.to_string(), value.to_string())));
        options
    }
}
