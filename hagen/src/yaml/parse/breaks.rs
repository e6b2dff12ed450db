//! What a break of the grammar is called, where it is shown, and what to write instead.

use granit_parser::{ErrorKind, ScanError};

use crate::problem::{Problem, Span};

/// A break of the grammar: the usual reasons by name, the others in the scanner's words.
pub(super) fn syntax(text: &str, error: &ScanError) -> Problem {
    let at = floor(text, error.marker().byte_offset().unwrap_or(0));
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    // The scanner stops at a tab, or at the end of the value before it.
    let mut line_start = start;
    for line in text[start..].split_inclusive('\n').take(2) {
        let indent = &line[..line.len() - line.trim_start().len()];
        if let Some(tab) = indent.find('\t') {
            let span = Span { start: line_start + tab, end: line_start + tab + 1 };
            return Problem::error("DOC-1", span, "a tab in the indentation")
                .help("YAML is indented with spaces only: replace each tab by two spaces");
        }
        line_start += line.len();
    }
    let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
    Problem::error("DOC-1", Span { start: at, end }, format!("not valid YAML: {}", error.info()))
        .help(advice(error.kind()))
}

/// A key that stands twice in one mapping.
pub(super) fn twice(key: &str, span: Span, first: Span) -> Problem {
    Problem::error("DOC-3", span, format!("the key `{key}` stands twice in one mapping"))
        .see(first, "first here")
}

/// What to write where the grammar breaks.
fn advice(kind: &ErrorKind) -> &'static str {
    use ErrorKind as E;
    match kind {
        E::UnclosedFlowCollection { .. }
        | E::MismatchedFlowCollectionEnd { .. }
        | E::MisplacedFlowCollectionEnd
        | E::InvalidColonPlacement
        | E::InvalidFlowScalarIndent
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator => {
            "each `[` needs its `]` and each `{` its `}`, with commas between"
        }
        E::UnclosedQuotedScalar
        | E::InvalidQuotedScalarIndent
        | E::DocumentIndicatorInQuotedScalar
        | E::InvalidTrailingSingleQuotedScalar
        | E::InvalidTrailingDoubleQuotedScalar => {
            "each quote needs its partner on the same line; inside single quotes write `''` for one"
        }
        E::UnknownQuotedScalarEscape | E::InvalidQuotedScalarHexEscape => {
            "inside double quotes write a backslash as `\\\\`, or use single quotes"
        }
        E::UnknownAnchor => {
            "`*name` repeats a value that `&name` marks above; quote a value that starts with `*`"
        }
        E::UnexpectedCharacter { character } if character.is_control() => {
            "remove the character; the document is plain text in UTF-8"
        }
        E::UnexpectedCharacter { .. } => "put the value in quotes",
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => "replace each tab by two spaces",
        _ => {
            "keys of one mapping stand in the same column; what belongs to a key stands deeper; write `key: value`"
        }
    }
}

/// The last character boundary at or before an offset.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}
