//! The real validators of the products, run over a rendered [`Tree`].
//!
//! A judge knows one tool and the files of a tree that the tool reads. It never changes the tree or the
//! host: it works in a scratch folder, and where a tool insists on absolute paths, on a [`Stage`].
//! "Could not be asked" ([`Verdict::NotRun`]) is never mixed up with "accepted".

// Load balancing.
mod accounts;
mod haproxy;
mod keepalived;
mod nginx;

// Host.
mod bind;
mod chrony;
mod cloud_init;
mod netplan;
mod network_manager;
mod shell;
mod systemd;

// Data and Kubernetes.
mod glusterfs;
mod kubernetes;
mod mariadb;

mod tool;

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

pub use tool::{
    End, Link, OUTPUT_BYTES_MAX, Output, Stage, TIMEOUT_DEFAULT, ToolError, ToolOptions, find_program,
    run_tool,
};

use crate::tree::{Content, Tree};

/// What a judge said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The tool takes the files. The notes are what it said that a person should see (warnings).
    Accepted {
        /// One remark each, without the end of line.
        notes: Vec<String>,
    },
    /// The tool refuses the files.
    Refused {
        /// What the tool said, already cut to a readable length.
        message: String,
    },
    /// The tool could not be asked, so nothing is known about the files.
    NotRun {
        /// Why, and what would help: `named-checkconf is not installed (bind9-utils)`.
        reason: String,
    },
}

/// One outside validator.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// The name in `hagen check --with NAME`.
    pub name: &'static str,
    /// Whether the tree has a file that this judge reads; when not, there is nothing to say.
    pub reads: fn(&Tree) -> bool,
    /// Judges the tree. The scratch folder is empty, private to this call and removed afterwards.
    pub run: fn(&Tree, &Path) -> Verdict,
}

/// All judges, in the order in which they are asked and reported.
///
/// To add one: write `judge/NAME.rs` with a constant `JUDGE`, declare the module above, and put
/// `NAME::JUDGE` into the list.
pub const ALL: &[Judge] = &[
    // Load balancing.
    keepalived::JUDGE,
    haproxy::JUDGE,
    nginx::JUDGE,
    // Host.
    bind::JUDGE,
    chrony::JUDGE,
    cloud_init::JUDGE,
    netplan::JUDGE,
    network_manager::JUDGE,
    shell::JUDGE,
    systemd::JUDGE,
    // Data and Kubernetes.
    mariadb::JUDGE,
    glusterfs::VOLFILE,
    glusterfs::FSTAB,
    kubernetes::PODS,
    kubernetes::KUBEADM,
    kubernetes::CONTAINERD,
];

/// The judge of that name.
pub fn by_name(name: &str) -> Option<&'static Judge> {
    ALL.iter().find(|judge| judge.name == name)
}

impl Judge {
    /// Runs the judge in a scratch folder of its own; `None` when the tree has nothing for it.
    pub fn judge(&self, tree: &Tree) -> Option<Verdict> {
        if !(self.reads)(tree) {
            return None;
        }
        Some(match tempfile::Builder::new().prefix("hagen-judge-").tempdir() {
            Ok(scratch) => (self.run)(tree, scratch.path()),
            Err(error) => Verdict::NotRun { reason: format!("no scratch folder: {error}") },
        })
    }
}

impl Verdict {
    /// The verdict of a tool that says "yes" with exit code 0 and explains itself on stdout and stderr.
    pub fn from_exit_code(run: Result<Output, ToolError>) -> Self {
        match run {
            Ok(output) if output.end == End::Code(0) => {
                let lines = output.stderr.lines().map(str::trim_end).filter(|line| !line.is_empty());
                Self::Accepted { notes: lines.map(str::to_owned).collect() }
            }
            Ok(output) => Self::refused(&output),
            Err(error) => error.into(),
        }
    }

    /// A refusal with everything that the tool said.
    pub fn refused(output: &Output) -> Self {
        Self::Refused { message: output.told() }
    }

    /// Folds the verdicts over several files into one: the first refusal wins, then the first "not run".
    /// Nothing asked is "accepted" without notes.
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let (mut notes, mut not_run) = (Vec::new(), None);
        for verdict in verdicts {
            match verdict {
                Self::Accepted { notes: more } => notes.extend(more),
                refused @ Self::Refused { .. } => return refused,
                Self::NotRun { reason } => not_run = not_run.or(Some(reason)),
            }
        }
        match not_run {
            Some(reason) => Self::NotRun { reason },
            None => Self::Accepted { notes },
        }
    }
}

impl From<ToolError> for Verdict {
    fn from(error: ToolError) -> Self {
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            reason = format!("{reason}: {cause}");
            source = cause.source();
        }
        Self::NotRun { reason }
    }
}

/// Files of the tree below `folder/` (such as `rootfs`), as absolute target paths with their text.
/// Payloads are left out: no judge reads them.
pub fn texts<'a>(tree: &'a Tree, folder: &'a str) -> impl Iterator<Item = (String, &'a str)> {
    tree.iter().filter_map(move |(path, entry)| {
        let below = path.as_str().strip_prefix(folder)?;
        let Content::Bytes(bytes) = &entry.content else { return None };
        below.starts_with('/').then_some((below.to_owned(), std::str::from_utf8(bytes).ok()?))
    })
}

/// Whether the tree has this absolute target path below `rootfs`.
pub fn has(tree: &Tree, target: &str) -> bool {
    tree.get(&format!("rootfs{target}")).is_some()
}

/// Writes the files of the tree below `folder/` into `destination`, with their modes, so that
/// `rootfs/etc/hosts` becomes `DESTINATION/etc/hosts`. Payloads become symbolic links to the store.
///
/// # Errors
/// When the disk refuses.
pub fn spread(tree: &Tree, folder: &str, destination: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(destination)?;
    for (path, entry) in tree.iter() {
        let Some(below) = path.as_str().strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else {
            continue;
        };
        let target: PathBuf = destination.join(below);
        if let Some(parent) = target.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o755).create(parent)?;
        }
        match &entry.content {
            Content::Payload(payload) => symlink(&payload.source, &target)?,
            Content::Bytes(bytes) => {
                let mut file =
                    fs::OpenOptions::new().write(true).create_new(true).mode(entry.mode).open(&target)?;
                io::Write::write_all(&mut file, bytes)?;
            }
        }
    }
    Ok(())
}

/// Spreads `rootfs/` of the tree into `scratch/rootfs` and gives the stage for it.
///
/// # Errors
/// The verdict to return when the disk refuses.
pub fn stage(tree: &Tree, scratch: &Path, links: Vec<Link>) -> Result<Stage, Verdict> {
    let rootfs = scratch.join("rootfs");
    spread(tree, "rootfs", &rootfs)
        .map_err(|error| Verdict::NotRun { reason: format!("writing the scratch folder: {error}") })?;
    Ok(Stage { rootfs, links })
}

#[cfg(test)]
mod tests;
