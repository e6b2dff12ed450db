//! `hagen survive`, `hagen graph`.

use super::args::{GraphArgs, GraphFormat, SurviveArgs};
use super::document;
use super::output::{Failure, print, print_json};
use crate::graph;
use crate::survive::{self, Requirement};

pub(super) fn survive(args: &SurviveArgs) -> Result<(), Failure> {
    let parse = |text: &String| text.parse::<Requirement>().map_err(|e| Failure::Usage(e.to_string()));
    let requirements = args.require.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let proven = document::read_proven(&args.document.file)?;
    let report =
        survive::survive(&proven.topology, args.failures).map_err(|e| Failure::Input(e.to_string()))?;
    let unmet = report.unmet(&requirements).map_err(|e| Failure::Input(e.to_string()))?;
    if args.json {
        let mut value = report.json();
        value["unmet"] = unmet.iter().map(ToString::to_string).collect();
        print_json(&value)?;
    } else {
        print(&report.text())?;
    }
    if unmet.is_empty() {
        return Ok(());
    }
    Err(Failure::Input(unmet.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nhagen: ")))
}

pub(super) fn graph(args: &GraphArgs) -> Result<(), Failure> {
    let proven = document::read_proven(&args.document.file)?;
    let picture = graph::graph(&proven.topology);
    print(&match args.format {
        GraphFormat::Mermaid => graph::to_mermaid(&picture),
        GraphFormat::Dot => graph::to_dot(&picture),
        GraphFormat::Svg => graph::to_svg(&picture),
    })
}
