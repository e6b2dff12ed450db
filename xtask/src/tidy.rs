//! `cargo xtask tidy`: what the compiler cannot check. Every complaint is told, not the first.

mod crates;
mod pages;
mod sources;

use anyhow::{Result, bail};

use crate::hagen::{Hagen, Profile};

/// What is wrong, one line each, beginning with the path it is about.
type Complaints = Vec<String>;

/// Runs the verb.
pub(crate) fn run() -> Result<()> {
    let files = sources::all()?;
    let mut complaints = sources::check(&files);
    complaints.extend(crates::check()?);
    complaints.extend(pages::check(&Hagen::build(Profile::Dev)?)?);
    if complaints.is_empty() {
        println!("tidy: {} files, nothing to complain of", files.len());
        return Ok(());
    }
    for complaint in &complaints {
        println!("{complaint}");
    }
    bail!("{} complaints", complaints.len())
}
