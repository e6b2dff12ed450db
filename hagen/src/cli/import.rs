//! `hagen import`.

use std::io::IsTerminal as _;

use super::args::{ImportArgs, ImportFile, ImportSource};
use super::output::{Failure, colour, say, summary};
use super::{document, init};
use crate::import::{self, Imported};

pub(super) fn run(args: &ImportArgs) -> Result<(), Failure> {
    match &args.source {
        ImportSource::Dce { files, standby } => {
            let source = document::read_text(&files.file)?;
            let imported = match standby {
                None => import::dce(&source),
                Some(standby) => {
                    let standby = document::read_text(standby)?;
                    import::dce_pair(&source, &standby).unwrap_or_else(|alone| *alone)
                }
            };
            finish(files, imported)
        }
        ImportSource::Ocboot(files) => finish(files, import::ocboot(&document::read_text(&files.file)?)),
    }
}

/// Tells what was assumed or left out, and writes the document.
fn finish(files: &ImportFile, imported: Imported) -> Result<(), Failure> {
    let Imported { document, problems, source } = imported;
    if !problems.is_empty() {
        say(source.show(&problems, colour(std::io::stderr().is_terminal())).trim_end());
    }
    let Some(text) = document else { return Err(Failure::Input(summary(&problems))) };
    init::write_new(&files.output, &text)?;
    say(&format!("hagen: {}; look through the document, then `hagen check`", summary(&problems)));
    Ok(())
}
