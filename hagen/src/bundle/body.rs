//! The body of a bundle as a stream of pieces to pack: headers and small files in shared chunks, each payload
//! in chunks of its own. Payload is hashed as it is read, and refused when it is not what was measured.

use std::io::{self, Read as _};

use sha2::{Digest as _, Sha256};

use super::layout::{self, Part};
use super::manifest::{Digest, Manifest};
use super::member::CHUNK;
use super::ordered::Stopped;
use super::payload;
use super::runs::{PackedRun, PackedRuns};
use super::seal::{SealError, Source};
use super::ustar;
use crate::tree::{Content, Payload};

/// What is to be packed, in the order of the archive.
pub(crate) enum Piece<'a> {
    /// A chunk of headers and small files.
    Shared(Vec<u8>),
    /// A chunk of a payload.
    Own(Vec<u8>),
    /// The payload with this index is complete.
    OwnEnd(usize),
    /// The payload with this index is already packed in another bundle.
    Copy(usize, &'a PackedRun),
}

/// Takes pieces until the consumer fails.
type Emit<'e, 'a> = &'e mut dyn FnMut(Piece<'a>) -> Result<(), Stopped>;

/// The body of one bundle.
pub(crate) struct Body<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) sources: &'a [Source<'a>],
    pub(crate) known: &'a PackedRuns,
}

/// Why a stream of pieces ended early.
enum End {
    Stopped,
    Failed(SealError),
}

impl From<Stopped> for End {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl<'a> Body<'a> {
    /// Bytes of payload that have to be read and packed.
    pub(crate) fn bytes_to_pack(&self) -> u64 {
        let files = self.manifest.files.iter().filter(|file| file.packed.is_some());
        files.filter(|file| self.known.get((file.sha256, file.size)).is_none()).map(|file| file.size).sum()
    }

    /// Emits the body.
    pub(crate) fn produce(&self, emit: Emit<'_, 'a>) -> Result<(), SealError> {
        match self.pieces(emit) {
            Ok(()) | Err(End::Stopped) => Ok(()),
            Err(End::Failed(error)) => Err(error),
        }
    }

    fn pieces(&self, emit: Emit<'_, 'a>) -> Result<(), End> {
        let mut chunk = Vec::with_capacity(CHUNK);
        for (part, length) in layout::stretches(self.manifest) {
            match (part, layout::own_run(self.manifest, part)) {
                (_, Some(index)) => {
                    if !chunk.is_empty() {
                        emit(Piece::Shared(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))))?;
                    }
                    self.own(index, emit)?;
                }
                (Part::Header(index), None) => {
                    let file = &self.manifest.files[index];
                    add(&mut chunk, &ustar::header(&file.path, file.mode.0, file.size), emit)?;
                }
                (Part::Content(index), None) => match &self.sources[index].1.content {
                    Content::Bytes(bytes) => add(&mut chunk, bytes, emit)?,
                    // A payload without a run of its own is empty.
                    Content::Payload(_) => {}
                },
                (Part::Padding(_) | Part::End, None) => {
                    add(&mut chunk, &[0; ustar::END_BYTES][..length as usize], emit)?;
                }
            }
        }
        if !chunk.is_empty() {
            emit(Piece::Shared(chunk))?;
        }
        Ok(())
    }

    /// A payload's run: copied when it is known, else read.
    fn own(&self, index: usize, emit: Emit<'_, 'a>) -> Result<(), End> {
        let Content::Payload(payload) = &self.sources[index].1.content else {
            return Ok(());
        };
        match self.known.get((Digest(payload.sha256), payload.size)) {
            Some(run) => emit(Piece::Copy(index, run))?,
            None => {
                read(payload, emit)?;
                emit(Piece::OwnEnd(index))?;
            }
        }
        Ok(())
    }
}

/// Appends bytes to the shared chunk; full ones leave.
fn add<'a>(chunk: &mut Vec<u8>, mut bytes: &[u8], emit: Emit<'_, 'a>) -> Result<(), Stopped> {
    while !bytes.is_empty() {
        let (now, later) = bytes.split_at(bytes.len().min(CHUNK - chunk.len()));
        chunk.extend_from_slice(now);
        bytes = later;
        if chunk.len() == CHUNK {
            emit(Piece::Shared(std::mem::replace(chunk, Vec::with_capacity(CHUNK))))?;
        }
    }
    Ok(())
}

/// Reads a payload in chunks and checks it against its measure.
fn read<'a>(payload: &Payload, emit: Emit<'_, 'a>) -> Result<(), End> {
    let path = &payload.source;
    let failed = |source| End::Failed(SealError::Payload { path: path.clone(), source });
    let changed = || End::Failed(SealError::Changed(path.clone()));
    let not_a_file = || failed(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    let mut file = payload::open(path).map_err(failed)?.ok_or_else(not_a_file)?;
    let (mut sha256, mut left) = (Sha256::new(), payload.size);
    while left > 0 {
        let mut chunk = vec![0; layout::Run::next_member(left)];
        file.read_exact(&mut chunk).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => changed(),
            _ => failed(error),
        })?;
        sha256.update(&chunk);
        left -= chunk.len() as u64;
        emit(Piece::Own(chunk))?;
    }
    let more = file.read(&mut [0]).map_err(failed)?;
    if more > 0 || <[u8; 32]>::from(sha256.finalize()) != payload.sha256 {
        return Err(changed());
    }
    Ok(())
}
