//! Bundles are the same however they are made, and appear whole or not at all.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::super::payload::Measured;
use super::super::sample;
use super::*;

fn threads(count: usize) -> Options<'static> {
    Options { threads: NonZeroUsize::new(count), ..Options::default() }
}

/// Everything below a folder.
fn listing(folder: &Path) -> Vec<String> {
    let mut names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect::<Vec<_>>();
    names.sort();
    names
}

#[test]
fn other_readers_find_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let payload = sample::payload(folder.path());
    let draft = sample::large("lb1", &payload, &Measured::default());
    let bytes = sample::bytes(&draft, Options::default());
    let mut found = BTreeMap::new();
    for entry in tar::Archive::new(MultiGzDecoder::new(&*bytes)).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mode = entry.header().mode().unwrap();
        let mut content = vec![];
        entry.read_to_end(&mut content).unwrap();
        found.insert(path, (mode, content));
    }
    for (path, entry) in draft.tree.iter() {
        let (mode, content) = found.remove(path.as_str()).unwrap();
        assert_eq!(mode, entry.mode, "{path}");
        match &entry.content {
            Content::Bytes(bytes) => assert_eq!(&content, bytes, "{path}"),
            Content::Payload(payload) => assert_eq!(content, fs::read(&payload.source).unwrap(), "{path}"),
        }
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), ["SHA256SUMS", "apply", "manifest.json"]);
    assert_eq!(found["apply"].0, 0o755);
}

#[test]
fn the_number_of_threads_does_not_show() {
    let folder = tempfile::tempdir().unwrap();
    let payload = sample::payload(folder.path());
    // Enough for several chunks under way on every thread.
    fs::write(payload.join("big"), sample::noise(6_000_000)).unwrap();
    let draft = sample::large("lb1", &payload, &Measured::default());
    let one = sample::bytes(&draft, threads(1));
    for count in [2, 3, 16] {
        assert!(sample::bytes(&draft, threads(count)) == one, "{count} threads");
    }
}

#[test]
fn a_payload_is_read_once_for_many_nodes_and_that_does_not_show() {
    let folder = tempfile::tempdir().unwrap();
    let payload = sample::payload(folder.path());
    let measured = Measured::default();
    let drafts = ["a", "b", "c"].map(|node| sample::large(node, &payload, &measured));
    let alone = drafts.each_ref().map(|draft| sample::bytes(draft, Options::default()));
    let output = folder.path().join("out");
    let press = Press::open(&output, Options::default()).unwrap();
    press.write(&drafts[0]).unwrap();
    fs::remove_dir_all(&payload).unwrap();
    press.write(&drafts[1]).unwrap();
    press.write(&drafts[2]).unwrap();
    let written = press.publish().unwrap();
    for (bundle, alone) in written.iter().zip(&alone) {
        assert!(fs::read(&bundle.path).unwrap() == *alone, "{}", bundle.node);
        assert_eq!(bundle.outcome, Outcome::Created);
    }
    assert_eq!(listing(&output), ["a.tar.gz", "b.tar.gz", "c.tar.gz"]);
    let metadata = fs::metadata(&written[0].path).unwrap();
    assert_eq!(metadata.mode() & 0o777, 0o600);
}

#[test]
fn many_threads_may_write() {
    let folder = tempfile::tempdir().unwrap();
    let payload = sample::payload(folder.path());
    let (press, measured) = (Press::open(folder.path(), Options::default()).unwrap(), Measured::default());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (press, measured, payload) = (&press, &measured, &payload);
            scope.spawn(move || {
                for n in 0..5 {
                    press.write(&sample::small(&format!("s{thread}-{n}"))).unwrap();
                }
                press.write(&sample::large(&format!("l{thread}"), payload, measured)).unwrap();
            });
        }
    });
    let written = press.publish().unwrap();
    assert_eq!(written.len(), 48);
    for bundle in &written {
        crate::verify::verify(&bundle.path, None).unwrap();
    }
    assert!(written.is_sorted_by_key(|bundle| &bundle.node));
}

