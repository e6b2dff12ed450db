use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::cli::args::TopologyName::{KubeadmExternalLb, KubeadmStacked, KubeadmStaticPod};
use crate::plan::Input;
use crate::plan::activation::{Parts, RunBy};
use crate::secret::Secrets;
use crate::topology::Topology;
use crate::topology::tests::{edited, example, proven};

fn decided(topology: &Topology, node: &str) -> Option<Kubeadm> {
    let secrets = Secrets::placeholder(&topology.document);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology, node, secrets: &secrets })
}

fn init(cfg: Kubeadm) -> Init {
    match cfg.role {
        Role::Init(init) => *init,
        other => panic!("{other:?}"),
    }
}

const HASH: &str = "'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'";

#[test]
fn the_first_control_plane_makes_the_cluster_and_the_others_join() {
    let t = example(KubeadmExternalLb);
    let cfg = decided(&t, "cp-1").unwrap();
    assert_eq!((cfg.api(), cfg.version.to_string().as_str()), (Api::V1Beta4, "v1.31.4"));
    assert_eq!(cfg.containerd.sandbox_image, "registry.k8s.io/pause:3.10");
    let init = init(cfg);
    assert_eq!(init.cluster.endpoint, "172.29.1.200:6443");
    let sans: BTreeSet<&str> = init.cluster.cert_sans.iter().map(String::as_str).collect();
    let all =
        ["127.0.0.1", "172.29.1.200", "172.29.1.31", "172.29.1.32", "172.29.1.33", "cp-1", "cp-2", "cp-3"];
    assert_eq!(sans, all.into());
    assert!(init.token.is_some() && init.certificate_key.is_some());
    let Role::ControlPlane(join, local) = decided(&t, "cp-3").unwrap().role else { panic!() };
    // Nobody knows the certificate authority before `init`.
    assert_eq!(join, Join { endpoint: "172.29.1.200:6443".into(), trust: Trust::Brought });
    assert_eq!(local.address.to_string(), "172.29.1.33");
    assert!(matches!(decided(&t, "worker-1").unwrap().role, Role::Worker(_)));
    assert_eq!(decided(&t, "lb-1"), None);
}

#[test]
fn a_known_authority_makes_joins_that_need_nobody() {
    let hashes = format!("kubernetes:\n  caCertHashes: [{HASH}]\n");
    let t = proven(&edited(KubeadmStacked, &[("kubernetes:\n  version", &format!("{hashes}  version"))]));
    let Role::ControlPlane(Join { trust: Trust::Pinned { certificate_key, ca_cert_hashes, .. }, .. }, local) =
        decided(&t, "dev6").unwrap().role
    else {
        panic!()
    };
    assert!(certificate_key.is_some() && ca_cert_hashes.len() == 1);
    assert_eq!((local.port.get(), local.listen), (9443, Listen::All));
    // A worker gets no key of the control planes' certificates.
    let Role::Worker(Join { trust: Trust::Pinned { certificate_key, .. }, .. }) =
        decided(&t, "dev4").unwrap().role
    else {
        panic!()
    };
    assert_eq!(certificate_key, None);
}

#[test]
fn etcd_members_know_each_other_and_the_control_planes_know_them() {
    let members = "  worker-1: {address: 172.33.1.50, roles: [worker]}\n  e1: {address: 172.29.1.61, roles: [etcd]}\n  e2: {address: 172.29.1.62, roles: [etcd]}\n  e3: {address: 172.29.1.63, roles: [etcd]}\n";
    let t = proven(&edited(
        KubeadmExternalLb,
        &[("  worker-1: {address: 172.33.1.50, roles: [worker]}\n", members)],
    ));
    let Role::Etcd(member) = decided(&t, "e2").unwrap().role else { panic!() };
    assert!(member.is_first(&"e1".parse().unwrap()) && !member.is_first(&"e2".parse().unwrap()));
    let args = member.member_args(&member.members[1]);
    assert_eq!(
        args["initial-cluster"],
        "e1=https://172.29.1.61:2380,e2=https://172.29.1.62:2380,e3=https://172.29.1.63:2380"
    );
    assert_eq!(
        (args["name"].as_str(), args["listen-client-urls"].as_str()),
        ("e2", "https://172.29.1.62:2379")
    );
    let Etcd::External { members, made_here: true, .. } = init(decided(&t, "cp-1").unwrap()).cluster.etcd
    else {
        panic!()
    };
    assert_eq!(members.len(), 3);
}

