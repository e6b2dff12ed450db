//! What `apply` does on the node after the files are laid: packages, units, set-up scripts, in order.

use std::collections::BTreeSet;

use serde::Serialize;

/// The order of work on one node. Everything in it is repeated safely.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Activation {
    /// Package names to install from the bundle's own repository, sorted.
    pub packages: Vec<String>,
    /// Units in start order.
    pub units: Vec<UnitAction>,
    /// Set-up scripts in run order, after all units are up.
    pub scripts: Vec<SetupScript>,
}

/// One systemd unit that `apply` enables and starts, or restarts when a file that it reads has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitAction {
    /// Full unit name, such as `keepalived.service`.
    pub name: String,
    /// What to do when one of [`UnitAction::reads`] changed while the unit runs.
    pub on_change: OnChange,
    /// Absolute paths on the node; a path that ends in `/` stands for everything below it.
    pub reads: Vec<String>,
    /// A command that accepts or refuses the configuration before the unit is touched, as argv;
    /// run only when the program exists.
    pub check: Vec<String>,
}

/// How a running unit takes a changed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum OnChange {
    /// `systemctl reload-or-restart`.
    Reload,
    /// `systemctl restart`.
    Restart,
    /// Leave it: the unit follows the file by itself, or a person decides when.
    Leave,
}

/// A script of the bundle that sets up state which is not a file (a volume, a replication, a join).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetupScript {
    /// Absolute path on the node. The script is idempotent and exits 0 when there is nothing to do.
    pub path: String,
    /// Whether `apply` runs it, or only tells the operator that it is there.
    pub run: RunBy,
    /// One line for the operator: what it does.
    pub purpose: String,
}

/// Who runs a set-up script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RunBy {
    /// `apply` itself.
    Apply,
    /// The operator, because it acts on more than this node or needs a decision.
    Operator,
}

/// The order in which things come up on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Phase {
    /// Addresses and routes.
    Network,
    /// The clock: certificates and logs depend on it.
    Time,
    /// Name servers.
    Names,
    /// Bricks, volumes, mounts.
    Storage,
    /// Databases.
    Database,
    /// Balancers: they must answer before a VIP points at them.
    Balancer,
    /// VIPs.
    VirtualIp,
    /// Kubernetes, DCE, Rainbond, Cloudpods.
    Platform,
}

/// Collects what the products of one node need, in any order.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    packages: BTreeSet<String>,
    units: Vec<(Phase, UnitAction)>,
    scripts: Vec<(Phase, SetupScript)>,
}

impl Parts {
    /// Asks for packages.
    pub fn packages(&mut self, names: impl IntoIterator<Item = impl Into<String>>) {
        self.packages.extend(names.into_iter().map(Into::into));
    }

    /// Asks for a unit; a second request for the same unit adds what it reads.
    pub fn unit(&mut self, phase: Phase, unit: UnitAction) {
        match self.units.iter_mut().find(|(_, u)| u.name == unit.name) {
            Some((_, known)) => {
                known.reads.extend(unit.reads);
                known.reads.sort();
                known.reads.dedup();
            }
            None => self.units.push((phase, unit)),
        }
    }

    /// Asks for a set-up script.
    pub fn script(&mut self, phase: Phase, script: SetupScript) {
        self.scripts.push((phase, script));
    }

    /// The order of work: by phase, then in the order of the requests.
    pub fn into_activation(mut self) -> Activation {
        self.units.sort_by_key(|(phase, _)| *phase);
        self.scripts.sort_by_key(|(phase, _)| *phase);
        Activation {
            packages: self.packages.into_iter().collect(),
            units: self.units.into_iter().map(|(_, unit)| unit).collect(),
            scripts: self.scripts.into_iter().map(|(_, script)| script).collect(),
        }
    }
}
