//! (rules)
use super::Model;
use crate::problem::Problem;
/// A problem that a rule found, and the thing it is about.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Name of the VIP, volume, zone, … for waivers.
    pub subject: String,
    /// The problem.
    pub problem: Problem,
}
/// A rule.
pub struct Rule {
    /// id
    pub id: &'static str,
    /// fix
    pub fix: &'static str,
    /// waivable
    pub waivable: bool,
}
/// All.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [].into_iter()
}
/// Find.
pub fn find(_id: &str) -> Option<&'static Rule> {
    None
}
/// check
pub fn check(_model: &Model) -> Vec<Finding> {
    vec![]
}
