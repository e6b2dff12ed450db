//! `hagen survive`, `hagen graph`.

use super::args::{GraphArgs, GraphFormat, SurviveArgs};
use super::document;
use super::output::{Failure, print};
use crate::graph;

pub(super) fn survive(_args: &SurviveArgs) -> Result<(), Failure> {
    Err(Failure::Usage("x".into()))
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
