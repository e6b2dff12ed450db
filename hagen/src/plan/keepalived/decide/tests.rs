use crate::plan::Input;
use crate::plan::activation::Parts;
use crate::plan::dce::tests::proven;
use crate::plan::keepalived::{
    Effect, Election, Keepalived, KeepalivedVersion, Probe, Run, Transport, activate, decide,
};
use crate::render;

const EXTERNAL: &str = include_str!("../../../../examples/kubeadm-external-lb/cluster.yaml");
const STACKED: &str = include_str!("../../../../examples/kubeadm-stacked/cluster.yaml");
const STATIC_POD: &str = include_str!("../../../../examples/kubeadm-static-pod/cluster.yaml");
const RAINBOND: &str = include_str!("../../../../examples/rainbond-minimal/cluster.yaml");
const CLOUDPODS: &str = include_str!("../../../../examples/cloudpods-3/cluster.yaml");

fn decided(text: &str, node: &str) -> Option<Keepalived> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

fn config(text: &str, node: &str) -> String {
    render::keepalived::render(&decided(text, node).unwrap())[0].text().to_owned()
}

fn probes(plan: &Keepalived, script: usize) -> &[Probe] {
    match &plan.scripts[script].run {
        Run::Probes(probes) => &probes.list,
        Run::Command { .. } => panic!("a command"),
    }
}

#[test]
fn the_preferred_load_balancer() {
    insta::assert_snapshot!(config(EXTERNAL, "lb-1"));
}

#[test]
fn a_database_on_the_bridge_of_a_host() {
    insta::assert_snapshot!(config(CLOUDPODS, "node-2"));
}

#[test]
fn only_members_of_a_vip_get_one() {
    for node in ["cp-1", "worker-1"] {
        assert_eq!(decided(EXTERNAL, node), None, "{node}");
    }
    assert_eq!(decided(RAINBOND, "manage01"), None);
    // The platform VIP of Cloudpods is its installer's own.
    let plan = decided(CLOUDPODS, "node-1").unwrap();
    assert_eq!(plan.instances.len(), 1);
    assert_eq!(decided(CLOUDPODS, "node-3"), None);
}

#[test]
fn members_know_each_other_and_differ_only_where_they_must() {
    let (first, second) = (decided(STACKED, "dev3").unwrap(), decided(STACKED, "dev6").unwrap());
    let (one, two) = (&first.instances[0], &second.instances[0]);
    assert_eq!(one.virtual_router_id, two.virtual_router_id);
    assert_eq!(one.addresses, two.addresses);
    assert!(one.priority > two.priority);
    assert_eq!(one.others.len(), 2);
    assert!(one.others.iter().any(|m| m.priority == two.priority && m.address == two.transport.source()));
    assert!(!one.others.iter().any(|m| m.address == one.transport.source()));
    assert_eq!(one.election, Election::NoPreempt);
    assert!(matches!(one.transport, Transport::Unicast { .. }));
}

#[test]
fn a_node_that_answers_itself_asks_its_own_ports() {
    let plan = decided(RAINBOND, "compute01").unwrap();
    let asked: Vec<String> = probes(&plan, 0).iter().map(|p| format!("{p:?}")).collect();
    assert_eq!(asked, ["Tcp(10.141.161.107:80)", "Tcp(10.141.161.107:443)"]);
    assert_eq!(plan.instances[0].track_scripts[0].effect, Effect::Fault);
    // CentOS 7.
    assert_eq!(plan.version, KeepalivedVersion::CENTOS_7);
}

#[test]
fn a_node_with_a_balancer_asks_whether_the_balancer_runs_never_the_servers() {
    let plan = decided(EXTERNAL, "lb-1").unwrap();
    assert_eq!(probes(&plan, 0), [Probe::Tcp("127.0.0.1:8404".parse().unwrap())]);
    for (balancer, asked) in [("nginx", "Tcp(127.0.0.1:8405)"), ("ha-xdp", "Process(Name(\"ha-xdp\"))")] {
        let text = EXTERNAL.replace("    vrrp:", &format!("    balancer: {balancer}\n    vrrp:"));
        let plan = decided(&text, "lb-1").unwrap();
        assert_eq!(format!("{:?}", probes(&plan, 0)[0]), asked);
    }
}

