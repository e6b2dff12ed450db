//! A full or unwritable disk gives a clean error and leaves nothing behind.

use std::fs;
use std::path::Path;

use hagen::bundle::payload::Measured;
use hagen::bundle::{Options, WriteError, write};
use hagen::tree::{Content, Entry, TreePath};
use tempfile::TempDir;

use super::lab::{draft, ok, program};

/// A small file system in memory; unmounted when dropped.
struct Mount(TempDir);

impl Mount {
    fn new(options: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        ok(program("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder.path()));
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let unmounted = program("umount").arg("-l").arg(self.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "umount {}", self.path().display());
    }
}

#[test]
fn a_full_disk() {
    let disk = Mount::new("size=2m");
    let store = tempfile::tempdir().unwrap();
    let payload = store.path().join("payload");
    let noise = (0..4_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 23) as u8 ^ (n >> 3) as u8);
    fs::write(&payload, noise.collect::<Vec<_>>()).unwrap();
    let payload = Measured::default().measure(&payload).unwrap();
    let mut full = draft(1, &[("/etc/hosts", 0o644, "x")]);
    let content = Content::Payload(payload);
    let entry = Entry { mode: 0o644, secret: false, origin: "payload".to_owned(), content };
    full.tree.insert(TreePath::new("packages/payload").unwrap(), entry).unwrap();

    let output = disk.path().join("bundles");
    let error = write(&[full], &output, Options::default()).unwrap_err();
    assert!(matches!(error, WriteError::Seal(_)), "{error}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("No space left"), "{source}");
    assert_eq!(error.to_string(), "writing the bundle of `lb1`");
    assert!(disk.names().is_empty(), "{:?}", disk.names());

    write(&[draft(1, &[("/etc/hosts", 0o644, "x")])], &output, Options::default()).unwrap();
    assert_eq!(disk.names(), ["bundles"]);
}

#[test]
fn an_unwritable_disk() {
    let disk = Mount::new("size=1m");
    ok(program("mount").args(["-o", "remount,ro"]).arg(disk.path()));
    for output in [disk.path().to_owned(), disk.path().join("bundles")] {
        let error = write(&[draft(1, &[])], &output, Options::default()).unwrap_err();
        assert!(matches!(&error, WriteError::Output { .. }), "{error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("Read-only file system"), "{source}");
        assert!(disk.names().is_empty());
    }
}

#[test]
fn a_file_where_the_folder_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("bundles");
    fs::write(&output, "").unwrap();
    let error = write(&[draft(1, &[])], &output, Options::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("writing `{}`", output.display()));
    assert!(output.is_file());
}
