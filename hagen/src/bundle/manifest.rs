//! The manifest: what a bundle is, for which node, and every file in it.
//!
//! It has one spelling: JSON with fixed keys in fixed order, one file per line, so that a script without a
//! JSON parser can read it and a reader can demand it byte for byte. Its length depends on paths, sizes and
//! names alone, never on a digest, so that its place is known before the digests are.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::tree::TreePath;

/// Version of the bundle format that this program writes and reads.
pub const FORMAT: u32 = 1;
/// Most files in one bundle. With [`HEAD_BYTES_MAX`] it bounds what a reader holds in memory.
pub const FILES_MAX: usize = 16_384;
/// Most bytes of manifest, signature and digest list together.
pub const HEAD_BYTES_MAX: usize = 10 * 1024 * 1024;
/// The program and its version, as the manifest names it.
pub const GENERATOR: &str = concat!("hagen ", env!("CARGO_PKG_VERSION"));

/// Name of the manifest in a bundle.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Name of the manifest's signature.
pub(crate) const SIGNATURE: &str = "manifest.json.minisig";
/// Name of the digest list.
pub(crate) const SUMS: &str = "SHA256SUMS";
/// Name of the script that puts a bundle into effect.
pub(crate) const APPLY: &str = "apply";
/// The folders of a bundle; no other file is in one.
pub const FOLDERS: [&str; 3] = ["cloud-init", "packages", "rootfs"];

/// A SHA-256 digest, written as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let hex = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        f.pad(&hex.map(|digit| char::from(DIGITS[usize::from(digit)])).collect::<String>())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(hex: String) -> Result<Self, Self::Error> {
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let (pairs, odd) = hex.as_bytes().as_chunks::<2>();
        let bytes = pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?));
        let bytes = bytes.collect::<Option<Vec<_>>>().filter(|_| odd.is_empty());
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("a digest is 64 lowercase hexadecimal digits")
    }
}

/// Identity of a bundle's inputs: the same inputs and generator give the same id on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BundleId(Digest);

impl BundleId {
    /// The id for an expanded input, a lock and this generator. Each part is framed by its length, so that
    /// no byte can move from one to the next unnoticed.
    pub fn of(expanded_input: &[u8], lock: &[u8]) -> Self {
        let mut sha256 = Sha256::new();
        for part in [expanded_input, lock, GENERATOR.as_bytes()] {
            sha256.update((part.len() as u64).to_le_bytes());
            sha256.update(part);
        }
        Self(Digest(sha256.finalize().into()))
    }
}

impl From<[u8; 32]> for BundleId {
    fn from(bytes: [u8; 32]) -> Self {
        Self(Digest(bytes))
    }
}

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Permission bits, written as four octal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Mode(pub u32);

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl From<Mode> for String {
    fn from(mode: Mode) -> Self {
        mode.to_string()
    }
}

impl TryFrom<String> for Mode {
    type Error = &'static str;

    fn try_from(octal: String) -> Result<Self, Self::Error> {
        let digits = octal.len() == 4 && octal.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
        let mode = u32::from_str_radix(&octal, 8).ok().filter(|mode| digits && *mode <= 0o777);
        mode.map(Self).ok_or("a mode is four octal digits, 0000 to 0777")
    }
}

/// A rule that the operator set aside, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Id of the rule, such as `QR-3`.
    pub rule: String,
    /// The operator's reason.
    pub reason: String,
}

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Where it is in the unpacked bundle.
    pub path: TreePath,
    /// Its permission bits.
    pub mode: Mode,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: Digest,
    /// What made it, such as `keepalived`, `cloud-init` or `payload`.
    pub origin: String,
    /// It holds a secret.
    pub secret: bool,
    /// Of a payload: SHA-256 over the SHA-256 digests of the gzip members that hold its content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packed: Option<Digest>,
}

/// What a bundle is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`] of the program that wrote it.
    pub format: u32,
    /// [`GENERATOR`] of the program that wrote it.
    pub generator: String,
    /// Identity of the inputs.
    pub id: BundleId,
    /// The node that the bundle is for.
    pub node: String,
    /// Key id of the signature as `minisign` prints it; none for an unsigned bundle.
    pub signer: Option<String>,
    /// SHA-256 over the SHA-256 digests of all gzip members that hold no payload, without the first, which
    /// holds the manifest itself.
    pub packed: Digest,
    /// Rules that were set aside.
    pub waivers: Vec<Waiver>,
    /// Every file but the manifest itself, its signature and the digest list, by path.
    pub files: Vec<FileRecord>,
}

