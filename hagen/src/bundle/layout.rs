//! Where everything is in the archive, as it follows from the manifest.
//!
//! ```text
//! member 1, stored:   header + manifest.json | header + manifest.json.minisig | header + SHA256SUMS
//! members 2 to n:     header + file | header + file | … | two zero blocks
//! ```
//!
//! The manifest comes first, so that a reader knows what to expect before it comes and never has to trust a
//! length. A payload's content has members of its own: their bytes follow from the content alone, so the
//! packed form is made once and copied into every bundle that carries the payload.

use super::manifest::{MANIFEST, Manifest, SIGNATURE, SUMS};
use super::member::CHUNK;
use super::ustar::{self, BLOCK, END_BYTES};
use crate::tree::TreePath;

/// A stretch of the archive's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The header of the file with this index in the manifest.
    Header(usize),
    /// Its content.
    Content(usize),
    /// The zero bytes after its content.
    Padding(usize),
    /// The two zero blocks at the end.
    End,
}

/// A stretch and its length in bytes, never 0.
pub(crate) type Stretch = (Part, u64);

/// The stretches of the body, in order.
pub(crate) fn stretches(manifest: &Manifest) -> impl Iterator<Item = Stretch> {
    let files = manifest.files.iter().enumerate().flat_map(|(at, file)| {
        let padding = ustar::padding(file.size) as u64;
        [(Part::Header(at), BLOCK as u64), (Part::Content(at), file.size), (Part::Padding(at), padding)]
    });
    files.filter(|(_, length)| *length > 0).chain([(Part::End, END_BYTES as u64)])
}

/// The file whose packed content makes a run of members of its own, if this stretch is one.
pub(crate) fn own_run(manifest: &Manifest, part: Part) -> Option<usize> {
    match part {
        Part::Content(at) if manifest.files[at].packed.is_some() => Some(at),
        _ => None,
    }
}

/// A run of members: the bytes of the archive that they hold, and the payload when it is one's own.
/// A member never reaches from one run into the next, and only the last of a run is shorter than [`CHUNK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Index of the payload in the manifest; none for everything between payloads.
    pub(crate) payload: Option<usize>,
    /// Content bytes of the run's members.
    pub(crate) bytes: u64,
}

impl Run {
    /// Content bytes of the next member when so many are left of the run.
    pub(crate) fn next_member(left: u64) -> usize {
        usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK))
    }
}

/// The runs of the body, in order.
pub(crate) fn runs(manifest: &Manifest) -> Vec<Run> {
    let mut runs: Vec<Run> = vec![];
    for (part, bytes) in stretches(manifest) {
        let payload = own_run(manifest, part);
        match runs.last_mut() {
            Some(last) if last.payload.is_none() && payload.is_none() => last.bytes += bytes,
            _ => runs.push(Run { payload, bytes }),
        }
    }
    runs
}

/// A file of the first member.
pub(crate) type HeadFile<'a> = (&'static str, &'a [u8]);

/// The archive's bytes that the first member holds.
pub(crate) fn head(files: &[HeadFile<'_>]) -> Vec<u8> {
    let mut bytes = vec![];
    for (path, content) in files {
        bytes.extend_from_slice(&head_header(path, content.len() as u64));
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len() + ustar::padding(content.len() as u64), 0);
    }
    bytes
}

/// The files of the first member, in order.
pub(crate) fn head_files<'a>(
    manifest: &'a [u8],
    signature: Option<&'a [u8]>,
    sums: &'a [u8],
) -> Vec<HeadFile<'a>> {
    let signature = signature.map(|signature| (SIGNATURE, signature));
    [Some((MANIFEST, manifest)), signature, Some((SUMS, sums))].into_iter().flatten().collect()
}

/// The header of a file of the first member.
pub(crate) fn head_header(path: &'static str, size: u64) -> ustar::Header {
    ustar::header(&TreePath::known(path), 0o644, size)
}
