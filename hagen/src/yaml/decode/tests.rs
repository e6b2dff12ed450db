//! Typed values and their problems, on types made for it.
#![expect(unreachable_pub, reason = "the macros declare public types")]

use std::num::NonZeroU16;

use proptest::prelude::*;

use super::*;
use crate::problem::Source;
use crate::yaml::{parse, short};
use crate::{choice, record, text_values};

choice! {
    /// A colour.
    pub enum Colour {
        /// Red.
        Red = "red",
        /// Light blue.
        LightBlue = "light-blue",
    }
}

/// A word of lower-case letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Lower(String);

impl std::str::FromStr for Lower {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.bytes().all(|b| b.is_ascii_lowercase()) && !text.is_empty() {
            true => Ok(Self(text.into())),
            false => Err("lower-case letters only".into()),
        }
    }
}

text_values! { Lower => "a word such as `abc`" }

record! {
    /// A thing.
    /// It has two lines.
    pub struct Thing ("a thing") {
        /// Must be there.
        port_number: Spanned<NonZeroU16>,
        /// May be there.
        note: Option<String>,
        /// Red unless said.
        colour: Colour = Colour::Red,
        /// A switch.
        r#type: bool = true,
        /// More.
        parts: Map<Lower, Part>,
        /// Numbers.
        sizes: Vec<i64>,
        /// Inside.
        inner: Inner,
    }
}

record! {
    /// A part.
    pub struct Part ("a part") {
        /// How many.
        count: u8,
    }
}

record! {
    /// All keys have defaults.
    pub struct Inner ("inner") {
        /// One.
        one: u32 = 1,
        /// A list.
        list: Vec<Lower>,
    }
}

/// The value, or problems as `line:column id message | help`.
fn decode<T: Decode>(text: &str) -> Result<T, Vec<String>> {
    let source = Source { name: "t".into(), text: text.into() };
    let mut cx = Cx::default();
    let value = T::decode(&parse(text).unwrap(), &mut cx);
    cx.problems.sort();
    let problems: Vec<String> = cx
        .problems
        .iter()
        .map(|p| {
            let (line, column) = source.position(p.span.unwrap().start);
            format!("{line}:{column} {} {} | {}", p.id, p.message, p.help.as_deref().unwrap_or("NO HELP"))
        })
        .collect();
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        value => {
            assert!(!problems.is_empty(), "no value and no problem");
            assert!(value.is_none() || problems.iter().all(|p| p.contains("DOC-2")), "{problems:?}");
            Err(problems)
        }
    }
}

