//! Every setting of the server, decided: what the sources ask for, made to fit together.

use serde::Serialize;

use super::{MariaDb, Member};

/// One setting of `[mysqld]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name, with `_` between the words.
    pub name: String,
    /// Its value, one line.
    pub value: String,
    /// Why it has this value, where that is not plain.
    pub why: Option<&'static str>,
}

/// The settings that hagen decides; a description may not give them again.
pub const DECIDED: [&str; 38] = [
    "auto_increment_increment",
    "auto_increment_offset",
    "bind_address",
    "binlog_format",
    "character_set_server",
    "collation_server",
    "datadir",
    "default_time_zone",
    "expire_logs_days",
    "group_concat_max_len",
    "gtid_domain_id",
    "gtid_strict_mode",
    "innodb_file_per_table",
    "innodb_flush_log_at_trx_commit",
    "log_bin",
    "log_error",
    "log_slave_updates",
    "long_query_time",
    "master_retry_count",
    "max_allowed_packet",
    "max_binlog_size",
    "max_connect_errors",
    "max_connections",
    "pid_file",
    "port",
    "read_only",
    "relay_log",
    "replicate_do_db",
    "replicate_ignore_db",
    "server_id",
    "skip_name_resolve",
    "slave_net_timeout",
    "slow_query_log",
    "slow_query_log_file",
    "socket",
    "symbolic_links",
    "sync_binlog",
    "user",
];

impl MariaDb {
    /// The settings of `[mysqld]` in the order in which they are written; no name comes twice.
    pub fn settings(&self) -> Vec<Setting> {
        let mut list = Vec::new();
        self.place_settings(&mut list);
        self.client_settings(&mut list);
        self.log_settings(&mut list);
        if let Some(pair) = &self.pair {
            pair_settings(pair.member, &mut list);
        }
        for (name, value) in &self.more_settings {
            let taken = list.iter().any(|s: &Setting| s.name == name.as_str());
            if !taken && !DECIDED.contains(&name.as_str()) {
                set(&mut list, name.as_str(), value.to_string());
            }
        }
        list
    }

    fn place_settings(&self, list: &mut Vec<Setting>) {
        set(list, "bind_address", self.listen.to_string());
        set(list, "port", self.port.to_string());
        set(list, "datadir", self.data_dir.to_string());
        set(list, "socket", self.layout.paths.socket.clone());
        set(list, "pid_file", self.layout.paths.pid.clone());
        set(list, "log_error", self.layout.error_log.clone());
        set(list, "symbolic_links", "OFF".into());
        set(list, "innodb_file_per_table", "ON".into());
        why(
            list,
            "default_time_zone",
            "+00:00".into(),
            "the same on both halves of a pair, whatever their hosts say",
        );
        why(list, "character_set_server", "utf8mb4".into(), "distributions differ; a pair must not");
        set(list, "collation_server", "utf8mb4_general_ci".into());
    }

    fn client_settings(&self, list: &mut Vec<Setting>) {
        why(
            list,
            "skip_name_resolve",
            "ON".into(),
            "accounts are given by address; a dead name server delays nobody",
        );
        set(list, "max_connections", self.max_connections.to_string());
        why(
            list,
            "max_connect_errors",
            "1000000".into(),
            "0 would be taken as 1 and lock a client out at its first broken connection",
        );
        set(list, "max_allowed_packet", "1G".into());
        set(list, "group_concat_max_len", "20M".into());
        set(list, "slow_query_log", "ON".into());
        set(list, "long_query_time", "2".into());
        set(list, "slow_query_log_file", self.layout.slow_log.clone());
    }

    fn log_settings(&self, list: &mut Vec<Setting>) {
        let member = self.pair.as_ref().map_or(Member::First, |pair| pair.member);
        set(list, "server_id", member.number().to_string());
        set(list, "log_bin", "mysql-bin".into());
        set(list, "binlog_format", "ROW".into());
        set(list, "max_binlog_size", "1G".into());
        set(list, "expire_logs_days", self.binlog_expire_days.to_string());
        why(
            list,
            "sync_binlog",
            "1".into(),
            "after a crash the log holds every answered commit, or the other half would be ahead",
        );
        set(list, "innodb_flush_log_at_trx_commit", "1".into());
    }
}

fn pair_settings(member: Member, list: &mut Vec<Setting>) {
    why(list, "auto_increment_increment", "2".into(), "two writers never choose the same key");
    set(list, "auto_increment_offset", member.number().to_string());
    why(
        list,
        "gtid_domain_id",
        member.number().to_string(),
        "each half numbers its own writes, so that neither can make a gap in the other's",
    );
    set(list, "gtid_strict_mode", "ON".into());
    why(
        list,
        "log_slave_updates",
        "OFF".into(),
        "a half ships only what it wrote itself; nothing is chained behind it",
    );
    set(list, "relay_log", "relay-bin".into());
    set(list, "slave_net_timeout", "10".into());
    why(list, "master_retry_count", "0".into(), "try for ever: the other half may be away for days");
    why(list, "read_only", "OFF".into(), "both halves take writes; the VIP decides who gets them");
}

fn set(list: &mut Vec<Setting>, name: &str, value: String) {
    list.push(Setting { name: name.to_owned(), value, why: None });
}

fn why(list: &mut Vec<Setting>, name: &str, value: String, why: &'static str) {
    list.push(Setting { name: name.to_owned(), value, why: Some(why) });
}
