use insta::assert_snapshot;

use super::*;
use crate::plan::dce::Bootstrap;
use crate::plan::dce::tests::{EXAMPLE, decided};
use crate::yaml;

fn file<'f>(files: &'f [File], path: &str) -> &'f File {
    files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no {path}"))
}

fn config_of(node: &Bootstrap) -> File {
    file(&render(node), "/etc/hagen/dce/clusterConfig.yaml").clone()
}

/// A document with every key of `dce`.
pub(crate) const FULL: &str = include_str!("full.yaml");

#[test]
fn the_original_of_the_example() {
    assert_snapshot!(config_of(&decided(EXAMPLE, "tinder-1").unwrap()).text());
}

#[test]
fn the_standby_of_the_example() {
    assert_snapshot!(config_of(&decided(EXAMPLE, "g-master1").unwrap()).text());
}

#[test]
fn every_key_of_the_installer() {
    let node = decided(FULL, "tinder-1").unwrap();
    assert_snapshot!("full-cluster-config", config_of(&node).text());
    assert_snapshot!("full-manifest", file(&render(&node), "/etc/hagen/dce/manifest.yaml").text());
}

#[test]
fn a_file_with_a_password_is_secret_and_no_other_file_holds_one() {
    let open = config_of(&decided(EXAMPLE, "tinder-1").unwrap());
    assert!(!open.entry.secret);
    let node = decided(FULL, "tinder-1").unwrap();
    let files = render(&node);
    for file in &files {
        let holds = file.text().contains("placeholder");
        assert_eq!(file.entry.secret, holds, "{}", file.path);
        assert_eq!(file.entry.mode & 0o077 == 0, holds, "{}", file.path);
    }
    assert_eq!(files.iter().filter(|f| f.entry.secret).count(), 1);
}

#[test]
fn what_came_with_v1alpha4_is_left_out_of_v1alpha3() {
    let older = FULL.replace("apiVersion: v1alpha4", "apiVersion: v1alpha3");
    let text = config_of(&decided(&older, "tinder-1").unwrap()).text().to_owned();
    assert!(text.contains("apiVersion: provision.daocloud.io/v1alpha3"));
    assert!(!text.contains("skipValidateOSPackage"));
    assert!(config_of(&decided(FULL, "tinder-1").unwrap()).text().contains("skipValidateOSPackage: true"));
}

#[test]
fn a_value_of_kubespray_cannot_leave_its_line() {
    for value in ["[1, 2", "a: b", "x # y", "'", "- a", "&a b", "*a", "\\", "true"] {
        let written = FULL.replace(
            "    bin_dir: /usr/local/bin\n",
            &format!("    bin_dir: {}\n", serde_json::json!(value)),
        );
        let text = config_of(&decided(&written, "tinder-1").unwrap()).text().to_owned();
        let tree = yaml::parse(&text).unwrap();
        let block = tree.get("spec").and_then(|s| s.get("kubeanConfig")).unwrap();
        let yaml::Value::Scalar { text: block, .. } = &block.value else { panic!("{text}") };
        let inner = yaml::parse(block).unwrap_or_else(|p| panic!("{block}\n{p:?}"));
        let yaml::Value::Map(pairs) = inner.value else { panic!("{block}") };
        let keys: Vec<&str> = pairs.iter().map(|(k, _)| k.text.as_str()).collect();
        assert_eq!(
            keys,
            ["bin_dir", "extra_sysctl", "node_sysctl_tuning", "ntp_timezone", "upstream_dns_servers"]
        );
        if value != "true" {
            let yaml::Value::Scalar { text, .. } = &pairs[0].1.value else { panic!("{block}") };
            assert_eq!(text, value, "{block}");
        }
    }
}

#[test]
fn the_variables_of_the_scripts() {
    let head = |path: &str, node: &Bootstrap| {
        let text = file(&render(node), path).text().to_owned();
        text.split("\nPATH=").next().unwrap_or_default().to_owned()
    };
    let standby = decided(EXAMPLE, "g-master1").unwrap();
    assert_snapshot!("install-head", head(INSTALL_PATH, &standby));
    assert_snapshot!("upgrade-head", head(UPGRADE_PATH, &standby));
    assert_snapshot!("verify-head", head(VERIFY_PATH, &standby));
}
