//! YAML mappings whose keys keep the order of the product's own samples, so that a person who knows the
//! samples can compare.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A YAML value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A string; quoted where a reader could take it for something else.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping.
    Map(Object),
}

/// A mapping in insertion order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object(Vec<(String, Value)>);

impl Object {
    /// Adds a pair.
    pub(crate) fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.push((key.into(), value.into()));
        self
    }

    /// Adds a pair when there is a value.
    pub(crate) fn with_some(self, key: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds a list or a mapping unless it is empty.
    pub(crate) fn with_full(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        match value.into() {
            Value::List(list) if list.is_empty() => self,
            Value::Map(map) if map.0.is_empty() => self,
            value => self.with(key, value),
        }
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

impl<V: Into<Value>> FromIterator<V> for Value {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

macro_rules! from {
    ($($ty:ty, $value:ident => $make:expr;)*) => {$(
        impl From<$ty> for Value {
            fn from($value: $ty) -> Self {
                $make
            }
        }
    )*};
}

from! {
    bool, v => Value::Bool(v);
    u16, v => Value::Number(v.into());
    u32, v => Value::Number(v.into());
    i64, v => Value::Number(v);
    &str, v => Value::Text(v.to_owned());
    String, v => Value::Text(v);
    Object, v => Value::Map(v);
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(value) => serializer.serialize_i64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::List(value) => value.serialize(serializer),
            Value::Map(value) => value.serialize(serializer),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// The text of a YAML file below comment lines.
pub(crate) fn yaml(comment: &str, object: &Object) -> String {
    let mut text: String = comment.lines().map(|line| format!("# {line}\n")).collect();
    text.push_str(&body(object));
    text
}

/// The text of a YAML file.
#[expect(
    clippy::expect_used,
    reason = "strings, numbers, lists and mappings with string keys can always be written"
)]
pub(crate) fn body(object: &Object) -> String {
    serde_saphyr::to_string(object).expect("a plain value")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml;

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[ -~äöü世\n\t]{0,120}") {
            let written = body(&Object::default().with("key", text.as_str()).with("next", "end"));
            let tree = yaml::parse(&written).map_err(|p| TestCaseError::fail(format!("{written}\n{p:?}")))?;
            match &tree.get("key").map(|n| &n.value) {
                Some(yaml::Value::Scalar { text: back, .. }) => prop_assert_eq!(back, &text, "{}", written),
                other => prop_assert!(false, "{written}: {other:?}"),
            }
            prop_assert!(tree.get("next").is_some());
        }
    }

    #[test]
    fn keys_keep_their_order_and_words_of_yaml_1_1_are_quoted() {
        let object = Object::default()
            .with("zebra", "22")
            .with("ape", Value::from_iter(["yes", "0123", "12:30", "1e3", "~", "172.30.41.193"]))
            .with("port", 443_u16)
            .with("on", true)
            .with_some("gone", None::<&str>)
            .with_full("empty", Object::default())
            .with("text", "a: 1\nb: 2");
        insta::assert_snapshot!(super::yaml("for a person", &object), @r#"
        # for a person
        zebra: "22"
        ape:
        - "yes"
        - "0123"
        - "12:30"
        - "1e3"
        - "~"
        - "172.30.41.193"
        port: 443
        "on": true
        text: |-
          a: 1
          b: 2
        "#);
    }
}
