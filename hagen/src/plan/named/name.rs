//! Domain names as values: absolute, lower case, without the final dot.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::spec::{DomainName, Name, RecordName};

/// An absolute domain name in lower case without the final dot. Labels have 1 to 63 bytes of letters,
/// digits, `-` and `_`, and do not begin or end with `-`; the first label may be `*`; the whole has at
/// most 253 bytes (RFC 1035 §2.3.4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(String);

/// Why a text is not a [`DnsName`].
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DnsNameError {
    /// Empty or longer than 253 bytes.
    #[error("a name of {0} bytes; 1 to 253 are allowed")]
    Length(usize),
    /// A label that is empty, too long or has a byte that is not allowed.
    #[error("`{0}` is not a label: 1 to 63 lower-case letters, digits, `_` and inner `-`")]
    Label(String),
}

fn is_label(label: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=63).contains(&label.len())
        && label.bytes().all(plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl From<&Name> for DnsName {
    fn from(name: &Name) -> Self {
        Self(name.to_string())
    }
}

impl From<&DomainName> for DnsName {
    fn from(domain: &DomainName) -> Self {
        Self(domain.to_string())
    }
}

impl DnsName {
    /// The name of a record of a zone. Both are of the grammar; only BIND can tell that they are too
    /// long together.
    pub fn of_record(zone: &DomainName, record: &RecordName) -> Self {
        match record.as_str() {
            "@" => Self(zone.to_string()),
            below => Self(format!("{below}.{zone}")),
        }
    }

    /// Whether the name is `zone` itself or below it.
    pub fn is_within(&self, zone: &Self) -> bool {
        self.below(zone).is_some()
    }

    /// The name as it is written inside a zone: `@` for the zone itself; none outside the zone.
    pub fn below(&self, zone: &Self) -> Option<&str> {
        if self == zone {
            return Some("@");
        }
        self.0.strip_suffix(zone.as_str())?.strip_suffix('.')
    }

    /// The name of a label below this name.
    ///
    /// # Errors
    /// When the label is not one, or the name grows too long.
    pub fn child(&self, label: &str) -> Result<Self, DnsNameError> {
        format!("{label}.{self}").parse()
    }

    /// The owner name of an address's PTR record (RFC 1035 §3.5, RFC 3596 §2.5).
    pub fn reverse_of(address: IpAddr) -> Self {
        Self(reverse_labels(address).join(".") + suffix(address))
    }

    /// The address whose PTR record this name owns; the inverse of [`DnsName::reverse_of`].
    pub fn reversed_address(&self) -> Option<IpAddr> {
        if let Some(octets) = self.0.strip_suffix(".in-addr.arpa") {
            let mut labels: Vec<&str> = octets.split('.').collect();
            labels.reverse();
            return labels.join(".").parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4);
        }
        let nibbles = self.0.strip_suffix(".ip6.arpa")?;
        let labels: Vec<&str> = nibbles.split('.').rev().collect();
        if labels.len() != 32 || labels.iter().any(|label| label.len() != 1) {
            return None;
        }
        u128::from_str_radix(&labels.concat(), 16).ok().map(|bits| IpAddr::V6(bits.into()))
    }

    /// The text, without the final dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub(super) fn suffix(address: IpAddr) -> &'static str {
    if address.is_ipv4() { ".in-addr.arpa" } else { ".ip6.arpa" }
}

/// The labels of a reverse name, the most specific first: octets of IPv4, nibbles of IPv6.
pub(super) fn reverse_labels(address: IpAddr) -> Vec<String> {
    match address {
        IpAddr::V4(v4) => v4.octets().iter().rev().map(u8::to_string).collect(),
        IpAddr::V6(v6) => {
            let nibbles = v6.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 15]);
            nibbles.rev().map(|nibble| format!("{nibble:x}")).collect()
        }
    }
}

impl FromStr for DnsName {
    type Err = DnsNameError;

    fn from_str(text: &str) -> Result<Self, DnsNameError> {
        if text.is_empty() || text.len() > 253 {
            return Err(DnsNameError::Length(text.len()));
        }
        let labels = text.strip_prefix("*.").unwrap_or(text);
        match labels.split('.').find(|label| !is_label(label)) {
            Some(label) => Err(DnsNameError::Label(label.to_owned())),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for DnsName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
