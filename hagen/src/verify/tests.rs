//! Whatever is changed in a bundle is found, and named.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::bundle::manifest::Digest;
use crate::bundle::member::{self, CHUNK, Packer};
use crate::bundle::payload::Measured;
use crate::bundle::{Options, layout, sample};

/// A place for one bundle file.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("b.tar.gz")
    }

    /// Puts a file there; a new one each time, for truncating an old one waits for the disk.
    fn put(&self, bytes: &[u8]) {
        let _ = fs::remove_file(self.path());
        fs::write(self.path(), bytes).unwrap();
    }

    fn verify(&self, bytes: &[u8]) -> Result<Report, VerifyError> {
        self.put(bytes);
        verify(&self.path(), None)
    }

    /// What is wrong with these bytes, one problem per line.
    fn problems(&self, bytes: &[u8]) -> String {
        match self.verify(bytes) {
            Err(VerifyError::Bad(problems)) => problems.to_string(),
            other => panic!("{other:?}"),
        }
    }
}

fn small() -> Vec<u8> {
    sample::bytes(&sample::small("lb1"), Options::default())
}

/// The smallest of bundles, so that every byte of it can be tried.
fn tiny() -> Vec<u8> {
    crafted(plain(&ALL))
}

/// A bundle with payload, and the folder that holds it.
fn large() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let payload = sample::payload(folder.path());
    sample::bytes(&sample::large("lb1", &payload, &Measured::default()), Options::default())
}

/// The manifest of a bundle.
fn manifest(bytes: &[u8]) -> Manifest {
    let place = Place::new();
    place.put(bytes);
    Archive::open(&place.path()).unwrap().manifest
}

/// The members of a bundle.
fn members(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut members = vec![];
    while let Some(header) = bytes.first_chunk() {
        let (member, rest) = bytes.split_at(member::member_len(header).unwrap());
        members.push(member);
        bytes = rest;
    }
    members
}

/// The tar bytes after the head.
fn body(bytes: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    let skip = members(bytes)[0].len();
    std::io::copy(&mut MultiGzDecoder::new(&bytes[skip..]), &mut body).unwrap();
    body
}

/// A bundle with this manifest's files and this body, packed as hagen packs and sealed anew: what remains
/// wrong is the tar archive itself.
fn forge(mut manifest: Manifest, body: &[u8]) -> Vec<u8> {
    let mut packer = Packer::default();
    let packed = body.chunks(CHUNK).map(|chunk| packer.pack(chunk)).collect::<Vec<_>>();
    let digests = packed.iter().flat_map(|member| member.sha256).collect::<Vec<_>>();
    manifest.packed = Digest::of(&digests);
    let mut bytes = head(&manifest);
    bytes.extend(packed.into_iter().flat_map(|member| member.bytes));
    bytes
}

fn head(manifest: &Manifest) -> Vec<u8> {
    let spelled = manifest.to_bytes().unwrap();
    let sums = manifest.sums(&spelled);
    member::stored(&layout::head(&layout::head_files(&spelled, None, &sums)))
}

