//! `hagen import`.

use super::args::ImportArgs;
use super::output::Failure;

pub(super) fn run(_args: &ImportArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
