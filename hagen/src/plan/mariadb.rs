//! MariaDB on one node: a server alone, or one half of a pair that replicates both ways behind a VIP.
//!
//! Needs MariaDB 10.3.28, 10.4.18, 10.5.9 or later (GTID; `mariadb-dump --system=users`). The two halves write to different GTID
//! domains and ship only what they wrote themselves, so that a half which returns after a failover
//! finds exactly what it missed, and a half that has diverged stops instead of hiding it.

mod decide;
mod settings;
mod words;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use crate::os::{Family, MariadbPaths, Os};
use crate::secret::Secret;
use crate::spec::{Duration, Line, Name, NodePath, Port};

pub use decide::{activate, decide};
pub use settings::{DECIDED, Setting};
pub use words::{AccountHost, AccountName, SettingName, WordError};

/// The health check for keepalived. It runs as root, because it enters through the local socket.
///
/// `alive` proves that the server answers and takes writes: give it weight 0, so that a dead server
/// gives the VIP up. `replica` proves that this half receives and applies what the other wrote: give it a
/// negative weight, so that the VIP prefers the half that has everything, and stays when both complain.
pub const CHECK_SCRIPT: &str = "/usr/local/sbin/hagen-mariadb-check";
/// Sets up accounts and, for a pair, replication. Safe to repeat.
pub const SETUP_SCRIPT: &str = "/usr/local/sbin/hagen-mariadb-setup";
/// Runs [`SETUP_SCRIPT`] once; for pairs.
pub const SETUP_SERVICE: &str = "hagen-mariadb-setup.service";
/// Runs it every minute, so that halves which come up at different times find each other.
pub const SETUP_TIMER: &str = "hagen-mariadb-setup.timer";
/// Copies the data of one half to the other; run by the operator.
pub const SEED_SCRIPT: &str = "/usr/local/sbin/hagen-mariadb-seed";
/// Folder of the files that the scripts read; only root may read them.
pub const SECRET_FOLDER: &str = "/etc/hagen/mariadb";

/// MariaDB on one node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MariaDb {
    /// Where the distribution keeps things.
    pub layout: Layout,
    /// Address that the server listens on. Clients of a pair come to the VIP, which moves: all addresses.
    pub listen: IpAddr,
    /// TCP port.
    pub port: Port,
    /// Data folder.
    pub data_dir: NodePath,
    /// Connections at once, 10 to 100000.
    pub max_connections: u32,
    /// Days that binary logs are kept.
    pub binlog_expire_days: u16,
    /// More settings of `[mysqld]`, by name; none of [`DECIDED`].
    pub more_settings: BTreeMap<SettingName, Line>,
    /// Accounts for clients. `root` stays on the local socket.
    pub accounts: Vec<Account>,
    /// The other half.
    pub pair: Option<Pair>,
}

/// Where a distribution keeps what belongs to MariaDB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// Folders and files, by the table of systems.
    pub paths: MariadbPaths,
    /// The error log.
    pub error_log: String,
    /// The slow query log.
    pub slow_log: String,
    /// Nobody on this system cuts the slow query log yet.
    pub rotates: bool,
}

impl Layout {
    /// The layout of a system. Log names are those that the packages' logrotate already knows.
    pub fn of(os: &Os) -> Self {
        let paths = os.paths().mariadb.clone();
        let log = |name: &str| format!("{}/{name}", paths.log_folder);
        let (error_log, slow_log, rotates) = match os.family() {
            Family::Debian => (log("error.log"), log("mariadb-slow.log"), false),
            Family::Redhat => (log("mariadb.log"), log("slow-query.log"), true),
        };
        Self { paths, error_log, slow_log, rotates }
    }

    /// The file with hagen's settings. Option files of a folder are read in byte order and the last value
    /// of a setting wins, so its name sorts behind those of the packages.
    pub fn config(&self) -> String {
        format!("{}/zz-hagen.cnf", self.paths.folder)
    }
}

/// An account for clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its name; never `root`.
    pub user: AccountName,
    /// Its password.
    pub password: Secret,
    /// Where its clients stand; one account for each.
    pub hosts: Vec<AccountHost>,
    /// What it may do.
    pub scope: Scope,
}

/// What an account may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Scope {
    /// Make databases and accounts of its own, as Cloudpods' installer does: everything on data, and
    /// handing it on, but nothing on the server: no `SUPER`, `FILE`, `SHUTDOWN` or replication.
    Platform,
    /// Everything inside one database, which is made when it is missing.
    Database(AccountName),
}

/// The half of a pair that this node is not, and how the two replicate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Which half this node is.
    pub member: Member,
    /// Name of the other node, for messages.
    pub peer: Name,
    /// Its address.
    pub peer_address: IpAddr,
    /// The account with which the halves replicate; it may do nothing else.
    pub user: AccountName,
    /// Its password, 1 to 96 bytes (`MASTER_PASSWORD`).
    pub password: Secret,
    /// How far this half may lag behind before the check complains.
    pub lag_max: Duration,
}

/// A half of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Member {
    /// The one whose data counts when the pair is made.
    First,
    /// The one that is seeded from the first.
    Second,
}

impl Member {
    /// 1 or 2: `server-id`, `gtid_domain_id` and `auto_increment_offset` of this half.
    pub const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    /// The other half.
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

#[cfg(test)]
mod tests;