#[test]
fn a_good_bundle_holds() {
    let place = Place::new();
    let report = place.verify(&small()).unwrap();
    assert_eq!((&*report.node, report.files, report.secrets), ("lb1", 8, 1));
    assert_eq!(report.signature, Signature::Unsigned);
    insta::assert_snapshot!(report.to_string().replace(env!("CARGO_PKG_VERSION"), "VERSION").lines().skip(1)
        .filter(|line| !line.starts_with("files")).collect::<Vec<_>>().join("\n"), @r"
    node      lb1
    generator hagen VERSION
    signature none: whole, but anyone may have made it
    waived    QR-3: a lab
    ");
    place.verify(&large()).unwrap();
    assert_eq!(forge(manifest(&small()), &body(&small())), small());
}

#[test]
fn every_byte_counts() {
    let place = Place::new();
    let good = tiny();
    let mut bytes = good.clone();
    for at in 0..bytes.len() {
        bytes[at] ^= 1 << (at % 8);
        assert!(place.verify(&bytes).is_err(), "byte {at} of {}", good.len());
        bytes[at] = good[at];
    }
}

#[test]
fn every_byte_of_the_other_members_counts_too() {
    let place = Place::new();
    let good = large();
    let mut bytes = good.clone();
    // The stored payload is covered by its length; its inside is sampled.
    for at in (0..bytes.len()).step_by(211) {
        bytes[at] ^= 1 << (at % 8);
        assert!(place.verify(&bytes).is_err(), "byte {at} of {}", good.len());
        bytes[at] = good[at];
    }
}

#[test]
fn every_truncation_is_found() {
    let place = Place::new();
    let good = tiny();
    for length in 0..good.len() {
        assert!(place.verify(&good[..length]).is_err(), "{length} of {}", good.len());
    }
    let good = large();
    for length in (0..good.len()).step_by(4001) {
        assert!(place.verify(&good[..length]).is_err(), "{length} of {}", good.len());
    }
}

#[test]
fn every_extension_is_found() {
    let place = Place::new();
    let good = small();
    let parts = members(&good);
    let empty = Packer::default().pack(b"").bytes;
    let zeros = Packer::default().pack(&[0; 512]).bytes;
    let mut plain = vec![];
    flate2::write::GzEncoder::new(&mut plain, flate2::Compression::default()).write_all(b"x").unwrap();
    for more in
        [b"\0", b"x" as &[u8], &[0; 512], &[0; 10_240], &empty, &zeros, &plain, parts[0], parts[1], &good]
    {
        let long = [&good, more].concat();
        assert_eq!(place.problems(&long), "(the archive): there is more after the end of the archive");
    }
    // An empty member between the others yields nothing, and is found all the same.
    let between = [parts[0], &empty, parts[1]].concat();
    assert_eq!(place.problems(&between), "apply: it is packed in other pieces than hagen packs");
    let doubled = [parts[0], parts[0], parts[1]].concat();
    assert!(place.problems(&doubled).contains("manifest.json: added"));
}

#[test]
fn other_packing_of_the_same_content_is_found() {
    let place = Place::new();
    let good = small();
    let manifest = manifest(&good);
    let body = body(&good);
    let with = |packed: Vec<u8>| [head(&manifest), packed].concat();
    assert_eq!(
        place.problems(&with(member::stored(&body))),
        "(the archive): its packed data are not those that were sealed, though they yield the same"
    );
    let (left, right) = body.split_at(1000);
    let mut packer = Packer::default();
    let pieces = with([packer.pack(left).bytes, packer.pack(right).bytes].concat());
    assert_eq!(place.problems(&pieces), "apply: it is packed in other pieces than hagen packs");

    let mut plain = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
    std::io::copy(&mut MultiGzDecoder::new(&*good), &mut plain).unwrap();
    let plain = plain.finish().unwrap();
    assert_eq!(place.problems(&plain), "(the archive): this is not a bundle: it does not begin as one");

    let good = large();
    let parts = members(&good);
    let text = parts.iter().position(|part| {
        let content = member::Unpacker::default().unpack(part);
        content.is_ok_and(|content| content.starts_with(b"0 1 2 3"))
    });
    let text = text.unwrap();
    let content = member::Unpacker::default().unpack(parts[text]).unwrap();
    let other = member::stored(&content);
    let mut parts = parts;
    parts[text] = &other;
    assert_eq!(
        place.problems(&parts.concat()),
        "packages/deb/text: its packed data are not those that were sealed, though they yield the same"
    );
}

/// An archive made by another program.
struct Forgery {
    tar: tar::Builder<Vec<u8>>,
}

impl Forgery {
    fn entry(&mut self, path: &str, content: &[u8], change: impl FnOnce(&mut tar::Header)) {
        let mut header = tar::Header::new_ustar();
        let name = &mut header.as_old_mut().name;
        name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_mode(0o644);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(content.len() as u64);
        header.set_mtime(946_684_800);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root").unwrap();
        header.set_groupname("root").unwrap();
        header.set_device_major(0).unwrap();
        header.set_device_minor(0).unwrap();
        change(&mut header);
        // The spelling of GNU tar and of hagen: six digits, NUL, space; the crate writes seven digits.
        header.set_cksum();
        let sum = format!("{:06o}\0 ", header.cksum().unwrap());
        header.as_old_mut().cksum.copy_from_slice(sum.as_bytes());
        self.tar.append(&header, content).unwrap();
    }
}

/// A bundle of the files `apply` and `rootfs/{a,b,c}`, each holding its name, and an archive that differs.
fn crafted(build: impl FnOnce(&mut Forgery)) -> Vec<u8> {
    let mut manifest = manifest(&small());
    let template = manifest.files[0].clone();
    manifest.files = ["apply", "rootfs/a", "rootfs/b", "rootfs/c"]
        .map(|path| crate::bundle::FileRecord {
            path: crate::tree::TreePath::new(path).unwrap(),
            mode: crate::bundle::manifest::Mode(0o644),
            size: path.len() as u64,
            sha256: Digest::of(path.as_bytes()),
            ..template.clone()
        })
        .into();
    let mut forgery = Forgery { tar: tar::Builder::new(vec![]) };
    build(&mut forgery);
    forge(manifest, &forgery.tar.into_inner().unwrap())
}

fn plain(paths: &[&str]) -> impl FnOnce(&mut Forgery) {
    move |tar| paths.iter().for_each(|path| tar.entry(path, path.as_bytes(), |_| {}))
}

const ALL: [&str; 4] = ["apply", "rootfs/a", "rootfs/b", "rootfs/c"];

#[test]
fn crafted_archives_are_named() {
    let place = Place::new();
    place.verify(&crafted(plain(&ALL))).expect("the forger's tools make good bundles");

    let changed = |path: &'static str, change: fn(&mut tar::Header)| {
        crafted(move |tar| {
            for name in ALL {
                tar.entry(name, name.as_bytes(), |header| {
                    if name == path {
                        change(header)
                    }
                });
            }
        })
    };
    let content = |path: &'static str, content: &'static [u8]| {
        crafted(move |tar| {
            for name in ALL {
                tar.entry(name, if name == path { content } else { name.as_bytes() }, |_| {});
            }
        })
    };
    let special = |path: &'static str, kind: tar::EntryType| {
        crafted(move |tar| {
            for name in ALL {
                tar.entry(name, name.as_bytes(), |_| {});
                if name == "rootfs/a" {
                    tar.entry(path, b"", |header| {
                        header.set_entry_type(kind);
                        header.set_link_name("/etc/shadow").unwrap();
                    });
                }
            }
        })
    };
    let padded = |at: usize| {
        crafted(move |forgery| {
            plain(&ALL)(forgery);
            forgery.tar.get_mut()[at] = 1;
        })
    };
    for (bytes, expected) in [
        (crafted(plain(&["apply", "rootfs/a", "rootfs/c"])), "rootfs/b: missing"),
        (crafted(plain(&["apply", "rootfs/a", "rootfs/b"])), "rootfs/c: missing"),
        (crafted(plain(&["rootfs/a", "rootfs/b", "rootfs/c"])), "apply: missing"),
        (crafted(plain(&[])), "apply: missing\nrootfs/a: missing\nrootfs/b: missing\nrootfs/c: missing"),
        (crafted(plain(&["apply", "rootfs/a", "rootfs/c", "rootfs/b"])), "rootfs/c: out of order"),
        (
            crafted(plain(&["apply", "rootfs/a", "rootfs/a", "rootfs/b", "rootfs/c"])),
            "rootfs/a: there more than once",
        ),
        (
            crafted(plain(&["apply", "rootfs/a", "rootfs/aa", "rootfs/b", "rootfs/c"])),
            "rootfs/aa: added: the manifest does not list this file",
        ),
        (
            crafted(plain(&["apply", "rootfs/a", "rootfs/b", "rootfs/c", "rootfs/d"])),
            "rootfs/d: added: the manifest does not list this file",
        ),
        (
            crafted(plain(&["apply", "rootfs/a", "rootfs/x", "rootfs/c"])),
            "rootfs/x: added: the manifest does not list this file\nrootfs/b: missing",
        ),
        (
            crafted(plain(&["apply", "rootfs/a", "rootfs/b", "rootfs/c", "/etc/passwd"])),
            "/etc/passwd: added: the manifest does not list this file",
        ),
        (
            crafted(plain(&["../evil", "apply", "rootfs/a", "rootfs/b", "rootfs/c"])),
            "../evil: added: the manifest does not list this file",
        ),
        (
            crafted(plain(&["a\x1b[2J\n", "apply", "rootfs/a", "rootfs/b", "rootfs/c"])),
            "a\\u{1b}[2J\\n: added: the manifest does not list this file",
        ),
        (
            special("rootfs/l", tar::EntryType::Symlink),
            "rootfs/l: added: the manifest does not list this symbolic link",
        ),
        (
            special("rootfs/l", tar::EntryType::Link),
            "rootfs/l: added: the manifest does not list this hard link",
        ),
        (
            special("rootfs/", tar::EntryType::Directory),
            "rootfs/: added: the manifest does not list this folder",
        ),
        (special("d", tar::EntryType::Char), "d: added: the manifest does not list this character device"),
        (special("d", tar::EntryType::Block), "d: added: the manifest does not list this block device"),
        (special("p", tar::EntryType::Fifo), "p: added: the manifest does not list this pipe"),
        (
            special("pax", tar::EntryType::XHeader),
            "pax: added: the manifest does not list this extended header",
        ),
        (
            special("pax", tar::EntryType::XGlobalHeader),
            "pax: added: the manifest does not list this extended header",
        ),
        (
            special("@", tar::EntryType::GNULongName),
            "@: added: the manifest does not list this long-name header",
        ),
        (changed("rootfs/b", |h| h.set_mode(0o755)), "rootfs/b: mode is 0755, the manifest says 0644"),
        (changed("rootfs/b", |h| h.set_mode(0o4644)), "rootfs/b: mode is 4644, the manifest says 0644"),
        (
            changed("rootfs/b", |h| h.set_uid(1000)),
            "rootfs/b: its tar header has another owner id than hagen writes",
        ),
        (
            changed("rootfs/b", |h| h.set_gid(1000)),
            "rootfs/b: its tar header has another group id than hagen writes",
        ),
        (
            changed("rootfs/b", |h| h.set_mtime(946_684_801)),
            "rootfs/b: its tar header has another modification time than hagen writes",
        ),
        (
            changed("rootfs/b", |h| h.set_username("eve").unwrap()),
            "rootfs/b: its tar header has another owner name than hagen writes",
        ),
        (
            changed("rootfs/b", |h| h.set_device_major(1).unwrap()),
            "rootfs/b: its tar header has another device number than hagen writes",
        ),
        (
            changed("rootfs/b", |h| h.as_mut_bytes()[505] = b'x'),
            "rootfs/b: its tar header has another unused bytes than hagen writes",
        ),
        (
            changed("rootfs/b", |h| h.as_old_mut().name[50] = b'x'),
            "rootfs/b: its tar header has another name than hagen writes",
        ),
        (
            changed("rootfs/b", |h| h.set_entry_type(tar::EntryType::Continuous)),
            "rootfs/b: is a thing of an unknown type, not a file",
        ),
        (
            content("rootfs/b", b"ROOTFS/B"),
            "rootfs/b: changed: SHA-256 is dd7a62db6db81a8a0e1a6cb8bd9b1b7fd0ed0ef5bfa45f8b7ea4b0b2a7a3d3b1, the manifest says",
        ),
        (content("rootfs/b", b"longer than it was"), "rootfs/b: changed: 18 bytes, the manifest says 8"),
        (padded(512 + 100), "apply: the bytes after it are not zero"),
        (padded(3 * 1024 + 1023), "rootfs/c: the bytes after it are not zero"),
    ] {
        let problems = place.problems(&bytes);
        match expected.split_once("SHA-256 is") {
            Some((before, _)) => assert!(problems.starts_with(before), "{problems}"),
            None => assert_eq!(problems, expected),
        }
    }
}

