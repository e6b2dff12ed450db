//! Known clusters: what the guides claim, and what is true.

use super::{state, survive};
use crate::cli::args::TopologyName::{self, *};
use crate::survive::State::{self, *};
use crate::survive::{Requirement, RequirementError};
use crate::topology::tests::{edited, example, proven};

fn check(text: &str, cases: &[(&str, &[&str], State)]) {
    let t = proven(text);
    for (service, failed, expected) in cases {
        assert_eq!(state(&t, service, failed), *expected, "{service} without {failed:?}\n{text}");
    }
}

fn check_example(name: TopologyName, edits: &[(&str, &str)], cases: &[(&str, &[&str], State)]) {
    check(&edited(name, edits), cases);
}

/// The guide says that the cluster works while one control plane lives. etcd needs two of three.
#[test]
fn one_control_plane_of_three_is_not_enough() {
    for (name, [a, b, c]) in [
        (KubeadmStacked, ["dev3", "dev6", "dev7"]),
        (KubeadmStaticPod, ["cp-1", "cp-2", "cp-3"]),
        (KubeadmExternalLb, ["cp-1", "cp-2", "cp-3"]),
    ] {
        check_example(
            name,
            &[],
            &[
                ("api/kubernetes", &[], Up),
                ("api/kubernetes", &[a], Degraded),
                ("etcd/kubernetes", &[c], Degraded),
                ("etcd/kubernetes", &[a, b], Down),
                ("api/kubernetes", &[a, b], Down),
                ("api/kubernetes", &[b, c], Down),
                // No apiserver is ready without etcd: nothing stands behind the VIP.
                ("vip/apiserver", &[a, b], Down),
                ("vip/apiserver", &[a], Degraded),
            ],
        );
    }
    check_example(
        KubeadmExternalLb,
        &[],
        &[
            ("api/kubernetes", &["lb-1"], Degraded),
            ("api/kubernetes", &["lb-1", "lb-2"], Down),
            ("etcd/kubernetes", &["lb-1", "lb-2"], Up),
            ("api/kubernetes", &["lb-1", "cp-3", "worker-1"], Degraded),
        ],
    );
}

#[test]
fn five_members_of_etcd_survive_two() {
    let five = (
        "  dev4: {",
        "  dev8: {address: 172.29.1.43, roles: [control-plane, lb]}\n  dev9: {address: 172.29.1.44, roles: [control-plane, lb]}\n  dev4: {",
    );
    check_example(
        KubeadmStacked,
        &[five],
        &[
            ("etcd/kubernetes", &["dev3"], Up),
            ("etcd/kubernetes", &["dev3", "dev8"], Degraded),
            ("etcd/kubernetes", &["dev3", "dev8", "dev9"], Down),
            // dev3 and dev6 carry the VIP with dev7.
            ("api/kubernetes", &["dev3", "dev6"], Degraded),
        ],
    );
    let report = survive(&proven(&edited(KubeadmStacked, &[five])), 1).unwrap();
    assert_eq!(report.services[1].service.to_string(), "etcd/kubernetes");
    assert_eq!(report.services[1].survives.failures, 2);
}

#[test]
fn etcd_of_its_own_stands_or_falls_alone() {
    let own = [(
        "  worker-1: {",
        "  e-1: {address: 172.29.1.61, roles: [etcd]}\n  e-2: {address: 172.29.1.62, roles: [etcd]}\n  e-3: {address: 172.29.1.63, roles: [etcd]}\n  worker-1: {",
    )];
    check_example(
        KubeadmExternalLb,
        &own,
        &[
            ("api/kubernetes", &["cp-1", "cp-2"], Degraded),
            ("api/kubernetes", &["cp-1", "cp-2", "cp-3"], Down),
            ("api/kubernetes", &["e-1", "e-2"], Down),
            ("etcd/kubernetes", &["cp-1", "cp-2", "cp-3"], Up),
        ],
    );
    // Outside the document it is taken as alive, and said.
    let outside = [(
        "version: 1.31.4",
        "version: 1.31.4\n  etcd: {endpoints: [172.29.1.71, 172.29.1.72, 172.29.1.73]}",
    )];
    let text = edited(KubeadmExternalLb, &outside);
    check(
        &text,
        &[
            ("api/kubernetes", &["cp-1", "cp-2"], Degraded),
            ("etcd/kubernetes", &["cp-1", "cp-2", "cp-3"], Up),
        ],
    );
    let report = survive(&proven(&text), 1).unwrap();
    assert!(report.outside.contains(&"member of etcd 172.29.1.71".to_owned()), "{:?}", report.outside);
    let etcd = &report.services[1];
    assert!(!etcd.survives.exact && etcd.survives.failures == 6);
}

