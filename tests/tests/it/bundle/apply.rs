//! `apply` on the files of a system: lays them, changes nothing the second time, and finds its way back.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;
use std::process::Output;

use hagen::bundle::{Options, SigningKey};
use tempfile::TempDir;

use super::lab::{self, SHELLS, furnish, in_memory, ok, picture, program, said, unpacked};

/// A system with files that bundles will meet.
pub(super) fn system() -> TempDir {
    let root = in_memory();
    furnish(
        root.path(),
        &[
            ("/etc/hosts", 0o644, "127.0.0.1 old\n"),
            ("/etc/kept", 0o640, "not ours\n"),
            ("/etc/same", 0o644, "same\n"),
            ("/etc/mode", 0o666, "mode\n"),
            ("/run/stub", 0o644, "nameserver 127.0.0.53\n"),
        ],
    );
    symlink("../run/stub", root.path().join("etc/resolv.conf")).unwrap();
    fs::create_dir(root.path().join("etc/folder")).unwrap();
    symlink("folder", root.path().join("etc/link-to-folder")).unwrap();
    let past = fs::File::open(root.path().join("etc/hosts")).unwrap();
    past.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000)).unwrap();
    root
}

/// The first bundle: new, replaced and equal files, a link that becomes a file, a mode that changes.
pub(super) const FIRST: &[(&str, u32, &str)] = &[
    ("/etc/hosts", 0o644, "127.0.0.1 first\n"),
    ("/etc/same", 0o644, "same\n"),
    ("/etc/mode", 0o644, "mode\n"),
    ("/etc/resolv.conf", 0o644, "nameserver 192.0.2.1\n"),
    ("/etc/link-to-folder", 0o644, "now a file\n"),
    ("/etc/keepalived/keepalived.conf", 0o600, "auth_pass hunter2\n"),
    ("/opt/app/conf.d/first", 0o644, "1\n"),
    ("/opt/app/becomes-folder", 0o644, "a file\n"),
    ("/usr/local/sbin/setup", 0o755, "#!/bin/sh\n"),
];

/// The second: some files change, some go with their folders, one becomes a folder.
pub(super) const SECOND: &[(&str, u32, &str)] = &[
    ("/etc/hosts", 0o644, "127.0.0.1 second\n"),
    ("/etc/same", 0o644, "same\n"),
    ("/etc/resolv.conf", 0o644, "nameserver 192.0.2.1\n"),
    ("/etc/keepalived/keepalived.conf", 0o600, "auth_pass hunter3\n"),
    ("/opt/app/becomes-folder/file", 0o644, "below\n"),
    ("/srv/new/deep/file", 0o755, "#!/bin/sh\nexit 0\n"),
];

/// What is in the root when a bundle is in effect, as far as the bundle says it.
#[track_caller]
fn in_effect(root: &Path, files: &[(&str, u32, &str)]) {
    for (path, mode, content) in files {
        let place = root.join(path.trim_start_matches('/'));
        let metadata = fs::symlink_metadata(&place).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(metadata.is_file(), "{path}");
        assert_eq!(metadata.mode() & 0o7777, *mode, "{path}");
        assert_eq!((metadata.uid(), metadata.gid()), (0, 0), "{path}");
        assert_eq!(fs::read_to_string(&place).unwrap(), *content, "{path}");
    }
}

/// `apply` in a root, with its output.
fn run(shell: &[&str], bundle: &Path, root: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["--root", root.to_str().unwrap()];
    arguments.extend(more);
    lab::apply(shell, bundle, &arguments).output().unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let text = said(output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    text
}

#[track_caller]
fn refused(output: &Output, code: i32, why: &str) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(why), "{text}");
}

fn status(root: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(root.join("var/lib/hagen/status.json")).unwrap()).unwrap()
}

