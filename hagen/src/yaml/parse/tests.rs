//! The grammar's traps with the place and the words of each, the bounds, and what holds for any text.

use clap::ValueEnum as _;
use proptest::prelude::*;

use super::*;
use crate::cli::args::TopologyName;
use crate::cli::init::document;
use crate::problem::Source;

/// Problems as `line:column id message | help`.
fn problems(text: &str) -> Vec<String> {
    let source = Source { name: "t".into(), text: text.into() };
    let Err(problems) = parse(text) else { return vec![] };
    problems
        .iter()
        .map(|p| {
            let (line, column) = source.position(p.span.unwrap().start);
            format!("{line}:{column} {} {} | {}", p.id, p.message, p.help.as_deref().unwrap_or(""))
        })
        .collect()
}

/// A value in a compact form: `{a: 1, b: ["x", ~]}`; quoted strings in quotes.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Null => "~".into(),
        Value::Scalar { text, quoted: true } => format!("{text:?}"),
        Value::Scalar { text, quoted: false } => text.clone(),
        Value::Seq(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Map(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{}: {}", k.text, show(v))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

fn parsed(text: &str) -> Node {
    parse(text).unwrap_or_else(|p| panic!("{text:?}: {p:?}"))
}

#[test]
fn values_keep_their_text() {
    let cases = [
        ("", "~"),
        ("# nothing but a comment\n", "~"),
        ("---\n...\n", "~"),
        ("a:\nb: ~\nc: null\nd: ''\n", "{a: ~, b: ~, c: ~, d: \"\"}"),
        ("a: 0123\nb: 1e3\nc: no\nd: 0x1F\ne: 1.10\n", "{a: 0123, b: 1e3, c: no, d: 0x1F, e: 1.10}"),
        ("a: '1'\nb: \"t\\tx\"\n", "{a: \"1\", b: \"t\\tx\"}"),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: \"x\\ny\\n\", b: \"x y\"}"),
        ("a: 12:30:45\nb: 10.0.0.1/24\nc: fd00::1\n", "{a: 12:30:45, b: 10.0.0.1/24, c: fd00::1}"),
        ("- 1\n-\n  - 2\n", "[1, [2]]"),
        ("{a: [1, 2], b: {c: d}}", "{a: [1, 2], b: {c: d}}"),
        ("a: !!str 1\nb: !custom x\n", "{a: 1, b: x}"),
        ("%YAML 1.2\n---\na: 1\n", "{a: 1}"),
        ("\u{feff}a: 1\n", "{a: 1}"),
        ("a: 1\r\nb:\r\n  - 2\r\n", "{a: 1, b: [2]}"),
        ("a:\t1\n\t# a tab before a comment\nb: 2\n", "{a: 1, b: 2}"),
        ("名前: 值 # 注释\n", "{名前: 值}"),
        ("a:1", "a:1"),
    ];
    for (text, expected) in cases {
        assert_eq!(show(&parsed(text)), expected, "{text:?}");
    }
}

#[test]
fn aliases_and_merge_keys_stand_for_what_they_name() {
    let cases = [
        ("a: &x {p: 1}\nb: *x\nc: [*x, *x]\n", "{a: {p: 1}, b: {p: 1}, c: [{p: 1}, {p: 1}]}"),
        ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", "{a: 1, b: 1, c: 2, d: 2}"),
        ("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", "{a: {p: 1, q: 2}, b: {q: 3, p: 1}}"),
        ("a: &x {p: 1, q: 2}\nb:\n  q: 3\n  <<: *x\n", "{a: {p: 1, q: 2}, b: {q: 3, p: 1}}"),
        // The earlier of two merged mappings wins, as YAML 1.1 says.
        (
            "a: &x {p: 1}\nb: &y {p: 2, r: 3}\nc:\n  <<: [*x, *y]\n",
            "{a: {p: 1}, b: {p: 2, r: 3}, c: {p: 1, r: 3}}",
        ),
        ("a:\n  <<: {p: 1}\n", "{a: {p: 1}}"),
    ];
    for (text, expected) in cases {
        assert_eq!(show(&parsed(text)), expected, "{text:?}");
    }
    let node = parsed("a: &x {p: 1}\nb: *x\n");
    let alias = node.get("b").unwrap();
    assert_eq!((alias.span.start, alias.span.end), (16, 18), "the place of an alias is where it stands");
}

#[test]
fn breaks_of_the_grammar_name_their_place_and_the_way_out() {
    let indent = "stand in the same column";
    let tab = "two spaces";
    let bracket = "needs its `]`";
    let cases = [
        // Tabs, also after a value, where the scanner stops one line early.
        ("a:\n\tb: 1\n", "2:1 DOC-1 a tab in the indentation", tab),
        ("a: 1\n\tb: 2\n", "2:1 DOC-1 a tab in the indentation", tab),
        ("a: 1\r\n\tb: 2\r\n", "2:1 DOC-1 a tab in the indentation", tab),
        ("a:\n  b: 1\n  \tc: 2\n", "3:3 DOC-1 a tab in the indentation", tab),
        ("a: {\n\tb: 1\n}\n", "2:1 DOC-1 a tab in the indentation", tab),
        ("a: ü\n\tb: 1\n", "2:1 DOC-1 a tab in the indentation", tab),
        // Indentation.
        ("a: 1\n b: 2\n", "2:3 DOC-1 not valid YAML: mapping values are not allowed", indent),
        ("a:\n   b: 1\n  c: 2\n", "3:3 DOC-1 not valid YAML", indent),
        ("a:\n  - b: 1\n   c: 2\n", "3:4 DOC-1 not valid YAML", indent),
        ("a: 1\nb\nc: 2\n", "2:1 DOC-1 not valid YAML: simple key expected ':'", "`key: value`"),
        ("a: - b\n", "1:4 DOC-1 not valid YAML", indent),
        ("a: b: c\n", "1:5 DOC-1 not valid YAML", "`key: value`"),
        // Brackets and quotes.
        ("a: [1, 2\nb: 3\n", "2:2 DOC-1 not valid YAML", bracket),
        ("a: {b: 1\n", "1:4 DOC-1 not valid YAML: unclosed bracket '{'", bracket),
        ("a: [1]]\n", "1:7 DOC-1 not valid YAML: misplaced bracket", bracket),
        ("a: [1}\n", "1:4 DOC-1 not valid YAML: mismatched bracket", bracket),
        ("a: 'x\nb: 1\n", "2:1 DOC-1 not valid YAML", "each quote needs its partner"),
        ("a: 'it's'\n", "1:8 DOC-1 not valid YAML", "write `''` for one"),
        ("a: \"C:\\q\"\n", "1:4 DOC-1 not valid YAML", "single quotes"),
        ("a: @x\n", "1:4 DOC-1 not valid YAML: unexpected character", "in quotes"),
        ("a: `x`\n", "1:4 DOC-1 not valid YAML: unexpected character", "in quotes"),
        // What is not text.
        ("a: 1\nb: \0\n", "2:4 DOC-1 the document holds a NUL byte", "UTF-8"),
        ("PK\u{3}\u{4}\0\0", "1:5 DOC-1 the document holds a NUL byte", "UTF-8"),
        ("a: \u{1}\n", "1:4 DOC-1 not valid YAML: unexpected character", "remove the character"),
        ("a: 値\u{7f}\n", "1:4 DOC-1 not valid YAML: unexpected character", "remove the character"),
        // Aliases.
        ("a: *nope\n", "1:4 DOC-1 not valid YAML: while parsing node, found unknown anchor", "`&name`"),
        ("a: &x [*x]\n", "1:8 DOC-1 an alias inside the value that it names", "write the value out"),
        ("<<: 3\n", "1:5 DOC-4 `<<` takes a mapping", "`<<: *name`"),
        ("a: {p: 1}\nb:\n  <<: [{q: 1}, 3]\n", "3:16 DOC-4 `<<` takes a mapping", "`<<: *name`"),
        ("a:\n  <<: {p: 1}\n  <<: {p: 2}\n", "3:3 DOC-3 the key `<<` stands twice", "`<<: [*one, *two]`"),
        // Keys.
        ("a: 1\nb: 2\na: 3\n", "3:1 DOC-3 the key `a` stands twice in one mapping", "keep one"),
        ("a: 1\n\"a\": 2\n", "2:1 DOC-3 the key `a` stands twice in one mapping", "keep one"),
        ("{a: 1, a: 2}", "1:8 DOC-3 the key `a` stands twice in one mapping", "keep one"),
        ("名: 1\n名: 2\n", "2:1 DOC-3 the key `名` stands twice in one mapping", "keep one"),
        ("? [a]\n: 1\n", "1:3 DOC-4 a mapping key that is not a plain word", "`key: value`"),
        // More than one document.
        ("a: 1\n---\nb: 2\n", "2:1 DOC-1 a second document in the same file", "remove `---`"),
        ("a: 1\n...\n---\nb: 2\n", "3:1 DOC-1 a second document in the same file", "remove `---`"),
    ];
    for (text, expected, help) in cases {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        let (what, way) = found[0].split_once(" | ").unwrap();
        assert!(what.starts_with(expected), "{text:?}: {what}");
        assert!(way.contains(help), "{text:?}: {way}");
    }
}

#[test]
fn all_duplicate_keys_are_told_with_the_first() {
    let text = "a: 1\na: 2\nb:\n  c: 1\n  d: 1\n  c: 2\na: 3\n";
    let Err(problems) = parse(text) else { panic!("accepted") };
    let found: Vec<_> =
        problems.iter().map(|p| (p.id, p.span.unwrap().start, p.related[0].0.start)).collect();
    assert_eq!(found, [("DOC-3", 5, 0), ("DOC-3", 29, 15), ("DOC-3", 34, 0)]);
}

#[test]
fn columns_count_characters() {
    let text = "a: {名前: ＡＢ, ok: 1, ok: 2}\n";
    assert_eq!(problems(text).len(), 1);
    assert!(problems(text)[0].starts_with("1:20 DOC-3"), "{:?}", problems(text));
}

#[test]
fn a_span_is_the_text_of_its_value() {
    let text = "one: 1\nzwei: 'a b'\ntrois: [x, {y: z}]\n四: plain text\nfive:\n  - p\n  - q: r\nsix: last\n";
    let node = parsed(text);
    let slice = |key: &str| {
        let span = node.get(key).unwrap().span;
        &text[span.start..span.end]
    };
    assert_eq!(slice("one"), "1");
    assert_eq!(slice("zwei"), "'a b'");
    assert_eq!(slice("trois"), "[x, {y: z}]");
    assert_eq!(slice("四"), "plain text");
    assert_eq!(slice("five"), "- p\n  - q: r");
    assert_eq!(slice("six"), "last");
    let merged = "x: &x {p: 1}\ny:\n  <<: *x\n";
    let span = parsed(merged).get("y").unwrap().span;
    assert_eq!(&merged[span.start..span.end], "<<: *x", "not the place where `p` came from");
    let Value::Map(pairs) = &node.value else { panic!() };
    let keys: Vec<&str> = pairs.iter().map(|(k, _)| &text[k.span.start..k.span.end]).collect();
    assert_eq!(keys, ["one", "zwei", "trois", "四", "five", "six"]);
}

#[test]
fn a_document_has_at_most_16_mib() {
    let mut text = "# ".to_owned() + &"x".repeat(DOCUMENT_BYTES_MAX - 2);
    assert_eq!(text.len(), 16 << 20);
    assert_eq!(parsed(&text).value, Value::Null);
    text.push('x');
    let found = problems(&text);
    assert!(found[0].starts_with("1:1 DOC-6 the document has 16777217 bytes"), "{found:?}");
    assert!(found[0].contains("several documents"), "{found:?}");
}

#[test]
fn alias_bombs_end_at_the_bound() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..20 {
        let previous = format!("*a{}", level - 1);
        let list = vec![previous; 10].join(", ");
        laughs += &format!("a{level}: &a{level} [{list}]\n");
    }
    let found = problems(&laughs);
    assert!(found[0].contains("DOC-6 more than 1000000 values after aliases are expanded"), "{found:?}");

    let quadratic =
        "a: &a [".to_owned() + &"x, ".repeat(20_000) + "x]\nb: [" + &"*a, ".repeat(20_000) + "*a]\n";
    assert!(problems(&quadratic)[0].contains("DOC-6 more than 1000000 values"));

    // Anchors inside anchors, without any alias, hold one value many times over.
    let nested = (0..60).map(|n| format!("&a{n} [")).collect::<String>()
        + &"x, ".repeat(100_000)
        + "x"
        + &"]".repeat(60)
        + "\n";
    assert!(problems(&nested)[0].contains("DOC-6 more than 1000000 values"));

    // Merge keys expand too.
    let mut merge = String::from("a0: &a0 {");
    merge += &(0..1000).map(|n| format!("k{n}: v, ")).collect::<String>();
    merge += "z: z}\n";
    merge += &(1..2000).map(|n| format!("a{n}: {{<<: *a0}}\n")).collect::<String>();
    assert!(problems(&merge)[0].contains("DOC-6 more than 1000000 values"));
}

