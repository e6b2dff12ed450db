//! The manifest's one spelling, and what it must never say.

use super::*;

fn record(path: &str) -> FileRecord {
    FileRecord {
        path: TreePath::new(path).unwrap(),
        mode: Mode(0o644),
        size: 3,
        sha256: Digest::of(b"abc"),
        origin: "test".into(),
        secret: false,
        packed: None,
    }
}

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        generator: "hagen 0.1.0".into(),
        id: BundleId::from([0xab; 32]),
        node: "lb1.example".into(),
        signer: None,
        packed: Digest::of(b""),
        waivers: vec![Waiver { rule: "QR-3".into(), reason: "two \"sites\" only".into() }],
        files: vec![record("apply"), record("cloud-init/meta-data"), record("rootfs/etc/hosts")],
    }
}

#[test]
fn golden() {
    let mut manifest = manifest();
    manifest.files[2].secret = true;
    manifest.files[2].mode = Mode(0o600);
    manifest.files[2].packed = Some(Digest::of(b""));
    let text = String::from_utf8(manifest.to_bytes().unwrap()).unwrap();
    insta::assert_snapshot!(text, @r#"
    {"format":1,
    "generator":"hagen 0.1.0",
    "id":"abababababababababababababababababababababababababababababababab",
    "node":"lb1.example",
    "signer":null,
    "packed":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "waivers":[{"rule":"QR-3","reason":"two \"sites\" only"}],
    "files":[
    {"path":"apply","mode":"0644","size":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","origin":"test","secret":false},
    {"path":"cloud-init/meta-data","mode":"0644","size":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","origin":"test","secret":false},
    {"path":"rootfs/etc/hosts","mode":"0600","size":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","origin":"test","secret":true,"packed":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
    ]}
    "#);
    assert_eq!(Manifest::from_bytes(text.as_bytes()).unwrap(), manifest);
    let sums = String::from_utf8(manifest.sums(b"abc")).unwrap();
    let paths = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect::<Vec<_>>();
    assert_eq!(paths, ["apply", "cloud-init/meta-data", "manifest.json", "rootfs/etc/hosts"]);
}

#[test]
fn another_spelling_is_refused() {
    let text = String::from_utf8(manifest().to_bytes().unwrap()).unwrap();
    assert!(Manifest::from_bytes(text.as_bytes()).is_ok());
    for (from, to) in [
        ("\"format\":1", "\"format\": 1"),
        ("\n]}\n", "\n]}"),
        ("\n]}\n", "\n]}\n\n"),
        ("\"secret\":false", "\"secret\":false,\"packed\":null"),
        ("\"origin\":\"test\"", "\"origin\":\"t\\u0065st\""),
    ] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text);
        let refused = Manifest::from_bytes(other.as_bytes());
        assert!(matches!(refused, Err(ManifestError::Spelling)), "{from} -> {to}: {refused:?}");
    }
    for (from, to) in [
        ("\"secret\":false", "\"secret\":false,\"x\":1"),
        ("\"mode\":\"0644\"", "\"mode\":\"644\""),
        ("\"mode\":\"0644\"", "\"mode\":\"4755\""),
        ("\"mode\":\"0644\"", "\"mode\":\"+644\""),
        ("\"id\":\"ab", "\"id\":\"AB"),
        ("rootfs/etc/hosts", "rootfs/../etc/hosts"),
        ("\"node\":", "\"node\":\"x\",\"node\":"),
    ] {
        let refused = Manifest::from_bytes(text.replacen(from, to, 1).as_bytes());
        assert!(matches!(refused, Err(ManifestError::Json(_))), "{from} -> {to}: {refused:?}");
    }
    let newer = text.replacen("\"format\":1", "\"format\":2", 1);
    assert!(matches!(Manifest::from_bytes(newer.as_bytes()), Err(ManifestError::Format(2))));
}

#[test]
fn unlawful_contents_are_refused() {
    let check = |change: fn(&mut Manifest)| {
        let mut manifest = manifest();
        change(&mut manifest);
        Manifest::from_bytes(&manifest.to_bytes().unwrap()).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(check(|m| m.node = "../x".into()), "`../x` is not a node name");
    assert_eq!(check(|m| m.node = String::new()), "`` is not a node name");
    assert_eq!(check(|m| m.node = "LB1".into()), "`LB1` is not a node name");
    assert_eq!(check(|m| m.files.swap(0, 1)), "it lists `apply` twice or out of order");
    assert_eq!(check(|m| m.files[1] = record("apply")), "it lists `apply` twice or out of order");
    assert_eq!(
        check(|m| m.files[2] = record("etc/hosts")),
        "it lists `etc/hosts`, which is no place in a bundle"
    );
    assert_eq!(check(|m| m.files[2] = record("rootfs")), "it lists `rootfs`, which is no place in a bundle");
    assert_eq!(check(|m| drop(m.files.remove(0))), "it lists no `apply`");
    assert_eq!(
        check(|m| m.files[1].secret = true),
        "it lists the secret `cloud-init/meta-data` with mode 0644"
    );
    assert_eq!(
        check(|m| {
            m.files[1] = record("rootfs/etc");
            m.files.insert(2, record("rootfs/etc-x"));
        }),
        "it lists `rootfs/etc` as a file and as a folder"
    );
}

#[test]
fn the_id_depends_on_every_part() {
    let id = BundleId::of(b"ab", b"c");
    assert_eq!(id, BundleId::of(b"ab", b"c"));
    assert_ne!(id, BundleId::of(b"a", b"bc"));
    assert_ne!(id, BundleId::of(b"ab", b""));
}

#[test]
fn names_spelled_here_are_paths() {
    for name in [MANIFEST, SIGNATURE, SUMS, APPLY] {
        assert_eq!(TreePath::known(name), TreePath::new(name).unwrap());
    }
}
