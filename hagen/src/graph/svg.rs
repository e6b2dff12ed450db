//! A picture of its own: no script, no fonts from elsewhere, readable on light and dark pages.

use std::fmt::Write as _;

use super::layout::{LINE, Layout, PADDING, Placed, layout};
use super::{Edge, Graph, Kind};

/// Text inside XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "text{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:13px;fill:#1e1e2e}\
.title{font-size:18px;font-weight:600}.head{font-weight:600}.label{font-size:11px;fill:#444c56}\
.name{fill:#eef2ff;stroke:#4f5bd5}.vip{fill:#fff4e5;stroke:#c77700}.node{fill:#f4f6f8;stroke:#5b6672}\
.store{fill:#e9f7ef;stroke:#2e8555}.line{fill:none;stroke:#5b6672;stroke-width:1.3}\
.standby{stroke-dasharray:5 4}.paper{fill:#ffffff}";

/// The picture as SVG.
pub fn to_svg(graph: &Graph) -> String {
    let places = layout(graph);
    let (width, height) = (places.width.ceil(), places.height.ceil());
    let title = escaped(&graph.title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#5b6672\"/></marker></defs>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n<text class=\"title\" x=\"32\" y=\"44\">{title}</text>\n"
    );
    for (at, edge) in graph.edges.iter().enumerate() {
        line(&mut out, graph, at, edge, &places);
    }
    for placed in places.boxes.values() {
        shape(&mut out, placed);
    }
    // Labels last, so that no line crosses them.
    for (at, edge) in graph.edges.iter().enumerate() {
        label(&mut out, graph, at, edge, &places);
    }
    out + "</svg>\n"
}

/// Ends of a line: spread along the borders, so that lines into one box do not share a point.
fn ends(graph: &Graph, at: usize, edge: &Edge, places: &Layout<'_>) -> Option<((f64, f64), (f64, f64))> {
    let (from, to) = (places.boxes.get(edge.from.as_str())?, places.boxes.get(edge.to.as_str())?);
    let spread = |placed: &Placed<'_>, same: &dyn Fn(&Edge) -> bool, other: &dyn Fn(&Edge) -> f64| {
        let mut all: Vec<(usize, f64)> =
            graph.edges.iter().enumerate().filter(|(_, e)| same(e)).map(|(i, e)| (i, other(e))).collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let rank = all.iter().position(|(i, _)| *i == at).unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "numbers of lines are small")]
        let share = (rank as f64 + 1.0) / (all.len() as f64 + 1.0);
        placed.x + placed.width * share
    };
    let centre = |id: &str| places.boxes.get(id).map_or(0.0, Placed::centre);
    let x1 = spread(from, &|e| e.from == edge.from, &|e| centre(&e.to));
    let x2 = spread(to, &|e| e.to == edge.to, &|e| centre(&e.from));
    let down = to.y >= from.y;
    let (y1, y2) = if down { (from.y + from.height, to.y) } else { (from.y, to.y + to.height) };
    Some(((x1, y1), (x2, y2)))
}

fn line(out: &mut String, graph: &Graph, at: usize, edge: &Edge, places: &Layout<'_>) {
    let Some(((x1, y1), (x2, y2))) = ends(graph, at, edge, places) else { return };
    let class = if edge.standby { "line standby" } else { "line" };
    let bend = (y2 - y1) * 0.5;
    let _ = writeln!(
        out,
        "<path class=\"{class}\" marker-end=\"url(#arrow)\" d=\"M{x1:.1} {y1:.1}C{x1:.1} {:.1} {x2:.1} {:.1} {x2:.1} {y2:.1}\"/>",
        y1 + bend,
        y2 - bend
    );
}

fn label(out: &mut String, graph: &Graph, at: usize, edge: &Edge, places: &Layout<'_>) {
    if edge.label.is_empty() {
        return;
    }
    let Some(((x1, y1), (x2, y2))) = ends(graph, at, edge, places) else { return };
    // Two thirds of the way, where lines of different boxes have parted.
    let t: f64 = 0.66;
    let ease = t * t * (3.0 - 2.0 * t);
    let (x, y) = (x1 + (x2 - x1) * ease, y1 + (y2 - y1) * t);
    #[expect(clippy::cast_precision_loss, reason = "text lengths are small")]
    let width = edge.label.chars().count() as f64 * 6.4 + 8.0;
    let _ = writeln!(
        out,
        "<rect class=\"paper\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"15\" rx=\"3\"/><text class=\"label\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
        x - width / 2.0,
        y - 11.0,
        y,
        escaped(&edge.label)
    );
}

fn shape(out: &mut String, placed: &Placed<'_>) {
    let Placed { vertex, x, y, width, height } = placed;
    let (class, radius) = match vertex.kind {
        Kind::Name => ("name", height / 2.0),
        Kind::Vip => ("vip", 14.0),
        Kind::Node => ("node", 4.0),
        Kind::Store => ("store", 10.0),
    };
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius:.1}\"/>"
    );
    let mut baseline = y + PADDING + LINE * 0.72;
    let centre = placed.centre();
    for (at, text) in std::iter::once(&vertex.title).chain(&vertex.lines).enumerate() {
        let head = if at == 0 { " class=\"head\"" } else { "" };
        let _ = writeln!(
            out,
            "<text{head} text-anchor=\"middle\" x=\"{centre:.1}\" y=\"{baseline:.1}\">{}</text>",
            escaped(text)
        );
        baseline += LINE;
    }
}
