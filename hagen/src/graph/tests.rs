//! Every language takes every picture, whatever names stand in it.

use super::*;

fn odd() -> Graph {
    let text = "a \"b\" <c> & d \\ e";
    let vertex =
        |id: &str, kind| Vertex { id: id.into(), kind, title: text.into(), lines: vec![text.into()] };
    let edge = Edge { from: "a".into(), to: "b".into(), label: text.into(), standby: true };
    Graph {
        title: "t".into(),
        vertices: vec![vertex("a", Kind::Vip), vertex("b", Kind::Store)],
        edges: vec![edge],
    }
}

#[test]
fn ids_are_words_and_differ() {
    let all = ["a-b", "a.b", "a_b", "ab", "a--b"].map(|name| id("node", name));
    for (at, one) in all.iter().enumerate() {
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{one}");
        assert!(!all[..at].contains(one), "{one}");
    }
}

#[test]
fn texts_are_escaped() {
    assert!(to_dot(&odd()).contains(r#"label="a \"b\" <c> & d \\ e\n"#));
    assert!(to_mermaid(&odd()).contains("a #quot;b#quot; #lt;c#gt; #amp; d"));
    assert!(to_svg(&odd()).contains("a &quot;b&quot; &lt;c&gt; &amp; d"));
}

#[test]
fn boxes_do_not_overlap() {
    let mut graph = odd();
    for n in 0..30 {
        graph.vertices.push(Vertex {
            id: format!("n{n}"),
            kind: [Kind::Node, Kind::Vip, Kind::Name, Kind::Store][n % 4],
            title: "x".repeat(n),
            lines: vec!["y".into(); n % 5],
        });
        graph.edges.push(Edge {
            from: "a".into(),
            to: format!("n{n}"),
            label: String::new(),
            standby: false,
        });
    }
    let places = layout::layout(&graph);
    let all: Vec<_> = places.boxes.values().collect();
    assert_eq!(all.len(), graph.vertices.len());
    for (at, a) in all.iter().enumerate() {
        assert!(a.x >= 0.0 && a.x + a.width <= places.width && a.y + a.height <= places.height);
        for b in &all[..at] {
            let apart = a.x + a.width <= b.x
                || b.x + b.width <= a.x
                || a.y + a.height <= b.y
                || b.y + b.height <= a.y;
            assert!(apart, "{} and {}", a.vertex.id, b.vertex.id);
        }
    }
}
