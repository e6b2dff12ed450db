//! MariaDB servers and pairs.

use super::*;
use crate::record;
use crate::yaml::{Map, Spanned};

record! {
    /// One MariaDB server, or a pair that replicates both ways behind a VIP.
    pub struct Database ("a database") {
        /// One node, or two for a pair.
        nodes: Spanned<Selector>,
        /// The VIP that clients use; needed for a pair.
        vip: Option<Spanned<Name>>,
        /// TCP port.
        port: Spanned<Port> = Spanned::nowhere(fixed("3306")),
        /// Account of the platform that uses the server. `root` stays local.
        user: Spanned<Word>,
        /// Its password, by reference.
        password: Spanned<SecretRef>,
        /// Account with which the pair replicates.
        replication_user: Word = fixed("repl"),
        /// Its password, by reference; needed for a pair.
        replication_password: Option<Spanned<SecretRef>>,
        /// Data folder.
        data_dir: NodePath = fixed("/var/lib/mysql"),
        /// Connections at once, 10 to 100000.
        max_connections: u32 = 1000,
        /// Days that binary logs are kept.
        binlog_expire_days: u16 = 30,
        /// More settings of `[mysqld]`; a setting that hagen decides cannot be given here.
        settings: Map<Word, Line>,
    }
}
