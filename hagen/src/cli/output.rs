//! How a command ends, and where its words go.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use crate::problem::{Problems, Severity, Source};

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The input is wrong or a check failed; exit 1. An empty message was told already.
    Input(String),
    /// The arguments do not fit together; exit 2.
    Usage(String),
    /// The environment failed; exit 3.
    Environment(anyhow::Error),
}

impl Failure {
    /// Tells the failure on stderr and gives its exit code.
    pub fn report(self) -> ExitCode {
        let (message, code) = match self {
            Failure::Input(message) => (message, 1),
            Failure::Usage(message) => (message, 2),
            Failure::Environment(error) => (format!("{error:#}"), 3),
        };
        if !message.is_empty() {
            say(&format!("hagen: {message}"));
        }
        ExitCode::from(code)
    }

    /// An I/O failure while doing something, such as "writing `/x`".
    pub fn io(doing: impl Into<String>, error: io::Error) -> Self {
        Failure::Environment(anyhow::Error::new(error).context(doing.into()))
    }
}

/// Prints a result on stdout. A reader that has gone (`| head`) ends the output without noise.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let result = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::io("writing to standard output", error)),
        Ok(()) => Ok(()),
    }
}

/// Prints a result on stdout as indented JSON.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Failure::Environment(e.into()))?;
    print(&format!("{text}\n"))
}

/// Prints a message on stderr; a closed stderr is no reason to fail.
pub(super) fn say(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

/// Whether colours may be used on a stream.
pub(super) fn colour(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Shows problems on stderr; fails when one of them is an error.
pub(super) fn tell(source: &Source, problems: &Problems) -> Result<(), Failure> {
    if !problems.is_empty() {
        say(source.show(problems, colour(io::stderr().is_terminal())).trim_end());
    }
    if problems.has_errors() { Err(Failure::Input(summary(problems))) } else { Ok(()) }
}

/// "2 errors, 1 warning".
pub(super) fn summary(problems: &Problems) -> String {
    let count = |severity, one: &str| match problems.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let parts: Vec<String> =
        [count(Severity::Error, "error"), count(Severity::Warning, "warning"), count(Severity::Note, "note")]
            .into_iter()
            .flatten()
            .collect();
    if parts.is_empty() { "no problems".into() } else { parts.join(", ") }
}
