//! The program `hagen` as the verbs use it: built once, called as a user calls it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::shell;

/// A built `hagen`.
pub(crate) struct Hagen {
    /// The executable.
    pub(crate) program: PathBuf,
}

/// How to compile it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// What is measured and shipped.
    Release,
}

/// Values for the secrets that the examples refer to: well formed, and secret to no one.
const EXAMPLE_SECRETS: &[(&str, &str)] = &[
    ("CLOUDPODS_DB_PASSWORD", "example-database-password"),
    ("CLOUDPODS_REPL_PASSWORD", "example-replication-password"),
    ("KUBEADM_CERTIFICATE_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
    ("KUBEADM_TOKEN", "abcdef.0123456789abcdef"),
];

/// Values for the secrets that the examples refer to, as environment.
pub(crate) fn example_secrets() -> impl Iterator<Item = (&'static str, &'static str)> {
    EXAMPLE_SECRETS.iter().copied()
}

impl Hagen {
    /// Builds the program.
    pub(crate) fn build(profile: Profile) -> Result<Self> {
        let mut cargo = shell::cargo();
        cargo.args(["build", "--quiet", "--locked", "--package", "hagen", "--bin", "hagen"]);
        cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        let messages = shell::read(&mut cargo)?;
        let program = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["target"]["name"] == "hagen")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .context("cargo named no executable for `hagen`")?;
        Ok(Self { program })
    }

    /// A call of the program, with a plain terminal and the examples' secrets.
    pub(crate) fn command(&self) -> Command {
        let mut command = shell::command(&self.program);
        command.env("NO_COLOR", "1").env("COLUMNS", "100").envs(example_secrets());
        command
    }

    /// The commands that `hagen --help` lists, in its order.
    pub(crate) fn commands(&self) -> Result<Vec<String>> {
        let help = shell::read(self.command().arg("--help"))?;
        let commands = listed_commands(&help);
        ensure!(!commands.is_empty(), "`hagen --help` lists no commands");
        Ok(commands)
    }

    /// The built-in examples: their names and documents, in name order.
    pub(crate) fn examples() -> Result<Vec<(String, PathBuf)>> {
        let folder = shell::root().join("hagen/examples");
        let mut examples = vec![];
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let entry = entry?;
            let document = entry.path().join("cluster.yaml");
            if document.is_file() {
                check_secrets(&document)?;
                examples.push((entry.file_name().to_string_lossy().into_owned(), document));
            }
        }
        examples.sort();
        ensure!(!examples.is_empty(), "no examples in {}", folder.display());
        Ok(examples)
    }
}

/// An example whose secrets have no value here would fail in a way that is hard to read.
fn check_secrets(document: &Path) -> Result<()> {
    let text = fs::read_to_string(document).with_context(|| format!("reading {}", document.display()))?;
    let known: BTreeSet<&str> = EXAMPLE_SECRETS.iter().map(|(name, _)| *name).collect();
    for rest in text.split("{env: ").skip(1) {
        let name = rest.split('}').next().unwrap_or("").trim();
        ensure!(
            known.contains(name),
            "{}: no value for the secret `{name}`; add one to EXAMPLE_SECRETS in {}",
            document.display(),
            file!()
        );
    }
    Ok(())
}

/// The names in the section `Commands:` of a help text.
fn listed_commands(help: &str) -> Vec<String> {
    let section =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = section.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
