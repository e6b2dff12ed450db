//! What the operator runs on a node of Rainbond.

use super::{COMPUTE_PATH, MANAGE_PATH, Rainbond, VIP_PATH};
use crate::os::Component;
use crate::plan::Input;
use crate::plan::activation::{Parts, Phase, RunBy, SetupScript};

/// Compute nodes first, then the manager, then the VIP: the scripts refuse another order.
pub fn activate(cfg: &Rainbond, input: &Input, parts: &mut Parts) {
    parts.packages(input.node.os.packages(Component::Curl).iter().cloned());
    let mut operator = |path: &str, purpose: &str| {
        let script = SetupScript { path: path.to_owned(), run: RunBy::Operator, purpose: purpose.to_owned() };
        parts.script(Phase::Platform, script);
    };
    match cfg {
        Rainbond::Compute(_) => operator(
            COMPUTE_PATH,
            "starts the gateway and the name server; first of all, on every compute node",
        ),
        Rainbond::Manage(manage) => {
            operator(MANAGE_PATH, "hands the gateways over to the compute nodes, when theirs are up");
            if manage.has_database {
                operator(
                    VIP_PATH,
                    "tells the platform that applications are reached at the VIP; last of all",
                );
            }
        }
    }
}
