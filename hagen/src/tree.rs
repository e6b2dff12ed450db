//! A tree of files as a value: sorted paths, modes and contents, before anything is written.
//!
//! Knows nothing of archives, disks or clocks. Order, modes and duplicates are decided here, once,
//! so that every form a bundle takes (archive, ISO, PXE tree) has the same bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest path in a tree, in bytes. POSIX ustar headers carry 255 (`prefix` + `/` + `name`).
pub const PATH_BYTES_MAX: usize = 240;

/// Longest `name` of a POSIX ustar header, in bytes: what stands after the last cut.
const USTAR_NAME_BYTES_MAX: usize = 100;
/// Longest `prefix` of a POSIX ustar header, in bytes: what stands before the cut.
const USTAR_PREFIX_BYTES_MAX: usize = 155;

/// A relative path inside a tree: `/`-separated, without empty, `.` or `..` components,
/// of printable ASCII without spaces, at most [`PATH_BYTES_MAX`] bytes, and such that a plain
/// ustar header can hold it, so that every archiver of every age reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct TreePath(String);

/// Why a string is not a [`TreePath`].
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TreePathError {
    /// The path is empty or longer than [`PATH_BYTES_MAX`].
    #[error("a path of {0} bytes; 1 to {PATH_BYTES_MAX} are allowed")]
    Length(usize),
    /// A component is empty, `.` or `..`, so the path could leave the root.
    #[error("`{0}` has an empty, `.` or `..` component")]
    Component(String),
    /// No `/` cuts the path so that both parts fit into a ustar header.
    #[error("`{0}` has a component that is too long: an archive header takes 155 bytes, `/` and 100 bytes")]
    Archive(String),
    /// A byte that archives, shells or digest lists treat specially.
    #[error("`{0}` has a byte that is not a letter, digit or one of `-_.+:@=,%~/`")]
    Byte(String),
}

impl TreePath {
    /// Parses a relative path. A single leading `/` is not accepted; see [`TreePath::under`].
    ///
    /// # Errors
    /// When the path is empty, too long, could leave the root, or has a byte that is not portable.
    pub fn new(path: &str) -> Result<Self, TreePathError> {
        if path.is_empty() || path.len() > PATH_BYTES_MAX {
            return Err(TreePathError::Length(path.len()));
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.+:@=,%~/".contains(&b);
        if !path.bytes().all(plain) {
            return Err(TreePathError::Byte(path.to_owned()));
        }
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(TreePathError::Component(path.to_owned()));
        }
        if ustar_cut(path).is_none() {
            return Err(TreePathError::Archive(path.to_owned()));
        }
        Ok(Self(path.to_owned()))
    }

    /// A path that is spelled in this crate's source; a test holds each against [`TreePath::new`].
    pub(crate) fn known(path: &'static str) -> Self {
        Self(path.to_owned())
    }

    /// The path of an absolute target path (`/etc/hosts`) under a folder of the tree (`rootfs`).
    ///
    /// # Errors
    /// As [`TreePath::new`].
    pub fn under(folder: &str, target: &str) -> Result<Self, TreePathError> {
        Self::new(&format!("{folder}/{}", target.trim_start_matches('/')))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as the `prefix` and `name` of a ustar header.
    pub(crate) fn ustar(&self) -> (&str, &str) {
        ustar_cut(&self.0).unwrap_or(("", &self.0))
    }
}

/// Cuts a path into ustar's `prefix` and `name`: not at all when it is short enough, else at the last `/`
/// that leaves a legal prefix. There is one answer for a path, so that a header has one spelling.
fn ustar_cut(path: &str) -> Option<(&str, &str)> {
    if path.len() <= USTAR_NAME_BYTES_MAX {
        return Some(("", path));
    }
    let (cut, _) = path.match_indices('/').take_while(|(at, _)| *at <= USTAR_PREFIX_BYTES_MAX).last()?;
    let (prefix, name) = (&path[..cut], &path[cut + 1..]);
    (name.len() <= USTAR_NAME_BYTES_MAX).then_some((prefix, name))
}

impl TryFrom<String> for TreePath {
    type Error = TreePathError;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        Self::new(&path)
    }
}

impl Serialize for TreePath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a file's bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Rendered here; small.
    Bytes(Vec<u8>),
    /// A file of the operator's store, streamed when the bundle is written, never held in memory.
    Payload(Payload),
}

