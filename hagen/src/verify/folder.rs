//! Verifies an unpacked bundle. Owners and times are not looked at: they depend on who unpacked it.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{Report, VerifyError, conclude, signature};
use crate::bundle::manifest::{Digest, FILES_MAX, MANIFEST, Mode, SIGNATURE, SUMS};
use crate::bundle::problem::{Fault, Problem, ReadError};
use crate::bundle::unpacked::{self, Unpacked, kind};
use crate::bundle::{FileRecord, VerifyingKey};

/// Bytes read at once.
const READ_BYTES: usize = 128 * 1024;
/// Folders deeper than any path of a bundle are not entered.
const DEPTH_MAX: usize = 128;

/// Files by path.
type Found = BTreeMap<String, Metadata>;

pub(super) fn verify(folder: &Path, key: Option<&VerifyingKey>) -> Result<Report, VerifyError> {
    let Unpacked { manifest, manifest_bytes, signature: text, .. } = Unpacked::open(folder)?;
    let signature = signature(&manifest, &manifest_bytes, text.as_deref(), key)?;
    let mut problems = vec![];
    if unpacked::read(folder, SUMS)? != manifest.sums(&manifest_bytes) {
        problems.push(Problem::new(SUMS, Fault::Sums));
    }
    let mut found = BTreeMap::new();
    walk(folder, "", 0, &mut found)?;
    let head = [Some(MANIFEST), text.as_ref().map(|_| SIGNATURE), Some(SUMS)];
    for path in head.into_iter().flatten() {
        match found.remove(path) {
            Some(metadata) if mode(&metadata) != Mode(0o644) => {
                let fault = Fault::Mode { found: mode(&metadata), expected: Mode(0o644) };
                problems.push(Problem::new(path, fault));
            }
            _ => {}
        }
    }
    let check = |file: &FileRecord| check(folder, file, found.get(file.path.as_str()));
    let checked = manifest.files.par_iter().map(check).collect::<Result<Vec<_>, ReadError>>()?;
    problems.extend(checked.into_iter().flatten());
    for (path, metadata) in found.iter().filter(|(path, _)| manifest.file(path).is_none()) {
        problems.push(Problem::new(path.as_str(), Fault::Added(kind(metadata))));
    }
    conclude(&manifest, signature, problems)
}

/// Everything below a folder that is not a folder.
fn walk(folder: &Path, below: &str, depth: usize, found: &mut Found) -> Result<(), ReadError> {
    let failed = |source| ReadError::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let below = if below.is_empty() { name.into_owned() } else { format!("{below}/{name}") };
        let metadata = entry.metadata().map_err(failed)?;
        if metadata.is_dir() && depth < DEPTH_MAX {
            walk(&entry.path(), &below, depth + 1, found)?;
        } else {
            found.insert(below, metadata);
        }
        if found.len() > 2 * FILES_MAX {
            break;
        }
    }
    Ok(())
}

/// Compares one file with the manifest.
fn check(folder: &Path, file: &FileRecord, there: Option<&Metadata>) -> Result<Option<Problem>, ReadError> {
    let problem = |fault| Ok(Some(Problem::new(file.path.as_str(), fault)));
    let Some(there) = there else { return problem(Fault::Missing) };
    if !there.is_file() {
        return problem(Fault::Kind(kind(there)));
    }
    if there.len() != file.size {
        return problem(Fault::Size { found: there.len(), expected: file.size });
    }
    let path = folder.join(file.path.as_str());
    let found = digest(&path, file.size).map_err(|source| ReadError::Read { path, source })?;
    if found != file.sha256 {
        return problem(Fault::Content { found, expected: file.sha256 });
    }
    if mode(there) != file.mode {
        return problem(Fault::Mode { found: mode(there), expected: file.mode });
    }
    Ok(None)
}

/// Digest of a file, of at most one byte more than it should have.
fn digest(path: &Path, size: u64) -> io::Result<Digest> {
    let mut file = File::open(path)?.take(size.saturating_add(1));
    let (mut sha256, mut buffer) = (Sha256::new(), vec![0; READ_BYTES]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Digest(sha256.finalize().into())),
            Ok(length) => sha256.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn mode(metadata: &Metadata) -> Mode {
    Mode(metadata.permissions().mode() & 0o7777)
}
