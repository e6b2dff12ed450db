use super::*;
use crate::plan::keepalived::tests::{apiserver, name, small};
use crate::plan::keepalived::{Announce, Keepalived, KeepalivedVersion, Need, Probe, Probes};

fn files(plan: crate::plan::keepalived::Draft) -> Vec<File> {
    render(&Keepalived::new(plan).unwrap())
}

#[test]
fn the_config_of_a_control_plane_node() {
    let files = files(apiserver());
    assert_eq!(files[0].entry.mode, 0o600);
    assert!(files[0].entry.secret);
    insta::assert_snapshot!(files[0].text());
}

#[test]
fn the_script_of_a_control_plane_node() {
    let files = files(apiserver());
    assert_eq!(files[1].path, "/etc/keepalived/check_apiserver.sh");
    assert_eq!(files[1].entry.mode, 0o755);
    insta::assert_snapshot!(files[1].text());
}

#[test]
fn only_a_file_with_a_password_is_secret() {
    let mut draft = apiserver();
    draft.instances[0].pass = None;
    let files = files(draft);
    assert_eq!((files[0].entry.mode, files[0].entry.secret), (0o644, false));
    assert!(!files[0].text().contains("auth"));
}

#[test]
fn a_password_is_in_no_other_file() {
    for file in &files(apiserver())[1..] {
        assert!(!file.text().contains("s3cret.1"), "{}", file.path);
    }
}

#[test]
fn words_that_old_versions_lack_are_only_written_when_asked_for() {
    let old = files(apiserver())[0].text().to_owned();
    assert!(!old.contains("dynamic_interfaces"));
    let mut draft = apiserver();
    draft.version = KeepalivedVersion::DEBIAN_12;
    draft.late_interfaces = true;
    draft.announce = Announce { repeat: small(2), delay_s: 0, refresh_s: 0 };
    let new = files(draft)[0].text().to_owned();
    assert!(new.contains("    dynamic_interfaces\n"));
    assert!(!new.contains("garp_master_refresh"));
}

#[test]
fn fractions_of_seconds() {
    for (centiseconds, text) in
        [(100, "1"), (25, "0.25"), (10, "0.1"), (1, "0.01"), (4095, "40.95"), (110, "1.1"), (200, "2")]
    {
        assert_eq!(seconds(centiseconds), text);
    }
}

#[test]
fn one_of_several_is_enough_when_so_planned() {
    let mut draft = apiserver();
    draft.scripts[0].run = Run::Probes(Probes {
        purpose: "either".to_owned(),
        need: Need::Any,
        list: vec![Probe::Process(name("haproxy")), Probe::Tcp("[::1]:80".parse().unwrap())],
        each_s: small(1),
    });
    let files = files(draft);
    let text = files[1].text();
    assert!(text.contains("\nprocess haproxy && exit 0\n"));
    assert!(text.contains("\ntcp ::1 80 && exit 0\n"));
    assert!(text.ends_with("\nfail 'none of 2 answers'\n"));
}

#[test]
fn a_program_of_somebody_else_is_only_named() {
    let mut draft = apiserver();
    draft.scripts[0].run = Run::Command {
        program: "/usr/local/sbin/hagen-mariadb-check".parse().unwrap(),
        arguments: vec![name("alive")],
    };
    let files = files(draft);
    assert_eq!(files.len(), 1);
    assert!(files[0].text().contains("    script \"/usr/local/sbin/hagen-mariadb-check alive\"\n"));
}
