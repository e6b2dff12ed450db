//! stub
use super::draft::Draft;
use thiserror::Error;
/// x
#[derive(Debug, Error)]
pub enum ScriptError {}
pub(crate) fn script(draft: &Draft) -> Result<String, ScriptError> {
    Ok(format!("#!/bin/sh\n# {}\n", draft.node))
}
