//! From a proven topology to the tree and the order of work of one node: every product is planned, then
//! spelled. This is the only list of products.

use crate::plan::activation::{Activation, Parts};
use crate::plan::{self, Input};
use crate::render;
use crate::tree::{File, Tree, TreeError};

/// What a node's bundle is made of, before packages and payloads.
#[derive(Clone, Debug)]
pub struct Baked {
    /// `rootfs/` and `cloud-init/`.
    pub tree: Tree,
    /// What `apply` does with it.
    pub activation: Activation,
}

struct Oven<'i> {
    input: &'i Input<'i>,
    files: Vec<File>,
    parts: Parts,
}

impl<'i> Oven<'i> {
    fn put<X>(
        &mut self,
        decide: impl FnOnce(&Input<'i>) -> Option<X>,
        render: impl FnOnce(&X) -> Vec<File>,
        activate: impl FnOnce(&X, &Input<'i>, &mut Parts),
    ) {
        if let Some(decided) = decide(self.input) {
            self.files.extend(render(&decided));
            activate(&decided, self.input, &mut self.parts);
        }
    }
}

/// Plans and renders one node.
///
/// # Errors
/// When two products want one path: a mistake of this program, not of the document.
pub fn bake(input: &Input<'_>) -> Result<Baked, TreeError> {
    let mut oven = Oven { input, files: vec![], parts: Parts::default() };
    oven.put(plan::network::decide, render::network::render, plan::network::activate);
    oven.put(plan::resolv::decide, render::resolv::render, plan::resolv::activate);
    oven.put(plan::hosts::decide, render::hosts::render, plan::hosts::activate);
    oven.put(plan::sysctl::decide, render::sysctl::render, plan::sysctl::activate);
    oven.put(plan::systemd::decide, render::systemd::render, plan::systemd::activate);
    oven.put(plan::chrony::decide, render::chrony::render, plan::chrony::activate);
    oven.put(plan::named::decide, render::named::render, plan::named::activate);
    oven.put(plan::glusterfs::decide, render::glusterfs::render, plan::glusterfs::activate);
    oven.put(plan::mariadb::decide, render::mariadb::render, plan::mariadb::activate);
    oven.put(plan::haproxy::decide, render::haproxy::render, plan::haproxy::activate);
    oven.put(plan::nginx::decide, render::nginx::render, plan::nginx::activate);
    oven.put(plan::ha_xdp::decide, render::ha_xdp::render, plan::ha_xdp::activate);
    oven.put(plan::keepalived::decide, render::keepalived::render, plan::keepalived::activate);
    oven.put(plan::kubeadm::decide, render::kubeadm::render, plan::kubeadm::activate);
    oven.put(plan::static_pod::decide, render::static_pod::render, plan::static_pod::activate);
    oven.put(plan::dce::decide, render::dce::render, plan::dce::activate);
    oven.put(plan::rainbond::decide, render::rainbond::render, plan::rainbond::activate);
    oven.put(plan::cloudpods::decide, render::cloudpods::render, plan::cloudpods::activate);
    let mut tree = Tree::default();
    if let Some(seed) = plan::cloud_init::decide(input) {
        for file in render::cloud_init::render(&seed) {
            tree.place("cloud-init", file)?;
        }
    }
    for file in oven.files {
        tree.place("rootfs", file)?;
    }
    Ok(Baked { tree, activation: oven.parts.into_activation() })
}
