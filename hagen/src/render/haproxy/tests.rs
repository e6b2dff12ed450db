use super::*;
use crate::plan::haproxy::HaproxyVersion;
use crate::plan::haproxy::tests::everything;

fn text(draft: Draft) -> String {
    render(&Haproxy::new(draft).unwrap())[0].text().to_owned()
}

#[test]
fn every_kind_of_proxy() {
    insta::assert_snapshot!(text(everything()));
}

#[test]
fn words_that_old_versions_lack_are_not_written_for_them() {
    let mut draft = everything();
    draft.version = HaproxyVersion::CENTOS_7;
    let old = text(draft);
    for word in ["hard-stop-after", "-idle", "stdout", "http-check connect", "http-check send"] {
        assert!(!old.contains(word), "{word}");
    }
}

#[test]
fn a_container_logs_to_standard_output_and_stays_in_the_foreground() {
    let mut draft = everything();
    draft.process = Process::Container;
    let text = text(draft);
    assert!(text.contains("    log stdout format raw local0\n"));
    for word in ["daemon", "chroot", "user ", "/dev/log"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn lines_stay_within_what_the_oldest_version_reads() {
    let mut draft = everything();
    draft.proxies[0].sources =
        (0..200).map(|n| format!("2001:db8:1234:{n:x}00::/64").parse().unwrap()).collect();
    let text = text(draft);
    assert_eq!(text.matches("acl let-in src ").count(), 13);
    for line in text.lines() {
        assert!(line.len() < 2000 && line.split_whitespace().count() <= 60, "{line}");
    }
    assert!(text.ends_with('\n'));
}

#[test]
fn nothing_that_only_makes_sense_in_http_mode() {
    // S4 had path ACLs in tcp mode, which haproxy accepts and never matches.
    let text = text(everything());
    for word in ["path_beg", "path_end", "use_backend", "forwardfor"] {
        assert!(!text.contains(word), "{word}");
    }
}
