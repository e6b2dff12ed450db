//! The project's own verbs, one file each: `cargo xtask VERB`.
//!
//! Knows how the workspace is built, tested and measured. Uses none of its crates: what it says about
//! `hagen` it learns from the program, as a user would.

mod bench;
mod bless;
mod ci;
mod debian;
mod demo;
mod docs;
mod hagen;
mod meter;
mod pypi;
mod repro;
mod shell;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::Parser;

/// The project's own verbs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Verb {
    /// Run all tests, after installing what they need from Debian and PyPI.
    Test(test::Options),
    /// Show the generator at work: bake, verify, tamper, survive.
    Demo,
    /// Measure, as ratios within one run, and print a Markdown table.
    Bench(bench::Options),
    /// Check what the compiler cannot.
    Tidy,
    /// Rewrite every snapshot and generated page from what the programs do now.
    Bless,
    /// Write docs/reference/ from the program.
    Docs,
    /// Run what the build machine runs (`.ci/run`).
    Ci,
    /// Build every example's bundles twice under different circumstances and compare every byte.
    Repro,
}

fn main() -> ExitCode {
    let result = match Verb::parse() {
        Verb::Test(options) => test::run(&options),
        Verb::Demo => demo::run(),
        Verb::Bench(options) => bench::run(&options),
        Verb::Tidy => tidy::run(),
        Verb::Bless => bless::run(),
        Verb::Docs => docs::run(),
        Verb::Ci => ci::run(),
        Verb::Repro => repro::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
