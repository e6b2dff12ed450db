//! The head of an unpacked bundle: manifest, signature and digest list as files of a folder.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use super::manifest::{HEAD_BYTES_MAX, MANIFEST, Manifest, SIGNATURE};
use super::problem::{Fault, Problem, ReadError};
use super::sign;

/// An unpacked bundle whose manifest has been read.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) folder: PathBuf,
    /// What the bundle says of itself.
    pub(crate) manifest: Manifest,
    /// The manifest as it stands there.
    pub(crate) manifest_bytes: Vec<u8>,
    /// Its signature, spelled well and by the key that the manifest names; not yet verified.
    pub(crate) signature: Option<Vec<u8>>,
}

impl Unpacked {
    pub(crate) fn open(folder: &Path) -> Result<Self, ReadError> {
        let manifest_bytes = read(folder, MANIFEST)?;
        let manifest =
            Manifest::from_bytes(&manifest_bytes).map_err(|error| Problem::new(MANIFEST, error))?;
        let signature = manifest.signer.as_ref().map(|_| read(folder, SIGNATURE)).transpose()?;
        if let Some(text) = &signature {
            sign::check(text, &manifest, &manifest_bytes, None)
                .map_err(|fault| Problem::new(SIGNATURE, fault))?;
        }
        Ok(Self { folder: folder.to_owned(), manifest, manifest_bytes, signature })
    }
}

/// Reads one of the head's files, which must be a plain file of a lawful length.
pub(crate) fn read(folder: &Path, name: &'static str) -> Result<Vec<u8>, ReadError> {
    let path = folder.join(name);
    let failed = |source| ReadError::Read { path: path.clone(), source };
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Problem::new(name, Fault::Missing).into());
        }
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.is_file() => {
            return Err(Problem::new(name, Fault::Kind(kind(&metadata))).into());
        }
        Ok(metadata) if metadata.len() > HEAD_BYTES_MAX as u64 => {
            return Err(Problem::new(name, Fault::Head).into());
        }
        Ok(_) => {}
    }
    let (mut bytes, file) = (vec![], File::open(&path).map_err(failed)?);
    file.take(HEAD_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// What a thing in a folder is, as a noun.
pub(crate) fn kind(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_file() {
        "file"
    } else if kind.is_dir() {
        "folder"
    } else if kind.is_symlink() {
        "symbolic link"
    } else if kind.is_fifo() {
        "pipe"
    } else if kind.is_socket() {
        "socket"
    } else if kind.is_block_device() {
        "block device"
    } else {
        "character device"
    }
}
