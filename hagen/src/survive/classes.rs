//! Nodes that are alike: exchanging two of them changes no service.
//!
//! Two nodes are in one class when the exchange of both maps every need onto itself. Such exchanges
//! generate all permutations of a class, so that a set of failed nodes matters only by how many of each
//! class are in it.

use std::collections::BTreeSet;

use super::need::{Enough, Need, NodeIndex};

/// Groups the nodes that the needs name, in node order; nodes that no need names are left out.
pub(super) fn classes(needs: &[&Need], nodes: usize) -> Vec<Vec<NodeIndex>> {
    // Which needs name a node, and how often: alike nodes agree in it.
    let mut places: Vec<Vec<(usize, usize)>> = vec![vec![]; nodes];
    for (at, need) in needs.iter().enumerate() {
        need.nodes(&mut |node| match places[node].last_mut() {
            Some((last, count)) if *last == at => *count += 1,
            _ => places[node].push((at, 1)),
        });
    }
    let mut classes: Vec<Vec<NodeIndex>> = vec![];
    for node in 0..nodes {
        if places[node].is_empty() {
            continue;
        }
        let alike = |class: &&mut Vec<NodeIndex>| {
            let other = class[0];
            places[node] == places[other]
                && places[node].iter().all(|(at, _)| exchangeable(needs[*at], node, other))
        };
        match classes.iter_mut().find(alike) {
            Some(class) => class.push(node),
            None => classes.push(vec![node]),
        }
    }
    classes
}

/// Whether a need is the same after two nodes have changed places.
fn exchangeable(need: &Need, a: NodeIndex, b: NodeIndex) -> bool {
    !names(need, a, b) || form(need, a, b, false) == form(need, a, b, true)
}

fn names(need: &Need, a: NodeIndex, b: NodeIndex) -> bool {
    let mut found = false;
    need.nodes(&mut |node| found |= node == a || node == b);
    found
}

/// The part of a need that names one of two nodes, in a form that does not depend on the order of
/// parts; with the nodes exchanged or not. What names neither is equal on both sides and left out.
fn form(need: &Need, a: NodeIndex, b: NodeIndex, exchanged: bool) -> Need {
    let inner = |need: &Need| Box::new(form(need, a, b, exchanged));
    match need {
        Need::Node { node, what } => {
            let node = match (exchanged, *node) {
                (true, n) if n == a => b,
                (true, n) if n == b => a,
                (_, n) => n,
            };
            Need::Node { node, what: what.clone() }
        }
        Need::Outside => Need::Outside,
        Need::All(needs) => {
            let parts: BTreeSet<Need> =
                needs.iter().filter(|n| names(n, a, b)).map(|n| form(n, a, b, exchanged)).collect();
            Need::All(parts.into_iter().collect())
        }
        Need::Enough(Enough { weight, of, one, many, lost }) => {
            let mut of: Vec<(u32, Need)> = of
                .iter()
                .filter(|(_, n)| names(n, a, b))
                .map(|(weight, n)| (*weight, form(n, a, b, exchanged)))
                .collect();
            of.sort();
            let (one, many) = (one.clone(), many.clone());
            Need::Enough(Enough { weight: *weight, of, one, many, lost: lost.clone() })
        }
        Need::Standby { now, standby, step } => {
            Need::Standby { now: inner(now), standby: inner(standby), step: step.clone() }
        }
        Need::Missed { need, lost } => Need::Missed { need: inner(need), lost: lost.clone() },
        Need::Of { what, need } => Need::Of { what: what.clone(), need: inner(need) },
    }
}
