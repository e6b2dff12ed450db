use super::*;
use crate::problem::Severity;
use crate::spec::Document;
use crate::topology::Topology;
use crate::yaml::{Cx, Decode as _, parse};

pub(super) fn source(name: &str, text: &str) -> Source {
    Source { name: name.into(), text: text.into() }
}

macro_rules! fixture {
    ($name:literal) => {
        source($name, include_str!(concat!("../../../tests/fixtures/import/", $name)))
    };
}

/// A document that passes `check`.
#[track_caller]
pub(super) fn proven(text: &str) -> Topology {
    let mut cx = Cx::default();
    let source = source("cluster.yaml", text);
    let tree = parse(text).unwrap_or_else(|p| panic!("{}\n{text}", source.show(&p, false)));
    let document = Document::decode(&tree, &mut cx);
    assert!(!cx.problems.has_errors(), "{}\n{text}", source.show(&cx.problems, false));
    let (topology, problems) = Topology::prove(document.unwrap());
    topology.unwrap_or_else(|| panic!("{}\n{text}", source.show(&problems, false)))
}

#[track_caller]
fn good(imported: Imported) -> String {
    let shown = imported.source.show(&imported.problems, false);
    imported.document.unwrap_or_else(|| panic!("{shown}"))
}

/// What the user sees of the problems.
fn shown(imported: &Imported) -> String {
    imported.source.show(&imported.problems, false)
}

#[test]
fn the_original_of_the_guide_in_both_versions() {
    let third = good(dce(&fixture!("dce-original-v1alpha3.yaml")));
    let fourth = good(dce(&fixture!("dce-original-v1alpha4.yaml")));
    assert_eq!(third.replace("v1alpha3", "v1alpha4"), fourth);
    insta::assert_snapshot!("dce-original", third);
    let topology = proven(&third);
    let dce = topology.dce.as_ref().unwrap();
    assert_eq!(dce.domain.as_str(), "www.tinder-node-server.com");
    assert_eq!(topology.node(&dce.original).unwrap().address.to_string(), "172.30.41.193");
}

#[test]
fn original_and_standby_of_the_guide_become_one_document() {
    let document = good(
        dce_pair(&fixture!("dce-original-v1alpha4.yaml"), &fixture!("dce-standby-v1alpha4.yaml")).unwrap(),
    );
    insta::assert_snapshot!("dce-pair", document);
    let topology = proven(&document);
    let dce = topology.dce.as_ref().unwrap();
    assert_eq!(dce.backups, ["g-master1".parse().unwrap()]);
    assert_eq!(topology.node(&dce.backups[0]).unwrap().address.to_string(), "172.30.41.194");
}

#[test]
fn every_key_of_the_documentation() {
    let imported = dce(&fixture!("dce-full-v1alpha4.yaml"));
    insta::assert_snapshot!("dce-full-problems", shown(&imported));
    let document = good(imported);
    insta::assert_snapshot!("dce-full", document);
    proven(&document);
}

#[test]
fn no_secret_is_in_any_output() {
    let whole = fixture!("dce-full-v1alpha4.yaml");
    let mut sources = vec![whole.clone(), fixture!("dce-original-v1alpha4.yaml"), fixture!("ocboot-ha.yml")];
    // Broken in every line: errors of the grammar, of forms, of kinds.
    for line in 0..whole.text.lines().count() {
        for broken in ["  :", "- [", "\t"] {
            let mut lines: Vec<String> = whole.text.lines().map(str::to_owned).collect();
            lines[line] = format!("{broken}{}", lines[line].trim_start());
            sources.push(source("broken", &lines.join("\n")));
        }
    }
    for source in &sources {
        for imported in [dce(source), ocboot(source)] {
            let everything = format!(
                "{}{}{}{}",
                imported.document.as_deref().unwrap_or_default(),
                shown(&imported),
                imported.source.json(&imported.problems),
                imported.source.text,
            );
            for secret in ["s3cr3t", "\"admin\"", "0neC1oudDB"] {
                if let Some(at) = everything.find(secret) {
                    let start = at.saturating_sub(200);
                    panic!("{}", everything.get(start..at + 20).unwrap_or(&everything));
                }
            }
        }
    }
}

#[test]
fn anonymous_addresses_are_problems_with_a_place() {
    let imported = dce(&fixture!("dce-anonymous.yaml"));
    assert!(imported.document.is_none());
    let errors: Vec<_> = imported.problems.iter().filter(|p| p.severity == Severity::Error).collect();
    let [error, other] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!(imported.source.position(error.span.unwrap().start), (11, 11));
    assert_eq!(imported.source.position(other.span.unwrap().start), (23, 34));
    assert_eq!(other.message, "`xxx.xx.xx.193` is not an IP address such as `172.30.41.193`");
    assert_eq!(error.message, "`xxx.xx.xx.194` is not an IP address such as `172.30.41.194`");
    assert!(error.help.as_ref().unwrap().contains("the address was made anonymous"));
}

