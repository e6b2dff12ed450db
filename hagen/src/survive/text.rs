//! The report for a person: aligned columns, readable without colour.

use std::fmt::Write as _;

use super::need::State;
use super::report::{AnyOf, Report, ServiceReport, Tolerance};

/// Sets of one service that are listed.
const SETS_SHOWN: usize = 3;

impl Report {
    /// The report for a person.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{}: {}, {} of up to {} accounted for",
            self.cluster,
            many(self.nodes as u128, "node"),
            many(self.sets, "set"),
            many(self.failures_max as u128, "failed node"),
        );
        out += "\n";
        let rows = self.services.iter().map(|s| [s.service.to_string(), survives(s), stops(s)]);
        out += &table(["SERVICE", "SURVIVES", "STOPS WITHOUT"], rows.collect());
        out += "\n";
        out += &self.scenarios_text();
        out += &self.single_points_text();
        if !self.idle.is_empty() {
            let all = AnyOf { count: self.idle.len(), of: self.idle.clone() };
            let _ = writeln!(out, "\nNo judged service needs {all}.");
        }
        if !self.outside.is_empty() {
            let _ = writeln!(out, "\nOutside the cluster, taken as alive: {}.", self.outside.join(", "));
        }
        out
    }

    fn scenarios_text(&self) -> String {
        if self.failures_max == 0 {
            return "No failure: every service is up.\n".into();
        }
        let mut rows = vec![];
        for scenario in &self.scenarios {
            let mut without = set(&scenario.failed);
            for effect in &scenario.effects {
                let mut because = effect.because.iter();
                let first = because.next().cloned().unwrap_or_default();
                rows.push([
                    std::mem::take(&mut without),
                    effect.service.to_string(),
                    effect.state.to_string(),
                    first,
                ]);
                rows.extend(because.map(|more| [String::new(), String::new(), String::new(), more.clone()]));
            }
        }
        if rows.is_empty() {
            return format!(
                "Every service is up after up to {}.\n",
                many(self.failures_max as u128, "failed node")
            );
        }
        table(["WITHOUT", "SERVICE", "IS", "BECAUSE"], rows)
    }

    fn single_points_text(&self) -> String {
        if self.single_points_of_failure.is_empty() {
            return "\nNo single point of failure.\n".into();
        }
        let mut rows = vec![];
        for (node, effects) in &self.single_points_of_failure {
            let list = |by_hand: bool| {
                let of = effects.iter().filter(|e| (e.state == State::ByHand) == by_hand);
                of.map(|e| e.service.to_string()).collect::<Vec<_>>().join(", ")
            };
            let (down, by_hand) = (list(false), list(true));
            let by_hand = if by_hand.is_empty() { by_hand } else { format!("by hand: {by_hand}") };
            let stops: Vec<String> = [down, by_hand].into_iter().filter(|l| !l.is_empty()).collect();
            rows.push([node.to_string(), stops.join("; ")]);
        }
        format!("\n{}", table(["SINGLE POINT OF FAILURE", "STOPS"], rows))
    }
}

fn many(number: u128, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn survives(service: &ServiceReport) -> String {
    let by_itself = tolerated(service.survives);
    if service.survives_by_hand.failures > service.survives.failures {
        return format!("{by_itself}; by hand {}", tolerated(service.survives_by_hand));
    }
    by_itself
}

fn tolerated(t: Tolerance) -> String {
    match t {
        Tolerance { failures: 0, exact: true } => "no failure".into(),
        Tolerance { failures, exact: true } => format!("any {}", many(failures as u128, "node")),
        Tolerance { failures, .. } => format!("any {failures} nodes or more"),
    }
}

fn stops(service: &ServiceReport) -> String {
    let mut sets: Vec<String> = service.first_stops_with.iter().take(SETS_SHOWN).map(|s| set(s)).collect();
    let more = service.first_stops_with.len().saturating_sub(SETS_SHOWN);
    if more > 0 {
        sets.push(format!("{more} more sets"));
    }
    sets.join("; ")
}

/// A set of failed nodes in words.
pub(super) fn set(failed: &[AnyOf]) -> String {
    let part = |any: &AnyOf| match any.count < any.of.len() && failed.len() > 1 {
        true => format!("({any})"),
        false => any.to_string(),
    };
    failed.iter().map(part).collect::<Vec<_>>().join(" + ")
}

/// Rows in aligned columns; the last column is as long as it likes.
fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut widths = head.map(|h| h.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let mut line = |cells: [&str; N]| {
        let mut text = String::new();
        for (at, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            if at + 1 < N {
                let _ = write!(text, "{cell:<width$}  ");
            } else {
                text += cell;
            }
        }
        out += text.trim_end();
        out.push('\n');
    };
    line(head);
    for row in &rows {
        line(std::array::from_fn(|at| row[at].as_str()));
    }
    out
}