#[test]
fn the_end_of_the_archive_is_exact() {
    let place = Place::new();
    let good = small();
    let (manifest, body) = (manifest(&good), body(&good));
    let problems = |body: &[u8]| place.problems(&forge(manifest.clone(), body));
    assert_eq!(problems(&body[..body.len() - 512]), "(the archive): the archive is cut off here");
    assert_eq!(problems(&body[..body.len() - 1024]), "(the archive): the archive is cut off here");
    assert_eq!(
        problems(&[&body[..], &[0; 512]].concat()),
        "(the archive): there is more after the end of the archive"
    );
    let mut junk = body.clone();
    *junk.last_mut().unwrap() = 1;
    assert_eq!(problems(&junk), "(the archive): the bytes after it are not zero");
    let mut junk = body.clone();
    let end = junk.len();
    junk[end - 1024] = 1;
    assert_eq!(problems(&junk), "(the archive): the bytes after it are not zero");
}

#[test]
fn a_damaged_header_is_named() {
    let place = Place::new();
    let good = small();
    let (manifest, mut body) = (manifest(&good), body(&good));
    let at = body.windows(19).position(|bytes| bytes == b"cloud-init/meta-dat").unwrap();
    body[at + 130] ^= 1;
    assert_eq!(place.problems(&forge(manifest, &body)), "cloud-init/meta-data: its tar header is damaged");
}

