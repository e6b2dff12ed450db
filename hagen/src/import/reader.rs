//! Tolerant reading of a foreign document: every value with its place, unknown keys remembered.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::mask;
use super::out::{Out, flow};
use crate::problem::{Problem, Problems, Span};
use crate::yaml::{Key, Node, Spanned, Value};

/// What an import found.
#[derive(Debug, Default)]
pub(super) struct Cx {
    pub(super) problems: Problems,
    /// The places of secrets.
    pub(super) secrets: Vec<Span>,
    /// What the document does not hold, as comments: path and value.
    pub(super) left_out: Vec<(String, String)>,
}

impl Cx {
    /// A value that cannot be used.
    pub(super) fn wrong(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::error("IMP-1", span, message).help(help));
    }

    /// A value that hagen's document has no place for.
    pub(super) fn leave_out(&mut self, path: &str, key: &str, span: Span, node: &Node) {
        let secret = mask::is_secret(key);
        if secret {
            self.secrets.push(node.span);
        }
        let value = if secret { "(a secret)".to_owned() } else { flow(node, self) };
        self.problems.push(
            Problem::warning("IMP-2", span, format!("`{path}` has no place in hagen's document"))
                .help("it is kept there as a comment"),
        );
        self.left_out.push((path.to_owned(), value));
    }

    /// Something that the source does not say.
    pub(super) fn assumed(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::warning("IMP-3", span, message).help(help));
    }
}

/// The keys of one mapping.
pub(super) struct Table<'n> {
    path: String,
    pairs: &'n [(Key, Node)],
    taken: BTreeSet<usize>,
    /// The place of the mapping.
    pub(super) span: Span,
}

impl<'n> Table<'n> {
    /// Opens a mapping; nothing counts as an empty one.
    pub(super) fn open(node: &'n Node, path: &str, cx: &mut Cx) -> Option<Self> {
        let pairs = match &node.value {
            Value::Map(pairs) => pairs.as_slice(),
            Value::Null => &[],
            _ => {
                cx.wrong(
                    node.span,
                    format!("`{path}` is {}, not a mapping", node.kind()),
                    "write `key: value` lines below it",
                );
                return None;
            }
        };
        Some(Self { path: path.to_owned(), pairs, taken: BTreeSet::new(), span: node.span })
    }

    /// The path of a key.
    pub(super) fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Takes a key that has a value.
    pub(super) fn take(&mut self, key: &str) -> Option<&'n Node> {
        let index = self.pairs.iter().position(|(k, _)| k.text == key)?;
        self.taken.insert(index);
        let node = &self.pairs[index].1;
        (node.value != Value::Null).then_some(node)
    }

    /// Takes a mapping; an absent one is empty.
    pub(super) fn table(&mut self, key: &str, cx: &mut Cx) -> Option<Table<'n>> {
        let path = self.at(key);
        match self.take(key) {
            Some(node) => Table::open(node, &path, cx),
            None => Some(Table { path, pairs: &[], taken: BTreeSet::new(), span: self.span }),
        }
    }

    /// Whether a key stands there with a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.pairs.iter().any(|(k, node)| k.text == key && node.value != Value::Null)
    }

    /// Takes a text, a number or a truth value, as text.
    pub(super) fn text(&mut self, key: &str, cx: &mut Cx) -> Option<Spanned<String>> {
        let path = self.at(key);
        let node = self.take(key)?;
        text(node, &path, cx)
    }

    /// Takes a value of a form.
    pub(super) fn parsed<T: FromStr>(&mut self, key: &str, expects: &str, cx: &mut Cx) -> Option<Spanned<T>> {
        let value = self.text(key, cx)?;
        parsed(&value, expects, cx)
    }

    /// Takes a list; a single value counts as a list of one.
    pub(super) fn list(&mut self, key: &str) -> Vec<&'n Node> {
        match self.take(key) {
            Some(Node { value: Value::Seq(items), .. }) => items.iter().collect(),
            Some(node) => vec![node],
            None => vec![],
        }
    }

    /// Takes a list of values of one form.
    pub(super) fn parsed_list<T: FromStr>(
        &mut self,
        key: &str,
        expects: &str,
        cx: &mut Cx,
    ) -> Vec<Spanned<T>> {
        let path = self.at(key);
        let mut out = vec![];
        for item in self.list(key) {
            out.extend(text(item, &path, cx).and_then(|value| parsed(&value, expects, cx)));
        }
        out
    }

    /// Takes a secret: its value is compared, and never kept.
    pub(super) fn secret(&mut self, key: &str, cx: &mut Cx) -> Option<Spanned<String>> {
        let path = self.at(key);
        let node = self.take(key)?;
        cx.secrets.push(node.span);
        let Value::Scalar { text, .. } = &node.value else {
            cx.wrong(
                node.span,
                format!("`{path}` is {}, not a text", node.kind()),
                "write the value in quotes",
            );
            return None;
        };
        Some(Spanned { value: text.clone(), span: node.span })
    }

    /// The key names that nobody took become warnings and comments.
    pub(super) fn close(self, cx: &mut Cx) {
        for (index, (key, node)) in self.pairs.iter().enumerate() {
            if !self.taken.contains(&index) && node.value != Value::Null {
                cx.leave_out(&self.at(&key.text), &key.text, key.span, node);
            }
        }
    }

    /// The pairs that nobody took, for mappings with free keys.
    pub(super) fn rest(self) -> impl Iterator<Item = (&'n Key, &'n Node)> {
        self.pairs.iter().enumerate().filter(move |(i, _)| !self.taken.contains(i)).map(|(_, (k, n))| (k, n))
    }
}

