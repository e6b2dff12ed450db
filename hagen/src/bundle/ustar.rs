//! The one tar header that this program writes for a file, byte for byte.
//!
//! There is one spelling for a path, a mode and a size, so a reader checks an archive by writing the header
//! again and comparing. Knows POSIX ustar (IEEE 1003.1, pax, "ustar Interchange Format"); folders, links and
//! extended headers do not occur.

use std::borrow::Cow;

use crate::tree::TreePath;

/// Bytes of a header, and the multiple to which contents are padded.
pub(crate) const BLOCK: usize = 512;
/// Two zero blocks end an archive.
pub(crate) const END_BYTES: usize = 2 * BLOCK;
/// Modification time of every file: 2000-01-01T00:00:00Z. Not 0, because GNU tar warns of implausibly old files.
pub(crate) const MTIME: u64 = 946_684_800;

/// The largest size that eleven octal digits hold; a larger file has its size in base 256, as GNU tar,
/// bsdtar, Python and busybox write and read it.
const OCTAL_SIZE_MAX: u64 = 0o77_777_777_777;

/// A field of the header: where it starts and its length.
#[derive(Clone, Copy)]
struct Field(usize, usize);

const NAME: Field = Field(0, 100);
const MODE: Field = Field(100, 8);
const UID: Field = Field(108, 8);
const GID: Field = Field(116, 8);
const SIZE: Field = Field(124, 12);
const TIME: Field = Field(136, 12);
const CHECKSUM: Field = Field(148, 8);
const TYPE: Field = Field(156, 1);
const LINK: Field = Field(157, 100);
const MAGIC: Field = Field(257, 8);
const USER: Field = Field(265, 32);
const GROUP: Field = Field(297, 32);
const DEVICE_MAJOR: Field = Field(329, 8);
const DEVICE_MINOR: Field = Field(337, 8);
const PREFIX: Field = Field(345, 155);

/// Every field with its name for messages, in the order of the header.
const FIELDS: [(Field, &str); 15] = [
    (NAME, "name"),
    (MODE, "mode"),
    (UID, "owner id"),
    (GID, "group id"),
    (SIZE, "size"),
    (TIME, "modification time"),
    (CHECKSUM, "checksum"),
    (TYPE, "type"),
    (LINK, "link target"),
    (MAGIC, "magic"),
    (USER, "owner name"),
    (GROUP, "group name"),
    (DEVICE_MAJOR, "device number"),
    (DEVICE_MINOR, "device number"),
    (PREFIX, "prefix"),
];

/// A header block.
pub(crate) type Header = [u8; BLOCK];

/// The header of a regular file.
pub(crate) fn header(path: &TreePath, mode: u32, size: u64) -> Header {
    let mut header = [0; BLOCK];
    let (prefix, name) = path.ustar();
    put(&mut header, NAME, name.as_bytes());
    put(&mut header, MODE, format!("{mode:07o}").as_bytes());
    put(&mut header, UID, b"0000000");
    put(&mut header, GID, b"0000000");
    if size <= OCTAL_SIZE_MAX {
        put(&mut header, SIZE, format!("{size:011o}").as_bytes());
    } else {
        let mut base256 = [0; 12];
        base256[0] = 0x80;
        base256[4..].copy_from_slice(&size.to_be_bytes());
        put(&mut header, SIZE, &base256);
    }
    put(&mut header, TIME, format!("{MTIME:011o}").as_bytes());
    put(&mut header, TYPE, b"0");
    put(&mut header, MAGIC, b"ustar\x0000");
    put(&mut header, USER, b"root");
    put(&mut header, GROUP, b"root");
    put(&mut header, DEVICE_MAJOR, b"0000000");
    put(&mut header, DEVICE_MINOR, b"0000000");
    put(&mut header, PREFIX, prefix.as_bytes());
    let sum = checksum(&header);
    put(&mut header, CHECKSUM, format!("{sum:06o}\0 ").as_bytes());
    header
}

/// Zero bytes after a content of `size` bytes.
pub(crate) fn padding(size: u64) -> usize {
    let rest = (size % BLOCK as u64) as usize;
    if rest == 0 { 0 } else { BLOCK - rest }
}

/// A foreign header, read only to say what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// Prefix and name, with whatever bytes they hold.
    pub(crate) path: String,
    /// Size of the content that follows, when it can be told.
    pub(crate) size: Option<u64>,
    /// What the type flag says, as a noun.
    pub(crate) kind: &'static str,
    /// The permission bits, when they can be told.
    pub(crate) mode: Option<u32>,
}

/// Reads a header leniently; `None` when its checksum is wrong, so that it is damaged rather than foreign.
pub(crate) fn foreign(header: &Header) -> Option<Foreign> {
    if octal(get(header, CHECKSUM))? != u64::from(checksum(header)) {
        return None;
    }
    let (prefix, name) = (text(get(header, PREFIX)), text(get(header, NAME)));
    let path = if prefix.is_empty() { name.into_owned() } else { format!("{prefix}/{name}") };
    let size = get(header, SIZE);
    let size = if size[0] & 0x80 != 0 {
        size[4..].try_into().ok().map(u64::from_be_bytes).filter(|_| size[..4] == [0x80, 0, 0, 0])
    } else {
        octal(size)
    };
    let kind = match get(header, TYPE)[0] {
        b'0' | 0 => "file",
        b'1' => "hard link",
        b'2' => "symbolic link",
        b'3' => "character device",
        b'4' => "block device",
        b'5' => "folder",
        b'6' => "pipe",
        b'x' | b'g' => "extended header",
        b'L' | b'K' => "long-name header",
        _ => "thing of an unknown type",
    };
    Some(Foreign { path, size, kind, mode: octal(get(header, MODE)).and_then(|m| u32::try_from(m).ok()) })
}

/// The first field in which two headers differ; the checksum only when nothing else does.
pub(crate) fn difference(found: &Header, expected: &Header) -> Option<&'static str> {
    let differs = |(field, name): &(Field, &'static str)| {
        (get(found, *field) != get(expected, *field)).then_some(*name)
    };
    let plain = FIELDS.iter().filter(|(_, name)| *name != "checksum").find_map(differs);
    let unused = || (found[500..] != expected[500..]).then_some("unused bytes");
    plain.or_else(unused).or_else(|| (found != expected).then_some("checksum"))
}

fn put(header: &mut Header, Field(start, length): Field, value: &[u8]) {
    let length = length.min(value.len());
    header[start..start + length].copy_from_slice(&value[..length]);
}

fn get(header: &Header, Field(start, length): Field) -> &[u8] {
    &header[start..start + length]
}

/// Sum of all bytes, the checksum field taken as spaces.
fn checksum(header: &Header) -> u32 {
    let field = CHECKSUM.0..CHECKSUM.0 + CHECKSUM.1;
    header
        .iter()
        .enumerate()
        .map(|(at, byte)| u32::from(if field.contains(&at) { b' ' } else { *byte }))
        .sum()
}

/// Octal digits up to a NUL or space.
fn octal(field: &[u8]) -> Option<u64> {
    let end = field.iter().position(|b| matches!(b, 0 | b' ')).unwrap_or(field.len());
    field[..end].iter().try_fold(0_u64, |value, byte| match byte {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    })
}

/// Bytes up to a NUL.
fn text(field: &[u8]) -> Cow<'_, str> {
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end])
}

#[cfg(test)]
mod tests;
