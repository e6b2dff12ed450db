//! `hagen check`.

use std::io::IsTerminal as _;

use serde_json::json;

use super::args::CheckArgs;
use super::output::{Failure, colour, print, print_json, summary};
use super::{document, judges};

pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let asked = judges::named(&args.with)?;
    let read = document::read(&args.document.file)?;
    let sound = !read.problems.has_errors();
    let opinions = match &read.topology {
        Some(topology) => judges::ask(topology, &asked)?,
        None => vec![],
    };
    if args.json {
        let waived = read.topology.as_ref().map(|t| &t.waived);
        let judges: Vec<_> = opinions.iter().map(judges::Opinion::json).collect();
        let problems = read.source.json(&read.problems);
        print_json(&json!({"sound": sound, "problems": problems, "waived": waived, "judges": judges}))?;
    } else {
        let terminal = std::io::stdout().is_terminal();
        let mut text = read.source.show(&read.problems, colour(terminal));
        if let Some(topology) = &read.topology {
            for waived in &topology.waived {
                text +=
                    &format!("waived[{}]: {}\n  reason: {}\n\n", waived.id, waived.message, waived.reason);
            }
        }
        text += &judges::text(&opinions, terminal);
        if !asked.is_empty() && !sound {
            text += "the programs were not asked: the document has errors\n";
        }
        text += &format!("{}: {}\n", read.source.name, summary(&read.problems));
        print(&text)?;
    }
    let refused = opinions.iter().any(judges::Opinion::refused);
    if sound && !refused { Ok(()) } else { Err(Failure::Input(String::new())) }
}
