//! haproxy: `haproxy -c -dW`, which also refuses what it would only warn about.

use std::path::Path;

use super::{Judge, ToolOptions, Verdict, accounts, has, run_tool, stage, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "haproxy", reads, run };

const CONFIG: &str = "/etc/haproxy/haproxy.cfg";

fn reads(tree: &Tree) -> bool {
    has(tree, CONFIG)
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    let Some((_, text)) = texts(tree, "rootfs").find(|(path, _)| path == CONFIG) else {
        return Verdict::Accepted { notes: Vec::new() };
    };
    let stage = match stage(tree, scratch, Vec::new()) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let words = |keyword: &'static str| {
        text.lines().filter_map(move |line| line.trim().strip_prefix(keyword)?.strip_prefix(' '))
    };
    let prepared = accounts::add(&stage.rootfs, words("user"))
        .and_then(|()| accounts::add_groups(&stage.rootfs, words("group")))
        // The folder that the package would bring.
        .and_then(|()| words("chroot").try_for_each(|path| accounts::folder(&stage.rootfs, path)));
    if let Err(error) = prepared {
        return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
    }
    let options = ToolOptions { stage: Some(stage), ..ToolOptions::default() };
    Verdict::from_exit_code(run_tool("haproxy", &["-c", "-dW", "-f", CONFIG], &options))
}
