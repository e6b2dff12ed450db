//! `apply` on a running machine: units in order, only those concerned, and everything back when one fails.

use hagen::bundle::Draft;
use hagen::plan::activation::{Activation, OnChange, RunBy, SetupScript, UnitAction};

use super::lab::{self, said};
use super::machine::Machine;

fn unit(name: &str, on_change: OnChange, reads: &str) -> UnitAction {
    UnitAction { name: name.to_owned(), on_change, reads: vec![reads.to_owned()], check: vec![] }
}

/// A balancer and a VIP, with a module and a parameter of the kernel, and two set-up scripts.
fn draft(seed: u8, haproxy: &str, keepalived: &str) -> Draft {
    let mut draft = lab::draft(
        seed,
        &[
            ("/etc/hagen-test/haproxy/haproxy.cfg", 0o644, haproxy),
            ("/etc/hagen-test/keepalived/keepalived.conf", 0o600, keepalived),
            ("/etc/modules-load.d/hagen.conf", 0o644, "# for bridges\nbr_netfilter\n"),
            ("/etc/sysctl.d/90-hagen.conf", 0o644, "# VIPs of others\nnet.ipv4.ip_nonlocal_bind = 1\n"),
            ("/usr/local/sbin/setup", 0o755, "#!/bin/sh\necho set up >>/machine/setup\n"),
            ("/usr/local/sbin/later", 0o755, "#!/bin/sh\necho must not run >>/machine/setup\n"),
        ],
    );
    let check =
        vec!["check-haproxy".to_owned(), "-f".to_owned(), "/etc/hagen-test/haproxy/haproxy.cfg".to_owned()];
    let script =
        |path: &str, run, purpose: &str| SetupScript { path: path.into(), run, purpose: purpose.into() };
    draft.activation = Activation {
        packages: vec![],
        units: vec![
            UnitAction { check, ..unit("haproxy.service", OnChange::Reload, "/etc/hagen-test/haproxy/") },
            unit("keepalived.service", OnChange::Restart, "/etc/hagen-test/keepalived/keepalived.conf"),
            unit("ha-xdp.service", OnChange::Leave, "/etc/hagen-test/haproxy/haproxy.cfg"),
            unit("prepare.service", OnChange::Restart, "/etc/sysctl.d/"),
        ],
        scripts: vec![
            script("/usr/local/sbin/setup", RunBy::Apply, "makes the volume"),
            script("/usr/local/sbin/later", RunBy::Operator, "joins the cluster"),
        ],
    };
    draft
}

fn machine() -> Machine {
    let machine = Machine::new();
    for unit in ["haproxy.service", "keepalived.service", "ha-xdp.service", "prepare.service"] {
        machine.unit(unit);
    }
    machine.write("/machine/haproxy.service.needs", "/etc/hagen-test/haproxy/haproxy.cfg\n");
    machine.write("/machine/keepalived.service.needs", "/etc/hagen-test/keepalived/keepalived.conf\n");
    machine.write("/machine/prepare.service.oneshot", "0\n");
    machine.program("check-haproxy", "#!/bin/sh\n! grep -q REFUSED \"$2\"\n");
    machine
}

