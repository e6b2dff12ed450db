//! `apply` is killed, with all its children, before each command that it runs. Whatever moment that is: every
//! file is old or new, never half; the next run ends where an uninterrupted one does; and a rollback, where one
//! is due, gives back what was there before.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use hagen::plan::activation::{OnChange, RunBy, SetupScript, UnitAction};
use tempfile::TempDir;

use super::lab::{self, SHELLS, furnish, in_memory, ok, picture, program, said, unpacked};
use super::machine::Machine;

/// Programs that `apply` runs under `--root`.
const PROGRAMS: [&str; 24] = [
    "cat",
    "chmod",
    "chown",
    "cmp",
    "cp",
    "date",
    "dirname",
    "flock",
    "grep",
    "id",
    "ln",
    "mkdir",
    "mv",
    "rm",
    "rmdir",
    "sed",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "sync",
    "tail",
    "tr",
    "uname",
];

/// A count that no run reaches.
const NEVER: usize = 1_000_000;

const FIRST: &[(&str, u32, &str)] = &[
    ("/etc/given-back", 0o644, "first\n"),
    ("/etc/hosts", 0o644, "first\n"),
    ("/etc/resolv.conf", 0o644, "first\n"),
    ("/opt/d/gone", 0o755, "first\n"),
];
/// `/etc/given-back` was there before the first bundle and is not in the second.
const SECOND: &[(&str, u32, &str)] = &[
    ("/etc/hosts", 0o644, "second\n"),
    ("/etc/resolv.conf", 0o644, "first\n"),
    ("/etc/link", 0o600, "second\n"),
    ("/srv/new/file", 0o755, "second\n"),
];

/// A folder of programs that stand before the real ones, count their runs, and kill their process group,
/// which is all of `apply`, at a given count.
struct Traps {
    folder: TempDir,
}

/// The script of a trap before a real program.
fn trap(real: &str) -> String {
    format!(
        "#!/bin/dash\necho >>\"$TRAP_COUNT\"\nn=0\nwhile read -r _; do n=$((n + 1)); done <\"$TRAP_COUNT\"\n\
         [ \"$n\" -lt \"$TRAP_AT\" ] || kill -KILL 0\nexec {real} \"$@\"\n"
    )
}

impl Traps {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in PROGRAMS {
            let path = folder.path().join(name);
            fs::write(&path, trap(ok(program("sh").args(["-c", &format!("command -v {name}")])).trim()))
                .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder }
    }

    /// Runs a command that is killed before its `at`th program; gives the output and how many were run.
    fn run(&self, mut command: Command, at: usize) -> (Output, usize) {
        let count = in_memory();
        let count = count.path().join("count");
        fs::write(&count, "").unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.folder.path().display());
        command.env("PATH", path).env("TRAP_COUNT", &count).env("TRAP_AT", at.to_string());
        let output = command.process_group(0).output().unwrap();
        (output, fs::read_to_string(&count).unwrap().lines().count())
    }
}

/// Two bundles, and a system on which the first is in effect.
struct Case {
    _folders: [TempDir; 2],
    first: PathBuf,
    second: PathBuf,
    system: TempDir,
    before: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
}

impl Case {
    fn new() -> Self {
        let (a, first) = unpacked(&lab::draft(1, FIRST));
        let (b, second) = unpacked(&lab::draft(2, SECOND));
        let system = in_memory();
        furnish(
            system.path(),
            &[("/etc/given-back", 0o640, "old\n"), ("/etc/hosts", 0o644, "old\n"), ("/run/x", 0o644, "x\n")],
        );
        symlink("../run/x", system.path().join("etc/link")).unwrap();
        ok(&mut in_root(SHELLS[0], &first, system.path(), &[]));
        let before = picture(system.path(), false);
        let copy = copy(system.path());
        ok(&mut in_root(SHELLS[0], &second, copy.path(), &[]));
        let after = picture(copy.path(), false);
        assert_ne!(before, after);
        Self { _folders: [a, b], first, second, system, before, after }
    }
}

fn copy(system: &Path) -> TempDir {
    let copy = in_memory();
    ok(program("cp").arg("-a").arg(system.join(".")).arg(copy.path()));
    copy
}

fn in_root(shell: &[&str], bundle: &Path, root: &Path, more: &[&str]) -> Command {
    let arguments = [&["--root", root.to_str().unwrap()], more].concat();
    lab::apply(shell, bundle, &arguments)
}

/// Every file is as before or as after; what lies beside them is the next content of one of them.
#[track_caller]
fn nothing_is_half(case: &Case, root: &Path, when: &str) {
    for (path, about) in picture(root, false) {
        if path.contains("/.hagen-") {
            continue;
        }
        let known = [&case.before, &case.after].into_iter().any(|state| state.get(&path) == Some(&about));
        assert!(known, "{when}: {path} is {about}");
    }
}

/// Runs a check for many moments, on all cores; fails with the first moment that fails.
fn at_every(moments: Vec<usize>, check: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(moment) = moments.get(next.fetch_add(1, Ordering::SeqCst)) {
                    check(*moment);
                }
            });
        }
    });
}

