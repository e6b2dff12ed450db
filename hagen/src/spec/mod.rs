//! What was written: the document `cluster.yaml`, `apiVersion: hagen/v1`, as types.
//!
//! Knows the keys, their forms and their defaults. Knows nothing of how they fit together:
//! that is [`crate::topology`].

mod bootstrap;
mod cloudpods;
mod database;
mod document;
mod kubernetes;
mod node;
mod rainbond;
mod vip;
mod volume;
pub mod words;
mod zone;

pub use bootstrap::*;
pub use cloudpods::*;
pub use database::*;
pub use document::*;
pub use kubernetes::*;
pub use node::*;
pub use rainbond::*;
pub use vip::*;
pub use volume::*;
pub use words::*;
pub use zone::*;

#[cfg(test)]
mod tests;
