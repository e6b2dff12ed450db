//! What a bundle says of itself: its head, for people and for scripts. Nothing is verified here.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::manifest::Manifest;
use super::problem::ReadError;
use super::read::Archive;
use super::unpacked::Unpacked;

/// The head of a bundle. `Display` is for people; serialised, it is the manifest and the archive's length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The manifest.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// Length of the archive; none for an unpacked bundle.
    pub archive_bytes: Option<u64>,
}

/// Reads the head of a bundle, archive or unpacked.
///
/// # Errors
/// When it cannot be read or its head does not hold together.
pub fn show(path: &Path) -> Result<Shown, ReadError> {
    if path.is_dir() {
        let manifest = Unpacked::open(path)?.manifest;
        return Ok(Shown { manifest, archive_bytes: None });
    }
    let archive = Archive::open(path)?;
    Ok(Shown { manifest: archive.manifest, archive_bytes: Some(archive.bytes) })
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { manifest, archive_bytes } = self;
        writeln!(f, "bundle    {}", manifest.id)?;
        writeln!(f, "node      {}", manifest.node)?;
        writeln!(f, "generator {}", manifest.generator.escape_debug())?;
        match &manifest.signer {
            None => writeln!(f, "signed    no")?,
            Some(key) => writeln!(f, "signed    by key {key}, not checked here")?,
        }
        for waiver in &manifest.waivers {
            let (rule, reason) = (waiver.rule.escape_debug(), waiver.reason.escape_debug());
            writeln!(f, "waived    {rule}: {reason}")?;
        }
        if let Some(bytes) = archive_bytes {
            writeln!(f, "archive   {bytes} bytes")?;
        }
        writeln!(f, "content   {} files, {} bytes", manifest.files.len(), manifest.content_bytes())?;
        writeln!(f)?;
        let width = manifest.files.iter().map(|file| file.size).max().unwrap_or(0).to_string().len();
        let origin = manifest.files.iter().map(|file| file.origin.chars().count()).max().unwrap_or(0);
        for file in &manifest.files {
            let secret = if file.secret { "secret" } else { "" };
            let name = file.origin.escape_debug().to_string();
            writeln!(f, "{} {:width$} {name:origin$} {secret:6} {}", file.mode, file.size, file.path)?;
        }
        Ok(())
    }
}
