//! Places, order, bounds, and what people and scripts see.

use proptest::prelude::*;

use super::*;

fn span(start: usize, end: usize) -> Span {
    Span { start, end }
}

fn source(text: &str) -> Source {
    Source { name: "cluster.yaml".into(), text: text.into() }
}

#[test]
fn positions_count_lines_and_characters_from_one() {
    let source = source("ab\r\n名前: x\n\nend");
    for (offset, expected) in [
        (0, (1, 1)),
        (1, (1, 2)),
        (3, (1, 4)),
        (4, (2, 1)),
        (7, (2, 2)),
        (8, (2, 2)), // inside a character: the character's place
        (10, (2, 3)),
        (12, (2, 5)),
        (14, (3, 1)),
        (15, (4, 1)),
        (18, (4, 4)),
        (9999, (4, 4)),
    ] {
        assert_eq!(source.position(offset), expected, "offset {offset}");
    }
}

#[test]
fn problems_stand_in_document_order_the_worst_first_and_once() {
    let mut problems = Problems::default();
    problems.push(Problem::note("Z-1", span(5, 6), "note"));
    problems.push(Problem::error("B-1", span(9, 10), "later"));
    problems.push(Problem::warning("A-1", span(5, 6), "warning"));
    problems.push(Problem::error("C-1", span(5, 6), "error"));
    problems.push(Problem::error("C-1", span(5, 6), "error"));
    let mut nowhere = Problem::error("D-1", span(0, 0), "about no place");
    nowhere.span = None;
    problems.push(nowhere);
    problems.sort();
    let order: Vec<_> = problems.iter().map(|p| p.id).collect();
    assert_eq!(order, ["C-1", "A-1", "Z-1", "B-1", "D-1"]);
    assert!(problems.has_errors());
    assert_eq!(problems.count(Severity::Error), 3);
    problems.retain(|p| p.severity != Severity::Error);
    assert!(!problems.has_errors() && !problems.is_empty());
}

#[test]
fn notes_never_crowd_out_an_error() {
    let mut problems = Problems::default();
    for n in 0..Problems::MAX + 5 {
        problems.push(Problem::note("N-1", span(n, n), "note"));
    }
    assert_eq!((problems.count(Severity::Note), problems.dropped()), (Problems::MAX, 5));
    let mut other = Problems::default();
    other.push(Problem::error("E-1", span(1, 1), "error"));
    other.push(Problem::note("N-1", span(1, 1), "one more"));
    problems.extend(other);
    assert!(problems.has_errors());
    assert_eq!(problems.dropped(), 6);
    assert!(source("x").show(&problems, false).ends_with("6 more are not shown\n\n"));
}

#[test]
fn people_see_the_line_the_place_and_the_way_out() {
    let source = source("apiVersion: hagen/v1\nvips:\n  a: {address: 10.0.0.9}\n  b: {address: 10.0.0.9}\n");
    let mut problems = Problems::default();
    problems.push(
        Problem::error("VIP-1", span(67, 75), "the VIP 10.0.0.9 is used twice")
            .see(span(42, 50), "first here")
            .help("one address, one VIP"),
    );
    insta::assert_snapshot!(source.show(&problems, false), @r"
    error[VIP-1]: the VIP 10.0.0.9 is used twice
     --> cluster.yaml:4:16
      |
    3 |   a: {address: 10.0.0.9}
      |                -------- first here
    4 |   b: {address: 10.0.0.9}
      |                ^^^^^^^^
      |
      = help: one address, one VIP
    ");
    assert!(source.show(&problems, true).contains("\u{1b}["));
    let expected = serde_json::json!([{
        "id": "VIP-1", "severity": "error", "file": "cluster.yaml",
        "at": {"line": 4, "column": 16, "endLine": 4, "endColumn": 24},
        "message": "the VIP 10.0.0.9 is used twice", "help": "one address, one VIP",
        "related": [{"at": {"line": 3, "column": 16, "endLine": 3, "endColumn": 24}, "label": "first here"}],
    }]);
    assert_eq!(source.json(&problems), expected);
}

#[test]
fn a_problem_about_no_place_is_shown_too() {
    let mut problems = Problems::default();
    let mut problem = Problem::warning("X-1", span(0, 0), "about the whole document").help("do something");
    problem.span = None;
    problems.push(problem);
    insta::assert_snapshot!(source("a: 1\n").show(&problems, false), @r"
    warning[X-1]: about the whole document
     |
     = help: do something
    ");
    assert_eq!(source("a: 1\n").json(&problems)[0]["at"], serde_json::Value::Null);
}

#[test]
fn a_document_cannot_steer_the_terminal() {
    let source = source("a: \u{1b}[2J\u{9b}31m\u{202e}x\n");
    let mut problems = Problems::default();
    problems.push(
        Problem::error("DOC-2", span(3, 9), "unknown key `\u{1b}[2J`")
            .see(span(4, 5), "\u{1b}]0;x\u{7}")
            .help("not `\u{1b}[2J`\r"),
    );
    let shown = source.show(&problems, false);
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    assert!(!shown.contains('\u{202e}'), "{shown:?}");
}

proptest! {
    #[test]
    fn any_span_of_any_text_can_be_shown(
        text in "[a-z:\t\r\n 名é\u{1F600}]{0,80}",
        spans in prop::collection::vec((0..200usize, 0..200usize), 1..4),
    ) {
        let source = source(&text);
        let mut problem = Problem::error("X-1", span(spans[0].0, spans[0].1), "wrong").help("right");
        for (start, end) in &spans[1..] {
            problem = problem.see(span(*start, *end), "see");
        }
        let mut problems = Problems::default();
        problems.push(problem);
        prop_assert!(source.show(&problems, false).contains("error[X-1]: wrong"));
        prop_assert!(source.json(&problems)[0]["at"]["line"].as_u64() >= Some(1));
    }

    #[test]
    fn positions_grow_with_the_offset(text in "[a-z\n名é]{0,60}") {
        let source = source(&text);
        let places: Vec<_> = (0..=text.len()).map(|at| source.position(at)).collect();
        prop_assert!(places.is_sorted());
    }
}