#[track_caller]
fn apply(machine: &Machine, arguments: &str, code: i32) -> String {
    let output = machine.run(&format!("/bundle/apply {arguments}"));
    let text = said(&output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

const CHANGED: [&str; 4] = ["/etc/hagen-test", "/etc/sysctl.d", "/etc/modules-load.d", "/usr/local"];

#[test]
fn units_start_in_order_and_only_those_concerned_restart() {
    let machine = machine();
    machine.bring(&draft(1, "one\n", "one\n"));
    let text = apply(&machine, "", 0);
    assert_eq!(
        machine.calls(),
        [
            "daemon-reload",
            "modprobe br_netfilter",
            "enable haproxy.service",
            "start haproxy.service",
            "enable keepalived.service",
            "start keepalived.service",
            "enable ha-xdp.service",
            "start ha-xdp.service",
            "enable prepare.service",
            "start prepare.service",
        ]
    );
    assert!(
        text.contains("for you to run when it is time: /usr/local/sbin/later (joins the cluster)"),
        "{text}"
    );
    assert_eq!(machine.read("/machine/setup"), "set up\n");
    assert_eq!(machine.state("keepalived.service"), "enabled active");

    let text = apply(&machine, "", 0);
    assert!(text.contains("nothing to change"), "{text}");
    assert!(machine.calls().is_empty());
    assert_eq!(machine.read("/machine/setup"), "set up\nset up\n");

    // Only keepalived reads what changes.
    machine.bring(&draft(2, "one\n", "two\n"));
    let text = apply(&machine, "--dry-run", 0);
    assert!(text.contains("would restart keepalived.service") && !text.contains("haproxy"), "{text}");
    assert!(machine.calls().is_empty());
    apply(&machine, "", 0);
    assert_eq!(machine.calls(), ["daemon-reload", "restart keepalived.service"]);

    // One unit reloads, another follows by itself.
    machine.bring(&draft(3, "three\n", "two\n"));
    let text = apply(&machine, "", 0);
    assert_eq!(machine.calls(), ["daemon-reload", "reload-or-restart haproxy.service"]);
    assert!(text.contains("left as it runs: ha-xdp.service"), "{text}");

    // A unit that someone stopped or disabled is put right.
    machine.write("/machine/keepalived.service.unit", "disabled inactive\n");
    apply(&machine, "", 0);
    assert_eq!(machine.calls(), ["enable keepalived.service", "start keepalived.service"]);

    // The way back: the last three runs, one by one.
    apply(&machine, "--rollback", 0);
    assert_eq!(machine.calls()[..2], ["stop keepalived.service", "disable keepalived.service"]);
    apply(&machine, "--rollback", 0);
    assert_eq!(machine.calls(), ["daemon-reload", "reload-or-restart haproxy.service"]);
    assert_eq!(machine.read("/etc/hagen-test/haproxy/haproxy.cfg"), "one\n");
    apply(&machine, "--rollback", 0);
    apply(&machine, "--rollback", 0);
    for unit in ["haproxy.service", "keepalived.service", "ha-xdp.service", "prepare.service"] {
        assert_eq!(machine.state(unit), "disabled inactive", "{unit}");
    }
    assert!(machine.changed(&CHANGED).is_empty());
}

#[test]
fn kernel_parameters_are_set_and_come_back() {
    let machine = machine();
    machine.bring(&draft(1, "one\n", "one\n"));
    let key = "cat /proc/sys/net/ipv4/ip_nonlocal_bind";
    // A machine's network namespace lasts for one run, so the whole story is one run.
    let story = format!(
        "{key}; /bundle/apply >/dev/null || exit 9; {key}; /bundle/apply --rollback >/dev/null || exit 9; {key}"
    );
    let output = machine.run(&story);
    assert_eq!(said(&output), "0\n1\n0\n");
}

/// A machine on which a first bundle is in effect.
fn running() -> Machine {
    let machine = machine();
    machine.bring(&draft(1, "one\n", "one\n"));
    apply(&machine, "", 0);
    machine.calls();
    machine
}

/// Applies a bundle that must fail, and checks that all is as it was.
#[track_caller]
fn fails(machine: &Machine, bundle: &Draft, why: &str) -> Vec<String> {
    let before = machine.changed(&CHANGED);
    machine.bring(bundle);
    let text = apply(machine, "", 1);
    assert!(text.contains(why), "{text}");
    assert!(text.contains("everything is as it was"), "{text}");
    assert_eq!(machine.changed(&CHANGED), before);
    let status = machine.read("/var/lib/hagen/status.json");
    assert!(status.contains("\"state\":\"rolled-back\""), "{status}");
    for unit in ["haproxy.service", "keepalived.service"] {
        assert_eq!(machine.state(unit), "enabled active", "{unit}");
    }
    let calls = machine.calls();
    // What runs is the bundle before, and it stays so.
    machine.bring(&draft(1, "one\n", "one\n"));
    let text = apply(machine, "", 0);
    assert!(text.contains("nothing to change"), "{text}");
    calls
}

#[test]
fn a_configuration_that_is_refused_touches_no_unit() {
    let calls = fails(
        &running(),
        &draft(2, "REFUSED\n", "two\n"),
        "haproxy.service would not accept its configuration",
    );
    assert_eq!(calls, ["daemon-reload", "daemon-reload"]);
}

#[test]
fn a_unit_that_does_not_come_up_brings_the_others_back() {
    let calls =
        fails(&running(), &draft(2, "two\n", "BROKEN\n"), "keepalived.service could not be restarted");
    assert_eq!(
        calls,
        [
            "daemon-reload",
            "reload-or-restart haproxy.service",
            "restart keepalived.service",
            "--no-pager --full status keepalived.service",
            "daemon-reload",
            "reload-or-restart haproxy.service",
            "restart keepalived.service",
        ]
    );
}

#[test]
fn a_unit_that_dies_after_its_start_is_a_failure_too() {
    let machine = running();
    machine.write("/machine/haproxy.service.dies", "");
    machine.bring(&draft(2, "two\n", "one\n"));
    let text = apply(&machine, "", 1);
    assert!(text.contains("the unit haproxy.service could not be kept up"), "{text}");
    assert_eq!(machine.read("/etc/hagen-test/haproxy/haproxy.cfg"), "one\n");
}

#[test]
fn a_module_a_parameter_or_a_script_that_fails_brings_everything_back() {
    let change = |path: &str, content: &str| {
        let mut draft = draft(2, "one\n", "two\n");
        let mode = if path.starts_with("/usr") { 0o755 } else { 0o644 };
        let mut tree = lab::draft(2, &[(path, mode, content)]).tree;
        for (known, entry) in draft.tree.iter() {
            if known.as_str() != format!("rootfs{path}") {
                tree.insert(known.clone(), entry.clone()).unwrap();
            }
        }
        draft.tree = tree;
        draft
    };
    for (path, content, why) in [
        ("/etc/modules-load.d/hagen.conf", "missing\n", "cannot load the kernel module missing"),
        (
            "/etc/sysctl.d/90-hagen.conf",
            "net.ipv4.no_such_key = 1\n",
            "the kernel does not take the parameters",
        ),
        ("/usr/local/sbin/setup", "#!/bin/sh\nexit 1\n", "the set-up script /usr/local/sbin/setup failed"),
    ] {
        fails(&running(), &change(path, content), why);
    }
}

#[test]
fn a_unit_that_does_not_exist_or_is_masked_is_a_failure() {
    for (state, why) in [
        ("", "there is no unit keepalived.service"),
        ("masked inactive\n", "the unit keepalived.service is masked"),
    ] {
        let machine = machine();
        machine.write("/machine/keepalived.service.unit", state);
        machine.bring(&draft(1, "one\n", "one\n"));
        let text = apply(&machine, "", 1);
        assert!(text.contains(why), "{text}");
        assert_eq!(machine.state("haproxy.service"), "disabled inactive");
        assert!(!machine.changed(&CHANGED).contains_key("/etc/hagen-test/haproxy/haproxy.cfg"));
    }
}

#[test]
fn a_bundle_for_another_machine_is_refused() {
    let machine = machine();
    let mut other = draft(1, "one\n", "one\n");
    other.node = "lb2".to_owned();
    machine.bring(&other);
    let text = apply(&machine, "", 1);
    assert!(text.contains("this bundle is for the node lb2, and this machine is called lb1"), "{text}");
    assert!(machine.calls().is_empty());
    apply(&machine, "--force-node", 0);
    other.node = "lb1.example.org".to_owned();
    machine.bring(&other);
    apply(&machine, "", 0);
}

#[test]
fn without_root_it_does_nothing() {
    let machine = machine();
    machine.bring(&draft(1, "one\n", "one\n"));
    let output =
        machine.run("chmod -R a+rX /bundle /machine; setpriv --reuid 65534 --clear-groups /bundle/apply");
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("this must run as root"));
}

#[test]
fn units_of_an_image_are_enabled_by_the_real_systemctl() {
    let machine = machine();
    std::fs::remove_file(machine.path("/machine/bin/systemctl")).unwrap();
    let mut image = lab::draft(
        1,
        &[(
            "/etc/systemd/system/thing.service",
            0o644,
            "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
        )],
    );
    image.activation.units = vec![
        unit("thing.service", OnChange::Restart, "/etc/thing"),
        unit("absent.service", OnChange::Restart, "/etc/x"),
    ];
    machine.bring(&image);
    let wants = "/image/etc/systemd/system/multi-user.target.wants";
    let story = format!(
        "mkdir -p /image/etc /image/usr/lib/systemd/system && /bundle/apply --root /image && readlink {wants}/thing.service &&
         /bundle/apply --root /image && /bundle/apply --root /image --rollback && ! ls {wants}/thing.service"
    );
    let output = machine.run(&story);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for line in [
        "enabled thing.service",
        "there is no unit absent.service below the root",
        "nothing to change",
        "/etc/systemd/system/thing.service",
    ] {
        assert!(text.contains(line), "{text}");
    }
}
