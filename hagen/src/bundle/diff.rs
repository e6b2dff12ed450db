//! What changes for a node from one bundle to another, file by file. Secrets are never shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Serialize;
use similar::TextDiff;

use super::manifest::{BundleId, Digest, FileRecord, Manifest, Mode, Waiver};
use super::problem::{Fault, Problem, ReadError};
use super::read::Archive;
use super::unpacked::Unpacked;

/// Longer files are not compared line by line.
const TEXT_BYTES_MAX: u64 = 128 * 1024;
/// Files with more lines are not compared line by line: the time grows with the square.
const TEXT_LINES_MAX: usize = 4000;

/// One of the two bundles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The node.
    pub node: String,
    /// Identity of the inputs.
    pub id: BundleId,
    /// The program that made it.
    pub generator: String,
    /// Rules that were set aside.
    pub waivers: Vec<Waiver>,
}

/// What changes between two bundles. `Display` is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The first bundle.
    pub from: Side,
    /// The second bundle.
    pub to: Side,
    /// Files that differ, by path.
    pub changes: Vec<Change>,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Path in the bundle.
    pub path: String,
    /// What made the file.
    pub origin: String,
    /// It holds a secret in one of the bundles; its content is not shown.
    pub secret: bool,
    /// How it differs.
    #[serde(flatten)]
    pub what: What,
}

/// How a file differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum What {
    /// It is only in the second bundle.
    Added {
        /// Its mode.
        mode: Mode,
        /// Its size in bytes.
        size: u64,
    },
    /// It is only in the first bundle.
    Removed,
    /// It is in both.
    Changed {
        /// Modes before and after, when they differ.
        mode: Option<(Mode, Mode)>,
        /// Sizes in bytes and difference, when the contents differ.
        content: Option<Text>,
    },
}

/// How a content differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Sizes in bytes before and after.
    pub size: (u64, u64),
    /// A unified diff, unless the content is secret, long or not text.
    pub diff: Option<String>,
}

impl Diff {
    /// Whether the node would be the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.from.waivers == self.to.waivers && self.from.node == self.to.node
    }
}

/// Compares two bundles, each an archive or unpacked. Contents that are shown are checked against their digest.
///
/// # Errors
/// When one cannot be read or does not hold together as far as it is read.
pub fn diff(from: &Path, to: &Path) -> Result<Diff, ReadError> {
    let (from, to) = (Bundle::open(from)?, Bundle::open(to)?);
    let (old, new) = (from.manifest().clone(), to.manifest().clone());
    let wanted = texts(&old, &new);
    let (before, after) = (from.contents(&wanted)?, to.contents(&wanted)?);
    let changes = paths(&old, &new).into_iter();
    let changes = changes.filter_map(|path| change(path, old.file(path), new.file(path), &before, &after));
    Ok(Diff { from: side(&old), to: side(&new), changes: changes.collect() })
}

fn side(manifest: &Manifest) -> Side {
    let Manifest { node, id, generator, waivers, .. } = manifest.clone();
    Side { node, id, generator, waivers }
}

/// All paths of both bundles.
fn paths<'a>(old: &'a Manifest, new: &'a Manifest) -> BTreeSet<&'a str> {
    old.files.iter().chain(&new.files).map(|file| file.path.as_str()).collect()
}

/// Paths whose contents are compared line by line, if they turn out to be text.
fn texts(old: &Manifest, new: &Manifest) -> BTreeSet<String> {
    let short = |file: &FileRecord| !file.secret && file.size <= TEXT_BYTES_MAX;
    let wanted = paths(old, new).into_iter().filter(|path| match (old.file(path), new.file(path)) {
        (Some(old), Some(new)) => old.sha256 != new.sha256 && short(old) && short(new),
        _ => false,
    });
    wanted.map(str::to_owned).collect()
}

fn change(
    path: &str,
    old: Option<&FileRecord>,
    new: Option<&FileRecord>,
    before: &Contents,
    after: &Contents,
) -> Option<Change> {
    let what = match (old, new) {
        (None, None) => return None,
        (None, Some(new)) => What::Added { mode: new.mode, size: new.size },
        (Some(_), None) => What::Removed,
        (Some(old), Some(new)) => {
            let mode = (old.mode != new.mode).then_some((old.mode, new.mode));
            let content = (old.sha256 != new.sha256).then(|| Text {
                size: (old.size, new.size),
                diff: before.get(path).zip(after.get(path)).and_then(|(old, new)| unified(old, new)),
            });
            if mode.is_none() && content.is_none() {
                return None;
            }
            What::Changed { mode, content }
        }
    };
    let secret = [old, new].into_iter().flatten().any(|file| file.secret);
    let origin = new.or(old).map_or_else(String::new, |file| file.origin.clone());
    Some(Change { path: path.to_owned(), origin, secret, what })
}

