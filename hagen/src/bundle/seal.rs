//! Writes one bundle into an open file: pack the body while it streams by, then put the manifest before it.
//!
//! The first member has a length that is known beforehand, so its place is left free and filled last, when
//! the digests of the packed data are known. Nothing is held but the manifest and a few chunks.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::apply::{self, ScriptError};
use super::body::{Body, Piece};
use super::draft::Draft;
use super::layout;
use super::manifest::{
    APPLY, Digest, FORMAT, FileRecord, GENERATOR, HEAD_BYTES_MAX, Manifest, ManifestError, Mode,
};
use super::member::{self, CHUNK, Packed, Packer};
use super::ordered::ordered;
use super::runs::{Key, PackedRun, PackedRuns};
use super::sign::SigningKey;
use crate::tree::{Content, Entry, TreePath};

/// Less payload than this is packed on the calling thread: starting others costs more.
const PARALLEL_BYTES: u64 = 4 * 1024 * 1024;

/// Why a bundle cannot be sealed.
#[derive(Debug, Error)]
pub enum SealError {
    /// The output cannot be written.
    #[error("writing the bundle of `{node}`")]
    Write {
        /// The node.
        node: String,
        /// What the system says.
        source: io::Error,
    },
    /// A payload cannot be read.
    #[error("reading the payload `{path}`")]
    Payload {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A payload is not what was measured or locked.
    #[error("the payload `{0}` is not what was measured: its size or digest differs")]
    Changed(PathBuf),
    /// The contents cannot be in a bundle.
    #[error("the bundle of `{node}` cannot be made")]
    Contents {
        /// The node.
        node: String,
        /// Why.
        source: ManifestError,
    },
    /// The script cannot be written.
    #[error("the `apply` of `{node}` cannot be made")]
    Script {
        /// The node.
        node: String,
        /// Why.
        source: ScriptError,
    },
    /// Manifest and digest list are longer than a reader accepts.
    #[error("the bundle of `{0}` has too many files: its manifest is longer than {HEAD_BYTES_MAX} bytes")]
    Head(String),
    /// The manifest or its signature cannot be spelled.
    #[error("spelling the manifest of `{node}`: {reason}")]
    Spelling {
        /// The node.
        node: String,
        /// Why.
        reason: String,
    },
}

/// A file of the bundle and what it is made of.
pub(crate) type Source<'a> = (&'a TreePath, &'a Entry);

/// How a bundle is sealed.
pub(crate) struct Seal<'a> {
    /// Signs the manifest, if any.
    pub(crate) key: Option<&'a SigningKey>,
    /// Threads to use for a large payload.
    pub(crate) threads: usize,
    /// Packed payloads of earlier bundles.
    pub(crate) known: &'a PackedRuns,
    /// Told how many bytes of payload have been packed or copied.
    pub(crate) progress: &'a (dyn Fn(u64) + Sync),
}

/// Writes the bundle and gives the packed payloads that are new in it.
pub(crate) fn seal(
    draft: &Draft,
    file: &Arc<File>,
    seal: &Seal<'_>,
) -> Result<Vec<(Key, PackedRun)>, SealError> {
    let node = || draft.node.clone();
    let write = |source| SealError::Write { node: node(), source };
    let script = apply::script(draft).map_err(|source| SealError::Script { node: node(), source })?;
    let content = Content::Bytes(script.into_bytes());
    let script =
        (TreePath::known(APPLY), Entry { mode: 0o755, secret: false, origin: "hagen".into(), content });
    let sources = sources(draft, &script);
    let mut manifest = manifest(draft, &sources, seal.key);
    manifest.check().map_err(|source| SealError::Contents { node: node(), source })?;
    let length = head_len(&manifest, seal.key)?;

    let mut output = BufWriter::with_capacity(CHUNK, &**file);
    output.seek(SeekFrom::Start(length as u64)).map_err(write)?;
    let packed = pack_body(&manifest, &sources, file, &mut output, length as u64, seal)?;
    output.flush().map_err(write)?;

    manifest.packed = packed.shared;
    let mut fresh = vec![];
    for (at, run) in packed.own {
        let record = &mut manifest.files[at];
        record.packed = Some(run.packed);
        if Arc::ptr_eq(&run.file, file) {
            fresh.push(((record.sha256, record.size), run));
        }
    }
    let head = head(&manifest, seal.key)?;
    debug_assert_eq!(head.len(), length, "the head has another length than was left free for it");
    file.write_all_at(&head, 0).map_err(write)?;
    Ok(fresh)
}

/// All files of the bundle by path.
fn sources<'a>(draft: &'a Draft, script: &'a (TreePath, Entry)) -> Vec<Source<'a>> {
    let mut sources = draft.tree.iter().collect::<Vec<_>>();
    sources.push((&script.0, &script.1));
    sources.sort_by_key(|(path, _)| *path);
    sources
}

