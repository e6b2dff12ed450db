//! NetworkManager: `nmcli --offline` reads a keyfile and writes it again.
//!
//! Unknown keys are dropped silently, so what does not come back is refused here.

use std::collections::BTreeSet;
use std::path::Path;

use super::{End, Judge, ToolOptions, Verdict, run_tool, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "network-manager", reads, run };

fn keyfiles(tree: &Tree) -> impl Iterator<Item = (String, &str)> {
    texts(tree, "rootfs").filter(|(path, _)| path.ends_with(".nmconnection"))
}

fn reads(tree: &Tree) -> bool {
    keyfiles(tree).next().is_some()
}

fn run(tree: &Tree, _scratch: &Path) -> Verdict {
    Verdict::all(keyfiles(tree).map(|(path, text)| {
        // An assignment that changes nothing: `--offline` has no command that only reads.
        let id = text.lines().find_map(|line| line.strip_prefix("id=")).unwrap_or_default();
        let args = ["--offline", "connection", "modify", "connection.id", id];
        let options = ToolOptions { stdin: text.as_bytes().to_vec(), ..ToolOptions::default() };
        match run_tool("nmcli", &args, &options) {
            Ok(output) if output.end == End::Code(0) => {
                let back = keys(&output.stdout);
                let lost: Vec<String> =
                    keys(text).difference(&back).map(|(s, k)| format!("{s}.{k}")).collect();
                if lost.is_empty() {
                    return Verdict::Accepted { notes: Vec::new() };
                }
                Verdict::Refused { message: format!("{path}: not understood: {}", lost.join(", ")) }
            }
            Ok(output) => Verdict::Refused { message: format!("{path}: {}", output.told()) },
            Err(error) => error.into(),
        }
    }))
}

/// Section and key of every line, without those that are written back in another form: a default value
/// is left out, and a gateway stands behind the first address.
fn keys(text: &str) -> BTreeSet<(String, String)> {
    let mut section = String::new();
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            let default = matches!((key, value), ("autoconnect", "true") | ("gateway", _));
            if !default {
                found.insert((section.clone(), key.to_owned()));
            }
        }
    }
    found
}
