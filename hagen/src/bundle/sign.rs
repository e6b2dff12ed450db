//! Signatures in minisign's format, that the plain `minisign` tool verifies.
//!
//! Deterministic: RFC 8032 without added noise, and a trusted comment that names the bundle instead of a time,
//! so the same key and the same bundle give the same bytes. (The `minisign` crate adds noise to every
//! signature; it is used for reading key files only.)

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use blake2::{Blake2b512, Digest as _};
use ct_codecs::{Base64, Decoder, Encoder};
use minisign::SecretKeyBox;
use thiserror::Error;

use super::manifest::{BundleId, MANIFEST, Manifest};

/// First line of every signature. It is not covered by the signature, hence it says nothing.
const UNTRUSTED_COMMENT: &str = "untrusted comment: hagen bundle signature";
/// Beginning of the third line, which is covered.
const TRUSTED_COMMENT: &str = "trusted comment: ";
/// Algorithm id of a signature over the BLAKE2b-512 digest of the file.
const PREHASHED: [u8; 2] = *b"ED";
/// Where the kind of encryption, the key id and the Ed25519 key are in a decoded secret key file.
const KDF: std::ops::Range<usize> = 2..4;
const SECRET_KEY_ID: std::ops::Range<usize> = 54..62;
const SECRET_KEY: std::ops::Range<usize> = 62..126;

