//! Paths that must not enter a tree, and collisions between makers.

use super::*;

fn entry(secret: bool, mode: u32) -> Entry {
    Entry { mode, secret, origin: "test".into(), content: Content::Bytes(vec![]) }
}

#[test]
fn paths_that_could_leave_the_root_are_refused() {
    for bad in ["", "/etc", "a//b", "a/../b", "..", ".", "a/.", "a\nb", "a b", "a\\b", "ä", &"x".repeat(241)]
    {
        assert!(TreePath::new(bad).is_err(), "{bad:?}");
    }
    assert_eq!(TreePath::under("rootfs", "/etc/hosts").unwrap().as_str(), "rootfs/etc/hosts");
}

#[test]
fn a_path_fits_a_plain_archive_header() {
    let long = |n: usize| "x".repeat(n);
    assert!(TreePath::new(&long(100)).is_ok());
    assert!(matches!(TreePath::new(&long(101)), Err(TreePathError::Archive(_))));
    assert!(TreePath::new(&format!("{}/{}", long(139), long(100))).is_ok());
    assert!(matches!(TreePath::new(&format!("{}/b", long(156))), Err(TreePathError::Archive(_))));
    assert!(matches!(TreePath::new(&format!("a/b/{}", long(101))), Err(TreePathError::Archive(_))));

    let path = TreePath::new(&format!("a/{}/{}", long(60), long(60))).unwrap();
    assert_eq!(path.ustar(), (&*format!("a/{}", long(60)), &*long(60)));
    assert_eq!(TreePath::new("a/b").unwrap().ustar(), ("", "a/b"));
}

#[test]
fn a_path_has_one_maker() {
    let mut tree = Tree::default();
    let path = |p: &str| TreePath::new(p).unwrap();
    tree.insert(path("a/b"), entry(false, 0o644)).unwrap();
    tree.insert(path("a-b"), entry(false, 0o644)).unwrap();
    assert!(matches!(tree.insert(path("a/b"), entry(false, 0o644)), Err(TreeError::Duplicate { .. })));
    assert!(matches!(tree.insert(path("a"), entry(false, 0o644)), Err(TreeError::FileAndFolder(_))));
    assert!(matches!(tree.insert(path("a/b/c"), entry(false, 0o644)), Err(TreeError::FileAndFolder(_))));
}

#[test]
fn a_secret_is_never_readable_by_others() {
    let mut tree = Tree::default();
    assert!(tree.insert(TreePath::new("s").unwrap(), entry(true, 0o640)).is_err());
    assert!(tree.insert(TreePath::new("s").unwrap(), entry(true, 0o600)).is_ok());
}
