use super::*;

fn at(text: &str, path: &str) -> Option<(u32, u32)> {
    Places::of(text).find(path).map(|p| (p.line, p.column))
}

#[test]
fn block_and_flow_and_nested() {
    let text = "a: 1\nb:\n  - c: x\n    d: [1, {e: 2}]\n  - ö: [\n      3]\n";
    assert_eq!(at(text, "a"), Some((1, 4)));
    assert_eq!(at(text, "b[0].c"), Some((3, 8)));
    assert_eq!(at(text, "b[0].d"), Some((4, 8)));
    assert_eq!(at(text, "b[0].d[1].e"), Some((4, 16)));
    assert_eq!(at(text, "b[1].ö[0]"), Some((6, 7)));
}

#[test]
fn a_missing_key_is_placed_where_it_is_missing() {
    let text = "b:\n  - c: x\n";
    assert_eq!(at(text, "b[0].port"), at(text, "b[0]"));
    assert_eq!(at(text, "nothing"), None);
    assert_eq!(at("]", "a"), None);
}
