//! Mermaid's flow chart, for Markdown.

use std::fmt::Write as _;

use super::{Graph, Kind};

/// Text inside quotes: Mermaid reads HTML entities there.
fn quoted(text: &str) -> String {
    text.replace('&', "#amp;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}

/// The picture as a Mermaid flow chart.
pub fn to_mermaid(graph: &Graph) -> String {
    let mut out = format!("---\ntitle: {}\n---\nflowchart TD\n", graph.title);
    for vertex in &graph.vertices {
        let (open, close, class) = match vertex.kind {
            Kind::Name => ("([", "])", "name"),
            Kind::Vip => ("{{", "}}", "vip"),
            Kind::Node => ("[", "]", "node"),
            Kind::Store => ("[(", ")]", "store"),
        };
        let lines: Vec<String> =
            std::iter::once(&vertex.title).chain(&vertex.lines).map(|l| quoted(l)).collect();
        let _ = writeln!(out, "  {}{open}\"{}\"{close}:::{class}", vertex.id, lines.join("<br/>"));
    }
    for edge in &graph.edges {
        let arrow = if edge.standby { "-.->" } else { "-->" };
        let label =
            if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", quoted(&edge.label)) };
        let _ = writeln!(out, "  {} {arrow}{label} {}", edge.from, edge.to);
    }
    out += "  classDef name fill:#eef2ff,stroke:#4f5bd5,color:#1e1e2e\n";
    out += "  classDef vip fill:#fff4e5,stroke:#c77700,color:#1e1e2e\n";
    out += "  classDef node fill:#f4f6f8,stroke:#5b6672,color:#1e1e2e\n";
    out += "  classDef store fill:#e9f7ef,stroke:#2e8555,color:#1e1e2e\n";
    out
}
