//! `hagen diff`.

use super::args::DiffArgs;
use super::output::{Failure, print, print_json};
use super::verify::unreadable;
use crate::bundle;

pub(super) fn run(args: &DiffArgs) -> Result<(), Failure> {
    let diff = bundle::diff(&args.old, &args.new).map_err(unreadable)?;
    if args.json { print_json(&diff) } else { print(&diff.to_string()) }
}
