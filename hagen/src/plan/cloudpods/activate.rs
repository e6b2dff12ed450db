//! What the operator runs on a controller of Cloudpods.

use super::{Cloudpods, INSTALL_PATH, KUBECTL_PATH, VIP_PATH};
use crate::plan::Input;
use crate::plan::activation::{Parts, Phase, RunBy, SetupScript};

/// `apply` never runs ocboot: it acts on all nodes.
pub fn activate(cfg: &Cloudpods, _input: &Input, parts: &mut Parts) {
    let mut operator = |path: &str, purpose: &str| {
        let script = SetupScript { path: path.to_owned(), run: RunBy::Operator, purpose: purpose.to_owned() };
        parts.script(Phase::Platform, script);
    };
    if cfg.installer.is_some() {
        operator(INSTALL_PATH, "installs Cloudpods on all nodes from this one, the first node");
    }
    operator(KUBECTL_PATH, "lets root use kubectl here, after the installation");
    if cfg.controller.vip.is_some() {
        operator(VIP_PATH, "sets this controller's own priority for the VIP, after the installation");
    }
}