#[test]
fn two_bundles_and_back() {
    let (_a, first) = unpacked(&lab::draft(1, FIRST));
    let (_b, second) = unpacked(&lab::draft(2, SECOND));
    for shell in SHELLS {
        let system = system();
        let root = system.path();
        let before = picture(root, true);

        let text = done(&run(shell, &first, root, &[]));
        in_effect(root, FIRST);
        assert!(text.contains("created /etc/keepalived/keepalived.conf"), "{text}");
        assert!(text.contains("replaced /etc/hosts"), "{text}");
        assert!(!text.contains("/etc/same"), "{text}");
        assert_eq!(status(root)["state"], "applied");
        let between = picture(root, true);
        assert_eq!(fs::metadata(root.join("var/lib/hagen")).unwrap().mode() & 0o777, 0o700);

        // The second time nothing is written, not even with the same content.
        let inode = |path: &str| fs::metadata(root.join(path)).unwrap().ino();
        let hosts = inode("etc/hosts");
        let text = done(&run(shell, &first, root, &[]));
        assert!(text.contains("nothing to change"), "{text}");
        assert_eq!(inode("etc/hosts"), hosts);
        assert_eq!(picture(root, true), between);

        let text = done(&run(shell, &second, root, &[]));
        in_effect(root, SECOND);
        assert!(text.contains("removed /opt/app/conf.d/first"), "{text}");
        for gone in ["opt/app/conf.d", "usr/local/sbin/setup"] {
            assert!(fs::symlink_metadata(root.join(gone)).is_err(), "{gone}");
        }
        // Where something was before hagen, it comes back.
        assert!(text.contains("gave back /etc/mode as it was before hagen"), "{text}");
        assert_eq!(fs::read_link(root.join("etc/link-to-folder")).unwrap(), Path::new("folder"));
        let now = picture(root, true);
        for path in ["etc/mode", "etc/link-to-folder"] {
            assert_eq!(now.get(path), before.get(path));
        }
        assert!(root.join("etc/kept").is_file() && root.join("etc/folder").is_dir());

        let text = done(&run(shell, &second, root, &["--rollback"]));
        assert!(text.contains("undone: 000002-"), "{text}");
        assert_eq!(picture(root, true), between, "{shell:?}");
        assert_eq!(status(root)["state"], "rolled-back");
        done(&run(shell, &first, root, &["--rollback"]));
        let mut after = picture(root, true);
        // Folders that a bundle made go; those above the state stay, for the state does.
        for state in ["var", "var/lib"] {
            after.remove(state).unwrap();
        }
        assert_eq!(after, before, "{shell:?}");
        refused(&run(shell, &first, root, &["--rollback"]), 1, "nothing to roll back");

        // And forward again, over what a rollback left.
        done(&run(shell, &second, root, &[]));
        in_effect(root, SECOND);
    }
}

#[test]
fn a_dry_run_says_all_and_does_nothing() {
    let (_a, first) = unpacked(&lab::draft(1, FIRST));
    let (_b, second) = unpacked(&lab::draft(2, SECOND));
    let system = system();
    let root = system.path();
    let everything = |root: &Path| {
        let mut all = picture(root, true);
        if root.join("var").is_dir() {
            all.extend(picture(&root.join("var/lib/hagen"), true));
        }
        all
    };
    let before = everything(root);
    let text = done(&run(SHELLS[0], &first, root, &["--dry-run"]));
    assert_eq!(everything(root), before);
    for line in
        ["would replace /etc/hosts", "would create /usr/local/sbin/setup", "would make the folder /opt/app"]
    {
        assert!(text.contains(line), "{text}");
    }
    done(&run(SHELLS[0], &first, root, &[]));
    let before = everything(root);
    let text = done(&run(SHELLS[0], &second, root, &["--dry-run"]));
    assert!(text.contains("would remove /usr/local/sbin/setup"), "{text}");
    let text = done(&run(SHELLS[0], &second, root, &["--dry-run", "--rollback"]));
    assert!(
        text.contains("would restore /etc/hosts") && text.contains("would remove /usr/local/sbin/setup"),
        "{text}"
    );
    assert_eq!(everything(root), before);
}

#[test]
fn a_damaged_bundle_is_refused_before_anything_is_touched() {
    let system = system();
    let root = system.path();
    let before = picture(root, true);
    for (break_it, why) in [
        (("rootfs/etc/hosts", Some("127.0.0.1 evil\n")), "rootfs/etc/hosts: FAILED"),
        (("rootfs/etc/hosts", None), "rootfs/etc/hosts: FAILED open or read"),
        (("manifest.json", Some("{}")), "manifest.json: FAILED"),
        (("manifest.json", None), "is not an unpacked bundle"),
        (("SHA256SUMS", None), "is not an unpacked bundle"),
        (("SHA256SUMS", Some("")), "SHA256SUMS does not list"),
    ] {
        let (_folder, bundle) = unpacked(&lab::draft(1, FIRST));
        let (name, content) = break_it;
        match content {
            Some(content) => fs::write(bundle.join(name), content).unwrap(),
            None => fs::remove_file(bundle.join(name)).unwrap(),
        }
        for shell in SHELLS {
            refused(&run(shell, &bundle, root, &[]), 1, why);
        }
    }
    // A line that is taken out would let a file go unchecked.
    let (_folder, bundle) = unpacked(&lab::draft(1, FIRST));
    let sums = fs::read_to_string(bundle.join("SHA256SUMS")).unwrap();
    let fewer = sums.lines().filter(|line| !line.ends_with("/etc/hosts")).map(|line| format!("{line}\n"));
    fs::write(bundle.join("SHA256SUMS"), fewer.collect::<String>()).unwrap();
    refused(&run(SHELLS[0], &bundle, root, &[]), 1, "SHA256SUMS does not list rootfs/etc/hosts");
    assert_eq!(picture(root, true), before);
}

