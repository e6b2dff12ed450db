use super::*;
use crate::plan::Input;
use crate::plan::dce::tests::proven;

pub(crate) const THREE: &str = include_str!("../../../examples/cloudpods-3/cluster.yaml");
pub(crate) const FOUR: &str = include_str!("../../../examples/cloudpods-4/cluster.yaml");
pub(crate) const FIVE: &str = include_str!("../../../examples/cloudpods-5/cluster.yaml");

/// What a node of a document gets.
pub(crate) fn decided(text: &str, node: &str) -> Option<Cloudpods> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

/// The flags and addresses of every run.
fn runs(text: &str) -> Vec<(bool, bool, Vec<String>)> {
    let installer = decided(text, "node-1").unwrap().installer.unwrap();
    let group = |i: Inventory| {
        let masters = i.masters.unwrap();
        (
            masters.high_availability,
            masters.as_host,
            masters.hosts.iter().map(|h| h.address.to_string()).collect(),
        )
    };
    installer.inventories.into_iter().map(group).collect()
}

#[test]
fn three_nodes_need_two_runs_because_the_third_has_no_part_in_the_vip() {
    let expected =
        [(true, true, vec!["10.127.190.245".to_owned()]), (false, true, vec!["10.127.190.229".to_owned()])];
    assert_eq!(runs(THREE), expected);
    assert!(decided(THREE, "node-2").unwrap().controller.vip.is_some());
    assert!(decided(THREE, "node-3").unwrap().controller.vip.is_none());
}

#[test]
fn four_and_five_nodes_need_one_run() {
    let all = vec!["10.127.190.245".to_owned(), "10.127.190.229".to_owned()];
    assert_eq!(runs(FOUR), [(true, true, all.clone())]);
    assert_eq!(runs(FIVE), [(true, true, all)]);
}

#[test]
fn the_database_is_a_vip_where_there_is_a_pair() {
    let primary = |text| decided(text, "node-1").unwrap().installer.unwrap().inventories[0].primary.clone();
    assert_eq!(primary(THREE).db_host.to_string(), "10.127.190.101");
    assert_eq!(primary(FOUR).db_host.to_string(), "10.127.190.254");
    assert_eq!(primary(FIVE).db_host.to_string(), "10.127.190.101");
    assert!(["10.127.190.100"].contains(&primary(FIVE).control_plane_host.to_string().as_str()));
}

#[test]
fn priorities_are_different_also_while_some_are_lowered() {
    for text in [THREE, FOUR, FIVE] {
        let members: Vec<VipMember> = ["node-1", "node-2", "node-3"]
            .iter()
            .filter_map(|n| decided(text, n).unwrap().controller.vip)
            .collect();
        let all = members.iter().flat_map(|m| [m.priority, m.lowered_priority]);
        let mut seen: Vec<u8> = all.collect();
        let lowest = members.iter().map(|m| m.priority).min().unwrap();
        assert!(members.iter().all(|m| m.lowered_priority < lowest && m.lowered_priority > 0));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }
}

#[test]
fn compute_nodes_come_with_the_last_run_and_get_nothing_themselves() {
    let text = THREE.replace(
        "  node-3: ",
        "  node-4: {address: 10.127.190.230, roles: [host], interface: eth1}\n  node-3: ",
    );
    let installer = decided(&text, "node-1").unwrap().installer.unwrap();
    let [first, last] = installer.inventories.as_slice() else { panic!("{installer:?}") };
    assert!(first.workers.is_none());
    let workers = last.workers.as_ref().unwrap();
    assert!(workers.as_host && !workers.as_controller && !workers.high_availability);
    assert_eq!(workers.hosts[0].network.as_ref().unwrap().nic.as_str(), "eth1");
    assert!(decided(&text, "node-4").is_none());
    assert!(decided(&text, "node-2").unwrap().installer.is_none());
}

#[test]
fn a_controller_without_the_host_agent_has_a_run_of_its_own_and_no_bridge() {
    let text = FOUR.replace("229, roles: [controller, host]", "229, roles: [controller]");
    assert_eq!(
        runs(&text),
        [(true, true, vec!["10.127.190.245".to_owned()]), (true, false, vec!["10.127.190.229".to_owned()])]
    );
    let installer = decided(&text, "node-1").unwrap().installer.unwrap();
    let masters = installer.inventories[1].masters.as_ref().unwrap();
    assert!(masters.hosts[0].network.is_none());
}
