//! What every example becomes, file by file, as a person reads it: `examples/<case>/expected/<node>/`.
//!
//! `HAGEN_BLESS=1 cargo test -p hagen --test golden` writes the folders anew. Secrets are stand-ins.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hagen::bake::bake;
use hagen::plan::Input;
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::tree::Content;
use hagen::yaml::{Cx, Decode as _, parse};

const CASES: [&str; 8] = [
    "bootstrap-ha",
    "cloudpods-3",
    "cloudpods-4",
    "cloudpods-5",
    "kubeadm-external-lb",
    "kubeadm-stacked",
    "kubeadm-static-pod",
    "rainbond-minimal",
];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn prove(case: &str) -> Topology {
    let text = fs::read_to_string(examples().join(case).join("cluster.yaml")).unwrap();
    let mut cx = Cx::default();
    let document =
        Document::decode(&parse(&text).unwrap(), &mut cx).unwrap_or_else(|| panic!("{:#?}", cx.problems));
    let (topology, problems) = Topology::prove(document);
    topology.unwrap_or_else(|| panic!("{problems:#?}"))
}

/// Path → mode and text, of all nodes, plus each node's order of work.
fn baked(topology: &Topology) -> BTreeMap<String, (u32, String)> {
    let secrets = Secrets::placeholder(&topology.document);
    let mut files = BTreeMap::new();
    for node in topology.nodes.values() {
        let baked = bake(&Input { topology, node, secrets: &secrets }).unwrap();
        for (path, entry) in baked.tree.iter() {
            let Content::Bytes(bytes) = &entry.content else { panic!("{path}: a payload in an example") };
            let text = String::from_utf8(bytes.clone()).unwrap();
            files.insert(format!("{}/{path}", node.name), (entry.mode, text));
        }
        let order = serde_json::to_string_pretty(&baked.activation).unwrap() + "\n";
        files.insert(format!("{}/activation.json", node.name), (0o644, order));
    }
    files
}

fn on_disk(folder: &Path, prefix: &str, files: &mut BTreeMap<String, (u32, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            on_disk(&entry.path(), &format!("{name}/"), files);
        } else {
            // A checkout keeps one mode bit only.
            let mode = entry.metadata().unwrap().permissions().mode() & 0o100;
            files.insert(name, (mode, fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

fn bless(folder: &Path, files: &BTreeMap<String, (u32, String)>) {
    let _ = fs::remove_dir_all(folder);
    for (path, (mode, text)) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(if mode & 0o100 == 0 { 0o644 } else { 0o755 }))
            .unwrap();
    }
}

#[test]
fn every_example_becomes_what_stands_beside_it() {
    let mut differing = vec![];
    for case in CASES {
        let folder = examples().join(case).join("expected");
        let files = baked(&prove(case));
        if std::env::var_os("HAGEN_BLESS").is_some() {
            bless(&folder, &files);
            continue;
        }
        let mut expected = BTreeMap::new();
        on_disk(&folder, "", &mut expected);
        for path in files.keys().chain(expected.keys()) {
            match (files.get(path), expected.get(path)) {
                (Some((mode, text)), Some((x, known))) if text == known && mode & 0o100 == *x => {}
                (Some(_), Some(_)) => differing.push(format!("{case}/{path}: differs")),
                (Some(_), None) => differing.push(format!("{case}/{path}: new")),
                (None, _) => differing.push(format!("{case}/{path}: gone")),
            }
        }
    }
    differing.sort();
    differing.dedup();
    assert!(
        differing.is_empty(),
        "look at the change and bless it with `cargo xtask bless`:\n{}",
        differing.join("\n")
    );
}

#[test]
fn every_case_is_tested() {
    let mut cases: Vec<String> =
        fs::read_dir(examples()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    cases.sort();
    assert_eq!(cases, CASES);
}
