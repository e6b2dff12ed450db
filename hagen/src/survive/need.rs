//! What a service needs: nodes, all of some things, enough of some things, a standby.
//!
//! A [`Need`] is a monotone function from failed nodes to a [`State`]: a further failure never makes a
//! service better. That is what makes the smallest sets that stop a service tell the whole story.

use std::fmt;

use serde::Serialize;

/// How a service is, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It works, and a further failure of the same kind is survived where it was before.
    Up,
    /// It works, but without redundancy, or with something missing that its users do not notice.
    Degraded,
    /// It does not work until somebody takes a step that is known; nothing is lost.
    ByHand,
    /// It does not work until a failed node is back or replaced.
    Down,
}

impl State {
    /// Whether the service works by itself.
    pub fn works(self) -> bool {
        self <= State::Degraded
    }

    /// The word for tables.
    pub fn word(self) -> &'static str {
        match self {
            State::Up => "up",
            State::Degraded => "degraded",
            State::ByHand => "by hand",
            State::Down => "down",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A node, by its place among the names of all nodes.
pub(super) type NodeIndex = usize;

/// What a service needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// A node that lives.
    Node {
        /// Which.
        node: NodeIndex,
        /// What it is to the service, for reasons: "the only server".
        what: String,
    },
    /// Something outside the cluster, taken as alive.
    Outside,
    /// All of them.
    All(Vec<Need>),
    /// Enough of them.
    Enough(Enough),
    /// The first, or by hand the second.
    Standby {
        /// What serves now.
        now: Box<Need>,
        /// What serves after the step.
        standby: Box<Need>,
        /// What the step is.
        step: String,
    },
    /// The service works without it, but somebody misses it.
    Missed {
        /// What.
        need: Box<Need>,
        /// What is missing then.
        lost: String,
    },
    /// Another service, by name, for reasons.
    Of {
        /// Its name.
        what: String,
        /// What it needs.
        need: Box<Need>,
    },
}

/// What some things are, for reasons.
#[derive(Clone, Debug)]
pub(super) struct Noun {
    /// One of them.
    pub one: String,
    /// Several.
    pub many: String,
}

impl From<&str> for Noun {
    /// A word whose plural ends in `s`; what follows it stands behind ` | `: "name server | of the zone".
    fn from(text: &str) -> Self {
        let (word, rest) = text.split_once(" | ").unwrap_or((text, ""));
        let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
        Self { one: format!("{word}{rest}"), many: format!("{word}s{rest}") }
    }
}

/// So many of some things.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Enough {
    /// The sum of weights that is needed.
    pub weight: u32,
    /// The things with their weights.
    pub of: Vec<(u32, Need)>,
    /// What one of them is: "name server".
    pub one: String,
    /// What they are: "name servers".
    pub many: String,
    /// What their loss means: "no majority".
    pub lost: String,
}

impl Need {
    /// A node and what it is.
    pub(super) fn node(node: NodeIndex, what: impl Into<String>) -> Self {
        Need::Node { node, what: what.into() }
    }

    /// At least `count` of some things of equal weight.
    pub(super) fn at_least(count: usize, of: Vec<Need>, what: impl Into<Noun>, lost: &str) -> Self {
        let weight = u32::try_from(count).unwrap_or(u32::MAX);
        let of = of.into_iter().map(|need| (1, need)).collect();
        let Noun { one, many } = what.into();
        Need::Enough(Enough { weight, of, one, many, lost: lost.into() })
    }

    /// Another service by name.
    pub(super) fn of(what: impl Into<String>, need: Need) -> Self {
        Need::Of { what: what.into(), need: Box::new(need) }
    }

    /// How the service is when these nodes have failed.
    pub(super) fn state(&self, failed: &[bool]) -> State {
        match self {
            Need::Node { node, .. } if failed[*node] => State::Down,
            Need::Node { .. } | Need::Outside => State::Up,
            Need::All(needs) => needs.iter().map(|n| n.state(failed)).max().unwrap_or(State::Up),
            Need::Enough(enough) => enough.state(failed),
            Need::Standby { now, standby, .. } => match (now.state(failed), standby.state(failed)) {
                (State::Up, standby) if !standby.works() => State::Degraded,
                (now, _) if now.works() => now,
                (State::ByHand, _) => State::ByHand,
                (_, standby) if standby < State::Down => State::ByHand,
                _ => State::Down,
            },
            Need::Missed { need, .. } if !need.state(failed).works() => State::Degraded,
            Need::Missed { .. } => State::Up,
            Need::Of { need, .. } => need.state(failed),
        }
    }

