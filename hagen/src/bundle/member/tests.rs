//! Members are read by another gzip reader, and no bit of one can change unnoticed.

use std::io::Read;

use proptest::prelude::*;

use super::*;

/// Bytes that do not compress: SHA-256 in counter mode.
fn noise(length: usize) -> Vec<u8> {
    let blocks = (0..length.div_ceil(32)).flat_map(|n| <[u8; 32]>::from(Sha256::digest(n.to_le_bytes())));
    blocks.take(length).collect()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut content = vec![];
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut content).unwrap();
    content
}

fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let counting = (0..CHUNK).map(|n| n as u8).collect();
    let half = [vec![0; CHUNK / 2], noise(CHUNK / 2)].concat();
    vec![
        ("empty", vec![]),
        ("one byte", vec![7]),
        ("zeros", vec![0; CHUNK]),
        ("text", b"keepalived ".repeat(5000)),
        ("noise", noise(CHUNK)),
        ("short noise", noise(1000)),
        ("odd noise", noise(STORED_MAX + 1)),
        ("flat histogram but regular", counting),
        ("half", half),
    ]
}

#[test]
fn packs_and_unpacks() {
    let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
    for (name, content) in cases() {
        let packed = packer.pack(&content);
        assert_eq!(gunzip(&packed.bytes), content, "{name}");
        assert_eq!(unpacker.unpack(&packed.bytes).unwrap(), content, "{name}");
        assert!(packed.bytes.len() <= MEMBER_MAX, "{name}");
        assert_eq!(
            packed.bytes,
            Packer::default().pack(&content).bytes,
            "{name}: depends on what came before"
        );

        let stored = stored(&content);
        assert_eq!(gunzip(&stored), content, "{name}");
        assert_eq!(unstored(&stored).unwrap(), content, "{name}");
        assert_eq!(stored.len(), stored_member_len(content.len()), "{name}");
    }
}

#[test]
fn dense_chunks_are_stored_and_others_are_not() {
    let mut packer = Packer::default();
    for (name, content) in cases() {
        let stored = packer.pack(&content).bytes == stored(&content);
        assert_eq!(stored, name.contains("noise"), "{name}");
    }
}

#[test]
fn other_spellings_of_a_stored_member_are_refused() {
    let respell = |data: &[u8], content: &[u8]| {
        let mut bytes = vec![];
        begin(&mut bytes);
        bytes.extend_from_slice(data);
        finish(content, &mut bytes);
        assert_eq!(gunzip(&bytes), content, "the case itself is not valid gzip");
        unstored(&bytes)
    };
    assert!(respell(&[1, 1, 0, 0xfe, 0xff, b'x'], b"x").is_ok());
    // Two blocks instead of one; an empty last block; junk in the five bits that deflate skips.
    for data in [
        &[0, 1, 0, 0xfe, 0xff, b'x', 1, 1, 0, 0xfe, 0xff, b'x'][..],
        &[0, 1, 0, 0xfe, 0xff, b'x', 1, 0, 0, 0xff, 0xff],
        &[0b1010_1001, 1, 0, 0xfe, 0xff, b'x'],
    ] {
        let content = if data.len() == 12 { &b"xx"[..] } else { b"x" };
        assert_eq!(respell(data, content), Err(MemberFault::Deflate));
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    let mut bomb = vec![];
    begin(&mut bomb);
    let mut deflate = Compress::new(Compression::new(9), false);
    let content = vec![0; 64 * 1024 * 1024];
    bomb.reserve(1 << 20);
    deflate.compress_vec(&content, &mut bomb, FlushCompress::Finish).unwrap();
    finish(&content, &mut bomb);
    assert_eq!(Unpacker::default().unpack(&bomb), Err(MemberFault::Length));
    let claim = bomb.len() - 4;
    bomb[claim..].copy_from_slice(&(CHUNK as u32).to_le_bytes());
    assert_eq!(Unpacker::default().unpack(&bomb), Err(MemberFault::Deflate));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(junk in proptest::collection::vec(any::<u8>(), 0..200), framed: bool) {
        let mut bytes = vec![];
        if framed {
            begin(&mut bytes);
        }
        bytes.extend_from_slice(&junk);
        if framed {
            finish(&junk, &mut bytes);
        }
        let _ = Unpacker::default().unpack(&bytes);
        let _ = unstored(&bytes);
    }

    #[test]
    fn a_flipped_bit_is_seen(content in proptest::collection::vec(0..4_u8, 0..3000), at: prop::sample::Index, bit in 0..8) {
        let packed = Packer::default().pack(&content);
        let mut bytes = packed.bytes;
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        // Either the member is refused, or it says the same in other bits: then its digest tells.
        if let Ok(other) = Unpacker::default().unpack(&bytes) {
            prop_assert_eq!(&other, &content);
            prop_assert_ne!(<[u8; 32]>::from(Sha256::digest(&bytes)), packed.sha256);
        }
        let mut bytes = stored(&content);
        let at = at % bytes.len();
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(unstored(&bytes).is_err());
    }
}
