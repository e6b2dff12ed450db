use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::cli::args::TopologyName::{Cloudpods3, Cloudpods4, KubeadmStacked};
use crate::cli::init::document;
use crate::plan::Input;
use crate::plan::activation::{Parts, RunBy};
use crate::secret::Secrets;
use crate::topology::tests::{edited, example, proven};

fn decided(text: &str) -> Vec<(String, Option<MariaDb>)> {
    let topology = proven(text);
    let secrets = Secrets::placeholder(&topology.document);
    let decide = |node| decide(&Input { topology: &topology, node, secrets: &secrets });
    topology.nodes.values().map(|node| (node.name.to_string(), decide(node))).collect()
}

#[test]
fn the_halves_of_a_pair_differ_where_they_must_and_nowhere_else() {
    let nodes = decided(document(Cloudpods3));
    let [(_, Some(first)), (_, Some(second)), (_, None)] = &nodes[..] else { panic!("{nodes:?}") };
    let settings =
        |cfg: &MariaDb| -> BTreeSet<_> { cfg.settings().into_iter().map(|s| (s.name, s.value)).collect() };
    let (a, b) = (settings(first), settings(second));
    let differ: BTreeSet<&str> = a.symmetric_difference(&b).map(|(name, _)| name.as_str()).collect();
    assert_eq!(differ, ["auto_increment_offset", "gtid_domain_id", "server_id"].into());
    let (a, b) = (first.pair.as_ref().unwrap(), second.pair.as_ref().unwrap());
    assert_eq!((a.member, b.member), (Member::First, Member::Second));
    assert_eq!((a.peer.as_str(), b.peer.as_str()), ("node-2", "node-1"));
    assert_eq!(a.peer_address.to_string(), "10.127.190.245");
    assert_eq!((&a.user, &a.password), (&b.user, &b.password));
    assert_eq!(first.accounts[0].hosts, [AccountHost::Network("10.127.190.0/24".parse().unwrap())]);
    assert_eq!(first.listen.to_string(), "0.0.0.0");
}

#[test]
fn a_server_alone_keeps_a_log_and_has_no_other_half() {
    let nodes = decided(document(Cloudpods4));
    let served: Vec<_> = nodes.iter().filter_map(|(_, cfg)| cfg.as_ref()).collect();
    let [alone] = served[..] else { panic!("{served:?}") };
    assert_eq!(alone.pair, None);
    let names: BTreeSet<_> = alone.settings().into_iter().map(|s| s.name).collect();
    assert!(names.contains("log_bin") && names.contains("sync_binlog"));
    for pair_only in ["gtid_domain_id", "auto_increment_offset", "log_slave_updates", "relay_log"] {
        assert!(!names.contains(pair_only), "{pair_only}");
    }
    assert!(decided(document(KubeadmStacked)).iter().all(|(_, cfg)| cfg.is_none()));
}

#[test]
fn settings_of_the_description_are_added_once() {
    let more = "    user: onecloud\n    maxConnections: 5000\n    settings: {innodb-buffer-pool-size: 8G}\n";
    let text = edited(Cloudpods3, &[("    user: onecloud\n", more)]);
    let nodes = decided(&text);
    let settings = nodes[0].1.as_ref().unwrap().settings();
    let named =
        |name: &str| settings.iter().filter(|s| s.name == name).map(|s| s.value.clone()).collect::<Vec<_>>();
    assert_eq!(named("max_connections"), ["5000"]);
    assert_eq!(named("innodb_buffer_pool_size"), ["8G"]);
    let names: BTreeSet<_> = settings.iter().map(|s| s.name.clone()).collect();
    assert_eq!(names.len(), settings.len(), "no name stands twice");
    let unknown: Vec<_> = names.iter().filter(|n| !DECIDED.contains(&n.as_str())).collect();
    assert_eq!(unknown, ["innodb_buffer_pool_size"]);
    assert!(DECIDED.is_sorted());
}

#[test]
fn apply_sets_up_and_the_operator_copies() {
    let topology = example(Cloudpods3);
    let secrets = Secrets::placeholder(&topology.document);
    let node = topology.nodes.values().next().unwrap();
    let input = Input { topology: &topology, node, secrets: &secrets };
    let mut parts = Parts::default();
    activate(&decide(&input).unwrap(), &input, &mut parts);
    let activation = parts.into_activation();
    let scripts: Vec<_> = activation.scripts.iter().map(|s| (s.path.as_str(), s.run)).collect();
    assert_eq!(scripts, [(SETUP_SCRIPT, RunBy::Apply), (SEED_SCRIPT, RunBy::Operator)]);
    let units: Vec<_> = activation.units.iter().map(|u| u.name.as_str()).collect();
    assert_eq!(units, ["mariadb.service", SETUP_TIMER]);
    assert!(activation.packages.contains(&"mariadb-server".to_owned()));
}

#[test]
fn accounts_of_the_server_and_words_with_a_meaning_are_refused() {
    for bad in ["", "root", "Root", "mariadb.sys", "mysql", "a b", "a'b", "a%", "a@b", "ä", &"a".repeat(33)]
    {
        assert!(bad.parse::<AccountName>().is_err(), "{bad}");
    }
    for bad in ["", "[mysqld]", "Max", "a=b", "a b", "1a", "a#", "!includedir"] {
        assert!(bad.parse::<SettingName>().is_err(), "{bad}");
    }
    assert_eq!("max-connections".parse::<SettingName>().unwrap().as_str(), "max_connections");
}

proptest! {
    #[test]
    fn an_account_name_is_plain(text in "\\PC{0,40}") {
        if let Ok(name) = text.parse::<AccountName>() {
            prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b)));
        }
    }
}
