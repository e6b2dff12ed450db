//! Events of the YAML grammar → [`Node`], within stated bounds.

use granit_parser::{Event, Parser, ScalarStyle};

use crate::problem::{Problem, Problems, Span};

/// Largest document, in bytes. A thousand nodes take about 300 KiB.
pub const DOCUMENT_BYTES_MAX: usize = 16 << 20;
/// Most values after aliases are expanded: an alias bomb ends here.
const NODES_MAX: usize = 1_000_000;
/// Deepest nesting.
const DEPTH_MAX: usize = 64;

/// One YAML value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its bytes in the document; for an alias, the place of the alias.
    pub span: Span,
}

/// What a YAML value can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// Text. `quoted` tells a string that looks like a number from a number.
    Scalar {
        /// The text after escapes.
        text: String,
        /// Written with quotes or as a block.
        quoted: bool,
    },
    /// A list.
    Seq(Vec<Node>),
    /// A mapping in document order, without duplicate keys.
    Map(Vec<(Key, Node)>),
}

/// A mapping key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The text of the key.
    pub text: String,
    /// Its place.
    pub span: Span,
}

impl Node {
    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar { quoted: true, .. } => "a string",
            Value::Scalar { text, .. } if matches!(text.as_str(), "true" | "false") => "a boolean",
            Value::Scalar { text, .. } if text.parse::<f64>().is_ok() => "a number",
            Value::Scalar { .. } => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(k, _)| k.text == key).map(|(_, v)| v),
            _ => None,
        }
    }
}

