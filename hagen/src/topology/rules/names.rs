//! TIME-1, DNS-1 to DNS-3, HOSTS-1: time and names.

use std::net::IpAddr;

use super::Findings;
use crate::problem::{Problem, Span};
use crate::spec::NOWHERE;
use crate::topology::{Model, Target};

pub(super) fn time_1(model: &Model, f: &mut Findings) {
    if model.time.servers.is_empty() {
        let problem = Problem::error(
            "TIME-1",
            model.document.cluster.span,
            "no time source: certificates fail when clocks differ",
        );
        f.push(
            "ntp",
            problem.help("add `ntp: [ADDRESS]`; a node of the cluster can serve time to the others"),
        );
    }
    if model.time.servers.len() > 4 {
        let problem = Problem::warning("TIME-1", model.document.ntp[4].span, "more than four time sources");
        f.push("ntp", problem.help("DCE takes one to four"));
    }
}

/// Whether an address can be reached from the internet only, so that a closed network never answers.
fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let shared = a.octets()[0] == 100 && (64..128).contains(&a.octets()[1]);
            !(a.is_private() || a.is_loopback() || a.is_link_local() || a.is_documentation() || shared)
        }
        IpAddr::V6(a) => {
            let documentation = a.segments()[0] == 0x2001 && a.segments()[1] == 0xdb8;
            !(a.is_loopback() || a.is_unique_local() || a.is_unicast_link_local() || documentation)
        }
    }
}

pub(super) fn dns_1(model: &Model, f: &mut Findings) {
    let inside = |a: IpAddr| model.networks.values().any(|n| n.subnet.contains(&a));
    let dns = &model.document.dns;
    for server in dns.servers.iter().chain(&dns.forwarders) {
        if public(server.value) && !inside(server.value) {
            let message = format!("{server} is a public name server: a closed network waits for it in vain");
            let problem = Problem::error("DNS-1", server.span, message);
            f.push(server, problem.help("name a server inside, or give a node the role `dns`"));
        }
    }
}

pub(super) fn dns_2(model: &Model, f: &mut Findings) {
    if !model.resolvers.servers.is_empty() {
        return;
    }
    let span = match (&model.kubernetes, &model.dce) {
        (Some(k), _) => k.spec.version.span,
        (None, Some(dce)) => dce.spec.domain.span,
        _ => return,
    };
    let problem =
        Problem::error("DNS-2", span, "no name server: CoreDNS does not start with an empty resolv.conf");
    f.push("dns", problem.help("add `dns: {servers: [ADDRESS]}`, or give a node the role `dns`"));
}

/// The owner label of an address's PTR record inside an octet-aligned zone: its host part, reversed.
fn ptr_owner(address: IpAddr, prefix_len: u8) -> String {
    match address {
        IpAddr::V4(a) => {
            let keep = 4 - usize::from(prefix_len / 8).min(3);
            a.octets().iter().rev().take(keep).map(u8::to_string).collect::<Vec<_>>().join(".")
        }
        IpAddr::V6(a) => {
            let nibbles = a.octets().into_iter().flat_map(|o| [o >> 4, o & 15]);
            let mut all: Vec<String> = nibbles.map(|n| format!("{n:x}")).collect();
            all.reverse();
            all.truncate(32 - usize::from(prefix_len / 4).min(31));
            all.join(".")
        }
    }
}

pub(super) fn dns_3(model: &Model, f: &mut Findings) {
    for zone in model.zones.values().filter(|z| !z.external) {
        for record in &zone.records {
            let written = zone.spec.records.find(&record.name);
            let Target::Address(address) = record.target else {
                if record.name.as_str() == "@" {
                    let message =
                        format!("the zone `{}` cannot be an alias: it holds SOA and NS records", zone.name);
                    f.push(
                        &zone.name,
                        Problem::error("DNS-3", record.span, message).help("give it an address"),
                    );
                }
                continue;
            };
            if address.is_loopback() {
                let message = format!(
                    "`{}` of the zone `{}` is {address}: every client would ask itself",
                    record.name, zone.name
                );
                f.push(
                    &zone.name,
                    Problem::error("DNS-3", record.span, message).help("write the address that clients use"),
                );
            }
            let owner = written.and_then(|w| w.ptr_owner.as_ref());
            let prefix = model
                .networks
                .values()
                .find(|n| n.subnet.contains(&address))
                .map_or(24, |n| n.subnet.prefix_len());
            if let Some(owner) = owner {
                let right = ptr_owner(address, prefix);
                if owner.as_str() != right {
                    let message = format!(
                        "the PTR of `{}` has the owner `{owner}`, its address {address} ends in {right}",
                        record.name
                    );
                    f.push(
                        &zone.name,
                        Problem::error("DNS-3", owner.span, message)
                            .help(format!("write `{right}`, or leave it away: hagen derives it")),
                    );
                }
            }
        }
        if zone.spec.records.iter().any(|(_, r)| r.switch.is_some())
            && zone.spec.switched_ttl.as_secs_up() > 300
        {
            let message = format!(
                "answers about switched records of `{}` are kept for {}",
                zone.name, *zone.spec.switched_ttl
            );
            let problem = Problem::warning("DNS-3", zone.spec.switched_ttl.span, message);
            f.push(
                &zone.name,
                problem.help("after a switch, clients go to the dead node for so long: write 30s to 60s"),
            );
        }
        if zone.secondaries.is_empty() && zone.primary.is_some() {
            let problem =
                Problem::note("DNS-3", zone.span, format!("one name server serves `{}`", zone.name));
            f.push(
                &zone.name,
                problem.help("a second node with the role `dns` keeps the names alive when it fails"),
            );
        }
    }
}

pub(super) fn hosts_1(model: &Model, f: &mut Findings) {
    let mut served = |name: &str, span: Span| {
        let zone = model.zones.values().find(|z| {
            name == z.name.as_str()
                || name.strip_suffix(z.name.as_str()).is_some_and(|rest| rest.ends_with('.'))
        });
        let dce = model.dce.as_ref().is_some_and(|dce| dce.domain.as_str() == name);
        if let Some(zone) = zone {
            let message = format!("`{name}` would stand in /etc/hosts and in the zone `{}`", zone.name);
            let problem = Problem::error("HOSTS-1", span, message).see(zone.span, "the zone");
            f.push(
                name,
                problem.help(
                    "remove it from the hosts: the file hides the zone, and a switch would not be seen",
                ),
            );
        } else if dce {
            let problem = Problem::error(
                "HOSTS-1",
                span,
                format!("the bootstrap domain `{name}` would stand in /etc/hosts"),
            );
            f.push(name, problem.help("let a zone serve it, `external: true` for a name server outside"));
        }
    };
    for (name, _) in &model.document.dns.extra_hosts {
        served(name.as_str(), name.span);
    }
    if let Some(rainbond) = &model.rainbond {
        let span = rainbond.spec.vip.span;
        served(rainbond.spec.domain.as_str(), if span == NOWHERE { NOWHERE } else { span });
    }
}
