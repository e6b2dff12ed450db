//! placeholder until the table of images is there
/// An operating system.
#[derive(Debug, PartialEq)]
pub struct Os {
    /// Id.
    pub id: String,
}
impl Os {
    /// By id.
    pub fn builtin(id: &str) -> Option<&'static Os> {
        static ALL: std::sync::LazyLock<Vec<Os>> =
            std::sync::LazyLock::new(|| Os::ids().into_iter().map(|id| Os { id: id.to_owned() }).collect());
        ALL.iter().find(|os| os.id == id)
    }
    /// All ids.
    pub fn ids() -> Vec<&'static str> {
        vec!["centos-7.9", "debian-12", "rocky-9", "ubuntu-22.04", "ubuntu-24.04"]
    }
}