#[test]
fn lowering_the_priority_falls_below_everybody_and_asks_for_more() {
    let text = STACKED
        .replace("virtualRouterId: 33", "virtualRouterId: 33, preempt: true, onFailure: lower-priority");
    for (node, own) in [("dev3", 200), ("dev6", 190), ("dev7", 180)] {
        let plan = decided(&text, node).unwrap();
        let instance = &plan.instances[0];
        assert_eq!(instance.priority.get(), own);
        let Effect::Drop(drop) = instance.track_scripts[0].effect else { panic!("{instance:?}") };
        assert!(own - drop.get() < 180 || own == 180, "{node}");
        assert!(matches!(&probes(&plan, 0)[0], Probe::Http(http) if http.path.as_str() == "/healthz"));
    }
}

#[test]
fn preemption_and_its_delay() {
    let with = |more: &str| {
        let text = EXTERNAL.replace("virtualRouterId: 33", &format!("virtualRouterId: 33, {more}"));
        decided(&text, "lb-1").unwrap().instances[0].election
    };
    assert!(matches!(with("preempt: true"), Election::Preempt { .. }));
    assert_eq!(format!("{:?}", with("preempt: true, preemptDelay: 1500ms")), "PreemptAfter { delay_s: 2 }");
}

#[test]
fn ipv6_begins_with_the_virtual_router_s_link_local_address() {
    let text = EXTERNAL
        .replace("172.29.1.200", "2001:db8::200")
        .replace("subnet: 172.29.1.0/24", "subnet: 2001:db8::/64")
        .replace("gateway: 172.29.1.1\n", "gateway: 2001:db8::1\n")
        .replace("address: 172.29.1.", "address: 2001:db8::")
        .replace("172.29.1.1]", "2001:db8::1]")
        .replace("  remote:                          # reached through the router; no VIP here\n    subnet: 172.33.1.0/24\n    gateway: 172.33.1.1\n", "")
        .replace("  worker-1: {address: 172.33.1.50, roles: [worker]}\n", "")
        .replace("kubernetes:\n", "kubernetes:\n  podSubnet: fd00:1::/56\n  serviceSubnet: fd00:2::/112\n");
    let plan = decided(&text, "lb-1").unwrap();
    let nets: Vec<String> = plan.instances[0].addresses.iter().map(|a| a.net.to_string()).collect();
    assert_eq!(nets, ["fe80::200:5eff:fe00:221/64", "2001:db8::200/64"]);
}

#[test]
fn a_static_pod_needs_no_package_and_no_unit() {
    let (topology, secrets) = proven(STATIC_POD);
    let node = topology.node(&"cp-1".parse().unwrap()).unwrap();
    let input = Input { topology: &topology, node, secrets: &secrets };
    let plan = decide(&input).unwrap();
    assert_eq!(plan.version, KeepalivedVersion::KUBEADM_IMAGE);
    let mut parts = Parts::default();
    activate(&plan, &input, &mut parts);
    assert_eq!(parts.into_activation(), crate::plan::activation::Activation::default());
}

#[test]
fn a_package_brings_its_unit_and_a_test_where_there_is_one() {
    for (text, node, tested) in [(EXTERNAL, "lb-1", true), (RAINBOND, "compute01", false)] {
        let (topology, secrets) = proven(text);
        let node = topology.node(&node.parse().unwrap()).unwrap();
        let input = Input { topology: &topology, node, secrets: &secrets };
        let mut parts = Parts::default();
        activate(&decide(&input).unwrap(), &input, &mut parts);
        let activation = parts.into_activation();
        assert!(activation.packages.contains(&"keepalived".to_owned()));
        assert_eq!(activation.units[0].name, "keepalived.service");
        assert_eq!(!activation.units[0].check.is_empty(), tested);
    }
}