#[test]
fn a_full_record_and_one_of_defaults() {
    let full: Thing = decode(
        "portNumber: 443\nnote: 12\ncolour: light-blue\ntype: false\nparts: {b: {count: 2}, a: {count: 0}}\nsizes: [-1, 7]\ninner: {one: 9, list: [x]}\n",
    )
    .unwrap();
    assert_eq!(
        (full.port_number.get(), full.note.as_deref(), full.colour),
        (443, Some("12"), Colour::LightBlue)
    );
    assert_eq!((full.r#type, full.sizes, full.inner.one), (false, vec![-1, 7], 9));
    let names: Vec<&str> = full.parts.iter().map(|(k, _)| k.0.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(full.parts.find(&Lower("b".into())).unwrap().count, 2);

    let least: Thing = decode("portNumber: 1\n").unwrap();
    assert_eq!((least.note, least.colour, least.r#type, least.inner.one), (None, Colour::Red, true, 1));
    assert!(least.parts.is_empty() && least.sizes.is_empty() && least.inner.list.is_empty());
    // An empty value is an absent one.
    let empty: Thing =
        decode("portNumber: 1\nnote:\ncolour: ~\nparts: null\nsizes:\ninner:\ntype:\n").unwrap();
    assert_eq!(empty, decode::<Thing>("portNumber: 1\n").unwrap());
}

#[test]
fn problems_name_the_place_the_fault_and_the_way_out() {
    let with = |rest: &str| format!("portNumber: 1\n{rest}");
    let cases = [
        ("note: x\n".into(), "1:1 DOC-5 a thing needs the key `portNumber`", "add `portNumber: …`"),
        ("portNumber:\n".into(), "1:1 DOC-5 `portNumber` has no value", "write `portNumber: …`"),
        ("- a\n".into(), "1:1 DOC-4 expected a mapping (a thing), found a list", "write a mapping"),
        ("text\n".into(), "1:1 DOC-4 expected a mapping (a thing), found `text`", "write a mapping"),
        // Numbers are strict.
        (
            "portNumber: 0\n".into(),
            "1:13 DOC-4 expected a whole number from 1 to 65535, found `0`",
            "from 1 to",
        ),
        (
            "portNumber: 65536\n".into(),
            "1:13 DOC-4 expected a whole number from 1 to 65535, found `65536`",
            "from",
        ),
        (
            "portNumber: '1'\n".into(),
            "1:13 DOC-4 expected a whole number from 1 to 65535, found the string `1`",
            "from",
        ),
        (
            "portNumber: 0443\n".into(),
            "1:13 DOC-4 expected a whole number from 1 to 65535, found `0443`",
            "from",
        ),
        ("portNumber: +1\n".into(), "1:13 DOC-4 expected a whole number from 1 to 65535, found `+1`", "from"),
        ("portNumber: 1.0\n".into(), "1:13 DOC-4 expected a whole number", "from"),
        ("portNumber: 0x10\n".into(), "1:13 DOC-4 expected a whole number", "from"),
        ("portNumber: 1e2\n".into(), "1:13 DOC-4 expected a whole number", "from"),
        ("portNumber: -5\n".into(), "1:13 DOC-4 expected a whole number", "from"),
        (
            "portNumber: [1]\n".into(),
            "1:13 DOC-4 expected a whole number from 1 to 65535, found a list",
            "from",
        ),
        (
            with("parts: {a: {count: 256}}"),
            "2:20 DOC-4 expected a whole number from 0 to 255, found `256`",
            "from",
        ),
        (with("sizes: [1, two]"), "2:12 DOC-4 expected a whole number from -9223372036854775808", "from"),
        // Switches are `true` and `false`, not YAML 1.1's many words.
        (with("type: yes"), "2:7 DOC-4 expected `true` or `false`, found `yes`", "write `true`"),
        (
            with("type: 'true'"),
            "2:7 DOC-4 expected `true` or `false`, found the string `true`",
            "write `true`",
        ),
        (with("type: True"), "2:7 DOC-4 expected `true` or `false`, found `True`", "write `true`"),
        // Words.
        (with("colour: blue"), "2:9 DOC-4 unknown value `blue`", "known: red, light-blue"),
        (with("colour: lightblue"), "2:9 DOC-4 unknown value `lightblue`", "did you mean `light-blue`?"),
        (with("colour: [red]"), "2:9 DOC-4 expected a string, found a list", "write a string"),
        // Text with a form of its own.
        (
            with("inner: {list: [a, B]}"),
            "2:19 DOC-4 `B`: lower-case letters only",
            "write a word such as `abc`",
        ),
        (
            with("inner: {list: [a, {}]}"),
            "2:19 DOC-4 expected a word such as `abc`, found a mapping",
            "write a word",
        ),
        (
            with("inner: {list: [~]}"),
            "2:16 DOC-4 expected a word such as `abc`, found nothing",
            "write a word",
        ),
        (with("inner: {list: a}"), "2:15 DOC-4 expected a list such as `[a, b]`, found `a`", "write a list"),
        (
            with("parts: {A: {count: 1}}"),
            "2:9 DOC-4 `A`: lower-case letters only",
            "write a word such as `abc`",
        ),
        (
            with("parts: [a]"),
            "2:8 DOC-4 expected a mapping of `name: value`, found a list",
            "write a mapping",
        ),
        (with("parts: {a: }"), "2:10 DOC-5 a part needs the key `count`", "add `count: …`"),
        // Keys.
        (with("colur: red"), "2:1 DOC-2 unknown key `colur` in a thing", "did you mean `colour`?"),
        (
            with("port_number: 2"),
            "2:1 DOC-2 unknown key `port_number` in a thing",
            "did you mean `portNumber`?",
        ),
        (with("inner: {lists: []}"), "2:9 DOC-2 unknown key `lists` in inner", "did you mean `list`?"),
        (
            with("zzzzzzz: 1"),
            "2:1 DOC-2 unknown key `zzzzzzz` in a thing",
            "known keys: portNumber, note, colour, type",
        ),
    ];
    for (text, what, way) in cases {
        let found = decode::<Thing>(&text).unwrap_err();
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        let (message, help) = found[0].split_once(" | ").unwrap();
        assert!(message.starts_with(what), "{text:?}: {message}");
        assert!(help.contains(way), "{text:?}: {help}");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let text = "note: [x]\ncolour: green\ntype: 1\nparts:\n  a: {count: x}\n  B: {}\nsizes: [1, a, b]\ninner: {on: 1}\n";
    let found = decode::<Thing>(text).unwrap_err();
    let places: Vec<&str> = found.iter().map(|p| p.split(' ').next().unwrap()).collect();
    assert_eq!(
        places,
        ["1:1", "1:7", "2:9", "3:7", "5:14", "6:3", "6:6", "7:12", "7:15", "8:9"],
        "{found:#?}"
    );
}

#[test]
fn long_text_is_shortened_in_messages() {
    let long = "x".repeat(100_000);
    for text in [
        format!("portNumber: {long}\n"),
        format!("portNumber: 1\n? {long}\n: 1\n"),
        format!("portNumber: 1\ncolour: {long}\n"),
        format!("portNumber: 1\ninner: {{list: [{}]}}\n", "X".repeat(100_000)),
        "portNumber: |\n  a\n  b\n".to_owned(),
    ] {
        let found = decode::<Thing>(&text).unwrap_err();
        assert!(found[0].len() < 300 && !found[0].contains('\n'), "{}", found[0].len());
    }
    assert_eq!(short("abc\n"), "abc");
    assert_eq!(short("abc\ndef"), "abc…");
    assert_eq!(short(&"é".repeat(61)), "é".repeat(60) + "…");
}

#[test]
fn the_nearest_word_is_offered_when_it_could_be_meant() {
    let known = ["address", "nodes", "interface", "vrrp", "services"];
    for (word, expected) in [
        ("adress", Some("address")),
        ("addres", Some("address")),
        ("Address", Some("address")),
        ("node", Some("nodes")),
        ("inter_face", Some("interface")),
        ("vrpr", Some("vrrp")),
        ("service", Some("services")),
        ("banana", None),
        ("x", None),
        ("", None),
    ] {
        assert_eq!(nearest(word, known), expected, "{word}");
    }
    assert_eq!(nearest(&"a".repeat(10_000_000), known), None);
    assert_eq!(nearest("x", []), None);
}

#[test]
fn field_names_are_written_in_camel_case() {
    use crate::yaml::record::camel;
    for (field, key) in
        [("time_zone", "timeZone"), ("r#type", "type"), ("a", "a"), ("ca_cert_hashes", "caCertHashes")]
    {
        assert_eq!(camel(field), key);
    }
}

#[test]
fn the_schema_says_what_the_decoder_does() {
    let mut schemas = Schemas::default();
    assert_eq!(Thing::schema(&mut schemas), json!({"$ref": "#/$defs/Thing"}));
    let thing = &schemas.defs["Thing"];
    assert_eq!(thing["required"], json!(["portNumber"]));
    assert_eq!(thing["additionalProperties"], json!(false));
    assert_eq!(thing["description"], "A thing.\nIt has two lines.");
    let properties = &thing["properties"];
    assert_eq!(
        properties["portNumber"],
        json!({"type": "integer", "minimum": 1, "maximum": 65535, "description": "Must be there."})
    );
    assert_eq!(properties["colour"]["enum"], json!(["red", "light-blue", null]));
    assert_eq!(properties["colour"]["default"], "red");
    assert_eq!(properties["type"]["default"], true);
    assert_eq!(properties["parts"]["additionalProperties"], json!({"$ref": "#/$defs/Part"}));
    assert_eq!(properties["inner"]["$ref"], "#/$defs/Inner");
    assert_eq!(schemas.defs["Inner"]["type"], json!(["object", "null"]), "it needs no key");
    assert_eq!(schemas.defs["Part"]["type"], "object");
    assert_eq!(properties["sizes"]["type"], json!(["array", "null"]));
    // What reads as a number in YAML is text here: `note: 12`.
    assert_eq!(properties["note"]["type"], json!(["string", "number", "boolean", "null"]));
    assert_eq!(
        <Lower as Decode>::schema(&mut schemas)["type"],
        json!(["string", "boolean"]),
        "`true` is a word"
    );
    assert_eq!(<std::net::IpAddr as Decode>::schema(&mut schemas)["type"], "string");
    assert_eq!(schemas.defs["Part"]["required"], json!(["count"]));
    assert_eq!(schemas.defs["Inner"]["required"], json!([]));
}

proptest! {
    #[test]
    fn numbers_in_range_come_back_and_others_are_refused(n in any::<i64>()) {
        prop_assert_eq!(decode::<i64>(&n.to_string()), Ok(n));
        prop_assert_eq!(decode::<u8>(&n.to_string()).ok(), u8::try_from(n).ok());
        prop_assert_eq!(decode::<u32>(&n.to_string()).ok(), u32::try_from(n).ok());
    }

    #[test]
    fn a_map_keeps_every_name_with_its_place(names in prop::collection::btree_set("[a-z]{1,8}", 0..20)) {
        let text: String = names.iter().map(|n| format!("{n}: {{count: 1}}\n")).collect();
        if names.is_empty() {
            return Ok(());
        }
        let map: Map<Lower, Part> = decode(&text).unwrap();
        prop_assert_eq!(map.len(), names.len());
        for (name, _) in &map {
            prop_assert_eq!(&text[name.span.start..name.span.end], name.0.as_str());
        }
    }
}
