//! Judges from PyPI, in an environment of their own below `target/`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell;

/// Exact versions: a new release must not change what the tests say.
const REQUIREMENTS: &[&str] = &["check-jsonschema==0.39.0", "kubernetes-validate==1.37.0"];

/// Makes the environment when it is not there yet, and returns the folder of its programs, which the
/// tests find by PATH.
pub(crate) fn ensure() -> Result<PathBuf> {
    let folder = shell::target().join("xtask").join("venv");
    let stamp = folder.join("requirements.txt");
    let wanted = REQUIREMENTS.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(folder.join("bin"));
    }
    shell::heading(&format!("installing from PyPI into {}: {}", folder.display(), REQUIREMENTS.join(" ")));
    shell::run(shell::command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = shell::command(folder.join("bin/pip"));
    shell::run(
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--retries", "5"]).args(REQUIREMENTS),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(folder.join("bin"))
}
