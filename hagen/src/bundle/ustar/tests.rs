//! The header is read by the `tar` crate as it was meant, and every field that differs is named.

use proptest::prelude::*;

use super::*;

fn path(text: &str) -> TreePath {
    TreePath::new(text).unwrap()
}

#[test]
fn another_reader_agrees() {
    let long = format!("rootfs/{}/{}", "a".repeat(120), "b".repeat(90));
    for (name, mode, size) in [
        ("apply", 0o755, 0),
        ("rootfs/etc/hosts", 0o644, 1),
        (&*long, 0o600, OCTAL_SIZE_MAX),
        ("packages/large.tar", 0o644, OCTAL_SIZE_MAX + 1),
        ("packages/larger.tar", 0o644, 1 << 50),
    ] {
        let ours = header(&path(name), mode, size);
        let mut theirs = tar::Header::new_old();
        theirs.as_mut_bytes().copy_from_slice(&ours);
        assert_eq!(theirs.path_bytes(), name.as_bytes());
        assert_eq!(theirs.mode().unwrap(), mode);
        assert_eq!(theirs.size().unwrap(), size);
        assert_eq!(theirs.mtime().unwrap(), MTIME);
        assert_eq!((theirs.uid().unwrap(), theirs.gid().unwrap()), (0, 0));
        assert_eq!(theirs.cksum().unwrap(), checksum(&ours));
        assert!(theirs.entry_type().is_file());
        assert!(theirs.as_ustar().is_some());

        let read = foreign(&ours).unwrap();
        assert_eq!((&*read.path, read.size, read.mode), (name, Some(size), Some(mode)));
    }
}

#[test]
fn padding_fills_a_block() {
    for (size, zeros) in [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)] {
        assert_eq!(padding(size), zeros);
    }
}

#[test]
fn the_fields_cover_the_header() {
    let mut at = 0;
    for (Field(start, length), name) in FIELDS {
        assert_eq!(start, at, "{name}");
        at += length;
    }
    assert_eq!(at, 500);
}

#[test]
fn a_difference_is_named() {
    let one = header(&path("a"), 0o644, 5);
    assert_eq!(difference(&one, &one), None);
    assert_eq!(difference(&header(&path("b"), 0o644, 5), &one), Some("name"));
    assert_eq!(difference(&header(&path("a"), 0o600, 5), &one), Some("mode"));
    assert_eq!(difference(&header(&path("a"), 0o644, 6), &one), Some("size"));
    let mut junk = one;
    junk[511] = 1;
    assert_eq!(difference(&junk, &one), Some("unused bytes"));
    let mut junk = one;
    junk[155] = b'0';
    assert_eq!(difference(&junk, &one), Some("checksum"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), BLOCK)) {
        let mut header: Header = bytes.try_into().unwrap();
        foreign(&header);
        let sum = format!("{:06o}\0 ", checksum(&header));
        put(&mut header, CHECKSUM, sum.as_bytes());
        prop_assert!(foreign(&header).is_some());
    }

    #[test]
    fn any_flipped_bit_is_seen(at in 0..BLOCK, bit in 0..8) {
        let one = header(&path("rootfs/etc/hosts"), 0o644, 12_345);
        let mut other = one;
        other[at] ^= 1_u8 << bit;
        prop_assert!(difference(&other, &one).is_some());
    }
}
