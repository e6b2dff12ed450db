//! MariaDB: `mariadbd --help --verbose` reads every setting and starts nothing.

use std::path::Path;

use super::{End, Judge, Output, ToolError, ToolOptions, Verdict, find_program, run_tool, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "mariadb", reads, run };

/// Where packages put the server; Red Hat keeps it out of `PATH`.
const SERVERS: [&str; 3] = ["mariadbd", "/usr/libexec/mariadbd", "mysqld"];

/// Option files with a section for the server.
fn files(tree: &Tree) -> impl Iterator<Item = (String, &str)> {
    texts(tree, "rootfs").filter(|(path, text)| {
        path.ends_with(".cnf")
            && text.lines().any(|line| matches!(line, "[mysqld]" | "[mariadb]" | "[server]"))
    })
}

fn reads(tree: &Tree) -> bool {
    files(tree).next().is_some()
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    let Some(server) = SERVERS.into_iter().find(|server| find_program(server).is_some()) else {
        return Verdict::NotRun { reason: "mariadbd is not installed (mariadb-server-core)".into() };
    };
    Verdict::all(files(tree).map(|(path, text)| {
        let file = scratch.join("my.cnf");
        if let Err(error) = std::fs::write(&file, text) {
            return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
        }
        let defaults = format!("--defaults-file={}", file.display());
        let verdicts = [
            server_verdict(run_tool(server, &[&defaults, "--user=mysql", "--help", "--verbose"], &options())),
            client_verdict(run_tool("mariadb", &[&defaults, "--help"], &options())),
        ];
        match Verdict::all(verdicts) {
            Verdict::Refused { message } => Verdict::Refused { message: format!("{path}: {message}") },
            other => other,
        }
    }))
}

fn options() -> ToolOptions {
    ToolOptions::default()
}

/// Exit code 7 for an unknown setting, 13 for an impossible value; a value that the server would change
/// by itself is refused too, because it would not be what was decided.
fn server_verdict(run: Result<Output, ToolError>) -> Verdict {
    let verdict = Verdict::from_exit_code(run);
    let Verdict::Accepted { notes } = verdict else { return verdict };
    let (changed, notes): (Vec<String>, Vec<String>) = notes
        .into_iter()
        .filter(|note| !about_this_machine(note))
        .partition(|note| note.contains("adjusted to"));
    if changed.is_empty() {
        Verdict::Accepted { notes }
    } else {
        Verdict::Refused { message: changed.join("\n") }
    }
}

/// Remarks on the machine where the judge runs, which is not the node.
fn about_this_machine(note: &str) -> bool {
    note.contains("max_open_files") || note.contains("mysql.plugin") || note.contains("Can't change dir")
}

fn client_verdict(run: Result<Output, ToolError>) -> Verdict {
    match run {
        // The client complains about an unknown setting and succeeds.
        Ok(output) if output.end == End::Code(0) && !output.stderr.contains("unknown") => {
            Verdict::Accepted { notes: vec![] }
        }
        Ok(output) => Verdict::Refused { message: output.stderr },
        // A server without its client is a machine that can still judge the server's part.
        Err(ToolError::Missing(_)) => Verdict::Accepted { notes: vec![] },
        Err(error) => error.into(),
    }
}
