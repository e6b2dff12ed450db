//! The crates of the workspace: who may use whom, lints and dependencies from the one table, the lock file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Complaints;
use crate::shell;

/// What a crate may use.
struct Allowed {
    /// The crate.
    name: &'static str,
    /// Direct dependencies outside its tests; absent: any that is not forbidden.
    only: Option<&'static [&'static str]>,
    /// Never, not even through others.
    never: &'static [&'static str],
}

/// The houses and their doors. A crate that is not listed is a complaint: say what it may use first.
const ALLOWED: &[Allowed] = &[
    Allowed {
        name: "ha-vrrp",
        only: Some(&["serde", "thiserror"]),
        never: &["tokio", "rand", "log", "tracing"],
    },
    Allowed { name: "ha-xdp-config", only: None, never: &["hagen", "ha-xdp", "aya", "tokio"] },
    Allowed {
        name: "hagen",
        only: None,
        never: &["ha-xdp", "ha-xdp-common", "aya", "tokio", "reqwest", "hyper"],
    },
    Allowed {
        name: "xtask",
        only: None,
        never: &["hagen", "ha-vrrp", "ha-xdp-config", "ha-xdp", "ha-xdp-common"],
    },
    Allowed { name: "tests", only: None, never: &[] },
];

/// All complaints about crates.
pub(super) fn check() -> Result<Complaints> {
    let mut complaints = vec![];
    if !shell::root().join("Cargo.lock").is_file() {
        complaints.push("Cargo.lock: is not there; every build must take the same crates".to_owned());
    }
    let ignored = fs::read_to_string(shell::root().join(".gitignore")).unwrap_or_default();
    if ignored.lines().any(|line| line.contains("Cargo.lock")) {
        complaints.push(".gitignore: hides Cargo.lock".to_owned());
    }
    let mut cargo = shell::cargo();
    let text = shell::read(cargo.args(["metadata", "--locked", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&text).context("reading cargo's metadata")?;
    complaints.extend(check_uses(&metadata));
    for package in members(&metadata) {
        let path = package["manifest_path"].as_str().context("a crate without a manifest")?;
        let manifest = fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
        let name = package["name"].as_str().unwrap_or_default();
        complaints.extend(check_manifest(name, &manifest));
    }
    Ok(complaints)
}

/// The workspace's own crates.
fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    let ids: BTreeSet<&str> =
        metadata["workspace_members"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter(move |package| package["id"].as_str().is_some_and(|id| ids.contains(id)))
}

fn check_uses(metadata: &Value) -> Complaints {
    let mut complaints = vec![];
    // Name to direct dependencies that are part of the product: of kind normal or build.
    let uses: BTreeMap<&str, BTreeSet<&str>> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|package| {
            let all = package["dependencies"].as_array()?.iter();
            let names = all
                .filter(|d| d["kind"] != "dev" && d["optional"] != true)
                .filter_map(|d| d["name"].as_str());
            Some((package["name"].as_str()?, names.collect()))
        })
        .collect();
    for name in members(metadata).filter_map(|package| package["name"].as_str()) {
        let path = format!("{name}/Cargo.toml");
        let Some(allowed) = ALLOWED.iter().find(|a| a.name == name) else {
            complaints.push(format!("{path}: nothing says what `{name}` may use; add it to {}", file!()));
            continue;
        };
        let direct = uses.get(name).cloned().unwrap_or_default();
        for used in direct.iter().filter(|used| allowed.only.is_some_and(|only| !only.contains(used))) {
            complaints.push(format!("{path}: `{name}` uses `{used}`; it may use {:?} only", allowed.only));
        }
        let reached = reach(name, &uses);
        for used in allowed.never.iter().filter(|never| reached.contains(**never)) {
            complaints
                .push(format!("{path}: `{name}` uses `{used}`, directly or through another, and never may"));
        }
    }
    complaints
}

/// Everything that a crate uses, at any depth.
fn reach<'a>(name: &'a str, uses: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut queue = vec![name];
    while let Some(next) = queue.pop() {
        for used in uses.get(next).into_iter().flatten() {
            if reached.insert(*used) {
                queue.push(used);
            }
        }
    }
    reached
}

/// Lints and versions stand in the workspace's manifest alone.
fn check_manifest(name: &str, manifest: &str) -> Complaints {
    let mut complaints = vec![];
    let mut section = "";
    let mut inherits_lints = false;
    for (number, line) in manifest.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.starts_with('[') {
            section = line;
        } else if section == "[lints]" && line.replace(' ', "") == "workspace=true" {
            inherits_lints = true;
        } else if section.ends_with("dependencies]") && line.contains('=') && !line.contains("workspace") {
            complaints.push(format!(
                "{name}/Cargo.toml:{}: `{line}`: versions stand in the workspace's table",
                number + 1
            ));
        }
    }
    if !inherits_lints {
        complaints.push(format!("{name}/Cargo.toml: does not inherit the workspace's lints"));
    }
    complaints
}

#[cfg(test)]
mod tests;
