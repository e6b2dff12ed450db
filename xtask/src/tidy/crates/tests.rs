use serde_json::{Value, json};

use super::{check_manifest, check_uses};

fn package(name: &str, uses: &[&str]) -> Value {
    let dependencies: Vec<Value> = uses.iter().map(|used| json!({"name": used, "kind": null})).collect();
    json!({"name": name, "id": name, "dependencies": dependencies})
}

#[test]
fn a_forbidden_crate_is_found_also_behind_another() {
    let metadata = json!({
        "workspace_members": ["hagen", "ha-vrrp", "stranger"],
        "packages": [
            package("hagen", &["middle", "serde"]),
            package("middle", &["tokio"]),
            package("ha-vrrp", &["thiserror", "socket2"]),
            package("stranger", &[]),
        ],
    });
    let complaints = check_uses(&metadata).join("\n");
    for want in ["`hagen` uses `tokio`", "`ha-vrrp` uses `socket2`", "what `stranger` may use"] {
        assert!(complaints.contains(want), "{complaints}");
    }
    assert_eq!(complaints.lines().count(), 3, "{complaints}");
}

#[test]
fn what_only_tests_use_is_free() {
    let mut hagen = package("hagen", &["tokio"]);
    hagen["dependencies"][0]["kind"] = "dev".into();
    let metadata = json!({"workspace_members": ["hagen"], "packages": [hagen]});
    assert_eq!(check_uses(&metadata), [""; 0]);
}

#[test]
fn a_manifest_takes_lints_and_versions_from_the_workspace() {
    let good = "[package]\nname = \"x\"\n\n[dependencies]\nserde.workspace = true\ntar = { workspace = true }\n\n[lints]\nworkspace = true\n";
    assert_eq!(check_manifest("x", good), [""; 0]);
    let complaints = check_manifest("x", "[package]\nversion = \"1\"\n[dev-dependencies]\nserde = \"1\"\n");
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complaints[0].starts_with("x/Cargo.toml:4: "), "{complaints:?}");
}
