use ha_xdp_config::Config;

use super::*;
use crate::plan::ha_xdp::tests::{letter, secrets};

fn files() -> Vec<File> {
    render(&HaXdp::new(letter(), secrets()).unwrap())
}

#[test]
fn the_letter_reads_back() {
    let files = files();
    assert_eq!(files[0].path, "/etc/ha-xdp/config.yaml");
    assert_eq!(files[0].entry.mode, 0o644);
    assert_eq!(Config::parse(files[0].text()).unwrap().into_document(), letter());
    insta::assert_snapshot!(files[0].text());
}

#[test]
fn secrets_are_only_in_their_own_files() {
    let files = files();
    let shown: Vec<_> = files[1..].iter().map(|f| (f.path.as_str(), f.entry.mode, f.entry.secret)).collect();
    assert_eq!(shown, [("/etc/ha-xdp/apiserver.pass", 0o600, true), ("/etc/ha-xdp/sync.key", 0o600, true)]);
    assert_eq!(files[1].text(), "s3cret#1\n");
    assert!(!files[0].text().contains("s3cret"));
}
