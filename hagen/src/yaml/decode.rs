//! [`Node`] → typed values, collecting every problem, and the JSON Schema of the same types.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::parse::{Key, Node, Value};
use crate::problem::{Problem, Problems, Span};

/// A value and its place in the document. Compares and orders by the value alone.
#[derive(Clone, Copy)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value that no document wrote, such as a default.
    pub fn nowhere(value: T) -> Self {
        Self { value, span: Span::default() }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: Ord> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Named things in name order; each name remembers where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K: Ord, V>(pub BTreeMap<Spanned<K>, V>);

impl<K: Ord, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, V> Map<K, V> {
    /// The value under a name.
    pub fn find(&self, name: &K) -> Option<&V>
    where
        K: Clone,
    {
        self.0.get(&Spanned::nowhere(name.clone()))
    }

    /// All pairs in name order.
    pub fn iter(&self) -> std::collections::btree_map::Iter<'_, Spanned<K>, V> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a Spanned<K>, &'a V);
    type IntoIter = std::collections::btree_map::Iter<'a, Spanned<K>, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<K: Ord + Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

/// Where problems go while decoding.
#[derive(Debug, Default)]
pub struct Cx {
    /// What was found so far.
    pub problems: Problems,
}

impl Cx {
    /// Records a value of the wrong kind or form.
    pub fn wrong(&mut self, node: &Node, expects: &str) {
        let found = match &node.value {
            Value::Scalar { text, quoted: false } => format!("`{}`", short(text)),
            Value::Scalar { text, quoted: true } => format!("the string `{}`", short(text)),
            _ => node.kind().to_owned(),
        };
        let message = format!("expected {expects}, found {found}");
        self.problems.push(Problem::error("DOC-4", node.span, message).help(format!("write {expects}")));
    }

    /// Records a value that its own parser refused.
    pub fn refused(&mut self, span: Span, reason: impl fmt::Display, expects: &str) {
        self.problems
            .push(Problem::error("DOC-4", span, reason.to_string()).help(format!("write {expects}")));
    }
}

/// At most 60 characters of a text, on one line, for messages.
pub fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.len() < text.trim_end().len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

/// A type that a YAML value can become. A failure is recorded in [`Cx`], never returned.
pub trait Decode: Sized {
    /// Decodes a value; `None` when a problem was recorded.
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self>;

    /// The JSON Schema (2020-12) of the type; named types register themselves in `schemas`.
    fn schema(schemas: &mut Schemas) -> Json;

    /// The value when the key is absent; `None` when the key is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether the value is the one of an absent key, so that writing it out would say nothing.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Named schemas, for `$defs`.
#[derive(Debug, Default)]
pub struct Schemas {
    /// By type name.
    pub defs: BTreeMap<&'static str, Json>,
}

impl Schemas {
    /// Registers a named type once and returns a reference to it.
    pub fn named(&mut self, name: &'static str, make: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.defs.contains_key(name) {
            self.defs.insert(name, Json::Null);
            let schema = make(self);
            self.defs.insert(name, schema);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }
}

/// The schema of a type that is written as text. Where the text may look like a number or a switch, a
/// reader of YAML sees one, and an editor must not mark it.
pub fn text_schema<T: FromStr>(expects: &str) -> Json {
    let reads = |text: &str| text.parse::<T>().is_ok();
    let looks = [(reads("1"), "integer"), (reads("1.5"), "number"), (reads("true"), "boolean")];
    let looks: Vec<&str> = looks.into_iter().filter(|(like, _)| *like).map(|(_, kind)| kind).collect();
    if looks.is_empty() {
        return json!({"type": "string", "description": expects});
    }
    let kinds: Vec<&str> = std::iter::once("string").chain(looks).collect();
    json!({"type": kinds, "description": expects})
}

/// The schema of a value that may be left empty. A mapping says so itself, in its definition: without
/// required keys an empty value is an empty mapping.
pub fn or_nothing(mut schema: Json) -> Json {
    if let Some(Json::Array(words)) = schema.get_mut("enum") {
        words.push(Json::Null);
    }
    match schema.get_mut("type") {
        Some(Json::Array(kinds)) => kinds.push("null".into()),
        Some(kind) => *kind = json!([kind, "null"]),
        None => {}
    }
    schema
}

/// Reads the keys of one mapping.
pub struct Fields<'n> {
    pairs: &'n [(Key, Node)],
    span: Span,
    known: Vec<String>,
    title: &'static str,
}

impl<'n> Fields<'n> {
    /// Opens a mapping; an empty value counts as an empty mapping.
    pub fn open(node: &'n Node, cx: &mut Cx, title: &'static str) -> Option<Self> {
        match &node.value {
            Value::Map(pairs) => Some(Self { pairs, span: node.span, known: vec![], title }),
            Value::Null => Some(Self { pairs: &[], span: node.span, known: vec![], title }),
            _ => {
                cx.wrong(node, &format!("a mapping ({title})"));
                None
            }
        }
    }

    /// Takes one key. `default` is used when it is absent or empty; without one, [`Decode::absent`].
    pub fn take<T: Decode>(&mut self, cx: &mut Cx, key: &str, default: Option<T>) -> Option<T> {
        let found = self.pairs.iter().find(|(k, _)| k.text == key);
        self.known.push(key.to_owned());
        match found {
            Some((_, node)) if node.value != Value::Null => T::decode(node, cx),
            Some((key_text, node)) => default.or_else(T::absent).or_else(|| {
                let message = format!("`{}` has no value", key_text.text);
                let span = Span { start: key_text.span.start, end: node.span.end.max(key_text.span.end) };
                cx.problems.push(Problem::error("DOC-5", span, message).help(format!("write `{key}: …`")));
                None
            }),
            None => default.or_else(T::absent).or_else(|| {
                let message = format!("{} needs the key `{key}`", self.title);
                cx.problems.push(Problem::error("DOC-5", self.span, message).help(format!("add `{key}: …`")));
                None
            }),
        }
    }

    /// Ends the mapping: whatever was not taken is unknown.
    pub fn close(self, cx: &mut Cx) {
        for (key, _) in self.pairs {
            if self.known.contains(&key.text) {
                continue;
            }
            let message = format!("unknown key `{}` in {}", short(&key.text), self.title);
            let near = nearest(&key.text, self.known.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys: {}", self.known.join(", ")),
            };
            cx.problems.push(Problem::error("DOC-2", key.span, message).help(help));
        }
    }
}

/// The known word nearest to a mistyped one, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // No known word is nearly so long, and the distance takes the product of both lengths.
    if word.len() > 100 {
        return None;
    }
    let lower = word.to_lowercase().replace(['_', '-'], "");
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase().replace(['_', '-'], "")), k))
        .filter(|(distance, k)| *distance <= 1 + k.len().min(word.len()) / 3)
        .min()
        .map(|(_, k)| k)
}

impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        Some(Self { value: T::decode(node, cx)?, span: node.span })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
    fn absent() -> Option<Self> {
        T::absent().map(Self::nowhere)
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        match node.value {
            Value::Null => Some(None),
            _ => T::decode(node, cx).map(Some),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        let Value::Seq(items) = &node.value else {
            cx.wrong(node, "a list such as `[a, b]`");
            return None;
        };
        let decoded: Vec<Option<T>> = items.iter().map(|item| T::decode(item, cx)).collect();
        decoded.into_iter().collect()
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({"type": "array", "items": T::schema(schemas)})
    }
    fn absent() -> Option<Self> {
        Some(vec![])
    }
}

impl<K: Decode + Ord, V: Decode> Decode for Map<K, V> {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        let Value::Map(pairs) = &node.value else {
            cx.wrong(node, "a mapping of `name: value`");
            return None;
        };
        let decoded: Vec<_> = pairs
            .iter()
            .map(|(key, value)| {
                let text = Value::Scalar { text: key.text.clone(), quoted: true };
                let name = Spanned::<K>::decode(&Node { value: text, span: key.span }, cx);
                let value = V::decode(value, cx);
                Some((name?, value?))
            })
            .collect();
        decoded.into_iter().collect::<Option<BTreeMap<_, _>>>().map(Map)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({"type": "object", "additionalProperties": V::schema(schemas)})
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        T::decode(node, cx).map(Box::new)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }
}

impl Decode for String {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        match &node.value {
            Value::Scalar { text, .. } => Some(text.clone()),
            _ => {
                cx.wrong(node, "a string");
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({"type": ["string", "number", "boolean"]})
    }
}

impl Decode for bool {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        match &node.value {
            Value::Scalar { text, quoted: false } if text == "true" => Some(true),
            Value::Scalar { text, quoted: false } if text == "false" => Some(false),
            _ => {
                cx.wrong(node, "`true` or `false`");
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({"type": "boolean"})
    }
}

/// Digits without a leading zero, which some readers of YAML take for octal.
fn plain_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits == "0" || !digits.starts_with(['0', '+'])
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl Decode for $ty {
            fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
                let number = match &node.value {
                    Value::Scalar { text, quoted: false } if plain_integer(text) => text.parse().ok(),
                    _ => None,
                };
                if number.is_none() {
                    cx.wrong(node, &format!("a whole number from {} to {}", <$ty>::MIN, <$ty>::MAX));
                }
                number
            }
            fn schema(_: &mut Schemas) -> Json {
                json!({"type": "integer", "minimum": <$ty>::MIN, "maximum": <$ty>::MAX})
            }
        }
    )*};
}
integers!(u8, u16, u32, u64, i64, std::num::NonZeroU16, std::num::NonZeroU32);

impl<T> Borrow<T> for Spanned<T> {
    fn borrow(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests;
