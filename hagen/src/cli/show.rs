//! `hagen show`: what a bundle holds, or the document with every default.

use std::path::Path;

use super::args::ShowArgs;
use super::document;
use super::output::{Failure, print, print_json};
use super::verify::unreadable;
use crate::bundle;

pub(super) fn run(args: &ShowArgs) -> Result<(), Failure> {
    match &args.bundle {
        Some(path) => show_bundle(path, args.json),
        None => show_document(args),
    }
}

fn show_bundle(path: &Path, json: bool) -> Result<(), Failure> {
    let shown = bundle::show(path).map_err(unreadable)?;
    if json { print_json(&shown) } else { print(&shown.to_string()) }
}

fn show_document(args: &ShowArgs) -> Result<(), Failure> {
    let proven = document::read_proven(&args.document.file)?;
    let document = &proven.topology.document;
    if args.json {
        return print_json(document);
    }
    let text = serde_saphyr::to_string(document)
        .map_err(|e| Failure::Environment(anyhow::Error::msg(e.to_string())))?;
    print(&text)
}