#[test]
fn kube_vip_gives_its_address_up_without_etcd() {
    let kube_vip = [
        (
            "    deployment: static-pod\n    vrrp: {virtualRouterId: 33}\n    services:\n      apiserver:\n        port: 6443\n        backendPort: 9443\n        backends: {role: control-plane}\n        check: {type: https, path: /readyz}\n",
            "    deployment: static-pod\n    owner: kube-vip\n    balancer: none\n",
        ),
        ("  bindPort: 9443 ", "  # "),
    ];
    check_example(
        KubeadmStaticPod,
        &kube_vip,
        &[
            ("vip/apiserver", &["cp-1"], Degraded),
            ("vip/apiserver", &["cp-1", "cp-2"], Down),
            ("api/kubernetes", &["cp-2"], Degraded),
        ],
    );
}

/// Nodes give a VIP up when their balancer fails, never because the backends of one service do.
#[test]
fn a_vip_with_a_balancer_loses_only_the_failed_service() {
    let second = (
        "        check: {type: https, path: /readyz}\n",
        "        check: {type: https, path: /readyz}\n      other: {port: 8080, backends: [worker-1]}\n",
    );
    check_example(
        KubeadmExternalLb,
        &[second],
        &[("vip/apiserver", &["worker-1"], Down), ("api/kubernetes", &["worker-1"], Up)],
    );
    // Without a balancer the node answers itself, or not at all.
    let half = ("http:  {port: 80}", "http:  {port: 80, backends: [compute01]}");
    check_example(
        RainbondMinimal,
        &[half],
        &[("vip/gateway", &["compute02"], Up), ("vip/gateway", &["compute01"], Down)],
    );
}

/// Three nodes: node-1 and node-2 have the database pair and the VIPs, node-3 is a voice of etcd only.
#[test]
fn cloudpods_of_three_nodes_survives_any_one() {
    check_example(
        Cloudpods3,
        &[],
        &[
            ("platform/cloudpods", &["node-1"], Degraded),
            ("platform/cloudpods", &["node-2"], Degraded),
            ("platform/cloudpods", &["node-3"], Degraded),
            ("platform/cloudpods", &["node-1", "node-2"], Down),
            ("platform/cloudpods", &["node-1", "node-3"], Down),
            ("database/onecloud", &["node-1", "node-3"], Degraded),
            ("database/onecloud", &["node-3"], Up),
        ],
    );
}

/// Four nodes: the guide's own words, the platform is gone with the database.
#[test]
fn cloudpods_of_four_nodes_has_one_database() {
    check_example(
        Cloudpods4,
        &[],
        &[
            ("platform/cloudpods", &["db-1"], Down),
            ("platform/cloudpods", &["node-2"], Degraded),
            ("platform/cloudpods", &["node-1", "node-2"], Down),
        ],
    );
    let report = survive(&example(Cloudpods4), 1).unwrap();
    let points: Vec<String> = report.single_points_of_failure.keys().map(ToString::to_string).collect();
    assert_eq!(points, ["db-1"]);
}

#[test]
fn cloudpods_of_five_nodes_survives_one_of_each() {
    check_example(
        Cloudpods5,
        &[],
        &[
            ("platform/cloudpods", &["db-1", "node-3"], Degraded),
            ("platform/cloudpods", &["db-1", "db-2"], Down),
            ("platform/cloudpods", &["node-1", "node-3"], Down),
        ],
    );
    assert!(survive(&example(Cloudpods5), 1).unwrap().single_points_of_failure.is_empty());
}

