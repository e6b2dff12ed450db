//! What survives what: known clusters, properties over many clusters, a second opinion.

mod known;
mod naive;
mod random;

use proptest::prelude::*;

use super::need::{Need, State};
use super::*;
use crate::topology::Topology;
use crate::topology::tests::{large, proven};
use random::cluster;

/// Every subset of some nodes with at most `most` members.
fn subsets(nodes: usize, most: usize) -> impl Iterator<Item = Vec<bool>> {
    (0u32..1 << nodes)
        .filter(move |bits| bits.count_ones() as usize <= most)
        .map(move |bits| (0..nodes).map(|n| bits >> n & 1 == 1).collect())
}

fn without(t: &Topology, names: &[&str]) -> Vec<bool> {
    for name in names {
        assert!(t.nodes.contains_key(*name), "{name}");
    }
    t.nodes.keys().map(|n| names.contains(&n.as_str())).collect()
}

/// How a service is without some nodes.
fn state(t: &Topology, service: &str, failed: &[&str]) -> State {
    let list = service::services(t).list;
    let found = list.iter().find(|s| s.id.to_string() == service);
    let known: Vec<String> = list.iter().map(|s| s.id.to_string()).collect();
    found.unwrap_or_else(|| panic!("{service} is none of {known:?}")).need.state(&without(t, failed))
}

#[test]
fn alike_nodes_are_found_and_others_are_not() {
    let t = proven(&large(3));
    let found = service::services(&t);
    let needs: Vec<&Need> = found.list.iter().map(|s| &s.need).collect();
    let names: Vec<&str> = t.nodes.keys().map(|n| n.as_str()).collect();
    let classes = classes::classes(&needs, names.len());
    let named: Vec<Vec<&str>> = classes.iter().map(|c| c.iter().map(|n| names[*n]).collect()).collect();
    assert_eq!(named, [vec!["cp-1", "cp-2", "cp-3"], vec!["lb-1", "lb-2"]]);
}

#[test]
fn numbers_of_sets() {
    let classes = vec![vec![0, 1, 2], vec![3, 4], vec![5]];
    for most in 0..8 {
        let mut counted = 0;
        for size in 0..=most {
            sets::of_size(&classes, size, &mut |counts| {
                counted += 1;
                let failed = sets::stand_in(&classes, counts, 7);
                assert_eq!(failed.iter().filter(|f| **f).count(), size);
            });
        }
        assert_eq!(sets::number(&classes, most), counted, "{most}");
    }
    for nodes in 0..10 {
        for most in 0..12 {
            let expected = subsets(nodes, most).count() as u128;
            assert_eq!(sets::subsets(nodes, most), expected, "{most} of {nodes}");
        }
    }
    assert_eq!(sets::subsets(1000, 2), 1 + 1000 + 499_500);
    assert_eq!(sets::subsets(100_000, 90_000), u128::MAX, "saturates");
    let many: Vec<Vec<usize>> = (0..300).map(|n| vec![n]).collect();
    assert_eq!(sets::number(&many, 2), 1 + 300 + 44_850);
    assert_eq!(sets::number(&many, 150), u64::MAX, "saturates");
}

#[test]
fn a_thousand_workers_are_no_more_sets() {
    let report = survive(&proven(&large(1000)), 4).unwrap();
    assert_eq!(report.nodes, 1005);
    assert!(report.sets > 42_000_000_000, "{}", report.sets);
    assert_eq!(report.idle.len(), 1000);
    assert!(report.text().contains("No judged service needs"));
}

#[test]
fn too_many_sets_are_refused_with_their_number() {
    let mut text = String::from(
        "apiVersion: hagen/v1\ncluster: many\nrevision: 1\nntp: [10.0.0.1]\nnetworks: {lan: {subnet: 10.0.0.0/16}}\ndefaults: {interface: eth0}\nnodes:\n",
    );
    for n in 0..300 {
        text += &format!("  n{n}: {{address: 10.0.{}.{}}}\n", 1 + n / 250, 1 + n % 250);
    }
    text += "databases:\n";
    for n in 0..300 {
        text += &format!("  d{n}: {{nodes: [n{n}], user: u, password: {{env: P}}}}\n");
    }
    let t = proven(&text);
    assert_eq!(survive(&t, 2).unwrap().sets, 1 + 300 + 44_850);
    let error = survive(&t, 3).unwrap_err();
    assert_eq!(error, TooManySets { sets: 1 + 300 + 44_850 + 4_455_100, failures_max: 3 });
    assert_eq!(
        error.to_string(),
        "4500251 different sets of up to 3 failed nodes are more than the 200000 that are looked at; ask for fewer failures"
    );
}

