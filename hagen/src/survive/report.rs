//! What survives what.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::Worse;
use super::need::{Need, NodeIndex, State};
use super::service::{Service, ServiceId, Services};
use super::sets::{self, Counts};
use super::{SETS_MAX, classes};
use crate::spec::Name;
use crate::topology::Topology;

/// What survives what.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Name of the cluster.
    pub cluster: Name,
    /// Number of its nodes.
    pub nodes: usize,
    /// Most nodes that fail at once.
    pub failures_max: usize,
    /// Number of sets of failed nodes that are accounted for, the empty one included.
    #[serde(serialize_with = "number_or_text")]
    pub sets: u128,
    /// The services that were judged.
    pub services: Vec<ServiceReport>,
    /// Every set that makes a service worse than each of its parts does, small ones first. After any other
    /// set, a service is as after the worst part of it that stands here; up, when none does.
    pub scenarios: Vec<Scenario>,
    /// Nodes that alone stop a service, or stop it until somebody takes a step, with these services.
    pub single_points_of_failure: BTreeMap<Name, Vec<Effect>>,
    /// Nodes on which no judged service depends.
    pub idle: Vec<Name>,
    /// What is outside the cluster and taken as alive.
    pub outside: Vec<String>,
}

/// How a service bears failures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceReport {
    /// Its id.
    pub service: ServiceId,
    /// What it is.
    pub what: String,
    /// Failures after which it works by itself, whichever nodes they hit.
    pub survives: Tolerance,
    /// Failures after which it works, or works after a step by hand.
    pub survives_by_hand: Tolerance,
    /// The smallest sets after which it does not work by itself.
    pub first_stops_with: Vec<Vec<AnyOf>>,
}

/// The most failures that a service bears, whichever nodes they hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tolerance {
    /// The number of failures.
    pub failures: usize,
    /// Whether one more stops it. Otherwise it bears all that were tried: the failure of every node that
    /// it needs, or as many as [`SETS_MAX`] allows.
    pub exact: bool,
}

/// So many nodes, whichever, of some that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnyOf {
    /// How many.
    pub count: usize,
    /// Of which.
    pub of: Vec<Name>,
}

impl fmt::Display for AnyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |names: &[Name], last: &str| match names {
            [] => String::new(),
            [only] => only.to_string(),
            [rest @ .., end] => {
                let rest: Vec<&str> = rest.iter().map(Name::as_str).collect();
                format!("{}{last}{end}", rest.join(", "))
            }
        };
        match (self.count, self.of.len()) {
            (1, 1) => write!(f, "{}", self.of[0]),
            (count, all) if count == all => f.write_str(&join(&self.of, " and ")),
            (1, 2) => f.write_str(&join(&self.of, " or ")),
            (count, 2..=8) => write!(f, "any {count} of {}", join(&self.of, ", ")),
            (count, all) => write!(f, "any {count} of {}, … {} ({all} nodes)", self.of[0], self.of[all - 1]),
        }
    }
}

/// A set of failed nodes and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scenario {
    /// The failed nodes.
    pub failed: Vec<AnyOf>,
    /// The services that are worse than after each part of the set.
    pub effects: Vec<Effect>,
}

/// How one service is after some nodes have failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The service.
    pub service: ServiceId,
    /// How it is.
    pub state: State,
    /// Why.
    pub because: Vec<String>,
}

fn number_or_text<S: Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    // Readers of JSON keep 53 bits of a number.
    match u64::try_from(*number) {
        Ok(n) if n < 1 << 53 => serializer.serialize_u64(n),
        _ => serializer.collect_str(number),
    }
}