/// The second grade: applications bear the loss of the manager, the platform does not.
#[test]
fn rainbond_applications_outlive_the_manager() {
    check_example(
        RainbondMinimal,
        &[],
        &[
            ("ingress/rainbond", &["manage01"], Up),
            ("platform/rainbond", &["manage01"], Down),
            ("volume/data", &["manage01"], Degraded),
            ("ingress/rainbond", &["compute01"], Degraded),
            ("ingress/rainbond", &["compute01", "manage01"], Degraded),
            ("ingress/rainbond", &["compute01", "compute02"], Down),
            ("platform/rainbond", &["compute01"], Degraded),
            ("resolver", &["compute01", "compute02"], Down),
        ],
    );
    // Three managers keep etcd, but the console's database stays on the first.
    let three = [(
        "  compute01:\n",
        "  manage02: {address: 10.141.161.103, roles: [manage]}\n  manage03: {address: 10.141.161.104, roles: [manage]}\n  compute01:\n",
    )];
    check_example(
        RainbondMinimal,
        &three,
        &[
            ("platform/rainbond", &["manage02"], Degraded),
            ("platform/rainbond", &["manage02", "manage03"], Down),
            ("platform/rainbond", &["manage01"], Down),
        ],
    );
}

#[test]
fn copies_of_a_volume_vote() {
    let bricks = |edit: &'static str, options: &'static str| {
        edited(
            RainbondMinimal,
            &[
                ("    arbiter: manage01 ", edit),
                ("    migrate: true ", options),
                ("vips:\n", "waivers: [{id: QR-3, reason: r}]\nvips:\n"),
            ],
        )
    };
    // An arbiter: any one of three.
    check_example(
        RainbondMinimal,
        &[],
        &[
            ("volume/data", &["compute01"], Degraded),
            ("volume/data", &["compute01", "compute02"], Down),
            ("volume/data", &["compute01", "manage01"], Down),
        ],
    );
    // Two copies without quorum: either alone, at the price of a split brain.
    let two = bricks("    #", "    #");
    check(
        &two,
        &[
            ("volume/data", &["compute01"], Degraded),
            ("volume/data", &["compute02"], Degraded),
            ("volume/data", &["compute01", "compute02"], Down),
        ],
    );
    // Two copies with `auto`: the first must live.
    let auto = bricks("    #", "    options: {cluster.quorum-type: auto} #");
    check(&auto, &[("volume/data", &["compute01"], Down), ("volume/data", &["compute02"], Degraded)]);
    // Two sets of two: each set must be writable.
    let sets = edited(
        RainbondMinimal,
        &[
            ("    arbiter: manage01 ", "    replica: 2\n    options: {cluster.server-quorum-type: none}\n    #"),
            ("    nodes: [compute01, compute02]\n    replica", "    nodes: [compute01, compute02]\n    replica"),
            ("  compute02:\n", "  s-3: {address: 10.141.161.113, roles: [storage]}\n  s-4: {address: 10.141.161.114, roles: [storage]}\n  compute02:\n"),
            ("vips:\n", "waivers: [{id: QR-3, reason: r}]\nvips:\n"),
        ],
    )
    .replace("    nodes: [compute01, compute02]\n    replica", "    nodes: [compute01, compute02, s-3, s-4]\n    replica");
    check(
        &sets,
        &[
            ("volume/data", &["compute01", "s-3"], Degraded),
            ("volume/data", &["compute01", "compute02"], Down),
            ("volume/data", &["s-3", "s-4"], Down),
        ],
    );
    // With glusterd's own quorum the majority of all four must live too.
    let pool = sets.replace("cluster.server-quorum-type: none", "cluster.server-quorum-type: server");
    check(&pool, &[("volume/data", &["compute01"], Degraded), ("volume/data", &["compute01", "s-3"], Down)]);
}

