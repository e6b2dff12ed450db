//! chrony: `chronyd -p -f FILE` parses the configuration and prints it.

use std::path::Path;

use super::{Judge, ToolOptions, Verdict, has, run_tool, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "chrony", reads, run };

const CONFIGS: [&str; 2] = ["/etc/chrony/chrony.conf", "/etc/chrony.conf"];

fn reads(tree: &Tree) -> bool {
    CONFIGS.iter().any(|path| has(tree, path))
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    let file = scratch.join("chrony.conf");
    Verdict::all(texts(tree, "rootfs").filter(|(path, _)| CONFIGS.contains(&path.as_str())).map(
        |(_, text)| {
            if let Err(error) = std::fs::write(&file, text) {
                return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
            }
            let args = ["-p".as_ref(), "-f".as_ref(), file.as_os_str()];
            Verdict::from_exit_code(run_tool("chronyd", &args, &ToolOptions::default()))
        },
    ))
}
