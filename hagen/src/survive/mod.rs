//! Which services survive which failed nodes.
//!
//! A failed node is one that is switched off or cut off: nothing on it answers. Everything else is taken
//! as alive, also what stands outside the cluster. Every set of up to so many failed nodes is looked at,
//! none is sampled; nodes that are alike are exchanged for each other, which loses nothing.

mod classes;
mod need;
mod report;
mod require;
mod service;
mod sets;
mod text;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::topology::Topology;

pub use need::State;
pub use report::{AnyOf, Effect, Report, Scenario, ServiceReport, Tolerance};
pub use require::{Requirement, RequirementError, Unmet};
pub use service::ServiceId;

use need::Need;
use sets::Counts;

/// Most sets that are looked at, after alike nodes are exchanged for each other.
pub const SETS_MAX: u64 = 200_000;

/// More sets than can be looked at.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{sets} different sets of up to {failures_max} failed nodes are more than the {SETS_MAX} that are looked at; ask for fewer failures"
)]
pub struct TooManySets {
    /// How many there are, after alike nodes are exchanged for each other.
    pub sets: u64,
    /// Failures that were asked for.
    pub failures_max: usize,
}

/// Looks at every set of up to `failures_max` failed nodes.
///
/// # Errors
/// When there are more than [`SETS_MAX`] different ones.
pub fn survive(t: &Topology, failures_max: usize) -> Result<Report, TooManySets> {
    let nodes = t.nodes.len();
    let failures_max = failures_max.min(nodes);
    let found = service::services(t);
    let needs: Vec<&Need> = found.list.iter().map(|s| &s.need).collect();
    let classes = classes::classes(&needs, nodes);
    let sets = sets::number(&classes, failures_max);
    if sets > SETS_MAX {
        return Err(TooManySets { sets, failures_max });
    }
    let scenarios = scenarios(&needs, &classes, nodes, failures_max);
    Ok(Report::new(t, found, &classes, scenarios, failures_max))
}

/// A set of failed nodes after which services are worse than after any smaller part of it.
struct Worse {
    counts: Counts,
    /// The services by number, and how they are.
    services: Vec<(usize, State)>,
}

/// All sets that make something worse, small ones first.
fn scenarios(needs: &[&Need], classes: &[Vec<usize>], nodes: usize, failures_max: usize) -> Vec<Worse> {
    // Equal needs are judged once: a thousand zones of the same servers are one question.
    let mut distinct: BTreeMap<&Need, usize> = BTreeMap::new();
    let mut list = vec![];
    let mut question = vec![];
    for need in needs {
        let next = list.len();
        let at = *distinct.entry(need).or_insert(next);
        if at == next {
            list.push(*need);
        }
        question.push(at);
    }
    let mut worse = vec![];
    let mut smaller: BTreeMap<Counts, Vec<State>> =
        BTreeMap::from([(vec![0; classes.len()], vec![State::Up; list.len()])]);
    for size in 1..=failures_max {
        let mut level = BTreeMap::new();
        sets::of_size(classes, size, &mut |counts| {
            let failed = sets::stand_in(classes, counts, nodes);
            let states: Vec<State> = list.iter().map(|need| need.state(&failed)).collect();
            let before = worst_part(counts, &smaller, list.len());
            let services: Vec<(usize, State)> = question
                .iter()
                .enumerate()
                .filter(|(_, q)| states[**q] > before[**q])
                .map(|(at, q)| (at, states[*q]))
                .collect();
            if !services.is_empty() {
                worse.push(Worse { counts: counts.clone(), services });
            }
            level.insert(counts.clone(), states);
        });
        smaller = level;
    }
    worse
}

/// The worst states after one node less has failed.
fn worst_part(counts: &Counts, smaller: &BTreeMap<Counts, Vec<State>>, questions: usize) -> Vec<State> {
    let mut worst = vec![State::Up; questions];
    for at in 0..counts.len() {
        if counts[at] == 0 {
            continue;
        }
        let mut part = counts.clone();
        part[at] -= 1;
        for (worst, state) in worst.iter_mut().zip(smaller.get(&part).into_iter().flatten()) {
            *worst = (*worst).max(*state);
        }
    }
    worst
}

#[cfg(test)]
mod tests;
