//! Descriptions that other installers read → a commented `cluster.yaml`.
//!
//! An import is tolerant: what it does not know becomes a warning with its place and a comment in the
//! document, never silence. What the source does not say is left for the reader, or assumed and marked. A
//! password of the source becomes a reference; its value is in no output, messages included.

mod common;
mod dce;
mod mask;
mod ocboot;
mod out;
mod reader;
#[cfg(test)]
mod tests;

use crate::problem::{Problems, Source};
use crate::yaml::{self, Node};

pub use dce::DceDocument;
pub use ocboot::OcbootInventory;

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The text of `cluster.yaml`; absent when a problem is an error.
    pub document: Option<String>,
    /// What was wrong, assumed or left out, with places in [`Imported::source`].
    pub problems: Problems,
    /// The source without the values of its secrets, for messages.
    pub source: Source,
}

/// A `clusterConfig.yaml` of DCE 5.0, v1alpha3 or v1alpha4: the original's (`bootstrapNode` is a domain), or the
/// only one.
pub fn dce(source: &Source) -> Imported {
    import(source, |node, cx| DceDocument::read(node, cx).map(|document| dce::write(&document, None, cx)))
}

/// The original's `clusterConfig.yaml` together with that of its standby (`bootstrapNode` is an address). The
/// places of problems are those of the original's; the standby's file must be sound.
///
/// # Errors
/// When the standby's file has errors: its own import.
pub fn dce_pair(original: &Source, standby: &Source) -> Result<Imported, Box<Imported>> {
    let mut second = None;
    let alone = import(standby, |node, cx| {
        second = DceDocument::read(node, cx);
        Some(String::new())
    });
    match second {
        Some(second) if !alone.problems.has_errors() => Ok(import(original, |node, cx| {
            DceDocument::read(node, cx).map(|document| dce::write(&document, Some(&second), cx))
        })),
        _ => Err(Box::new(alone)),
    }
}

/// An inventory of Cloudpods' ocboot.
pub fn ocboot(source: &Source) -> Imported {
    import(source, |node, cx| OcbootInventory::read(node, cx).map(|inventory| ocboot::write(&inventory, cx)))
}

fn import(source: &Source, read: impl FnOnce(&Node, &mut reader::Cx) -> Option<String>) -> Imported {
    let node = match yaml::parse(&source.text) {
        Ok(node) => node,
        Err(problems) => {
            // No tree, no places of secrets: whatever looks like one is hidden.
            let source = Source { name: source.name.clone(), text: mask::lines(&source.text) };
            return Imported { document: None, problems, source };
        }
    };
    let mut cx = reader::Cx::default();
    let document = read(&node, &mut cx);
    let text = mask::spans(&mask::lines(&source.text), &cx.secrets);
    cx.problems.sort();
    let document = document.filter(|_| !cx.problems.has_errors());
    Imported { document, problems: cx.problems, source: Source { name: source.name.clone(), text } }
}
