//! `cargo xtask bless`: what the programs do now becomes what is expected. Read the diff before you commit.

use anyhow::Result;

use crate::{docs, pypi, shell};

/// Runs the verb.
pub(crate) fn run() -> Result<()> {
    shell::heading("rewriting snapshots");
    let mut path = shell::search_path();
    match pypi::ensure() {
        Ok(programs) => path.insert(0, programs),
        Err(error) => eprintln!("WARNING: missing tools of PyPI: {error:#}"),
    }
    let mut cargo = shell::cargo();
    cargo.args(["test", "--workspace", "--no-fail-fast"]);
    // A pass over all assertions, each of which writes what it sees instead of comparing.
    cargo
        .env("HAGEN_BLESS", "1")
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "1")
        .env("PATH", std::env::join_paths(path)?);
    let tests = shell::run(&mut cargo);
    docs::run()?;
    // Tests that compare no snapshot may still fail; the pages are worth having all the same.
    tests
}