#[test]
fn many_anchors_and_aliases_are_no_bomb() {
    let text = "- &a x\n- *a\n".repeat(100_000);
    let Value::Seq(items) = parsed(&text).value else { panic!() };
    assert_eq!(items.len(), 200_000);
}

#[test]
fn nesting_ends_at_64_levels() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(problems(&nested(65)).is_empty());
    assert!(problems(&nested(66))[0].starts_with("1:66 DOC-6 nested deeper than 64 levels"));
    for depth in [100, 10_000, 1_000_000] {
        assert_eq!(problems(&nested(depth)).len(), 1, "{depth} levels");
        assert_eq!(problems(&"[".repeat(depth)).len(), 1, "{depth} open levels");
        assert_eq!(problems(&"{a: ".repeat(depth)).len(), 1, "{depth} open mappings");
        assert_eq!(problems(&"- ".repeat(depth)).len(), 1, "{depth} lists");
    }
    // An alias counts with the depth of what it stands for.
    let mut stairs = String::from("a0: &a0 [x]\n");
    for n in 1..100 {
        stairs += &format!("a{n}: &a{n} [*a{}]\n", n - 1);
    }
    let found = problems(&stairs);
    assert!(found[0].starts_with("64:12 DOC-6 nested deeper than 64 levels"), "{found:?}");
}

