//! The letter's own words: names, interface names, paths, times, port ranges.
//!
//! Each is proven when it is made, so that whoever reads a letter need not look twice. None of them can
//! hold a line break, a quote or another character that a file format or a log line would stumble over.

mod number;
mod text;

pub use number::{PortRange, PortRangeError, ServicePort, ServicePortError, StatusRange, StatusRangeError};
pub use text::{
    AbsolutePath, Fingerprint, HostName, HttpPath, InterfaceName, Millis, MillisError, Name, WordError,
};

#[cfg(test)]
mod tests;
