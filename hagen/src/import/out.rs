//! The document that an import writes: YAML in block form, with comments.

use super::mask;
use super::reader::Cx;
use crate::yaml::{Node, Value};

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Out {
    /// A number, a truth value, or nothing.
    Raw(String),
    /// A text; quoted where it needs to be.
    Text(String),
    /// Several lines of text.
    Block(String),
    /// `{env: NAME}`.
    Env(String),
    /// `[a, b]`.
    Words(Vec<String>),
    /// A list of mappings.
    List(Vec<Vec<(String, Out)>>),
    /// A mapping.
    Map(Vec<(String, Out)>),
    /// A value with a comment behind or before it.
    Noted(Box<Out>, String),
}

impl Out {
    /// Adds a comment.
    pub(super) fn note(self, comment: impl Into<String>) -> Self {
        Out::Noted(Box::new(self), comment.into())
    }
}

/// A text as one YAML scalar.
pub(super) fn scalar(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+@=%".contains(&b);
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'/');
    let address = text.parse::<std::net::IpAddr>().is_ok() && !text.contains(':');
    let network = text.parse::<ipnet::Ipv4Net>().is_ok();
    let word = matches!(
        text.to_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
    );
    if address || network || (first && !word && text.bytes().all(plain)) {
        return text.to_owned();
    }
    quoted(text)
}

/// A JSON string is a YAML string. Line ends of Unicode are escaped, too: it stays one line.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{85}', "\\u0085")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// A foreign value on one line, secrets left out.
pub(super) fn flow(node: &Node, cx: &mut Cx) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar { text, .. } if mask::lines(text) != *text => {
            cx.secrets.push(node.span);
            "(a secret)".to_owned()
        }
        Value::Scalar { text, quoted: false } => match scalar(text) {
            quoted
                if quoted.starts_with('"')
                    && (text.parse::<f64>().is_ok() || matches!(text.as_str(), "true" | "false")) =>
            {
                text.clone()
            }
            other => other,
        },
        // What is quoted is a string, also where it looks like something else.
        Value::Scalar { text, quoted: true } => quoted(text),
        Value::Seq(items) => {
            format!("[{}]", items.iter().map(|i| flow(i, cx)).collect::<Vec<_>>().join(", "))
        }
        Value::Map(pairs) => {
            let pair = |(key, value): &(crate::yaml::Key, Node)| {
                let value = if mask::is_secret(&key.text) {
                    cx.secrets.push(value.span);
                    "(a secret)".to_owned()
                } else {
                    flow(value, cx)
                };
                format!("{}: {value}", scalar(&key.text))
            };
            format!("{{ {} }}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Writes mappings line by line.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    /// A comment of one or more lines.
    pub(super) fn comment(&mut self, text: &str) {
        for line in text.lines() {
            self.line(0, &format!("# {line}"));
        }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A pair on the top level.
    pub(super) fn pair(&mut self, key: &str, value: &Out) {
        self.put(0, "", key, value, None);
    }

    /// A mapping on the top level, after an empty line, unless it is empty.
    pub(super) fn section(&mut self, key: &str, pairs: Vec<(String, Out)>) {
        if !pairs.is_empty() {
            self.gap();
            self.pair(key, &Out::Map(pairs));
        }
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn line(&mut self, depth: usize, text: &str) {
        let text = format!("{}{text}", "  ".repeat(depth));
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn put(&mut self, depth: usize, mark: &str, key: &str, value: &Out, note: Option<&str>) {
        let head = format!("{mark}{}:", scalar(key));
        let behind = note.map(|n| format!("   # {n}")).unwrap_or_default();
        match value {
            Out::Noted(value, note) if matches!(**value, Out::Map(_) | Out::List(_) | Out::Block(_)) => {
                self.line(depth, &format!("# {note}"));
                self.put(depth, mark, key, value, None);
            }
            Out::Noted(value, note) => self.put(depth, mark, key, value, Some(note)),
            Out::Raw(text) if text.is_empty() => self.line(depth, &format!("{head}{behind}")),
            Out::Raw(text) => self.line(depth, &format!("{head} {text}{behind}")),
            Out::Text(text) => self.line(depth, &format!("{head} {}{behind}", scalar(text))),
            Out::Env(name) => self.line(depth, &format!("{head} {{env: {name}}}{behind}")),
            Out::Words(words) => {
                let words: Vec<String> = words.iter().map(|w| scalar(w)).collect();
                self.line(depth, &format!("{head} [{}]{behind}", words.join(", ")));
            }
            Out::Block(text) => {
                self.line(depth, &format!("{head} {}", serde_json::Value::from(text.as_str())))
            }
            Out::Map(pairs) => {
                self.line(depth, &head);
                self.map(depth + 1, pairs);
            }
            Out::List(items) => {
                self.line(depth, &head);
                for item in items {
                    for (index, (key, value)) in item.iter().enumerate() {
                        self.put(depth + 1, if index == 0 { "- " } else { "  " }, key, value, None);
                    }
                }
            }
        }
    }

    fn map(&mut self, depth: usize, pairs: &[(String, Out)]) {
        for (key, value) in pairs {
            self.put(depth, "", key, value, None);
        }
    }
}
