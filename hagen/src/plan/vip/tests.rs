use proptest::prelude::*;

use super::*;

#[test]
fn versions_of_images() {
    for (image, version) in [
        ("haproxy:2.8", Some((2, 8, 0))),
        ("osixia/keepalived:2.0.20", Some((2, 0, 20))),
        ("registry.local:5000/yunionio/keepalived:v2.0.25", Some((2, 0, 25))),
        ("haproxy:2.8-alpine", Some((2, 8, 0))),
        ("haproxy:lts", None),
        ("haproxy", None),
        ("registry.local:5000/haproxy", None),
    ] {
        assert_eq!(image_version(&image.parse().unwrap()), version, "{image}");
    }
}

#[test]
fn needless_components_of_paths_go() {
    for (from, to) in [("/a/b", "/a/b"), ("//a/./b/", "/a/b"), ("/", "/dev/null")] {
        assert_eq!(file(&from.parse().unwrap()).as_str(), to);
    }
}

proptest! {
    /// What the document's types let through, the letter's types take.
    #[test]
    fn words_of_the_document_are_words_of_the_letter(
        label in "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        iface in "[A-Za-z0-9._-]{1,15}",
        path in "/[A-Za-z0-9/._+:@=,%-]{0,199}",
        ms in any::<u64>(),
    ) {
        let spec_name: spec::Name = label.parse().unwrap();
        prop_assert_eq!(name(&spec_name).to_string(), label);
        let spec_interface: spec::InterfaceName = iface.parse().unwrap();
        prop_assert_eq!(interface(&spec_interface).to_string(), iface);
        if let Ok(path) = path.parse::<NodePath>() {
            prop_assert_eq!(http_path(&path).to_string(), path.to_string());
            prop_assert!(file(&path).as_str().starts_with('/'));
        }
        prop_assert!(u64::from(millis(Duration::from_millis(ms)).get()) <= ms);
    }
}
