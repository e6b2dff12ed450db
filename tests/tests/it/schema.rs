//! The published JSON Schema, judged by check-jsonschema: editors and hagen say the same of a document.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum as _;
use hagen::cli::args::TopologyName;
use hagen::cli::init::document;
use hagen::cli::reference::json_schema;
use hagen::spec::Document;
use hagen::yaml::{Cx, Decode as _, parse};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use tempfile::TempDir;
use tests::documents::documents;

/// A folder with the schema and documents, and the tool.
struct Judge {
    folder: TempDir,
    tool: PathBuf,
    files: Vec<(String, PathBuf)>,
}

impl Judge {
    fn new() -> Self {
        let tool = hagen::judge::find_program("check-jsonschema")
            .unwrap_or_else(|| panic!("`check-jsonschema` is missing: pip install check-jsonschema"));
        let folder = tempfile::tempdir().unwrap();
        let schema = serde_json::to_string_pretty(&json_schema()).unwrap();
        fs::write(folder.path().join("schema.json"), schema).unwrap();
        Self { folder, tool, files: vec![] }
    }

    fn add(&mut self, name: impl Into<String>, text: &str) {
        let path = self.folder.path().join(format!("{}.yaml", self.files.len()));
        fs::write(&path, text).unwrap();
        self.files.push((name.into(), path));
    }

    /// The names of the documents that the schema refuses, and all that was said.
    fn refused(&self) -> (Vec<&str>, String) {
        let mut command = Command::new(&self.tool);
        command.args(["--output-format", "json", "--verbose", "--schemafile"]);
        command.arg(self.folder.path().join("schema.json")).args(self.files.iter().map(|(_, path)| path));
        let output = command.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let report: serde_json::Value = serde_json::from_str(&out)
            .unwrap_or_else(|e| panic!("{e}: {out}{}", String::from_utf8_lossy(&output.stderr)));
        let unread = report["parse_errors"].as_array().map_or(0, Vec::len);
        assert_eq!(unread, 0, "{out}");
        let wrong: Vec<&str> =
            report["errors"].as_array().unwrap().iter().filter_map(|e| e["filename"].as_str()).collect();
        assert_eq!(output.status.success(), wrong.is_empty(), "{out}");
        let of = |path: &Path| wrong.iter().any(|w| Path::new(w) == path);
        (self.files.iter().filter(|(_, path)| of(path)).map(|(name, _)| name.as_str()).collect(), out)
    }
}

/// Whether hagen decodes a document.
fn decodes(text: &str) -> bool {
    let mut cx = Cx::default();
    let document = parse(text).ok().and_then(|node| Document::decode(&node, &mut cx));
    document.is_some() && !cx.problems.has_errors()
}

#[test]
fn the_schema_is_a_schema() {
    let judge = Judge::new();
    let mut command = Command::new(&judge.tool);
    let output =
        command.arg("--check-metaschema").arg(judge.folder.path().join("schema.json")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_example_is_accepted() {
    let mut judge = Judge::new();
    for name in TopologyName::value_variants() {
        judge.add(format!("{name:?}"), document(*name));
    }
    let (refused, said) = judge.refused();
    assert!(refused.is_empty(), "{said}");
}

#[test]
fn whatever_is_sound_is_accepted() {
    let mut judge = Judge::new();
    let mut runner = TestRunner::deterministic();
    for n in 0..60 {
        let text = documents().new_tree(&mut runner).unwrap().current();
        judge.add(format!("{n}\n{text}"), &text);
    }
    let (refused, said) = judge.refused();
    assert!(refused.is_empty(), "{refused:?}\n{said}");
}

/// What hagen reads, an editor must not mark: numbers and switches as text, empty values.
#[test]
fn plain_words_may_look_like_numbers() {
    let mut judge = Judge::new();
    let stacked = document(TopologyName::KubeadmStacked);
    for (name, from, to) in [
        (
            "arguments",
            "  bindPort: 9443 ",
            "  kubeletArgs: {max-pods: 110, fail-swap-on: false}\n  bindPort: 9443 ",
        ),
        ("feature gates", "  bindPort: 9443 ", "  featureGates: {EtcdLearnerMode: true}\n  bindPort: 9443 "),
        ("a version of two parts", "version: 1.31.4", "version: 1.31"),
        ("labels", "roles: [worker]", "roles: [worker], labels: {zone: 1, spot: true}"),
        (
            "an empty section",
            "dns:\n  servers: [172.29.1.1]\n",
            "dns: {servers: [172.29.1.1]}\nwaivers:\nzones:\n",
        ),
        ("an empty mapping", "        check: {type: https, path: /readyz}\n", "        check:\n"),
        ("one node by name", "nodes: [dev3, dev6, dev7] ", "nodes: dev3 "),
    ] {
        assert_eq!(stacked.matches(from).count(), 1, "{name}");
        let text = stacked.replacen(from, to, 1);
        assert!(decodes(&text), "{name}");
        judge.add(name, &text);
    }
    let (refused, said) = judge.refused();
    assert!(refused.is_empty(), "{refused:?}\n{said}");
}

#[test]
fn what_hagen_cannot_read_is_refused() {
    let mut judge = Judge::new();
    let stacked = document(TopologyName::KubeadmStacked);
    let cases = [
        ("unknown key", "cluster: kubernetes", "cluster: kubernetes\nclusters: x"),
        ("unknown key deep inside", "{virtualRouterId: 33}", "{virtualRouterId: 33, prioritys: {}}"),
        ("unknown key in a node", "roles: [worker]", "role: [worker]"),
        ("missing apiVersion", "apiVersion: hagen/v1\n", ""),
        ("missing address", "{address: 172.33.1.50, roles", "{roles"),
        ("unknown apiVersion", "hagen/v1", "hagen/v2"),
        ("unknown role", "roles: [worker]", "roles: [workers]"),
        ("a word for a list", "roles: [worker]", "roles: worker"),
        ("a list for a mapping", "check: {type: https, path: /readyz}", "check: [https]"),
        ("revision 0", "revision: 1 ", "revision: 0 "),
        ("a word for a number", "virtualRouterId: 33", "virtualRouterId: x"),
        ("quotes around a number", "virtualRouterId: 33", "virtualRouterId: '33'"),
        ("a number too large", "virtualRouterId: 33", "virtualRouterId: 256"),
        ("port 0", "port: 6443", "port: 0"),
        ("a word for a switch", "{virtualRouterId: 33}", "{virtualRouterId: 33, preempt: sometimes}"),
        ("a literal secret", "token: {env: KUBEADM_TOKEN}", "token: abcdef.0123456789abcdef"),
        ("two sources of a secret", "token: {env: KUBEADM_TOKEN}", "token: {env: A, file: b}"),
        ("no source of a secret", "token: {env: KUBEADM_TOKEN}", "token: {}"),
        ("unknown check", "type: https", "type: icmp"),
        ("a mapping for a node", "nodes: [dev3, dev6, dev7] ", "nodes: [{a: b}, dev6, dev7] "),
        ("unknown selector", "backends: {role: control-plane}", "backends: {roles: control-plane}"),
    ];
    for (name, from, to) in cases {
        assert_eq!(stacked.matches(from).count(), 1, "{name}");
        let text = stacked.replacen(from, to, 1);
        assert!(!decodes(&text), "{name}");
        judge.add(name, &text);
    }
    let (refused, said) = judge.refused();
    let accepted: Vec<_> = cases.iter().map(|(name, ..)| *name).filter(|n| !refused.contains(n)).collect();
    assert!(accepted.is_empty(), "{accepted:?}\n{said}");
}
