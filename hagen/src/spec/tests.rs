//! The words of the document: what each form takes and refuses; every default is one of its own form.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use proptest::prelude::*;

use super::*;
use crate::cli::reference::json_schema;
use crate::yaml::{Cx, Decode as _, parse};

fn takes<T: FromStr<Err = String> + Display>(texts: &[&str]) {
    for text in texts {
        let value = text.parse::<T>().unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(value.to_string(), *text);
    }
}

fn refuses<T: FromStr<Err = String> + Debug>(texts: &[&str]) {
    for text in texts {
        let reason = text.parse::<T>().expect_err(text);
        assert!(!reason.is_empty() && !reason.ends_with('.'), "{text:?}: {reason:?}");
    }
}

/// What could end a line, a quote or a word in any file that is rendered.
const HOSTILE: [&str; 12] =
    ["", " ", "a b", "a\nb", "a\0b", "a\"b", "a'b", "a`b", "a$b", "a;b", "a\tb", "a\u{202e}b"];

#[test]
fn names_follow_rfc_1123() {
    takes::<Name>(&["a", "0", "node-1", "a--b", &"x".repeat(63)]);
    refuses::<Name>(&HOSTILE);
    refuses::<Name>(&["-a", "a-", "A", "a_b", "a.b", "ä", &"x".repeat(64)]);
    takes::<DomainName>(&["a.b", "www.example.com", "xn--fiqs8s.example", "0.1.in-addr.arpa"]);
    refuses::<DomainName>(&HOSTILE);
    refuses::<DomainName>(&[
        "a",
        "a.",
        ".a",
        "a..b",
        "A.b",
        "-a.b",
        "1.2.3.4",
        "a.b.",
        &format!("{}.b", "x".repeat(64)),
        &"a.".repeat(127),
    ]);
    takes::<RecordName>(&["@", "*", "www", "a.b", "*.apps", "_etcd", "_sip._tcp"]);
    refuses::<RecordName>(&HOSTILE);
    refuses::<RecordName>(&["a.*", "**", "*a", "@a", "a.", "A", "__a"]);
    takes::<InterfaceName>(&["eth0", "ens192", "bond0.100", "br-lan", "enp3s0f1np1"]);
    refuses::<InterfaceName>(&HOSTILE);
    refuses::<InterfaceName>(&["a/b", "sixteen-letters!", "1234567890123456"]);
}

#[test]
fn paths_and_words_cannot_break_out() {
    takes::<NodePath>(&["/", "/root/.ssh/id_rsa", "/var/lib/mysql", "/a-b_c+d@e:f=g,h%i"]);
    refuses::<NodePath>(&HOSTILE);
    refuses::<NodePath>(&[
        "a",
        "a/b",
        "/a/../b",
        "/..",
        "../a",
        "/a|b",
        "/a&b",
        "/a(b)",
        "/ä",
        &format!("/{}", "x".repeat(200)),
    ]);
    takes::<Word>(&[
        "v3.11.4",
        "registry.k8s.io/pause:3.10",
        "unix:///run/containerd/containerd.sock",
        "a=b",
        "%",
        "host:/vol",
    ]);
    refuses::<Word>(&HOSTILE);
    refuses::<Word>(&[
        "a|b",
        "a&b",
        "a<b",
        "a>b",
        "a(b",
        "a{b",
        "a!b",
        "a*b",
        "a?b",
        "a#b",
        "a\\b",
        "ä",
        &"x".repeat(256),
    ]);
    takes::<Line>(&["a b c", "k='v' k1='v1'", "名前 # not a comment", &"x".repeat(500)]);
    refuses::<Line>(&["", "a\nb", "a\rb", "a\0b", "a\u{7f}b", "a\u{85}b", &"x".repeat(501)]);
    takes::<Url>(&["http://a", "https://registry.lan:5000/v2/", "http://[fd00::1]:9000"]);
    refuses::<Url>(&HOSTILE);
    refuses::<Url>(&[
        "ftp://a",
        "http://",
        "https://user:pw@host/",
        "http://a?b=c",
        "http://a#b",
        "//a",
        "a.b",
    ]);
}

