use insta::assert_snapshot;

use super::*;
use crate::plan::cloudpods::tests::{FIVE, FOUR, THREE, decided};

fn files(text: &str, node: &str) -> Vec<File> {
    render(&decided(text, node).unwrap())
}

fn paths(files: &[File]) -> Vec<&str> {
    files.iter().map(|f| f.path.as_str()).collect()
}

#[test]
fn the_inventories_of_three_nodes() {
    let files = files(THREE, "node-1");
    let inventories: Vec<&File> = files.iter().filter(|f| f.path.ends_with(".yml")).collect();
    assert_eq!(inventories.len(), 2);
    assert_snapshot!("three-first-run", inventories[0].text());
    assert_snapshot!("three-second-run", inventories[1].text());
}

#[test]
fn the_inventory_of_four_nodes_with_a_compute_node() {
    let text = FOUR.replace(
        "  node-3: ",
        "  node-9: {address: 10.127.190.230, roles: [host], interface: eth1}\n  node-3: ",
    );
    let files = files(&text, "node-1");
    assert_snapshot!(files.iter().find(|f| f.path.ends_with(".yml")).unwrap().text());
}

#[test]
fn only_inventories_hold_the_password() {
    for text in [THREE, FOUR, FIVE] {
        for file in files(text, "node-1") {
            let holds = file.text().contains("placeholder");
            assert_eq!(file.entry.secret, holds, "{}", file.path);
            assert_eq!(holds, file.path.ends_with(".yml"));
        }
    }
}

#[test]
fn who_gets_what() {
    let common = [KUBECTL_PATH, VIP_PATH, RUNBOOK_PATH];
    assert_eq!(paths(&files(THREE, "node-2")), common);
    assert_eq!(paths(&files(THREE, "node-3")), [KUBECTL_PATH, RUNBOOK_PATH]);
    assert_eq!(
        paths(&files(FIVE, "node-1")),
        [&["/etc/hagen/cloudpods/1-ha-controllers-with-hosts.yml", INSTALL_PATH], common.as_slice()].concat()
    );
}

#[test]
fn the_runbooks() {
    let runbook = |text: &str| files(text, "node-1").into_iter().find(|f| f.path == RUNBOOK_PATH).unwrap();
    assert_snapshot!("runbook-three", runbook(THREE).text());
    let text = FOUR.replace(
        "  node-3: ",
        "  node-9: {address: 10.127.190.230, roles: [host], interface: eth1}\n  node-3: ",
    );
    assert_snapshot!("runbook-four-with-compute", runbook(&text).text());
}
