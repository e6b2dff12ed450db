//! `hagen check`.

use std::io::IsTerminal as _;

use serde_json::json;

use super::args::CheckArgs;
use super::document;
use super::output::{Failure, colour, print, print_json, summary};

pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let read = document::read(&args.document.file)?;
    let sound = !read.problems.has_errors();
    if args.json {
        let waived = read.topology.as_ref().map(|t| &t.waived);
        print_json(&json!({"sound": sound, "problems": read.source.json(&read.problems), "waived": waived}))?;
    } else {
        let mut text = read.source.show(&read.problems, colour(std::io::stdout().is_terminal()));
        if let Some(topology) = &read.topology {
            for waived in &topology.waived {
                text +=
                    &format!("waived[{}]: {}\n  reason: {}\n\n", waived.id, waived.message, waived.reason);
            }
        }
        text += &format!("{}: {}\n", read.source.name, summary(&read.problems));
        print(&text)?;
    }
    if sound { Ok(()) } else { Err(Failure::Input(String::new())) }
}
