//! The two forms in which the document's types are declared. One declaration gives the type, its
//! decoder (all problems, with spans), its defaults and its JSON Schema, so that they cannot differ.

/// The spelling of a field in the document: `time_zone` → `timeZone`.
pub fn camel(field: &str) -> String {
    let field = field.trim_start_matches("r#");
    let mut out = String::with_capacity(field.len());
    let mut upper = false;
    for c in field.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// Declares a mapping of the document. `field: Type` is required unless its type allows absence;
/// `field: Type = default` has a default, which `hagen show` prints.
#[macro_export]
macro_rules! record {
    ($(#[doc = $doc:literal])+ pub struct $name:ident ($title:literal) {
        $( $(#[doc = $fdoc:literal])+ $field:ident : $ty:ty $(= $default:expr)? ),* $(,)?
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $(
                $(#[doc = $fdoc])+
                #[serde(skip_serializing_if = "crate::yaml::Decode::is_absent")]
                pub $field: $ty,
            )*
        }

        impl $crate::yaml::Decode for $name {
            fn decode(node: &$crate::yaml::Node, cx: &mut $crate::yaml::Cx) -> Option<Self> {
                let mut fields = $crate::yaml::Fields::open(node, cx, $title)?;
                $(
                    let key = $crate::yaml::record::camel(stringify!($field));
                    #[allow(unused_mut, unused_assignments, reason = "fields without a default leave it empty")]
                    let mut default: Option<$ty> = None;
                    $( default = Some($default); )?
                    let $field = fields.take::<$ty>(cx, &key, default);
                )*
                fields.close(cx);
                Some(Self { $( $field: $field?, )* })
            }

            fn schema(schemas: &mut $crate::yaml::Schemas) -> serde_json::Value {
                schemas.named(stringify!($name), |schemas| {
                    let mut properties = serde_json::Map::new();
                    let mut required = Vec::<String>::new();
                    $(
                        let key = $crate::yaml::record::camel(stringify!($field));
                        #[allow(unused_mut, unused_assignments, reason = "fields without a default leave it empty")]
                        let mut default: Option<$ty> = None;
                        $( default = Some($default); )?
                        let mut schema = <$ty as $crate::yaml::Decode>::schema(schemas);
                        let needed = default.is_none() && <$ty as $crate::yaml::Decode>::absent().is_none();
                        if !needed {
                            schema = $crate::yaml::or_nothing(schema);
                        }
                        let text = concat!($($fdoc, "\n"),+).trim().replace("\n ", "\n");
                        schema["description"] = text.into();
                        if let Some(default) = default {
                            schema["default"] = serde_json::json!(default);
                        }
                        if needed {
                            required.push(key.clone());
                        }
                        properties.insert(key, schema);
                    )*
                    let text = concat!($($doc, "\n"),+).trim().replace("\n ", "\n");
                    let kind = if required.is_empty() { serde_json::json!(["object", "null"]) } else { "object".into() };
                    serde_json::json!({
                        "type": kind,
                        "description": text,
                        "additionalProperties": false,
                        "properties": properties,
                        "required": required,
                    })
                })
            }

            /// An absent mapping is an empty one, where every key has a default.
            fn absent() -> Option<Self> {
                let empty = $crate::yaml::Node { value: $crate::yaml::Value::Null, span: Default::default() };
                <Self as $crate::yaml::Decode>::decode(&empty, &mut $crate::yaml::Cx::default())
            }
        }
    };
}

/// Declares a word from a closed list.
#[macro_export]
macro_rules! choice {
    ($(#[doc = $doc:literal])+ pub enum $name:ident { $( $(#[doc = $vdoc:literal])+ $variant:ident = $word:literal ),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[doc = $vdoc])+ $variant, )+
        }

        impl $name {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),+];

            /// The word as it is written.
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word ),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.word() == text).ok_or_else(|| {
                    let words = [$( $word ),+];
                    match $crate::yaml::nearest(text, words) {
                        Some(near) => format!("`{text}` is not one of {}; did you mean `{near}`?", words.join(", ")),
                        None => format!("`{text}` is not one of {}", words.join(", ")),
                    }
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl $crate::yaml::Decode for $name {
            fn decode(node: &$crate::yaml::Node, cx: &mut $crate::yaml::Cx) -> Option<Self> {
                let text = String::decode(node, cx)?;
                let found = Self::ALL.iter().copied().find(|v| v.word() == text);
                if found.is_none() {
                    let words = [$( $word ),+];
                    let known = format!("known: {}", words.join(", "));
                    let help = match $crate::yaml::nearest(&text, words) {
                        Some(near) => format!("did you mean `{near}`? {known}"),
                        None => known,
                    };
                    let problem = $crate::problem::Problem::error("DOC-4", node.span, format!("unknown value `{}`", $crate::yaml::short(&text)));
                    cx.problems.push(problem.help(help));
                }
                found
            }
            fn schema(_: &mut $crate::yaml::Schemas) -> serde_json::Value {
                serde_json::json!({"enum": [$( $word ),+]})
            }
        }
    };
}

/// Lets types that are written as text (`FromStr`) stand in the document.
#[macro_export]
macro_rules! text_values {
    ($( $ty:ty => $expects:literal ),+ $(,)?) => {$(
        impl $crate::yaml::Decode for $ty {
            fn decode(node: &$crate::yaml::Node, cx: &mut $crate::yaml::Cx) -> Option<Self> {
                let $crate::yaml::Value::Scalar { text, .. } = &node.value else {
                    cx.wrong(node, $expects);
                    return None;
                };
                match text.parse::<$ty>() {
                    Ok(value) => Some(value),
                    Err(reason) => {
                        cx.refused(node.span, format_args!("`{}`: {reason}", $crate::yaml::short(text)), $expects);
                        None
                    }
                }
            }
            fn schema(_: &mut $crate::yaml::Schemas) -> serde_json::Value {
                $crate::yaml::text_schema::<$ty>($expects)
            }
        }
    )+};
}
