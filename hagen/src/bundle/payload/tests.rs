//! Payload is measured once and refused when it is not plain files.

use super::*;

#[test]
fn a_folder_is_measured_in_path_order() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("b/c")).unwrap();
    for (name, content) in [("b/c/d", "abc"), ("a", ""), ("b-x", "x")] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let found = Measured::default().folder(folder.path()).unwrap();
    let names = found.iter().map(|(path, payload)| (path.as_str(), payload.size)).collect::<Vec<_>>();
    assert_eq!(names, [("a", 0), ("b-x", 1), ("b/c/d", 3)]);
    assert_eq!(found[2].1.sha256[..4], [0xba, 0x78, 0x16, 0xbf]);
}

#[test]
fn a_file_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, "one").unwrap();
    let measured = Measured::default();
    let first = measured.measure(&path).unwrap();
    fs::write(&path, "another").unwrap();
    assert_eq!(measured.measure(&path).unwrap(), first);
}

#[test]
fn what_is_not_a_plain_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = || Measured::default().folder(folder.path()).unwrap_err().to_string();
    std::os::unix::fs::symlink("/etc/hosts", folder.path().join("link")).unwrap();
    assert!(refused().contains("neither a regular file nor a folder"));
    fs::remove_file(folder.path().join("link")).unwrap();
    fs::write(folder.path().join("a b"), "").unwrap();
    assert!(refused().contains("a name that cannot be in a bundle"));
    let missing = Measured::default().measure(&folder.path().join("missing")).unwrap_err();
    assert!(matches!(missing, PayloadError::Read { .. }));
    assert!(matches!(Measured::default().measure(folder.path()), Err(PayloadError::Kind(_))));
}
