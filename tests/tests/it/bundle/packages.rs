//! `apply` installs packages from the bundle alone, with the real apt and the real dnf.

use std::fs;
use std::path::Path;

use hagen::bundle::Draft;
use hagen::bundle::payload::Measured;
use hagen::plan::activation::{OnChange, UnitAction};
use hagen::tree::{Content, Entry, TreePath};
use tempfile::TempDir;

use super::lab::{self, ok, program, said};
use super::machine::Machine;

/// Makes a Debian package with one file, and what else its control file says.
fn deb(folder: &Path, name: &str, version: &str, more: &str) {
    let tree = tempfile::tempdir().unwrap();
    lab::furnish(
        tree.path(),
        &[
            (&format!("/usr/share/{name}/version"), 0o644, version),
            (
                "/DEBIAN/control",
                0o644,
                &format!(
                    "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: x <x@example>\n{more}Description: x\n"
                ),
            ),
            // As a daemon's package does; what comes of it is decided by policy-rc.d.
            (
                "/DEBIAN/postinst",
                0o755,
                "#!/bin/sh\nfor action in start restart; do\n    rc=0\n    /usr/sbin/policy-rc.d hagen-test-daemon.service $action || rc=$?\n    echo $action $rc >>/machine/policy\ndone\n",
            ),
        ],
    );
    ok(program("dpkg-deb")
        .args(["--root-owner-group", "-b"])
        .arg(tree.path())
        .arg(folder.join(format!("{name}_{version}.deb"))));
}

/// A draft that carries a folder as its repository.
fn with_repository(seed: u8, repository: &Path, below: &str, packages: &[&str]) -> Draft {
    let mut draft = lab::draft(seed, &[("/etc/hagen-test", 0o644, "x\n")]);
    for (path, payload) in Measured::default().folder(repository).unwrap() {
        let content = Content::Payload(payload);
        let entry = Entry { mode: 0o644, secret: false, origin: "payload".to_owned(), content };
        draft.tree.insert(TreePath::under(below, path.as_str()).unwrap(), entry).unwrap();
    }
    draft.activation.packages = packages.iter().map(|name| (*name).to_owned()).collect();
    draft.activation.units = vec![UnitAction {
        name: "hagen-test-daemon.service".into(),
        on_change: OnChange::Restart,
        reads: vec!["/etc/hagen-test".into()],
        check: vec![],
    }];
    draft
}

fn deb_repository(make: impl FnOnce(&Path)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let index = ok(program("apt-ftparchive").args(["packages", "."]).current_dir(folder.path()));
    fs::write(folder.path().join("Packages"), index).unwrap();
    folder
}

fn machine() -> Machine {
    let machine = Machine::new();
    machine.unit("hagen-test-daemon.service");
    // Systems in containers have one of their own.
    machine.run("rm -f /usr/sbin/policy-rc.d");
    machine
}

#[track_caller]
fn apply(machine: &Machine, code: i32) -> String {
    let output = machine.run("/bundle/apply");
    let text = said(&output);
    let log = fs::read_to_string(machine.path("/var/lib/hagen/apply.log")).unwrap_or_default();
    assert_eq!(output.status.code(), Some(code), "{text}\n{log}");
    text
}

fn version(machine: &Machine, package: &str) -> String {
    let query = format!("dpkg-query -W -f='${{db:Status-Status}} ${{Version}}' {package}");
    said(&machine.run(&query))
}

#[test]
fn apt_installs_from_the_bundle_alone() {
    let machine = machine();
    let first = deb_repository(|folder| {
        deb(folder, "hagen-test-daemon", "1.0", "Depends: hagen-test-lib (>= 1)\n");
        deb(folder, "hagen-test-lib", "1.0", "");
    });
    machine.bring(&with_repository(1, first.path(), "packages/deb", &["hagen-test-daemon"]));
    let output = machine.run("/bundle/apply --dry-run");
    assert!(said(&output).contains("would install packages: hagen-test-daemon"), "{}", said(&output));
    assert!(!machine.path("/var/lib/hagen").exists());

    let text = apply(&machine, 0);
    assert!(text.contains("installing packages: hagen-test-daemon"), "{text}");
    assert_eq!(version(&machine, "hagen-test-daemon"), "installed 1.0");
    assert_eq!(version(&machine, "hagen-test-lib"), "installed 1.0");
    // The package may not start the unit before its files are there; restarting is allowed.
    let policy = machine.read("/machine/policy");
    assert!(
        policy.lines().any(|line| line == "start 101") && policy.lines().any(|line| line == "restart 0"),
        "{policy}"
    );
    assert!(!machine.path("/usr/sbin/policy-rc.d").is_file());
    assert_eq!(
        machine.calls(),
        ["daemon-reload", "enable hagen-test-daemon.service", "start hagen-test-daemon.service"]
    );

    let text = apply(&machine, 0);
    assert!(text.contains("nothing to change") && !text.contains("installing"), "{text}");

    let second = deb_repository(|folder| {
        deb(folder, "hagen-test-daemon", "2.0", "Depends: hagen-test-lib (>= 1)\n");
        deb(folder, "hagen-test-lib", "1.0", "");
    });
    machine.bring(&with_repository(2, second.path(), "packages/deb", &["hagen-test-daemon"]));
    apply(&machine, 0);
    assert_eq!(version(&machine, "hagen-test-daemon"), "installed 2.0");
    assert!(!machine.path("/var/lib/hagen/apt").exists());
}

