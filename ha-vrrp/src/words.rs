//! Who a virtual router is and who wins: version, virtual router id, priority, address family.
//!
//! Every type here is proven when it is made; none of them can hold a value that the wire cannot carry.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

/// The priority of the node that owns the virtual router's addresses (RFC 9568 §5.2.4).
pub const OWNER_PRIORITY: u8 = 255;

/// The version field of an advertisement (RFC 9568 §5.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub enum Version {
    /// RFC 3768: IPv4 only, whole seconds, optional clear-text password (RFC 2338).
    V2,
    /// RFC 9568: IPv4 and IPv6, centiseconds, no authentication.
    V3,
}

/// A version number that is neither 2 nor 3.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("VRRP version `{0}` is not 2 or 3")]
pub struct VersionError(String);

impl Version {
    /// The number on the wire.
    pub fn get(self) -> u8 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
        }
    }
}

impl From<Version> for u8 {
    fn from(version: Version) -> Self {
        version.get()
    }
}

impl TryFrom<i64> for Version {
    type Error = VersionError;

    fn try_from(number: i64) -> Result<Self, VersionError> {
        match number {
            2 => Ok(Self::V2),
            3 => Ok(Self::V3),
            other => Err(VersionError(other.to_string())),
        }
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        match text {
            "2" => Ok(Self::V2),
            "3" => Ok(Self::V3),
            other => Err(VersionError(other.to_owned())),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// The address family of a virtual router. IPv4 and IPv6 are two virtual routers even with one id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Family {
    /// IPv4, group 224.0.0.18.
    V4,
    /// IPv6, group ff02::12.
    V6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// The virtual router id (RFC 9568 §5.2.3), 1 to 255, one per family and broadcast domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct VirtualRouterId(NonZeroU8);

/// A virtual router id outside 1 to 255.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("virtual router id `{0}` is not in 1..=255")]
pub struct VirtualRouterIdError(String);

impl VirtualRouterId {
    /// Wraps a number; zero is reserved.
    ///
    /// # Errors
    /// When the number is zero.
    pub fn new(number: u8) -> Result<Self, VirtualRouterIdError> {
        NonZeroU8::new(number).map(Self).ok_or_else(|| VirtualRouterIdError(number.to_string()))
    }

    /// The number on the wire.
    pub fn get(self) -> u8 {
        self.0.get()
    }
}

impl From<VirtualRouterId> for u8 {
    fn from(id: VirtualRouterId) -> Self {
        id.get()
    }
}

impl TryFrom<i64> for VirtualRouterId {
    type Error = VirtualRouterIdError;

    fn try_from(number: i64) -> Result<Self, VirtualRouterIdError> {
        let narrow = u8::try_from(number).map_err(|_| VirtualRouterIdError(number.to_string()))?;
        Self::new(narrow)
    }
}

impl FromStr for VirtualRouterId {
    type Err = VirtualRouterIdError;

    fn from_str(text: &str) -> Result<Self, VirtualRouterIdError> {
        let number = decimal(text).ok_or_else(|| VirtualRouterIdError(text.to_owned()))?;
        Self::try_from(number)
    }
}

impl fmt::Display for VirtualRouterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// The priority of a node that does not own the addresses: 1 to 254, the highest wins (RFC 9568 §5.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct Priority(NonZeroU8);

/// A priority outside 1 to 254.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PriorityError {
    /// 0 on the wire means "I stop being Active"; no node is configured with it.
    #[error("priority 0 is what a node sends when it gives up; write 1..=254")]
    GivesUp,
    /// 255 is the address owner.
    #[error("priority 255 is for the address owner; write 1..=254, or `owner`")]
    Owner,
    /// Anything else.
    #[error("priority `{0}` is not in 1..=254")]
    Range(String),
}

impl Priority {
    /// What RFC 9568 §5.2.4 gives a node that was not told otherwise.
    pub const DEFAULT: Self = Self(match NonZeroU8::new(100) {
        Some(number) => number,
        None => NonZeroU8::MIN,
    });

    /// Wraps a number.
    ///
    /// # Errors
    /// When the number is 0 or 255, which mean something else.
    pub fn new(number: u8) -> Result<Self, PriorityError> {
        match NonZeroU8::new(number) {
            None => Err(PriorityError::GivesUp),
            Some(n) if n.get() == OWNER_PRIORITY => Err(PriorityError::Owner),
            Some(n) => Ok(Self(n)),
        }
    }

    /// The number on the wire.
    pub fn get(self) -> u8 {
        self.0.get()
    }

    /// The priority after tracked objects failed: lowered, but never below 1, because 0 is "gives up".
    #[must_use]
    pub fn lowered_by(self, drop: u8) -> Self {
        let number = self.get().saturating_sub(drop);
        Self(NonZeroU8::new(number).unwrap_or(NonZeroU8::MIN))
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> Self {
        priority.get()
    }
}

impl TryFrom<i64> for Priority {
    type Error = PriorityError;

    fn try_from(number: i64) -> Result<Self, PriorityError> {
        let narrow = u8::try_from(number).map_err(|_| PriorityError::Range(number.to_string()))?;
        Self::new(narrow)
    }
}

impl FromStr for Priority {
    type Err = PriorityError;

    fn from_str(text: &str) -> Result<Self, PriorityError> {
        let number = decimal(text).ok_or_else(|| PriorityError::Range(text.to_owned()))?;
        Self::try_from(number)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// A node's place in the election: a priority, or the ownership of the addresses.
///
/// Written as a number 1 to 254, or as the word `owner`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouterPriority {
    /// One of several that may stand in.
    Backup(Priority),
    /// The addresses are this node's own; it is Active whenever it runs (RFC 9568 §6.4.1).
    Owner,
}

impl RouterPriority {
    /// The number on the wire, 1 to 255.
    pub fn get(self) -> u8 {
        match self {
            Self::Backup(priority) => priority.get(),
            Self::Owner => OWNER_PRIORITY,
        }
    }
}

impl From<Priority> for RouterPriority {
    fn from(priority: Priority) -> Self {
        Self::Backup(priority)
    }
}

impl FromStr for RouterPriority {
    type Err = PriorityError;

    fn from_str(text: &str) -> Result<Self, PriorityError> {
        if text == "owner" { Ok(Self::Owner) } else { text.parse().map(Self::Backup) }
    }
}

impl fmt::Display for RouterPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backup(priority) => priority.fmt(f),
            Self::Owner => f.write_str("owner"),
        }
    }
}

impl Serialize for RouterPriority {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Backup(priority) => priority.serialize(serializer),
            Self::Owner => serializer.serialize_str("owner"),
        }
    }
}

impl<'de> Deserialize<'de> for RouterPriority {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrOwner;

        impl Visitor<'_> for NumberOrOwner {
            type Value = RouterPriority;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a priority in 1..=254 or `owner`")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<RouterPriority, E> {
                Priority::try_from(number).map(RouterPriority::Backup).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<RouterPriority, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RouterPriority, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberOrOwner)
    }
}

/// A plain decimal number: digits only, no sign, no leading zero.
pub(crate) fn decimal(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests;
