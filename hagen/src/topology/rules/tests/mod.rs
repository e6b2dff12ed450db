//! Every rule, broken by one small edit of an example: exactly that problem, at exactly that place.

mod addresses;
mod balancers;
mod data;
mod document;
mod names;
mod platforms;
mod quorum;
mod references;
mod vrrp;
mod waivers;

use std::collections::BTreeSet;

use clap::ValueEnum as _;

use crate::cli::args::TopologyName;
use crate::cli::init::document;
use crate::problem::{Problem, Severity, Source};
use crate::topology::rules;
use crate::topology::tests::prove;

use Severity::{Error, Note, Warning};
use TopologyName::*;

/// Marks the expected place in a replacement.
const MARK: char = '▸';

/// An example with edits, and the one problem that they make.
pub(super) struct Case {
    /// The example.
    of: TopologyName,
    /// What is replaced by what; each text stands once. The mark shows where the problem is expected.
    edits: &'static [(&'static str, &'static str)],
    /// Its id.
    id: &'static str,
    /// Its severity.
    severity: Severity,
    /// What its message says, and after ` | ` its help.
    says: &'static str,
}

pub(super) const fn case(
    of: TopologyName,
    edits: &'static [(&'static str, &'static str)],
    id: &'static str,
    severity: Severity,
    says: &'static str,
) -> Case {
    Case { of, edits, id, severity, says }
}

fn all_cases() -> impl Iterator<Item = &'static Case> {
    [
        addresses::CASES,
        balancers::CASES,
        data::CASES,
        document::CASES,
        names::CASES,
        platforms::CASES,
        quorum::CASES,
        references::CASES,
        vrrp::CASES,
        waivers::CASES,
    ]
    .into_iter()
    .flatten()
}

/// The edited example, and the offset of the mark.
fn edited(case: &Case) -> (String, usize) {
    let mut text = document(case.of).to_owned();
    for (from, to) in case.edits {
        assert_eq!(text.matches(from).count(), 1, "{from:?} does not stand once in {:?}", case.of);
        text = text.replacen(from, to, 1);
    }
    let at = text.find(MARK).unwrap_or_else(|| panic!("no mark in {:?}", case.edits));
    text.remove(at);
    assert!(!text.contains(MARK), "two marks in {:?}", case.edits);
    (text, at)
}

