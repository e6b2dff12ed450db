//! Secret values: where they are read from, and a wrapper that never prints them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read as _;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::spec::{self, SecretRef};

/// A secret value. `Debug` and `Serialize` do not show it; only [`Secret::expose`] does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself. Whoever calls this writes it only into a file marked as secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("…")
    }
}

/// What the value of a secret must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretKind {
    /// One line of printable text, 1 to 1024 bytes.
    Text,
    /// VRRPv2 password: 1 to 8 letters, digits or `_.-` (RFC 2338 carries 8 bytes; keepalived's grammar
    /// reads white space, quotes, `!` and `#` as its own).
    VrrpPassword,
    /// kubeadm's bootstrap token, `[a-z0-9]{6}.[a-z0-9]{16}`.
    KubeadmToken,
    /// kubeadm's certificate key, 64 hexadecimal digits.
    CertificateKey,
}

impl SecretKind {
    /// Why a value does not fit; the message never holds the value.
    fn refuse(self, value: &str) -> Option<&'static str> {
        let alnum = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        match self {
            SecretKind::Text if value.is_empty() || value.len() > 1024 => Some("1 to 1024 bytes are allowed"),
            SecretKind::Text if value.chars().any(char::is_control) => {
                Some("it must be one line of printable text")
            }
            SecretKind::VrrpPassword if value.is_empty() || value.len() > 8 || !value.bytes().all(plain) => {
                Some("a VRRP password has 1 to 8 letters, digits or `_.-` (VRRP-3)")
            }
            SecretKind::KubeadmToken => {
                let fits = value
                    .split_once('.')
                    .is_some_and(|(id, key)| id.len() == 6 && key.len() == 16 && alnum(id) && alnum(key));
                (!fits).then_some("a kubeadm token is `[a-z0-9]{6}.[a-z0-9]{16}`")
            }
            SecretKind::CertificateKey
                if value.len() != 64 || !value.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Some("a certificate key has 64 hexadecimal digits")
            }
            _ => None,
        }
    }

    /// A value of this form that is no secret, for checks that never leave this machine.
    fn placeholder(self) -> &'static str {
        match self {
            SecretKind::Text => "placeholder",
            SecretKind::VrrpPassword => "placehol",
            SecretKind::KubeadmToken => "abcdef.0123456789abcdef",
            SecretKind::CertificateKey => "00000000000000000000000000000000000000000000000000000000000000ff",
        }
    }
}

/// A secret that cannot be had.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The variable is not set, or not text.
    #[error("the environment variable {0} is not set")]
    Env(String),
    /// The file cannot be read.
    #[error("reading the secret file {path}")]
    File {
        /// Its path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The value has the wrong form.
    #[error("the value of {reference} cannot be used: {reason}")]
    Form {
        /// The reference.
        reference: SecretRef,
        /// Why.
        reason: &'static str,
    },
}

/// The values of all secrets of a document.
#[derive(Clone, Debug)]
pub struct Secrets {
    values: BTreeMap<SecretRef, Secret>,
}

impl Secrets {
    /// Largest secret file, in bytes.
    const FILE_BYTES_MAX: u64 = 64 << 10;

    /// Reads every secret of a document; relative paths start at `folder`. All failures are returned.
    ///
    /// # Errors
    /// When a variable is missing, a file cannot be read, or a value has the wrong form.
    pub fn read(document: &spec::Document, folder: &Path) -> Result<Self, Vec<SecretError>> {
        let mut values = BTreeMap::new();
        let mut errors = vec![];
        for (reference, kind) in references(document) {
            match read_one(&reference, folder) {
                Ok(value) => match kind.refuse(&value) {
                    Some(reason) => errors.push(SecretError::Form { reference, reason }),
                    None => {
                        values.insert(reference, Secret::new(value));
                    }
                },
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(Self { values }) } else { Err(errors) }
    }

    /// Values that have the right form and are no secrets, to check the form of everything else.
    pub fn placeholder(document: &spec::Document) -> Self {
        let values =
            references(document).into_iter().map(|(r, kind)| (r, Secret::new(kind.placeholder()))).collect();
        Self { values }
    }

    /// A digest of all references with their values, so that a bundle's identity changes with a secret.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for (reference, value) in &self.values {
            for text in [reference.to_string().as_str(), value.expose()] {
                digest.update((text.len() as u64).to_be_bytes());
                digest.update(text.as_bytes());
            }
        }
        digest.finalize().into()
    }

    /// The value of a reference of the document that these secrets were read for.
    pub fn value(&self, reference: &SecretRef) -> Secret {
        let value = self.values.get(reference).cloned();
        debug_assert!(value.is_some(), "a reference that `references` does not list: {reference}");
        value.unwrap_or_else(|| Secret::new(""))
    }
}

fn read_one(reference: &SecretRef, folder: &Path) -> Result<String, SecretError> {
    match reference {
        SecretRef::Env(name) => std::env::var(name).map_err(|_| SecretError::Env(name.clone())),
        SecretRef::File(path) => {
            let fail = |source| SecretError::File { path: path.clone(), source };
            let mut text = String::new();
            let file = std::fs::File::open(folder.join(path)).map_err(fail)?;
            file.take(Secrets::FILE_BYTES_MAX).read_to_string(&mut text).map_err(fail)?;
            let line = text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t));
            Ok(line.to_owned())
        }
    }
}

/// Every secret that a document refers to, with what its value must look like.
pub fn references(document: &spec::Document) -> BTreeSet<(SecretRef, SecretKind)> {
    let mut refs = BTreeSet::new();
    let mut kind = |secret: Option<&SecretRef>, kind| refs.extend(secret.cloned().map(|s| (s, kind)));
    kind(document.defaults.ssh.password.as_ref(), SecretKind::Text);
    for (_, node) in &document.nodes {
        kind(node.ssh.as_ref().and_then(|ssh| ssh.password.as_ref()), SecretKind::Text);
    }
    for (_, vip) in &document.vips {
        kind(vip.vrrp.as_ref().and_then(|v| v.password.as_deref()), SecretKind::VrrpPassword);
    }
    for (_, db) in &document.databases {
        kind(Some(&db.password), SecretKind::Text);
        kind(db.replication_password.as_deref(), SecretKind::Text);
    }
    for (_, registry) in &document.registries {
        kind(registry.password.as_ref(), SecretKind::Text);
    }
    if let Some(k) = &document.kubernetes {
        kind(k.token.as_deref(), SecretKind::KubeadmToken);
        kind(k.certificate_key.as_deref(), SecretKind::CertificateKey);
    }
    if let Some(dce) = &document.dce {
        kind(dce.os_repos.external_repo_password.as_ref(), SecretKind::Text);
        kind(dce.images_and_charts.external_image_repo_password.as_ref(), SecretKind::Text);
        kind(dce.images_and_charts.external_chart_repo_password.as_ref(), SecretKind::Text);
        kind(dce.binaries.external_repo_password.as_ref(), SecretKind::Text);
        let m = &dce.external_middlewares;
        for (_, list) in &m.database {
            list.iter().for_each(|db| kind(Some(&db.data_source_name), SecretKind::Text));
        }
        kind(m.elasticsearch.as_ref().and_then(|e| e.password.as_ref()), SecretKind::Text);
        kind(m.kafka.as_ref().and_then(|k| k.password.as_ref()), SecretKind::Text);
        if let Some(s3) = &m.s3_storage {
            kind(Some(&s3.access_key), SecretKind::Text);
            kind(Some(&s3.secret_key), SecretKind::Text);
        }
    }
    refs
}
