//! `hagen bundle`, `verify`, `show`, `diff`.

use super::args::{BundleArgs, DiffArgs, ShowArgs, VerifyArgs};
use super::output::Failure;

pub(super) fn bundle(_args: &BundleArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
pub(super) fn verify(_args: &VerifyArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
pub(super) fn show(_args: &ShowArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
pub(super) fn diff(_args: &DiffArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
}
