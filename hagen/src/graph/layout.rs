//! Where boxes stand: one rank per distance from the clients, ordered so that few lines cross.

use std::collections::BTreeMap;

use super::{Graph, Kind, Vertex};

/// Width of one character at 13 px, in px; generous, so that text never leaves its box.
const CHARACTER: f64 = 7.4;
/// Height of one line of text, in px.
pub(super) const LINE: f64 = 18.0;
/// Space between text and border, in px.
pub(super) const PADDING: f64 = 12.0;
/// Space between two boxes of a row, in px.
const GAP_X: f64 = 28.0;
/// Space between two rows, in px; labels of lines stand in it.
const GAP_Y: f64 = 84.0;
/// Widest row, in boxes; more boxes of a rank go to further rows.
const ROW_MAX: usize = 8;
/// Margin of the picture, in px.
const MARGIN: f64 = 32.0;
/// Room for the title, in px.
const TITLE: f64 = 44.0;

/// A box with its place, in px from the upper left corner.
pub(super) struct Placed<'g> {
    pub vertex: &'g Vertex,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Placed<'_> {
    pub(super) fn centre(&self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// All boxes with their places, and the size of the picture.
pub(super) struct Layout<'g> {
    pub boxes: BTreeMap<&'g str, Placed<'g>>,
    pub width: f64,
    pub height: f64,
}

fn size(vertex: &Vertex) -> (f64, f64) {
    let longest =
        std::iter::once(&vertex.title).chain(&vertex.lines).map(|l| l.chars().count()).max().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "text lengths are small")]
    let (longest, lines) = (longest as f64, (1 + vertex.lines.len()) as f64);
    let slack = if vertex.kind == Kind::Node || vertex.kind == Kind::Store { 0.0 } else { 2.0 * PADDING };
    (longest * CHARACTER + 2.0 * PADDING + slack, lines * LINE + 2.0 * PADDING)
}

/// Rank of each vertex: names, VIPs, nodes that carry something, nodes behind them, stores.
fn ranks(graph: &Graph) -> BTreeMap<&str, usize> {
    let kind: BTreeMap<&str, Kind> = graph.vertices.iter().map(|v| (v.id.as_str(), v.kind)).collect();
    let behind = |id: &str| {
        graph.edges.iter().any(|e| e.to == id && kind.get(e.from.as_str()) == Some(&Kind::Node))
            && !graph.edges.iter().any(|e| e.to == id && kind.get(e.from.as_str()) != Some(&Kind::Node))
    };
    let touched = |id: &str| graph.edges.iter().any(|e| e.to == id || e.from == id);
    let rank = |v: &Vertex| match v.kind {
        Kind::Name => 0,
        Kind::Vip => 1,
        Kind::Node if behind(&v.id) => 3,
        Kind::Node if !touched(&v.id) => 5,
        Kind::Node => 2,
        Kind::Store => 4,
    };
    graph.vertices.iter().map(|v| (v.id.as_str(), rank(v))).collect()
}

/// Orders the boxes of a row by the mean place of what leads to them.
fn order<'g>(row: &mut [&'g Vertex], graph: &Graph, above: &BTreeMap<&'g str, f64>) {
    let mean = |v: &Vertex| {
        let places: Vec<f64> = graph
            .edges
            .iter()
            .filter(|e| e.to == v.id)
            .filter_map(|e| above.get(e.from.as_str()).copied())
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "numbers of lines are small")]
        let count = places.len() as f64;
        if places.is_empty() { f64::MAX } else { places.iter().sum::<f64>() / count }
    };
    row.sort_by(|a, b| mean(a).total_cmp(&mean(b)).then_with(|| a.id.cmp(&b.id)));
}

/// Places all boxes.
pub(super) fn layout(graph: &Graph) -> Layout<'_> {
    let ranks = ranks(graph);
    let mut by_rank = BTreeMap::<usize, Vec<&Vertex>>::new();
    for vertex in &graph.vertices {
        by_rank.entry(ranks.get(vertex.id.as_str()).copied().unwrap_or(5)).or_default().push(vertex);
    }
    let mut centres = BTreeMap::<&str, f64>::new();
    let mut rows: Vec<Vec<&Vertex>> = vec![];
    for (_, mut rank) in by_rank {
        order(&mut rank, graph, &centres);
        for row in rank.chunks(ROW_MAX) {
            let mut at = 0.0;
            for vertex in row {
                centres.insert(&vertex.id, at);
                at += 1.0;
            }
            rows.push(row.to_vec());
        }
    }
    let width = |row: &[&Vertex]| row.iter().map(|v| size(v).0 + GAP_X).sum::<f64>() - GAP_X;
    let widest = rows.iter().map(|r| width(r)).fold(360.0, f64::max);
    let mut boxes = BTreeMap::new();
    let mut y = MARGIN + TITLE;
    for row in &rows {
        let mut x = MARGIN + (widest - width(row)) / 2.0;
        let tallest = row.iter().map(|v| size(v).1).fold(0.0, f64::max);
        for vertex in row {
            let (width, height) = size(vertex);
            boxes.insert(vertex.id.as_str(), Placed { vertex, x, y, width, height });
            x += width + GAP_X;
        }
        y += tallest + GAP_Y;
    }
    Layout { boxes, width: widest + 2.0 * MARGIN, height: y - GAP_Y + MARGIN }
}