#[test]
fn a_node_gives_itself_only_the_labels_that_it_may() {
    for (key, allowed) in [
        ("disk", true),
        ("example.com/rack", true),
        ("node.kubernetes.io/zone", true),
        ("x.node.kubernetes.io/a", true),
        ("topology.kubernetes.io/zone", true),
        ("node-role.kubernetes.io/db", false),
        ("kubernetes.io/anything", false),
        ("foo.k8s.io/bar", false),
        ("notkubernetes.io/bar", true),
    ] {
        assert_eq!(NodeRegistration::may_label_itself(key), allowed, "{key}");
    }
    let labels =
        "roles: [worker], labels: {disk: ssd, node-role.kubernetes.io/db: ''}, taints: ['db=only:NoExecute']";
    let t = proven(&edited(KubeadmStacked, &[("roles: [worker]", labels)]));
    let worker = decided(&t, "dev4").unwrap().node;
    assert_eq!(worker.labels.keys().collect::<Vec<_>>(), ["disk"]);
    assert_eq!(worker.taints.unwrap().len(), 1);
    let admin = init(decided(&t, "dev3").unwrap()).admin_labels;
    assert_eq!(admin["dev4"].keys().collect::<Vec<_>>(), ["node-role.kubernetes.io/db"]);
    // A taint of one's own does not take away the one of control planes.
    let tainted = edited(
        KubeadmStaticPod,
        &[(
            "cp-1:     {address: 172.29.1.31, roles: [control-plane]}",
            "cp-1:     {address: 172.29.1.31, roles: [control-plane], taints: ['a:NoSchedule']}",
        )],
    );
    let taints = decided(&proven(&tainted), "cp-1").unwrap().node.taints.unwrap();
    let texts: Vec<_> = taints.iter().map(|taint| taint.as_str()).collect();
    assert_eq!(texts, ["a:NoSchedule", "node-role.kubernetes.io/control-plane:NoSchedule"]);
}

#[test]
fn registries_stand_under_their_own_name_and_those_they_replace() {
    let registry = "registries:\n  local: {url: 'https://172.29.1.9:5000', mirrors: [registry.k8s.io], username: u, password: {env: P}}\nkubernetes:\n";
    let t = proven(&edited(KubeadmStacked, &[("kubernetes:\n  version", &format!("{registry}  version"))]));
    let containerd = decided(&t, "dev4").unwrap().containerd;
    let names: Vec<_> =
        containerd.registries.iter().map(|r| (r.namespace.as_str(), r.server.as_str())).collect();
    let url = "https://172.29.1.9:5000";
    assert_eq!(names, [("172.29.1.9:5000", url), ("registry.k8s.io", url)]);
    assert_eq!(containerd.logins[0].host.as_str(), "172.29.1.9:5000");
}

#[test]
fn apply_runs_what_needs_nobody() {
    let run = |topology: &Topology, node: &str| {
        let secrets = Secrets::placeholder(&topology.document);
        let node = topology.node(&node.parse().unwrap()).unwrap();
        let input = Input { topology, node, secrets: &secrets };
        let mut parts = Parts::default();
        activate(&decide(&input).unwrap(), &input, &mut parts);
        let activation = parts.into_activation();
        let units: Vec<_> = activation.units.iter().map(|u| u.name.as_str()).collect();
        // A kubelet without a cluster dies again and again, which is no unit to start.
        assert_eq!(units, ["containerd.service"]);
        activation.scripts[0].run
    };
    let t = example(KubeadmStacked);
    assert_eq!(
        (run(&t, "dev3"), run(&t, "dev6"), run(&t, "dev4")),
        (RunBy::Apply, RunBy::Operator, RunBy::Operator)
    );
}

#[test]
fn versions_are_releases_since_1_22() {
    for (text, shown) in [("1.31.4", "v1.31.4"), ("v1.22.0", "v1.22.0")] {
        assert_eq!(text.parse::<Version>().unwrap().to_string(), shown);
    }
    for bad in ["1.31", "2.0.0", "1.031.4", "1.31.4-rc.0", "stable", "1.31.x", "", "1.31.4.5"] {
        assert!(matches!(bad.parse::<Version>(), Err(VersionError::Form(_))), "{bad}");
    }
    assert!(matches!("1.21.14".parse::<Version>(), Err(VersionError::Old(_))));
    assert_eq!(endpoint("fd00::1", "6443".parse().unwrap()), "[fd00::1]:6443");
    assert_eq!(endpoint("api.lan", "6443".parse().unwrap()), "api.lan:6443");
}

proptest! {
    #[test]
    fn a_version_is_read_as_it_is_written(minor in 22u16..99, patch in 0u16..99) {
        let text = format!("v1.{minor}.{patch}");
        prop_assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
    }
}