fn check(cases: &[Case]) {
    let mut wrong = String::new();
    for case in cases {
        let (text, at) = edited(case);
        let source = Source { name: "cluster.yaml".into(), text: text.clone() };
        let (before, after) = (prove(document(case.of)).1, prove(&text).1);
        let known: BTreeSet<(&str, &str)> = before.iter().map(|p| (p.id, p.message.as_str())).collect();
        let found: Vec<&Problem> =
            after.iter().filter(|p| !known.contains(&(p.id, p.message.as_str()))).collect();
        let (says, way) = case.says.split_once(" | ").unwrap_or((case.says, ""));
        let expected = format!("{} {} {:?} {}", case.id, case.severity, source.position(at), case.says);
        let right = matches!(found.as_slice(), [p] if p.id == case.id
            && p.severity == case.severity
            && p.span.map(|s| s.start) == Some(at)
            && p.message.contains(says)
            && p.help.as_ref().is_some_and(|h| !h.is_empty() && h.contains(way))
            && rules::find(p.id).is_some());
        if !right {
            wrong += &format!("{:?} {:?}\n  expected {expected}\n", case.of, case.edits);
            for p in found {
                let place = p.span.map(|s| source.position(s.start));
                wrong +=
                    &format!("  found    {} {} {place:?} {} | {:?}\n", p.id, p.severity, p.message, p.help);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn addresses_that_must_not_meet() {
    check(addresses::CASES);
}

#[test]
fn balancers_and_endpoints() {
    check(balancers::CASES);
}

#[test]
fn documents_that_cannot_be_read() {
    check(document::CASES);
}

#[test]
fn names_and_time() {
    check(names::CASES);
}

#[test]
fn what_platforms_ask_for() {
    check(platforms::CASES);
}

#[test]
fn what_databases_volumes_and_kubernetes_can_be_told() {
    check(data::CASES);
}

#[test]
fn how_many_of_something() {
    check(quorum::CASES);
}

#[test]
fn names_that_lead_to_nothing() {
    check(references::CASES);
}

#[test]
fn virtual_routers() {
    check(vrrp::CASES);
}

#[test]
fn waivers_that_waive_nothing() {
    check(waivers::CASES);
}

/// An example with edits, and the places and ids of all its problems.
type Together = (TopologyName, &'static [(&'static str, &'static str)], &'static [&'static str]);

/// Problems that come together, because one mistake breaks more than one rule.
const TOGETHER: [Together; 6] = [
    (
        KubeadmStacked,
        &[("  bindPort", "  podSubnet: 172.29.0.0/16\n  bindPort")],
        &["32:14 VIP-1", "45:14 NET-1"],
    ),
    (KubeadmStacked, &[("address: 172.29.1.200", "address: fd00::200")], &["32:14 VIP-1", "32:14 VRRP-7"]),
    (
        KubeadmExternalLb,
        &[
            ("nodes: [lb-1, lb-2] ", "nodes: [cp-1, cp-2] "),
            ("backends: {role: control-plane}", "backends: [cp-3]"),
        ],
        &["39:7 LB-3", "39:7 LB-3", "40:15 LB-1"],
    ),
    (
        RainbondMinimal,
        &[("    arbiter: manage01 ", "    arbiter: manage01\n    replica: 4 #")],
        &["51:14 QR-4", "51:14 QR-4"],
    ),
    (
        KubeadmStacked,
        &[("    vrrp:", "    interface: br0\n    vrrp:")],
        &["33:13 VRRP-8", "33:19 VRRP-8", "33:25 VRRP-8"],
    ),
    // A faulty node is told once, not again wherever it is named.
    (KubeadmStacked, &[("address: 172.29.1.41", "address: 172.30.1.41")], &["26:19 NET-1"]),
];

#[test]
fn one_mistake_against_several_rules() {
    for (of, edits, expected) in TOGETHER {
        let mut text = document(of).to_owned();
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{from:?}");
            text = text.replacen(from, to, 1);
        }
        let source = Source { name: "cluster.yaml".into(), text: text.clone() };
        let place = |p: &Problem| source.position(p.span.unwrap().start);
        let found: Vec<String> = prove(&text)
            .1
            .iter()
            .filter(|p| p.severity > Note)
            .map(|p| format!("{}:{} {}", place(p).0, place(p).1, p.id))
            .collect();
        assert_eq!(found, expected, "{of:?} {edits:?}");
    }
}

/// Rules about rendered files: they hold by construction and are tested where files are rendered.
const BY_CONSTRUCTION: [&str; 4] = ["FS-1", "LB-2", "SVC-1", "VRRP-6"];

#[test]
fn every_rule_is_broken_here_or_holds_by_construction() {
    let broken: BTreeSet<&str> = all_cases().map(|c| c.id).collect();
    // Those of imports are broken in `import::tests`.
    for rule in rules::all().filter(|r| !r.id.starts_with("IMP-")) {
        let constructed = BY_CONSTRUCTION.contains(&rule.id);
        assert_eq!(broken.contains(rule.id), !constructed, "{}", rule.id);
        assert!(!constructed || rule.check.is_none(), "{} is checked", rule.id);
        assert!(!constructed || rule.why.contains("by construction"), "{} does not say so", rule.id);
    }
    for id in broken {
        assert!(rules::find(id).is_some(), "{id} is not in the catalogue");
    }
}

#[test]
fn the_catalogue_is_well_formed() {
    let mut seen = BTreeSet::new();
    for rule in rules::all() {
        assert!(seen.insert(rule.id), "{} stands twice", rule.id);
        let (word, number) = rule.id.rsplit_once('-').unwrap();
        assert!(word.bytes().all(|b| b.is_ascii_uppercase()) && number.parse::<u8>().is_ok(), "{}", rule.id);
        for (text, what) in [(rule.title, "title"), (rule.why, "why"), (rule.fix, "fix")] {
            assert!(text.len() > 8, "{}: {what}", rule.id);
        }
        assert!(
            !rule.title.ends_with('.') && rule.why.ends_with('.') && rule.fix.ends_with('.'),
            "{}",
            rule.id
        );
        assert!(std::ptr::eq(rules::find(&rule.id.to_lowercase()).unwrap(), rule));
    }
    assert!(rules::find("VIP-99").is_none());
}

#[test]
fn findings_are_never_worse_than_their_rule() {
    for case in all_cases() {
        let rule = rules::find(case.id).unwrap();
        assert!(case.severity <= rule.severity, "{} {:?}", case.id, case.edits);
    }
}

#[test]
fn the_examples_break_no_rule() {
    for example in TopologyName::value_variants() {
        let (topology, problems) = prove(document(*example));
        assert!(topology.is_some(), "{example:?}: {problems:?}");
        let worst: Vec<_> = problems.iter().filter(|p| p.severity > Note).collect();
        assert!(worst.is_empty(), "{example:?}: {worst:?}");
    }
}
