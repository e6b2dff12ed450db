//! Names and hardware addresses of interfaces.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// The name of a Linux interface: 1 to 15 bytes of letters, digits and `._-`, not `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceName(String);

/// A 48-bit hardware address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress([u8; 6]);

/// Why a text is not the name or the address of an interface.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InterfaceError {
    /// Not a name.
    #[error("`{0}` is not an interface name: 1 to 15 letters, digits and `._-`")]
    Name(String),
    /// Not a unicast hardware address.
    #[error("`{0}` is not a unicast MAC address such as `52:54:00:12:34:56`")]
    Mac(String),
}

impl FromStr for InterfaceName {
    type Err = InterfaceError;

    fn from_str(text: &str) -> Result<Self, InterfaceError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let fits = (1..=15).contains(&text.len()) && text.bytes().all(plain);
        // A hyphen in front would be an option of `ip`.
        if !fits || matches!(text, "." | "..") || text.starts_with('-') {
            return Err(InterfaceError::Name(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl InterfaceName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for InterfaceName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromStr for MacAddress {
    type Err = InterfaceError;

    fn from_str(text: &str) -> Result<Self, InterfaceError> {
        let octet = |part: &str| {
            let hex = part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
            hex.then(|| u8::from_str_radix(part, 16).ok()).flatten()
        };
        let octets: Option<Vec<u8>> = text.split(':').map(octet).collect();
        let octets: Option<[u8; 6]> = octets.and_then(|octets| octets.try_into().ok());
        match octets {
            // The lowest bit of the first octet marks a group, which no interface has.
            Some(octets) if octets[0] & 1 == 0 && octets != [0; 6] => Ok(Self(octets)),
            _ => Err(InterfaceError::Mac(text.to_owned())),
        }
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Serialize for MacAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
