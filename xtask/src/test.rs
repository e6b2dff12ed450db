//! `cargo xtask test`: everything that can be tested here, and a loud count of what cannot.
//!
//! A test never skips itself: a missing tool fails it. Only this verb leaves tests out, as a whole crate,
//! counts them, and calls that a failure on a build machine.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{debian, pypi, shell};

/// What to run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the tests that need nothing but Rust: no root, no daemon, no network.
    #[arg(long)]
    pure: bool,
    /// Anything left out is a failure. The default where the environment says `CI=true`.
    #[arg(long, conflicts_with = "pure")]
    ci: bool,
}

/// The crate whose tests drive real daemons and want root.
const DAEMON_TESTS: &str = "tests";

/// Runs the verb.
pub(crate) fn run(options: &Options) -> Result<()> {
    let strict = !options.pure && (options.ci || shell::is_ci());
    let left_out = if options.pure { Some("--pure was asked for".to_owned()) } else { lacks_privilege() };
    let mut remarks = vec![];
    let mut path = shell::search_path();
    if left_out.is_none() {
        remarks.extend(debian::ensure(debian::FOR_TESTS).into_iter().map(|m| format!("missing package {m}")));
        match pypi::ensure() {
            Ok(programs) => path.insert(0, programs),
            Err(error) => remarks.push(format!("missing tools of PyPI: {error:#}")),
        }
    }
    for remark in &remarks {
        eprintln!("WARNING: {remark}; the tests that need it will fail");
    }

    shell::heading("cargo test");
    let mut cargo = shell::cargo();
    cargo.args(["test", "--locked", "--workspace", "--no-fail-fast"]).env("PATH", env::join_paths(path)?);
    if left_out.is_some() {
        cargo.args(["--exclude", DAEMON_TESTS]);
    }
    let mut count = Count::default();
    let succeeded = stream(&mut cargo, |line| count.read(line))?;
    if let Some(reason) = &left_out {
        let tests = list_tests(DAEMON_TESTS)?;
        count.skipped += tests;
        remarks.push(format!("SKIPPED all {tests} tests of the crate `{DAEMON_TESTS}`: {reason}"));
    }

    println!();
    for remark in &remarks {
        println!("{remark}");
    }
    println!("{} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped);
    if !succeeded || count.failed > 0 {
        bail!("tests failed");
    }
    if count.passed == 0 {
        bail!("no test ran");
    }
    if strict && count.skipped > 0 {
        bail!("{} tests were skipped, which is a failure on a build machine", count.skipped);
    }
    Ok(())
}

/// Why the daemon tests cannot run here, if they cannot.
fn lacks_privilege() -> Option<String> {
    if !shell::is_root() {
        return Some("they need root (network namespaces, daemons)".into());
    }
    // Without `unshare` itself there is no saying yet; it comes with the packages.
    let mut unshare = shell::command("unshare");
    let out = shell::capture(unshare.args(["--net", "--mount", "true"])).ok()?;
    (!out.status.success()).then(|| {
        let told = String::from_utf8_lossy(&out.stderr);
        format!("this machine makes no network namespaces: {}", told.trim())
    })
}

/// What libtest said in all binaries.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Count {
    /// Adds a line such as `test result: ok. 5 passed; 0 failed; 0 ignored; …`.
    fn read(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        for part in rest.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) =
                (words.next().and_then(|n| n.parse::<usize>().ok()), words.next())
            else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

/// Runs a command, passes its output on line by line as it comes, and says whether it succeeded.
fn stream(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let what = shell::spell(command);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("starting `{what}`"))?;
    let output = child.stdout.take().with_context(|| format!("reading the output of `{what}`"))?;
    let mut stdout = std::io::stdout();
    let mut reader = BufReader::new(output);
    let mut line = vec![];
    while reader.read_until(b'\n', &mut line)? > 0 {
        stdout.write_all(&line)?;
        each(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(child.wait()?.success())
}

/// How many tests a crate has.
fn list_tests(package: &str) -> Result<usize> {
    let mut cargo = shell::cargo();
    cargo.args(["test", "--locked", "--quiet", "--package", package, "--", "--list", "--format", "terse"]);
    Ok(shell::read(&mut cargo)?.lines().filter(|line| line.ends_with(": test")).count())
}

#[cfg(test)]
mod tests;
