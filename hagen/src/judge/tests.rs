use super::*;
use crate::tree::{File, Payload, TreePath};

fn tree() -> Tree {
    let mut tree = Tree::default();
    tree.place("rootfs", File::config("test", "/etc/a.conf", "a")).unwrap();
    tree.place("rootfs", File::script("test", "/usr/local/sbin/b", "#!/bin/sh\n")).unwrap();
    tree.place("rootfs-other", File::config("test", "/etc/c.conf", "c")).unwrap();
    tree.place("cloud-init", File::config("test", "/user-data", "#cloud-config\n")).unwrap();
    tree
}

#[test]
fn only_the_asked_folder_is_spread_and_modes_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = tempfile::tempdir().unwrap();
    let mut tree = tree();
    let payload = Payload { source: "/store/x".into(), size: 1, sha256: [0; 32] };
    let entry = crate::tree::Entry {
        mode: 0o644,
        secret: false,
        origin: "payload".into(),
        content: Content::Payload(payload),
    };
    tree.insert(TreePath::new("rootfs/opt/x").unwrap(), entry).unwrap();
    spread(&tree, "rootfs", scratch.path()).unwrap();
    assert_eq!(fs::read_to_string(scratch.path().join("etc/a.conf")).unwrap(), "a");
    let script = fs::metadata(scratch.path().join("usr/local/sbin/b")).unwrap();
    assert_eq!(script.permissions().mode() & 0o100, 0o100);
    assert_eq!(fs::read_link(scratch.path().join("opt/x")).unwrap(), Path::new("/store/x"));
    assert!(!scratch.path().join("etc/c.conf").exists());
    assert!(!scratch.path().join("user-data").exists());
}

#[test]
fn texts_are_by_target_path() {
    let tree = tree();
    let found: Vec<_> = texts(&tree, "rootfs").map(|(path, _)| path).collect();
    assert_eq!(found, ["/etc/a.conf", "/usr/local/sbin/b"]);
    assert!(has(&tree, "/etc/a.conf") && !has(&tree, "/etc/c.conf"));
}

#[test]
fn a_refusal_outweighs_and_not_run_is_never_accepted() {
    let yes = |note: &str| Verdict::Accepted { notes: vec![note.into()] };
    let no = Verdict::Refused { message: "no".into() };
    let none = Verdict::NotRun { reason: "none".into() };
    assert_eq!(Verdict::all([]), Verdict::Accepted { notes: vec![] });
    assert_eq!(Verdict::all([yes("1"), yes("2")]), Verdict::Accepted { notes: vec!["1".into(), "2".into()] });
    assert_eq!(Verdict::all([yes("1"), none.clone(), yes("2")]), none);
    assert_eq!(Verdict::all([none, no.clone(), yes("2")]), no);
}

#[test]
fn names_of_judges_are_unique() {
    let mut names: Vec<_> = ALL.iter().map(|judge| judge.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ALL.len());
}