/// Every span lies inside the text, on character boundaries, and values stand inside their collection
/// unless an alias or a merge brought them there.
fn check_spans(text: &str) {
    fn inside(text: &str, span: Span) {
        assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {}", text.len());
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
    }
    fn walk(text: &str, node: &Node) {
        inside(text, node.span);
        match &node.value {
            Value::Null | Value::Scalar { .. } => {}
            Value::Seq(items) => items.iter().for_each(|i| walk(text, i)),
            Value::Map(pairs) => {
                for (key, value) in pairs {
                    inside(text, key.span);
                    walk(text, value);
                }
            }
        }
    }
    match parse(text) {
        Ok(node) => walk(text, &node),
        Err(problems) => {
            assert!(problems.has_errors());
            for problem in problems.iter() {
                inside(text, problem.span.unwrap());
                assert!(problem.help.is_some(), "{problem:?}");
                problem.related.iter().for_each(|(span, _)| inside(text, *span));
            }
            let source = Source { name: "t".into(), text: text.into() };
            assert!(!source.show(&problems, false).is_empty());
            assert!(source.json(&problems).is_array());
        }
    }
}

/// One example with some of its bytes replaced, removed or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let edit =
        (any::<prop::sample::Index>(), 0..4u8, "[-:{}\\[\\],&*#|>'\"%@` \n\t\r!?~\u{0}é名\u{feff}a0]{1,3}");
    let examples = prop::sample::select(TopologyName::value_variants());
    (examples, prop::collection::vec(edit, 1..6)).prop_map(|(example, edits)| {
        let mut chars: Vec<char> = document(example).chars().collect();
        for (at, kind, text) in edits {
            let at = at.index(chars.len());
            let end = (at + 1 + usize::from(kind) * 7).min(chars.len());
            match kind {
                0 => drop(chars.splice(at..at, text.chars())),
                1 => drop(chars.splice(at..at + 1, text.chars())),
                2 => drop(chars.drain(at..end)),
                _ => {
                    let copy: Vec<char> = chars[at..end].to_vec();
                    drop(chars.splice(at..at, copy));
                }
            }
            if chars.is_empty() {
                chars.push('a');
            }
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn any_text_parses_or_tells_its_problems(text in any::<String>()) {
        check_spans(&text);
    }

    #[test]
    fn any_bytes_parse_or_tell_their_problems(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check_spans(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_yaml_like_text_parses_or_tells_its_problems(text in "([-:{}\\[\\],&*#|>'\"%@` \n\t\r!?~<aé名0\u{feff}.]|\n  |: |- |&a |\\*a ){0,60}") {
        check_spans(&text);
    }

    #[test]
    fn any_edit_of_an_example_parses_or_tells_its_problems(text in mutated()) {
        check_spans(&text);
    }

    #[test]
    fn quoted_text_comes_back(text in "[^\0]{0,40}") {
        let yaml = serde_json::to_string(&serde_json::json!({"k": text})).unwrap();
        if let Ok(node) = parse(&yaml) {
            let Some(Node { value: Value::Scalar { text: back, quoted: true }, .. }) = node.get("k") else { panic!() };
            prop_assert_eq!(back, &text);
        } else {
            // JSON may hold characters that YAML's printable set lacks.
            let odd = |c: char| c.is_control() || c > '\u{d7ff}';
            prop_assert!(text.chars().any(odd), "{}", yaml);
        }
    }
}
