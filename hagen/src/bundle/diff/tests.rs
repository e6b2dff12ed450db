//! What people read about two bundles.

use std::fs;

use super::super::sample;
use super::super::{Draft, Options, show};
use super::*;
use crate::tree::{File, Tree};

/// Two bundles that differ in every way a file can.
fn two() -> (Draft, Draft) {
    let (mut old, mut new) = (sample::small("lb1"), sample::small("lb1"));
    old.tree = Tree::default();
    new.tree = Tree::default();
    new.id = BundleId::from([7; 32]);
    new.waivers.clear();
    let place = |draft: &mut Draft, file| draft.tree.place("rootfs", file).unwrap();
    place(&mut old, File::config("hosts", "/etc/hosts", "a\nb\nc\nd\ne\n"));
    place(&mut new, File::config("hosts", "/etc/hosts", "a\nb\nC\nd\ne\n"));
    place(&mut old, File::config("hosts", "/etc/gone", "x"));
    place(&mut new, File::secret_config("hosts", "/etc/came", "hunter2\n"));
    place(&mut old, File::secret_config("keepalived", "/etc/secret", "hunter2\n"));
    place(&mut new, File::secret_config("keepalived", "/etc/secret", "hunter3\n"));
    place(&mut old, File::config("x", "/etc/becomes-secret", "hunter2\n"));
    place(&mut new, File::secret_config("x", "/etc/becomes-secret", "hunter3\n"));
    place(&mut old, File::config("x", "/etc/mode", "same"));
    place(&mut new, File::script("x", "/etc/mode", "same"));
    place(&mut old, File::config("x", "/etc/binary", "\x1b[2J"));
    place(&mut new, File::config("x", "/etc/binary", "\x1b[3J!"));
    place(&mut old, File::config("x", "/etc/same", "same"));
    place(&mut new, File::config("x", "/etc/same", "same"));
    (old, new)
}

/// Both as archives in a folder.
fn archives(folder: &Path) -> [std::path::PathBuf; 2] {
    let (old, new) = two();
    [("old", old), ("new", new)].map(|(name, draft)| {
        let path = folder.join(name);
        fs::write(&path, sample::bytes(&draft, Options::default())).unwrap();
        path
    })
}

#[test]
fn what_changes_is_told_and_secrets_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = archives(folder.path());
    let diff = diff(&old, &new).unwrap();
    let apply = diff.changes.iter().position(|change| change.path == "apply");
    let mut shown = diff.clone();
    if let Some(at) = apply {
        shown.changes.remove(at);
    }
    let text = shown.to_string().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text, @r"
    --- lb1 bundle 948e922460ded0696594a35916a9413024ac29db299ce4608f69487de113e3a9 by hagen VERSION
    +++ lb1 bundle 0707070707070707070707070707070707070707070707070707070707070707 by hagen VERSION
    - waiver QR-3: a lab
    M rootfs/etc/becomes-secret (x, mode 0644 to 0600, content changed, 8 to 8 bytes, secret)
    M rootfs/etc/binary (x, content changed, 4 to 5 bytes)
    A rootfs/etc/came (hosts, 0600, 8 bytes, secret)
    D rootfs/etc/gone (hosts)
    M rootfs/etc/hosts (hosts)
        @@ -1,5 +1,5 @@
         a
         b
        -c
        +C
         d
         e
    M rootfs/etc/mode (x, mode 0644 to 0755)
    M rootfs/etc/secret (keepalived, content changed, 8 to 8 bytes, secret)
    ");
    let json = serde_json::to_string(&diff).unwrap();
    for text in [&text, &json] {
        assert!(!text.contains("hunter"), "{text}");
    }
    assert!(!text.contains('\x1b'));
}

#[test]
fn the_same_bundle_has_no_changes() {
    let folder = tempfile::tempdir().unwrap();
    let [old, _] = archives(folder.path());
    assert!(diff(&old, &old).unwrap().is_empty());
}

#[test]
fn an_unpacked_bundle_compares_as_its_archive_and_must_hold() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = archives(folder.path());
    let unpacked = folder.path().join("unpacked");
    let tar = flate2::read::MultiGzDecoder::new(fs::File::open(&new).unwrap());
    tar::Archive::new(tar).unpack(&unpacked).unwrap();
    assert_eq!(diff(&old, &unpacked).unwrap(), diff(&old, &new).unwrap());
    assert_eq!(show(&unpacked).unwrap().manifest, show(&new).unwrap().manifest);

    fs::write(unpacked.join("rootfs/etc/hosts"), "a\nb\nX\nd\ne\n").unwrap();
    assert!(
        matches!(diff(&old, &unpacked), Err(ReadError::Bad(problem)) if problem.path == "rootfs/etc/hosts")
    );
    let mut bytes = fs::read(&new).unwrap();
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    fs::write(&new, bytes).unwrap();
    assert!(matches!(diff(&old, &new), Err(ReadError::Bad(_))));
}

#[test]
fn a_listing_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let [old, _] = archives(folder.path());
    let mut shown = show(&old).unwrap();
    // The script's length changes with every word of it.
    shown.manifest.files.retain(|file| file.path.as_str() != "apply");
    shown.archive_bytes = Some(12_345);
    let text = shown.to_string().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text, @r"
    bundle    948e922460ded0696594a35916a9413024ac29db299ce4608f69487de113e3a9
    node      lb1
    generator hagen VERSION
    signed    no
    waived    QR-3: a lab
    archive   12345 bytes
    content   7 files, 39 bytes

    0644  8 x                 rootfs/etc/becomes-secret
    0644  4 x                 rootfs/etc/binary
    0644  1 hosts             rootfs/etc/gone
    0644 10 hosts             rootfs/etc/hosts
    0644  4 x                 rootfs/etc/mode
    0644  4 x                 rootfs/etc/same
    0600  8 keepalived secret rootfs/etc/secret
    ");
}
