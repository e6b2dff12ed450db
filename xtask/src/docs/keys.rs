//! The page of the document's keys, from `hagen schema`.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::rules::cell;

/// The page: the document first, then every mapping in the order in which it is first named.
pub(super) fn page(schema: &Value) -> Result<String> {
    let defs = schema["$defs"].as_object().context("`hagen schema` has no `$defs`")?;
    let root = target(schema).context("`hagen schema` names no root")?;
    let mut text = String::from(
        "# Keys of cluster.yaml\n\nGenerated from `hagen schema` by `cargo xtask docs`. Do not edit.\n\n\
         The same schema gives completion in an editor: `hagen schema > hagen.schema.json`, and as first line \
         of the document `# yaml-language-server: $schema=hagen.schema.json`.\n",
    );
    let mut seen = BTreeSet::new();
    let mut queue = std::collections::VecDeque::from([root]);
    while let Some(name) = queue.pop_front() {
        if !seen.insert(name) {
            continue;
        }
        let def = defs.get(name).with_context(|| format!("`hagen schema` does not define {name}"))?;
        let title = if name == root { "The document" } else { name };
        text += &format!("\n## {title}\n\n{}\n", def["description"].as_str().unwrap_or("").trim());
        if let Some(properties) = def["properties"].as_object() {
            text += &table(def, properties);
        }
        let mut named = vec![];
        targets(def, &mut named);
        queue.extend(named);
    }
    Ok(text)
}

fn table(def: &Value, properties: &Map<String, Value>) -> String {
    let required: Vec<&str> =
        def["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = String::from("\n| key | value | default | meaning |\n|---|---|---|---|\n");
    // Required keys first; otherwise in the order of the schema, which is that of the names.
    let (must, may): (Vec<_>, Vec<_>) =
        properties.iter().partition(|(key, _)| required.contains(&key.as_str()));
    for (key, value) in must.into_iter().chain(may) {
        let default = match &value["default"] {
            _ if required.contains(&key.as_str()) => "**required**".to_owned(),
            Value::Null => String::new(),
            Value::String(word) => format!("`{word}`"),
            other => format!("`{other}`"),
        };
        let meaning = cell(value["description"].as_str().unwrap_or(""));
        text += &format!("| `{key}` | {} | {} | {meaning} |\n", cell(&kind(value)), cell(&default));
    }
    text
}

/// What a value is, in a few words, with links to the mappings.
fn kind(value: &Value) -> String {
    if let Some(name) = target(value) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(words) = value["enum"].as_array() {
        let words: Vec<String> =
            words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    for form in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = value[form].as_array() {
            let kinds: BTreeSet<String> = list.iter().filter(|v| v["type"] != "null").map(kind).collect();
            return kinds.into_iter().collect::<Vec<_>>().join(" or ");
        }
    }
    // Text that may look like a number is text; an empty value is an absent one.
    let kinds: Vec<&str> = match &value["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).filter(|k| *k != "null").collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    match kinds.first().copied() {
        Some("array") => format!("list of {}", kind(&value["items"])),
        Some("object") if value["additionalProperties"].is_object() => {
            format!("mapping of names to {}", kind(&value["additionalProperties"]))
        }
        Some("integer") => match (&value["minimum"], &value["maximum"]) {
            (Value::Number(low), Value::Number(high)) => format!("{low} to {high}"),
            _ => "whole number".into(),
        },
        Some("boolean") => "`true`, `false`".into(),
        Some(name) => name.to_owned(),
        None => "any".into(),
    }
}

/// The definition that a value refers to.
fn target(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// All definitions that a value refers to, in its order.
fn targets<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(target(value));
    match value {
        Value::Array(list) => list.iter().for_each(|inner| targets(inner, found)),
        Value::Object(map) => map.values().for_each(|inner| targets(inner, found)),
        _ => {}
    }
}
