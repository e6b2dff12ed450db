//! `hagen schema`, `hagen completions`, `hagen man`.

use clap::Command;
use clap_complete::Shell;
use serde_json::json;

use super::output::{Failure, print, print_json};
use crate::spec::Document;
use crate::yaml::{Decode as _, Schemas};

/// The JSON Schema of the document.
pub fn json_schema() -> serde_json::Value {
    let mut schemas = Schemas::default();
    let root = Document::schema(&mut schemas);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://hagen.invalid/schema/hagen-v1.json",
        "title": "hagen/v1",
        "$ref": root["$ref"],
        "$defs": schemas.defs,
    })
}

pub(super) fn schema() -> Result<(), Failure> {
    print_json(&json_schema())
}

pub(super) fn completions(shell: Shell, command: &mut Command) -> Result<(), Failure> {
    let mut text = vec![];
    clap_complete::generate(shell, command, "hagen", &mut text);
    print(&String::from_utf8_lossy(&text))
}

pub(super) fn man(name: Option<&str>, command: Command) -> Result<(), Failure> {
    let command = match name {
        None => command,
        Some(name) => {
            let known: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
            let found = command.get_subcommands().find(|c| c.get_name() == name).cloned();
            let Some(found) = found else {
                return Err(Failure::Usage(format!(
                    "there is no command `{name}`; commands: {}",
                    known.join(", ")
                )));
            };
            found.display_name(format!("hagen-{name}")).bin_name(format!("hagen {name}"))
        }
    };
    let mut text = vec![];
    clap_mangen::Man::new(command)
        .date("")
        .render(&mut text)
        .map_err(|e| Failure::io("rendering the manual page", e))?;
    print(&String::from_utf8_lossy(&text))
}
