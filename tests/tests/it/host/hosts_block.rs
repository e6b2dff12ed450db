//! The managed block of `/etc/hosts` on a file that others write to as well.

use std::fs;

use hagen::plan::hosts::{HostEntry, Hosts};
use hagen::render;
use hagen::tree::{File, Tree};

use super::fixtures::{ip, name, tree};
use super::{lines, on_stage, on_stage_at};

fn block(entries: &[(&str, &[&str])]) -> Vec<File> {
    let entry = |(address, names): &(&str, &[&str])| HostEntry {
        address: ip(address),
        names: names.iter().map(|n| n.parse().unwrap()).collect(),
    };
    let served_zones = [name("tinder-node-server.com")].into();
    render::hosts::render(&Hosts { entries: entries.iter().map(entry).collect(), served_zones })
}

fn node(hosts: &str) -> Tree {
    let mut files = block(&[("10.0.0.1", &["tinder-1"]), ("10.0.0.2", &["tinder-2", "kubeapi.goodrain.me"])]);
    files.push(File::config("test", "/etc/hosts", hosts));
    tree(files)
}

#[test]
fn lines_of_others_stay_and_the_nodes_own_name_is_not_loopback() {
    let before = "127.0.0.1 localhost\n127.0.1.1 tinder-1.example tinder-1\n\
                  # Ansible inventory hosts BEGIN\n10.0.0.9 lb-apiserver.kubernetes.local\n";
    let script =
        "hagen-hosts 2>&1; cat /etc/hosts; echo --; hagen-hosts; hagen-hosts; grep -c BEGIN.hagen /etc/hosts
        echo -- $(getent hosts tinder-1); grep -c 127.0.1.1 /etc/hosts.before-hagen; stat -c %a /etc/hosts";
    let output = on_stage(&node(before), &[], script);
    assert_eq!(
        lines(&output),
        [
            "hagen-hosts: /etc/hosts is up to date",
            "# BEGIN hagen",
            "# Written by hagen-hosts from /etc/hagen/hosts. Change cluster.yaml and make a new bundle instead.",
            "127.0.0.1 localhost localhost.localdomain",
            "::1 localhost ip6-localhost ip6-loopback",
            "10.0.0.1 tinder-1",
            "10.0.0.2 tinder-2 kubeapi.goodrain.me",
            "# END hagen",
            "127.0.0.1 localhost",
            "# Ansible inventory hosts BEGIN",
            "10.0.0.9 lb-apiserver.kubernetes.local",
            "--",
            "1",
            "-- 10.0.0.1 tinder-1",
            "1",
            "644",
        ]
    );
    assert_eq!(output.stderr, "", "a second run has nothing to do");
}

#[test]
fn a_newer_block_replaces_the_older_one() {
    let scratch = tempfile::tempdir().unwrap();
    hagen::judge::spread(&node("127.0.0.1 localhost\n"), "rootfs", scratch.path()).unwrap();
    let newer = block(&[("10.0.0.7", &["tinder-7"])]);
    fs::write(scratch.path().join("etc/hagen/newer"), newer[0].text()).unwrap();
    let script = "hagen-hosts 2>/dev/null; mv /etc/hagen/newer /etc/hagen/hosts; hagen-hosts 2>/dev/null
        sed -n '/BEGIN hagen/,/END hagen/p' /etc/hosts | grep ^10; grep -c . /etc/hosts";
    assert_eq!(lines(&on_stage_at(scratch.path(), script)), ["10.0.0.7 tinder-7", "7"]);
}

#[test]
fn a_name_that_dns_serves_is_told() {
    let before = "10.0.0.1 www.tinder-node-server.com mytinder-node-server.com # tinder-node-server.com\n";
    let output = on_stage(&node(before), &[], "hagen-hosts 2>&1 | grep warning");
    assert_eq!(
        lines(&output),
        [
            "hagen-hosts: warning: www.tinder-node-server.com stands in /etc/hosts but belongs to the DNS zone \
          tinder-node-server.com; remove the line"
        ]
    );
}

#[test]
fn a_damaged_file_is_left_alone() {
    let before = "127.0.0.1 localhost\n# BEGIN hagen\n10.0.0.1 tinder-1\n";
    let script = "code=0; hagen-hosts 2>&1 || code=$?; echo exit $code; cat /etc/hosts; ls /etc | grep hosts.hagen || :";
    assert_eq!(
        lines(&on_stage(&node(before), &[], script)),
        [
            "hagen-hosts: the marks '# BEGIN hagen' and '# END hagen' in /etc/hosts are not a pair: repair the file",
            "exit 1",
            "127.0.0.1 localhost",
            "# BEGIN hagen",
            "10.0.0.1 tinder-1",
        ]
    );
}