/// A scalar as text.
pub(super) fn text(node: &Node, path: &str, cx: &mut Cx) -> Option<Spanned<String>> {
    match &node.value {
        Value::Scalar { text, .. } => Some(Spanned { value: text.clone(), span: node.span }),
        _ => {
            cx.wrong(
                node.span,
                format!("`{path}` is {}, not a single value", node.kind()),
                "write one value",
            );
            None
        }
    }
}

/// A text in a form.
pub(super) fn parsed<T: FromStr>(value: &Spanned<String>, expects: &str, cx: &mut Cx) -> Option<Spanned<T>> {
    match value.value.parse() {
        Ok(parsed) => Some(Spanned { value: parsed, span: value.span }),
        Err(_) => {
            let shown: String = mask::lines(&value.value).chars().take(60).collect();
            let help = if anonymous(&value.value) {
                format!("the address was made anonymous: write {expects}")
            } else {
                format!("write {expects}")
            };
            cx.wrong(value.span, format!("`{shown}` is not {expects}"), help);
            None
        }
    }
}

/// An address or a domain; an anonymous address has the form of a domain, but is none.
pub(super) fn named(value: Spanned<String>, cx: &mut Cx) -> Option<Spanned<String>> {
    if anonymous(&value.value) {
        return parsed::<std::net::IpAddr>(&value, "an IP address such as `172.30.41.193`", cx)
            .map(|_| value);
    }
    if value.value.parse::<std::net::IpAddr>().is_ok() {
        return Some(value);
    }
    parsed::<crate::spec::DomainName>(&value, "an address or a domain of at least two labels", cx)
        .map(|_| value)
}

/// Whether it looks like an address of which somebody hid a part, such as `xxx.xx.xx.194`.
fn anonymous(text: &str) -> bool {
    let text = text.split('/').next().unwrap_or(text);
    let parts: Vec<&str> = text.split('.').collect();
    let hidden = |part: &str| !part.is_empty() && part.bytes().all(|b| matches!(b, b'x' | b'X' | b'*'));
    let hidden_parts = parts.iter().filter(|part| hidden(part)).count();
    let numbers = parts.iter().filter(|part| part.parse::<u8>().is_ok()).count();
    parts.len() == 4 && hidden_parts > 0 && hidden_parts + numbers == 4
}

/// Takes scalars from one mapping into another: source key, key of hagen's document, form.
pub(super) fn carry(table: &mut Table, pairs: &[(&str, &str, Form)], cx: &mut Cx) -> Vec<(String, Out)> {
    let mut out = vec![];
    for (from, to, form) in pairs {
        if let Some(value) = table.text(from, cx).and_then(|value| form.out(&value, cx)) {
            out.push(((*to).to_owned(), value));
        }
    }
    out
}

/// The form of a carried scalar: checked here, where its place is known.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Path,
    Word,
    Url,
    Port,
    Cidr,
    Number,
    Flag,
}

impl Form {
    fn out(self, value: &Spanned<String>, cx: &mut Cx) -> Option<Out> {
        use crate::spec;
        let text = || Out::Text(value.value.clone());
        match self {
            Form::Path => parsed::<spec::NodePath>(value, "an absolute path", cx).map(|_| text()),
            Form::Word => parsed::<spec::Word>(value, "a word without spaces", cx).map(|_| text()),
            Form::Cidr => {
                parsed::<ipnet::IpNet>(value, "a network such as `10.233.64.0/18`", cx).map(|_| text())
            }
            Form::Port => {
                parsed::<spec::Port>(value, "a port, 1 to 65535", cx).map(|p| Out::Raw(p.to_string()))
            }
            Form::Number => parsed::<u16>(value, "a number, 0 to 65535", cx).map(|n| Out::Raw(n.to_string())),
            Form::Flag => parsed::<bool>(value, "`true` or `false`", cx).map(|f| Out::Raw(f.to_string())),
            Form::Url => url(value, cx).map(Out::Text),
        }
    }
}

/// A URL; an address and port without scheme gets `http://`.
fn url(value: &Spanned<String>, cx: &mut Cx) -> Option<String> {
    let mut value = value.clone();
    if !value.value.contains("://") {
        let message = format!("`{}` has no scheme", mask::lines(&value.value));
        cx.assumed(value.span, message, "`http://` is assumed; write the scheme where it is another");
        value.value = format!("http://{}", value.value);
    }
    parsed::<crate::spec::Url>(&value, "an http or https URL without user and password", cx)
        .map(|u| u.to_string())
}
