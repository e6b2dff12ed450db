//! `cargo xtask docs`: `docs/reference/` from the program itself, so that it cannot say anything else.

mod keys;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::hagen::{Hagen, Profile};
use crate::shell;

/// The folder that belongs to this verb, below the workspace's root.
pub(crate) const FOLDER: &str = "docs/reference";

/// Runs the verb.
pub(crate) fn run() -> Result<()> {
    let pages = pages(&Hagen::build(Profile::Dev)?)?;
    let folder = shell::root().join(FOLDER);
    for stale in present()?.into_keys().filter(|path| !pages.contains_key(path)) {
        fs::remove_file(folder.join(&stale)).with_context(|| format!("removing {}", stale.display()))?;
    }
    for (path, text) in &pages {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    eprintln!("wrote {} pages to {FOLDER}/", pages.len());
    Ok(())
}

/// Every generated page by its path below [`FOLDER`].
pub(crate) fn pages(hagen: &Hagen) -> Result<BTreeMap<PathBuf, String>> {
    let read = |args: &[&str]| shell::read(hagen.command().args(args));
    let schema = read(&["schema"])?;
    let mut pages = BTreeMap::from([
        ("cluster.yaml.md".into(), keys::page(&serde_json::from_str(&schema)?)?),
        ("cluster.schema.json".into(), schema),
        ("rules.md".into(), rules::page(&serde_json::from_str(&read(&["explain", "--json"])?)?)?),
        ("man/hagen.1".into(), read(&["man"])?),
    ]);
    let mut commands = String::from(
        "# Commands of hagen\n\nGenerated from `hagen COMMAND --help` by `cargo xtask docs`. Do not edit.\n",
    );
    for command in hagen.commands()? {
        pages.insert(format!("man/hagen-{command}.1").into(), read(&["man", &command])?);
        let help = read(&[&command, "--help"])?;
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        commands += &format!("\n## hagen {command}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    }
    pages.insert("commands.md".into(), commands);
    Ok(pages)
}

/// What lies in [`FOLDER`] now, by path below it.
pub(crate) fn present() -> Result<BTreeMap<PathBuf, String>> {
    let root = shell::root().join(FOLDER);
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text =
                    fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
                found.insert(path.strip_prefix(&root).unwrap_or(Path::new("")).to_path_buf(), text);
            }
        }
    }
    Ok(found)
}
