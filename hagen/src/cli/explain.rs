//! `hagen explain`: the rules.

use super::args::ExplainArgs;
use super::output::{Failure, print, print_json};
use crate::topology::rules::{self, Rule};

pub(super) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let Some(id) = &args.id else {
        if args.json {
            return print_json(&rules::all().collect::<Vec<_>>());
        }
        let lines: String =
            rules::all().map(|r| format!("{:<9} {:<8} {}\n", r.id, r.severity, r.title)).collect();
        return print(&lines);
    };
    let Some(rule) = rules::find(id) else {
        let near = crate::yaml::nearest(id, rules::all().map(|r| r.id));
        let hint = near.map_or("`hagen explain` lists them".to_owned(), |n| format!("did you mean `{n}`?"));
        return Err(Failure::Input(format!("there is no rule `{id}`; {hint}")));
    };
    if args.json { print_json(rule) } else { print(&text(rule)) }
}

fn text(rule: &Rule) -> String {
    let waiver = if rule.waivable {
        format!("\nWaiver  waivers: [{{id: {}, reason: WHY IT IS SAFE HERE}}]\n", rule.id)
    } else {
        "\nThis rule cannot be waived.\n".to_owned()
    };
    format!(
        "{} ({})\n{}\n\nWhy     {}\n\nFix     {}\n{waiver}",
        rule.id, rule.severity, rule.title, rule.why, rule.fix
    )
}
