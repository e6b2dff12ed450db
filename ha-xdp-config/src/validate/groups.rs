//! Groups of addresses and this node's part in their virtual routers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ha_vrrp::{AdvertisementInterval, Family, RouterPriority, Version};
use ipnet::IpNet;

use super::{Findings, not_a_host, timing, unique};
use crate::document::Document;
use crate::group::{Announce, Checksum, Effect, Group, Owner, Track, TrackedProbe, Transport, Unicast, Vrrp};
use crate::limits::{
    ADDRESSES_PER_GROUP_MAX, ANNOUNCE_COUNT_MAX, GROUPS_MAX, PEERS_MAX, PREEMPT_DELAY_MS_MAX, TRACK_DROP_MAX,
    TRACKED_MAX,
};
use crate::words::Millis;

pub(super) fn check(document: &Document, found: &mut Findings) {
    let groups = &document.groups;
    found.bound("groups", "groups", groups.len(), GROUPS_MAX);
    unique(found, "group", groups.iter().enumerate().map(|(i, g)| (format!("groups[{i}].name"), &g.name)));
    let addresses = groups.iter().enumerate().flat_map(|(i, g)| {
        g.addresses.iter().enumerate().map(move |(k, a)| (format!("groups[{i}].addresses[{k}]"), a.addr()))
    });
    unique(found, "address", addresses);
    routers(groups, found);
    for (i, group) in groups.iter().enumerate() {
        let path = format!("groups[{i}]");
        members(group, &path, found);
        if let Owner::Vrrp(vrrp) = &group.owner {
            router(document, group, vrrp, &format!("{path}.owner.vrrp"), found);
        }
    }
}

/// One virtual router id per interface and family: two would answer for each other.
fn routers(groups: &[Group], found: &mut Findings) {
    let mut seen = BTreeMap::new();
    for (i, group) in groups.iter().enumerate() {
        let (Owner::Vrrp(vrrp), Some(first)) = (&group.owner, group.addresses.first()) else { continue };
        let router = (&group.interface, Family::of(first.addr()), vrrp.virtual_router_id);
        if let Some(other) = seen.insert(router, &group.name) {
            let (id, family) = (vrrp.virtual_router_id, Family::of(first.addr()));
            let message = format!(
                "virtual router id {id} is also that of group `{other}` ({family} on `{}`)",
                group.interface
            );
            let path = format!("groups[{i}].owner.vrrp.virtualRouterId");
            found.add(path, message, "choose an id that nobody else on the network uses");
        }
    }
}

fn members(group: &Group, path: &str, found: &mut Findings) {
    if group.addresses.is_empty() {
        found.add(format!("{path}.addresses"), "a group without addresses owns nothing", "");
    }
    found.bound(format!("{path}.addresses"), "addresses", group.addresses.len(), ADDRESSES_PER_GROUP_MAX);
    for (k, net) in group.addresses.iter().enumerate() {
        if let Some(why) = not_a_host(net.addr()).or_else(|| edge_of_subnet(net)) {
            found.add(format!("{path}.addresses[{k}]"), format!("`{net}` is {why}"), "");
        }
    }
}

fn edge_of_subnet(net: &IpNet) -> Option<&'static str> {
    match net {
        IpNet::V4(v4) if v4.prefix_len() >= 31 => None,
        IpNet::V4(v4) if v4.addr() == v4.network() => Some("the network's own address"),
        IpNet::V4(v4) if v4.addr() == v4.broadcast() => Some("the network's broadcast address"),
        _ => None,
    }
}

fn router(document: &Document, group: &Group, vrrp: &Vrrp, path: &str, found: &mut Findings) {
    family(group, vrrp, path, found);
    if let Err(error) = AdvertisementInterval::new(vrrp.version, vrrp.advertisement_interval) {
        found.add(format!("{path}.advertisementInterval"), error.to_string(), "");
    }
    if vrrp.pass_file.is_some() && vrrp.version == Version::V3 {
        let help = "leave the password out, or use version 2";
        found.add(format!("{path}.passFile"), "VRRP version 3 has no authentication", help);
    }
    preemption(document, vrrp, path, found);
    if let Transport::Unicast(unicast) = &vrrp.transport {
        peers(group, unicast, &format!("{path}.transport.unicast"), found);
    }
    track(document, vrrp, &format!("{path}.track"), found);
    announce(&vrrp.announce, &format!("{path}.announce"), found);
}

fn family(group: &Group, vrrp: &Vrrp, path: &str, found: &mut Findings) {
    let families: BTreeSet<Family> = group.addresses.iter().map(|a| Family::of(a.addr())).collect();
    let addresses = format!("{}.addresses", path.trim_end_matches(".owner.vrrp"));
    if families.len() > 1 {
        let help = "make a second group for the other family; it may have the same virtual router id";
        found.add(addresses, "IPv4 and IPv6 addresses cannot be one virtual router", help);
        return;
    }
    let v6 = families.contains(&Family::V6);
    if v6 && vrrp.version == Version::V2 {
        found.add(format!("{path}.version"), "VRRP version 2 knows no IPv6", "use version 3");
    }
    if v6 && !group.addresses.first().is_some_and(|a| is_link_local(a.addr())) {
        let help = "begin with an address of fe80::/10, the same on all members (RFC 9568 §5.2.9)";
        found.add(addresses, "the first address of an IPv6 virtual router is its link-local one", help);
    }
    if vrrp.checksum == Checksum::MessageOnly && (v6 || vrrp.version == Version::V2) {
        let help = "only version 3 over IPv4 has two readings; leave `checksum` out";
        found.add(format!("{path}.checksum"), "there is nothing to choose here", help);
    }
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local())
}

