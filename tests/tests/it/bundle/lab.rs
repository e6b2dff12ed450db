//! What the tests of bundles share: drafts, unpacked bundles, programs, and pictures of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hagen::bundle::{BundleId, Draft, Options, write};
use hagen::plan::activation::Activation;
use hagen::tree::{File, Tree};
use tempfile::TempDir;

/// A program that the test needs; it fails when the program is missing.
pub(super) fn program(name: &str) -> Command {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).any(|folder| folder.join(name).is_file());
    let found = found || Path::new("/usr/sbin").join(name).is_file();
    assert!(found, "the program `{name}` is missing; install its Debian package");
    Command::new(name)
}

/// Fails with what the program said unless it succeeded.
#[track_caller]
pub(super) fn ok(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = said(&output);
    assert!(output.status.success(), "{command:?}: {}\n{text}", output.status);
    text
}

/// Everything that a program said.
pub(super) fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// A draft for the node `lb1` with files of the root file system: path, mode, content.
pub(super) fn draft(seed: u8, files: &[(&str, u32, &str)]) -> Draft {
    let mut tree = Tree::default();
    for (path, mode, content) in files {
        let file = match mode {
            0o600 => File::secret_config("test", *path, *content),
            0o700 => File::secret_script("test", *path, *content),
            0o755 => File::script("test", *path, *content),
            0o644 => File::config("test", *path, *content),
            mode => panic!("mode {mode:o}"),
        };
        tree.place("rootfs", file).unwrap();
    }
    let (id, activation) = (BundleId::from([seed; 32]), Activation::default());
    Draft { node: "lb1".to_owned(), id, waivers: vec![], tree, activation }
}

/// Writes the draft's bundle into a folder and unpacks it with the ordinary `tar` into `NODE/` beside it.
pub(super) fn unpack(draft: &Draft, folder: &Path, options: Options<'_>) -> PathBuf {
    let written = write(std::slice::from_ref(draft), folder, options).unwrap();
    let unpacked = folder.join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    ok(program("tar").arg("xpzf").arg(&written[0].path).arg("-C").arg(&unpacked));
    unpacked
}

/// A bundle of this draft, unpacked into a folder of its own.
pub(super) fn unpacked(draft: &Draft) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = unpack(draft, folder.path(), Options::default());
    (folder, path)
}

/// What is below a folder: path to kind, mode, owner, content; without the state of `apply`. Times of files
/// too, when asked for.
pub(super) fn picture(folder: &Path, times: bool) -> BTreeMap<String, String> {
    let mut picture = BTreeMap::new();
    look(folder, folder, times, &mut picture);
    picture
}

fn look(root: &Path, folder: &Path, times: bool, picture: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if name == "var/lib/hagen" {
            continue;
        }
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o7777;
        let about = if metadata.is_symlink() {
            format!("link to {}", fs::read_link(&path).unwrap().display())
        } else if metadata.is_dir() {
            look(root, &path, times, picture);
            format!("folder {mode:o} {}", metadata.uid())
        } else {
            let time = if times { metadata.mtime() } else { 0 };
            let content = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            format!("file {mode:o} {}:{} {time} {content:?}", metadata.uid(), metadata.gid())
        };
        picture.insert(name, about);
    }
}

/// Writes files below a root: path, mode, content.
pub(super) fn furnish(root: &Path, files: &[(&str, u32, &str)]) {
    for (path, mode, content) in files {
        let path = root.join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
    }
}

/// A folder in memory: syncing it costs nothing.
pub(super) fn in_memory() -> TempDir {
    let folder = Path::new("/dev/shm");
    if folder.is_dir() { tempfile::tempdir_in(folder).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// The shells that `apply` is meant for.
pub(super) const SHELLS: [&[&str]; 3] = [&["dash"], &["bash", "--posix"], &["busybox", "sh"]];

/// `apply` of an unpacked bundle by one of the shells.
pub(super) fn apply(shell: &[&str], bundle: &Path, arguments: &[&str]) -> Command {
    let mut command = program(shell[0]);
    command.args(&shell[1..]).arg(bundle.join("apply")).args(arguments);
    command
}
