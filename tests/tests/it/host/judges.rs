//! Every judge takes what is rendered for every system, and refuses what is known to be wrong.

use hagen::judge::{Verdict, by_name};
use hagen::os::{NetworkStyle, Os};
use hagen::tree::{Content, File, Tree};

use super::fixtures::{node, tree};

fn verdict(judge: &str, tree: &Tree) -> Option<Verdict> {
    let verdict = by_name(judge).unwrap_or_else(|| panic!("no judge {judge}")).judge(tree);
    if let Some(Verdict::NotRun { reason }) = &verdict {
        panic!("{judge} could not be asked: {reason}");
    }
    verdict
}

/// The notes of an accepting judge.
fn accepted(judge: &str, os: &str, tree: &Tree) -> Vec<String> {
    match verdict(judge, tree) {
        Some(Verdict::Accepted { notes }) => notes,
        other => panic!("{judge} on {os}: {other:?}"),
    }
}

/// The message of a refusing judge.
fn refused(judge: &str, tree: &Tree) -> String {
    match verdict(judge, tree) {
        Some(Verdict::Refused { message }) => message,
        other => panic!("{judge}: {other:?}"),
    }
}

/// The tree with a text replaced in one file; the text must be there.
fn with(original: &Tree, path: &str, from: &str, to: &str) -> Tree {
    let mut changed = Tree::default();
    let mut found = false;
    for (at, entry) in original.iter() {
        let mut entry = entry.clone();
        if at.as_str() == path {
            let Content::Bytes(bytes) = &entry.content else { panic!("{path} is a payload") };
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.contains(from), "{path} has no {from:?}:\n{text}");
            found = true;
            entry.content = Content::Bytes(text.replacen(from, to, 1).into_bytes());
        }
        changed.insert(at.clone(), entry).unwrap();
    }
    assert!(found, "no {path}");
    changed
}

#[test]
fn all_judges_accept_every_system() {
    for os in Os::ids() {
        let tree = node(os);
        for judge in ["named", "chrony", "systemd", "shellcheck"] {
            assert_eq!(accepted(judge, os, &tree), [""; 0], "{judge} on {os}");
        }
        for note in accepted("cloud-init", os, &tree) {
            assert!(note.contains("no schema of network-config"), "{note}");
        }
        let style = Os::builtin(os).unwrap().network();
        for (judge, of) in
            [("netplan", NetworkStyle::Netplan), ("network-manager", NetworkStyle::NetworkmanagerKeyfile)]
        {
            if style == of {
                assert_eq!(accepted(judge, os, &tree), [""; 0], "{judge} on {os}");
            } else {
                assert_eq!(verdict(judge, &tree), None, "{judge} has nothing to read on {os}");
            }
        }
    }
}

#[test]
fn named_refuses_broken_zones_and_options() {
    let good = node("debian-12");
    let zone = "rootfs/etc/hagen/dns/zones/tinder-node-server.com.zone";
    let cname_and_a = with(&good, zone, "*\tIN\tCNAME\twww", "tinder-1\tIN\tCNAME\twww");
    assert!(refused("named", &cname_and_a).contains("CNAME and other data"));
    let no_ns = with(&good, zone, "@\tIN\tNS\tns.tinder-node-server.com.\n", "");
    assert!(refused("named", &no_ns).contains("no NS records"));
    let ns_by_address = with(&good, zone, "IN\tNS\tns.tinder-node-server.com.", "IN\tNS\t172.30.41.192");
    assert!(refused("named", &ns_by_address).contains("appears to be an address"));
    let unresolved = with(&good, zone, "IN\tNS\tns.", "IN\tNS\tns9.");
    refused("named", &unresolved);
    let option = with(&good, "rootfs/etc/bind/named.conf.options", "recursion no;", "recursion never;");
    assert!(refused("named", &option).contains("boolean expected"));
    let brace = with(&node("rocky-9"), "rootfs/etc/named.conf", "};\n", "}\n");
    refused("named", &brace);
}

#[test]
fn chrony_netplan_and_networkmanager_refuse_what_they_do_not_know() {
    let tree = node("debian-12");
    let chrony = with(&tree, "rootfs/etc/chrony/chrony.conf", "makestep 1.0 3", "makestep often");
    assert!(refused("chrony", &chrony).contains("makestep"));
    let path = "rootfs/etc/netplan/50-cloud-init.yaml";
    let key = with(&tree, path, "set-name:", "rename-to:");
    assert!(refused("netplan", &key).contains("rename-to"));
    let address = with(&tree, path, "172.30.41.192/24", "172.30.41.192/240");
    refused("netplan", &address);
    let port = with(&tree, path, "- eth0", "- eth7");
    assert!(refused("netplan", &port).contains("eth7"));

    let tree = node("rocky-9");
    let path = "rootfs/etc/NetworkManager/system-connections/hagen-br0.nmconnection";
    let method = with(&tree, path, "method=manual", "method=by-hand");
    assert!(refused("network-manager", &method).contains("method"));
    let key = with(&tree, path, "may-fail=false", "may-fall=false");
    assert!(refused("network-manager", &key).contains("ipv4.may-fall"));
}

