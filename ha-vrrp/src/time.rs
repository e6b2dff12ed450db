//! The protocol's times: centiseconds, the advertisement interval, the skew and the active-down interval.
//!
//! Arithmetic only. The results are [`Duration`]s, finer than the centiseconds of the RFC, because at
//! short intervals whole centiseconds would give several priorities the same skew and so the same deadline.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::words::{RouterPriority, Version, decimal};

/// Longest interval of VRRPv3: the field has 12 bits (RFC 9568 §5.2.7).
pub const V3_INTERVAL_CENTISECONDS_MAX: u16 = 4095;
/// Longest interval of VRRPv2: the field has 8 bits of seconds (RFC 3768 §5.3.7).
pub const V2_INTERVAL_SECONDS_MAX: u8 = 255;

/// A time in hundredths of a second. Written with its unit: `1s`, `250ms`, `3cs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Centiseconds(u16);

/// Why a text is not a time in centiseconds.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CentisecondsError {
    /// No unit, or not a number.
    #[error("`{0}` is not a time; write a whole number and `s`, `ms` or `cs`, such as `1s` or `250ms`")]
    Form(String),
    /// Finer than the protocol can say.
    #[error("`{0}` is not a whole number of centiseconds (10 ms)")]
    Fraction(String),
    /// More than 16 bits of centiseconds.
    #[error("`{0}` is longer than 655 s")]
    Long(String),
}

impl Centiseconds {
    /// Wraps a number of centiseconds.
    pub const fn new(centiseconds: u16) -> Self {
        Self(centiseconds)
    }

    /// The number of centiseconds.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The same time for arithmetic with clocks.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0 as u64 * 10)
    }
}

impl FromStr for Centiseconds {
    type Err = CentisecondsError;

    fn from_str(text: &str) -> Result<Self, CentisecondsError> {
        let form = || CentisecondsError::Form(text.to_owned());
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(form)?;
        let (digits, unit) = text.split_at(unit_at);
        let number = decimal(digits).ok_or_else(form)?;
        let centiseconds = match unit {
            "s" => number.checked_mul(100),
            "cs" => Some(number),
            "ms" if number % 10 == 0 => Some(number / 10),
            "ms" => return Err(CentisecondsError::Fraction(text.to_owned())),
            _ => return Err(form()),
        };
        centiseconds
            .and_then(|n| u16::try_from(n).ok())
            .map(Self)
            .ok_or_else(|| CentisecondsError::Long(text.to_owned()))
    }
}

impl TryFrom<String> for Centiseconds {
    type Error = CentisecondsError;

    fn try_from(text: String) -> Result<Self, CentisecondsError> {
        text.parse()
    }
}

impl From<Centiseconds> for String {
    fn from(time: Centiseconds) -> Self {
        time.to_string()
    }
}

impl fmt::Display for Centiseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n % 100 == 0 => write!(f, "{}s", n / 100),
            n => write!(f, "{}ms", u32::from(n) * 10),
        }
    }
}

/// How often the Active node advertises, together with the version that can say so.
///
/// VRRPv2 has whole seconds, 1 to 255; VRRPv3 has centiseconds, 1 to 4095.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct AdvertisementInterval {
    version: Version,
    interval: Centiseconds,
}

/// Why an interval cannot be advertised.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IntervalError {
    /// VRRPv2 counts seconds.
    #[error(
        "VRRP version 2 advertises in whole seconds from 1s to 255s, not {0}; version 3 can say 10ms to 40950ms"
    )]
    V2(Centiseconds),
    /// VRRPv3 has 12 bits of centiseconds.
    #[error("VRRP version 3 advertises every 10ms to 40950ms, not {0}")]
    V3(Centiseconds),
}

impl AdvertisementInterval {
    /// Proves that the version can advertise this interval.
    ///
    /// # Errors
    /// When the interval is zero, too long, or (version 2) not a whole number of seconds.
    pub fn new(version: Version, interval: Centiseconds) -> Result<Self, IntervalError> {
        let n = interval.get();
        match version {
            Version::V2
                if n == 0 || !n.is_multiple_of(100) || n / 100 > u16::from(V2_INTERVAL_SECONDS_MAX) =>
            {
                Err(IntervalError::V2(interval))
            }
            Version::V3 if n == 0 || n > V3_INTERVAL_CENTISECONDS_MAX => Err(IntervalError::V3(interval)),
            _ => Ok(Self { version, interval }),
        }
    }

    /// The version that carries it.
    pub fn version(self) -> Version {
        self.version
    }

    /// The interval.
    pub fn centiseconds(self) -> Centiseconds {
        self.interval
    }

    /// The interval for arithmetic with clocks.
    pub fn duration(self) -> Duration {
        self.interval.duration()
    }
}

impl fmt::Display for AdvertisementInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.interval.fmt(f)
    }
}

/// How much longer a node waits the lower its priority is, so that the next one in line wins.
///
/// VRRPv3 (RFC 9568 §6.1): `(256 − priority) × interval / 256`, of the interval that the Active node
/// advertises. VRRPv2 (RFC 3768 §6.1): `(256 − priority) / 256` seconds, whatever the interval.
pub fn skew_time(interval: AdvertisementInterval, priority: RouterPriority) -> Duration {
    let base = match interval.version() {
        Version::V2 => Duration::from_secs(1),
        Version::V3 => interval.duration(),
    };
    base * (256 - u32::from(priority.get())) / 256
}

/// How long a Backup hears nothing before it declares the Active node down: three intervals and the skew
/// (RFC 9568 §6.1, RFC 3768 §6.1).
pub fn active_down_interval(interval: AdvertisementInterval, priority: RouterPriority) -> Duration {
    interval.duration() * 3 + skew_time(interval, priority)
}

#[cfg(test)]
mod tests;