/// Why a key cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("reading the key `{path}`")]
    Read {
        /// The key file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("`{path}` is not a usable minisign {kind} key: {reason}")]
    Format {
        /// The key file.
        path: PathBuf,
        /// `secret` or `public`.
        kind: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The password cannot be had.
    #[error("asking for the password of `{path}`")]
    Password {
        /// The key file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Id of a key pair, as `minisign` prints it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId([u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", u64::from_le_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A secret key, ready to sign.
pub struct SigningKey {
    id: KeyId,
    secret: ed25519_compact::SecretKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// Reads a secret key file of `minisign -G`. `password` is called only when the key is encrypted; a key
    /// made with `-W` is not.
    ///
    /// # Errors
    /// When the file cannot be read, is no secret key, or the password is wrong.
    pub fn read(path: &Path, password: impl FnOnce() -> io::Result<String>) -> Result<Self, KeyError> {
        let text = read(path)?;
        let format = |reason: String| KeyError::Format { path: path.to_owned(), kind: "secret", reason };
        let invalid = |_| format("it is not base64 in the second line of the file".to_owned());
        let encoded = text.lines().nth(1).unwrap_or_default();
        let decoded = Base64::decode_to_vec(encoded, None).map_err(invalid)?;
        let bytes = if decoded.get(KDF).is_some_and(|algorithm| algorithm == [0, 0]) {
            decoded
        } else {
            let ask = |source| KeyError::Password { path: path.to_owned(), source };
            let opened = SecretKeyBox::from(text).into_secret_key(Some(password().map_err(ask)?));
            opened.map_err(|error| format(error.to_string()))?.to_bytes()
        };
        let (id, secret) = (bytes.get(SECRET_KEY_ID), bytes.get(SECRET_KEY));
        let id = id.and_then(|id| id.try_into().ok()).map(KeyId);
        let secret = secret.and_then(|secret| ed25519_compact::SecretKey::from_slice(secret).ok());
        let (Some(id), Some(secret)) = (id, secret) else {
            return Err(format("it is too short".to_owned()));
        };
        // The tool leaves the checksum of a key without password empty; but the key's halves must fit.
        let pair = ed25519_compact::KeyPair::try_from_seed(secret.seed());
        if !pair.is_ok_and(|pair| pair.sk == secret) {
            return Err(format("it is damaged".to_owned()));
        }
        Ok(Self { id, secret })
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The text of `manifest.json.minisig`.
    pub(crate) fn sign(
        &self,
        manifest: &Manifest,
        manifest_bytes: &[u8],
    ) -> Result<String, ct_codecs::Error> {
        let comment = trusted_comment(manifest.id, &manifest.node);
        let signature = self.secret.sign(Blake2b512::digest(manifest_bytes), None);
        let both = [signature.as_ref(), comment.as_bytes()].concat();
        let global = self.secret.sign(both, None);
        let line = [&PREHASHED[..], &self.id.0, signature.as_ref()].concat();
        Ok(format!(
            "{UNTRUSTED_COMMENT}\n{}\n{TRUSTED_COMMENT}{comment}\n{}\n",
            Base64::encode_to_string(line)?,
            Base64::encode_to_string(global.as_ref())?,
        ))
    }

    /// Length of what [`SigningKey::sign`] gives; it depends on the node's name alone.
    pub(crate) fn signature_len(manifest: &Manifest) -> usize {
        let comment = trusted_comment(manifest.id, &manifest.node).len();
        // 74 and 64 bytes in base64 are 100 and 88 characters; four line ends.
        UNTRUSTED_COMMENT.len() + 100 + TRUSTED_COMMENT.len() + comment + 88 + 4
    }
}

/// A public key, ready to verify.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    id: KeyId,
    public: minisign_verify::PublicKey,
}

impl VerifyingKey {
    /// Reads a public key file of `minisign -G`: the whole file, or its second line alone.
    ///
    /// # Errors
    /// When the file cannot be read or is no public key.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = read(path)?;
        let encoded = text.lines().nth(1).or_else(|| text.lines().next()).unwrap_or_default().trim();
        let format = |reason: String| KeyError::Format { path: path.to_owned(), kind: "public", reason };
        let public =
            minisign_verify::PublicKey::from_base64(encoded).map_err(|error| format(error.to_string()))?;
        let decoded = Base64::decode_to_vec(encoded, None).map_err(|error| format(error.to_string()))?;
        let id = decoded.get(2..10).and_then(|id| id.try_into().ok()).map(KeyId);
        let id = id.ok_or_else(|| format("it is too short".to_owned()))?;
        Ok(Self { id, public })
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        self.id
    }
}

/// What is wrong with a signature.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignatureFault {
    /// The four lines are not spelled as they are written.
    #[error("it is not a signature that hagen writes for this bundle")]
    Spelling,
    /// It names another key than the manifest.
    #[error("it is by key {found}, and the manifest names {expected}")]
    Signer {
        /// The key id in the signature.
        found: String,
        /// The key id in the manifest.
        expected: String,
    },
    /// The key at hand is another one.
    #[error("it is by key {found}, and the key at hand is {expected}")]
    OtherKey {
        /// The key id in the signature.
        found: String,
        /// The id of the key at hand.
        expected: String,
    },
    /// The signature does not fit the manifest and the key.
    #[error("it does not fit the manifest: the manifest is not what the key's owner signed")]
    Wrong,
}

/// Checks the spelling of a signature, that it is by the key that the manifest names, and, with a key, that it
/// is good.
pub(crate) fn check(
    text: &[u8],
    manifest: &Manifest,
    manifest_bytes: &[u8],
    key: Option<&VerifyingKey>,
) -> Result<(), SignatureFault> {
    use SignatureFault::{OtherKey, Signer, Spelling, Wrong};

    let text = std::str::from_utf8(text).map_err(|_| Spelling)?;
    let comment = trusted_comment(manifest.id, &manifest.node);
    let lines = text.split('\n').collect::<Vec<_>>();
    let [untrusted, signature, trusted, global, ""] = lines[..] else {
        return Err(Spelling);
    };
    if untrusted != UNTRUSTED_COMMENT || trusted.strip_prefix(TRUSTED_COMMENT) != Some(&*comment) {
        return Err(Spelling);
    }
    let decoded = decode::<74>(signature).ok_or(Spelling)?;
    decode::<64>(global).ok_or(Spelling)?;
    if decoded[..2] != PREHASHED {
        return Err(Spelling);
    }
    let id = decoded[2..10].try_into().map(KeyId).map_err(|_| Spelling)?;
    if manifest.signer.as_deref() != Some(&*id.to_string()) {
        let expected = manifest.signer.clone().unwrap_or_default();
        return Err(Signer { found: id.to_string(), expected });
    }
    let Some(key) = key else { return Ok(()) };
    if id != key.id {
        return Err(OtherKey { found: id.to_string(), expected: key.id.to_string() });
    }
    let signature = minisign_verify::Signature::decode(text).map_err(|_| Spelling)?;
    key.public.verify(manifest_bytes, &signature, false).map_err(|_| Wrong)
}

/// What the signature says beside the manifest's digest; covered by the key.
fn trusted_comment(id: BundleId, node: &str) -> String {
    format!("file:{MANIFEST}\thagen bundle {id} for {node}")
}

/// Base64 of exactly so many bytes, in its one spelling.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = Base64::decode_to_vec(text, None).ok()?;
    let spelled = Base64::encode_to_string(&bytes).ok()?;
    bytes.try_into().ok().filter(|_| spelled == text)
}

fn read(path: &Path) -> Result<String, KeyError> {
    std::fs::read_to_string(path).map_err(|source| KeyError::Read { path: path.to_owned(), source })
}
