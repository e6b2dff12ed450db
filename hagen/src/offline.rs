//! The operator's files that are shipped as they are: a file, or every file of a folder, in path order.
//!
//! Looks at names and kinds only; contents are measured and streamed by [`crate::bundle`].

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Most files under one source.
const FILES_MAX: usize = 200_000;
/// Deepest folder under one source.
const DEPTH_MAX: usize = 32;

/// One file to ship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Path below the source's folder, `/`-separated; the file name when the source is a file.
    pub relative: String,
    /// Path on this machine.
    pub path: PathBuf,
    /// 0755 when its owner may execute it, else 0644.
    pub mode: u32,
}

/// Why a source cannot be shipped.
#[derive(Debug, Error)]
pub enum OfflineError {
    /// The file system refused.
    #[error("reading `{path}`")]
    Io {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Neither a file nor a folder.
    #[error("`{0}` is neither a file nor a folder; copy what a link points to")]
    Kind(PathBuf),
    /// A name that is not text.
    #[error("the name of `{0}` is not UTF-8; rename it")]
    Name(PathBuf),
    /// Too many files or levels.
    #[error("`{0}` holds more than {FILES_MAX} files or {DEPTH_MAX} levels; pack them into an archive")]
    TooMany(PathBuf),
}

/// Finds the files of a source, sorted by path.
///
/// # Errors
/// When the source or something below it cannot be read, or is not a plain file or folder.
pub fn find(source: &Path) -> Result<Vec<Found>, OfflineError> {
    let mut found = vec![];
    let kind =
        fs::metadata(source).map_err(|error| OfflineError::Io { path: source.into(), source: error })?;
    if kind.is_dir() {
        walk(source, "", 0, &mut found)?;
    } else {
        let name =
            source.file_name().and_then(|n| n.to_str()).ok_or_else(|| OfflineError::Name(source.into()))?;
        found.push(one(source, name.to_owned(), &kind)?);
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
    Ok(found)
}

fn one(path: &Path, relative: String, kind: &fs::Metadata) -> Result<Found, OfflineError> {
    if !kind.is_file() {
        return Err(OfflineError::Kind(path.into()));
    }
    let mode = if kind.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 };
    Ok(Found { relative, path: path.into(), mode })
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Found>) -> Result<(), OfflineError> {
    let io = |error| OfflineError::Io { path: folder.into(), source: error };
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name =
            path.file_name().and_then(|n| n.to_str()).ok_or_else(|| OfflineError::Name(path.clone()))?;
        let relative = format!("{prefix}{name}");
        let kind = fs::symlink_metadata(&path)
            .map_err(|error| OfflineError::Io { path: path.clone(), source: error })?;
        if kind.is_dir() {
            if depth == DEPTH_MAX {
                return Err(OfflineError::TooMany(path));
            }
            walk(&path, &format!("{relative}/"), depth + 1, found)?;
        } else {
            found.push(one(&path, relative, &kind)?);
        }
        if found.len() > FILES_MAX {
            return Err(OfflineError::TooMany(folder.into()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
