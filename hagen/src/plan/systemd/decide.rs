//! Topology → units and drop-ins of the host's own part.

use std::net::IpAddr;

use std::slice::from_ref;

use super::{Directive, UnitFile, UnitForm, UnitName, UnitValue, Units, fixed};
use crate::os::Component;
use crate::plan::activation::{OnChange, Parts, Phase, UnitAction};
use crate::plan::{Input, hosts, named, sysctl};
use crate::spec::{Balancer, Deployment, Owner};

/// The unit that holds VIPs on `lo` for direct server return.
const DIRECT_UNIT: &str = "hagen-direct-vip.service";

/// Units that hagen itself brings, and drop-ins that keep the daemons of the node running.
pub fn decide(input: &Input) -> Option<Units> {
    let os = input.node.os;
    let mut files = Vec::new();
    if hosts::decide(input).is_some() {
        files.push(oneshot(hosts::UNIT, "Names of the nodes in /etc/hosts", &[hosts::SCRIPT_PATH], &[])?);
    }
    let vips: Vec<_> = input
        .topology
        .vips_on(&input.node.name)
        .filter(|vip| vip.deployment == Deployment::Package)
        .collect();
    let has = |balancer| vips.iter().any(|vip| vip.balancer == balancer);
    let daemons = [
        (Component::Keepalived, vips.iter().any(|vip| vip.owner == Owner::Keepalived)),
        (Component::Haproxy, has(Balancer::Haproxy)),
        (Component::NginxStream, has(Balancer::Nginx)),
    ];
    for (component, runs) in daemons {
        if let Some(unit) = os.unit(component).filter(|_| runs) {
            files.push(UnitFile::keep_running(UnitName::fixed(unit), os));
        }
    }
    if let Some(named) = named::decide(input)
        && let Some(unit) = os.unit(Component::Named).map(UnitName::fixed)
    {
        let mut drop_in = UnitFile::keep_running(unit.clone(), os);
        if named.held().next().is_some() {
            let command = [named::SWITCH_PATH, "--publish"];
            let publish =
                oneshot(named::UNIT, "Publish the DNS zones of this cluster", &command, from_ref(&unit))?;
            let reason = "The zones are published before they are read.";
            drop_in = drop_in.merge(UnitFile::start_after(unit, from_ref(&publish.unit), reason));
            files.push(publish);
        }
        files.push(drop_in);
    }
    let direct = sysctl::direct_vips(input);
    if !direct.is_empty() {
        files.push(direct_unit(&direct)?);
    }
    Some(Units { files })
}

fn oneshot(
    unit: &'static str,
    description: &'static str,
    command: &[&str],
    before: &[UnitName],
) -> Option<UnitFile> {
    let (description, command) = (UnitValue::literal(description).ok()?, UnitValue::command(command).ok()?);
    Some(UnitFile::oneshot(UnitName::fixed(unit), description, command, before))
}

/// Whatever configures the interfaces, this unit holds the addresses, and takes them away when stopped.
fn direct_unit(vips: &[IpAddr]) -> Option<UnitFile> {
    let command = |verb: &str, vip: &IpAddr| {
        let (family, bits) = if vip.is_ipv4() { ("-4", "32") } else { ("-6", "128") };
        UnitValue::command(&["/usr/sbin/ip", family, "addr", verb, &format!("{vip}/{bits}"), "dev", "lo"])
            .ok()
    };
    let mut directives = vec![
        fixed("Unit", "Description", "Virtual addresses of services that this node answers directly"),
        fixed("Unit", "After", "systemd-sysctl.service"),
        fixed("Unit", "Before", "network-online.target"),
        fixed("Service", "Type", "oneshot"),
        fixed("Service", "RemainAfterExit", "yes"),
    ];
    for vip in vips {
        directives.push(Directive::new("Service", "ExecStart", command("replace", vip)?));
    }
    for vip in vips {
        directives.push(Directive::new("Service", "ExecStop", command("del", vip)?));
    }
    directives.push(fixed("Install", "WantedBy", "multi-user.target"));
    let reason = "The balancer hands packets over unchanged, so the node must know the address as its own;\n\
                  sysctl keeps it from announcing the address to others (arp_ignore, arp_announce).";
    let unit = UnitName::fixed(DIRECT_UNIT);
    Some(UnitFile { unit, form: UnitForm::Whole, reason: reason.to_owned(), directives })
}

/// The units of the products are asked for by the products; this one has no other place.
pub fn activate(units: &Units, _: &Input, parts: &mut Parts) {
    for unit in units.files.iter().filter(|unit| unit.unit.as_str() == DIRECT_UNIT) {
        let (name, reads) = (unit.unit.to_string(), vec![unit.path()]);
        parts.unit(
            Phase::Network,
            UnitAction { name, on_change: OnChange::Restart, reads, check: Vec::new() },
        );
    }
}

#[cfg(test)]
mod tests;
