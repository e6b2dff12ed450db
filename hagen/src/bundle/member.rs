//! One gzip member: a piece of the archive that is packed and unpacked by itself.
//!
//! A bundle is a series of small members (RFC 1952 §2.2), each with its own length in an extra field, so that
//! many cores pack and unpack it and the bytes never depend on how many. What gzip, pigz, tar, Python or
//! busybox see is an ordinary `.gz` file. The header has one spelling; the encoding of the data has not
//! (two versions of a compressor differ), so the digest of each member is handed out for the manifest.

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Content bytes of a full member.
pub(crate) const CHUNK: usize = 128 * 1024;
/// Bytes of the member header: 10 fixed, 2 for the extra field's length, 8 for the extra field.
pub(crate) const HEADER: usize = 20;
/// Bytes after the compressed data: CRC-32 and length.
const TRAILER: usize = 8;
/// The longest stored block of deflate (RFC 1951 §3.2.4).
const STORED_MAX: usize = 65_535;
/// No member of a chunk is longer: a stored one is the longest that is written.
pub(crate) const MEMBER_MAX: usize = stored_member_len(CHUNK);

/// Fixed bytes: magic, deflate, FEXTRA, no time, no flags, operating system unknown; then an extra field of
/// 8 bytes with one subfield `HG` of 4 bytes.
const FIXED: [u8; 16] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 8, 0, b'H', b'G', 4, 0];

/// Deflate level: the usual trade of gzip and pigz.
const LEVEL: u32 = 6;
/// A chunk of already compressed bytes is recognised by a flat histogram, and by hardly any four bytes coming
/// again within so many bytes at its beginning.
const PROBE: usize = 16 * 1024;
/// Of so many positions at most one may see four bytes again.
const PROBE_REPEATS: usize = 64;

/// Why bytes are not a member.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MemberFault {
    /// The header is not the one that is always written.
    #[error("its gzip header is not one that hagen writes")]
    Header,
    /// The length in the header cannot be.
    #[error("its gzip member has a length that hagen never writes")]
    Length,
    /// The file ends before the member does.
    #[error("the archive is cut off here")]
    Truncated,
    /// The compressed data cannot be decoded, or does not end where the member ends.
    #[error("its compressed data is damaged")]
    Deflate,
    /// The CRC-32 or the length in the trailer differs from the data.
    #[error("its gzip checksum or length is wrong")]
    Checksum,
}

/// Bytes that deflate needs to store `content` bytes without compression.
const fn stored_len(content: usize) -> usize {
    let blocks = if content == 0 { 1 } else { content.div_ceil(STORED_MAX) };
    content + 5 * blocks
}

/// Length of a member that stores `content` bytes without compression.
pub(crate) const fn stored_member_len(content: usize) -> usize {
    HEADER + stored_len(content) + TRAILER
}

/// A packed chunk.
#[derive(Debug)]
pub(crate) struct Packed {
    /// The whole member.
    pub(crate) bytes: Vec<u8>,
    /// SHA-256 of the whole member.
    pub(crate) sha256: [u8; 32],
}

/// Packs chunks; one per thread, because the compressor's memory is reused.
pub(crate) struct Packer {
    deflate: Compress,
    /// Deflated data before it is known to be shorter; never reallocated.
    deflated: Vec<u8>,
}

impl Default for Packer {
    fn default() -> Self {
        // Room for every chunk at its worst, so that the compressor never has to stop and go on.
        let deflated = Vec::with_capacity(CHUNK + CHUNK / 8 + 1024);
        Self { deflate: Compress::new(Compression::new(LEVEL), false), deflated }
    }
}

impl Packer {
    /// Packs one chunk, of at most [`CHUNK`] bytes. The result depends on the chunk alone.
    pub(crate) fn pack(&mut self, chunk: &[u8]) -> Packed {
        let gained = !is_dense(chunk) && self.deflate(chunk);
        let length = if gained { self.deflated.len() } else { stored_len(chunk.len()) };
        let mut bytes = Vec::with_capacity(HEADER + length + TRAILER);
        begin(&mut bytes);
        if gained {
            bytes.extend_from_slice(&self.deflated);
        } else {
            store(chunk, &mut bytes);
        }
        finish(chunk, &mut bytes);
        let sha256 = digest(&bytes);
        Packed { bytes, sha256 }
    }

    /// Deflates the chunk; false when storing it is as short.
    fn deflate(&mut self, chunk: &[u8]) -> bool {
        self.deflated.clear();
        self.deflate.reset();
        let end = self.deflate.compress_vec(chunk, &mut self.deflated, FlushCompress::Finish);
        matches!(end, Ok(Status::StreamEnd)) && self.deflated.len() < stored_len(chunk.len())
    }
}

/// Whether trying to compress is a waste of time: every byte value is about as frequent as any other, and
/// nothing comes again soon. Whole numbers only, so that every machine decides alike.
fn is_dense(chunk: &[u8]) -> bool {
    if chunk.len() < PROBE {
        return false;
    }
    let mut histogram = [[0_u32; 256]; 4];
    let (quads, rest) = chunk.as_chunks::<4>();
    for quad in quads {
        for (table, byte) in histogram.iter_mut().zip(quad) {
            table[usize::from(*byte)] += 1;
        }
    }
    for byte in rest {
        histogram[0][usize::from(*byte)] += 1;
    }
    let count = |byte: usize| histogram.iter().map(|table| u64::from(table[byte])).sum::<u64>();
    let squares = (0..256).map(count).map(|n| n * n).sum::<u64>();
    // Random bytes give n²/256 + n on average; 1/32 more is a loss of entropy below 0.05 bit per byte.
    let n = chunk.len() as u64;
    256 * squares <= n * n + n * n / 32 + 256 * n && repeats(&chunk[..PROBE]) <= PROBE / PROBE_REPEATS
}

