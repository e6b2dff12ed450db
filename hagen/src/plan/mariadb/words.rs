//! Names that end up in SQL or in an option file.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::Ipv4Net;
use serde::Serialize;
use thiserror::Error;

/// Why a text is not one of these words.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WordError {
    /// Not an account or database name.
    #[error("`{0}` is not a name of 1 to 32 letters, digits, `_`, `-` or `.`")]
    AccountName(String),
    /// An account that belongs to the server.
    #[error("the account `{0}` belongs to the server and stays local")]
    Reserved(String),
    /// Not the name of a setting.
    #[error("`{0}` is not the name of a setting: lower-case letters, digits, `_` and `-`")]
    SettingName(String),
}

/// Name of an account or of a database: 1 to 32 letters, digits, `_`, `-` and `.`, and none of the
/// server's own accounts. MariaDB allows 80 bytes, other tools 32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AccountName(String);

impl AccountName {
    const RESERVED: [&str; 5] = ["root", "mysql", "mariadb.sys", "debian-sys-maint", "PUBLIC"];

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
        if text.is_empty() || text.len() > 32 || !text.bytes().all(plain) {
            return Err(WordError::AccountName(text.to_owned()));
        }
        if Self::RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(text)) {
            return Err(WordError::Reserved(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Where the clients of an account stand. Names are not resolved (`skip_name_resolve`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum AccountHost {
    /// One address.
    Address(IpAddr),
    /// An IPv4 network. MariaDB has no netmask for IPv6: list the addresses instead.
    Network(Ipv4Net),
}

impl fmt::Display for AccountHost {
    /// The host part of an account, `10.0.0.1` or `10.0.0.0/255.255.255.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Network(net) => write!(f, "{}/{}", net.network(), net.netmask()),
        }
    }
}

/// Name of a setting in its canonical form, with `_` between the words: `max_connections`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SettingName(String);

impl SettingName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SettingName {
    type Err = WordError;
    /// Takes `max-connections` and `max_connections`; both are the same setting.
    fn from_str(text: &str) -> Result<Self, WordError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
        let fits =
            text.len() <= 64 && text.bytes().all(plain) && text.starts_with(|c: char| c.is_ascii_lowercase());
        if fits { Ok(Self(text.replace('-', "_"))) } else { Err(WordError::SettingName(text.to_owned())) }
    }
}