/// How many programs an uninterrupted run of the second bundle runs.
fn moments(traps: &Traps, case: &Case, shell: &[&str]) -> usize {
    let copy = copy(case.system.path());
    let (output, count) = traps.run(in_root(shell, &case.second, copy.path(), &[]), NEVER);
    assert!(output.status.success(), "{}", said(&output));
    assert!(count > 50, "only {count} programs: the traps are not in the way");
    count
}

#[test]
fn the_next_run_completes_it() {
    let (traps, case) = (Traps::new(), Case::new());
    for (shell, step) in SHELLS.into_iter().zip([1, 11, 13]) {
        let count = moments(&traps, &case, shell);
        at_every((1..=count).step_by(step).collect(), |at| {
            let when = format!("{shell:?} killed at {at} of {count}");
            let copy = copy(case.system.path());
            let root = copy.path();
            let (killed, _) = traps.run(in_root(shell, &case.second, root, &[]), at);
            assert_eq!(killed.status.signal(), Some(9), "{when}: {}", said(&killed));
            nothing_is_half(&case, root, &when);
            let again = in_root(shell, &case.second, root, &[]).output().unwrap();
            assert!(again.status.success(), "{when}: {}", said(&again));
            assert_eq!(picture(root, false), case.after, "{when}");
            assert!(!root.join("var/lib/hagen/journal").exists(), "{when}");
            // And what an interruption left does not spoil the way back.
            let back = in_root(shell, &case.second, root, &["--rollback"]).output().unwrap();
            assert!(back.status.success(), "{when}: {}", said(&back));
            assert_eq!(picture(root, false), case.before, "{when}");
        });
    }
}

#[test]
fn a_rollback_of_what_was_interrupted_gives_back_what_was() {
    let (traps, case) = (Traps::new(), Case::new());
    let shell = SHELLS[0];
    let count = moments(&traps, &case, shell);
    let undone = AtomicUsize::new(0);
    at_every((1..=count).step_by(3).collect(), |at| {
        let when = format!("killed at {at} of {count}");
        let copy = copy(case.system.path());
        let root = copy.path();
        traps.run(in_root(shell, &case.second, root, &[]), at);
        if !root.join("var/lib/hagen/journal").exists() {
            return;
        }
        undone.fetch_add(1, Ordering::SeqCst);
        let back = in_root(shell, &case.second, root, &["--rollback"]).output().unwrap();
        assert!(back.status.success(), "{when}: {}", said(&back));
        assert_eq!(picture(root, false), case.before, "{when}");
    });
    let undone = undone.into_inner();
    assert!(undone > count / 12, "only {undone} of {count} moments had something to undo");
}

#[test]
fn another_bundle_after_an_interruption_starts_from_what_was() {
    let (traps, case) = (Traps::new(), Case::new());
    let shell = SHELLS[0];
    let count = moments(&traps, &case, shell);
    at_every((1..=count).step_by(5).collect(), |at| {
        let when = format!("killed at {at} of {count}");
        let copy = copy(case.system.path());
        let root = copy.path();
        traps.run(in_root(shell, &case.second, root, &[]), at);
        let other = in_root(shell, &case.first, root, &[]).output().unwrap();
        assert!(other.status.success(), "{when}: {}", said(&other));
        assert_eq!(picture(root, false), case.before, "{when}");
    });
}

#[test]
fn a_rollback_may_be_interrupted_too() {
    let (traps, case) = (Traps::new(), Case::new());
    let shell = SHELLS[0];
    let applied = copy(case.system.path());
    ok(&mut in_root(shell, &case.second, applied.path(), &[]));
    let whole = copy(applied.path());
    let rollback = |root: &Path| in_root(shell, &case.second, root, &["--rollback"]);
    let (output, count) = traps.run(rollback(whole.path()), NEVER);
    assert!(output.status.success(), "{}", said(&output));
    let resumed = AtomicUsize::new(0);
    at_every((1..=count).collect(), |at| {
        let when = format!("rollback killed at {at} of {count}");
        let copy = copy(applied.path());
        let root = copy.path();
        let (killed, _) = traps.run(rollback(root), at);
        assert_eq!(killed.status.signal(), Some(9), "{when}: {}", said(&killed));
        nothing_is_half(&case, root, &when);
        // The state tells whether the rollback was begun and not finished.
        if root.join("var/lib/hagen/journal").exists() {
            resumed.fetch_add(1, Ordering::SeqCst);
            let again = rollback(root).output().unwrap();
            assert!(again.status.success(), "{when}: {}", said(&again));
            assert_eq!(picture(root, false), case.before, "{when}");
        } else {
            let now = picture(root, false);
            assert!(now == case.before || now == case.after, "{when}");
        }
        // Either way the bundle can be put into effect again.
        let forward = in_root(shell, &case.second, root, &[]).output().unwrap();
        assert!(forward.status.success(), "{when}: {}", said(&forward));
        assert_eq!(picture(root, false), case.after, "{when}");
    });
    assert!(resumed.into_inner() > 10);
}

