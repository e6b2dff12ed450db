//! cloud-init: the schema of `user-data`, and for `network-config` the schema where this version has
//! one, and its own conversion for the node's system.

use std::path::Path;

use super::{End, Judge, ToolOptions, Verdict, run_tool, spread, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "cloud-init", reads, run };

fn reads(tree: &Tree) -> bool {
    tree.get("cloud-init/user-data").is_some()
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    let seed = scratch.join("seed");
    if let Err(error) = spread(tree, "cloud-init", &seed) {
        return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
    }
    let user_data = user_data(&seed.join("user-data"));
    if tree.get("cloud-init/network-config").is_none() {
        return user_data;
    }
    Verdict::all([user_data, network_config(tree, &seed.join("network-config"), scratch)])
}

fn user_data(file: &Path) -> Verdict {
    let args = ["schema".as_ref(), "-c".as_ref(), file.as_os_str()];
    match run_tool("cloud-init", &args, &ToolOptions::default()) {
        // A deprecation is told on stdout, with exit code 0.
        Ok(output) if output.end == End::Code(0) => {
            let told = |line: &&str| line.contains("DEPRECAT") || line.contains("deprecated");
            Verdict::Accepted { notes: output.stdout.lines().filter(told).map(str::to_owned).collect() }
        }
        other => Verdict::from_exit_code(other),
    }
}

fn network_config(tree: &Tree, file: &Path, scratch: &Path) -> Verdict {
    let help = match run_tool("cloud-init", &["schema", "--help"], &ToolOptions::default()) {
        Ok(output) => output.stdout,
        Err(error) => return error.into(),
    };
    let schema = if help.contains("--schema-type") {
        let args = ["schema", "--schema-type", "network-config", "-c"].map(AsRef::as_ref);
        let args = args.into_iter().chain([file.as_os_str()]).collect::<Vec<_>>();
        Verdict::from_exit_code(run_tool("cloud-init", &args, &ToolOptions::default()))
    } else {
        let note = "this cloud-init has no schema of network-config; only its conversion was asked";
        Verdict::Accepted { notes: vec![note.to_owned()] }
    };
    let has = |start: &str| texts(tree, "rootfs").any(|(path, _)| path.starts_with(start));
    let (distro, kind) = if has("/etc/sysconfig/network-scripts/") {
        ("centos", "sysconfig")
    } else if has("/etc/NetworkManager/system-connections/") {
        ("rocky", "network-manager")
    } else {
        ("debian", "netplan")
    };
    let converted = scratch.join("converted");
    let words = ["devel", "net-convert", "-k", "yaml", "-D", distro, "-O", kind, "-p"].map(AsRef::as_ref);
    let paths = [file.as_os_str(), "-d".as_ref(), converted.as_os_str()];
    let args = words.into_iter().chain(paths).collect::<Vec<_>>();
    let conversion = match Verdict::from_exit_code(run_tool("cloud-init", &args, &ToolOptions::default())) {
        // It tells where it wrote its files.
        Verdict::Accepted { .. } => Verdict::Accepted { notes: Vec::new() },
        other => other,
    };
    Verdict::all([schema, conversion])
}
