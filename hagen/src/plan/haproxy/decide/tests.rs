use crate::plan::Input;
use crate::plan::activation::Parts;
use crate::plan::dce::tests::proven;
use crate::plan::haproxy::{
    Balance, Haproxy, HaproxyVersion, Probe, Process, Standing, WhenDown, activate, decide,
};
use crate::render;

const EXTERNAL: &str = include_str!("../../../../examples/kubeadm-external-lb/cluster.yaml");
const STATIC_POD: &str = include_str!("../../../../examples/kubeadm-static-pod/cluster.yaml");
const CLOUDPODS: &str = include_str!("../../../../examples/cloudpods-5/cluster.yaml");

fn decided(text: &str, node: &str) -> Option<Haproxy> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

#[test]
fn the_preferred_load_balancer() {
    let plan = decided(EXTERNAL, "lb-1").unwrap();
    insta::assert_snapshot!(render::haproxy::render(&plan)[0].text());
    assert_eq!(decided(EXTERNAL, "cp-1"), None);
}

#[test]
fn every_member_has_the_same_servers() {
    let (one, two) = (decided(EXTERNAL, "lb-1").unwrap(), decided(EXTERNAL, "lb-2").unwrap());
    assert_eq!(one, two);
}

#[test]
fn a_static_pod_is_asked_for_nothing_newer_than_its_image() {
    let plan = decided(STATIC_POD, "cp-1").unwrap();
    assert_eq!((plan.version, &plan.process), (HaproxyVersion::KUBEADM_IMAGE, &Process::Container));
    let text = STATIC_POD.replace("haproxy: haproxy:2.8", "haproxy: registry.local/haproxy:lts");
    assert_eq!(decided(&text, "cp-1").unwrap().version, HaproxyVersion { major: 2, minor: 0 });
    let (topology, secrets) = proven(STATIC_POD);
    let node = topology.node(&"cp-1".parse().unwrap()).unwrap();
    let input = Input { topology: &topology, node, secrets: &secrets };
    let mut parts = Parts::default();
    activate(&plan, &input, &mut parts);
    assert!(parts.into_activation().units.is_empty());
}

#[test]
fn a_database_has_one_writer_and_is_asked_for_its_greeting() {
    let text = CLOUDPODS.replace(
        "    nodes: [db-1, db-2]\n    balancer: none\n    vrrp: {virtualRouterId: 92}\n    services:\n      mariadb: {port: 3306}",
        "    nodes: [node-1, node-2]\n    vrrp: {virtualRouterId: 92}\n    services:\n      mariadb: {port: 3306, backends: [db-1, db-2], preferred: db-2}",
    );
    assert_ne!(text, CLOUDPODS);
    let plan = decided(&text, "node-1").unwrap();
    let proxy = &plan.proxies[0];
    assert_eq!((proxy.balance, &proxy.check.probe), (Balance::SingleWriter, &Probe::MysqlGreeting));
    assert_eq!(proxy.check.when_down, WhenDown::Cut);
    let standing: Vec<Standing> = proxy.servers.iter().map(|s| s.standing).collect();
    assert_eq!(standing, [Standing::Backup, Standing::Active]);
}

#[test]
fn the_document_s_service_is_followed() {
    let text = EXTERNAL.replace(
        "        check: {type: https, path: /readyz}\n",
        "        check: {type: https, path: /livez, port: 6444, interval: 1s, timeout: 500ms, fall: 5, rise: 4, caFile: /etc/pki/ca.crt}\n        \
         preferred: cp-2\n        weights: {cp-2: 7}\n        balance: source\n        sourceRanges: [10.0.0.0/8]\n        \
         idleTimeout: 2h\n        connectTimeout: 3s\n    maxConnections: 123\n",
    );
    let plan = decided(&text, "lb-1").unwrap();
    let text = render::haproxy::render(&plan)[0].text().to_owned();
    for line in [
        "maxconn 123",
        "acl let-in src 10.0.0.0/8",
        "timeout client 7200000ms",
        "timeout tunnel 7200000ms",
        "timeout connect 3000ms",
        "timeout check 500ms",
        "balance source",
        "option httpchk GET /livez",
        "default-server inter 1000ms rise 4 fall 5",
        "server cp-1 172.29.1.31:6443 check check-ssl verify required ca-file /etc/pki/ca.crt port 6444 weight 100 backup",
        "server cp-2 172.29.1.32:6443 check check-ssl verify required ca-file /etc/pki/ca.crt port 6444 weight 7",
    ] {
        assert!(text.contains(&format!("    {line}\n")), "{line}\n{text}");
    }
}