#[test]
fn what_cannot_be_imported_is_told_with_its_place() {
    let original = fixture!("dce-original-v1alpha4.yaml");
    for (from, to, line, message) in [
        ("kind: ClusterConfig", "kind: ConfigMap", 2, "this is no clusterConfig.yaml of DCE"),
        ("v1alpha4", "v1alpha2", 1, "this version of clusterConfig is not known"),
        (
            "nodeName: \"g-master1\"",
            "nodeName: \"G_master\"",
            10,
            "`G_master` is not a name of lower-case letters",
        ),
        ("      ip: 172.30.41.194\n", "", 10, "`spec.masterNodes[0]` has no `ip`"),
        (
            "type: builtin\n    isoPath",
            "type: builtIn\n    isoPath",
            17,
            "`builtIn` is not `official-service`",
        ),
        ("isoPath: \"/home", "isoPath: \"home", 18, "is not an absolute path"),
        (
            "  binaries:\n    type: builtin",
            "  binaries: builtin",
            26,
            "`spec.binaries` is a string, not a mapping",
        ),
        (
            "fullPackagePath: \"/home/offline-fix-dns\"",
            "fullPackagePath: [a]",
            15,
            "`spec.fullPackagePath` is a list",
        ),
        (
            "bootstrapNode: www.tinder-node-server.com",
            "bootstrapNode: tinder",
            7,
            "`tinder` is not an address or a domain",
        ),
    ] {
        assert!(original.text.contains(from), "{from}");
        let imported = dce(&source("x", &original.text.replace(from, to)));
        assert!(imported.document.is_none(), "{from} -> {to}");
        let found = imported.problems.iter().find(|p| p.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("no `{message}`: {}", shown(&imported)));
        assert_eq!(imported.source.position(found.span.unwrap().start).0, line, "{message}");
    }
}

#[test]
fn a_file_without_a_domain_is_imported_with_an_invented_one() {
    let text = fixture!("dce-standby-v1alpha4.yaml")
        .text
        .replace("    additionalSSLSubjectAltName: \"www.tinder-node-server.com\"", "   ");
    let imported = dce(&source("x", &text));
    assert!(shown(&imported).contains("the source names no domain"));
    let topology = proven(&good(imported));
    let dce = topology.dce.as_ref().unwrap();
    assert_eq!(dce.domain.as_str(), "tinder.my-cluster.internal");
    assert_eq!(dce.original.as_str(), "g-master1");
}

#[test]
fn what_the_source_leaves_open_is_left_open_and_check_shows_the_place() {
    let text = fixture!("dce-original-v1alpha4.yaml")
        .text
        .replace("bootstrapNode: www.tinder-node-server.com", "bootstrapNode: auto");
    let imported = dce(&source("x", &text));
    assert!(shown(&imported).contains("does not say the address of the node with the role `bootstrap`"));
    let document = good(imported);
    let mut cx = Cx::default();
    assert!(Document::decode(&parse(&document).unwrap(), &mut cx).is_none());
    let problem = cx.problems.iter().next().unwrap();
    assert_eq!(problem.message, "`address` has no value");
    proven(&document.replace("    address:   # to be", "    address: 172.30.41.193   # to be"));
}

#[test]
fn the_inventory_of_ocboots_documentation() {
    let imported = ocboot(&fixture!("ocboot-ha.yml"));
    insta::assert_snapshot!("ocboot-ha-problems", shown(&imported));
    let document = good(imported);
    insta::assert_snapshot!("ocboot-ha", document);
    let topology = proven(&document);
    let cloudpods = topology.cloudpods.as_ref().unwrap();
    assert_eq!(cloudpods.vip_address.to_string(), "10.127.90.10");
    assert_eq!(cloudpods.ha.len(), 3);
    let database = &topology.databases[&cloudpods.database];
    assert_eq!(database.address.to_string(), "10.127.90.11");
    assert_eq!(database.nodes, ["node-2".parse().unwrap(), "node-3".parse().unwrap()]);
    assert_eq!(topology.node(&"node-3".parse().unwrap()).unwrap().interface.as_str(), "eth1");
}

#[test]
fn an_inventory_without_a_vip_leaves_its_place_open() {
    let document = good(ocboot(&fixture!("ocboot-nodes.yml")));
    insta::assert_snapshot!("ocboot-nodes", document);
    let filled =
        document.replace("    address:   # to be written", "    address: 10.127.10.200   # to be written");
    let topology = proven(&filled);
    let cloudpods = topology.cloudpods.as_ref().unwrap();
    assert_eq!(cloudpods.controllers.len(), 2);
    assert_eq!(cloudpods.hosts.len(), 1);
}

