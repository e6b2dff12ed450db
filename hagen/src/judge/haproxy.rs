//! haproxy: `haproxy -c -dW`, which also refuses what it would only warn about.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Judge, ToolOptions, Verdict, accounts, has, run_tool, stage, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "haproxy", reads, run };

const CONFIG: &str = "/etc/haproxy/haproxy.cfg";
/// A certificate whose key nobody has.
const STAND_IN: &str = include_str!("stand-in-ca.pem");

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
    // Authorities that are on the node already: haproxy would not read the file without them.
    let mut notes = Vec::new();
    for path in authorities(text).filter(|path| !has(tree, path)) {
        if let Err(error) = accounts::file(&stage.rootfs, path, STAND_IN) {
            return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
        }
        notes.push(format!("`{path}` is not part of the bundle; haproxy does not start without it"));
    }
    let options = ToolOptions { stage: Some(stage), ..ToolOptions::default() };
    match Verdict::from_exit_code(run_tool("haproxy", &["-c", "-dW", "-f", CONFIG], &options)) {
        Verdict::Accepted { notes: said } => {
            notes.extend(said);
            Verdict::Accepted { notes }
        }
        other => other,
    }
}

/// Every `ca-file`, once.
fn authorities(text: &str) -> impl Iterator<Item = &str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let paths: BTreeSet<&str> = words.windows(2).filter(|w| w[0] == "ca-file").map(|w| w[1]).collect();
    paths.into_iter()
}
