//! Events of the YAML grammar → [`Node`], within stated bounds.

mod breaks;

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use self::breaks::{syntax, twice};
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
        problems.push(
            Problem::error("DOC-1", Span { start: at, end: at + 1 }, message)
                .help("name a YAML file in UTF-8; UTF-16 and archives are not read"),
        );
        return Err(problems);
    }
    let mut reader =
        Reader { parser: Parser::new_from_str(text), text, problems, anchors: BTreeMap::new(), nodes: 0 };
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
    /// Anchored values by number.
    anchors: BTreeMap<usize, Anchored>,
    nodes: usize,
}

/// A value that aliases repeat.
struct Anchored {
    value: Value,
    /// How many values it holds.
    size: usize,
    /// How deep they are nested.
    height: usize,
}

/// The content of a mapping and where it stands.
struct Inside {
    pairs: Vec<(Key, Node)>,
    /// How many values it holds.
    size: usize,
    /// From its first key to the end of its last value; absent when it has none.
    written: Option<Span>,
    /// The end of its closing mark.
    close: usize,
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
                    return Err(Box::new(syntax(self.text, &error)));
                }
                None => return Ok((Event::StreamEnd, Span { start: self.text.len(), end: self.text.len() })),
            }
        }
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
        deep(depth, span)?;
        self.count(1, span)?;
        let (node, anchor, size) = match event {
            Event::Alias(id) => {
                let Some(Anchored { size, height, .. }) = self.anchors.get(&id) else {
                    let problem = Problem::error("DOC-1", span, "an alias inside the value that it names");
                    return Err(Box::new(problem.help("write the value out")));
                };
                let size = *size;
                deep(depth + height, span)?;
                self.count(size, span)?;
                let value = self.anchors.get(&id).map_or(Value::Null, |a| a.value.clone());
                return Ok((Node { value, span }, size));
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
            Event::SequenceStart(style, anchor, _) => {
                let mut items: Vec<Node> = vec![];
                let mut size = 1;
                let close = loop {
                    let (event, span) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break span.end;
                    }
                    let (item, n) = self.node(event, span, depth + 1)?;
                    size += n;
                    items.push(item);
                };
                // A list in block style has no closing mark: it ends with its last item.
                let end = match (style, items.last()) {
                    (StructureStyle::Block, Some(last)) => last.span.end.max(span.end),
                    _ => close,
                };
                (Node { value: Value::Seq(items), span: Span { start: span.start, end } }, anchor, size)
            }
            Event::MappingStart(style, anchor, _) => {
                let inside = self.mapping(depth)?;
                let span = match style {
                    StructureStyle::Block => inside.written.unwrap_or(span),
                    StructureStyle::Flow => Span { start: span.start, end: inside.close },
                };
                (Node { value: Value::Map(inside.pairs), span }, anchor, inside.size)
            }
            other => {
                let problem = Problem::error("DOC-1", span, format!("not valid YAML here: {other:?}"));
                return Err(Box::new(problem.help("write `key: value`")));
            }
        };
        if anchor != 0 {
            // The copy counts too: anchors inside anchors would hold a value many times over.
            self.count(size, span)?;
            let height = height(&node);
            self.anchors.insert(anchor, Anchored { value: node.value.clone(), size, height });
        }
        Ok((node, size))
    }

    fn mapping(&mut self, depth: usize) -> Result<Inside, Stop> {
        let mut pairs: Vec<(Key, Node)> = vec![];
        let mut index = std::collections::HashMap::<String, usize>::new();
        let mut merged = Vec::<(Key, Node)>::new();
        let mut merge = None;
        let mut size = 1;
        let mut written: Option<Span> = None;
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
                    return Ok(Inside { pairs, size, written, close: span.end });
                }
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    let problem = Problem::error("DOC-4", span, "a mapping key that is not a plain word");
                    return Err(Box::new(problem.help(
                        "write `key: value`; a value that starts with `{`, `[`, `&` or `*` stands in quotes",
                    )));
                }
            };
            let (event, value_span) = self.next()?;
            let (value, n) = self.node(event, value_span, depth + 1)?;
            size += n + 1;
            let start = written.map_or(span.start, |w| w.start);
            written = Some(Span { start, end: value.span.end.max(span.end) });
            // YAML 1.1 merge key: its keys count only where the mapping has none of its own.
            if text == "<<" {
                if let Some(first) = merge.replace(span) {
                    self.problems.push(twice(&text, span, first).help("write `<<: [*one, *two]`"));
                }
                let sources = match value.value {
                    Value::Seq(items) => items,
                    _ => vec![value],
                };
                for source in sources {
                    match source.value {
                        Value::Map(inner) => merged.extend(inner),
                        _ => self.problems.push(
                            Problem::error(
                                "DOC-4",
                                source.span,
                                "`<<` takes a mapping or a list of mappings",
                            )
                            .help("write `<<: *name`, where `&name` marks a mapping above"),
                        ),
                    }
                }
                continue;
            }
            if let Some(first) = index.get(&text) {
                let first = pairs[*first].0.span;
                self.problems.push(twice(&text, span, first).help("keep one of the two"));
                continue;
            }
            index.insert(text.clone(), pairs.len());
            pairs.push((Key { text, span }, value));
        }
    }
}

fn deep(depth: usize, span: Span) -> Result<(), Stop> {
    if depth <= DEPTH_MAX {
        return Ok(());
    }
    let problem = Problem::error("DOC-6", span, format!("nested deeper than {DEPTH_MAX} levels"));
    Err(Box::new(problem.help("no key of the document stands so deep: close what is open")))
}

/// How deep the values inside a value are nested.
fn height(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Scalar { .. } => 0,
        Value::Seq(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        Value::Map(pairs) => 1 + pairs.iter().map(|(_, value)| height(value)).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests;