/// Why bytes are not a manifest.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// Not the JSON of a manifest.
    #[error("it is not a manifest: {0}")]
    Json(serde_json::Error),
    /// Written by a generator with another format.
    #[error("it has format {0}, and this program reads format {FORMAT}")]
    Format(u32),
    /// The same facts in other bytes: spaces, order of keys, escapes.
    #[error("it is not spelled as hagen spells it")]
    Spelling,
    /// The name is not a host name.
    #[error("`{}` is not a node name", .0.escape_debug())]
    Node(String),
    /// Too many files for the stated bounds.
    #[error("it lists {0} files, more than {FILES_MAX}")]
    Files(usize),
    /// The paths are not strictly ascending.
    #[error("it lists `{0}` twice or out of order")]
    Order(TreePath),
    /// A file outside the folders of a bundle.
    #[error("it lists `{0}`, which is no place in a bundle")]
    Place(TreePath),
    /// A path that is a file and a folder.
    #[error("it lists `{0}` as a file and as a folder")]
    FileAndFolder(TreePath),
    /// A secret that others than the owner may read.
    #[error("it lists the secret `{path}` with mode {mode}")]
    Secret {
        /// The file.
        path: TreePath,
        /// Its mode.
        mode: Mode,
    },
    /// An empty file that claims packed data.
    #[error("it claims packed data for the empty file `{0}`")]
    Packed(TreePath),
    /// No `apply`.
    #[error("it lists no `{APPLY}`")]
    NoApply,
}

impl Manifest {
    /// The bytes of `manifest.json`.
    ///
    /// # Errors
    /// None in practice: every field is text or a number.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = format!("{{\"format\":{},\n", self.format);
        text += &format!("\"generator\":{},\n", serde_json::to_string(&self.generator)?);
        text += &format!("\"id\":\"{}\",\n", self.id);
        text += &format!("\"node\":{},\n", serde_json::to_string(&self.node)?);
        text += &format!("\"signer\":{},\n", serde_json::to_string(&self.signer)?);
        text += &format!("\"packed\":\"{}\",\n", self.packed);
        text += &format!("\"waivers\":{},\n", serde_json::to_string(&self.waivers)?);
        text += "\"files\":[\n";
        for (at, file) in self.files.iter().enumerate() {
            text += if at == 0 { "" } else { ",\n" };
            text += &serde_json::to_string(file)?;
        }
        text += "\n]}\n";
        Ok(text.into_bytes())
    }

    /// Reads `manifest.json` and demands that it is what [`Manifest::to_bytes`] writes for lawful contents.
    ///
    /// # Errors
    /// When it is not.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = serde_json::from_slice(bytes).map_err(ManifestError::Json)?;
        if format != FORMAT {
            return Err(ManifestError::Format(format));
        }
        let manifest = serde_json::from_slice::<Self>(bytes).map_err(ManifestError::Json)?;
        manifest.check()?;
        match manifest.to_bytes() {
            Ok(spelled) if spelled == bytes => Ok(manifest),
            _ => Err(ManifestError::Spelling),
        }
    }

    /// The bytes of `SHA256SUMS`: every file of the bundle except itself and the signature, by path.
    pub fn sums(&self, manifest_bytes: &[u8]) -> Vec<u8> {
        let own = (MANIFEST, Digest::of(manifest_bytes));
        let mut lines = self.files.iter().map(|file| (file.path.as_str(), file.sha256)).collect::<Vec<_>>();
        lines.insert(lines.partition_point(|(path, _)| *path < own.0), own);
        lines.iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect::<String>().into_bytes()
    }

    /// One file.
    pub fn file(&self, path: &str) -> Option<&FileRecord> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }

    /// Bytes of all listed files.
    pub fn content_bytes(&self) -> u128 {
        self.files.iter().map(|file| u128::from(file.size)).sum()
    }

    /// What must hold for every manifest, written or read.
    pub(crate) fn check(&self) -> Result<(), ManifestError> {
        if !is_node_name(&self.node) {
            return Err(ManifestError::Node(self.node.clone()));
        }
        if self.files.len() > FILES_MAX {
            return Err(ManifestError::Files(self.files.len()));
        }
        if let Some(pair) = self.files.windows(2).find(|pair| pair[0].path >= pair[1].path) {
            return Err(ManifestError::Order(pair[1].path.clone()));
        }
        let mut folders = HashSet::new();
        for FileRecord { path, mode, size, secret, packed, .. } in &self.files {
            let top = path.as_str().split_once('/').map(|(top, _)| top);
            if !top.map_or(path.as_str() == APPLY, |top| FOLDERS.contains(&top)) {
                return Err(ManifestError::Place(path.clone()));
            }
            if *secret && mode.0 & 0o077 != 0 {
                return Err(ManifestError::Secret { path: path.clone(), mode: *mode });
            }
            if packed.is_some() && *size == 0 {
                return Err(ManifestError::Packed(path.clone()));
            }
            folders.extend(path.as_str().match_indices('/').map(|(at, _)| &path.as_str()[..at]));
        }
        if let Some(both) = self.files.iter().find(|file| folders.contains(file.path.as_str())) {
            return Err(ManifestError::FileAndFolder(both.path.clone()));
        }
        self.file(APPLY).map(|_| ()).ok_or(ManifestError::NoApply)
    }
}

/// Whether a text is a host name (RFC 1123 §2.1) in lowercase: it becomes a file name and part of a script.
pub(crate) fn is_node_name(name: &str) -> bool {
    let label = |label: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 200 && name.split('.').all(label)
}

#[cfg(test)]
mod tests;
