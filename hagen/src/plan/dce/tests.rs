use proptest::prelude::*;

use super::*;
use crate::plan::Input;
use crate::secret::Secrets;
use crate::spec::Document;
use crate::topology::Topology;
use crate::yaml::{self, Cx, Decode as _};

pub(crate) const EXAMPLE: &str = include_str!("../../../examples/bootstrap-ha/cluster.yaml");

/// A document that keeps every rule.
pub(crate) fn proven(text: &str) -> (Topology, Secrets) {
    let tree = yaml::parse(text).unwrap();
    let mut cx = Cx::default();
    let document = Document::decode(&tree, &mut cx).unwrap_or_else(|| panic!("{:#?}", cx.problems));
    assert!(!cx.problems.has_errors(), "{:#?}", cx.problems);
    let secrets = Secrets::placeholder(&document);
    let (topology, problems) = Topology::prove(document);
    (topology.unwrap_or_else(|| panic!("{problems:#?}")), secrets)
}

/// What a node of a document gets.
pub(crate) fn decided(text: &str, node: &str) -> Option<Bootstrap> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

fn written_names(node: &Bootstrap) -> BTreeSet<String> {
    let ImagesAndCharts::Builtin { additional_name } = &node.config.images_and_charts else {
        panic!("images come from the bootstrap node here")
    };
    BTreeSet::from([node.config.bootstrap_node.to_string(), additional_name.to_string()])
}

#[test]
fn the_original_is_in_domain_mode_and_the_standby_in_address_mode() {
    let original = decided(EXAMPLE, "tinder-1").unwrap();
    assert_eq!(original.role, BootstrapRole::Original);
    assert_eq!(original.config.bootstrap_node.to_string(), "www.tinder-node-server.com");
    assert_eq!(original.steps(), None);
    let standby = decided(EXAMPLE, "g-master1").unwrap();
    assert_eq!(standby.role, BootstrapRole::Backup);
    assert_eq!(standby.config.bootstrap_node.to_string(), "172.30.41.194");
    assert_eq!(standby.steps(), Some("1,2,3,4,5"));
    assert!(decided(EXAMPLE, "dns-1").is_none());
}

#[test]
fn the_record_must_point_to_the_original_before_an_upgrade_on_every_node() {
    let original = "172.30.41.193".parse::<IpAddr>().unwrap();
    for node in ["tinder-1", "g-master1"] {
        let node = decided(EXAMPLE, node).unwrap();
        assert_eq!(node.address_at_upgrade(), original);
        let switch = node.switch.unwrap();
        let names = [
            switch.name_server.as_str(),
            switch.zone.as_str(),
            switch.record.as_str(),
            switch.original.as_str(),
        ];
        assert_eq!(names, ["dns-1", "tinder-node-server.com", "www", "tinder-1"]);
    }
}

