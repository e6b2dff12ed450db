//! The systems that are compiled in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Os;

/// Folder name and text of every `images/<id>/image.yaml`.
pub(super) const IMAGES: [(&str, &str); 5] = [
    ("centos-7.9", include_str!("../../../images/centos-7.9/image.yaml")),
    ("debian-12", include_str!("../../../images/debian-12/image.yaml")),
    ("rocky-9", include_str!("../../../images/rocky-9/image.yaml")),
    ("ubuntu-22.04", include_str!("../../../images/ubuntu-22.04/image.yaml")),
    ("ubuntu-24.04", include_str!("../../../images/ubuntu-24.04/image.yaml")),
];

/// All of them by id. A text that does not parse is left out; a test proves that there is none.
pub(super) fn all() -> &'static BTreeMap<&'static str, Os> {
    static ALL: LazyLock<BTreeMap<&'static str, Os>> = LazyLock::new(|| {
        IMAGES.iter().filter_map(|(id, text)| Some((*id, Os::parse(id, text).ok()?))).collect()
    });
    &ALL
}