#[test]
fn a_signal_that_can_be_caught_undoes_the_work() {
    let (case, tools) = (Case::new(), tempfile::tempdir().unwrap());
    // `mv` asks for the end of `apply` just before a file of the system is switched.
    let script =
        "#!/bin/sh\ncase \"$*\" in *.hagen-new.hosts*) kill -TERM \"$PPID\" ;; esac\nexec /bin/mv \"$@\"\n";
    fs::write(tools.path().join("mv"), script).unwrap();
    fs::set_permissions(tools.path().join("mv"), fs::Permissions::from_mode(0o755)).unwrap();
    for shell in SHELLS {
        let copy = copy(case.system.path());
        let mut command = in_root(shell, &case.second, copy.path(), &[]);
        let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap_or_default());
        let output = command.env("PATH", path).output().unwrap();
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.contains("interrupted (step: files)") && text.contains("everything is as it was"),
            "{text}"
        );
        assert_eq!(picture(copy.path(), false), case.before);
    }
}

/// The bundle of a unit that reads a file, starts, and has its script run.
fn with_unit(seed: u8, content: &str) -> hagen::bundle::Draft {
    let mut draft = lab::draft(
        seed,
        &[
            ("/etc/hagen-test", 0o644, content),
            ("/usr/local/sbin/hagen-test", 0o755, "#!/bin/sh\n: >/machine/ran\n"),
        ],
    );
    let unit = |name: &str, reads: &str| UnitAction {
        name: name.to_owned(),
        on_change: OnChange::Restart,
        reads: vec![reads.to_owned()],
        check: vec![],
    };
    draft.activation.units = vec![unit("one.service", "/etc/hagen-test"), unit("two.service", "/etc/other")];
    let (path, purpose) = ("/usr/local/sbin/hagen-test".to_owned(), "sets up".to_owned());
    draft.activation.scripts = vec![SetupScript { path, run: RunBy::Apply, purpose }];
    draft
}

/// A machine on which the first bundle runs; `two.service` has been stopped since.
fn machine() -> Machine {
    let machine = Machine::new();
    machine.unit("one.service");
    machine.unit("two.service");
    // Units here are up at once.
    machine.program("sleep", "#!/bin/sh\n");
    machine.bring(&with_unit(1, "one\n"));
    let output = machine.run("/bundle/apply");
    assert!(output.status.success(), "{}", said(&output));
    machine.write("/machine/two.service.unit", "disabled inactive\n");
    machine.bring(&with_unit(2, "two\n"));
    fs::rename(machine.path("/machine/bin/systemctl"), machine.path("/machine/systemctl")).unwrap();
    machine.program("systemctl", &trap("/machine/systemctl"));
    for name in PROGRAMS.into_iter().filter(|name| *name != "sleep") {
        machine.program(name, &trap(ok(program("sh").args(["-c", &format!("command -v {name}")])).trim()));
    }
    machine.calls();
    machine
}

/// Runs `apply` on a machine so that it is killed before its `at`th program; gives how many were run.
fn run_trapped(machine: &Machine, arguments: &str, at: usize) -> (Output, usize) {
    machine.write("/machine/count", "");
    let script = format!("TRAP_COUNT=/machine/count TRAP_AT={at} setsid -w /bundle/apply {arguments}");
    let output = machine.run(&script);
    (output, machine.read("/machine/count").lines().count())
}

#[test]
fn units_end_as_they_should_whenever_it_is_killed() {
    let state = |machine: &Machine| {
        let units = ["one.service", "two.service"].map(|unit| machine.state(unit));
        (units, machine.read("/etc/hagen-test"))
    };
    let on = || "enabled active".to_owned();
    let after = ([on(), on()], "two\n".to_owned());
    let before = ([on(), "disabled inactive".to_owned()], "one\n".to_owned());
    let whole = machine();
    let (output, count) = run_trapped(&whole, "", NEVER);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(state(&whole), after);
    at_every((1..=count).step_by(7).collect(), |at| {
        let when = format!("killed at {at} of {count}");
        let machine = machine();
        let (killed, _) = run_trapped(&machine, "", at);
        assert!(!killed.status.success(), "{when}: {}", said(&killed));
        // One half of the moments goes on, the other goes back.
        if at % 2 == 0 || !machine.path("/var/lib/hagen/journal").exists() {
            let (again, _) = run_trapped(&machine, "", NEVER);
            assert!(again.status.success(), "{when}: {}", said(&again));
            assert_eq!(state(&machine), after, "{when}");
            // Whoever reads the changed file was restarted after it was there, before or after the kill.
            let calls = machine.calls();
            assert!(calls.contains(&"restart one.service".to_owned()), "{when}: {calls:?}");
        } else {
            let (back, _) = run_trapped(&machine, "--rollback", NEVER);
            assert!(back.status.success(), "{when}: {}", said(&back));
            assert_eq!(state(&machine), before, "{when}");
        }
    });
}
