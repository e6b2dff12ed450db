//! Kubernetes: static pods by the published schemas, kubeadm's documents by their published types and by
//! kubeadm itself where it is installed, containerd's configuration by containerd.

mod strict;

use std::fs;
use std::path::Path;

use super::{Judge, ToolOptions, Verdict, find_program, has, run_tool, stage, texts};
use crate::plan::kubeadm::{CONFIG, FOLDER};
use crate::plan::static_pod::MANIFESTS;
use crate::tree::Tree;

/// Static pods.
pub(super) const PODS: Judge =
    Judge { name: "kubernetes-validate", reads: |tree| pods(tree).next().is_some(), run: run_pods };
/// kubeadm's documents.
pub(super) const KUBEADM: Judge =
    Judge { name: "kubeadm", reads: |tree| documents(tree).next().is_some(), run: run_documents };
/// containerd's configuration.
pub(super) const CONTAINERD: Judge =
    Judge { name: "containerd", reads: |tree| has(tree, CONTAINERD_CONFIG), run: run_containerd };

const CONTAINERD_CONFIG: &str = "/etc/containerd/config.toml";

fn pods(tree: &Tree) -> impl Iterator<Item = (String, &str)> {
    texts(tree, "rootfs").filter(|(path, _)| path.starts_with(MANIFESTS) && path.ends_with(".yaml"))
}

fn run_pods(tree: &Tree, scratch: &Path) -> Verdict {
    Verdict::all(pods(tree).map(|(path, text)| {
        let file = scratch.join("pod.yaml");
        if let Err(error) = fs::write(&file, text) {
            return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
        }
        let args = ["--strict".as_ref(), "--quiet".as_ref(), file.as_os_str()];
        match Verdict::from_exit_code(run_tool("kubernetes-validate", &args, &ToolOptions::default())) {
            Verdict::Refused { message } => Verdict::Refused { message: format!("{path}: {message}") },
            Verdict::NotRun { reason } => Verdict::NotRun { reason: format!("{reason} (PyPI)") },
            accepted => accepted,
        }
    }))
}

/// The documents for kubeadm and for the kubelet of an etcd member.
fn documents(tree: &Tree) -> impl Iterator<Item = (String, &str)> {
    let inside = |path: &str| path.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/'));
    texts(tree, "rootfs").filter(move |(path, _)| inside(path) && path.ends_with(".yaml"))
}

fn run_documents(tree: &Tree, scratch: &Path) -> Verdict {
    Verdict::all(documents(tree).map(|(path, text)| {
        let found = strict::check(text);
        if !found.is_empty() {
            return Verdict::Refused { message: format!("{path}: {}", found.join("\n")) };
        }
        // `kubeadm config validate` came with 1.26 and knows only kubeadm's own kinds.
        if !path.starts_with(CONFIG) || find_program("kubeadm").is_none() {
            return Verdict::Accepted { notes: vec![] };
        }
        let file = scratch.join("kubeadm.yaml");
        if let Err(error) = fs::write(&file, text) {
            return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
        }
        let args = ["config".as_ref(), "validate".as_ref(), "--config".as_ref(), file.as_os_str()];
        Verdict::from_exit_code(run_tool("kubeadm", &args, &ToolOptions::default()))
    }))
}

fn run_containerd(tree: &Tree, scratch: &Path) -> Verdict {
    let version_3 = texts(tree, "rootfs")
        .any(|(path, text)| path == CONTAINERD_CONFIG && text.lines().any(|line| line == "version = 3"));
    if version_3 && !containerd_2() {
        return Verdict::NotRun { reason: "containerd 2 is not installed".into() };
    }
    let stage = match stage(tree, scratch, vec![]) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let options = ToolOptions { stage: Some(stage), ..ToolOptions::default() };
    Verdict::from_exit_code(run_tool(
        "containerd",
        &["--config", CONTAINERD_CONFIG, "config", "dump"],
        &options,
    ))
}

fn containerd_2() -> bool {
    run_tool("containerd", &["--version"], &ToolOptions::default()).is_ok_and(|output| {
        output.stdout.split_whitespace().any(|w| w.trim_start_matches('v').starts_with("2."))
    })
}
