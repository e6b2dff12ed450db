//! Reads a bundle: the head at once, the body as a stream. Trusts no byte, holds a bounded number of them.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::layout;
use super::manifest::{FileRecord, HEAD_BYTES_MAX, MANIFEST, Manifest, SIGNATURE, SUMS};
use super::member::{self, CHUNK, HEADER, MEMBER_MAX, MemberFault, Unpacker};
use super::ordered::{self, Stopped, ordered};
use super::problem::{Fault, Problem, ReadError, WHOLE};
use super::sign::{self, SigningKey};
use super::ustar::{self, BLOCK};
use super::walk::{Walk, Walked};

/// Less than this is unpacked on the calling thread.
const PARALLEL_BYTES: u64 = 4 * 1024 * 1024;

/// A bundle whose head has been read and holds together.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    input: BufReader<File>,
    /// What the bundle says of itself.
    pub(crate) manifest: Manifest,
    /// The manifest as it stands there.
    pub(crate) manifest_bytes: Vec<u8>,
    /// Its signature, spelled well and by the key that the manifest names; not yet verified.
    pub(crate) signature: Option<Vec<u8>>,
    /// Length of the file.
    pub(crate) bytes: u64,
}

impl Archive {
    /// Opens a bundle and reads its head: manifest, signature, digest list.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let failed = |source| ReadError::Read { path: path.to_owned(), source };
        let file = super::payload::open(path).map_err(failed)?;
        let file = file.ok_or_else(|| failed(io::Error::other("it is neither a file nor a folder")))?;
        let bytes = file.metadata().map_err(failed)?.len();
        let mut input = BufReader::with_capacity(CHUNK, file);
        let head = read_head(&mut input).map_err(failed)??;
        let (manifest, manifest_bytes, signature) = Head { rest: &head }.read()?;
        Ok(Self { path: path.to_owned(), input, manifest, manifest_bytes, signature, bytes })
    }

    /// Reads the body to its end and holds it against the manifest; `sink` gets the content of every file in
    /// pieces. Gives everything that is wrong, in the order of the archive, as far as it can be told.
    pub(crate) fn walk(
        self,
        sink: &mut (dyn FnMut(&FileRecord, &[u8]) + Send),
    ) -> Result<Vec<Problem>, ReadError> {
        let Self { path, mut input, manifest, bytes, .. } = self;
        let threads = if bytes < PARALLEL_BYTES { 1 } else { ordered::cores() };
        let mut walk = Walk::new(&manifest, sink);
        let end = ordered(
            threads,
            |emit| members(&mut input, emit).map_err(End::Failed),
            Unpacker::default,
            |unpacker, member: Result<Vec<u8>, MemberFault>| {
                member.and_then(|member| Ok((unpacker.unpack(&member)?, member::digest(&member))))
            },
            |member| match walk.member(member) {
                Walked::On => Ok(()),
                Walked::Enough => Err(End::Enough),
            },
        );
        match end {
            Err(End::Failed(source)) => Err(ReadError::Read { path, source }),
            Ok(()) => Ok(walk.finish(true)),
            Err(End::Enough) => Ok(walk.finish(false)),
        }
    }
}

/// Why the body was not read to its end.
enum End {
    Failed(io::Error),
    Enough,
}

/// Emits the members of the body; a member that cannot be told apart is the last.
fn members(
    input: &mut impl Read,
    emit: &mut dyn FnMut(Result<Vec<u8>, MemberFault>) -> Result<(), Stopped>,
) -> io::Result<()> {
    loop {
        let member = match read_member(input, MEMBER_MAX)? {
            Some(member) => member,
            None => return Ok(()),
        };
        let last = member.is_err();
        if emit(member).is_err() || last {
            return Ok(());
        }
    }
}