#[test]
fn heads_that_lie_are_refused() {
    let place = Place::new();
    let good = small();
    let (manifest, parts) = (manifest(&good), members(&good));
    let spelled = manifest.to_bytes().unwrap();
    let sums = manifest.sums(&spelled);
    let with = |files: &[layout::HeadFile<'_>]| {
        place.problems(&[&member::stored(&layout::head(files)), parts[1]].concat())
    };
    let other = String::from_utf8(sums.clone()).unwrap().replace("  apply", "  Apply").into_bytes();
    assert_eq!(
        with(&[("manifest.json", &spelled), ("SHA256SUMS", &other)]),
        "SHA256SUMS: does not say what the manifest says"
    );
    assert_eq!(with(&[("manifest.json", &spelled)]), "SHA256SUMS: missing");
    assert_eq!(with(&[("SHA256SUMS", &sums), ("manifest.json", &spelled)]), "manifest.json: missing");
    assert_eq!(
        with(&[("manifest.json", &spelled), ("SHA256SUMS", &sums), ("apply", b"x")]),
        "apply: added: the manifest does not list this file"
    );
    assert!(
        with(&[("manifest.json", b"{}"), ("SHA256SUMS", &sums)])
            .starts_with("manifest.json: it is not a manifest")
    );
    let signed = Manifest { signer: Some("0123456789ABCDEF".to_owned()), ..manifest.clone() };
    assert_eq!(place.problems(&[&head(&signed), parts[1]].concat()), "manifest.json.minisig: missing");
    let packed =
        Packer::default().pack(&layout::head(&[("manifest.json", &spelled), ("SHA256SUMS", &sums)])).bytes;
    assert_eq!(
        place.problems(&[&packed, parts[1]].concat()),
        "manifest.json: its compressed data is damaged"
    );
    let nothing = place.problems(b"");
    assert_eq!(nothing, "(the archive): this is not a bundle: it does not begin as one");
    assert!(matches!(verify(&place.0.path().join("missing"), None), Err(VerifyError::Read(_))));
}

