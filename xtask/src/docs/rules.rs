//! The page of the rules, from `hagen explain --json`.

use anyhow::{Context, Result};
use serde_json::Value;

/// The page.
pub(super) fn page(rules: &Value) -> Result<String> {
    let mut text = String::from(
        "# Rules\n\nGenerated from `hagen explain` by `cargo xtask docs`. Do not edit.\n\n\
         A rule with a waiver may be set aside in `cluster.yaml`, with a reason that the manifest of every \
         bundle records: `waivers: [{id: ID, reason: WHY IT IS SAFE HERE}]`.\n\n\
         | id | severity | waiver | what holds |\n|---|---|---|---|\n",
    );
    let rules = rules.as_array().context("`hagen explain --json` gives no list")?;
    for rule in rules {
        let (id, severity) = (word(rule, "id")?, word(rule, "severity")?.to_lowercase());
        let waiver = if rule["waivable"] == true { "yes" } else { "no" };
        let anchor = id.to_lowercase();
        text += &format!("| [{id}](#{anchor}) | {severity} | {waiver} | {} |\n", cell(word(rule, "title")?));
    }
    for rule in rules {
        let get = |key| word(rule, key);
        text += &format!(
            "\n## {}\n\n{}.\n\n**Why.** {}\n\n**Fix.** {}\n",
            get("id")?,
            get("title")?,
            get("why")?,
            get("fix")?
        );
    }
    Ok(text)
}

fn word<'a>(rule: &'a Value, key: &str) -> Result<&'a str> {
    rule[key].as_str().with_context(|| format!("a rule has no `{key}`: {rule}"))
}

/// Text that stands in a cell of a Markdown table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
