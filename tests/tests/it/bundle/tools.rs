//! Ordinary tools read a bundle: tar, gzip, pigz, busybox, Python, sha256sum, minisign.

use std::fs;
use std::path::{Path, PathBuf};

use hagen::bundle::payload::Measured;
use hagen::bundle::{Draft, Options, SigningKey, VerifyingKey, write};
use hagen::tree::{Content, Entry, TreePath};
use hagen::verify::{Signature, verify};
use tempfile::TempDir;

use super::lab::{draft, ok, program};

/// Bytes that do not compress: a linear congruential generator's high bytes.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// A folder with payload, and a draft that carries it.
fn with_payload() -> (TempDir, Draft) {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}/{}", "d".repeat(110), "f".repeat(90));
    for (name, content) in [
        ("empty", vec![]),
        ("dense", noise(1_000_000)),
        ("text", (0..200_000).flat_map(|n: u32| n.to_string().into_bytes()).collect()),
        (&*long, b"a name that fills a header".to_vec()),
    ] {
        let path = folder.path().join("payload").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let mut draft =
        draft(1, &[("/etc/hosts", 0o644, "127.0.0.1 localhost\n"), ("/etc/key", 0o600, "hunter2")]);
    for (path, payload) in Measured::default().folder(&folder.path().join("payload")).unwrap() {
        let content = Content::Payload(payload);
        let entry = Entry { mode: 0o644, secret: false, origin: "payload".to_owned(), content };
        draft.tree.insert(TreePath::under("packages", path.as_str()).unwrap(), entry).unwrap();
    }
    (folder, draft)
}

fn bundle(draft: &Draft, folder: &Path) -> PathBuf {
    write(std::slice::from_ref(draft), folder, Options::default()).unwrap().remove(0).path
}

/// The unpacked folder is the bundle, to hagen and to sha256sum.
fn holds(folder: &Path, draft: &Draft) {
    let report = verify(folder, None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.files, draft.tree.len() + 1);
    ok(program("sha256sum").args(["-c", "--strict", "--quiet", "SHA256SUMS"]).current_dir(folder));
    ok(program("busybox").args(["sha256sum", "-c", "SHA256SUMS"]).current_dir(folder));
}

#[test]
fn archivers_unpack_it() {
    let (folder, draft) = with_payload();
    let bundle = bundle(&draft, folder.path());
    let bundle = bundle.to_str().unwrap();
    let into = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let gnu = into("gnu");
    ok(program("tar").args(["xpzf", bundle]).arg("-C").arg(&gnu));
    holds(&gnu, &draft);

    let pigz = into("pigz");
    ok(program("tar").args(["--use-compress-program=pigz", "-xpf", bundle]).arg("-C").arg(&pigz));
    holds(&pigz, &draft);

    let busybox = into("busybox");
    ok(program("busybox").args(["tar", "xzf", bundle]).arg("-C").arg(&busybox));
    holds(&busybox, &draft);

    let python = into("python");
    let unpack = "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])";
    ok(program("python3").args(["-c", unpack, bundle]).arg(&python));
    holds(&python, &draft);
}

#[test]
fn decompressors_accept_it_and_agree() {
    let (folder, draft) = with_payload();
    let bundle = bundle(&draft, folder.path());
    ok(program("gzip").arg("-t").arg(&bundle));
    ok(program("pigz").arg("-t").arg(&bundle));
    ok(program("busybox").args(["gzip", "-t"]).arg(&bundle));
    let tar = |command: &str| {
        let script = format!("{command} \"$1\" | sha256sum");
        ok(program("sh").args(["-c", &script, "sh"]).arg(&bundle))
    };
    let python = "python3 -c 'import sys, gzip, shutil; \
                  shutil.copyfileobj(gzip.open(sys.argv[1]), sys.stdout.buffer)'";
    let expected = tar("gzip -dc");
    for command in ["pigz -dc", "busybox gunzip -c", python] {
        assert_eq!(tar(command), expected, "{command}");
    }
}

