//! shellcheck over every script of the tree, wherever it lies.

use std::path::Path;

use super::{Judge, ToolOptions, Verdict, run_tool};
use crate::tree::{Content, Tree};

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "shellcheck", reads, run };

fn scripts(tree: &Tree) -> impl Iterator<Item = (&str, &[u8])> {
    tree.iter().filter_map(|(path, entry)| match &entry.content {
        Content::Bytes(bytes) => {
            let first = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
            let shell = [&b"sh"[..], b"bash", b"dash"].iter().any(|shell| {
                first.strip_prefix(b"#!").is_some_and(|line| {
                    let program =
                        line.split(|&b| b == b' ').find(|word| !word.is_empty() && *word != b"/usr/bin/env");
                    program.and_then(|p| p.rsplit(|&b| b == b'/').next()) == Some(*shell)
                })
            });
            shell.then_some((path.as_str(), bytes.as_slice()))
        }
        Content::Payload(_) => None,
    })
}

fn reads(tree: &Tree) -> bool {
    scripts(tree).next().is_some()
}

fn run(tree: &Tree, _scratch: &Path) -> Verdict {
    Verdict::all(scripts(tree).map(|(path, text)| {
        // SC1091: files of the node that a script reads are not here.
        let args = ["--exclude=SC1091", "--format=gcc", "-"];
        let options = ToolOptions { stdin: text.to_vec(), ..ToolOptions::default() };
        match Verdict::from_exit_code(run_tool("shellcheck", &args, &options)) {
            Verdict::Refused { message } => Verdict::Refused { message: format!("{path}: {message}") },
            other => other,
        }
    }))
}
