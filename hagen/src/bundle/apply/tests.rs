//! Only what cannot be mistaken for shell gets into the script.

use super::super::sample;
use super::*;
use crate::plan::activation::SetupScript;
use crate::tree::File;

fn unit(name: &str) -> UnitAction {
    let (on_change, reads, check) = (OnChange::Restart, vec![], vec![]);
    UnitAction { name: name.to_owned(), on_change, reads, check }
}

fn setup(path: &str, purpose: &str) -> SetupScript {
    SetupScript { path: path.to_owned(), run: RunBy::Apply, purpose: purpose.to_owned() }
}

/// The data part for an activation.
fn data_of(activation: Activation) -> Result<String, ScriptError> {
    let mut draft = sample::small("lb1");
    draft.activation = activation;
    data(&draft)
}

#[test]
fn golden() {
    let mut draft = sample::small("lb1");
    draft.tree.place("packages/deb", File::config("payload", "/Packages", "")).unwrap();
    draft.activation = Activation {
        packages: vec!["keepalived".into(), "libc6:amd64".into()],
        units: vec![
            UnitAction {
                check: vec!["keepalived".into(), "-t".into(), "it's $(here)".into()],
                reads: vec!["/etc/keepalived/".into(), "/etc/hosts".into()],
                on_change: OnChange::Reload,
                ..unit("keepalived.service")
            },
            UnitAction { on_change: OnChange::Leave, ..unit("var-lib\\x2dx.mount") },
        ],
        scripts: vec![setup("/usr/local/sbin/setup", "makes the volume `x`")],
    };
    insta::assert_snapshot!(data(&draft).unwrap(), @r#"
    # Files to lay: mode and path.
    files() {
        cat <<'HAGEN_END'
    644 /etc/empty
    644 /etc/hosts
    600 /etc/keepalived/keepalived.conf
    755 /usr/local/sbin/setup
    644 /var/zeros
    HAGEN_END
    }

    # Packages to install.
    packages() {
        cat <<'HAGEN_END'
    keepalived
    libc6:amd64
    HAGEN_END
    }

    # Units in start order, and what a running one does when its files change.
    units() {
        cat <<'HAGEN_END'
    keepalived.service reload
    var-lib\x2dx.mount leave
    HAGEN_END
    }

    # Paths that a unit reads; one that ends in / stands for all below it.
    unit_reads() {
        case $1 in
        'keepalived.service')
            cat <<'HAGEN_END'
    /etc/keepalived/
    /etc/hosts
    /etc/systemd/system/keepalived.service
    /etc/systemd/system/keepalived.service.d/
    HAGEN_END
            ;;
        'var-lib\x2dx.mount')
            cat <<'HAGEN_END'

    HAGEN_END
            ;;
        esac
    }

    # Asks a unit's program whether it accepts its configuration.
    check_unit() {
        case $1 in
        'keepalived.service') check 'keepalived' '-t' 'it'\''s $(here)' ;;
        esac
    }

    # Set-up scripts in order: who runs it, path, purpose.
    scripts() {
        cat <<'HAGEN_END'
    apply /usr/local/sbin/setup makes the volume `x`
    HAGEN_END
    }
    "#);
}

#[test]
fn nothing_to_do_is_spelled_too() {
    let text = data_of(Activation::default()).unwrap();
    for function in
        ["packages() {\n    :\n}", "units() {\n    :\n}", "unit_reads() {\n    :\n}", "scripts() {\n    :\n}"]
    {
        assert!(text.contains(function), "{function}");
    }
}

#[test]
fn what_is_not_plain_is_refused() {
    let units = |unit| data_of(Activation { units: vec![unit], ..Activation::default() });
    for name in [
        "",
        "-x.service",
        "x",
        "x.",
        ".service",
        "a b.service",
        "a'b.service",
        "a\nb.service",
        "$(x).service",
    ] {
        assert!(matches!(units(unit(name)), Err(ScriptError::Text { what: "unit", .. })), "{name:?}");
    }
    for path in ["etc/x", "/etc/../x", "/", "/a b", "/a\nb", "/a'b", "/$x"] {
        let refused = units(UnitAction { reads: vec![path.to_owned()], ..unit("x.service") });
        assert!(matches!(refused, Err(ScriptError::Text { what: "path", .. })), "{path:?}");
    }
    let refused = units(UnitAction { check: vec!["x".into(), "a\nb".into()], ..unit("x.service") });
    assert!(matches!(refused, Err(ScriptError::Text { what: "check command", .. })));
    let twice =
        data_of(Activation { units: vec![unit("x.service"), unit("x.service")], ..Activation::default() });
    assert_eq!(twice, Err(ScriptError::Twice("x.service".to_owned())));
}

#[test]
fn packages_have_plain_names() {
    let packages = |name: &str| {
        let mut draft = sample::small("lb1");
        draft.activation.packages = vec![name.to_owned()];
        data(&draft)
    };
    assert!(packages("gcc-c++").is_ok());
    for name in ["", "-y", "a b", "a;b", "a\nb", "*"] {
        assert!(matches!(packages(name), Err(ScriptError::Text { what: "package", .. })), "{name:?}");
    }
}

#[test]
fn set_up_scripts_are_in_the_bundle() {
    let scripts = |scripts: Vec<SetupScript>| data_of(Activation { scripts, ..Activation::default() });
    assert!(scripts(vec![setup("/usr/local/sbin/setup", "x")]).is_ok());
    for path in ["/usr/local/sbin/other", "/etc/hosts"] {
        assert_eq!(scripts(vec![setup(path, "x")]), Err(ScriptError::Setup(path.to_owned())));
    }
    let refused = scripts(vec![setup("/usr/local/sbin/setup", "a\nHAGEN_END\nrm -rf /")]);
    assert!(matches!(refused, Err(ScriptError::Text { what: "purpose", .. })));
    let same = setup("/usr/local/sbin/setup", "x");
    assert!(matches!(scripts(vec![same.clone(), same]), Err(ScriptError::Twice(_))));
}