#[test]
fn other_forms() {
    takes::<TimeZone>(&["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8"]);
    refuses::<TimeZone>(&HOSTILE);
    refuses::<TimeZone>(&["/etc/passwd", "Asia/", "Asia//Shanghai", "../UTC"]);
    takes::<Mac>(&["52:54:00:12:34:56", "00:00:00:00:00:00"]);
    refuses::<Mac>(&HOSTILE);
    refuses::<Mac>(&[
        "52:54:00:12:34",
        "52:54:00:12:34:5G",
        "52-54-00-12-34-56",
        "52:54:00:AB:34:56",
        "5:54:00:12:34:56",
    ]);
    takes::<Uuid>(&["13dd8356-1dd2-11b2-a30d-000000821800"]);
    refuses::<Uuid>(&HOSTILE);
    refuses::<Uuid>(&[
        "13DD8356-1dd2-11b2-a30d-000000821800",
        "13dd8356-1dd2-11b2-a30d",
        "13dd83561dd211b2a30d000000821800",
    ]);
    takes::<NtpServer>(&[
        "172.30.41.192",
        "172.30.41.192 iburst",
        "fd00::1",
        "ntp.lan.example",
        "dns-1",
        "dns-1 iburst",
    ]);
    refuses::<NtpServer>(&HOSTILE);
    refuses::<NtpServer>(&["a  iburst", "a iburst ", "a burst", "iburst ", "a,b"]);
    takes::<Taint>(&[
        "a=b:NoSchedule",
        "node.daocloud.io/es-only=true:NoSchedule",
        "a:NoExecute",
        "a:PreferNoSchedule",
    ]);
    refuses::<Taint>(&HOSTILE);
    refuses::<Taint>(&["a", "a:", "a:Never", ":NoSchedule", "a b:NoSchedule", "a:noschedule"]);
    takes::<LabelText>(&["", "a", "node.io/zone", "a_b-c.d"]);
    refuses::<LabelText>(&HOSTILE[1..]);
    refuses::<LabelText>(&["a=b", "a:b", &"x".repeat(318)]);
}

#[test]
fn durations_have_a_unit_and_a_bound() {
    for (text, milliseconds) in [
        ("0ms", 0),
        ("500ms", 500),
        ("30s", 30_000),
        ("5m", 300_000),
        ("1h", 3_600_000),
        ("1d", 86_400_000),
        ("2w", 1_209_600_000),
        ("3650d", 315_360_000_000),
    ] {
        assert_eq!(text.parse::<Duration>().unwrap().as_millis(), milliseconds, "{text}");
    }
    refuses::<Duration>(&HOSTILE);
    refuses::<Duration>(&[
        "5",
        "s",
        "-1s",
        "1.5s",
        "1 s",
        "1S",
        "1h30m",
        "3651d",
        "99999999999999999999s",
        "18446744073709551615w",
    ]);
    assert_eq!(Duration::from_millis(1).as_secs_up(), 1, "a positive duration is never zero");
    assert_eq!(Duration::from_millis(0).as_secs_up(), 0);
    assert_eq!(Duration::from_secs(1_209_600).to_string(), "2w");
    assert_eq!(Duration::from_millis(1500).to_string(), "1500ms");
}

