//! What goes into a bundle, before it is sealed.

use super::manifest::{BundleId, Waiver};
use crate::plan::activation::Activation;
use crate::tree::Tree;

/// Everything that one bundle is made of. `apply`, the manifest and the digest list are added when it is sealed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The node's name; the bundle's file is `NODE.tar.gz`.
    pub node: String,
    /// Identity of the inputs.
    pub id: BundleId,
    /// Rules that the operator set aside.
    pub waivers: Vec<Waiver>,
    /// The files, below `cloud-init/`, `packages/` and `rootfs/`.
    pub tree: Tree,
    /// What `apply` does after the files are laid.
    pub activation: Activation,
}
