//! Any document that passes `check` renders, and every judge accepts what is rendered: all examples, and
//! documents made by chance.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hagen::bake::bake;
use hagen::judge::{self, Verdict};
use hagen::plan::Input;
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::tree::{Content, Tree};
use hagen::yaml::{Cx, Decode as _, parse};
use proptest::prelude::*;
use tests::documents::documents;

fn prove(text: &str) -> Topology {
    let node = parse(text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    let mut cx = Cx::default();
    let document = Document::decode(&node, &mut cx);
    assert!(!cx.problems.has_errors(), "{:#?}\n{text}", cx.problems);
    let (topology, problems) = Topology::prove(document.unwrap());
    topology.unwrap_or_else(|| panic!("{problems:#?}\n{text}"))
}

fn trees(topology: &Topology) -> Vec<(String, Tree)> {
    let secrets = Secrets::placeholder(&topology.document);
    let baked = |node| bake(&Input { topology, node, secrets: &secrets }).unwrap().tree;
    topology.nodes.values().map(|node| (node.name.to_string(), baked(node))).collect()
}

/// Asks every judge about every tree, on all cores. What is not accepted comes back, and who was asked.
fn ask(
    trees: &[(String, Tree)],
    judges: &dyn Fn(usize) -> Vec<&'static str>,
) -> (Vec<String>, BTreeSet<&'static str>) {
    let work: Vec<_> =
        (0..trees.len()).flat_map(|at| judges(at).into_iter().map(move |judge| (at, judge))).collect();
    let (next, refusals, asked) = (AtomicUsize::new(0), Mutex::new(vec![]), Mutex::new(BTreeSet::new()));
    let turn = || {
        while let Some((at, name)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (node, tree) = &trees[*at];
            match judge::by_name(name).unwrap().judge(tree) {
                None => continue,
                Some(Verdict::Accepted { .. }) => {}
                Some(other) => refusals.lock().unwrap().push(format!("{node}: {name}: {other:?}")),
            }
            asked.lock().unwrap().insert(*name);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(turn);
        }
    });
    (refusals.into_inner().unwrap(), asked.into_inner().unwrap())
}

fn all_judges() -> Vec<&'static str> {
    judge::ALL.iter().map(|judge| judge.name).collect()
}

/// Slow ones that say the same of all nodes: asked about the first node only.
const ONCE: [&str; 2] = ["shellcheck", "cloud-init"];

fn thrifty(at: usize) -> Vec<&'static str> {
    all_judges().into_iter().filter(|judge| at == 0 || !ONCE.contains(judge)).collect()
}

#[test]
fn every_judge_accepts_every_node_of_every_example() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hagen/examples");
    let mut all = vec![];
    for case in std::fs::read_dir(examples).unwrap() {
        let path = case.unwrap().path().join("cluster.yaml");
        let topology = prove(&std::fs::read_to_string(&path).unwrap());
        all.extend(
            trees(&topology).into_iter().map(|(node, tree)| (format!("{} {node}", path.display()), tree)),
        );
    }
    let (refusals, asked) = ask(&all, &|_| all_judges());
    assert!(refusals.is_empty(), "{}", refusals.join("\n"));
    // nginx, netplan and the rest are asked by the documents below and by their own tests.
    for judge in
        ["haproxy", "keepalived", "named", "mariadb", "systemd", "shellcheck", "cloud-init", "chrony"]
    {
        assert!(asked.contains(judge), "{judge} was asked about no example");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn generated_documents_are_sound_and_bake(text in documents()) {
        let topology = prove(&text);
        for (node, tree) in trees(&topology) {
            for (path, entry) in tree.iter() {
                let Content::Bytes(bytes) = &entry.content else { panic!("{path} is a payload") };
                prop_assert!(std::str::from_utf8(bytes).is_ok(), "{}: {}", node, path);
                prop_assert!(!entry.secret || entry.mode & 0o077 == 0, "{}: {}", node, path);
            }
        }
    }
}

proptest! {
    // Each case starts real daemons' checkers for every node.
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_judge_accepts_any_sound_document(text in documents()) {
        let (refusals, _) = ask(&trees(&prove(&text)), &thrifty);
        prop_assert!(refusals.is_empty(), "{}\n{}", refusals.join("\n"), text);
    }
}
