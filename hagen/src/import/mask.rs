//! Hides secrets in a source text, byte for byte, so that places stay where they are.

use crate::problem::Span;

/// Whether a key is one whose value is nobody's business.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase().replace(['_', '-'], "");
    let words = [
        "pass",
        "secret",
        "token",
        "credential",
        "accesskey",
        "datasource",
        "privatekey",
        "certkey",
        "certificatekey",
    ];
    words.iter().any(|word| key.contains(word)) && key != "privatekeypath"
}

/// Hides the bytes of the spans; line ends stay.
pub(super) fn spans(text: &str, secrets: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in secrets {
        let end = span.end.min(bytes.len());
        let start = span.start.min(end);
        hide(&mut bytes[start..end]);
    }
    // Only whole characters are hidden, each byte by an ASCII one.
    String::from_utf8(bytes).unwrap_or_default()
}

fn hide(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|b| !matches!(b, b'\n' | b'\r')).for_each(|b| *b = b'*');
}

/// Hides what stands behind a key that looks like a secret's, to the end of its line, also in comments; and
/// passwords of logins such as `user:password@host`.
pub(super) fn lines(text: &str) -> String {
    text.split_inclusive('\n').map(|l| line(&logins(l))).collect()
}

/// Whether a text holds a login with a password.
pub(super) fn has_login(text: &str) -> bool {
    logins(text) != text
}

fn logins(line: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    for (at, _) in line.match_indices('@') {
        let edge = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/' | ',' | '[' | '{' | '(');
        let start = line[..at].rfind(edge).map_or(0, |i| i + 1);
        // The edge is one byte, or white space that is not the start of another character.
        if let Some(colon) = line.get(start..at).and_then(|login| login.find(':')) {
            hide(&mut bytes[start + colon + 1..at]);
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn line(line: &str) -> String {
    let mut from = 0;
    while let Some(colon) = line[from..].find(':').map(|at| from + at) {
        let word = line[..colon].trim_end_matches(['"', '\'', ' ']);
        let start = word.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').map_or(0, |at| at + 1);
        if word.is_char_boundary(start) && is_secret(&word[start..]) {
            let mut bytes = line.as_bytes().to_vec();
            hide(&mut bytes[colon + 1..]);
            return String::from_utf8(bytes).unwrap_or_default();
        }
        from = colon + 1;
    }
    line.to_owned()
}
