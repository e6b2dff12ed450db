//! What is true: the document with every reference resolved, every default applied and every rule kept.
//!
//! Holding a [`Topology`] proves that the description is sound; [`Topology::prove`] is the only way to
//! get one. It reports all problems, never only the first.

mod model;
mod resolve;
pub mod rules;
mod waiver;

use std::ops::Deref;

pub use model::*;
pub use waiver::WaivedProblem;

use crate::problem::Problems;
use crate::spec::Document;

/// A proven [`Model`].
#[derive(Clone, Debug)]
pub struct Topology(Model);

impl Topology {
    /// Resolves and checks a document. The topology is there when no problem is an error; warnings and
    /// notes come with it.
    pub fn prove(document: Document) -> (Option<Self>, Problems) {
        let (mut model, mut problems) = resolve::resolve(document);
        let findings = rules::check(&model);
        let (waived, remaining) = waiver::apply(&model.document.waivers, findings);
        model.waived = waived;
        problems.extend(remaining);
        problems.sort();
        let sound = !problems.has_errors();
        (sound.then_some(Self(model)), problems)
    }
}

impl Deref for Topology {
    type Target = Model;
    fn deref(&self) -> &Model {
        &self.0
    }
}

#[cfg(test)]
pub(crate) mod tests;
