//! systemd: `systemd-analyze verify` over the rendered units and drop-ins.
//!
//! It only warns about unknown keys and bad values, so its words count, not its exit code. Units and
//! programs that packages would bring are not in the tree; that they are missing is no fault.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::{Judge, ToolOptions, Verdict, has, run_tool, spread, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "systemd", reads, run };

const FOLDER: &str = "/etc/systemd/system/";

/// Names of the units that have a file or a drop-in in the tree.
fn units(tree: &Tree) -> BTreeSet<String> {
    let name = |path: &str| {
        let below = path.strip_prefix(FOLDER)?;
        match below.split_once('/') {
            None => Some(below.to_owned()),
            Some((folder, _)) => folder.strip_suffix(".d").map(str::to_owned),
        }
    };
    texts(tree, "rootfs").filter_map(|(path, _)| name(&path)).collect()
}

fn reads(tree: &Tree) -> bool {
    !units(tree).is_empty()
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    let units = units(tree);
    if let Err(error) = prepare(tree, &units, scratch) {
        return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
    }
    let root = format!("--root={}", scratch.display());
    let names = units.iter().map(|unit| unit.replace("@.", "@judge."));
    let args: Vec<String> =
        ["verify".to_owned(), "--man=no".to_owned(), root].into_iter().chain(names).collect();
    match run_tool("systemd-analyze", &args, &ToolOptions::default()) {
        Ok(output) => {
            let faults: Vec<&str> = output.stderr.lines().filter(|line| is_fault(tree, line)).collect();
            if faults.is_empty() {
                Verdict::Accepted { notes: Vec::new() }
            } else {
                let root = scratch.display().to_string();
                Verdict::Refused { message: faults.join("\n").replace(&root, "") }
            }
        }
        Err(error) => error.into(),
    }
}

/// Spreads the tree, and puts an empty service in the place of each unit that only has drop-ins.
fn prepare(tree: &Tree, units: &BTreeSet<String>, scratch: &Path) -> io::Result<()> {
    spread(tree, "rootfs", scratch)?;
    let folder = scratch.join("usr/lib/systemd/system");
    fs::create_dir_all(&folder)?;
    for unit in units.iter().filter(|unit| !has(tree, &format!("{FOLDER}{unit}"))) {
        let text = if unit.ends_with(".service") { "[Service]\nExecStart=/bin/true\n" } else { "" };
        fs::write(folder.join(unit), text)?;
    }
    Ok(())
}

fn is_fault(tree: &Tree, line: &str) -> bool {
    let missing_unit = line.contains(": Failed to create ") && line.ends_with(" not found.");
    let command = line.split_once(": Command ").and_then(|(_, rest)| rest.split_once(" is not executable"));
    let missing_command = command.is_some_and(|(program, _)| !has(tree, program));
    !(line.trim().is_empty() || missing_unit || missing_command)
}
