//! Payload: files that are shipped as they are. Each is measured once, however many nodes carry it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::tree::{Payload, TreePath, TreePathError};

/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;

/// Why a payload cannot be measured.
#[derive(Debug, Error)]
pub enum PayloadError {
    /// The system refuses.
    #[error("reading the payload `{path}`")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A link, device or the like.
    #[error("the payload `{0}` is neither a regular file nor a folder")]
    Kind(PathBuf),
    /// A name that cannot be in a bundle.
    #[error("the payload `{path}` has a name that cannot be in a bundle")]
    Name {
        /// The file.
        path: PathBuf,
        /// Why.
        source: TreePathError,
    },
}

/// What was measured, by path. Share one among all nodes.
#[derive(Debug, Default)]
pub struct Measured {
    by_path: Mutex<HashMap<PathBuf, Arc<Mutex<Option<Payload>>>>>,
}

impl Measured {
    /// Size and digest of a file; read on the first call only, and by one caller only.
    ///
    /// # Errors
    /// When the file cannot be read or is not a regular file.
    pub fn measure(&self, source: &Path) -> Result<Payload, PayloadError> {
        let mut by_path = self.by_path.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(by_path.entry(source.to_owned()).or_default());
        drop(by_path);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(payload) = &*slot {
            return Ok(payload.clone());
        }
        let payload = measure(source)?;
        *slot = Some(payload.clone());
        Ok(payload)
    }

    /// Every file below a folder with its path relative to it, in path order; measured on all cores.
    ///
    /// # Errors
    /// When something cannot be read, is neither file nor folder (links are not followed), or has a name that
    /// cannot be in a bundle.
    pub fn folder(&self, folder: &Path) -> Result<Vec<(TreePath, Payload)>, PayloadError> {
        let mut found = vec![];
        walk(folder, "", &mut found)?;
        found.sort();
        let measure = |path: TreePath| {
            let payload = self.measure(&folder.join(path.as_str()))?;
            Ok((path, payload))
        };
        found.into_par_iter().map(measure).collect()
    }
}

fn measure(source: &Path) -> Result<Payload, PayloadError> {
    let read = |error| PayloadError::Read { path: source.to_owned(), source: error };
    let mut file = open(source).map_err(read)?.ok_or_else(|| PayloadError::Kind(source.to_owned()))?;
    let (mut sha256, mut size, mut buffer) = (Sha256::new(), 0, vec![0; READ_BYTES]);
    loop {
        let length = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(read(error)),
        };
        sha256.update(&buffer[..length]);
        size += length as u64;
    }
    Ok(Payload { source: source.to_owned(), size, sha256: sha256.finalize().into() })
}

/// Opens a regular file; `None` for anything else, without waiting for a pipe's other end.
pub(crate) fn open(source: &Path) -> io::Result<Option<File>> {
    if !fs::metadata(source)?.is_file() {
        return Ok(None);
    }
    let file = File::open(source)?;
    Ok(file.metadata()?.is_file().then_some(file))
}

fn walk(folder: &Path, below: &str, found: &mut Vec<TreePath>) -> Result<(), PayloadError> {
    let read = |error| PayloadError::Read { path: folder.to_owned(), source: error };
    for entry in fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let below = if below.is_empty() { name.into_owned() } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(read)?;
        if kind.is_dir() {
            walk(&path, &below, found)?;
        } else if kind.is_file() {
            found.push(TreePath::new(&below).map_err(|source| PayloadError::Name { path, source })?);
        } else {
            return Err(PayloadError::Kind(path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
