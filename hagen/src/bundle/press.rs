//! Writes any number of bundles into a folder so that none is ever seen half-written.
//!
//! All bundles are first written into a staging folder beside their final place. Only when every one is
//! complete and on the disk are they renamed to their final names, so a failure, a full disk, a kill or a
//! power cut leaves the folder as it was (the staging folder of a killed run is emptied by the next one).
//!
//! Durability: a few bundles are synced one by one; many with one `syncfs`, because a thousand times `fsync`
//! is a thousand journal commits. The folder itself is synced once, after the renames. Bundles hold secrets:
//! their mode is 0600.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::num::NonZeroUsize;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::draft::Draft;
use super::manifest::{BundleId, ManifestError, is_node_name};
use super::ordered;
use super::read::fill;
use super::runs::PackedRuns;
use super::seal::{Seal, SealError, seal};
use super::sign::SigningKey;
use crate::tree::Content;

/// Name of the staging folder inside the output folder.
const STAGE: &str = ".hagen-stage";
/// Its lock: held while bundles are written, so that two runs cannot mix.
const LOCK: &str = "lock";
/// Up to so many bundles are synced one by one.
const SYNC_SINGLY_MAX: usize = 8;

/// Why bundles cannot be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The output folder, or something in it, cannot be written.
    #[error("writing `{path}`")]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A bundle with other contents is there already.
    #[error("`{0}` exists with other contents; use --force to replace it")]
    Exists(PathBuf),
    /// Another run writes into the same folder.
    #[error("another hagen is writing into `{0}`")]
    Busy(PathBuf),
    /// Two drafts for one node.
    #[error("two bundles for the node `{0}`")]
    Twice(String),
    /// One bundle cannot be made.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// How bundles are written.
pub struct Options<'a> {
    /// Replace bundles that exist with other contents.
    pub force: bool,
    /// Sign every manifest with this key.
    pub key: Option<&'a SigningKey>,
    /// Threads for a large payload; all cores when none. The output does not depend on it.
    pub threads: Option<NonZeroUsize>,
    /// Told, from any thread, how many bytes of payload have been packed or copied since the last call.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { force: false, key: None, threads: None, progress: &|_| {} }
    }
}

/// A bundle that is in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The node.
    pub node: String,
    /// Identity of the inputs.
    pub id: BundleId,
    /// The bundle's file.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// What happened to the place.
    pub outcome: Outcome,
}

/// What became of a bundle's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was free.
    Created,
    /// The same bytes were there already; they were not touched.
    Unchanged,
    /// Other bytes were there and were replaced.
    Replaced,
}

/// Writes bundles into one folder. [`Press::write`] may be called from many threads; nothing is seen in the
/// folder before [`Press::publish`]. Dropping a press instead leaves nothing behind.
pub struct Press<'a> {
    folder: PathBuf,
    options: Options<'a>,
    stage: Stage,
    staged: Mutex<BTreeMap<String, BundleId>>,
    /// Bundles with payload are written one after the other: each uses all cores by itself.
    runs: Mutex<PackedRuns>,
}

impl<'a> Press<'a> {
    /// Prepares to write into a folder, which is created when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be written or another run is writing into it.
    pub fn open(folder: &Path, options: Options<'a>) -> Result<Self, WriteError> {
        let stage = Stage::open(folder)?;
        let (staged, runs) = (Mutex::default(), Mutex::default());
        Ok(Self { folder: folder.to_owned(), options, stage, staged, runs })
    }

    /// Writes one bundle into the staging folder.
    ///
    /// # Errors
    /// When it cannot be made or written; the press should then be dropped.
    pub fn write(&self, draft: &Draft) -> Result<(), WriteError> {
        if !is_node_name(&draft.node) {
            let node = draft.node.clone();
            return Err(SealError::Contents { node: node.clone(), source: ManifestError::Node(node) }.into());
        }
        let staged = || self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        if staged().insert(draft.node.clone(), draft.id).is_some() {
            return Err(WriteError::Twice(draft.node.clone()));
        }
        let path = self.stage.bundle(&draft.node);
        let create = || OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
        let file = create().map_err(|source| WriteError::Output { path: path.clone(), source })?;
        let file = Arc::new(file);
        let (key, progress) = (self.options.key, self.options.progress);
        let threads = self.options.threads.map_or_else(ordered::cores, NonZeroUsize::get);
        let has_payload = draft.tree.iter().any(|(_, entry)| matches!(entry.content, Content::Payload(_)));
        if !has_payload {
            seal(draft, &file, &Seal { key, threads: 1, known: &PackedRuns::default(), progress })?;
            return Ok(());
        }
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = seal(draft, &file, &Seal { key, threads, known: &runs, progress })?;
        runs.adopt(&file, fresh);
        Ok(())
    }

    /// Puts all bundles into their places, by node.
    ///
    /// # Errors
    /// When one exists with other contents and may not be replaced, or the system refuses; before the first
    /// rename nothing has changed.
    pub fn publish(mut self) -> Result<Vec<Written>, WriteError> {
        let staged = std::mem::take(&mut *self.staged.lock().unwrap_or_else(PoisonError::into_inner));
        let written =
            staged.into_iter().map(|(node, id)| self.look(node, id)).collect::<Result<Vec<_>, _>>()?;
        let moving = written.iter().filter(|bundle| bundle.outcome != Outcome::Unchanged);
        let moving = moving.map(|bundle| (self.stage.bundle(&bundle.node), &bundle.path)).collect::<Vec<_>>();
        self.sync(&moving)?;
        for (from, to) in &moving {
            fs::rename(from, to).map_err(|source| WriteError::Output { path: (*to).clone(), source })?;
        }
        self.stage.keep();
        if !moving.is_empty() {
            self.stage.sync_folders()?;
        }
        Ok(written)
    }

