//! `cargo xtask ci`: the same list of checks as on the build machine, which stands in `.ci/run` alone.

use anyhow::Result;

use crate::shell;

/// Runs the verb.
pub(crate) fn run() -> Result<()> {
    shell::run(shell::command(shell::root().join(".ci/run")).env("CI", "true"))
}