/// How many positions see four bytes that were seen before, as far as a small table remembers.
fn repeats(bytes: &[u8]) -> usize {
    const TABLE_BITS: u32 = 12;
    // Four zero bytes hash to slot 0, so only they meet the table's initial zeros.
    let mut last = [0_u32; 1 << TABLE_BITS];
    let mut repeats = 0;
    for window in bytes.array_windows::<4>() {
        let value = u32::from_le_bytes(*window);
        let slot = &mut last[(value.wrapping_mul(0x9e37_79b1) >> (32 - TABLE_BITS)) as usize];
        repeats += usize::from(*slot == value);
        *slot = value;
    }
    repeats
}

/// A member of any length that stores its content: the one form whose every bit follows from the content.
pub(crate) fn stored(content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(stored_member_len(content.len()));
    begin(&mut bytes);
    store(content, &mut bytes);
    finish(content, &mut bytes);
    bytes
}

/// Reads what [`stored`] wrote and refuses every other spelling.
pub(crate) fn unstored(member: &[u8]) -> Result<Vec<u8>, MemberFault> {
    let data = data_of(member)?;
    let mut content = Vec::with_capacity(data.len());
    let mut rest = data;
    loop {
        let (head, tail) = rest.split_first_chunk::<5>().ok_or(MemberFault::Deflate)?;
        let length = usize::from(u16::from_le_bytes([head[1], head[2]]));
        let last = tail.len() == length;
        let full = length == STORED_MAX || last;
        let whole = tail.len() >= length && full && head[0] == u8::from(last);
        if !whole || [head[3], head[4]] != [!head[1], !head[2]] || (length == 0 && !content.is_empty()) {
            return Err(MemberFault::Deflate);
        }
        content.extend_from_slice(&tail[..length]);
        if last {
            break;
        }
        rest = &tail[length..];
    }
    check_trailer(member, &content)?;
    Ok(content)
}

/// SHA-256 of a whole member.
pub(crate) fn digest(member: &[u8]) -> [u8; 32] {
    Sha256::digest(member).into()
}

/// The length of a member from its header.
pub(crate) fn member_len(header: &[u8; HEADER]) -> Result<usize, MemberFault> {
    let (fixed, length) = header.split_at(FIXED.len());
    if fixed != FIXED {
        return Err(MemberFault::Header);
    }
    let length = length.try_into().map(u32::from_le_bytes).map_err(|_| MemberFault::Header)?;
    let length = usize::try_from(length).map_err(|_| MemberFault::Length)?;
    if length < HEADER + 1 + TRAILER { Err(MemberFault::Length) } else { Ok(length) }
}

/// Unpacks members; one per thread.
pub(crate) struct Unpacker {
    inflate: Decompress,
}

impl Default for Unpacker {
    fn default() -> Self {
        Self { inflate: Decompress::new(false) }
    }
}

impl Unpacker {
    /// The content of a member of at most [`CHUNK`] bytes; never more memory than that, whatever the bytes say.
    pub(crate) fn unpack(&mut self, member: &[u8]) -> Result<Vec<u8>, MemberFault> {
        let data = data_of(member)?;
        let claimed = member.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let claimed = usize::try_from(claimed).map_err(|_| MemberFault::Length)?;
        if claimed > CHUNK {
            return Err(MemberFault::Length);
        }
        // One byte more, to see a stream that yields more than it claims.
        let mut content = Vec::with_capacity(claimed + 1);
        self.inflate.reset(false);
        let end = self.inflate.decompress_vec(data, &mut content, FlushDecompress::Finish);
        if !matches!(end, Ok(Status::StreamEnd)) || self.inflate.total_in() != data.len() as u64 {
            return Err(MemberFault::Deflate);
        }
        check_trailer(member, &content)?;
        Ok(content)
    }
}

fn begin(bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&FIXED);
    bytes.extend_from_slice(&[0; 4]);
}

fn store(content: &[u8], bytes: &mut Vec<u8>) {
    let mut rest = content;
    loop {
        let (block, after) = rest.split_at(rest.len().min(STORED_MAX));
        let length = (block.len() as u16).to_le_bytes();
        bytes.extend_from_slice(&[u8::from(after.is_empty()), length[0], length[1], !length[0], !length[1]]);
        bytes.extend_from_slice(block);
        rest = after;
        if rest.is_empty() {
            return;
        }
    }
}

fn finish(content: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&crc32(content).to_le_bytes());
    bytes.extend_from_slice(&(content.len() as u32).to_le_bytes());
    let length = (bytes.len() as u32).to_le_bytes();
    bytes[FIXED.len()..HEADER].copy_from_slice(&length);
}

/// The compressed data of a member whose header and length are right.
fn data_of(member: &[u8]) -> Result<&[u8], MemberFault> {
    let header = member.first_chunk::<HEADER>().ok_or(MemberFault::Truncated)?;
    if member_len(header)? != member.len() {
        return Err(MemberFault::Length);
    }
    Ok(&member[HEADER..member.len() - TRAILER])
}

fn check_trailer(member: &[u8], content: &[u8]) -> Result<(), MemberFault> {
    let mut trailer = [0; TRAILER];
    trailer[..4].copy_from_slice(&crc32(content).to_le_bytes());
    trailer[4..].copy_from_slice(&(content.len() as u32).to_le_bytes());
    if member.ends_with(&trailer) { Ok(()) } else { Err(MemberFault::Checksum) }
}

fn crc32(content: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(content);
    crc.sum()
}

#[cfg(test)]
mod tests;
