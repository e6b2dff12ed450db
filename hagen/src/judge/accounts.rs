//! What the packages of the target system would have brought: accounts, folders, a file elsewhere.
//!
//! A bundle for another system names users and paths that this host may lack. On a stage they are added,
//! so that a tool judges the file and not this host.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// An id that no system account has.
const FIRST_ID: u32 = 60_001;

/// Adds the users that this host lacks, each with a group of its name.
pub(super) fn add<'t>(rootfs: &Path, users: impl Iterator<Item = &'t str>) -> io::Result<()> {
    let users: Vec<&str> = users.collect();
    append(rootfs, "/etc/passwd", &users, |name, id| format!("{name}:x:{id}:{id}::/:/usr/sbin/nologin"))?;
    append(rootfs, "/etc/group", &users, |name, id| format!("{name}:x:{id}:"))
}

/// Adds the groups that this host lacks.
pub(super) fn add_groups<'t>(rootfs: &Path, groups: impl Iterator<Item = &'t str>) -> io::Result<()> {
    let groups: Vec<&str> = groups.collect();
    append(rootfs, "/etc/group", &groups, |name, id| format!("{name}:x:{id}:"))
}

/// Makes a folder.
pub(super) fn folder(rootfs: &Path, path: &str) -> io::Result<()> {
    fs::create_dir_all(on(rootfs, path))
}

/// Writes a file.
pub(super) fn file(rootfs: &Path, path: &str, text: &str) -> io::Result<()> {
    let path = on(rootfs, path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}

fn on(rootfs: &Path, path: &str) -> PathBuf {
    rootfs.join(path.trim_start_matches('/'))
}

/// Appends a line for every name that the file, of the stage or else of the host, does not begin a line with.
fn append(rootfs: &Path, path: &str, names: &[&str], line: impl Fn(&str, u32) -> String) -> io::Result<()> {
    let staged = on(rootfs, path);
    let mut text = fs::read_to_string(&staged).or_else(|_| fs::read_to_string(path))?;
    let before = text.len();
    for (name, id) in names.iter().zip(FIRST_ID..) {
        let known = text.lines().any(|l| l.split(':').next() == Some(name));
        if !known {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&line(name, id));
            text.push('\n');
        }
    }
    if text.len() == before {
        return Ok(());
    }
    if let Some(parent) = staged.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(staged, text)
}
