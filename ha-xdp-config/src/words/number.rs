//! Words that are numbers or ranges of numbers.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

/// The port of a service: one port, or every port of the address. Written as a number or as `any`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServicePort {
    /// Every port for which no other service of the address is named; the port is never translated.
    Any,
    /// One port.
    One(NonZeroU16),
}

/// A port that is neither 1 to 65535 nor `any`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("port `{0}` is not in 1..=65535 and not `any`")]
pub struct ServicePortError(String);

impl ServicePort {
    /// The port, unless it is every port.
    pub fn one(self) -> Option<NonZeroU16> {
        match self {
            Self::Any => None,
            Self::One(port) => Some(port),
        }
    }

    fn number<N: fmt::Display + Copy + TryInto<u16>>(number: N) -> Result<Self, ServicePortError> {
        let narrow: Option<u16> = number.try_into().ok();
        narrow.and_then(NonZeroU16::new).map(Self::One).ok_or_else(|| ServicePortError(number.to_string()))
    }
}

impl FromStr for ServicePort {
    type Err = ServicePortError;

    fn from_str(text: &str) -> Result<Self, ServicePortError> {
        if text == "any" {
            return Ok(Self::Any);
        }
        match decimal(text) {
            Some(number) => Self::number(number),
            None => Err(ServicePortError(text.to_owned())),
        }
    }
}

impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::One(port) => port.fmt(f),
        }
    }
}

impl Serialize for ServicePort {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => serializer.serialize_str("any"),
            Self::One(port) => serializer.serialize_u16(port.get()),
        }
    }
}

impl<'de> Deserialize<'de> for ServicePort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrAny;

        impl Visitor<'_> for NumberOrAny {
            type Value = ServicePort;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port in 1..=65535 or `any`")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ServicePort, E> {
                ServicePort::number(number).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ServicePort, E> {
                ServicePort::number(number).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ServicePort, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberOrAny)
    }
}

macro_rules! range {
    ($(#[$doc:meta])* $range:ident, $error:ident, $message:literal, $least:literal, $most:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $range {
            first: u16,
            last: u16,
        }

        /// Why a text is not such a range.
        #[derive(Clone, Debug, Error, PartialEq, Eq)]
        #[error($message)]
        pub struct $error(String);

        impl $range {
            /// A range from `first` to `last`, both included.
            ///
            /// # Errors
            /// When the range is empty or leaves its bounds.
            pub fn new(first: u16, last: u16) -> Result<Self, $error> {
                if first <= last && ($least..=$most).contains(&first) && ($least..=$most).contains(&last) {
                    Ok(Self { first, last })
                } else {
                    Err($error(format!("{first}-{last}")))
                }
            }

            /// The first number.
            pub fn first(self) -> u16 {
                self.first
            }

            /// The last number, included.
            pub fn last(self) -> u16 {
                self.last
            }

            /// Whether a number lies in the range.
            pub fn contains(self, number: u16) -> bool {
                (self.first..=self.last).contains(&number)
            }
        }

        impl FromStr for $range {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                let wrong = || $error(text.to_owned());
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                let number = |t| decimal(t).and_then(|n| u16::try_from(n).ok()).ok_or_else(wrong);
                Self::new(number(first)?, number(last)?).map_err(|_| wrong())
            }
        }

        impl TryFrom<String> for $range {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$range> for String {
            fn from(range: $range) -> Self {
                range.to_string()
            }
        }

        impl fmt::Display for $range {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}-{}", self.first, self.last)
            }
        }
    };
}

range!(
    /// The ports that source NAT may use, such as `32768-65535`.
    PortRange,
    PortRangeError,
    "`{0}` is not a range of ports from 1024 to 65535, such as `32768-65535`",
    1024,
    65_535
);

range!(
    /// The status codes that a probe takes for healthy, such as `200-299`.
    StatusRange,
    StatusRangeError,
    "`{0}` is not a range of HTTP status codes from 100 to 599, such as `200-299`",
    100,
    599
);

impl PortRange {
    /// The upper half of all ports: above what services listen on.
    pub const UPPER_HALF: Self = Self { first: 32_768, last: 65_535 };
}

impl StatusRange {
    /// 200 and nothing else.
    pub const OK: Self = Self { first: 200, last: 200 };

    /// Success, or a redirection to where success is.
    pub const SUCCESS: Self = Self { first: 200, last: 399 };
}

/// A plain decimal number: digits only, no sign, no leading zero.
fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}