    /// Compares a staged bundle with what is in its place.
    fn look(&self, node: String, id: BundleId) -> Result<Written, WriteError> {
        let path = self.folder.join(format!("{node}.tar.gz"));
        let staged = self.stage.bundle(&node);
        let failed = |source| WriteError::Output { path: path.clone(), source };
        let bytes = fs::metadata(&staged).map_err(failed)?.len();
        let outcome = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Outcome::Created,
            Err(error) => return Err(failed(error)),
            Ok(there) if there.is_file() && same(&staged, &path).map_err(failed)? => Outcome::Unchanged,
            Ok(there) if there.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
            Ok(_) if self.options.force => Outcome::Replaced,
            Ok(_) => return Err(WriteError::Exists(path)),
        };
        Ok(Written { node, id, path, bytes, outcome })
    }

    /// Puts the staged bundles onto the disk.
    fn sync(&self, moving: &[(PathBuf, &PathBuf)]) -> Result<(), WriteError> {
        if moving.len() > SYNC_SINGLY_MAX {
            return self.stage.sync_file_system();
        }
        moving.iter().try_for_each(|(path, _)| {
            let failed = |source| WriteError::Output { path: path.clone(), source };
            File::open(path).and_then(|file| file.sync_all()).map_err(failed)
        })
    }
}

/// Writes bundles for all drafts into a folder; see [`Press`] for many at once.
///
/// # Errors
/// When one cannot be made or put into its place; then none is.
pub fn write(drafts: &[Draft], folder: &Path, options: Options<'_>) -> Result<Vec<Written>, WriteError> {
    let press = Press::open(folder, options)?;
    drafts.iter().try_for_each(|draft| press.write(draft))?;
    press.publish()
}

/// The staging folder; removed when dropped, with all that is in it.
struct Stage {
    path: PathBuf,
    /// Output folders that had to be made, innermost first; removed again unless bundles are published.
    made: Vec<PathBuf>,
    lock: File,
}

impl Stage {
    fn open(folder: &Path) -> Result<Self, WriteError> {
        let made = make_folders(folder)?;
        let path = folder.join(STAGE);
        let opened = Self::lock(&path).inspect_err(|_| remove_folders(&made))?;
        let stage = Self { path, made, lock: opened };
        stage.clear()?;
        Ok(stage)
    }

    /// Makes the staging folder and locks it.
    fn lock(path: &Path) -> Result<File, WriteError> {
        let failed = |source| WriteError::Output { path: path.to_owned(), source };
        loop {
            match fs::DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
                _ => {}
            }
            let name = path.join(LOCK);
            let open = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&name);
            let lock = match open {
                Ok(lock) => lock,
                // A finishing run has just removed the folder.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(failed(error)),
            };
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(WriteError::Busy(path.parent().unwrap_or(path).to_owned()));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // The lock counts only when it is still the file of that name.
            let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
            let (ours, there) = (lock.metadata().map(identity), fs::metadata(&name).map(identity));
            if ours.is_ok() && there.is_ok() && ours.ok() == there.ok() {
                return Ok(lock);
            }
        }
    }

    fn bundle(&self, node: &str) -> PathBuf {
        self.path.join(format!("{node}.tar.gz"))
    }

    /// Removes what a killed run left.
    fn clear(&self) -> Result<(), WriteError> {
        let failed = |source| WriteError::Output { path: self.path.clone(), source };
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name() != LOCK {
                fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The output folder holds bundles now: it stays.
    fn keep(&mut self) {
        self.made.clear();
    }

    fn sync_file_system(&self) -> Result<(), WriteError> {
        rustix::fs::syncfs(&self.lock)
            .map_err(|error| WriteError::Output { path: self.path.clone(), source: error.into() })
    }

    /// Makes the renames durable.
    fn sync_folders(&self) -> Result<(), WriteError> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let failed = |source| WriteError::Output { path: folder.to_owned(), source };
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; the next run clears the folder.
        let _ = fs::remove_dir_all(&self.path);
        remove_folders(&self.made);
    }
}

/// Makes a folder and its missing parents; gives those that were made, innermost first.
fn make_folders(folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let missing = folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    let made = missing.map(Path::to_owned).collect::<Vec<_>>();
    let failed = |source| WriteError::Output { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed).inspect_err(|_| remove_folders(&made))?;
    Ok(made)
}

/// Removes folders that are empty.
fn remove_folders(made: &[PathBuf]) {
    for folder in made {
        let _ = fs::remove_dir(folder);
    }
}

/// Whether two files have the same bytes.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let mut buffers = [vec![0; 256 * 1024], vec![0; 256 * 1024]];
    loop {
        let [mine, theirs] = &mut buffers;
        let length = fill(&mut one, mine)?;
        if fill(&mut other, theirs)? != length || mine[..length] != theirs[..length] {
            return Ok(false);
        }
        if length == 0 {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests;