/// Parses one document. An empty document is [`Value::Null`].
///
/// # Errors
/// All duplicate keys, and the first break of the grammar or of a bound.
pub fn parse(text: &str) -> Result<Node, Problems> {
    let mut problems = Problems::default();
    if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!("the document has {} bytes; at most {DOCUMENT_BYTES_MAX} are read", text.len());
        problems.push(
            Problem::error("DOC-6", Span::default(), message)
                .help("split the cluster into several documents"),
        );
        return Err(problems);
    }
    if let Some(at) = text.bytes().position(|b| b == 0) {
        let message = "the document holds a NUL byte: it is not text";
        problems.push(Problem::error("DOC-1", Span { start: at, end: at + 1 }, message));
        return Err(problems);
    }
    let mut reader = Reader { parser: Parser::new_from_str(text), text, problems, anchors: vec![], nodes: 0 };
    match reader.document() {
        Ok(node) if !reader.problems.has_errors() => Ok(node),
        Ok(_) => Err(reader.problems),
        Err(problem) => {
            reader.problems.push(*problem);
            Err(reader.problems)
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    text: &'t str,
    problems: Problems,
    /// Anchored values and how many values each holds.
    anchors: Vec<(usize, Node, usize)>,
    nodes: usize,
}

type Stop = Box<Problem>;

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Stop> {
        loop {
            match self.parser.next_event() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => {
                    let range = span.byte_range().unwrap_or(0..0);
                    return Ok((event, Span { start: range.start, end: range.end }));
                }
                Some(Err(error)) => {
                    let at = error.marker().byte_offset().unwrap_or(0);
                    return Err(Box::new(self.syntax(at, &error.info())));
                }
                None => return Ok((Event::StreamEnd, Span { start: self.text.len(), end: self.text.len() })),
            }
        }
    }

    /// A break of the grammar, with the two usual reasons named.
    fn syntax(&self, at: usize, info: &str) -> Problem {
        let at = at.min(self.text.len());
        let start = self.text[..at].rfind('\n').map_or(0, |n| n + 1);
        // The scanner stops at a tab, or at the end of the value before it.
        let mut line_start = start;
        for line in self.text[start..].split_inclusive('\n').take(2) {
            let indent = &line[..line.len() - line.trim_start().len()];
            if let Some(tab) = indent.find('\t') {
                let span = Span { start: line_start + tab, end: line_start + tab + 1 };
                return Problem::error("DOC-1", span, "a tab in the indentation")
                    .help("YAML is indented with spaces only: replace each tab by two spaces");
            }
            line_start += line.len();
        }
        let span = Span { start: at, end: (at + 1).min(self.text.len()) };
        let problem = Problem::error("DOC-1", span, format!("not valid YAML: {info}"));
        if info.contains("simple key")
            || info.contains("mapping")
            || info.contains("indent")
            || info.contains("block")
        {
            return problem
                .help("keys of one mapping stand in the same column; what belongs to a key stands deeper");
        }
        problem
    }

    fn document(&mut self) -> Result<Node, Stop> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(Node { value: Value::Null, span }),
                event => {
                    let node = self.node(event, span, 0)?.0;
                    return self.end(node);
                }
            }
        }
    }

    fn end(&mut self, node: Node) -> Result<Node, Stop> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(node),
                _ => {
                    let problem = Problem::error("DOC-1", span, "a second document in the same file");
                    return Err(Box::new(
                        problem.help("one file describes one cluster: remove `---` and what follows"),
                    ));
                }
            }
        }
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Stop> {
        self.nodes += more;
        if self.nodes > NODES_MAX {
            let message = format!("more than {NODES_MAX} values after aliases are expanded");
            return Err(Box::new(
                Problem::error("DOC-6", span, message).help("write the values out, or use fewer aliases"),
            ));
        }
        Ok(())
    }

    /// A value, and how many values it holds.
    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<(Node, usize), Stop> {
        if depth > DEPTH_MAX {
            return Err(Box::new(Problem::error(
                "DOC-6",
                span,
                format!("nested deeper than {DEPTH_MAX} levels"),
            )));
        }
        self.count(1, span)?;
        let (node, anchor, size) = match event {
            Event::Alias(id) => {
                let Some((_, node, size)) = self.anchors.iter().find(|(a, _, _)| *a == id).cloned() else {
                    return Err(Box::new(Problem::error(
                        "DOC-1",
                        span,
                        "an alias inside the value that it names",
                    )));
                };
                self.count(size, span)?;
                return Ok((Node { span, ..node }, size));
            }
            Event::Scalar(text, style, anchor, _tag) => {
                let plain = style == ScalarStyle::Plain;
                let value = if plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
                    Value::Null
                } else {
                    Value::Scalar { text: text.into_owned(), quoted: !plain }
                };
                (Node { value, span }, anchor, 1)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = vec![];
                let mut size = 1;
                let end = loop {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break span.end;
                    }
                    let (item, n) = self.node(event, span, depth + 1)?;
                    size += n;
                    items.push(item);
                };
                let span = cover(span, end, items.last().map(|n| n.span));
                (Node { value: Value::Seq(items), span }, anchor, size)
            }
            Event::MappingStart(_, anchor, _) => {
                let (pairs, size, end) = self.mapping(depth)?;
                let start =
                    pairs.first().map_or(span.start, |(k, _)| k.span.start.min(span.start.max(k.span.start)));
                let span = cover(Span { start, end: span.end }, end, pairs.last().map(|(_, n)| n.span));
                (Node { value: Value::Map(pairs), span }, anchor, size)
            }
            other => {
                return Err(Box::new(Problem::error(
                    "DOC-1",
                    span,
                    format!("not valid YAML here: {other:?}"),
                )));
            }
        };
        if anchor != 0 {
            self.anchors.push((anchor, node.clone(), size));
        }
        Ok((node, size))
    }

    fn mapping(&mut self, depth: usize) -> Result<(Vec<(Key, Node)>, usize, usize), Stop> {
        let mut pairs: Vec<(Key, Node)> = vec![];
        let mut index = std::collections::HashMap::<String, usize>::new();
        let mut merged = Vec::<(Key, Node)>::new();
        let mut size = 1;
        loop {
            let (event, span) = self.next()?;
            let text = match event {
                Event::MappingEnd => {
                    for (key, value) in merged {
                        if !index.contains_key(&key.text) {
                            index.insert(key.text.clone(), pairs.len());
                            pairs.push((key, value));
                        }
                    }
                    return Ok((pairs, size, span.end));
                }
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    return Err(Box::new(Problem::error(
                        "DOC-4",
                        span,
                        "a mapping key that is not a plain word",
                    )));
                }
            };
            let (event, value_span) = self.next()?;
            let (value, n) = self.node(event, value_span, depth + 1)?;
            size += n + 1;
            // YAML 1.1 merge key: its keys count only where the mapping has none of its own.
            if text == "<<" {
                let sources = match value.value {
                    Value::Seq(items) => items,
                    _ => vec![value],
                };
                for source in sources {
                    match source.value {
                        Value::Map(inner) => merged.extend(inner),
                        _ => self.problems.push(Problem::error(
                            "DOC-4",
                            source.span,
                            "`<<` takes a mapping or a list of mappings",
                        )),
                    }
                }
                continue;
            }
            if let Some(first) = index.get(&text) {
                let first = pairs[*first].0.span;
                let problem =
                    Problem::error("DOC-3", span, format!("the key `{text}` stands twice in one mapping"))
                        .see(first, "first here")
                        .help("keep one of the two");
                self.problems.push(problem);
                continue;
            }
            index.insert(text.clone(), pairs.len());
            pairs.push((Key { text, span }, value));
        }
    }
}

/// The span of a collection: to its closing mark, or to the end of its last value in block style.
fn cover(open: Span, close: usize, last: Option<Span>) -> Span {
    let end = last.map_or(close, |l| l.end);
    Span { start: open.start, end: end.max(open.end).max(if last.is_none() { close } else { 0 }) }
}
