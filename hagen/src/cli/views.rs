//! `hagen survive`, `hagen graph`.

use super::args::{GraphArgs, SurviveArgs};
use super::output::Failure;

pub(super) fn survive(_args: &SurviveArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
pub(super) fn graph(_args: &GraphArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
