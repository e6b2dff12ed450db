//! Names of systemd's units, against systemd itself.

use std::process::Command;

use hagen::plan::glusterfs::unit_name;
use hagen::spec::NodePath;
use proptest::prelude::*;

use super::lab::need;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn systemd_escapes_a_path_the_same_way(path in "/[a-zA-Z0-9/._+:@=,%-]{0,40}") {
        need("systemd-escape", "systemd");
        // `.` and `..` are no names of folders.
        prop_assume!(path.split('/').all(|part| part != "." && part != ".."));
        let node_path = path.parse::<NodePath>().unwrap();
        let output = Command::new("systemd-escape").args(["--path", "--suffix=mount", "--", &path]).output();
        let name = String::from_utf8(output.unwrap().stdout).unwrap();
        prop_assert_eq!(unit_name(&node_path, "mount"), name.trim_end());
    }
}
