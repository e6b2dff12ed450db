use insta::assert_snapshot;

use super::*;
use crate::plan::rainbond::tests::{EXAMPLE, decided};

fn text_of(node: &str, path: &str) -> String {
    let files = render(&decided(EXAMPLE, node).unwrap());
    files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no {path}")).text().to_owned()
}

#[test]
fn the_service_that_programs_the_gateways() {
    assert_snapshot!(text_of("manage01", ENTRANCE_PATH));
}

#[test]
fn the_compose_files_of_a_compute_node() {
    assert_snapshot!("base", text_of("compute01", "/opt/rainbond/compose/base.yaml"));
    assert_snapshot!("lb", text_of("compute01", "/opt/rainbond/compose/lb.yaml"));
}

#[test]
fn the_gateways_first_servers() {
    let path = "/opt/rainbond/etc/rbd-lb/dynamics/dynamic_servers/default.http.conf";
    assert_snapshot!(text_of("compute01", path));
    assert_eq!(text_of("compute01", path), text_of("compute02", path));
}

#[test]
fn the_kubelets_environment() {
    assert_snapshot!(text_of("compute02", "/opt/rainbond/envs/kubelet.sh"));
}

#[test]
fn the_file_of_the_installer_is_not_replaced() {
    let files = render(&decided(EXAMPLE, "manage01").unwrap());
    let paths: Vec<&str> = files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, [ENTRANCE_PATH, MANAGE_PATH, VIP_PATH]);
}
