//! What is found below a source, and what is refused.

use super::*;

#[test]
fn files_come_in_path_order_with_two_modes() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("b")).unwrap();
    for (name, mode) in [("z", 0o600), ("b/x", 0o755), ("a", 0o644)] {
        fs::write(dir.path().join(name), name).unwrap();
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let found: Vec<_> = find(dir.path()).unwrap().into_iter().map(|f| (f.relative, f.mode)).collect();
    assert_eq!(found, [("a".into(), 0o644), ("b/x".into(), 0o755), ("z".into(), 0o644)]);
    assert_eq!(find(&dir.path().join("z")).unwrap()[0].relative, "z");
}

#[test]
fn links_and_missing_sources_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("link")).unwrap();
    assert!(matches!(find(dir.path()), Err(OfflineError::Kind(_))));
    assert!(matches!(find(&dir.path().join("absent")), Err(OfflineError::Io { .. })));
}
