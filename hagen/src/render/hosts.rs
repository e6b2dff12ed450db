//! Spells the managed block of `/etc/hosts`, and brings the script that puts it there.

use std::fmt::Write as _;

use crate::plan::hosts::{BLOCK_PATH, HostName, Hosts, SCRIPT_PATH, ZONES_PATH};
use crate::tree::File;

const SCRIPT: &str = include_str!("hosts/hagen-hosts.sh");

/// The block, the zones that must stay out, and the script.
pub fn render(cfg: &Hosts) -> Vec<File> {
    let zones: String = cfg.served_zones.iter().map(|zone| format!("{zone}\n")).collect();
    vec![
        File::config("hosts", BLOCK_PATH, block(cfg)),
        File::config("hosts", ZONES_PATH, zones),
        File::script("hosts", SCRIPT_PATH, SCRIPT),
    ]
}

fn block(cfg: &Hosts) -> String {
    let mut text = String::from(
        "# Written by hagen-hosts from /etc/hagen/hosts. Change cluster.yaml and make a new bundle instead.\n\
         127.0.0.1 localhost localhost.localdomain\n\
         ::1 localhost ip6-localhost ip6-loopback\n",
    );
    for entry in &cfg.entries {
        let names: Vec<&str> = entry.names.iter().map(HostName::as_str).collect();
        let _ = writeln!(text, "{} {}", entry.address, names.join(" "));
    }
    text
}

#[cfg(test)]
mod tests;
