//! What is written about the program agrees with the program.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use super::Complaints;
use crate::docs;
use crate::hagen::Hagen;
use crate::shell;

/// All complaints about pages.
pub(super) fn check(hagen: &Hagen) -> Result<Complaints> {
    let mut complaints = vec![];
    let readme = fs::read_to_string(shell::root().join("README.md")).context("reading README.md")?;
    complaints.extend(check_table(&readme, &hagen.commands()?));

    let (wanted, present) = (docs::pages(hagen)?, docs::present()?);
    let paths: BTreeSet<_> = wanted.keys().chain(present.keys()).collect();
    for path in paths {
        let shown = format!("{}/{}", docs::FOLDER, path.display());
        match (wanted.get(path), present.get(path)) {
            (Some(_), None) => complaints.push(format!("{shown}: is missing; run `cargo xtask docs`")),
            (None, Some(_)) => {
                complaints.push(format!("{shown}: belongs to nothing; run `cargo xtask docs`"))
            }
            (Some(want), Some(have)) if want != have => {
                complaints.push(format!("{shown}: is out of date; run `cargo xtask docs`"));
            }
            _ => {}
        }
    }
    Ok(complaints)
}

/// The rows of README's table of commands, which begin with `` | `hagen NAME ``, name every command once.
fn check_table(readme: &str, commands: &[String]) -> Complaints {
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `hagen "));
    let listed: Vec<&str> = rows.filter_map(|row| row.split([' ', '`']).next()).collect();
    let mut complaints = vec![];
    for command in commands {
        if !listed.contains(&command.as_str()) {
            complaints.push(format!("README.md: the table of commands lacks `hagen {command}`"));
        }
    }
    for (at, name) in listed.iter().enumerate() {
        if !commands.iter().any(|command| command == name) {
            complaints
                .push(format!("README.md: the table of commands has `hagen {name}`, which does not exist"));
        } else if listed[..at].contains(name) {
            complaints.push(format!("README.md: the table of commands has `hagen {name}` twice"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests;