/// A file that is shipped as it is. Its size and digest are measured once for all nodes that carry it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload {
    /// Path on the operator's machine.
    pub source: PathBuf,
    /// Length in bytes when it was measured; a different length at writing time is an error.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
}

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Permission bits, 0 to 0o777.
    pub mode: u32,
    /// The content holds a secret; such a file has mode 0600 or 0700 and is listed in the manifest.
    pub secret: bool,
    /// What made the file, for the manifest and for `hagen diff`: `keepalived`, `cloud-init`, `payload`, …
    pub origin: String,
    /// The bytes.
    pub content: Content,
}

/// A file as a renderer hands it over: an absolute path on the node, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Absolute path on the node, such as `/etc/hosts`.
    pub path: String,
    /// The entry for it.
    pub entry: Entry,
}

impl File {
    fn new(origin: &str, path: impl Into<String>, mode: u32, secret: bool, text: impl Into<String>) -> Self {
        let content = Content::Bytes(text.into().into_bytes());
        Self { path: path.into(), entry: Entry { mode, secret, origin: origin.to_owned(), content } }
    }

    /// A configuration file, mode 0644.
    pub fn config(origin: &str, path: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(origin, path, 0o644, false, text)
    }

    /// An executable script, mode 0755.
    pub fn script(origin: &str, path: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(origin, path, 0o755, false, text)
    }

    /// A configuration file that holds a secret, mode 0600.
    pub fn secret_config(origin: &str, path: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(origin, path, 0o600, true, text)
    }

    /// A script that holds a secret, mode 0700.
    pub fn secret_script(origin: &str, path: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(origin, path, 0o700, true, text)
    }

    /// The text, for tests and judges. Empty for a payload.
    pub fn text(&self) -> &str {
        match &self.entry.content {
            Content::Bytes(bytes) => std::str::from_utf8(bytes).unwrap_or(""),
            Content::Payload(_) => "",
        }
    }
}

/// Why a tree cannot take a file.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TreeError {
    /// Two makers want the same path.
    #[error("`{path}` is written by both {first} and {second}")]
    Duplicate {
        /// The path.
        path: TreePath,
        /// The maker that came first.
        first: String,
        /// The maker that came second.
        second: String,
    },
    /// A path that is a file for one maker and a folder for another.
    #[error("`{0}` would be a file and a folder")]
    FileAndFolder(TreePath),
    /// A secret in a file that others may read, or mode bits outside 0o777.
    #[error("`{path}` has mode {mode:o}")]
    Mode {
        /// The path.
        path: TreePath,
        /// The refused mode.
        mode: u32,
    },
    /// The path itself.
    #[error(transparent)]
    Path(#[from] TreePathError),
}

/// Files by path. Folders are implied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: BTreeMap<TreePath, Entry>,
}

impl Tree {
    /// Adds one file.
    ///
    /// # Errors
    /// When the path is taken, is a folder already, or the mode would show a secret.
    pub fn insert(&mut self, path: TreePath, entry: Entry) -> Result<(), TreeError> {
        if entry.mode > 0o777 || (entry.secret && entry.mode & 0o077 != 0) {
            return Err(TreeError::Mode { path, mode: entry.mode });
        }
        if let Some(first) = self.entries.get(&path) {
            let (first, second) = (first.origin.clone(), entry.origin);
            return Err(TreeError::Duplicate { path, first, second });
        }
        let folder = format!("{path}/");
        let next = self.entries.range(path.clone()..).map(|(p, _)| p).find(|p| p.as_str() >= folder.as_str());
        if next.is_some_and(|p| p.as_str().starts_with(&folder)) {
            return Err(TreeError::FileAndFolder(path));
        }
        let mut parent = path.as_str();
        while let Some((up, _)) = parent.rsplit_once('/') {
            if self.entries.contains_key(&TreePath(up.to_owned())) {
                return Err(TreeError::FileAndFolder(TreePath(up.to_owned())));
            }
            parent = up;
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Adds a renderer's file under a folder of the tree, usually `rootfs`.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub fn place(&mut self, folder: &str, file: File) -> Result<(), TreeError> {
        self.insert(TreePath::under(folder, &file.path)?, file.entry)
    }

    /// All files in path order (byte order).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&TreePath, &Entry)> {
        self.entries.iter()
    }

    /// One file.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(&TreePath(path.to_owned()))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests;
