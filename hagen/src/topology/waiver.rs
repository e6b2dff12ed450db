//! Waivers: a rule that does not hold here, for a stated reason.

use serde::Serialize;

use super::rules::{self, Finding};
use crate::problem::{Problem, Problems, Severity};
use crate::spec::Waiver;

/// A problem that a waiver covers; it is recorded in every manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaivedProblem {
    /// The rule.
    pub id: String,
    /// The thing that it is about.
    pub subject: String,
    /// What is wrong with it.
    pub message: String,
    /// Why it is accepted.
    pub reason: String,
}

/// Splits findings into waived ones and problems; reports waivers that are unknown, forbidden or idle.
pub(super) fn apply(waivers: &[Waiver], findings: Vec<Finding>) -> (Vec<WaivedProblem>, Problems) {
    let mut waived = vec![];
    let mut problems = Problems::default();
    let mut used = vec![false; waivers.len()];
    for finding in findings {
        let rule = rules::find(finding.problem.id);
        let by = waivers.iter().position(|w| {
            rule.is_some_and(|r| r.waivable)
                && w.id.as_str().eq_ignore_ascii_case(finding.problem.id)
                && w.subject.as_ref().is_none_or(|s| s.as_str() == finding.subject)
                && finding.problem.severity != Severity::Note
        });
        match by {
            Some(at) => {
                used[at] = true;
                waived.push(WaivedProblem {
                    id: finding.problem.id.to_owned(),
                    subject: finding.subject,
                    message: finding.problem.message,
                    reason: waivers[at].reason.to_string(),
                });
            }
            None => problems.push(finding.problem),
        }
    }
    for (waiver, used) in waivers.iter().zip(used) {
        let (id, span) = (waiver.id.as_str(), waiver.id.span);
        match rules::find(id) {
            None => {
                let near = crate::yaml::nearest(id, rules::all().map(|r| r.id));
                let help =
                    near.map_or("`hagen explain` lists the rules".into(), |n| format!("did you mean `{n}`?"));
                problems
                    .push(Problem::error("WAIVER-1", span, format!("there is no rule `{id}`")).help(help));
            }
            Some(rule) if !rule.waivable => {
                let message = format!("rule {} cannot be waived", rule.id);
                problems.push(Problem::error("WAIVER-1", span, message).help(rule.fix));
            }
            Some(rule) if !used => {
                let message = format!("the waiver for {} covers nothing", rule.id);
                problems.push(
                    Problem::warning("WAIVER-1", span, message)
                        .help("remove it, so that it cannot hide a later mistake"),
                );
            }
            Some(_) => {}
        }
    }
    waived.sort_by(|a, b| (&a.id, &a.subject, &a.message).cmp(&(&b.id, &b.subject, &b.message)));
    (waived, problems)
}