#[test]
fn a_signature_is_demanded_with_a_key_and_checked() {
    let place = Place::new();
    let (folder, key) = sample::key();
    let (other_folder, other) = sample::key();
    let public = |folder: &TempDir| VerifyingKey::read(&folder.path().join("key.pub")).unwrap();
    let draft = sample::small("lb1");
    let bytes = |key| sample::bytes(&draft, Options { key, ..Options::default() });
    let with_key = |bytes: &[u8]| {
        place.put(bytes);
        verify(&place.path(), Some(&public(&folder)))
    };
    let good = bytes(Some(&key));
    assert!(matches!(with_key(&good).unwrap().signature, Signature::Good { .. }));
    assert!(matches!(place.verify(&good).unwrap().signature, Signature::Unchecked { .. }));

    let unsigned = with_key(&bytes(None)).unwrap_err().to_string();
    assert_eq!(unsigned, "manifest.json.minisig: missing: the bundle is not signed, and a key was given");
    let foreign = with_key(&bytes(Some(&other))).unwrap_err().to_string();
    assert!(foreign.starts_with("manifest.json.minisig: it is by key"), "{foreign}");
    assert_ne!(public(&other_folder).id().to_string(), key.id().to_string());

    // The signature of one manifest on another that names the same node and inputs.
    let mut evil = draft.clone();
    evil.waivers.clear();
    let evil = sample::bytes(&evil, Options { key: Some(&key), ..Options::default() });
    let open = |bytes: &[u8]| {
        place.put(bytes);
        Archive::open(&place.path()).unwrap()
    };
    let good_signature = open(&good).signature.unwrap();
    let evil_archive = open(&evil);
    let sums = evil_archive.manifest.sums(&evil_archive.manifest_bytes);
    let files = layout::head_files(&evil_archive.manifest_bytes, Some(&good_signature), &sums);
    let forged = [&member::stored(&layout::head(&files)), members(&evil)[1]].concat();
    assert!(place.verify(&forged).is_ok(), "without a key the swap cannot be seen");
    let refused = with_key(&forged).unwrap_err().to_string();
    assert_eq!(
        refused,
        "manifest.json.minisig: it does not fit the manifest: the manifest is not what the key's owner signed"
    );
}

