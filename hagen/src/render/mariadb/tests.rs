use proptest::prelude::*;

use super::*;
use crate::cli::args::TopologyName::{Cloudpods3, Cloudpods4};
use crate::plan::Input;
use crate::plan::mariadb::{AccountHost, Scope, decide};
use crate::secret::{Secret, Secrets};
use crate::topology::tests::example;

fn first_half() -> MariaDb {
    let topology = example(Cloudpods3);
    let secrets = Secrets::placeholder(&topology.document);
    let node = topology.node(&"node-1".parse().unwrap()).unwrap();
    let mut cfg = decide(&Input { topology: &topology, node, secrets: &secrets }).unwrap();
    cfg.accounts[0].password = Secret::new("it's");
    cfg.pair.as_mut().unwrap().password = Secret::new("a\\b\"c");
    cfg
}

fn text<'f>(files: &'f [File], path: &str) -> &'f str {
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text()
}

#[test]
fn the_option_file_of_a_half() {
    insta::assert_snapshot!(text(&render(&first_half()), "/etc/my.cnf.d/zz-hagen.cnf"));
}

#[test]
fn the_accounts_and_the_source_of_a_half() {
    let files = render(&first_half());
    let names = ["accounts.sql", "replication-account.sql", "replication-source.sql", "replication.cnf"];
    let all = names.map(|name| text(&files, &format!("{SECRET_FOLDER}/{name}"))).join("\n");
    insta::assert_snapshot!(all);
}

#[test]
fn the_head_of_the_set_up_script() {
    let files = render(&first_half());
    let head = text(&files, SETUP_SCRIPT).split("\n\n").next().unwrap();
    insta::assert_snapshot!(head);
}

#[test]
fn exactly_the_files_with_passwords_are_secret() {
    for file in render(&first_half()) {
        let inside = file.path.starts_with(SECRET_FOLDER);
        assert_eq!(file.entry.secret, inside, "{}", file.path);
        assert_eq!(file.entry.mode & 0o077 == 0, inside, "{}", file.path);
        assert!(inside || !file.text().contains("it's") && !file.text().contains("a\\b"), "{}", file.path);
    }
}

#[test]
fn a_server_alone_has_no_replication() {
    let topology = example(Cloudpods4);
    let secrets = Secrets::placeholder(&topology.document);
    let served: Vec<_> = topology
        .nodes
        .values()
        .filter_map(|node| decide(&Input { topology: &topology, node, secrets: &secrets }))
        .collect();
    let files = render(&served[0]);
    assert!(files.iter().all(|file| !file.path.contains("replication") && !file.path.contains("seed")));
    assert!(!text(&files, SETUP_SCRIPT).contains("SLAVE"));
}

#[test]
fn a_database_of_its_own_is_made_and_fenced() {
    let mut cfg = first_half();
    cfg.accounts[0].scope = Scope::Database("a_b".parse().unwrap());
    cfg.accounts[0].hosts = vec![AccountHost::Address("fd00::1".parse().unwrap())];
    let files = render(&cfg);
    let sql = text(&files, &format!("{SECRET_FOLDER}/accounts.sql"));
    assert!(sql.contains("CREATE DATABASE IF NOT EXISTS `a_b`;\n"), "{sql}");
    assert!(
        sql.contains(" ON `a\\_b`.* TO 'onecloud'@'fd00::1';\n") && !sql.contains("GRANT OPTION"),
        "{sql}"
    );
}

proptest! {
    #[test]
    fn no_value_leaves_its_line(value in "\\PC{1,60}") {
        let line = option_value(&value);
        prop_assert!(!line.contains('\n'));
        if let Some(inner) = line.strip_prefix('"') {
            let inner = inner.strip_suffix('"').unwrap();
            // Read back as the server does: `\` takes the next character as it is.
            let mut read = String::new();
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                prop_assert!(c != '"');
                read.push(if c == '\\' { chars.next().unwrap() } else { c });
            }
            prop_assert_eq!(read, value);
        } else {
            prop_assert_eq!(line, value);
        }
    }
}
