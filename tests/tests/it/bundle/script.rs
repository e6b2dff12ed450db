//! The script is one that every POSIX shell takes and that shellcheck finds nothing in.

use hagen::plan::activation::{Activation, OnChange, RunBy, SetupScript, UnitAction};

use super::lab::{self, SHELLS, ok, program};

#[test]
fn shellcheck_and_the_shells_accept_it() {
    let script = ("/usr/local/sbin/setup", 0o755, "#!/bin/sh\n");
    let mut full = lab::draft(1, &[("/etc/keepalived/keepalived.conf", 0o600, "x"), script]);
    full.tree.place("packages/deb", hagen::tree::File::config("test", "/Packages", "")).unwrap();
    full.activation = Activation {
        packages: vec!["keepalived".into()],
        units: vec![UnitAction {
            name: "keepalived.service".into(),
            on_change: OnChange::Reload,
            reads: vec!["/etc/keepalived/".into()],
            check: vec!["keepalived".into(), "-t".into(), "it's $HOME `x`".into()],
        }],
        scripts: vec![SetupScript {
            path: "/usr/local/sbin/setup".into(),
            run: RunBy::Operator,
            purpose: "it's $HOME `x`".into(),
        }],
    };
    for draft in [full, lab::draft(2, &[])] {
        let (_folder, bundle) = lab::unpacked(&draft);
        let script = bundle.join("apply");
        ok(program("shellcheck").args(["--shell=sh", "--severity=style"]).arg(&script));
        for shell in SHELLS {
            ok(program(shell[0]).args(&shell[1..]).arg("-n").arg(&script));
            let help = ok(&mut lab::apply(shell, &bundle, &["--help"]));
            assert!(help.contains("bundle of node lb1"), "{help}");
            let misuse = lab::apply(shell, &bundle, &["--nonsense"]).output().unwrap();
            assert_eq!(misuse.status.code(), Some(2));
        }
    }
}
