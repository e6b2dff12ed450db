//! `hagen check --with`: the real programs, asked about every node's files.

use rayon::prelude::*;
use serde_json::{Value as Json, json};

use super::output::{Failure, colour};
use crate::bake::bake;
use crate::judge::{self, Judge, Verdict};
use crate::plan::Input;
use crate::secret::Secrets;
use crate::spec::Name;
use crate::topology::Topology;

/// What one judge said about one node.
pub(super) struct Opinion {
    node: Name,
    judge: &'static str,
    verdict: Verdict,
}

/// The judges of a list of names; `all` stands for every one.
pub(super) fn named(names: &[String]) -> Result<Vec<&'static Judge>, Failure> {
    if names.iter().any(|n| n == "all") {
        return Ok(judge::ALL.iter().collect());
    }
    let find = |name: &String| {
        judge::by_name(name).ok_or_else(|| {
            let known: Vec<&str> = judge::ALL.iter().map(|j| j.name).collect();
            Failure::Usage(format!("there is no judge `{name}`; known: all, {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

/// Asks the judges about every node, with stand-ins for secrets: their form is right, their value unknown.
pub(super) fn ask(topology: &Topology, judges: &[&'static Judge]) -> Result<Vec<Opinion>, Failure> {
    let secrets = Secrets::placeholder(&topology.document);
    let trees: Vec<_> = topology
        .nodes
        .values()
        .map(|node| {
            let baked = bake(&Input { topology, node, secrets: &secrets });
            baked.map(|b| (node.name.clone(), b.tree)).map_err(|e| Failure::Environment(e.into()))
        })
        .collect::<Result<_, _>>()?;
    let work: Vec<_> =
        trees.iter().flat_map(|(node, tree)| judges.iter().map(move |j| (node, tree, *j))).collect();
    let one = |(node, tree, judge): (&Name, &crate::tree::Tree, &'static Judge)| {
        judge.judge(tree).map(|verdict| Opinion { node: node.clone(), judge: judge.name, verdict })
    };
    Ok(work.into_par_iter().filter_map(one).collect())
}

impl Opinion {
    /// Whether the program refused the files.
    pub(super) fn refused(&self) -> bool {
        matches!(self.verdict, Verdict::Refused { .. })
    }

    /// For a script.
    pub(super) fn json(&self) -> Json {
        let (verdict, said) = match &self.verdict {
            Verdict::Accepted { notes } => ("accepted", notes.join("\n")),
            Verdict::Refused { message } => ("refused", message.clone()),
            Verdict::NotRun { reason } => ("not run", reason.clone()),
        };
        json!({"node": self.node, "judge": self.judge, "verdict": verdict, "said": said})
    }
}

/// For a person: one line each, and what a program said below it.
pub(super) fn text(opinions: &[Opinion], terminal: bool) -> String {
    let paint = |code: &str, word: &str| {
        if colour(terminal) { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    };
    let mut out = String::new();
    for Opinion { node, judge, verdict } in opinions {
        let (word, said) = match verdict {
            Verdict::Accepted { notes } => (paint("32", "accepted"), notes.join("\n")),
            Verdict::Refused { message } => (paint("31", "refused"), message.clone()),
            Verdict::NotRun { reason } => (paint("33", "not run"), reason.clone()),
        };
        out += &format!("{judge:<13} {node:<20} {word}\n");
        for line in said.lines() {
            out += &format!("    {line}\n");
        }
    }
    out
}
