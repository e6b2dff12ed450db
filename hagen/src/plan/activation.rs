//! What `apply` does on the node after the files are laid: packages, units, set-up scripts, in order.

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