#[test]
fn the_bootstrap_record_is_switched_by_hand() {
    check_example(
        BootstrapHa,
        &[],
        &[
            ("bootstrap", &[], Up),
            ("bootstrap", &["tinder-1"], ByHand),
            ("bootstrap", &["g-master1"], Degraded),
            ("bootstrap", &["tinder-1", "g-master1"], Down),
            // Nobody finds the name without the only name server, nor can the record be switched.
            ("bootstrap", &["dns-1"], Down),
            ("zone/tinder-node-server.com", &["dns-1"], Down),
            ("api/dce", &["g-master1"], Down),
            ("time", &["dns-1"], Down),
        ],
    );
    // With a second name server names are found; the record is switched on the primary only.
    let second = ("  tinder-1: ", "  dns-2: {address: 172.30.41.191, roles: [dns]}\n  tinder-1: ");
    check_example(
        BootstrapHa,
        &[second],
        &[
            ("zone/tinder-node-server.com", &["dns-1"], Degraded),
            ("zone/tinder-node-server.com", &["dns-2"], Degraded),
            ("bootstrap", &["dns-1"], Degraded),
            ("bootstrap", &["dns-2", "tinder-1"], ByHand),
            ("bootstrap", &["dns-1", "tinder-1"], Down),
        ],
    );
    // After the switch the standby serves, and the original is the standby.
    let switched = ("[tinder-1, g-master1]}", "[tinder-1, g-master1], active: g-master1}");
    check_example(
        BootstrapHa,
        &[switched],
        &[("bootstrap", &["tinder-1"], Degraded), ("bootstrap", &["g-master1"], ByHand)],
    );
    // A name server outside is taken as alive, and the record is switched there.
    let outside = [
        (
            "    records:\n      ns:  {node: dns-1}\n      www: {switch: [tinder-1, g-master1]}     # the first is the original\n",
            "    external: true\n",
        ),
        ("zones:\n", "dns: {servers: [172.30.41.2]}\nzones:\n"),
    ];
    check_example(
        BootstrapHa,
        &outside,
        &[
            ("bootstrap", &["tinder-1"], ByHand),
            ("bootstrap", &["dns-1"], Up),
            ("bootstrap", &["tinder-1", "dns-1"], ByHand),
        ],
    );
}

#[test]
fn a_bootstrap_pair_behind_a_vip_needs_no_hand() {
    let front = [
        ("{switch: [tinder-1, g-master1]}", "{vip: front}"),
        (
            "zones:\n",
            "vips:\n  front:\n    address: 172.30.41.190\n    nodes: [tinder-1, g-master1]\n    balancer: none\n    vrrp: {virtualRouterId: 7}\n    services: {registry: {port: 443}, charts: {port: 8081}}\nzones:\n",
        ),
    ];
    check_example(
        BootstrapHa,
        &front,
        &[
            ("bootstrap", &["tinder-1"], Degraded),
            ("bootstrap", &["g-master1"], Degraded),
            ("bootstrap", &["tinder-1", "g-master1"], Down),
        ],
    );
}

#[test]
fn a_database_behind_balancers_needs_both() {
    let balanced = [
        ("    nodes: [db-1, db-2]\n    balancer: none\n", "    nodes: [node-1, node-2]\n"),
        ("mariadb: {port: 3306}", "mariadb: {port: 3306, backends: [db-1, db-2], preferred: db-1}"),
    ];
    check_example(
        Cloudpods5,
        &balanced,
        &[
            ("database/onecloud", &["db-1"], Degraded),
            ("database/onecloud", &["db-1", "node-1"], Degraded),
            ("database/onecloud", &["db-1", "db-2"], Down),
            ("database/onecloud", &["node-1", "node-2"], Down),
        ],
    );
}

#[test]
fn the_endpoint_needs_its_name() {
    let named = [
        ("  bindPort: 9443 ", "  endpoint: api.k8s.lan\n  bindPort: 9443 "),
        ("vips:\n", "zones:\n  k8s.lan: {primary: dev4, records: {api: {vip: apiserver}}}\nvips:\n"),
    ];
    check_example(
        KubeadmStacked,
        &named,
        &[("api/kubernetes", &["dev4"], Down), ("vip/apiserver", &["dev4"], Up)],
    );
}

#[test]
fn the_reports_of_all_examples_read_well() {
    use clap::ValueEnum as _;
    for name in TopologyName::value_variants() {
        let report = survive(&example(*name), 1).unwrap();
        let file = name.to_possible_value().unwrap().get_name().to_owned();
        insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(file, report.text());
        });
    }
}

#[test]
fn zero_failures_and_all_nodes_are_reports_too() {
    let t = example(BootstrapHa);
    let none = survive(&t, 0).unwrap();
    assert!(none.scenarios.is_empty() && none.text().contains("No failure: every service is up."));
    let all = survive(&t, 99).unwrap();
    assert_eq!((all.failures_max, all.sets), (3, 8));
}