#[test]
fn signing_twice_gives_the_same_bytes() {
    let (folder, key) = sample::key();
    let draft = sample::small("lb1");
    let signed = || sample::bytes(&draft, Options { key: Some(&key), ..Options::default() });
    let first = signed();
    assert!(first == signed());
    assert!(first != sample::bytes(&draft, Options::default()));
    fs::write(folder.path().join("b"), first).unwrap();
    let public = crate::bundle::VerifyingKey::read(&folder.path().join("key.pub")).unwrap();
    let report = crate::verify::verify(&folder.path().join("b"), Some(&public)).unwrap();
    assert_eq!(report.signature, crate::verify::Signature::Good { key: key.id().to_string() });
}

#[test]
fn what_exists_is_kept_unless_it_may_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let one = |force, content: &str| {
        let mut draft = sample::small("lb1");
        draft.waivers[0].reason = content.to_owned();
        let options = Options { force, ..Options::default() };
        write(&[draft], folder.path(), options).map(|written| written[0].outcome)
    };
    assert_eq!(one(false, "x").unwrap(), Outcome::Created);
    let first = fs::read(folder.path().join("lb1.tar.gz")).unwrap();
    assert_eq!(one(false, "x").unwrap(), Outcome::Unchanged);
    assert!(matches!(one(false, "y"), Err(WriteError::Exists(_))));
    assert_eq!(fs::read(folder.path().join("lb1.tar.gz")).unwrap(), first);
    assert_eq!(one(true, "y").unwrap(), Outcome::Replaced);
    assert_ne!(fs::read(folder.path().join("lb1.tar.gz")).unwrap(), first);
    assert_eq!(listing(folder.path()), ["lb1.tar.gz"]);
}

#[test]
fn one_that_exists_keeps_all_from_appearing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("b.tar.gz"), "other").unwrap();
    let drafts = ["a", "b"].map(sample::small);
    assert!(matches!(write(&drafts, folder.path(), Options::default()), Err(WriteError::Exists(_))));
    fs::remove_file(folder.path().join("b.tar.gz")).unwrap();
    fs::create_dir(folder.path().join("b.tar.gz")).unwrap();
    let force = Options { force: true, ..Options::default() };
    assert!(matches!(write(&drafts, folder.path(), force), Err(WriteError::Output { .. })));
    assert_eq!(listing(folder.path()), ["b.tar.gz"]);
}

#[test]
fn a_failure_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let payload = sample::payload(folder.path());
    let dense = payload.join("deb/dense.deb");
    let draft = sample::large("lb1", &payload, &Measured::default());
    let output = folder.path().join("deep/er");
    let original = fs::read(&dense).unwrap();
    let fails = || write(std::slice::from_ref(&draft), &output, Options::default()).unwrap_err();

    let mut other = original.clone();
    other[200_000] ^= 1;
    for content in [&other[..], &original[..100], &[&original[..], b"x"].concat(), b""] {
        fs::write(&dense, content).unwrap();
        assert!(matches!(fails(), WriteError::Seal(SealError::Changed(path)) if path == dense));
    }
    fs::remove_file(&dense).unwrap();
    assert!(matches!(fails(), WriteError::Seal(SealError::Payload { .. })));
    fs::create_dir(&dense).unwrap();
    assert!(matches!(fails(), WriteError::Seal(SealError::Payload { .. })));
    assert!(!folder.path().join("deep").exists());

    let twice = write(&["a", "a"].map(sample::small), &output, Options::default()).unwrap_err();
    assert!(matches!(twice, WriteError::Twice(node) if node == "a"));
    let evil = write(&[sample::small("../a")], &output, Options::default()).unwrap_err();
    assert!(matches!(evil, WriteError::Seal(SealError::Contents { .. })));
    assert!(!folder.path().join("deep").exists());
}

#[test]
fn two_runs_do_not_mix_and_a_killed_one_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let press = Press::open(folder.path(), Options::default()).unwrap();
    press.write(&sample::small("a")).unwrap();
    assert!(matches!(Press::open(folder.path(), Options::default()), Err(WriteError::Busy(_))));
    drop(press);
    assert!(listing(folder.path()).is_empty());

    fs::create_dir(folder.path().join(STAGE)).unwrap();
    fs::write(folder.path().join(STAGE).join("a.tar.gz"), "half").unwrap();
    write(&[sample::small("a")], folder.path(), Options::default()).unwrap();
    assert_eq!(listing(folder.path()), ["a.tar.gz"]);
}
