//! VRRPv2 and VRRPv3 as values: the words of the protocol, each proven when it is made.
//!
//! Knows RFC 9568 (VRRPv3) and RFC 3768 (VRRPv2, with the text password of RFC 2338 that the installed
//! base still speaks). Refuses to know a clock, a socket, a thread or dice: whoever holds these words
//! decides when to look at the time and how to send a packet.

mod auth;
mod time;
mod words;

pub use auth::{AUTH_PASS_BYTES_MAX, AuthPass, AuthPassError};
pub use time::{
    AdvertisementInterval, Centiseconds, CentisecondsError, IntervalError, V2_INTERVAL_SECONDS_MAX,
    V3_INTERVAL_CENTISECONDS_MAX, active_down_interval, skew_time,
};
pub use words::{
    Family, OWNER_PRIORITY, Priority, PriorityError, RouterPriority, Version, VersionError, VirtualRouterId,
    VirtualRouterIdError,
};