#[test]
fn a_script_finds_everything_in_the_json() {
    let json = survive(&example(BootstrapHa), 1).unwrap().json();
    let expected = serde_json::json!({
        "service": "bootstrap",
        "what": "images, charts and files are served at www.tinder-node-server.com",
        "survives": {"failures": 0, "exact": true},
        "survivesByHand": {"failures": 0, "exact": true},
        "firstStopsWith": [[{"count": 1, "of": ["dns-1"]}], [{"count": 1, "of": ["tinder-1"]}]],
    });
    assert_eq!(json["services"][4], expected);
    assert_eq!(json["cluster"], "my-cluster");
    assert_eq!((&json["nodes"], &json["failuresMax"], &json["sets"]), (&3.into(), &1.into(), &4.into()));
    let last = json["scenarios"].as_array().unwrap().last().unwrap();
    assert_eq!(
        *last,
        serde_json::json!({
            "failed": [{"count": 1, "of": ["tinder-1"]}],
            "effects": [{
                "service": "bootstrap",
                "state": "by-hand",
                "because": ["tinder-1 has failed: switch the record, `hagen-dns-switch tinder-node-server.com www g-master1`"],
            }],
        })
    );
    assert_eq!(json["singlePointsOfFailure"]["tinder-1"][0]["state"], "by-hand");
    assert_eq!(json["idle"], serde_json::json!([]));
}

#[test]
fn requirements_are_read_strictly() {
    let read = |text: &str| text.parse::<Requirement>();
    assert_eq!(
        read("vip/api=2").unwrap(),
        Requirement { service: "vip/api".into(), failures: 2, by_hand: false }
    );
    assert_eq!(
        read("bootstrap=1:by-hand").unwrap(),
        Requirement { service: "bootstrap".into(), failures: 1, by_hand: true }
    );
    assert_eq!(read("zone/a.b=0").unwrap().to_string(), "zone/a.b=0");
    assert_eq!(read("x=1:by-hand").unwrap().to_string(), "x=1:by-hand");
    for wrong in [
        "",
        "api",
        "api=",
        "=1",
        "api=x",
        "api=-1",
        "api=+1",
        "api=1:hand",
        "api=1.5",
        "Api=1",
        "a b=1",
        "api=99999999999999999999999",
    ] {
        let error = read(wrong).unwrap_err();
        assert!(error.to_string().contains("is not SERVICE=N"), "{wrong}: {error}");
    }
}

#[test]
fn requirements_are_checked_exactly() {
    let report = |name| survive(&example(name), 1).unwrap();
    let unmet = |name, text: &[&str]| {
        let list: Vec<Requirement> = text.iter().map(|t| t.parse().unwrap()).collect();
        report(name).unmet(&list).map(|u| u.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(unmet(KubeadmStacked, &["api=1", "vip/apiserver=1", "etcd/kubernetes=1"]).unwrap(), [""; 0]);
    assert_eq!(unmet(KubeadmStacked, &["all=1"]).unwrap(), [""; 0]);
    // Beyond the failures that the report looked at.
    assert_eq!(
        unmet(KubeadmStacked, &["api=2"]).unwrap(),
        ["api/kubernetes must survive any 2 failed nodes; it survives 1, not any 2 of dev3, dev6, dev7"]
    );
    assert_eq!(
        unmet(Cloudpods4, &["platform=1"]).unwrap(),
        ["platform/cloudpods must survive any 1 failed node; it survives 0, not db-1"]
    );
    assert_eq!(unmet(Cloudpods5, &["database=1", "platform=1", "vip=1"]).unwrap(), [""; 0]);
    // A step by hand counts only where it is accepted; dns-1 has no standby in this example.
    let second = ("  tinder-1: ", "  dns-2: {address: 172.30.41.191, roles: [dns]}\n  tinder-1: ");
    let two = survive(&proven(&edited(BootstrapHa, &[second])), 1).unwrap();
    let one = |text: &str| two.unmet(&[text.parse().unwrap()]).unwrap().len();
    assert_eq!((one("bootstrap=1"), one("bootstrap=1:by-hand"), one("bootstrap=2:by-hand")), (1, 0, 1));

    assert_eq!(
        unmet(KubeadmStacked, &["vip/apiservers=1"]).unwrap_err(),
        RequirementError::Near { service: "vip/apiservers".into(), near: "vip/apiserver".into() }
    );
    let error = unmet(KubeadmStacked, &["mail=1"]).unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no service `mail`; services: api, api/kubernetes, etcd, etcd/kubernetes, vip, vip/apiserver"
    );
}
