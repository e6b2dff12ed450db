//! Graphviz.

use std::fmt::Write as _;

use super::{Graph, Kind};

/// Text inside double quotes of the DOT language.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The picture in Graphviz's DOT language.
pub fn to_dot(graph: &Graph) -> String {
    let mut out = String::from("digraph cluster {\n");
    let _ = writeln!(
        out,
        "  label=\"{}\"; labelloc=t; fontname=\"sans-serif\"; rankdir=TB;",
        quoted(&graph.title)
    );
    out += "  node [fontname=\"sans-serif\", fontsize=11, style=filled];\n  edge [fontname=\"sans-serif\", fontsize=9];\n";
    for vertex in &graph.vertices {
        let (shape, fill) = match vertex.kind {
            Kind::Name => ("oval", "#eef2ff"),
            Kind::Vip => ("hexagon", "#fff4e5"),
            Kind::Node => ("box", "#f4f6f8"),
            Kind::Store => ("cylinder", "#e9f7ef"),
        };
        let lines: Vec<String> =
            std::iter::once(&vertex.title).chain(&vertex.lines).map(|l| quoted(l)).collect();
        let _ = writeln!(
            out,
            "  {} [shape={shape}, fillcolor=\"{fill}\", label=\"{}\"];",
            vertex.id,
            lines.join("\\n")
        );
    }
    for edge in &graph.edges {
        let style = if edge.standby { "dashed" } else { "solid" };
        let _ = writeln!(
            out,
            "  {} -> {} [label=\"{}\", style={style}];",
            edge.from,
            edge.to,
            quoted(&edge.label)
        );
    }
    out + "}\n"
}