/// The unified diff of two texts.
fn unified(old: &[u8], new: &[u8]) -> Option<String> {
    let (old, new) = (text(old)?, text(new)?);
    Some(TextDiff::from_lines(old, new).unified_diff().context_radius(3).to_string())
}

/// Bytes as text, when a terminal can show it.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = text.chars().all(|char| !char.is_control() || matches!(char, '\n' | '\t'));
    (plain && text.lines().count() <= TEXT_LINES_MAX).then_some(text)
}

/// Contents by path.
type Contents = BTreeMap<String, Vec<u8>>;

/// A bundle to compare.
enum Bundle {
    Archive(Archive),
    Unpacked(Unpacked),
}

impl Bundle {
    fn open(path: &Path) -> Result<Self, ReadError> {
        Ok(if path.is_dir() {
            Self::Unpacked(Unpacked::open(path)?)
        } else {
            Self::Archive(Archive::open(path)?)
        })
    }

    fn manifest(&self) -> &Manifest {
        match self {
            Self::Archive(archive) => &archive.manifest,
            Self::Unpacked(unpacked) => &unpacked.manifest,
        }
    }

    /// The contents of some files, which must be what the manifest says. Only those are held.
    fn contents(self, wanted: &BTreeSet<String>) -> Result<Contents, ReadError> {
        if wanted.is_empty() {
            return Ok(Contents::new());
        }
        match self {
            Self::Archive(archive) => {
                let mut contents = Contents::new();
                let problems = archive.walk(&mut |file, bytes| {
                    if wanted.contains(file.path.as_str()) {
                        contents.entry(file.path.to_string()).or_default().extend_from_slice(bytes);
                    }
                })?;
                problems.into_iter().next().map_or(Ok(contents), |problem| Err(problem.into()))
            }
            Self::Unpacked(unpacked) => {
                wanted.iter().map(|path| Ok((path.clone(), content(&unpacked, path)?))).collect()
            }
        }
    }
}

/// One file of an unpacked bundle.
fn content(unpacked: &Unpacked, path: &str) -> Result<Vec<u8>, ReadError> {
    let place = unpacked.folder.join(path);
    let read = || {
        let mut bytes = vec![];
        File::open(&place)?.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|source| ReadError::Read { path: place.clone(), source })?;
    let found = Digest::of(&bytes);
    match unpacked.manifest.file(path) {
        Some(file) if file.sha256 != found => {
            Err(Problem::new(path, Fault::Content { found, expected: file.sha256 }).into())
        }
        _ => Ok(bytes),
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (sign, side) in [("---", &self.from), ("+++", &self.to)] {
            writeln!(f, "{sign} {} bundle {} by {}", side.node, side.id, side.generator.escape_debug())?;
        }
        let waivers = [("-", &self.from, &self.to), ("+", &self.to, &self.from)];
        for (sign, side, other) in waivers {
            for waiver in side.waivers.iter().filter(|waiver| !other.waivers.contains(waiver)) {
                let (rule, reason) = (waiver.rule.escape_debug(), waiver.reason.escape_debug());
                writeln!(f, "{sign} waiver {rule}: {reason}")?;
            }
        }
        self.changes.iter().try_for_each(|change| change.fmt(f))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, origin, secret, what } = self;
        let (origin, secret) = (origin.escape_debug(), if *secret { ", secret" } else { "" });
        match what {
            What::Added { mode, size } => writeln!(f, "A {path} ({origin}, {mode}, {size} bytes{secret})"),
            What::Removed => writeln!(f, "D {path} ({origin}{secret})"),
            What::Changed { mode, content } => {
                write!(f, "M {path} ({origin}")?;
                if let Some((old, new)) = mode {
                    write!(f, ", mode {old} to {new}")?;
                }
                if let Some(Text { size: (old, new), diff: None }) = content {
                    write!(f, ", content changed, {old} to {new} bytes")?;
                }
                writeln!(f, "{secret})")?;
                let lines = content.iter().filter_map(|content| content.diff.as_deref()).flat_map(str::lines);
                lines.into_iter().try_for_each(|line| writeln!(f, "    {line}"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
