//! From a path to a proven topology.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::output::{Failure, say, tell};
use crate::problem::{Problems, Source};
use crate::spec::Document;
use crate::topology::Topology;
use crate::yaml::{Cx, DOCUMENT_BYTES_MAX, Decode as _, parse};

/// A document that was read and decoded as far as it goes.
pub(super) struct ReadDocument {
    /// Its text.
    pub source: Source,
    /// Where its relative paths start.
    pub folder: PathBuf,
    /// What was found.
    pub problems: Problems,
    /// The topology, when no problem is an error.
    pub topology: Option<Topology>,
}

/// A proven document.
pub(super) struct Proven {
    /// Where its relative paths start.
    pub folder: PathBuf,
    /// The topology.
    pub topology: Topology,
}

/// Reads a text of bounded size from a path or, for `-`, from standard input.
pub(super) fn read_text(path: &Path) -> Result<Source, Failure> {
    let name = if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() };
    let unreadable = |error: std::io::Error| Failure::Input(format!("{name}: cannot be read: {error}"));
    let mut bytes = vec![];
    // One byte more than allowed tells a document that is too large without reading all of it.
    let limit = DOCUMENT_BYTES_MAX as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = File::open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::Input(format!(
                "{name}: there is no such file; write one with `hagen init --topology T`, or name it with `-f FILE`"
            )),
            _ => unreadable(error),
        })?;
        file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Failure::Input(format!(
            "{name}: error[DOC-6]: the document is larger than {} MiB; describe the cluster in several documents",
            DOCUMENT_BYTES_MAX >> 20
        )));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].iter().filter(|b| **b == b'\n').count() + 1;
        Failure::Input(format!(
            "{name}:{line}: error[DOC-1]: byte {good} is not UTF-8 text; save the document as UTF-8"
        ))
    })?;
    Ok(Source { name, text })
}

/// Decodes and proves a text.
pub(super) fn prove(source: Source, folder: PathBuf) -> ReadDocument {
    let mut problems = Problems::default();
    let mut topology = None;
    match parse(&source.text) {
        Err(found) => problems = found,
        Ok(node) => {
            let mut cx = Cx::default();
            let document = Document::decode(&node, &mut cx);
            problems.extend(cx.problems);
            if let Some(document) = document.filter(|_| !problems.has_errors()) {
                let (proven, found) = Topology::prove(document);
                problems.extend(found);
                topology = proven;
            }
        }
    }
    problems.sort();
    ReadDocument { source, folder, problems, topology }
}

/// Reads, decodes and proves a document.
pub(super) fn read(path: &Path) -> Result<ReadDocument, Failure> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(prove(read_text(path)?, folder))
}

/// Reads a document that must be sound; its problems are told on stderr.
pub(super) fn read_proven(path: &Path) -> Result<Proven, Failure> {
    proven(read(path)?)
}

/// Insists that a document is sound; its problems are told on stderr.
pub(super) fn proven(read: ReadDocument) -> Result<Proven, Failure> {
    tell(&read.source, &read.problems)?;
    let topology = read.topology.ok_or_else(|| Failure::Input("the document has no topology".into()))?;
    Ok(Proven { folder: read.folder, topology })
}

/// The document of `bundle`: the named one, `./cluster.yaml`, or the built-in example, which is said.
pub(super) fn read_or_builtin(path: Option<&Path>) -> Result<Proven, Failure> {
    if let Some(path) = path {
        return read_proven(path);
    }
    let here = Path::new("cluster.yaml");
    if here.exists() {
        return read_proven(here);
    }
    say(
        "hagen: no -f and no ./cluster.yaml: using the built-in example bootstrap-ha (`hagen init --topology bootstrap-ha` writes it)",
    );
    let source = Source { name: "<bootstrap-ha>".into(), text: super::init::BOOTSTRAP_HA.into() };
    proven(prove(source, PathBuf::new()))
}
