//! BIND: `named-checkconf -z` over the configuration with the zones as the node would publish them.

use std::fs;
use std::path::Path;

use super::{Judge, Output, ToolError, ToolOptions, Verdict, find_program, has, run_tool, stage, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "named", reads, run };

const DEBIAN_OPTIONS: &str = "/etc/bind/named.conf.options";
const DEBIAN_MAIN: &str = "/etc/bind/named.conf";
const REDHAT_MAIN: &str = "/etc/named.conf";
const SWITCH: &str = "/usr/local/sbin/hagen-dns-switch";

fn reads(tree: &Tree) -> bool {
    has(tree, DEBIAN_OPTIONS) || has(tree, REDHAT_MAIN)
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    for tool in ["named-checkconf", "named-checkzone"] {
        if find_program(tool).is_none() {
            return ToolError::Missing(format!("{tool} (bind9-utils)")).into();
        }
    }
    let stage = match stage(tree, scratch, Vec::new()) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let debian = has(tree, DEBIAN_OPTIONS);
    let main = if debian { DEBIAN_MAIN } else { REDHAT_MAIN };
    // The package's main file includes the rendered ones; a host without the package has none.
    let text = "include \"/etc/bind/named.conf.options\";\ninclude \"/etc/bind/named.conf.local\";\n";
    if debian && let Err(error) = fs::write(stage.rootfs.join("etc/bind/named.conf"), text) {
        return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
    }
    // The folders that the package would bring.
    for (_, conf) in
        texts(tree, "rootfs").filter(|(path, _)| [DEBIAN_OPTIONS, REDHAT_MAIN].contains(&path.as_str()))
    {
        let words: Vec<&str> = conf.split('"').collect();
        let working =
            words.windows(2).find(|pair| pair[0].trim_end().ends_with("directory")).map(|pair| pair[1]);
        let made = working.map(|path| fs::create_dir_all(stage.rootfs.join(path.trim_start_matches('/'))));
        if let Some(Err(error)) = made {
            return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
        }
    }
    let publish = if has(tree, SWITCH) { format!("{SWITCH} --publish && ") } else { String::new() };
    let script = format!("{publish}exec named-checkconf -z {main}");
    let options = ToolOptions { stage: Some(stage), ..ToolOptions::default() };
    without_progress(run_tool("sh", &["-c", &script], &options))
}

/// The publisher reports every zone; that is no remark about the files.
fn without_progress(run: Result<Output, ToolError>) -> Verdict {
    match Verdict::from_exit_code(run) {
        Verdict::Accepted { notes } => {
            let progress = |note: &String| note.starts_with("hagen-dns-switch: ");
            Verdict::Accepted { notes: notes.into_iter().filter(|note| !progress(note)).collect() }
        }
        other => other,
    }
}
