//! An etcd cluster on machines of its own, run by the kubelet.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use crate::spec::{Line, Name, NodePath, Word};

/// A member of an etcd cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EtcdMember {
    /// All members in order, this one among them. The first makes the certificates of all; its key of
    /// the certificate authority never leaves it.
    pub members: Vec<EtcdPeer>,
    /// Where images come from.
    pub image_repository: Word,
    /// Data folder.
    pub data_dir: NodePath,
    /// More arguments, by name without dashes.
    pub args: BTreeMap<Word, Line>,
}

/// A member of an etcd cluster, as the others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EtcdPeer {
    /// Its name.
    pub name: Name,
    /// Its address.
    pub address: IpAddr,
}

impl EtcdPeer {
    /// `https://ADDRESS:PORT`.
    pub fn url(&self, port: u16) -> String {
        match self.address {
            IpAddr::V4(address) => format!("https://{address}:{port}"),
            IpAddr::V6(address) => format!("https://[{address}]:{port}"),
        }
    }
}

impl EtcdMember {
    /// Whether the node of that name makes the certificates.
    pub fn is_first(&self, node: &Name) -> bool {
        self.members.first().is_some_and(|member| member.name == *node)
    }

    /// The arguments that make a member: hagen's, with those of the description on top.
    pub fn member_args(&self, peer: &EtcdPeer) -> BTreeMap<String, String> {
        let cluster: Vec<String> =
            self.members.iter().map(|m| format!("{}={}", m.name, m.url(2380))).collect();
        let mut args = BTreeMap::from([
            ("name".to_owned(), peer.name.to_string()),
            ("initial-cluster".into(), cluster.join(",")),
            ("initial-cluster-state".into(), "new".into()),
            ("listen-peer-urls".into(), peer.url(2380)),
            ("listen-client-urls".into(), peer.url(2379)),
            ("advertise-client-urls".into(), peer.url(2379)),
            ("initial-advertise-peer-urls".into(), peer.url(2380)),
        ]);
        args.extend(self.args.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        args
    }
}