impl Report {
    pub(super) fn new(
        t: &Topology,
        found: Services,
        classes: &[Vec<NodeIndex>],
        scenarios: Vec<Worse>,
        failures_max: usize,
    ) -> Self {
        let names: Vec<&Name> = t.nodes.keys().collect();
        let scenarios: Vec<Scenario> =
            scenarios.iter().map(|w| scenario(w, &found.list, classes, &names)).collect();
        let named: std::collections::BTreeSet<NodeIndex> = classes.iter().flatten().copied().collect();
        let idle = names.iter().enumerate().filter(|(at, _)| !named.contains(at));
        Self {
            cluster: t.cluster().clone(),
            nodes: names.len(),
            failures_max,
            sets: sets::subsets(names.len(), failures_max),
            services: found.list.iter().map(|s| judged(s, &names)).collect(),
            single_points_of_failure: single_points(&found.list, classes, &names),
            scenarios,
            idle: idle.map(|(_, name)| (*name).clone()).collect(),
            outside: found.outside.into_iter().collect(),
        }
    }

    /// The report for a script.
    pub fn json(&self) -> serde_json::Value {
        // The types above hold nothing that JSON cannot say.
        serde_json::to_value(self).unwrap_or_default()
    }
}

fn any_of(classes: &[Vec<NodeIndex>], counts: &[u16], names: &[&Name]) -> Vec<AnyOf> {
    let hit = classes.iter().zip(counts).filter(|(_, count)| **count > 0);
    hit.map(|(class, count)| AnyOf {
        count: usize::from(*count),
        of: class.iter().map(|node| names[*node].clone()).collect(),
    })
    .collect()
}

fn scenario(worse: &Worse, services: &[Service], classes: &[Vec<NodeIndex>], names: &[&Name]) -> Scenario {
    let failed = sets::stand_in(classes, &worse.counts, names.len());
    let effect = |(at, state): &(usize, State)| Effect {
        service: services[*at].id.clone(),
        state: *state,
        because: services[*at].need.reasons(&failed),
    };
    Scenario {
        failed: any_of(classes, &worse.counts, names),
        effects: worse.services.iter().map(effect).collect(),
    }
}

fn single_points(
    services: &[Service],
    classes: &[Vec<NodeIndex>],
    names: &[&Name],
) -> BTreeMap<Name, Vec<Effect>> {
    let mut points = BTreeMap::new();
    for node in classes.iter().flatten() {
        let mut failed = vec![false; names.len()];
        failed[*node] = true;
        let stopped = services.iter().filter_map(|service| {
            let state = service.need.state(&failed);
            let effect =
                || Effect { service: service.id.clone(), state, because: service.need.reasons(&failed) };
            (!state.works()).then(effect)
        });
        let stopped: Vec<Effect> = stopped.collect();
        if !stopped.is_empty() {
            points.insert(names[*node].clone(), stopped);
        }
    }
    points
}

/// Finds the largest number of failures that a service bears, looking at its own nodes only.
fn judged(service: &Service, names: &[&Name]) -> ServiceReport {
    let need = &service.need;
    let classes = classes::classes(&[need], names.len());
    let (survives, stops) = tolerance(need, &classes, names.len(), State::Degraded);
    let (survives_by_hand, _) = tolerance(need, &classes, names.len(), State::ByHand);
    ServiceReport {
        service: service.id.clone(),
        what: service.what.clone(),
        survives,
        survives_by_hand,
        first_stops_with: stops.iter().map(|counts| any_of(&classes, counts, names)).collect(),
    }
}

fn tolerance(
    need: &Need,
    classes: &[Vec<NodeIndex>],
    nodes: usize,
    allowed: State,
) -> (Tolerance, Vec<Counts>) {
    let own: usize = classes.iter().map(Vec::len).sum();
    for size in 1..=own {
        if sets::number(classes, size) > SETS_MAX {
            return (Tolerance { failures: size - 1, exact: false }, vec![]);
        }
        let mut stops = vec![];
        sets::of_size(classes, size, &mut |counts| {
            if need.state(&sets::stand_in(classes, counts, nodes)) > allowed {
                stops.push(counts.clone());
            }
        });
        if !stops.is_empty() {
            return (Tolerance { failures: size - 1, exact: true }, stops);
        }
    }
    (Tolerance { failures: nodes, exact: false }, vec![])
}