    /// Why the service is as bad as it is; empty while it is up.
    pub(super) fn reasons(&self, failed: &[bool]) -> Vec<String> {
        let mut reasons = vec![];
        self.explain(failed, "", &mut reasons);
        // What two parts have in common is told once.
        let all = reasons.clone();
        let again = |at: usize, reason: &String| {
            all.iter().enumerate().any(|(other, r)| match reason.strip_suffix(r.as_str()) {
                Some("") => other < at,
                Some(prefix) => prefix.ends_with(": "),
                None => false,
            })
        };
        let mut at = 0..;
        reasons.retain(|reason| at.next().is_some_and(|at| !again(at, reason)));
        reasons
    }

    fn explain(&self, failed: &[bool], prefix: &str, out: &mut Vec<String>) {
        let state = self.state(failed);
        if state == State::Up {
            return;
        }
        match self {
            Need::Node { what, .. } => out.push(format!("{prefix}{what} has failed")),
            Need::Outside => {}
            Need::All(needs) => {
                for need in needs.iter().filter(|n| n.state(failed) == state) {
                    need.explain(failed, prefix, out);
                }
            }
            Need::Enough(enough) => out.push(format!("{prefix}{}", enough.reason(failed, state))),
            Need::Standby { now, standby, step } => match state {
                State::ByHand if now.state(failed) != State::ByHand => out.push(format!("{prefix}{step}")),
                State::Degraded if now.state(failed) == State::Up => {
                    standby.explain(failed, &format!("{prefix}no way over: "), out);
                }
                _ => {
                    now.explain(failed, prefix, out);
                    standby.explain(failed, &format!("{prefix}no way over: "), out);
                }
            },
            Need::Missed { lost, .. } => out.push(format!("{prefix}{lost}")),
            Need::Of { what, need } => need.explain(failed, &format!("{prefix}{what}: "), out),
        }
    }

    /// Calls `visit` with every node that it names.
    pub(super) fn nodes(&self, visit: &mut impl FnMut(NodeIndex)) {
        match self {
            Need::Node { node, .. } => visit(*node),
            Need::Outside => {}
            Need::All(needs) => needs.iter().for_each(|n| n.nodes(visit)),
            Need::Enough(enough) => enough.of.iter().for_each(|(_, n)| n.nodes(visit)),
            Need::Standby { now, standby, .. } => {
                now.nodes(visit);
                standby.nodes(visit);
            }
            Need::Missed { need, .. } | Need::Of { need, .. } => need.nodes(visit),
        }
    }
}

impl Enough {
    fn state(&self, failed: &[bool]) -> State {
        let (mut working, mut heaviest, mut by_hand, mut all_up) = (0, 0, 0, true);
        for (weight, need) in &self.of {
            let state = need.state(failed);
            all_up &= state == State::Up;
            match state {
                State::Up | State::Degraded => {
                    working += weight;
                    heaviest = heaviest.max(*weight);
                }
                State::ByHand => by_hand += weight,
                State::Down => {}
            }
        }
        let spare = working >= self.weight + heaviest;
        match () {
            () if working < self.weight && working + by_hand < self.weight => State::Down,
            () if working < self.weight => State::ByHand,
            () if all_up || spare => State::Up,
            () => State::Degraded,
        }
    }

    fn reason(&self, failed: &[bool], state: State) -> String {
        let all = self.of.len();
        let left = self.of.iter().filter(|(_, n)| n.state(failed).works()).count();
        let of = match (left, all) {
            (0, 1) => format!("the only {} has failed", self.one),
            (0, 2) => format!("both {} have failed", self.many),
            (0, _) => format!("all {all} {} have failed", self.many),
            _ => format!("{left} of {all} {} left", self.many),
        };
        match state {
            State::Up | State::Degraded => format!("{of}, the next loss stops it"),
            State::ByHand => format!("{of}, the others by hand"),
            State::Down if self.lost.is_empty() => of,
            State::Down => format!("{of}: {}", self.lost),
        }
    }
}
