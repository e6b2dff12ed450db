//! GlusterFS: glusterd on its volfile, and findmnt(8) on the lines for `/etc/fstab`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{End, Judge, ToolOptions, Verdict, has, run_tool, stage, texts};
use crate::plan::glusterfs::FSTAB_FOLDER;
use crate::tree::Tree;

/// glusterd.
pub(super) const VOLFILE: Judge = Judge { name: "glusterd", reads: |tree| has(tree, PATH), run: volfile };
/// findmnt.
pub(super) const FSTAB: Judge =
    Judge { name: "fstab", reads: |tree| lines(tree).next().is_some(), run: fstab };

const PATH: &str = "/etc/glusterfs/glusterd.vol";
/// A volfile that glusterd refuses ends it within milliseconds; one that it takes keeps it running.
const PATIENCE: Duration = Duration::from_secs(4);

fn volfile(tree: &Tree, scratch: &Path) -> Verdict {
    let stage = match stage(tree, scratch, vec![]) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let options = ToolOptions { timeout: PATIENCE, stage: Some(stage), ..ToolOptions::default() };
    // A working folder of its own: the one of this machine may belong to a pool.
    let own = "*.working-directory=/tmp";
    let volfile = format!("--volfile={PATH}");
    let args =
        ["--no-daemon", "--log-file=/dev/stdout", "--log-level=ERROR", "--xlator-option", own, &volfile];
    match run_tool("glusterd", &args, &options) {
        Ok(output) if output.end == End::Deadline => Verdict::Accepted { notes: vec![] },
        Ok(output) => Verdict::refused(&output),
        Err(error) => error.into(),
    }
}

fn lines(tree: &Tree) -> impl Iterator<Item = (String, &str)> {
    let fragment = |path: &str| path.starts_with(FSTAB_FOLDER) && path.ends_with(".fstab");
    texts(tree, "rootfs").filter(move |(path, _)| fragment(path))
}

fn fstab(tree: &Tree, scratch: &Path) -> Verdict {
    let stage = match stage(tree, scratch, vec![]) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    Verdict::all(lines(tree).map(|(path, text)| {
        // findmnt insists on mount points that are there, as hagen-fstab makes them.
        for target in
            text.lines().filter(|line| !line.starts_with('#')).filter_map(|l| l.split_whitespace().nth(1))
        {
            let folder = stage.rootfs.join(target.trim_start_matches('/'));
            if let Err(error) = fs::create_dir_all(folder) {
                return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
            }
        }
        let options = ToolOptions { stage: Some(stage.clone()), ..ToolOptions::default() };
        match Verdict::from_exit_code(run_tool("findmnt", &["--verify", "--tab-file", &path], &options)) {
            Verdict::Refused { message } => Verdict::Refused { message: format!("{path}: {message}") },
            other => other,
        }
    }))
}