fn preemption(document: &Document, vrrp: &Vrrp, path: &str, found: &mut Findings) {
    let delay = vrrp.preempt_delay;
    found.range(format!("{path}.preemptDelay"), delay, Millis::new(0), Millis::new(PREEMPT_DELAY_MS_MAX));
    if !vrrp.preempt {
        if delay.get() > 0 {
            found.add(format!("{path}.preemptDelay"), "a delay of what never happens", "set `preempt: true`");
        }
        if vrrp.preempt_after_sync {
            let message = "waiting before what never happens";
            found.add(format!("{path}.preemptAfterSync"), message, "set `preempt: true`");
        }
        if vrrp.priority == RouterPriority::Owner {
            let help = "give it a priority of 1 to 254";
            found.add(
                format!("{path}.preempt"),
                "the address owner always takes over (RFC 9568 §6.4.1)",
                help,
            );
        }
    }
    if vrrp.preempt_after_sync && document.sync.is_none() {
        let message = "would wait for ever: flow state is not shared";
        found.add(format!("{path}.preemptAfterSync"), message, "configure `sync`");
    }
}

fn peers(group: &Group, unicast: &Unicast, path: &str, found: &mut Findings) {
    let Unicast { source, peers } = unicast;
    let v4 = group.addresses.first().is_none_or(|a| a.addr().is_ipv4());
    let mut host = |path: String, address: IpAddr| {
        if let Some(why) = not_a_host(address) {
            found.add(&path, format!("`{address}` is {why}"), "");
        }
        if address.is_ipv4() != v4 {
            found.add(&path, format!("`{address}` is not of the family of the group's addresses"), "");
        }
        if group.addresses.iter().any(|a| a.addr() == address) {
            found.add(&path, format!("`{address}` moves with the group"), "name the node's own address");
        }
    };
    host(format!("{path}.source"), *source);
    for (k, peer) in peers.iter().enumerate() {
        host(format!("{path}.peers[{k}]"), *peer);
    }
    if peers.is_empty() {
        found.add(format!("{path}.peers"), "no other member is named", "name all others");
    }
    found.bound(format!("{path}.peers"), "peers", peers.len(), PEERS_MAX);
    if let Some(k) = peers.iter().position(|p| p == source) {
        found.add(format!("{path}.peers[{k}]"), "this is the node itself", "name only the others");
    }
    unique(found, "peer", peers.iter().enumerate().map(|(k, p)| (format!("{path}.peers[{k}]"), *p)));
}

fn track(document: &Document, vrrp: &Vrrp, path: &str, found: &mut Findings) {
    let Track { interfaces, services, probes } = &vrrp.track;
    let tracked = interfaces.len() + services.len() + probes.len();
    found.bound(path, "tracked objects", tracked, TRACKED_MAX);
    let names = probes.iter().enumerate().map(|(k, t)| (format!("{path}.probes[{k}].name"), &t.name));
    unique(found, "probe", names);
    for (k, tracked) in probes.iter().enumerate() {
        probe(tracked, &format!("{path}.probes[{k}]"), found);
    }
    let names = interfaces.iter().enumerate().map(|(k, t)| (format!("{path}.interfaces[{k}].name"), &t.name));
    unique(found, "interface", names);
    let names = services.iter().enumerate().map(|(k, t)| (format!("{path}.services[{k}].name"), &t.name));
    unique(found, "service", names);
    for (k, tracked) in services.iter().enumerate() {
        let path = format!("{path}.services[{k}].name");
        match document.services.iter().find(|s| s.name == tracked.name) {
            None => found.add(path, format!("there is no service `{}`", tracked.name), ""),
            Some(service) if service.check.is_none() => {
                let message = format!("service `{}` has no check, so it never fails", tracked.name);
                found.add(path, message, "give it a `check`");
            }
            Some(_) => {}
        }
    }
    let effects = (interfaces.iter().enumerate().map(|(k, t)| (format!("interfaces[{k}]"), t.effect)))
        .chain(services.iter().enumerate().map(|(k, t)| (format!("services[{k}]"), t.effect)))
        .chain(probes.iter().enumerate().map(|(k, t)| (format!("probes[{k}]"), t.effect)));
    for (place, effect) in effects {
        let path = format!("{path}.{place}.effect");
        match effect {
            Effect::Fault => {}
            Effect::Drop(_) if vrrp.priority == RouterPriority::Owner => {
                found.add(path, "the address owner's priority cannot be lowered", "write `fault`");
            }
            Effect::Drop(drop) => found.range(path, drop.get(), 1, TRACK_DROP_MAX),
        }
    }
}

fn probe(tracked: &TrackedProbe, path: &str, found: &mut Findings) {
    let TrackedProbe { address, interval, timeout, rise, fall, .. } = tracked;
    // The loopback interface is where one asks one's own programs.
    if let Some(why) = not_a_host(address.ip()).filter(|_| !address.ip().is_loopback()) {
        found.add(format!("{path}.address"), format!("`{address}` is {why}"), "");
    }
    if address.port() == 0 {
        found.add(format!("{path}.address"), "port 0 is not a port to be found at", "");
    }
    timing(found, path, *interval, *timeout, *rise, *fall);
}

fn announce(announce: &Announce, path: &str, found: &mut Findings) {
    found.range(format!("{path}.count"), announce.count, 1, ANNOUNCE_COUNT_MAX);
    for (name, time) in [("repeatAfter", announce.repeat_after), ("refresh", announce.refresh)] {
        let (least, most) = (Millis::seconds(1), Millis::seconds(3600));
        if time.get() > 0 && !(least..=most).contains(&time) {
            let message = format!("{time} is neither 0s (never) nor in {least}..={most}");
            found.add(format!("{path}.{name}"), message, "");
        }
    }
}
