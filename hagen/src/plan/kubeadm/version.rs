//! Versions of Kubernetes.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// A release of Kubernetes 1, such as `1.31.4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    minor: u16,
    patch: u16,
}

/// Why a text is not a [`Version`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum VersionError {
    /// Not three numbers.
    #[error("`{0}` is not a version such as 1.31.4")]
    Form(String),
    /// kubeadm v1beta3 came with 1.22.
    #[error("Kubernetes {0} is older than 1.22")]
    Old(String),
}

impl Version {
    /// Whether this is `1.MINOR.0` or later.
    pub const fn at_least(self, minor: u16) -> bool {
        self.minor >= minor
    }
}

impl FromStr for Version {
    type Err = VersionError;
    /// Takes `1.31.4` and `v1.31.4`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let form = || VersionError::Form(text.to_owned());
        let number = |part: &str| {
            let plain = !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'));
            if plain { part.parse::<u16>().ok() } else { None }
        };
        let parts: Vec<&str> = text.strip_prefix('v').unwrap_or(text).split('.').collect();
        let [major, minor, patch] = parts[..] else { return Err(form()) };
        let (Some(1), Some(minor), Some(patch)) = (number(major), number(minor), number(patch)) else {
            return Err(form());
        };
        if minor < 22 { Err(VersionError::Old(text.to_owned())) } else { Ok(Self { minor, patch }) }
    }
}

impl fmt::Display for Version {
    /// As kubeadm writes it: `v1.31.4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v1.{}.{}", self.minor, self.patch)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
