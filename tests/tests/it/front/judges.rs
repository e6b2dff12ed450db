//! The products' own parsers accept everything that hagen bakes, without a remark.

use hagen::judge::{self, Verdict};
use hagen::plan::haproxy::Haproxy;
use hagen::plan::keepalived::Keepalived;
use hagen::plan::nginx::Nginx;
use hagen::render;
use hagen::tree::{File, Tree};

use super::drafts;

pub(super) fn tree(files: Vec<File>) -> Tree {
    let mut tree = Tree::default();
    for file in files {
        tree.place("rootfs", file).unwrap();
    }
    tree
}

/// What one judge says; a judge that finds nothing to read fails the test.
#[track_caller]
pub(super) fn verdict(judge: &str, files: Vec<File>) -> Verdict {
    let judge = judge::by_name(judge).unwrap_or_else(|| panic!("there is no judge `{judge}`"));
    judge.judge(&tree(files)).unwrap_or_else(|| panic!("`{}` reads none of the files", judge.name))
}

#[track_caller]
fn accepted(judge: &str, case: &str, files: Vec<File>) {
    let text = files[0].text().to_owned();
    match verdict(judge, files) {
        Verdict::Accepted { notes } => assert!(notes.is_empty(), "{case}: {notes:#?}\n{text}"),
        other => panic!("{case}: {other:?}\n{text}"),
    }
}

#[test]
fn keepalived_accepts_every_front() {
    for (case, draft) in drafts::keepalived() {
        let plan = Keepalived::new(draft).unwrap_or_else(|e| panic!("{case}: {e:?}"));
        accepted("keepalived", case, render::keepalived::render(&plan));
    }
}

#[test]
fn haproxy_accepts_every_front() {
    for (case, draft) in drafts::haproxy() {
        let plan = Haproxy::new(draft).unwrap_or_else(|e| panic!("{case}: {e:?}"));
        accepted("haproxy", case, render::haproxy::render(&plan));
    }
}

#[test]
fn nginx_accepts_every_front() {
    for (case, draft) in drafts::nginx() {
        let plan = Nginx::new(draft).unwrap_or_else(|e| panic!("{case}: {e:?}"));
        accepted("nginx", case, render::nginx::render(&plan));
    }
}
