//! What can be wrong with a bundle, and where.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::manifest::{Digest, ManifestError, Mode};
use super::member::MemberFault;
use super::sign::SignatureFault;

/// Place of a problem that belongs to no file.
pub(crate) const WHOLE: &str = "(the archive)";

/// One thing that is wrong, and the path in the bundle where it is.
#[derive(Debug)]
pub struct Problem {
    /// Path in the bundle.
    pub path: String,
    /// What is wrong there.
    pub fault: Fault,
}

impl Problem {
    pub(crate) fn new(path: impl Into<String>, fault: impl Into<Fault>) -> Self {
        Self { path: path.into(), fault: fault.into() }
    }
}

impl fmt::Display for Problem {
    /// Paths may come from a hostile archive: control characters are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.escape_debug(), self.fault)
    }
}

/// What is wrong.
#[derive(Debug, Error)]
pub enum Fault {
    /// The file is not what hagen writes at all.
    #[error("this is not a bundle: it does not begin as one")]
    NotABundle,
    /// The content has another digest than the manifest says.
    #[error("changed: SHA-256 is {found}, the manifest says {expected}")]
    Content {
        /// Digest of what is there.
        found: Digest,
        /// Digest in the manifest.
        expected: Digest,
    },
    /// The content has another size than the manifest says.
    #[error("changed: {found} bytes, the manifest says {expected}")]
    Size {
        /// Size of what is there.
        found: u64,
        /// Size in the manifest.
        expected: u64,
    },
    /// The file has other permission bits than the manifest says.
    #[error("mode is {found}, the manifest says {expected}")]
    Mode {
        /// Mode of what is there.
        found: Mode,
        /// Mode in the manifest.
        expected: Mode,
    },
    /// The manifest lists a file that is not there.
    #[error("missing")]
    Missing,
    /// There is a file that the manifest does not list.
    #[error("added: the manifest does not list this {0}")]
    Added(&'static str),
    /// The file is there twice.
    #[error("there more than once")]
    Twice,
    /// The files are not in path order.
    #[error("out of order")]
    Order,
    /// Something else than a regular file.
    #[error("is a {0}, not a file")]
    Kind(&'static str),
    /// A field of the tar header is not what is always written.
    #[error("its tar header has another {0} than hagen writes")]
    Header(&'static str),
    /// The tar header cannot be read.
    #[error("its tar header is damaged")]
    HeaderDamaged,
    /// Bytes between files that should be zero.
    #[error("the bytes after it are not zero")]
    Padding,
    /// The archive ends before everything has come.
    #[error("the archive is cut off here")]
    Truncated,
    /// The archive goes on after its end.
    #[error("there is more after the end of the archive")]
    Trailing,
    /// A gzip member is wrong.
    #[error(transparent)]
    Member(#[from] MemberFault),
    /// The packed data are cut into other pieces.
    #[error("it is packed in other pieces than hagen packs")]
    Pieces,
    /// The content is right, the packed data are not those that were sealed.
    #[error("its packed data are not those that were sealed, though they yield the same")]
    Packed,
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Too long for a manifest and digest list.
    #[error("longer than a bundle's can be")]
    Head,
    /// The digest list does not say what the manifest says.
    #[error("does not say what the manifest says")]
    Sums,
    /// The signature.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// A key is at hand, and the bundle is not signed.
    #[error("missing: the bundle is not signed, and a key was given")]
    Unsigned,
}

/// Why a bundle cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The system refuses.
    #[error("reading `{path}`")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no bundle, or a broken one.
    #[error("{0}")]
    Bad(Problem),
}

impl From<Problem> for ReadError {
    fn from(problem: Problem) -> Self {
        Self::Bad(problem)
    }
}
