//! Topology → MariaDB on a node.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::{
    Account, AccountHost, Layout, MariaDb, Member, Pair, SETUP_SCRIPT, SETUP_SERVICE, SETUP_TIMER, Scope,
};
use super::{SECRET_FOLDER, SEED_SCRIPT};
use crate::os::Component;
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, RunBy, SetupScript, UnitAction};
use crate::spec::Duration;
use crate::topology::{Database, Topology};

/// How far a half may lag behind before its check complains.
const LAG_MAX: Duration = Duration::from_secs(30);

/// MariaDB of a node; nothing on nodes without a database. Names are proven by DB-3.
pub fn decide(input: &Input) -> Option<MariaDb> {
    let database = input.topology.databases.values().find(|db| db.nodes.contains(&input.node.name))?;
    let spec = &database.spec;
    let account = Account {
        user: spec.user.as_str().parse().ok()?,
        password: input.secrets.value(&spec.password.value),
        hosts: client_hosts(input.topology),
        scope: Scope::Platform,
    };
    let more =
        spec.settings.iter().filter_map(|(name, value)| Some((name.as_str().parse().ok()?, value.clone())));
    Some(MariaDb {
        layout: Layout::of(input.node.os),
        // The VIP of a pair is not always here, and a server alone must not wait for an address at boot.
        listen: match input.node.address {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        },
        port: database.port,
        data_dir: spec.data_dir.clone(),
        max_connections: spec.max_connections,
        binlog_expire_days: spec.binlog_expire_days,
        more_settings: more.collect(),
        accounts: vec![account],
        pair: pair(input, database),
    })
}

fn pair(input: &Input, database: &Database) -> Option<Pair> {
    let [first, second] = database.nodes.as_slice() else { return None };
    let (member, peer) = match () {
        () if *first == input.node.name => (Member::First, second),
        () => (Member::Second, first),
    };
    Some(Pair {
        member,
        peer: peer.clone(),
        peer_address: input.topology.node(peer)?.address,
        user: database.spec.replication_user.as_str().parse().ok()?,
        password: input.secrets.value(database.spec.replication_password.as_ref()?),
        lag_max: LAG_MAX,
    })
}

/// Where clients stand: the networks of the nodes. MariaDB has no netmask for IPv6, so there it is the
/// nodes, and the VIPs, from which a node talks to itself.
fn client_hosts(topology: &Topology) -> Vec<AccountHost> {
    let networks: BTreeSet<_> = topology.nodes.values().map(|node| &node.network).collect();
    let mut hosts = BTreeSet::new();
    for network in networks.into_iter().filter_map(|name| topology.networks.get(name)) {
        match network.subnet {
            IpNet::V4(net) => {
                hosts.insert(AccountHost::Network(net.trunc()));
            }
            IpNet::V6(net) => {
                let nodes = topology.nodes.values().map(|node| node.address);
                let all = nodes.chain(topology.vips.values().map(|vip| vip.address));
                hosts.extend(all.filter(|a| IpNet::V6(net).contains(a)).map(AccountHost::Address));
            }
        }
    }
    hosts.into_iter().collect()
}

/// Packages, the server, accounts and replication.
pub fn activate(cfg: &MariaDb, input: &Input, parts: &mut Parts) {
    let os = input.node.os;
    parts.packages(os.packages(Component::Mariadb).iter().cloned());
    if let Some(unit) = os.unit(Component::Mariadb) {
        parts.unit(
            Phase::Database,
            UnitAction {
                name: unit.to_owned(),
                // Settings such as the server's id take effect only at a start.
                on_change: OnChange::Restart,
                reads: vec![cfg.layout.config()],
                check: ["mariadbd", "--user=mysql", "--help", "--verbose"].map(String::from).into(),
            },
        );
    }
    if cfg.pair.is_some() {
        let units = [SETUP_TIMER, SETUP_SERVICE].map(|unit| format!("/etc/systemd/system/{unit}"));
        let timer = UnitAction {
            name: SETUP_TIMER.to_owned(),
            on_change: OnChange::Restart,
            reads: units.into(),
            check: vec![],
        };
        parts.unit(Phase::Database, timer);
    }
    let purpose = match &cfg.pair {
        None => format!("makes the accounts of MariaDB from {SECRET_FOLDER}"),
        Some(pair) => format!("makes the accounts of MariaDB and the replication with {}", pair.peer),
    };
    parts.script(Phase::Database, SetupScript { path: SETUP_SCRIPT.into(), run: RunBy::Apply, purpose });
    if let Some(pair) = &cfg.pair {
        let purpose =
            format!("copies all data between this node and {}, when one of them has none", pair.peer);
        parts
            .script(Phase::Database, SetupScript { path: SEED_SCRIPT.into(), run: RunBy::Operator, purpose });
    }
}
