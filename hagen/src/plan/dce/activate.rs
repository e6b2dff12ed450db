//! What the operator runs on a bootstrap node.

use super::{Bootstrap, BootstrapRole, INSTALL_PATH, UPGRADE_PATH, VERIFY_PATH};
use crate::os::Component;
use crate::plan::Input;
use crate::plan::activation::{Parts, Phase, RunBy, SetupScript};

/// `apply` never runs the installer: it acts on every node of the global cluster, for hours.
pub fn activate(cfg: &Bootstrap, input: &Input, parts: &mut Parts) {
    parts.packages(input.node.os.packages(Component::Curl).iter().cloned());
    let install = match cfg.role {
        BootstrapRole::Original => "installs DCE 5.0 from this node, the original bootstrap node",
        BootstrapRole::Backup => "installs the bootstrap services on this standby, and nothing else",
    };
    for (path, purpose) in [
        (INSTALL_PATH, install),
        (UPGRADE_PATH, "upgrades images, files and charts of the bootstrap services"),
        (VERIFY_PATH, "asks the bootstrap services, and checks the registry's certificate"),
    ] {
        let script = SetupScript { path: path.to_owned(), run: RunBy::Operator, purpose: purpose.to_owned() };
        parts.script(Phase::Platform, script);
    }
}
