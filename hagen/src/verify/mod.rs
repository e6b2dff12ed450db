//! Whether a bundle holds: every byte accounted for, or the path where it does not.
//!
//! A bundle is hostile until proven otherwise: memory and time are bounded by what the file really holds and
//! by the stated limits of [`crate::bundle::manifest`], and no bytes make it panic.
//!
//! In the archive every byte is checked: the first member has one spelling; the manifest in it demands every
//! tar header, content and padding; and it holds the digest of the packed data, so that not even other bits
//! for the same content pass. With a key, all that hangs on one signature. In an unpacked bundle the files are
//! checked: nothing changed, missing or added, and every mode.

mod folder;

use std::fmt;
use std::path::Path;

use serde::Serialize;
use thiserror::Error;

use crate::bundle::problem::{Fault, Problem, ReadError};
use crate::bundle::read::Archive;
use crate::bundle::sign;
use crate::bundle::{BundleId, Manifest, VerifyingKey, Waiver};

/// A bundle that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The node that it is for.
    pub node: String,
    /// Identity of its inputs.
    pub id: BundleId,
    /// The program that made it.
    pub generator: String,
    /// Number of files, without manifest, signature and digest list.
    pub files: usize,
    /// Bytes of those files.
    pub content_bytes: u64,
    /// Number of files that hold a secret.
    pub secrets: usize,
    /// What the signature says.
    pub signature: Signature,
    /// Rules that were set aside.
    pub waivers: Vec<Waiver>,
}

/// What a signature says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Signature {
    /// There is none: the bundle is whole, but anyone may have made it.
    Unsigned,
    /// There is one, and no key was given to check it with.
    Unchecked {
        /// Id of the key that it claims.
        key: String,
    },
    /// It is good.
    Good {
        /// Id of the key.
        key: String,
    },
}

/// Why a bundle does not hold, or that it could not be read.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// It cannot be read: nothing is said about the bundle.
    #[error(transparent)]
    Read(ReadError),
    /// It does not hold.
    #[error("{0}")]
    Bad(Problems),
}

/// Everything that is wrong with a bundle, at least one thing, in the order of the archive.
#[derive(Debug)]
pub struct Problems {
    /// The first.
    pub first: Problem,
    /// The others.
    pub others: Vec<Problem>,
}

impl Problems {
    /// All problems.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        self.others.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

impl From<ReadError> for VerifyError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Bad(first) => Self::Bad(Problems { first, others: vec![] }),
            read @ ReadError::Read { .. } => Self::Read(read),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "bundle    {}", self.id)?;
        writeln!(f, "node      {}", self.node)?;
        writeln!(f, "generator {}", self.generator.escape_debug())?;
        writeln!(f, "files     {} ({} bytes, {} secret)", self.files, self.content_bytes, self.secrets)?;
        match &self.signature {
            Signature::Unsigned => writeln!(f, "signature none: whole, but anyone may have made it")?,
            Signature::Unchecked { key } => writeln!(f, "signature by key {key}, NOT checked: give --key")?,
            Signature::Good { key } => writeln!(f, "signature good, by key {key}")?,
        }
        for waiver in &self.waivers {
            let (rule, reason) = (waiver.rule.escape_debug(), waiver.reason.escape_debug());
            writeln!(f, "waived    {rule}: {reason}")?;
        }
        Ok(())
    }
}

/// Verifies a bundle: an archive, or the folder into which one was unpacked.
///
/// # Errors
/// When it cannot be read, or does not hold; with a key also when it is not signed by it.
pub fn verify(path: &Path, key: Option<&VerifyingKey>) -> Result<Report, VerifyError> {
    if path.is_dir() {
        return folder::verify(path, key);
    }
    let archive = Archive::open(path)?;
    let manifest = archive.manifest.clone();
    let signature = signature(&manifest, &archive.manifest_bytes, archive.signature.as_deref(), key)?;
    let problems = archive.walk(&mut |_, _| {})?;
    conclude(&manifest, signature, problems)
}

/// Checks the signature with the key, if there is one.
fn signature(
    manifest: &Manifest,
    manifest_bytes: &[u8],
    text: Option<&[u8]>,
    key: Option<&VerifyingKey>,
) -> Result<Signature, Problem> {
    const PATH: &str = crate::bundle::manifest::SIGNATURE;
    match (text, key) {
        (None, None) => Ok(Signature::Unsigned),
        (None, Some(_)) => Err(Problem::new(PATH, Fault::Unsigned)),
        (Some(text), key) => {
            sign::check(text, manifest, manifest_bytes, key).map_err(|fault| Problem::new(PATH, fault))?;
            let signer = manifest.signer.clone().unwrap_or_default();
            Ok(match key {
                None => Signature::Unchecked { key: signer },
                Some(_) => Signature::Good { key: signer },
            })
        }
    }
}

fn conclude(
    manifest: &Manifest,
    signature: Signature,
    problems: Vec<Problem>,
) -> Result<Report, VerifyError> {
    let mut problems = problems.into_iter();
    if let Some(first) = problems.next() {
        return Err(VerifyError::Bad(Problems { first, others: problems.collect() }));
    }
    Ok(Report {
        node: manifest.node.clone(),
        id: manifest.id,
        generator: manifest.generator.clone(),
        files: manifest.files.len(),
        content_bytes: u64::try_from(manifest.content_bytes()).unwrap_or(u64::MAX),
        secrets: manifest.files.iter().filter(|file| file.secret).count(),
        signature,
        waivers: manifest.waivers.clone(),
    })
}

impl From<Problem> for VerifyError {
    fn from(problem: Problem) -> Self {
        ReadError::Bad(problem).into()
    }
}

#[cfg(test)]
mod tests;