/// The content of the first member.
fn read_head(input: &mut impl Read) -> io::Result<Result<Vec<u8>, Problem>> {
    let member = match read_member(input, member::stored_member_len(HEAD_BYTES_MAX))? {
        None => Err(Problem::new(WHOLE, Fault::NotABundle)),
        Some(Err(MemberFault::Header)) => Err(Problem::new(WHOLE, Fault::NotABundle)),
        Some(Err(MemberFault::Length)) => Err(Problem::new(MANIFEST, Fault::Head)),
        Some(member) => member.map_err(|fault| Problem::new(MANIFEST, fault)),
    };
    Ok(member.and_then(|member| member::unstored(&member).map_err(|fault| Problem::new(MANIFEST, fault))))
}

/// The next member, of at most so many bytes; none at the end of the file.
fn read_member(input: &mut impl Read, max: usize) -> io::Result<Option<Result<Vec<u8>, MemberFault>>> {
    let mut header = [0; HEADER];
    let length = fill(input, &mut header)?;
    if length == 0 {
        return Ok(None);
    }
    if length < HEADER {
        return Ok(Some(Err(MemberFault::Truncated)));
    }
    let length = match member::member_len(&header) {
        Ok(length) if length > max => return Ok(Some(Err(MemberFault::Length))),
        Ok(length) => length,
        Err(fault) => return Ok(Some(Err(fault))),
    };
    // Memory follows what is there, not what a header claims.
    let mut member = Vec::with_capacity(length.min(MEMBER_MAX));
    member.extend_from_slice(&header);
    input.take((length - HEADER) as u64).read_to_end(&mut member)?;
    Ok(Some(if member.len() == length { Ok(member) } else { Err(MemberFault::Truncated) }))
}

/// Reads until the buffer is full or the input ends.
pub(crate) fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match input.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// The manifest, its bytes, and its signature.
type HeadParts = (Manifest, Vec<u8>, Option<Vec<u8>>);

/// The archive's bytes in the first member, read file by file.
struct Head<'a> {
    rest: &'a [u8],
}

impl Head<'_> {
    fn read(mut self) -> Result<HeadParts, Problem> {
        let bytes = self.file(MANIFEST, None)?.to_vec();
        let manifest = Manifest::from_bytes(&bytes).map_err(|error| Problem::new(MANIFEST, error))?;
        let signature = match &manifest.signer {
            None => None,
            Some(_) => {
                let length = SigningKey::signature_len(&manifest);
                let text = self.file(SIGNATURE, Some(length))?.to_vec();
                sign::check(&text, &manifest, &bytes, None)
                    .map_err(|fault| Problem::new(SIGNATURE, fault))?;
                Some(text)
            }
        };
        let sums = manifest.sums(&bytes);
        if self.file(SUMS, Some(sums.len()))? != sums {
            return Err(Problem::new(SUMS, Fault::Sums));
        }
        match self.rest.first_chunk().map(ustar::foreign) {
            None if self.rest.is_empty() => Ok((manifest, bytes, signature)),
            Some(Some(more)) => Err(Problem::new(more.path, Fault::Added(more.kind))),
            _ => Err(Problem::new(SUMS, Fault::Padding)),
        }
    }

    /// The next file, which must be this one and, when it is known, of this size.
    fn file(&mut self, path: &'static str, size: Option<usize>) -> Result<&[u8], Problem> {
        let problem = |fault| Problem::new(path, fault);
        let (header, rest) = self.rest.split_first_chunk::<BLOCK>().ok_or_else(|| problem(Fault::Missing))?;
        let found = ustar::foreign(header).ok_or_else(|| problem(Fault::HeaderDamaged))?;
        let claimed = found.size.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
        let expected = layout::head_header(path, size.unwrap_or(claimed) as u64);
        match ustar::difference(header, &expected) {
            None => {}
            Some("name") => return Err(problem(Fault::Missing)),
            Some(field) => return Err(problem(Fault::Header(field))),
        }
        let padding = ustar::padding(claimed as u64);
        let whole = claimed.checked_add(padding).filter(|whole| *whole <= rest.len());
        let whole = whole.ok_or_else(|| problem(Fault::Truncated))?;
        let (content, zeros) = rest[..whole].split_at(claimed);
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(problem(Fault::Padding));
        }
        self.rest = &rest[whole..];
        Ok(content)
    }
}
