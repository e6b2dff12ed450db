use super::{LINES_MAX, Source, check_one};

fn complaints(path: &str, text: &str) -> Vec<String> {
    check_one(&Source { path: path.into(), text: text.into() })
}

#[test]
fn a_good_file_is_left_in_peace() {
    let text = "//! Knows a thing.\n\nuse std::collections::BTreeMap; // not a HashMap\n";
    assert_eq!(complaints("hagen/src/plan/x.rs", text), [""; 0]);
}

#[test]
fn each_breach_is_named_with_its_place() {
    for (path, text, want) in [
        ("hagen/src/a.rs", "fn main() {}\n", "does not begin with"),
        (
            "hagen/src/spec/a.rs",
            "//! A.\nuse std::collections::HashMap;\n",
            "hagen/src/spec/a.rs:2: names `HashMap`",
        ),
        ("hagen/src/plan/a.rs", "//! A.\nlet now = Instant::now();\n", ":2: names `Instant::now`"),
        ("hagen/src/render/a.rs", "//! A.\nuse crate::topology::Node;\n", "only spells"),
        ("ha-vrrp/src/a.rs", "//! A.\nstd::thread::spawn(f);\n", "no clock, socket"),
        ("README.md", concat!("see /wo", "rk/x\n"), "README.md:1: has"),
    ] {
        let found = complaints(path, text);
        assert!(found.len() == 1 && found[0].contains(want), "{path}: {found:?}");
    }
}

#[test]
fn clocks_and_environment_are_for_the_edges() {
    assert_eq!(complaints("hagen/src/cli/a.rs", "//! A.\nInstant::now(); env::var(\"X\");\n"), [""; 0]);
}

#[test]
fn length_is_limited_outside_tests() {
    let text = "//! A.\n".repeat(LINES_MAX + 1);
    assert_eq!(complaints("hagen/src/long.rs", &text).len(), 1);
    assert_eq!(complaints("hagen/src/long/tests.rs", &text), [""; 0]);
}
