//! netplan: `netplan generate --root-dir` over `/etc/netplan`.

use std::path::Path;

use super::{Judge, ToolOptions, Verdict, run_tool, spread, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "netplan", reads, run };

fn reads(tree: &Tree) -> bool {
    texts(tree, "rootfs").any(|(path, _)| path.starts_with("/etc/netplan/"))
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    if let Err(error) = spread(tree, "rootfs", scratch) {
        return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
    }
    let args = ["generate".as_ref(), "--root-dir".as_ref(), scratch.as_os_str()];
    Verdict::from_exit_code(run_tool("netplan", &args, &ToolOptions::default()))
}
