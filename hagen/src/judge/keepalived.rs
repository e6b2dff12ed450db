//! keepalived: `keepalived -t`, with the interfaces, addresses and scripts that the file names.
//!
//! A good file fails without them: keepalived looks for every interface and for every script at its
//! absolute path. So it runs on a stage that has them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;

use super::{Judge, Link, ToolOptions, Verdict, accounts, has, run_tool, stage, texts};
use crate::tree::Tree;

/// The judge.
pub(super) const JUDGE: Judge = Judge { name: "keepalived", reads, run };

const CONFIG: &str = "/etc/keepalived/keepalived.conf";

fn reads(tree: &Tree) -> bool {
    has(tree, CONFIG)
}

fn run(tree: &Tree, scratch: &Path) -> Verdict {
    let Some((_, text)) = texts(tree, "rootfs").find(|(path, _)| path == CONFIG) else {
        return Verdict::Accepted { notes: Vec::new() };
    };
    let stage = match stage(tree, scratch, links(text)) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let users = words_after(text, "script_user").chain(words_after(text, "user"));
    if let Err(error) = accounts::add(&stage.rootfs, users) {
        return Verdict::NotRun { reason: format!("writing the scratch folder: {error}") };
    }
    let options = ToolOptions { stage: Some(stage), ..ToolOptions::default() };
    Verdict::from_exit_code(run_tool("keepalived", &["--config-test", "--use-file", CONFIG], &options))
}

/// The first word after a keyword, on each line that begins with it.
fn words_after<'t>(text: &'t str, keyword: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| {
        let mut words = line.split_whitespace();
        (words.next()? == keyword).then(|| words.next()).flatten()
    })
}

/// Every interface that the file names, with the node's own addresses where they can be told.
fn links(text: &str) -> Vec<Link> {
    let mut links: BTreeMap<String, Vec<IpNet>> = BTreeMap::new();
    let (mut current, mut tracking) = (None, false);
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["vrrp_instance", ..] => current = None,
            ["interface", name] => {
                current = Some((*name).to_owned());
                links.entry((*name).to_owned()).or_default();
            }
            ["unicast_src_ip" | "mcast_src_ip", address] => {
                if let (Some(name), Ok(address)) = (&current, address.parse::<IpAddr>()) {
                    let net = IpNet::from(address);
                    let addresses = links.entry(name.clone()).or_default();
                    if !addresses.contains(&net) {
                        addresses.push(net);
                    }
                }
            }
            [_, "dev", name, ..] => {
                links.entry((*name).to_owned()).or_default();
            }
            ["track_interface", "{"] => tracking = true,
            ["}"] => tracking = false,
            [name, ..] if tracking => {
                links.entry((*name).to_owned()).or_default();
            }
            _ => {}
        }
    }
    links.remove("lo");
    links.into_iter().map(|(name, addresses)| Link { name, addresses }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_found_wherever_they_are_named() {
        let text = "vrrp_instance a {\n    interface eth0\n    unicast_src_ip 10.0.0.1\n    virtual_ipaddress {\n        \
                    10.0.0.9/24 dev br0\n    }\n    track_interface {\n        eth1 weight -20\n    }\n}\n\
                    vrrp_instance b {\n    interface eth0\n    mcast_src_ip fe80::1\n}\n";
        let found: Vec<(String, String)> = links(text)
            .into_iter()
            .map(|l| (l.name, l.addresses.iter().map(|a| format!("{a} ")).collect()))
            .collect();
        let want = [("br0", ""), ("eth0", "10.0.0.1/32 fe80::1/128 "), ("eth1", "")];
        assert_eq!(found, want.map(|(n, a)| (n.to_owned(), a.to_owned())));
    }
}