#[test]
fn listings_say_root_and_the_same_time() {
    let (folder, draft) = with_payload();
    let bundle = bundle(&draft, folder.path());
    let listing = ok(program("tar").env("TZ", "UTC").args(["--utc", "--full-time", "-tvzf"]).arg(&bundle));
    let lines = listing.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), draft.tree.len() + 3);
    for line in &lines {
        assert!(line.contains(" root/root ") && line.contains("2000-01-01 00:00:00"), "{line}");
    }
    let names = lines.iter().map(|line| line.rsplit_once(' ').unwrap().1).collect::<Vec<_>>();
    assert_eq!(names[..3], ["manifest.json", "SHA256SUMS", "apply"]);
    assert!(names[2..].is_sorted());
    assert!(lines[2].starts_with("-rwxr-xr-x"));
    assert!(listing.contains("-rw------- root/root"));
}

/// A key pair of the real `minisign`, with this password or none.
fn keys(password: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = match password {
        None => "minisign -G -f -W -p pub -s sec".to_owned(),
        Some(password) => format!("printf '{password}\\n{password}\\n' | minisign -G -f -p pub -s sec"),
    };
    drop(program("minisign"));
    ok(program("sh").args(["-c", &script]).current_dir(folder.path()));
    folder
}

#[test]
fn minisign_verifies_what_hagen_signs_and_says_the_same_bytes() {
    for password in [None, Some("correct horse")] {
        let keys = keys(password);
        let ask = || Ok(password.expect("asked for the password of a key without one").to_owned());
        let key = SigningKey::read(&keys.path().join("sec"), ask).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let options = Options { key: Some(&key), ..Options::default() };
        let draft = draft(1, &[("/etc/hosts", 0o644, "x\n")]);
        let unpacked = super::lab::unpack(&draft, folder.path(), options);
        let public = keys.path().join("pub");
        let said = ok(program("minisign")
            .args(["-V", "-m", "manifest.json", "-p"])
            .arg(&public)
            .current_dir(&unpacked));
        assert!(said.contains("Signature and comment signature verified"), "{said}");
        let key = VerifyingKey::read(&public).unwrap();
        for place in [folder.path().join("lb1.tar.gz"), unpacked.clone()] {
            let report = verify(&place, Some(&key)).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(report.signature, Signature::Good { key: key.id().to_string() });
        }
        // minisign's own signature with the same comments is the same, byte for byte.
        if password.is_none() {
            let ours = fs::read_to_string(unpacked.join("manifest.json.minisig")).unwrap();
            let comments = ours.lines().step_by(2).map(|line| line.split_once(": ").unwrap().1);
            let comments = comments.collect::<Vec<_>>();
            ok(program("minisign")
                .args([
                    "-S",
                    "-m",
                    "manifest.json",
                    "-x",
                    "theirs",
                    "-c",
                    comments[0],
                    "-t",
                    comments[1],
                    "-s",
                ])
                .arg(keys.path().join("sec"))
                .current_dir(&unpacked));
            assert_eq!(fs::read_to_string(unpacked.join("theirs")).unwrap(), ours);
        }
    }
}

#[test]
fn a_key_that_cannot_be_used_is_refused() {
    let keys = keys(Some("right"));
    let secret = keys.path().join("sec");
    let wrong = SigningKey::read(&secret, || Ok("wrong".to_owned())).unwrap_err().to_string();
    assert!(wrong.contains("Wrong password"), "{wrong}");
    let refused =
        SigningKey::read(&keys.path().join("pub"), || Ok("right".to_owned())).unwrap_err().to_string();
    assert!(refused.contains("is not a usable minisign secret key"), "{refused}");
    let refused = VerifyingKey::read(&secret).unwrap_err().to_string();
    assert!(refused.contains("is not a usable minisign public key"), "{refused}");
}

#[test]
fn minisign_and_hagen_refuse_the_same_change() {
    let keys = keys(None);
    let key = SigningKey::read(&keys.path().join("sec"), || panic!("no password")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = Options { key: Some(&key), ..Options::default() };
    let unpacked = super::lab::unpack(&draft(1, &[("/etc/hosts", 0o644, "x\n")]), folder.path(), options);
    let manifest = unpacked.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("\"origin\":\"test\"", "\"origin\":\"tost\"", 1)).unwrap();
    let public = keys.path().join("pub");
    let mut minisign = program("minisign");
    let minisign = minisign.args(["-V", "-m", "manifest.json", "-p"]).arg(&public).current_dir(&unpacked);
    assert!(!minisign.output().unwrap().status.success());
    let key = VerifyingKey::read(&public).unwrap();
    let refused = verify(&unpacked, Some(&key)).unwrap_err().to_string();
    assert!(refused.starts_with("manifest.json.minisig: it does not fit"), "{refused}");
}
