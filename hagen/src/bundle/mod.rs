//! A bundle: everything one node needs, sealed in one file that is the same on every machine that makes it.
//!
//! The file is a gzip-compressed tar archive that plain tools read, and more: it is made so that a reader can
//! demand every byte of it (see [`crate::verify`]).
//!
//! Layout, `NODE.tar.gz`:
//!
//! - a series of gzip members of at most 128 KiB content, each with its own length in an extra field (the idea
//!   of BGZF), packed independently: output and reading scale with the cores and never depend on them;
//! - in it a ustar archive of regular files only: `manifest.json`, `manifest.json.minisig` when signed and
//!   `SHA256SUMS` first, in a member that is stored, not compressed; then all files by path. Owner root, mode
//!   as in the manifest, time 2000-01-01T00:00:00Z, sizes from 8 GiB in base 256. Then two zero blocks;
//! - the manifest lists every file with size, mode and SHA-256, and the SHA-256 of the packed data; so the
//!   signature of the manifest covers every byte of the file, whatever the compressor's version.

pub mod apply;
mod body;
mod diff;
mod draft;
pub(crate) mod layout;
pub mod manifest;
pub mod member;
pub(crate) mod ordered;
pub mod payload;
mod press;
pub mod problem;
pub(crate) mod read;
mod runs;
#[cfg(test)]
pub(crate) mod sample;
mod seal;
mod show;
pub mod sign;
mod survey;
pub(crate) mod unpacked;
pub(crate) mod ustar;
mod walk;

pub use diff::{Change, Diff, Side, Text, What, diff};
pub use draft::Draft;
pub use manifest::{BundleId, Digest, FileRecord, GENERATOR, Manifest, Waiver};
pub use press::{Options, Outcome, Press, WriteError, Written, write};
pub use seal::SealError;
pub use show::{Shown, show};
pub use sign::{KeyError, SigningKey, VerifyingKey};