#[test]
fn what_is_wrong_in_an_inventory_is_told_with_its_place() {
    let original = fixture!("ocboot-ha.yml");
    for (from, to, line, message) in [
        ("primary_master_node:", "primary_node:", 2, "this is no inventory of ocboot"),
        ("hostname: 10.127.90.101", "hostname: 10.127.90.xx", 15, "`10.127.90.xx` is not an IP address"),
        (
            "host_networks: \"eth0/br0/10.127.90.101\"",
            "host_networks: eth0",
            34,
            "`host_networks` is not `NIC/BRIDGE/ADDRESS`",
        ),
        (
            "hostname: \"10.127.90.103\"",
            "hostname: \"10.127.90.102\"",
            47,
            "the node 10.127.90.102 stands twice",
        ),
        ("  onecloud_version: \"v3.9.8\"\n", "", 15, "`primary_master_node` has no `onecloud_version`"),
        ("db_port: \"3306\"", "db_port: \"33060000\"", 22, "`33060000` is not a port"),
    ] {
        assert!(original.text.contains(from), "{from}");
        let imported = ocboot(&source("x", &original.text.replace(from, to)));
        assert!(imported.document.is_none(), "{from} -> {to}");
        let found = imported.problems.iter().find(|p| p.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("no `{message}`: {}", shown(&imported)));
        assert_eq!(imported.source.position(found.span.unwrap().start).0, line, "{message}");
    }
}

#[test]
fn what_hagen_wrote_for_dce_comes_back_as_it_was() {
    use crate::plan::dce::tests::{EXAMPLE, decided};
    for text in [EXAMPLE, crate::render::dce::tests::FULL] {
        let (original, standby) = match text {
            EXAMPLE => ("tinder-1", "g-master1"),
            _ => ("tinder-1", "tinder-2"),
        };
        let plans = [original, standby].map(|node| decided(text, node).unwrap());
        let files = plans.each_ref().map(|plan| {
            let files = crate::render::dce::render(plan);
            source(
                "clusterConfig.yaml",
                files.iter().find(|f| f.path.ends_with("clusterConfig.yaml")).unwrap().text(),
            )
        });
        let mut document = good(dce_pair(&files[0], &files[1]).unwrap());
        if text != EXAMPLE {
            // With external images the file does not tell the original's address.
            document = document.replace("    address:   # to be", "    address: 172.30.41.193   # to be");
        }
        let topology = proven(&document);
        for (plan, name) in plans
            .iter()
            .zip([&topology.dce.as_ref().unwrap().original, &topology.dce.as_ref().unwrap().backups[0]])
        {
            let again = decided(&document, name.as_str()).unwrap();
            assert_eq!(again.config, plan.config, "{document}");
            assert_eq!(again.address, plan.address);
            assert_eq!(again.role, plan.role);
        }
    }
}

#[test]
fn what_hagen_wrote_for_ocboot_comes_back_as_it_was() {
    use crate::plan::cloudpods::tests::{FIVE, FOUR, decided};
    let with_host = FOUR.replace(
        "  node-3: ",
        "  node-9: {address: 10.127.190.230, roles: [host], interface: eth1}\n  node-3: ",
    );
    for text in [FOUR, FIVE, &with_host] {
        let plan = decided(text, "node-1").unwrap();
        let files = crate::render::cloudpods::render(&plan);
        let file = files.iter().find(|f| f.path.ends_with(".yml")).unwrap();
        let document = good(ocboot(&source("inventory.yml", file.text())));
        let again = decided(&document, "node-1").unwrap();
        assert_eq!(again.installer.unwrap().inventories, plan.installer.unwrap().inventories, "{document}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_an_import(at in 0_usize..4000, count in 0_usize..40, with in "[ -~\n]{0,12}|[: \\-\\[\\]{}&*!|>'\"#\n]{0,6}") {
        let sources = [fixture!("dce-full-v1alpha4.yaml"), fixture!("ocboot-ha.yml"), fixture!("ocboot-nodes.yml")];
        for whole in sources {
            let chars: Vec<char> = whole.text.chars().collect();
            let at = at % chars.len();
            let text: String = chars[..at].iter().copied().chain(with.chars()).chain(chars[(at + count).min(chars.len())..].iter().copied()).collect();
            for imported in [dce(&source("x", &text)), ocboot(&source("x", &text))] {
                proptest::prop_assert_eq!(imported.source.text.len(), text.len(), "places stay");
                proptest::prop_assert!(imported.document.is_some() != imported.problems.has_errors());
                shown(&imported);
                if let Some(document) = &imported.document {
                    proptest::prop_assert!(parse(document).is_ok(), "{}", document);
                }
            }
        }
    }
}
