//! The letter between hagen and ha-xdp: `/etc/ha-xdp/config.yaml`.
//!
//! hagen writes it and ha-xdp reads it; both prove it with the code of this crate, so that a bundle that
//! was sealed is a bundle that the daemon takes. [`Document`] is what was written, [`Config`] is what is
//! true: there is no way to hold a [`Config`] whose parts contradict each other.
//!
//! Knows no file, socket or map: whoever calls reads the text and the files that it names.

pub mod limits;

mod document;
mod group;
mod locate;
mod problem;
mod service;
mod validate;
mod words;

use std::ops::Deref;

use serde::Serialize;
use serde_saphyr::Options;

pub use document::{
    ApiVersion, Daemon, Decapsulation, Document, FlowTimeouts, Interface, LocalTraffic, LogFormat, LogLevel,
    Sync, Tables, XdpMode,
};
pub use group::{
    Announce, Checksum, Effect, Group, Owner, Track, TrackedInterface, TrackedProbe, TrackedService,
    Transport, Unicast, Vrrp,
};
pub use problem::{Position, Problem};
pub use service::{
    Affinity, Backend, Check, Forward, HttpProbe, HttpsProbe, Nat, NatSource, Probe, Protocol, Service,
    Through, Trust, WhenAllDown,
};
pub use words::{
    AbsolutePath, Fingerprint, HostName, HttpPath, InterfaceName, Millis, MillisError, Name, PortRange,
    PortRangeError, ServicePort, ServicePortError, StatusRange, StatusRangeError, WordError,
};

/// Where the letter lies on a node.
pub const PATH: &str = "/etc/ha-xdp/config.yaml";

/// A letter that is proven: every value is in its range, and no two contradict each other.
///
/// It reads like a [`Document`] and cannot be changed; to change it, take [`Config::into_document`] and
/// prove the result again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Config(Document);

impl Config {
    /// Proves a document.
    ///
    /// # Errors
    /// All contradictions at once, at most [`limits::PROBLEMS_MAX`], without positions.
    pub fn new(document: Document) -> Result<Self, Vec<Problem>> {
        let problems = validate::problems(&document);
        if problems.is_empty() { Ok(Self(document)) } else { Err(problems) }
    }

    /// Reads and proves a letter.
    ///
    /// # Errors
    /// What the YAML parser refuses (syntax, unknown or duplicate key, a value of the wrong type or
    /// outside its range) is reported by itself, because the rest cannot be judged; otherwise all
    /// contradictions at once. Every problem has a position if one can be found.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        if text.len() > limits::FILE_BYTES_MAX {
            let message = format!("{} bytes; at most {} are read", text.len(), limits::FILE_BYTES_MAX);
            return Err(vec![Problem { path: String::new(), position: None, message, help: String::new() }]);
        }
        let document: Document =
            serde_saphyr::from_str_with_options(text, reading()).map_err(|e| vec![refusal(&e)])?;
        Self::new(document).map_err(|mut problems| {
            let places = locate::Places::of(text);
            for problem in &mut problems {
                problem.position = places.find(&problem.path);
            }
            problems.sort_by_key(|p| p.position);
            problems
        })
    }

    /// Writes the letter, so that [`Config::parse`] of the text is this letter again.
    ///
    /// # Errors
    /// When the serialiser fails, or what it wrote does not read back as this letter.
    pub fn to_yaml(&self) -> Result<String, Vec<Problem>> {
        let fault = |message: String| {
            vec![Problem { path: String::new(), position: None, message, help: String::new() }]
        };
        let text = serde_saphyr::to_string(&self.0).map_err(|e| fault(e.to_string()))?;
        match Self::parse(&text) {
            Ok(read) if read == *self => Ok(text),
            Ok(_) => Err(fault("what was written reads back as another letter".to_owned())),
            Err(problems) => Err(problems),
        }
    }

    /// The document, to be changed and proven again.
    pub fn into_document(self) -> Document {
        self.0
    }
}

impl Deref for Config {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.0
    }
}

impl TryFrom<Document> for Config {
    type Error = Vec<Problem>;

    fn try_from(document: Document) -> Result<Self, Vec<Problem>> {
        Self::new(document)
    }
}

/// The parser's bounds: enough for the largest letter that the limits allow, and no anchors, which would
/// let a small text become a large document.
fn reading() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 4_000_000,
            max_nodes: 4_000_000,
            max_aliases: 0,
            max_anchors: 0,
            max_depth: 32,
            max_documents: 1,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}

fn refusal(error: &serde_saphyr::Error) -> Problem {
    let position = error.location().map(|at| Position {
        line: u32::try_from(at.line()).unwrap_or(u32::MAX),
        column: u32::try_from(at.column()).unwrap_or(u32::MAX),
    });
    let mut message = error.without_snippet().to_string();
    // The position has a field of its own.
    if let Some(at) = message.rfind(" at line ") {
        message.truncate(at);
    }
    // What the standard types say about themselves is not what a person wants to hear.
    for (said, meant) in [
        ("invalid u8", "not a whole number from 0 to 255"),
        ("invalid u16", "not a whole number from 0 to 65535"),
        ("invalid u32", "not a whole number from 0 to 4294967295"),
        (
            "invalid IP address syntax",
            "not an address; where a prefix length is wanted too, write both, such as `10.0.0.1/24`",
        ),
        ("invalid socket address syntax", "not an address and port, such as `10.0.0.1:3780` or `[::1]:3780`"),
    ] {
        if message == said {
            message = meant.to_owned();
        }
    }
    Problem { path: String::new(), position, message, help: String::new() }
}

#[cfg(test)]
mod tests;
