//! The texts of the repository: first words, length, words that do not belong, and who may name what.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Complaints;
use crate::shell;

/// A text file of the repository.
pub(super) struct Source {
    /// Path below the workspace's root.
    path: String,
    text: String,
}

/// A file of more lines is hard to find things in.
const LINES_MAX: usize = 400;

/// Files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[
    ("hagen/src/spec/words.rs", "one list of small value types; each part of it is read alone"),
    ("hagen/src/yaml/decode.rs", "how every form of value is decoded, side by side"),
    ("hagen/src/topology/model.rs", "the one type that the next stage reads, told in one place"),
];

/// Words that say something about the machine where a file was written. Written in two parts, so that
/// this file does not contain them.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/Use", "rs/"), "a path of one machine"),
    (concat!("/home/run", "ner/"), "a path of one machine"),
    (concat!(".car", "go/registry"), "a path of one machine"),
    (concat!("index.crat", "es.io"), "a package registry's host; Cargo.lock names it by its index"),
    (concat!("static.crat", "es.io"), "a package registry's host"),
    (concat!("files.pythonho", "sted.org"), "a package registry's host"),
    (concat!("<<<<", "<<< "), "an unfinished merge"),
];

/// Where a module may not name something: folder, exceptions below it, text, and why.
struct Border {
    folder: &'static str,
    except: &'static [&'static str],
    text: &'static str,
    why: &'static str,
}

const fn border(
    folder: &'static str,
    except: &'static [&'static str],
    text: &'static str,
    why: &'static str,
) -> Border {
    Border { folder, except, text, why }
}

const HASH_ORDER: &str = "iteration order differs from run to run; use BTreeMap or BTreeSet";
const NO_CLOCK: &str = "the same input gives the same bytes at any time";
const NO_NETWORK: &str = "hagen does not touch the network";
const NO_HOST: &str = "a decision must not depend on the machine where hagen runs";
const SPELLS: &str = "render/ only spells; decisions are taken in plan/";
const SANS_IO: &str = "ha-vrrp has no clock, socket, thread or dice";

/// The invariants of ARCHITECTURE.md that show in the text.
const BORDERS: &[Border] = &[
    border("hagen/src/spec", &[], "HashMap", HASH_ORDER),
    border("hagen/src/spec", &[], "HashSet", HASH_ORDER),
    border("hagen/src/topology", &[], "HashMap", HASH_ORDER),
    border("hagen/src/topology", &[], "HashSet", HASH_ORDER),
    border("hagen/src/plan", &[], "HashMap", HASH_ORDER),
    border("hagen/src/plan", &[], "HashSet", HASH_ORDER),
    border("hagen/src/render", &[], "HashMap", HASH_ORDER),
    border("hagen/src/render", &[], "HashSet", HASH_ORDER),
    border("hagen/src", &[], "SystemTime::now", NO_CLOCK),
    border("hagen/src", &["cli/", "judge/"], "Instant::now", NO_CLOCK),
    border("hagen/src", &[], "TcpStream", NO_NETWORK),
    border("hagen/src", &[], "UdpSocket", NO_NETWORK),
    border("hagen/src", &[], "TcpListener", NO_NETWORK),
    border("hagen/src", &["cli/", "judge/", "secret", "bundle/sign"], "env::var", NO_HOST),
    border("hagen/src/plan", &[], "std::fs", NO_HOST),
    border("hagen/src/plan", &[], "std::process", NO_HOST),
    border("hagen/src/plan", &[], "crate::render", "plan/ decides before anything is spelled"),
    border("hagen/src/render", &[], "crate::topology", SPELLS),
    border("hagen/src/render", &[], "std::fs", NO_HOST),
    border("hagen/src/spec", &[], "crate::topology::", "spec/ knows what was written, not what is true"),
    border("ha-vrrp/src", &[], "Instant::now", SANS_IO),
    border("ha-vrrp/src", &[], "UdpSocket", SANS_IO),
    border("ha-vrrp/src", &[], "std::thread", SANS_IO),
];

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

/// Every text file outside `target/` and version control.
pub(super) fn all() -> Result<Vec<Source>> {
    let mut files = vec![];
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let full = shell::root().join(&folder);
        for entry in fs::read_dir(&full).with_context(|| format!("reading {}", full.display()))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if [Path::new("target"), Path::new(".git")].contains(&path.as_path()) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                files.push(Source { path: path.to_string_lossy().into_owned(), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// All complaints about texts.
pub(super) fn check(files: &[Source]) -> Complaints {
    let mut complaints: Complaints = files.iter().flat_map(check_one).collect();
    for (path, _) in LONG {
        let long = files.iter().any(|file| file.path == *path && file.text.lines().count() > LINES_MAX);
        if !long {
            complaints.push(format!("{path}: is listed as long and is not; take it off the list"));
        }
    }
    complaints
}

fn check_one(file: &Source) -> Complaints {
    let mut complaints = vec![];
    let path = &file.path;
    for (word, what) in FORBIDDEN {
        if let Some(line) = file.text.lines().position(|line| line.contains(word)) {
            complaints.push(format!("{path}:{}: has `{word}`: {what}", line + 1));
        }
    }
    if !file.is_rust() {
        return complaints;
    }
    if !file.is_test() {
        if !file.text.starts_with("//! ") {
            complaints.push(format!("{path}: does not begin with `//!` and what it knows"));
        }
        let lines = file.text.lines().count();
        if lines > LINES_MAX && !LONG.iter().any(|(long, _)| long == path) {
            complaints.push(format!("{path}: has {lines} lines; {LINES_MAX} are enough"));
        }
        for border in BORDERS {
            complaints.extend(crossing(file, border));
        }
    }
    complaints
}

/// A place where a file names what it may not, outside comments.
fn crossing(file: &Source, border: &Border) -> Option<String> {
    let below = file.path.strip_prefix(border.folder)?.strip_prefix('/')?;
    if border.except.iter().any(|except| below.starts_with(except)) {
        return None;
    }
    let code = |line: &str| line.split("//").next().unwrap_or("").contains(border.text);
    let line = file.text.lines().position(code)?;
    Some(format!("{}:{}: names `{}`: {}", file.path, line + 1, border.text, border.why))
}

#[cfg(test)]
mod tests;
