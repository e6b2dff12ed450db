//! What is wrong with a document, where, and what to write instead.
//!
//! Every stage collects all of its problems before it fails; nothing here stops at the first.

use std::fmt;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

/// A byte range of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// How bad a problem is. Only [`Severity::Error`] stops the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to do in the document.
    Note,
    /// Works, but will hurt one day.
    Warning,
    /// Cannot be built, or must not be.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable rule id, such as `VIP-1`; `hagen explain ID` tells more.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where in the document, when it is about a place.
    pub span: Option<Span>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Other places that explain it, each with a label.
    pub related: Vec<(Span, String)>,
}

impl Problem {
    /// An error at a place.
    pub fn error(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            id,
            severity: Severity::Error,
            span: Some(span),
            message: message.into(),
            help: None,
            related: vec![],
        }
    }

    /// A warning at a place.
    pub fn warning(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(id, span, message) }
    }

    /// A note at a place.
    pub fn note(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(id, span, message) }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that explains it.
    #[must_use]
    pub fn see(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// All findings about one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    /// Number of kept findings by severity.
    kept: [usize; 3],
    /// Number of findings that were not kept.
    dropped: usize,
}

impl Problems {
    /// Most findings of one severity that are kept; a document with more is broken in one place that
    /// repeats. Counted by severity, so that notes never crowd out an error.
    pub const MAX: usize = 1000;

    /// Adds one finding; beyond [`Problems::MAX`] it is only counted.
    pub fn push(&mut self, problem: Problem) {
        let kept = &mut self.kept[problem.severity as usize];
        if *kept < Self::MAX {
            *kept += 1;
            self.list.push(problem);
        } else {
            self.dropped += 1;
        }
    }

    /// Takes over the findings of another stage.
    pub fn extend(&mut self, other: Problems) {
        for problem in other.list {
            self.push(problem);
        }
        self.dropped += other.dropped;
    }

    /// How many findings were dropped because there were too many.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether one of them stops the work.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|p| p.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of findings of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|p| p.severity == severity).count()
    }

    /// Findings in document order.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// Keeps the findings that `keep` accepts.
    pub fn retain(&mut self, keep: impl FnMut(&Problem) -> bool) {
        self.list.retain(keep);
        self.recount();
    }

    /// Sorts by place, then by severity (worst first), then by rule, and removes repetitions.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            let key =
                |p: &Problem| (p.span.map_or(usize::MAX, |s| s.start), std::cmp::Reverse(p.severity), p.id);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.list.dedup();
        self.recount();
    }

    fn recount(&mut self) {
        self.kept = [0; 3];
        for problem in &self.list {
            self.kept[problem.severity as usize] += 1;
        }
    }
}

/// A document's text with the name that messages show.
#[derive(Clone, Debug)]
pub struct Source {
    /// File name as the user gave it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Line and column (both from 1; the column counts characters) of a byte offset.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.floor(offset)];
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }

    /// The findings for a person: message, place with its line of source, help.
    pub fn show(&self, problems: &Problems, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for problem in problems.iter() {
            let level = match problem.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
                Severity::Note => Level::NOTE,
            };
            let title = level.primary_title(plain(&problem.message)).id(problem.id);
            let group = match problem.span {
                Some(span) => {
                    let (window, first_line) = self.window(problem);
                    let inside = |span: Span| {
                        let range = self.clamp(span);
                        range.start - window.start..range.end - window.start
                    };
                    let mut snippet = Snippet::source(excerpt(&self.text[window.clone()]))
                        .path(&self.name)
                        .line_start(first_line)
                        .fold(true)
                        .annotation(AnnotationKind::Primary.span(inside(span)));
                    for (span, label) in &problem.related {
                        snippet = snippet
                            .annotation(AnnotationKind::Context.span(inside(*span)).label(plain(label)));
                    }
                    title.element(snippet)
                }
                None => annotate_snippets::Group::with_title(title),
            };
            let group = match &problem.help {
                Some(help) => group.element(Level::HELP.message(plain(help))),
                None => group,
            };
            let _ = writeln!(out, "{}\n", renderer.render(&[group]));
        }
        if problems.dropped > 0 {
            let _ = writeln!(out, "{} more are not shown\n", problems.dropped);
        }
        out
    }

    /// The findings for a script: one JSON array.
    pub fn json(&self, problems: &Problems) -> serde_json::Value {
        let place = |span: Span| {
            let ((line, column), (end_line, end_column)) =
                (self.position(span.start), self.position(span.end));
            serde_json::json!({"line": line, "column": column, "endLine": end_line, "endColumn": end_column})
        };
        let one = |p: &Problem| {
            serde_json::json!({
                "id": p.id,
                "severity": p.severity,
                "file": self.name,
                "at": p.span.map(place),
                "message": p.message,
                "help": p.help,
                "related": p.related.iter().map(|(s, label)| serde_json::json!({"at": place(*s), "label": label})).collect::<Vec<_>>(),
            })
        };
        problems.iter().map(one).collect()
    }

    /// The lines that a problem needs, as a byte range, and the number of the first one: a large
    /// document with many problems is not scanned again for each.
    fn window(&self, problem: &Problem) -> (std::ops::Range<usize>, usize) {
        let spans =
            || problem.span.iter().chain(problem.related.iter().map(|(s, _)| s)).map(|s| self.clamp(*s));
        let (start, end) =
            (spans().map(|r| r.start).min().unwrap_or(0), spans().map(|r| r.end).max().unwrap_or(0));
        let start = self.text[..start].rfind('\n').map_or(0, |n| n + 1);
        let end = self.text[end..].find('\n').map_or(self.text.len(), |n| end + n + 1);
        (start..end, self.position(start).0)
    }

    /// The last character boundary at or before an offset.
    fn floor(&self, at: usize) -> usize {
        (0..=at.min(self.text.len())).rev().find(|i| self.text.is_char_boundary(*i)).unwrap_or(0)
    }

    /// A span that lies on character boundaries inside the text, on one line.
    fn clamp(&self, span: Span) -> std::ops::Range<usize> {
        let start = self.floor(span.start);
        let end = self.floor(span.end).max(start);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |n| start + n);
        // A block value covers many lines; its first line is enough to find it.
        start..end.min(line_end).max(start)
    }
}

/// Text for a terminal: what a document quotes in a message cannot steer it.
fn plain(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Source for a terminal, of the same length in bytes: the renderer replaces all control characters but
/// those of the second set.
fn excerpt(text: &str) -> String {
    text.chars().map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '\u{b7}' } else { c }).collect()
}

#[cfg(test)]
mod tests;
