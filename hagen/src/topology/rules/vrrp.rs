//! VRID-1 and VRRP-1 to VRRP-8: virtual routers.

use std::collections::BTreeMap;

use super::Findings;
use crate::problem::{Problem, Span};
use crate::spec::{OnFailure, Owner};
use crate::topology::Model;

pub(super) fn vrid_1(model: &Model, f: &mut Findings) {
    let mut seen = BTreeMap::<(&str, u8), (&str, Span)>::new();
    for vip in model.vips.values() {
        let Some(vrrp) = &vip.vrrp else { continue };
        let (id, span) = (vrrp.virtual_router_id.value, vrrp.virtual_router_id.span);
        if id == 0 {
            let problem = Problem::error("VRID-1", span, "virtual router id 0 is not in 1..=255");
            f.push(&vip.name, problem.help("take an id that is free in the network"));
        }
        let network = vip.members.first().and_then(|m| model.node(&m.node)).map(|n| n.network.as_str());
        let Some(network) = network else { continue };
        if let Some((other, first)) = seen.insert((network, id), (vip.name.as_str(), span)) {
            let message = format!(
                "the VIPs `{}` and `{other}` have the virtual router id {id} in the network `{network}`",
                vip.name
            );
            let problem = Problem::error("VRID-1", span, message).see(first, "first here");
            f.push(&vip.name, problem.help("give one of them an id that is free in the network"));
        }
        let reserved = model.networks.values().find(|n| n.name.as_str() == network);
        if reserved.is_some_and(|n| n.reserved_virtual_router_ids.contains(&id)) {
            let message = format!("the virtual router id {id} is reserved in the network `{network}`");
            f.push(
                &vip.name,
                Problem::error("VRID-1", span, message).help("other equipment uses it: take another"),
            );
        }
    }
}

/// The id that ocboot computes: the digits of the VIP as one number, modulo 255, and 100 for 0.
fn derived_id(address: std::net::IpAddr) -> u8 {
    let digits = address
        .to_string()
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |n: u32, d| (n * 10 + u32::from(d - b'0')) % 255);
    u8::try_from(digits).ok().filter(|id| *id != 0).unwrap_or(100)
}

pub(super) fn vrid_2(model: &Model, f: &mut Findings) {
    for vip in model.vips.values().filter(|v| v.owner == Owner::Platform) {
        let id = derived_id(vip.address);
        if let Some(vrrp) = &vip.vrrp {
            let message = format!(
                "the platform's installer takes the virtual router id {id} for `{}` by itself",
                vip.name
            );
            f.push(
                &vip.name,
                Problem::error("VRID-2", vrrp.virtual_router_id.span, message).help("remove `vrrp`"),
            );
        }
        let network = vip.network.as_ref().and_then(|n| model.networks.get(n));
        let Some(network) = network else { continue };
        if network.reserved_virtual_router_ids.contains(&id) {
            let message = format!(
                "the platform derives the virtual router id {id} from {}, which is reserved in `{}`",
                vip.address, network.name
            );
            f.push(
                &vip.name,
                Problem::error("VRID-2", vip.address_span, message).help("take another address for the VIP"),
            );
        }
        let same = |v: &&crate::topology::Vip| {
            v.network.as_ref() == Some(&network.name)
                && v.name != vip.name
                && match &v.vrrp {
                    Some(vrrp) => vrrp.virtual_router_id.value == id,
                    None => v.owner == Owner::Platform && derived_id(v.address) == id,
                }
        };
        if let Some(other) = model.vips.values().find(same) {
            let message = format!(
                "the platform derives the virtual router id {id} from {}, and `{}` has it too",
                vip.address, other.name
            );
            let problem =
                Problem::error("VRID-2", vip.address_span, message).see(other.span, "the other VIP");
            f.push(
                &vip.name,
                problem.help(format!("give `{}` another id, or this VIP another address", other.name)),
            );
        }
    }
}

pub(super) fn vrrp_1(model: &Model, f: &mut Findings) {
    for vip in model.vips.values().filter(|v| v.vrrp.is_some()) {
        let mut seen = BTreeMap::<u8, (&str, Span)>::new();
        for member in &vip.members {
            if !(1..=254).contains(&member.priority) {
                let message = format!("priority {} of `{}` is not in 1..=254", member.priority, member.node);
                f.push(
                    &vip.name,
                    Problem::error("VRRP-1", member.span, message)
                        .help("255 is for the owner of the address, 0 means leaving"),
                );
            }
            if let Some((other, first)) = seen.insert(member.priority, (member.node.as_str(), member.span)) {
                let message = format!(
                    "`{}` and `{other}` have the priority {} for the VIP `{}`",
                    member.node, member.priority, vip.name
                );
                let problem = Problem::error("VRRP-1", member.span, message).see(first, "first here");
                f.push(
                    &vip.name,
                    problem.help("give every node its own; the higher address would win the tie, unseen"),
                );
            }
        }
        if let [only] = vip.members.as_slice() {
            let message =
                format!("only `{}` may carry the VIP `{}`: nothing takes over", only.node, vip.name);
            f.push(&vip.name, Problem::warning("VRRP-1", vip.span, message).help("name a second node"));
        }
    }
}

