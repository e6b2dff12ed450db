//! Versions of products: dotted numbers, compared as numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A dotted version such as `9.18.1`, compared number by number; `9.18` is below `9.18.1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    numbers: Vec<u32>,
}

/// Why a text is not a [`Version`].
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a version of one to four numbers with dots between them")]
pub struct VersionError(String);

impl Version {
    /// Whether the version is `lowest.0` or later, by its first two numbers.
    pub fn at_least(&self, lowest: (u32, u32)) -> bool {
        let number = |at: usize| self.numbers.get(at).copied().unwrap_or(0);
        (number(0), number(1)) >= lowest
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?;
        let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
        match numbers {
            Some(numbers) if numbers.len() <= 4 => Ok(Self { numbers }),
            _ => Err(VersionError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.numbers.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            write!(f, "{dot}{number}")?;
        }
        Ok(())
    }
}