proptest! {
    #[test]
    fn durations_come_back(number in 0..315_360_000_000u64) {
        let duration = Duration::from_millis(number);
        prop_assert_eq!(duration.to_string().parse::<Duration>(), Ok(duration));
    }

    /// Whatever a word accepts, it is the text that was written, and fits on one line of any file.
    #[test]
    fn accepted_text_is_plain(text in "\\PC{0,20}|[a-z0-9./:@ _\"'$\n-]{0,20}") {
        fn plain<T: FromStr<Err = String> + AsRef<str>>(text: &str) -> Result<(), TestCaseError> {
            let Ok(value) = text.parse::<T>() else { return Ok(()) };
            prop_assert_eq!(value.as_ref(), text);
            prop_assert!(text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`$;\\".contains(&b)), "{:?}", text);
            Ok(())
        }
        plain::<Name>(&text)?;
        plain::<DomainName>(&text)?;
        plain::<InterfaceName>(&text)?;
        plain::<NodePath>(&text)?;
        plain::<Word>(&text)?;
        plain::<TimeZone>(&text)?;
        plain::<Mac>(&text)?;
        plain::<Uuid>(&text)?;
        plain::<Taint>(&text)?;
        plain::<LabelText>(&text)?;
        plain::<Url>(&text)?;
        plain::<RecordName>(&text)?;
        let one_line = text.parse::<Line>().is_err() || !text.chars().any(char::is_control);
        prop_assert!(one_line, "{:?}", text);
    }
}

fn secret(text: &str) -> Result<SecretRef, Vec<(&'static str, String)>> {
    let mut cx = Cx::default();
    let value = SecretRef::decode(&parse(text).unwrap(), &mut cx);
    value.ok_or_else(|| cx.problems.iter().map(|p| (p.id, p.help.clone().unwrap_or_default())).collect())
}

#[test]
fn secrets_are_references() {
    assert_eq!(secret("{env: DB_PASSWORD}"), Ok(SecretRef::Env("DB_PASSWORD".into())));
    assert_eq!(secret("{file: ../secrets/db}"), Ok(SecretRef::File("../secrets/db".into())));
    for literal in ["hunter2", "123456", "'x'", "true", "|\n  multi\n  line\n"] {
        let found = secret(literal).unwrap_err();
        assert_eq!(found.len(), 1, "{literal}");
        assert!(found[0].0 == "SEC-1" && found[0].1.contains("{env: NAME}"), "{found:?}");
    }
    for wrong in [
        "{}",
        "{env: A, file: b}",
        "{env: ''}",
        "{env: A-B}",
        "{env: 'A B'}",
        "{file: ''}",
        "{value: x}",
        "[a]",
        "{env: [a]}",
    ] {
        let found = secret(wrong).unwrap_err();
        assert!(found.iter().any(|(id, _)| id.starts_with("DOC-")), "{wrong}: {found:?}");
    }
}

#[test]
fn selections_are_names_or_a_role() {
    let select = |text: &str| {
        let mut cx = Cx::default();
        let value = Selector::decode(&parse(text).unwrap(), &mut cx);
        (value, cx.problems.has_errors())
    };
    let names = |selector: Option<Selector>| match selector {
        Some(Selector::Nodes(names)) => names.iter().map(ToString::to_string).collect(),
        _ => vec![],
    };
    assert_eq!(names(select("[b, a]").0), ["b", "a"], "in the written order");
    assert_eq!(names(select("a").0), ["a"]);
    assert!(matches!(select("{role: lb}").0, Some(Selector::Role { role }) if role.value == Role::Lb));
    for wrong in ["{}", "{role: x}", "{roles: lb}", "{role: lb, node: a}", "[A]", "~", "[[a]]"] {
        assert!(select(wrong).1, "{wrong}");
    }
}

#[test]
fn every_word_of_a_choice_is_read_back() {
    fn check<T: Copy + PartialEq + Debug + FromStr<Err = String>>(
        all: &[T],
        word: impl Fn(T) -> &'static str,
    ) {
        for value in all {
            assert_eq!(word(*value).parse(), Ok(*value));
            assert!(format!("{}x", word(*value)).parse::<T>().is_err());
        }
    }
    check(Role::ALL, Role::word);
    check(Owner::ALL, Owner::word);
    check(Balancer::ALL, Balancer::word);
    check(Deployment::ALL, Deployment::word);
    check(Protocol::ALL, Protocol::word);
    check(ForwardMode::ALL, ForwardMode::word);
    check(Balance::ALL, Balance::word);
    check(CheckType::ALL, CheckType::word);
    check(OnFailure::ALL, OnFailure::word);
    check(DceApiVersion::ALL, DceApiVersion::word);
    check(DceLoadBalancer::ALL, DceLoadBalancer::word);
    check(DceSource::ALL, DceSource::word);
    check(RenewCertsMode::ALL, RenewCertsMode::word);
    check(EncryptionAlgorithm::ALL, EncryptionAlgorithm::word);
}

/// Making the schema makes every default of every type, the constants of this program among them.
#[test]
fn every_default_has_the_form_of_its_key() {
    let schema = json_schema();
    let mut defaults = 0;
    for (name, def) in schema["$defs"].as_object().unwrap() {
        for (key, property) in def["properties"].as_object().into_iter().flatten() {
            assert!(
                property["description"].as_str().is_some_and(|d| d.len() > 3),
                "{name}.{key} says nothing"
            );
            let Some(default) = property.get("default").filter(|d| !d.is_null()) else { continue };
            defaults += 1;
            let required = def["required"].as_array().unwrap();
            assert!(!required.iter().any(|r| r == key), "{name}.{key} is required and has a default");
            let (kinds, words) = (&property["type"], property["enum"].as_array());
            let kind = match default {
                serde_json::Value::String(_) => "string",
                serde_json::Value::Number(_) => "integer",
                serde_json::Value::Bool(_) => "boolean",
                other => panic!("{name}.{key}: {other}"),
            };
            let fits = words.is_some_and(|w| w.contains(default)) || kinds.to_string().contains(kind);
            assert!(fits, "{name}.{key}: {default} is none of {property}");
            if let (Some(n), Some(low), Some(high)) =
                (default.as_i64(), property["minimum"].as_i64(), property["maximum"].as_i64())
            {
                assert!((low..=high).contains(&n), "{name}.{key}");
            }
        }
    }
    assert!(defaults > 80, "{defaults} defaults");
    for reference in references(&schema) {
        let name = reference.strip_prefix("#/$defs/").unwrap();
        assert!(schema["$defs"][name].is_object(), "{name} is not defined");
    }
}

fn references(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value.as_str()) {
                ("$ref", Some(target)) => vec![target.to_owned()],
                _ => references(value),
            })
            .collect(),
        serde_json::Value::Array(list) => list.iter().flat_map(references).collect(),
        _ => vec![],
    }
}

/// A document without a word too much: everything else comes from defaults.
#[test]
fn the_least_document_decodes() {
    let mut cx = Cx::default();
    let node = parse("apiVersion: hagen/v1\ncluster: c\nrevision: 1\n").unwrap();
    let document = Document::decode(&node, &mut cx).unwrap();
    assert!(cx.problems.is_empty());
    assert_eq!((document.time_zone.as_str(), document.defaults.os.as_str()), ("UTC", "debian-12"));
    assert!(document.dns.hosts && document.nodes.is_empty() && document.kubernetes.is_none());
    assert_eq!(document.defaults.ssh.port.get(), 22);
}