/// The manifest with zeros where the digests of packed data will be.
fn manifest(draft: &Draft, sources: &[Source<'_>], key: Option<&SigningKey>) -> Manifest {
    let record = |(path, entry): &Source<'_>| {
        let (size, sha256, own) = match &entry.content {
            Content::Bytes(bytes) => (bytes.len() as u64, Digest::of(bytes), false),
            Content::Payload(payload) => (payload.size, Digest(payload.sha256), payload.size > 0),
        };
        FileRecord {
            path: (*path).clone(),
            mode: Mode(entry.mode),
            size,
            sha256,
            origin: entry.origin.clone(),
            secret: entry.secret,
            packed: own.then(Digest::default),
        }
    };
    Manifest {
        format: FORMAT,
        generator: GENERATOR.to_owned(),
        id: draft.id,
        node: draft.node.clone(),
        signer: key.map(|key| key.id().to_string()),
        packed: Digest::default(),
        waivers: draft.waivers.clone(),
        files: sources.iter().map(record).collect(),
    }
}

/// The first member.
fn head(manifest: &Manifest, key: Option<&SigningKey>) -> Result<Vec<u8>, SealError> {
    let bytes = spell(manifest)?;
    let sign = |key: &SigningKey| key.sign(manifest, &bytes).map_err(|error| misspelt(manifest, &error));
    let signature = key.map(sign).transpose()?.map(String::into_bytes);
    let sums = manifest.sums(&bytes);
    Ok(member::stored(&layout::head(&layout::head_files(&bytes, signature.as_deref(), &sums))))
}

/// Its length.
fn head_len(manifest: &Manifest, key: Option<&SigningKey>) -> Result<usize, SealError> {
    let bytes = spell(manifest)?;
    let signature = key.map(|_| vec![0; SigningKey::signature_len(manifest)]);
    let sums = manifest.sums(&bytes);
    let content = layout::head(&layout::head_files(&bytes, signature.as_deref(), &sums)).len();
    if content > HEAD_BYTES_MAX {
        return Err(SealError::Head(manifest.node.clone()));
    }
    Ok(member::stored_member_len(content))
}

fn spell(manifest: &Manifest) -> Result<Vec<u8>, SealError> {
    manifest.to_bytes().map_err(|error| misspelt(manifest, &error))
}

fn misspelt(manifest: &Manifest, error: &dyn std::error::Error) -> SealError {
    SealError::Spelling { node: manifest.node.clone(), reason: error.to_string() }
}

/// Digests of the packed body, and where each payload's own run is.
struct PackedBody {
    shared: Digest,
    own: Vec<(usize, PackedRun)>,
}

/// A piece of the body after a worker had it.
enum Done<'a> {
    Shared(Packed),
    Own(Packed),
    OwnEnd(usize),
    Copy(usize, &'a PackedRun),
}

fn pack_body(
    manifest: &Manifest,
    sources: &[Source<'_>],
    file: &Arc<File>,
    output: &mut impl io::Write,
    start: u64,
    seal: &Seal<'_>,
) -> Result<PackedBody, SealError> {
    let write = |source| SealError::Write { node: manifest.node.clone(), source };
    let body = Body { manifest, sources, known: seal.known };
    let threads = if body.bytes_to_pack() < PARALLEL_BYTES { 1 } else { seal.threads };
    let (mut at, mut own_at) = (start, None);
    let (mut shared, mut own, mut runs) = (Sha256::new(), Sha256::new(), vec![]);
    let work = |packer: &mut Packer, piece| match piece {
        Piece::Shared(chunk) => Done::Shared(packer.pack(&chunk)),
        Piece::Own(chunk) => Done::Own(packer.pack(&chunk)),
        Piece::OwnEnd(index) => Done::OwnEnd(index),
        Piece::Copy(index, run) => Done::Copy(index, run),
    };
    let consume = |done| {
        match done {
            Done::Shared(packed) => {
                shared.update(packed.sha256);
                output.write_all(&packed.bytes).map_err(write)?;
                at += packed.bytes.len() as u64;
            }
            Done::Own(packed) => {
                own.update(packed.sha256);
                own_at.get_or_insert(at);
                output.write_all(&packed.bytes).map_err(write)?;
                at += packed.bytes.len() as u64;
            }
            Done::OwnEnd(index) => {
                let begin = own_at.take().unwrap_or(at);
                let packed = Digest(own.finalize_reset().into());
                let run = PackedRun { file: Arc::clone(file), at: begin, bytes: at - begin, packed };
                runs.push((index, run));
                (seal.progress)(manifest.files[index].size);
            }
            Done::Copy(index, run) => {
                run.copy(output).map_err(write)?;
                at += run.bytes;
                runs.push((index, run.clone()));
                (seal.progress)(manifest.files[index].size);
            }
        }
        Ok(())
    };
    ordered(threads, |emit| body.produce(emit), Packer::default, work, consume)?;
    Ok(PackedBody { shared: Digest(shared.finalize().into()), own: runs })
}
