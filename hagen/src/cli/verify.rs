//! `hagen verify`.

use std::path::Path;

use serde_json::json;

use super::args::VerifyArgs;
use super::bundle::chain;
use super::output::{Failure, print, print_json};
use crate::bundle::VerifyingKey;
use crate::bundle::problem::ReadError;
use crate::verify::{self, Report, VerifyError};

pub(super) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let key =
        args.key.as_deref().map(VerifyingKey::read).transpose().map_err(|e| Failure::Input(chain(&e)))?;
    let mut results = vec![];
    for path in &args.bundles {
        results.push((path.as_path(), verify::verify(path, key.as_ref())));
    }
    if args.json {
        print_json(&results.iter().map(|(path, result)| json(path, result)).collect::<Vec<_>>())?;
    } else {
        print(&results.iter().map(|(path, result)| text(path, result)).collect::<String>())?;
    }
    // A bundle that could not be read says nothing about the others, but the machine must be looked at first.
    let mut broken = false;
    for (_, result) in results {
        match result {
            Err(VerifyError::Read(error)) => return Err(unreadable(error)),
            Err(VerifyError::Bad(_)) => broken = true,
            Ok(_) => {}
        }
    }
    if broken { Err(Failure::Input(String::new())) } else { Ok(()) }
}

/// A bundle that is not there is a mistake of the operator; one that cannot be read is the machine's.
pub(super) fn unreadable(error: ReadError) -> Failure {
    match &error {
        ReadError::Read { source, .. } if source.kind() != std::io::ErrorKind::NotFound => {
            Failure::Environment(error.into())
        }
        ReadError::Read { .. } | ReadError::Bad(_) => Failure::Input(chain(&error)),
    }
}

/// One line for each thing that is wrong.
fn lines(error: &VerifyError) -> Vec<String> {
    match error {
        VerifyError::Read(error) => vec![chain(error)],
        VerifyError::Bad(problems) => problems.iter().map(|p| format!("{p}")).collect(),
    }
}

fn json(path: &Path, result: &Result<Report, VerifyError>) -> serde_json::Value {
    match result {
        Ok(report) => json!({"path": path, "holds": true, "report": report}),
        Err(error) => json!({"path": path, "holds": false, "problems": lines(error)}),
    }
}

fn text(path: &Path, result: &Result<Report, VerifyError>) -> String {
    match result {
        Ok(report) => format!("{}: holds\n{report}\n", path.display()),
        Err(VerifyError::Read(_)) => String::new(),
        Err(error) => lines(error).iter().map(|line| format!("{}: {line}\n", path.display())).collect(),
    }
}