/// How a service is after a set, as a reader of the report concludes it.
fn read_off(report: &Report, service: &ServiceId, failed: &[&str]) -> State {
    let covers = |any: &AnyOf| any.of.iter().filter(|n| failed.contains(&n.as_str())).count() >= any.count;
    let parts = report.scenarios.iter().filter(|s| s.failed.iter().all(covers));
    let effects = parts.flat_map(|s| &s.effects).filter(|e| e.service == *service);
    effects.map(|e| e.state).max().unwrap_or(State::Up)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn without_a_failure_everything_is_up(text in cluster()) {
        let t = proven(&text);
        let none = vec![false; t.nodes.len()];
        for service in service::services(&t).list {
            prop_assert_eq!(service.need.state(&none), State::Up, "{}\n{}", service.id, text);
            prop_assert!(service.need.reasons(&none).is_empty());
        }
    }

    #[test]
    fn a_further_failure_never_helps(text in cluster()) {
        let t = proven(&text);
        let nodes = t.nodes.len();
        for service in service::services(&t).list {
            for failed in subsets(nodes, 3) {
                let before = service.need.state(&failed);
                prop_assert_eq!(service.need.reasons(&failed).is_empty(), before == State::Up);
                for node in 0..nodes {
                    let mut more = failed.clone();
                    more[node] = true;
                    prop_assert!(service.need.state(&more) >= before, "{}\n{}", service.id, text);
                }
            }
        }
    }

    #[test]
    fn a_second_opinion_agrees(text in cluster()) {
        let t = proven(&text);
        for service in service::services(&t).list {
            for failed in subsets(t.nodes.len(), 4) {
                let state = service.need.state(&failed);
                let (works, by_hand) = naive::judge(&t, &service.id.to_string(), &failed);
                prop_assert_eq!((state.works(), state == State::ByHand), (works, by_hand), "{} without {:?}\n{}", service.id, failed, text);
            }
        }
    }

    #[test]
    fn up_means_that_one_more_may_fail(text in cluster()) {
        let t = proven(&text);
        let nodes = t.nodes.len();
        let report = survive(&t, 1).unwrap();
        for (service, judged) in service::services(&t).list.iter().zip(&report.services) {
            if judged.survives.failures == 0 {
                continue;
            }
            for failed in subsets(nodes, 3).filter(|f| service.need.state(f) == State::Up) {
                for node in 0..nodes {
                    let mut more = failed.clone();
                    more[node] = true;
                    prop_assert!(service.need.state(&more).works(), "{} {:?} + {}\n{}", service.id, failed, node, text);
                }
            }
        }
    }

    #[test]
    fn the_report_tells_every_set(text in cluster(), most in 0..4usize) {
        let t = proven(&text);
        let report = survive(&t, most).unwrap();
        let names: Vec<&str> = t.nodes.keys().map(|n| n.as_str()).collect();
        prop_assert_eq!(report.sets, subsets(names.len(), most).count() as u128);
        for service in service::services(&t).list {
            for failed in subsets(names.len(), most) {
                let list: Vec<&str> = names.iter().zip(&failed).filter(|(_, f)| **f).map(|(n, _)| *n).collect();
                prop_assert_eq!(read_off(&report, &service.id, &list), service.need.state(&failed), "{} {:?}\n{}", service.id, list, text);
            }
        }
    }

    #[test]
    fn tolerances_are_those_of_all_sets(text in cluster()) {
        let t = proven(&text);
        let nodes = t.nodes.len();
        let report = survive(&t, 0).unwrap();
        for (service, judged) in service::services(&t).list.iter().zip(&report.services) {
            let all: Vec<(usize, State)> = subsets(nodes, nodes)
                .map(|f| (f.iter().filter(|x| **x).count(), service.need.state(&f)))
                .collect();
            for (tolerance, allowed) in
                [(judged.survives, State::Degraded), (judged.survives_by_hand, State::ByHand)]
            {
                let fewest = all.iter().filter(|(_, state)| *state > allowed).map(|(size, _)| *size).min();
                prop_assert_eq!(tolerance.exact.then_some(tolerance.failures + 1), fewest, "{}\n{}", service.id, text);
            }
            for set in &judged.first_stops_with {
                let size: usize = set.iter().map(|any| any.count).sum();
                prop_assert_eq!(size, judged.survives.failures + 1);
            }
        }
    }

    #[test]
    fn single_points_are_the_sets_of_one(text in cluster()) {
        let t = proven(&text);
        let report = survive(&t, 1).unwrap();
        let services = service::services(&t).list;
        for (at, name) in t.nodes.keys().enumerate() {
            let mut failed = vec![false; t.nodes.len()];
            failed[at] = true;
            let stopped: Vec<String> =
                services.iter().filter(|s| !s.need.state(&failed).works()).map(|s| s.id.to_string()).collect();
            let told: Vec<String> = report
                .single_points_of_failure
                .get(name)
                .into_iter()
                .flatten()
                .map(|e| e.service.to_string())
                .collect();
            prop_assert_eq!(told, stopped);
        }
    }

    #[test]
    fn reports_can_be_read_by_people_and_scripts(text in cluster(), most in 0..3usize) {
        let report = survive(&proven(&text), most).unwrap();
        for line in report.text().lines() {
            prop_assert!(line.trim_end() == line && !line.contains('\t'), "{:?}", line);
        }
        let json = report.json();
        prop_assert_eq!(json["services"].as_array().unwrap().len(), report.services.len());
        prop_assert_eq!(json["failuresMax"].as_u64(), Some(report.failures_max as u64));
    }
}
