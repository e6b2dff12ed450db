//! `hagen bundle`, `verify`, `show`, `diff`.

use super::args::{BundleArgs, DiffArgs, ShowArgs, VerifyArgs};
use super::document;
use super::output::{Failure, print, print_json};

pub(super) fn bundle(_args: &BundleArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
pub(super) fn verify(_args: &VerifyArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
pub(super) fn show(args: &ShowArgs) -> Result<(), Failure> {
    let proven = document::read_proven(&args.document.file)?;
    if args.json {
        return print_json(&proven.topology.document);
    }
    let text = serde_saphyr::to_string(&proven.topology.document)
        .map_err(|e| Failure::Environment(anyhow::Error::msg(e.to_string())))?;
    print(&text)
}
pub(super) fn diff(_args: &DiffArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
