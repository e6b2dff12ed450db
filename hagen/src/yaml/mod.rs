//! YAML text as a tree of values that remember their place.
//!
//! Knows the grammar and its traps (tabs, aliases, duplicate keys, sizes); knows no document.

mod decode;
mod parse;
pub mod record;

pub use decode::{Cx, Decode, Fields, Map, Schemas, Spanned, nearest, or_nothing, short, text_schema};
pub use parse::{DOCUMENT_BYTES_MAX, Key, Node, Value, parse};