#[test]
fn a_key_demands_a_signature() {
    let keys = tempfile::tempdir().unwrap();
    let generate = |name: &str| {
        let mut minisign = program("minisign");
        let minisign =
            minisign.args(["-G", "-f", "-W", "-p", &format!("{name}.pub"), "-s", &format!("{name}.sec")]);
        ok(minisign.current_dir(keys.path()));
    };
    generate("ours");
    generate("other");
    let key = SigningKey::read(&keys.path().join("ours.sec"), || panic!("no password")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = Options { key: Some(&key), ..Options::default() };
    let signed = lab::unpack(&lab::draft(1, FIRST), folder.path(), options);
    let (_folder, unsigned) = unpacked(&lab::draft(1, FIRST));
    let public = |name: &str| keys.path().join(format!("{name}.pub")).to_str().unwrap().to_owned();
    let (ours, other) = (public("ours"), public("other"));
    let system = system();
    let root = system.path();
    refused(&run(SHELLS[0], &unsigned, root, &["--key", &ours]), 1, "the bundle is not signed");
    refused(&run(SHELLS[0], &signed, root, &["--key", &other]), 1, "is not by the key");
    refused(&run(SHELLS[0], &signed, root, &["--key", "/nowhere"]), 3, "no key file");
    for shell in SHELLS {
        done(&run(shell, &signed, root, &["--key", &ours]));
    }
    // A key on the machine is demanded without being asked for.
    furnish(root, &[("/etc/hagen/minisign.pub", 0o644, &fs::read_to_string(&ours).unwrap())]);
    refused(&run(SHELLS[0], &unsigned, root, &[]), 1, "the bundle is not signed");
    done(&run(SHELLS[0], &signed, root, &[]));

    // Digest list and file changed together: only the signed manifest tells.
    let hosts = signed.join("rootfs/etc/hosts");
    fs::write(&hosts, "127.0.0.1 evil\n").unwrap();
    let mut sha256sum = program("sha256sum");
    let sum = ok(sha256sum.arg("rootfs/etc/hosts").current_dir(&signed));
    let sums = fs::read_to_string(signed.join("SHA256SUMS")).unwrap();
    let sums = sums.lines().map(|line| if line.ends_with("/etc/hosts") { sum.trim_end() } else { line });
    let sums = sums.map(|line| format!("{line}\n")).collect::<String>();
    fs::write(signed.join("SHA256SUMS"), sums).unwrap();
    refused(&run(SHELLS[0], &signed, root, &[]), 1, "does not say what the signed manifest says");
}

#[test]
fn what_stands_in_the_way_is_named_and_nothing_is_touched() {
    let (_a, bundle) = unpacked(&lab::draft(1, FIRST));
    for (stage, why) in [
        (
            &(|root: &Path| fs::create_dir_all(root.join("usr/local/sbin/setup")).unwrap()) as &dyn Fn(&Path),
            "is a folder",
        ),
        (&|root: &Path| fs::write(root.join("opt"), "").unwrap(), "/opt is not a folder"),
        (&|root: &Path| symlink("/nowhere", root.join("opt")).unwrap(), "/opt is not a folder"),
        (&|root: &Path| symlink("/tmp", root.join("opt")).unwrap(), "/opt leads out of the root"),
    ] {
        let system = system();
        stage(system.path());
        let before = picture(system.path(), true);
        let output = run(SHELLS[0], &bundle, system.path(), &[]);
        refused(&output, 1, why);
        assert!(said(&output).contains("no file and no unit was changed"), "{}", said(&output));
        let mut after = picture(system.path(), true);
        after.retain(|path, _| !path.starts_with("var"));
        assert_eq!(after, before);
    }
}

#[test]
fn files_that_were_edited_are_kept_in_the_backup() {
    let (_a, first) = unpacked(&lab::draft(1, FIRST));
    let (_b, second) = unpacked(&lab::draft(2, SECOND));
    let system = system();
    let root = system.path();
    done(&run(SHELLS[0], &first, root, &[]));
    fs::write(root.join("etc/hosts"), "127.0.0.1 edited\n").unwrap();
    let text = done(&run(SHELLS[0], &second, root, &[]));
    assert!(text.contains("/etc/hosts was edited on this machine"), "{text}");
    assert!(!text.contains("keepalived.conf was edited"), "{text}");
    let kept = root.join("var/lib/hagen/backups");
    let kept = fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    assert_eq!(fs::read_to_string(kept.join("files/etc/hosts")).unwrap(), "127.0.0.1 edited\n");

    // Drift is put right by the same bundle.
    fs::write(root.join("etc/hosts"), "drift\n").unwrap();
    let text = done(&run(SHELLS[0], &second, root, &[]));
    assert!(text.contains("replaced /etc/hosts"), "{text}");
    in_effect(root, SECOND);
}

#[test]
fn backups_are_bounded() {
    let system = system();
    let root = system.path();
    for n in 0..14_u8 {
        let (_a, bundle) = unpacked(&lab::draft(n, &[("/etc/hosts", 0o644, &format!("{n}\n"))]));
        done(&run(SHELLS[0], &bundle, root, &[]));
    }
    let kept = fs::read_dir(root.join("var/lib/hagen/backups")).unwrap().count();
    assert_eq!(kept, 10);
    let (_a, bundle) = unpacked(&lab::draft(1, &[]));
    for n in (3..13).rev() {
        done(&run(SHELLS[0], &bundle, root, &["--rollback"]));
        assert_eq!(fs::read_to_string(root.join("etc/hosts")).unwrap(), format!("{n}\n"));
    }
    refused(&run(SHELLS[0], &bundle, root, &["--rollback"]), 1, "nothing to roll back");
}

#[test]
fn a_full_disk_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    ok(program("mount").args(["-t", "tmpfs", "-o", "size=600k", "tmpfs"]).arg(root.path()));
    struct Unmount<'a>(&'a Path);
    impl Drop for Unmount<'_> {
        fn drop(&mut self) {
            let unmounted = program("umount").arg("-l").arg(self.0).status();
            assert!(unmounted.is_ok_and(|status| status.success()));
        }
    }
    let _unmount = Unmount(root.path());
    furnish(root.path(), &[("/etc/hosts", 0o644, "old\n"), ("/etc/big", 0o644, &"old\n".repeat(50_000))]);
    let before = picture(root.path(), true);
    let big = "new\n".repeat(60_000);
    let (_a, bundle) = unpacked(&lab::draft(
        1,
        &[("/etc/hosts", 0o644, "new\n"), ("/etc/big", 0o644, &big), ("/etc/x", 0o644, &big)],
    ));
    let output = run(SHELLS[0], &bundle, root.path(), &[]);
    refused(&output, 1, "everything is as it was");
    let mut after = picture(root.path(), true);
    after.retain(|path, _| !path.starts_with("var"));
    assert_eq!(after, before);
    // With room it works, without a trace of the failure.
    ok(program("mount").args(["-o", "remount,size=4m"]).arg(root.path()));
    done(&run(SHELLS[0], &bundle, root.path(), &[]));
    in_effect(root.path(), &[("/etc/hosts", 0o644, "new\n"), ("/etc/big", 0o644, &big)]);
}