#[test]
fn the_rest_of_the_document_fills_the_variables_of_kubespray() {
    let config = decided(EXAMPLE, "tinder-1").unwrap().config.kubean_config;
    let value = |key: &str| config.get(&key.parse::<crate::spec::Word>().unwrap()).map(|v| v.to_string());
    assert_eq!(value("ntp_timezone").as_deref(), Some("Asia/Shanghai"));
    assert_eq!(value("upstream_dns_servers").as_deref(), Some(r#"["172.30.41.192"]"#));
}

#[test]
fn passwords_are_used_only_without_a_private_key() {
    let with_key = decided(EXAMPLE, "tinder-1").unwrap().config;
    assert!(with_key.masters.iter().all(|n| n.login.is_none()));
    let text = EXAMPLE
        .replace("  privateKeyPath: /root/.ssh/id_rsa            # on the bootstrap nodes; no password stands anywhere\n", "")
        .replace("  interface: eth0 ", "  ssh: {password: {env: SSH_PASSWORD}}\n  interface: eth0 ");
    let config = decided(&text, "tinder-1").unwrap().config;
    assert_eq!(config.access, Access::Passwords);
    assert!(config.masters.iter().all(|n| n.login.as_ref().is_some_and(|l| l.password.is_some())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_certificate_serves_the_domain_and_its_own_address(first in 1_u8..100, second in 101_u8..190, label in "[a-z]{1,20}") {
        let text = EXAMPLE
            .replace("172.30.41.193", &format!("172.30.41.{first}"))
            .replace("172.30.41.194", &format!("172.30.41.{second}"))
            .replace("gateway: 172.30.41.1\n", "gateway: 172.30.41.254\n")
            .replace("www:", &format!("{label}:"))
            .replace("www.tinder", &format!("{label}.tinder"));
        prop_assume!(label != "ns");
        for name in ["tinder-1", "g-master1"] {
            let node = decided(&text, name).unwrap();
            prop_assert_eq!(written_names(&node), node.certificate_names());
            prop_assert!(node.certificate_names().contains(&node.address.to_string()));
        }
    }
}

#[test]
fn every_script_is_the_operators() {
    for (text, node) in [
        (EXAMPLE, "tinder-1"),
        (EXAMPLE, "g-master1"),
        (crate::plan::rainbond::tests::EXAMPLE, "manage01"),
        (crate::plan::rainbond::tests::EXAMPLE, "compute02"),
        (crate::plan::cloudpods::tests::THREE, "node-1"),
        (crate::plan::cloudpods::tests::THREE, "node-3"),
    ] {
        let (topology, secrets) = proven(text);
        let input = Input {
            topology: &topology,
            node: topology.node(&node.parse().unwrap()).unwrap(),
            secrets: &secrets,
        };
        let mut parts = crate::plan::activation::Parts::default();
        let mut files = vec![];
        if let Some(cfg) = decide(&input) {
            activate(&cfg, &input, &mut parts);
            files.extend(crate::render::dce::render(&cfg));
        }
        if let Some(cfg) = crate::plan::rainbond::decide(&input) {
            crate::plan::rainbond::activate(&cfg, &input, &mut parts);
            files.extend(crate::render::rainbond::render(&cfg));
        }
        if let Some(cfg) = crate::plan::cloudpods::decide(&input) {
            crate::plan::cloudpods::activate(&cfg, &input, &mut parts);
            files.extend(crate::render::cloudpods::render(&cfg));
        }
        let scripts: BTreeSet<String> =
            files.iter().filter(|f| f.entry.mode == 0o755).map(|f| f.path.clone()).collect();
        let told = parts.into_activation().scripts;
        assert!(told.iter().all(|s| s.run == crate::plan::activation::RunBy::Operator));
        assert_eq!(told.into_iter().map(|s| s.path).collect::<BTreeSet<_>>(), scripts, "{node}");
    }
}

/// The example behind a balancer instead of a switched record.
pub(crate) fn behind_a_vip() -> String {
    EXAMPLE
        .replace("      www: {switch: [tinder-1, g-master1]}     # the first is the original\n", "      www: {vip: tinder}\n")
        .replace(
            "\nzones:\n",
            "  lb-1: {address: 172.30.41.201, roles: [lb]}\n  lb-2: {address: 172.30.41.202, roles: [lb]}\n\
             \nvips:\n  tinder:\n    address: 172.30.41.200\n    nodes: {role: lb}\n    vrrp: {virtualRouterId: 7}\n    services:\n      \
             registry: {port: 443, backends: [tinder-1, g-master1], preferred: tinder-1}\n\nzones:\n",
        )
        .replace("os: centos-7.9", "os: rocky-9")
}

#[test]
fn behind_a_balancer_the_domain_points_to_the_vip_on_every_node() {
    let vip = "172.30.41.200".parse::<IpAddr>().unwrap();
    for node in ["tinder-1", "g-master1"] {
        let node = decided(&behind_a_vip(), node).unwrap();
        assert_eq!(node.front, Front::Vip { address: vip });
        assert_eq!((node.addresses_at_install(), node.address_at_upgrade()), (vec![vip], vip));
        assert_eq!(node.switch, None);
        assert_eq!(written_names(&node), node.certificate_names());
    }
    // RHEL 9 and its kin.
    let config = decided(&behind_a_vip(), "tinder-1").unwrap().config.kubean_config;
    assert_eq!(config[&"node_sysctl_tuning".parse::<crate::spec::Word>().unwrap()].as_str(), "true");
}
