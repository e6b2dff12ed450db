//! Finds the place in a YAML text that a path such as `services[0].port` speaks of.
//!
//! Works on the parser's events, not on the values: a proven letter does not remember its spelling.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Parser, Span};

use crate::problem::Position;

/// The place of every node of a document, by path.
pub(crate) struct Places(BTreeMap<String, Position>);

impl Places {
    /// Walks a text that is known to parse. A text that does not parse has no places.
    pub(crate) fn of(text: &str) -> Self {
        let mut walk = Walk::default();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { break };
            walk.step(&event, &span);
        }
        Self(walk.places)
    }

    /// The place of a path, or of the nearest node above it.
    pub(crate) fn find(&self, path: &str) -> Option<Position> {
        let mut path = path;
        loop {
            if let Some(place) = self.0.get(path) {
                return Some(*place);
            }
            let cut = path.rfind(['.', '['])?;
            path = &path[..cut];
        }
    }
}

enum Open {
    Sequence { path: String, next: usize },
    Mapping { path: String, key: Option<String> },
}

#[derive(Default)]
struct Walk {
    places: BTreeMap<String, Position>,
    open: Vec<Open>,
}

impl Walk {
    fn step(&mut self, event: &Event<'_>, span: &Span) {
        match event {
            Event::Scalar(value, ..) => {
                if self.wants_key() {
                    self.key(value.as_ref());
                } else {
                    self.node(span);
                    self.done();
                }
            }
            Event::Alias(..) => {
                self.node(span);
                self.done();
            }
            Event::SequenceStart(..) => {
                let path = self.node(span);
                self.open.push(Open::Sequence { path, next: 0 });
            }
            Event::MappingStart(..) => {
                let path = self.node(span);
                self.open.push(Open::Mapping { path, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                self.done();
            }
            _ => {}
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Mapping { key: None, .. }))
    }

    fn key(&mut self, name: &str) {
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut() {
            *key = Some(name.to_owned());
        }
    }

    /// Notes where the node that begins here stands, and returns its path.
    fn node(&mut self, span: &Span) -> String {
        let path = match self.open.last() {
            None => String::new(),
            Some(Open::Sequence { path, next }) => format!("{path}[{next}]"),
            Some(Open::Mapping { path, key }) => {
                let key = key.as_deref().unwrap_or("?");
                if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
            }
        };
        let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
        let column = u32::try_from(span.start.col()).map_or(u32::MAX, |c| c.saturating_add(1));
        self.places.insert(path.clone(), Position { line, column });
        path
    }

    /// A node of the open collection is complete.
    fn done(&mut self) {
        match self.open.last_mut() {
            Some(Open::Sequence { next, .. }) => *next += 1,
            Some(Open::Mapping { key, .. }) => *key = None,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
