//! `cargo xtask bench`: the figures that the project promises, measured here and now.
//!
//! A figure is a ratio of two things that ran in turn on the same machine, or a time; always the median of
//! several runs, with every run printed. A promise that is not kept is a failure.

mod document;
mod nodes;
mod payload;
mod table;

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::debian;
use crate::hagen::{Hagen, Profile};
use crate::shell;
use table::Row;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Runs of each thing; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Only these figures.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Figure>,
    /// Size of the payload of `payload`, in MiB; a quarter of it for `shared`.
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(64..=65536))]
    payload_mib: u32,
}

/// A group of figures.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Figure {
    /// One bundle with a large payload, against tar, pigz and sha256sum.
    Payload,
    /// `hagen check` of documents of 100 to 1,600 nodes.
    Check,
    /// All bundles of 1,000 nodes, without payload.
    Bundles,
    /// One payload in the bundles of many nodes.
    Shared,
}

/// What every measurement needs.
struct Bench {
    hagen: Hagen,
    rounds: u32,
    folder: std::path::PathBuf,
    cores: usize,
}

/// Runs the verb.
pub(crate) fn run(options: &Options) -> Result<()> {
    let missing = debian::ensure(debian::FOR_BENCH);
    ensure!(missing.is_empty(), "cannot measure without {}", missing.join(", "));
    shell::heading("building hagen, optimised");
    let bench = Bench {
        hagen: Hagen::build(Profile::Release)?,
        rounds: options.rounds,
        folder: shell::fresh_folder("bench")?,
        cores: std::thread::available_parallelism()?.get(),
    };
    let wanted = |figure| options.only.is_empty() || options.only.contains(&figure);
    let mib = u64::from(options.payload_mib);
    let mut rows = vec![];
    if wanted(Figure::Check) {
        rows.extend(nodes::check(&bench)?);
    }
    if wanted(Figure::Bundles) {
        rows.extend(nodes::bundles(&bench)?);
    }
    if wanted(Figure::Payload) {
        rows.extend(payload::one(&bench, mib)?);
    }
    if wanted(Figure::Shared) {
        rows.extend(payload::shared(&bench, mib / 4)?);
    }
    report(&bench, &rows)
}

fn report(bench: &Bench, rows: &[Row]) -> Result<()> {
    let rustc = shell::read(shell::command("rustc").arg("--version"))?;
    let kernel = shell::read(shell::command("uname").args(["-sr"]))?;
    let text = format!(
        "Median of {} runs on {} cores, {}, {}; things that are compared ran in turn.\n\n{}",
        bench.rounds,
        bench.cores,
        // Without what the distribution adds to the version.
        kernel.trim().split('-').next().unwrap_or_default(),
        rustc.trim(),
        table::markdown(rows)
    );
    let page = shell::target().join("xtask").join("bench.md");
    fs::write(&page, &text).with_context(|| format!("writing {}", page.display()))?;
    println!("\n{text}\nThe same text lies in {}.", page.display());
    // Gigabytes that no one needs any more.
    fs::remove_dir_all(&bench.folder).with_context(|| format!("removing {}", bench.folder.display()))?;
    let missed: Vec<&str> = rows.iter().filter(|row| !row.kept).map(|row| row.what.as_str()).collect();
    if !missed.is_empty() {
        bail!("not reached: {}", missed.join("; "));
    }
    Ok(())
}
