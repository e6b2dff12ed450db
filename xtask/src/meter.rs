//! What a command costs: wall time, peak memory, bytes read. And medians of several runs.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::shell;

/// The cost of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Largest resident set of the command or of one of its children, in KiB.
    pub(crate) peak_kib: u64,
    /// Bytes that the command and its children asked `read` and its kin for, from wherever they came.
    pub(crate) read_bytes: u64,
}

/// Runs a command that must succeed, and reads its cost. Its standard output is thrown away.
///
/// The kernel adds the counters of a child to its parent when the child has been waited for: the
/// difference of our own counter is the child's.
pub(crate) fn measure(command: &Command) -> Result<Reading> {
    let notes = shell::target().join("xtask").join("time");
    fs::create_dir_all(shell::target().join("xtask"))?;
    let mut timed = shell::command("time");
    timed.arg("-f").arg("%M").arg("-o").arg(&notes).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    timed.stdout(Stdio::null()).stderr(Stdio::piped());

    let before = bytes_read_so_far()?;
    let start = Instant::now();
    let output = shell::capture(&mut timed)?;
    let wall = start.elapsed();
    let read_bytes = bytes_read_so_far()?.saturating_sub(before);
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{}` ended with {}\n{told}", shell::spell(command), output.status);

    let text = fs::read_to_string(&notes).with_context(|| format!("reading {}", notes.display()))?;
    let peak_kib = text.trim().parse().with_context(|| format!("`{}` is not a size", text.trim()))?;
    Ok(Reading { wall, peak_kib, read_bytes })
}

fn bytes_read_so_far() -> Result<u64> {
    let text = fs::read_to_string("/proc/self/io").context("reading /proc/self/io")?;
    let line = text.lines().find_map(|line| line.strip_prefix("rchar: "));
    line.and_then(|number| number.parse().ok()).context("/proc/self/io has no rchar")
}

/// The middle of several values; of an even number, the lower one of the two.
pub(crate) fn median<T: Ord + Copy>(values: &[T]) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

/// Seconds of a duration, for ratios.
pub(crate) fn seconds(wall: Duration) -> f64 {
    wall.as_secs_f64()
}

#[cfg(test)]
mod tests;
