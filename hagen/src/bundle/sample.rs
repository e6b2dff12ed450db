//! Bundles for tests: made up, small, with every kind of content.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::payload::Measured;
use super::{BundleId, Draft, Options, SigningKey, Waiver, write};
use crate::plan::activation::Activation;
use crate::tree::{Content, Entry, File, Tree, TreePath};

/// Bytes that do not compress, the same on every call.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let blocks = (0..length.div_ceil(32)).flat_map(|n| <[u8; 32]>::from(Sha256::digest(n.to_le_bytes())));
    blocks.take(length).collect()
}

/// A draft with rendered files only.
pub(crate) fn small(node: &str) -> Draft {
    let mut tree = Tree::default();
    for (folder, file) in [
        ("rootfs", File::config("hosts", "/etc/hosts", "127.0.0.1 localhost\n")),
        ("rootfs", File::config("empty", "/etc/empty", "")),
        (
            "rootfs",
            File::secret_config("keepalived", "/etc/keepalived/keepalived.conf", "auth_pass s3cret\n"),
        ),
        ("rootfs", File::script("mariadb", "/usr/local/sbin/setup", "#!/bin/sh\nexit 0\n")),
        ("rootfs", File::config("zeros", "/var/zeros", "\0".repeat(3000))),
        ("cloud-init", File::config("cloud-init", "/meta-data", format!("instance-id: {node}\n"))),
        ("cloud-init", File::config("cloud-init", "/user-data", "#cloud-config\n")),
    ] {
        tree.place(folder, file).unwrap();
    }
    let waivers = vec![Waiver { rule: "QR-3".to_owned(), reason: "a lab".to_owned() }];
    let id = BundleId::from(<[u8; 32]>::from(Sha256::digest(node)));
    Draft { node: node.to_owned(), id, waivers, tree, activation: Activation::default() }
}

/// Payload files in a folder: dense, compressible, empty, tiny.
pub(crate) fn payload(folder: &Path) -> PathBuf {
    let folder = folder.join("payload");
    fs::create_dir_all(folder.join("deb")).unwrap();
    let text = (0..40_000).map(|n| format!("{n} ")).collect::<String>();
    fs::write(folder.join("deb/dense.deb"), noise(300_000)).unwrap();
    fs::write(folder.join("deb/empty"), b"").unwrap();
    fs::write(folder.join("deb/text"), text).unwrap();
    fs::write(folder.join("deb/tiny"), b"x").unwrap();
    folder
}

/// The small draft and a folder of payload.
pub(crate) fn large(node: &str, payload: &Path, measured: &Measured) -> Draft {
    let mut draft = small(node);
    for (path, payload) in measured.folder(payload).unwrap() {
        let path = TreePath::under("packages", path.as_str()).unwrap();
        let content = Content::Payload(payload);
        let entry = Entry { mode: 0o644, secret: false, origin: "payload".to_owned(), content };
        draft.tree.insert(path, entry).unwrap();
    }
    draft
}

/// Writes one bundle and gives its bytes.
pub(crate) fn bytes(draft: &Draft, options: Options<'_>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let written = write(std::slice::from_ref(draft), folder.path(), options).unwrap();
    fs::read(&written[0].path).unwrap()
}

/// A folder with a signing key in it, made by the `minisign` crate; not encrypted.
pub(crate) fn key() -> (TempDir, SigningKey) {
    let folder = tempfile::tempdir().unwrap();
    let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    fs::write(folder.path().join("key"), pair.sk.to_box(None).unwrap().to_string()).unwrap();
    fs::write(folder.path().join("key.pub"), pair.pk.to_box().unwrap().to_string()).unwrap();
    let key = SigningKey::read(&folder.path().join("key"), || panic!("no password")).unwrap();
    (folder, key)
}