/// Unpacks a bundle.
fn unpacked(bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut tar = tar::Archive::new(MultiGzDecoder::new(bytes));
    tar.set_preserve_permissions(true);
    tar.unpack(folder.path()).unwrap();
    folder
}

#[test]
fn an_unpacked_bundle_is_verified_too() {
    let (_keys, key) = sample::key();
    let good = sample::bytes(&sample::small("lb1"), Options { key: Some(&key), ..Options::default() });
    let report = verify(unpacked(&good).path(), None).unwrap();
    assert_eq!(report, Place::new().verify(&good).unwrap());

    let broken = |change: &dyn Fn(&Path)| {
        let folder = unpacked(&good);
        change(folder.path());
        verify(folder.path(), None).unwrap_err().to_string()
    };
    let hosts = |folder: &Path| folder.join("rootfs/etc/hosts");
    assert!(
        broken(&|folder| fs::write(hosts(folder), "127.0.0.1 localhosT\n").unwrap())
            .starts_with("rootfs/etc/hosts: changed: SHA-256 is")
    );
    assert_eq!(
        broken(&|folder| fs::write(hosts(folder), "x").unwrap()),
        "rootfs/etc/hosts: changed: 1 bytes, the manifest says 20"
    );
    assert_eq!(broken(&|folder| fs::remove_file(hosts(folder)).unwrap()), "rootfs/etc/hosts: missing");
    assert_eq!(
        broken(&|folder| fs::write(folder.join("rootfs/etc/x"), "").unwrap()),
        "rootfs/etc/x: added: the manifest does not list this file"
    );
    assert_eq!(
        broken(&|folder| fs::set_permissions(hosts(folder), fs::Permissions::from_mode(0o666)).unwrap()),
        "rootfs/etc/hosts: mode is 0666, the manifest says 0644"
    );
    assert_eq!(
        broken(&|folder| fs::set_permissions(folder.join("SHA256SUMS"), fs::Permissions::from_mode(0o4644))
            .unwrap()),
        "SHA256SUMS: mode is 4644, the manifest says 0644"
    );
    let link = |folder: &Path| {
        fs::remove_file(hosts(folder)).unwrap();
        std::os::unix::fs::symlink("/etc/hosts", hosts(folder)).unwrap();
    };
    assert_eq!(broken(&link), "rootfs/etc/hosts: is a symbolic link, not a file");
    let folder_link = |folder: &Path| {
        fs::rename(folder.join("cloud-init"), folder.join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere", folder.join("cloud-init")).unwrap();
    };
    assert_eq!(
        broken(&folder_link).lines().collect::<Vec<_>>(),
        [
            "cloud-init/meta-data: missing",
            "cloud-init/user-data: missing",
            "cloud-init: added: the manifest does not list this symbolic link",
            "elsewhere/meta-data: added: the manifest does not list this file",
            "elsewhere/user-data: added: the manifest does not list this file",
        ]
    );
    assert_eq!(broken(&|folder| fs::remove_file(folder.join("SHA256SUMS")).unwrap()), "SHA256SUMS: missing");
    assert_eq!(
        broken(&|folder| fs::remove_file(folder.join("manifest.json")).unwrap()),
        "manifest.json: missing"
    );
    assert_eq!(
        broken(&|folder| fs::remove_file(folder.join("manifest.json.minisig")).unwrap()),
        "manifest.json.minisig: missing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_mutation_passes_and_none_panics(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8), 1..4),
        junk in proptest::collection::vec(any::<u8>(), 1..64),
    ) {
        thread_local! {
            static GOOD: (Place, Vec<u8>) = (Place::new(), tiny());
        }
        GOOD.with(|(place, good)| {
            let mut bytes = good.clone();
            for (from, to, what) in &cuts {
                let (mut from, mut to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
                if from > to {
                    std::mem::swap(&mut from, &mut to);
                }
                match what {
                    0 => drop(bytes.drain(from..to)),
                    1 => bytes[from..to].reverse(),
                    2 => bytes[from..to].fill(0),
                    3 => drop(bytes.splice(from..from, junk.iter().copied())),
                    _ => {
                        let copy = bytes[from..to].to_vec();
                        bytes.splice(to..to, copy);
                    }
                }
            }
            prop_assert_eq!(place.verify(&bytes).is_ok(), &bytes == good);
            Ok(())
        })?;
    }

    #[test]
    fn no_mutation_of_the_unpacked_archive_passes_and_none_panics(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8), 1..3),
        junk in proptest::collection::vec(any::<u8>(), 1..600),
    ) {
        thread_local! {
            static GOOD: (Place, Manifest, Vec<u8>) = (Place::new(), manifest(&tiny()), body(&tiny()));
        }
        GOOD.with(|(place, manifest, good)| {
            let mut bytes = good.clone();
            for (from, to, what) in &cuts {
                // Whole blocks now and then: entries that move.
                let block = if what % 2 == 0 { 512 } else { 1 };
                let (mut from, mut to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
                (from, to) = (from / block * block, to / block * block);
                if from > to {
                    std::mem::swap(&mut from, &mut to);
                }
                match what {
                    0 => drop(bytes.drain(from..to)),
                    1 => bytes[from..to].reverse(),
                    2 => {
                        let copy = bytes[from..to].to_vec();
                        bytes.splice(to..to, copy);
                    }
                    3 => drop(bytes.splice(from..from, junk.iter().copied())),
                    _ => bytes[from..to].rotate_left((to - from).min(512)),
                }
            }
            prop_assert_eq!(place.verify(&forge(manifest.clone(), &bytes)).is_ok(), &bytes == good);
            Ok(())
        })?;
    }
}