#[test]
fn a_policy_of_the_operator_stays() {
    let machine = machine();
    let policy = "#!/bin/sh\nexit 101\n";
    machine.write("/usr/sbin/policy-rc.d", policy);
    let repository = deb_repository(|folder| deb(folder, "hagen-test-daemon", "1.0", ""));
    machine.bring(&with_repository(1, repository.path(), "packages/deb", &["hagen-test-daemon"]));
    apply(&machine, 0);
    assert_eq!(machine.read("/usr/sbin/policy-rc.d"), policy);
}

#[test]
fn what_apt_cannot_install_changes_nothing() {
    for (make, why) in [
        (
            &(|folder: &Path| deb(folder, "hagen-test-daemon", "1.0", "Depends: hagen-test-lib\n"))
                as &dyn Fn(&Path),
            "hagen-test-lib",
        ),
        (&|folder: &Path| deb(folder, "hagen-test-other", "1.0", ""), "hagen-test-daemon"),
        // Installing it would take a package of the system away.
        (&|folder: &Path| deb(folder, "hagen-test-daemon", "1.0", "Conflicts: busybox\n"), "busybox"),
    ] {
        let machine = machine();
        let repository = deb_repository(make);
        machine.bring(&with_repository(1, repository.path(), "packages/deb", &["hagen-test-daemon"]));
        let text = apply(&machine, 1);
        assert!(
            text.contains("the packages could not be installed (step: packages)") && text.contains(why),
            "{text}"
        );
        assert!(text.contains("no file and no unit was changed"), "{text}");
        assert!(machine.calls().is_empty());
        assert!(!machine.path("/etc/hagen-test").exists());
        assert!(!machine.path("/usr/sbin/policy-rc.d").is_file());
    }
}

#[test]
fn a_machine_without_the_package_manager_is_told_so() {
    let machine = machine();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("repodata")).unwrap();
    fs::write(folder.path().join("repodata/repomd.xml"), "<repomd/>").unwrap();
    machine.bring(&with_repository(1, folder.path(), "packages/rpm", &["x"]));
    // Whatever this system has: on the machine there is neither.
    let hide = "for tool in dnf yum; do path=$(command -v $tool) && rm -f \"$path\"; done; /bundle/apply";
    let output = machine.run(hide);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("not installed, and not in this bundle: x;"), "{}", said(&output));
}

#[test]
fn packages_that_are_there_need_no_repository() {
    let machine = machine();
    let empty = tempfile::tempdir().unwrap();
    machine.bring(&with_repository(1, empty.path(), "packages/deb", &["busybox"]));
    let text = apply(&machine, 0);
    assert!(!text.contains("installing"), "{text}");
    machine.bring(&with_repository(2, empty.path(), "packages/deb", &["busybox", "hagen-test-daemon"]));
    let text = apply(&machine, 3);
    assert!(text.contains("not installed, and not in this bundle: hagen-test-daemon;"), "{text}");
    assert!(machine.calls().len() == 3, "the second run touched a unit");
}

#[test]
fn dnf_installs_from_the_bundle_alone() {
    drop((program("dnf"), program("createrepo_c")));
    let folder = tempfile::tempdir().unwrap();
    let spec = "Name: hagen-test-daemon\nVersion: 1.0\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n\
                %description\nx\n%install\nmkdir -p %{buildroot}/usr/share/hagen-test-daemon\n\
                echo 1.0 >%{buildroot}/usr/share/hagen-test-daemon/version\n%files\n/usr/share/hagen-test-daemon/version\n";
    fs::write(folder.path().join("x.spec"), spec).unwrap();
    let top = format!("_topdir {}", folder.path().join("build").display());
    ok(program("rpmbuild").args(["-bb", "--define", &top, "x.spec"]).current_dir(folder.path()));
    let repository = folder.path().join("build/RPMS/noarch");
    ok(program("createrepo_c").args(["--simple-md-filenames", "."]).current_dir(&repository));

    let machine = machine();
    machine.bring(&with_repository(1, &repository, "packages/rpm", &["hagen-test-daemon"]));
    let text = apply(&machine, 0);
    assert!(text.contains("installing packages: hagen-test-daemon"), "{text}");
    assert_eq!(said(&machine.run("rpm -q --qf '%{VERSION}' hagen-test-daemon")), "1.0");
    assert_eq!(machine.read("/usr/share/hagen-test-daemon/version"), "1.0\n");
    let text = apply(&machine, 0);
    assert!(text.contains("nothing to change") && !text.contains("installing"), "{text}");
    assert!(!machine.path("/var/lib/hagen/rpm").exists());
}
