//! Words that are texts, and times written with their unit.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::PATH_BYTES_MAX;

/// Why a text is not the word that it should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{text:?} is not {what}")]
pub struct WordError {
    text: String,
    what: &'static str,
}

macro_rules! word {
    ($(#[$doc:meta])* $word:ident, $what:literal, $proof:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $word(String);

        impl $word {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $word {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, WordError> {
                let proof: fn(&str) -> bool = $proof;
                if proof(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(WordError { text: text.to_owned(), what: $what })
                }
            }
        }

        impl TryFrom<String> for $word {
            type Error = WordError;

            fn try_from(text: String) -> Result<Self, WordError> {
                text.parse()
            }
        }

        impl From<$word> for String {
            fn from(word: $word) -> Self {
                word.0
            }
        }

        impl fmt::Display for $word {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word!(
    /// The name of a node, group, service or backend: up to 192 lower-case letters, digits, `-` and `.`,
    /// beginning and ending with a letter or digit. Long enough for two labels of RFC 1123 and
    /// a word, with dots between them.
    Name,
    "a name (1 to 192 lower-case letters, digits, `-` and `.`, beginning and ending with a letter or digit)",
    |text| {
        let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        let bytes = text.as_bytes();
        bytes.len() <= 192 && edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(|b| inner(*b))
    }
);

word!(
    /// The name of a network interface: what the kernel takes (15 bytes), without what shells and
    /// configuration files treat specially.
    InterfaceName,
    "an interface name (1 to 15 letters, digits, `-`, `_`, `.`, `:` and `@`)",
    |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:@".contains(&b);
        (1..=15).contains(&text.len()) && text.bytes().all(plain)
    }
);

word!(
    /// An absolute path without empty, `.` or `..` components.
    AbsolutePath,
    "an absolute path (letters, digits and `-_.+:@=,%~`, without `.` and `..`)",
    |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.+:@=,%~/".contains(&b);
        text.len() <= PATH_BYTES_MAX
            && text.bytes().all(plain)
            && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|c| !matches!(c, "" | "." | "..")))
    }
);

impl AbsolutePath {
    /// A constant of this crate; the tests prove each.
    pub(crate) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

word!(
    /// The path of an HTTP probe, with an optional query.
    HttpPath,
    "an HTTP path (`/`, then printable ASCII without spaces, quotes and `#`; at most 1024 bytes)",
    |text| {
        text.len() <= 1024
            && text.starts_with('/')
            && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`\\#".contains(&b))
    }
);

word!(
    /// A host name as a certificate or a `Host` header carries it (RFC 1123), or an address.
    HostName,
    "a host name (letters, digits, `-` and `.`; at most 253 bytes) or an address",
    |text| {
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        let name = text.len() <= 253 && text.split('.').all(label);
        name || text.parse::<std::net::IpAddr>().is_ok()
    }
);

word!(
    /// The SHA-256 digest of a certificate in DER form: 64 lower-case hexadecimal digits.
    Fingerprint,
    "a SHA-256 fingerprint (64 lower-case hexadecimal digits, as `openssl x509 -outform DER | sha256sum` prints)",
    |text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
);

/// A time in milliseconds. Written with its unit: `250ms`, `2s`, `5m`, `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Millis(u32);

/// Why a text is not a time.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MillisError {
    /// No unit, or not a whole number.
    #[error("`{0}` is not a time; write a whole number and `ms`, `s`, `m` or `h`, such as `250ms` or `2s`")]
    Form(String),
    /// More than 32 bits of milliseconds.
    #[error("`{0}` is longer than 1193 hours")]
    Long(String),
}

impl Millis {
    /// Wraps a number of milliseconds.
    pub const fn new(milliseconds: u32) -> Self {
        Self(milliseconds)
    }

    /// Wraps a number of seconds; at most 49 days.
    pub const fn seconds(seconds: u16) -> Self {
        Self(seconds as u32 * 1000)
    }

    /// The number of milliseconds.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The same time for arithmetic with clocks.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0 as u64)
    }
}

impl FromStr for Millis {
    type Err = MillisError;

    fn from_str(text: &str) -> Result<Self, MillisError> {
        let form = || MillisError::Form(text.to_owned());
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(form)?;
        let (digits, unit) = text.split_at(unit_at);
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(form());
        }
        let factor: u32 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(form()),
        };
        let number: Option<u32> = digits.parse().ok();
        number.and_then(|n| n.checked_mul(factor)).map(Self).ok_or_else(|| MillisError::Long(text.to_owned()))
    }
}

impl TryFrom<String> for Millis {
    type Error = MillisError;

    fn try_from(text: String) -> Result<Self, MillisError> {
        text.parse()
    }
}

impl From<Millis> for String {
    fn from(time: Millis) -> Self {
        time.to_string()
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0s"),
            n if n.is_multiple_of(3_600_000) => write!(f, "{}h", n / 3_600_000),
            n if n.is_multiple_of(60_000) => write!(f, "{}m", n / 60_000),
            n if n.is_multiple_of(1000) => write!(f, "{}s", n / 1000),
            n => write!(f, "{n}ms"),
        }
    }
}
