//! The host's part of a node before its real judges: name server, hosts, time, interfaces, units, seed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dns;
mod examples;
mod first_boot;
mod fixtures;
mod hosts_block;
mod judges;

use std::path::Path;
use std::time::Duration;

use hagen::judge::{End, Output, Stage, ToolOptions, find_program, run_tool, spread};
use hagen::tree::Tree;

/// Runs a shell script in a private copy of this host in which the tree's `rootfs` is laid over `/`.
/// The copy, its network and all processes are gone when the script ends.
fn on_stage(tree: &Tree, tools: &[&str], script: &str) -> Output {
    for tool in tools {
        assert!(find_program(tool).is_some(), "{tool} is not installed; the test cannot pass without it");
    }
    let scratch = tempfile::tempdir().unwrap();
    let rootfs = scratch.path().join("rootfs");
    spread(tree, "rootfs", &rootfs).unwrap();
    on_stage_at(&rootfs, script)
}

fn on_stage_at(rootfs: &Path, script: &str) -> Output {
    let stage = Stage { rootfs: rootfs.to_owned(), links: Vec::new() };
    let timeout = Duration::from_secs(180);
    let options = ToolOptions { stage: Some(stage), timeout, ..ToolOptions::default() };
    let script = format!("set -eu\n{WAIT}\n{script}");
    run_tool("sh", &["-c", &script], &options).unwrap_or_else(|error| panic!("{error}"))
}

/// `wait_for COMMAND…`: until it succeeds, for at most 30 seconds.
const WAIT: &str = r#"
wait_for() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -ge 300 ]; then echo "gave up waiting for: $*" >&2; exit 99; fi
        sleep 0.1
    done
}
"#;

/// The lines of stdout; the script must have ended with 0.
fn lines(output: &Output) -> Vec<&str> {
    assert_eq!(output.end, End::Code(0), "{}\n--- stdout\n{}", output.stderr, output.stdout);
    output.stdout.lines().collect()
}