#[test]
fn two_runs_do_not_mix() {
    let (_a, first) = unpacked(&lab::draft(1, FIRST));
    let system = system();
    done(&run(SHELLS[0], &first, system.path(), &[]));
    let lock = system.path().join("var/lib/hagen/lock");
    let held = fs::OpenOptions::new().append(true).open(&lock).unwrap();
    held.try_lock().unwrap();
    refused(&run(SHELLS[0], &first, system.path(), &[]), 3, "another apply is running");
    refused(&run(SHELLS[0], &first, system.path(), &["--rollback"]), 3, "another apply is running");
    drop(held);
    done(&run(SHELLS[0], &first, system.path(), &[]));
}

#[test]
fn it_runs_with_busybox_alone() {
    let (_a, first) = unpacked(&lab::draft(1, FIRST));
    let (_b, second) = unpacked(&lab::draft(2, SECOND));
    let tools = tempfile::tempdir().unwrap();
    ok(program("busybox").args(["--install", "-s"]).arg(tools.path()));
    // Debian's busybox has no flock; util-linux has it on every system that is meant here.
    let flock = ok(program("sh").args(["-c", "command -v flock"]));
    let _ = fs::remove_file(tools.path().join("flock"));
    symlink(flock.trim(), tools.path().join("flock")).unwrap();
    let system = system();
    let root = system.path();
    let alone = |bundle: &Path, more: &[&str]| {
        let arguments = [&["--root", root.to_str().unwrap()], more].concat();
        let mut command = std::process::Command::new(tools.path().join("sh"));
        command.arg(bundle.join("apply")).args(arguments).env("PATH", tools.path()).output().unwrap()
    };
    let before = picture(root, true);
    done(&alone(&first, &[]));
    in_effect(root, FIRST);
    let between = picture(root, true);
    done(&alone(&second, &[]));
    in_effect(root, SECOND);
    done(&alone(&second, &["--rollback"]));
    assert_eq!(picture(root, true), between);
    done(&alone(&second, &["--rollback"]));
    let mut after = picture(root, true);
    after.retain(|path, _| !path.starts_with("var"));
    assert_eq!(after, before);
}
