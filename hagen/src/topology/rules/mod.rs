//! The rules that a description keeps, each with its reason.
//!
//! A check only looks; it never repairs. What a rule says about rendered files holds by construction and
//! is tested on every example; [`Rule::check`] is then absent and [`Rule::why`] says so.

mod addresses;
mod balancers;
mod catalogue;
mod data;
mod names;
mod platforms;
mod quorum;
mod vrrp;

use serde::Serialize;

use super::Model;
use crate::problem::{Problem, Severity};

/// One rule.
#[derive(Clone, Copy, Serialize)]
pub struct Rule {
    /// Stable id, such as `VIP-1`.
    pub id: &'static str,
    /// Severity of its findings; a rule may also give milder ones.
    pub severity: Severity,
    /// What holds, in one sentence.
    pub title: &'static str,
    /// Why, and what happens otherwise.
    pub why: &'static str,
    /// What to write.
    pub fix: &'static str,
    /// Whether `waivers:` may name it.
    pub waivable: bool,
    /// Looks for breaches in the description; absent where the rule holds by construction or while reading.
    #[serde(skip)]
    pub check: Option<fn(&Model, &mut Findings)>,
}

/// A problem that a rule found, and the thing it is about.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Name of the VIP, volume, zone, … as a waiver names it.
    pub subject: String,
    /// The problem.
    pub problem: Problem,
}

/// What the rules found.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    fn push(&mut self, subject: impl ToString, problem: Problem) {
        self.list.push(Finding { subject: subject.to_string(), problem });
    }
}

/// All rules, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    catalogue::RULES.iter()
}

/// A rule by id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}

/// Runs every check.
pub(super) fn check(model: &Model) -> Vec<Finding> {
    let mut findings = Findings::default();
    for check in all().filter_map(|rule| rule.check) {
        check(model, &mut findings);
    }
    findings.list
}

#[cfg(test)]
mod tests;