pub(super) fn vrrp_2(model: &Model, f: &mut Findings) {
    for vip in model.vips.values() {
        let Some(vrrp) = &vip.vrrp else { continue };
        if let Some(delay) = vrrp.preempt_delay.as_ref().filter(|_| !vrrp.preempt) {
            let problem = Problem::error("VRRP-2", delay.span, "`preemptDelay` without `preempt: true`");
            f.push(&vip.name, problem.help("add `preempt: true`, or remove the delay"));
        }
    }
}

pub(super) fn vrrp_3(model: &Model, f: &mut Findings) {
    for vip in model.vips.values() {
        let Some(vrrp) = &vip.vrrp else { continue };
        let version = vrrp.version.value;
        if !matches!(version, 2 | 3) {
            let problem =
                Problem::error("VRRP-3", vrrp.version.span, format!("there is no VRRP version {version}"));
            f.push(&vip.name, problem.help("write 2 or 3"));
            continue;
        }
        if let Some(password) = vrrp.password.as_ref().filter(|_| version == 3) {
            let problem = Problem::error("VRRP-3", password.span, "VRRP version 3 has no password");
            f.push(&vip.name, problem.help("remove it, or write `version: 2`; unicast and a closed segment protect better than 8 bytes in clear"));
        }
        if version == 2 && vip.address.is_ipv6() {
            let problem = Problem::error("VRRP-3", vrrp.version.span, "VRRP version 2 has no IPv6");
            f.push(&vip.name, problem.help("write `version: 3`"));
        }
        let ms = vrrp.advertisement_interval.as_millis();
        let (fits, form) = match version {
            2 => ((1000..=255_000).contains(&ms) && ms % 1000 == 0, "1s to 255s in whole seconds"),
            _ => ((10..=40_950).contains(&ms) && ms % 10 == 0, "10ms to 40950ms in steps of 10ms"),
        };
        if !fits {
            let message =
                format!("VRRP version {version} cannot advertise every {}", *vrrp.advertisement_interval);
            f.push(
                &vip.name,
                Problem::error("VRRP-3", vrrp.advertisement_interval.span, message)
                    .help(format!("write {form}")),
            );
        }
    }
}

pub(super) fn vrrp_4(model: &Model, f: &mut Findings) {
    for vip in model.vips.values() {
        let Some(vrrp) = vip.vrrp.as_ref().filter(|v| v.on_failure == OnFailure::LowerPriority) else {
            continue;
        };
        let (Some(first), Some(last)) = (vip.members.first(), vip.members.last()) else { continue };
        let spread = first.priority.saturating_sub(last.priority);
        if spread >= last.priority {
            let message = format!(
                "priorities {} to {}: lowered by {}, a failed `{}` cannot be told from the others",
                last.priority,
                first.priority,
                u16::from(spread) + 1,
                last.node
            );
            let problem = Problem::error("VRRP-4", vrrp.virtual_router_id.span, message);
            f.push(
                &vip.name,
                problem.help("bring the priorities closer together, or write `onFailure: fault`"),
            );
        }
        if !vrrp.preempt {
            let message =
                format!("`onFailure: lower-priority` moves the VIP `{}` only with `preempt: true`", vip.name);
            let problem = Problem::error("VRRP-4", vrrp.virtual_router_id.span, message);
            f.push(&vip.name, problem.help("add `preempt: true`, or write `onFailure: fault`"));
        }
    }
}

pub(super) fn vrrp_5(model: &Model, f: &mut Findings) {
    for vip in model.vips.values().filter(|v| v.owner.speaks_vrrp() && v.services.is_empty()) {
        let message = format!("the VIP `{}` fronts nothing that it could follow", vip.name);
        f.push(
            &vip.name,
            Problem::error("VRRP-5", vip.span, message).help("add `services:` with the ports behind it"),
        );
    }
}

pub(super) fn vrrp_7(model: &Model, f: &mut Findings) {
    for vip in model.vips.values() {
        let Some(vrrp) = &vip.vrrp else { continue };
        if let Some(member) = vip.members.iter().find(|m| m.address.is_ipv4() != vip.address.is_ipv4()) {
            let message = format!(
                "the VIP {} and the address {} of `{}` are of two families",
                vip.address, member.address, member.node
            );
            f.push(
                &vip.name,
                Problem::error("VRRP-7", vip.address_span, message)
                    .help("advertisements travel in the VIP's family: give the nodes an address of it"),
            );
        }
        if !vrrp.unicast {
            let group = if vip.address.is_ipv4() { "224.0.0.18" } else { "ff02::12" };
            let message = format!("the VIP `{}` advertises by multicast", vip.name);
            let problem = Problem::note("VRRP-7", vrrp.virtual_router_id.span, message);
            f.push(
                &vip.name,
                problem.help(format!("switches and firewalls must let {group}, IP protocol 112, through")),
            );
        }
    }
}

pub(super) fn vrrp_8(model: &Model, f: &mut Findings) {
    for vip in model.vips.values() {
        for member in &vip.members {
            let Some(node) = model.node(&member.node) else { continue };
            let known = *node.address_interface() == member.interface
                || node.interfaces.contains_key(&member.interface);
            if !known {
                let message = format!(
                    "`{}` has no interface `{}` for the VIP `{}`",
                    node.name, member.interface, vip.name
                );
                let help = format!(
                    "its address is on `{}`; leave `interface` away, or describe the interface at the node",
                    node.address_interface()
                );
                f.push(&vip.name, Problem::error("VRRP-8", member.span, message).help(help));
            }
        }
    }
}