#[test]
fn cloud_init_refuses_wrong_types() {
    let tree = node("debian-12");
    let number = with(&tree, "cloud-init/user-data", "permissions: \"0755\"", "permissions: 0755");
    assert!(refused("cloud-init", &number).contains("permissions"));
    let header = with(&tree, "cloud-init/user-data", "#cloud-config\n", "# cloud-config\n");
    refused("cloud-init", &header);
    let yaml = with(&tree, "cloud-init/network-config", "version: 2", "version: 3");
    refused("cloud-init", &yaml);
}

#[test]
fn systemd_refuses_unknown_keys_and_values() {
    let tree = node("debian-12");
    let drop_in = "rootfs/etc/systemd/system/keepalived.service.d/hagen.conf";
    let key = with(&tree, drop_in, "Restart=always", "Restarts=always");
    assert!(refused("systemd", &key).contains("Unknown key"));
    let value = with(&tree, drop_in, "Restart=always", "Restart=for-ever");
    assert!(refused("systemd", &value).contains("restart"));
    let section = with(&tree, "rootfs/etc/systemd/system/hagen-dns.service", "[Install]", "[Instal]");
    assert!(refused("systemd", &section).contains("Unknown section"));
    let empty = with(&tree, "rootfs/etc/systemd/system/hagen-dns.service", "ExecStart=", "ExecReload=");
    refused("systemd", &empty);
}

#[test]
fn shellcheck_reads_every_script_wherever_it_lies() {
    let script = |path: &str, text: &str| tree(vec![File::script("test", path, text)]);
    let message = refused("shellcheck", &script("/opt/x", "#!/bin/sh\nrm -rf $1\n"));
    assert!(message.starts_with("rootfs/opt/x: ") && message.contains("SC2086"), "{message}");
    refused("shellcheck", &script("/opt/x", "#! /usr/bin/env bash\ncd /x; echo $y\n"));
    assert_eq!(verdict("shellcheck", &script("/opt/x", "#!/usr/bin/python3\nx = $1\n")), None);
}

/// There is no judge for ifcfg files outside Red Hat; they are read by a shell there, and so here.
#[test]
fn ifcfg_files_are_assignments_of_a_shell() {
    let tree = node("centos-7.9");
    let read = |name: &str, script: &str| {
        let path = format!("rootfs/etc/sysconfig/network-scripts/ifcfg-{name}");
        let Content::Bytes(bytes) = &tree.get(&path).unwrap().content else { panic!("{path}") };
        let options = hagen::judge::ToolOptions { stdin: bytes.clone(), ..Default::default() };
        let output =
            hagen::judge::run_tool("sh", &["-eu", "-c", &format!(". /dev/stdin; {script}")], &options);
        let output = output.unwrap();
        assert_eq!(output.end, hagen::judge::End::Code(0), "{output:?}");
        output.stdout.trim().to_owned()
    };
    assert_eq!(read("eth0", "echo $DEVICE $HWADDR $BRIDGE"), "eth0 52:54:00:12:34:50 br0");
    let told = read(
        "br0",
        "echo $TYPE $IPADDR/$PREFIX $IPADDR1/$PREFIX1 $GATEWAY $IPV6ADDR $IPV6_DEFAULTGW $DOMAIN",
    );
    assert_eq!(
        told,
        "Bridge 172.30.41.192/24 172.30.41.20/24 172.30.41.1 fd00:41::192/64 fe80::1 a.example b.example"
    );
    assert_eq!(read("san0.7", "echo $VLAN $PHYSDEV $VLAN_ID"), "yes san0 7");
}

#[test]
fn every_kernel_parameter_exists() {
    let tree = node("debian-12");
    let files = tree.iter().filter(|(path, _)| path.as_str().starts_with("rootfs/etc/sysctl.d/"));
    let mut checked = 0;
    for (path, entry) in files {
        let Content::Bytes(bytes) = &entry.content else { panic!("{path}") };
        for line in std::str::from_utf8(bytes).unwrap().lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.split_once(" = ").unwrap();
            value.parse::<u32>().unwrap();
            // These are there only while the module br_netfilter is loaded.
            if !name.starts_with("net.bridge.") {
                let file = format!("/proc/sys/{}", name.replace('.', "/"));
                assert!(std::fs::exists(&file).unwrap(), "{path}: no {file}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 8, "{checked}");
}
