//! Services, their backends and checks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Findings, not_a_host, ranges, timing, unique};
use crate::document::Document;
use crate::group::Group;
use crate::limits::{
    BACKENDS_PER_SERVICE_MAX, BACKENDS_TOTAL_MAX, FLOW_TIMEOUT_MS_MAX, MSS_MAX, MSS_MIN, POOL_ADDRESSES_MAX,
    PROBE_JITTER_PERCENT_MAX, SERVICES_MAX, SOURCES_PER_SERVICE_MAX, SOURCES_TOTAL_MAX,
};
use crate::service::{Backend, Check, Forward, Nat, NatSource, Protocol, Service, Through};
use crate::words::{Millis, ServicePort};

pub(super) fn check(document: &Document, found: &mut Findings) {
    let services = &document.services;
    found.bound("services", "services", services.len(), SERVICES_MAX);
    let backends = services.iter().map(|s| s.backends.len()).sum();
    found.bound("services", "backends in all", backends, BACKENDS_TOTAL_MAX);
    let sources = services.iter().map(|s| s.sources.len()).sum();
    found.bound("services", "source ranges in all", sources, SOURCES_TOTAL_MAX);
    unique(
        found,
        "service",
        services.iter().enumerate().map(|(i, s)| (format!("services[{i}].name"), &s.name)),
    );
    frontends(services, found);
    let vips: BTreeSet<IpAddr> =
        document.groups.iter().flat_map(|g| g.addresses.iter().map(ipnet::IpNet::addr)).collect();
    for (i, service) in services.iter().enumerate() {
        let path = format!("services[{i}]");
        one(document, service, &vips, &path, found);
    }
}

/// One service per address, port and protocol.
fn frontends(services: &[Service], found: &mut Findings) {
    let mut seen = BTreeMap::new();
    for (i, service) in services.iter().enumerate() {
        let Service { address, port, protocol, .. } = service;
        if let Some(other) = seen.insert((*address, *port, *protocol), &service.name) {
            let message = format!("{address} {}/{port} is also that of service `{other}`", protocol.as_str());
            found.add(format!("services[{i}].port"), message, "");
        }
    }
}

fn one(document: &Document, service: &Service, vips: &BTreeSet<IpAddr>, path: &str, found: &mut Findings) {
    if !vips.contains(&service.address) {
        let help = "add it to the addresses of a group, so that somebody owns it";
        found.add(format!("{path}.address"), format!("`{}` is in no group", service.address), help);
    }
    found.bound(format!("{path}.sources"), "source ranges", service.sources.len(), SOURCES_PER_SERVICE_MAX);
    ranges(found, &format!("{path}.sources"), &service.sources, Some(service.address));
    if let Some(mss) = service.mss_clamp {
        found.range(format!("{path}.mssClamp"), mss, MSS_MIN, MSS_MAX);
        if service.protocol != Protocol::Tcp {
            found.add(format!("{path}.mssClamp"), "only TCP has segments", "leave it out");
        }
    }
    let longest = Millis::new(FLOW_TIMEOUT_MS_MAX);
    found.range(format!("{path}.drainTimeout"), service.drain_timeout, Millis::new(0), longest);
    if let Forward::Nat(nat) = &service.forward {
        translation(document, service, nat, &format!("{path}.forward.nat"), found);
    }
    backends(service, vips, path, found);
    if u32::try_from(service.backends.len()).is_ok_and(|n| n > document.tables.maglev_slots) {
        let message = format!("more backends than slots ({})", document.tables.maglev_slots);
        found.add(format!("{path}.backends"), message, "raise `tables.maglevSlots`");
    }
    if let Some(check) = &service.check {
        health(service, check, &format!("{path}.check"), found);
    }
}

fn translation(document: &Document, service: &Service, nat: &Nat, path: &str, found: &mut Findings) {
    let own = [service.address];
    let addresses: &[IpAddr] = match &nat.source {
        NatSource::Client => return,
        NatSource::Vip => &own,
        NatSource::Pool(pool) => {
            pool_members(document, service, pool, &format!("{path}.source.pool"), found);
            pool
        }
    };
    // An answer to a translated port must not look like a client of another service.
    let clash = document.services.iter().find(|other| {
        other.protocol == service.protocol
            && addresses.contains(&other.address)
            && match other.port {
                ServicePort::Any => true,
                ServicePort::One(port) => nat.ports.contains(port.get()),
            }
    });
    if let Some(other) = clash {
        let message = format!(
            "ports {} of {} are translated to, but service `{}` listens there on {}",
            nat.ports, other.address, other.name, other.port
        );
        found.add(format!("{path}.ports"), message, "choose a range without services, or a pool");
    }
}

fn pool_members(document: &Document, service: &Service, pool: &[IpAddr], path: &str, found: &mut Findings) {
    if pool.is_empty() {
        found.add(path, "an empty pool", "name an address of the VIP's group, or write `source: vip`");
    }
    found.bound(path, "addresses", pool.len(), POOL_ADDRESSES_MAX);
    let owns = |g: &&Group, a: IpAddr| g.addresses.iter().any(|net| net.addr() == a);
    let group = document.groups.iter().find(|g| owns(g, service.address));
    for (k, address) in pool.iter().enumerate() {
        if address.is_ipv4() != service.address.is_ipv4() {
            found.add(format!("{path}[{k}]"), format!("`{address}` is not of the VIP's family"), "");
        } else if let Some(group) = group
            && !owns(&group, *address)
        {
            let message = format!("`{address}` does not move with the VIP");
            let help = format!("add it to group `{}`, or answers go to a dead node", group.name);
            found.add(format!("{path}[{k}]"), message, help);
        }
    }
    unique(found, "address", pool.iter().enumerate().map(|(k, a)| (format!("{path}[{k}]"), *a)));
}

fn backends(service: &Service, vips: &BTreeSet<IpAddr>, path: &str, found: &mut Findings) {
    let list = &service.backends;
    if list.is_empty() {
        found.add(format!("{path}.backends"), "a service without backends", "name at least one");
    } else if list.iter().all(|b| b.weight == 0) {
        let help = "leave at least one with a weight, or remove the service";
        found.add(format!("{path}.backends"), "every backend is drained", help);
    } else if list.iter().all(|b| b.backup || b.weight == 0) {
        let help = "leave at least one with a weight that is no backup";
        found.add(format!("{path}.backends"), "every backend is in reserve or drained", help);
    }
    found.bound(format!("{path}.backends"), "backends", list.len(), BACKENDS_PER_SERVICE_MAX);
    let at = |k: usize, field: &str| format!("{path}.backends[{k}].{field}");
    unique(found, "backend", list.iter().enumerate().map(|(k, b)| (at(k, "name"), &b.name)));
    let mut seen = BTreeSet::new();
    for (k, backend) in list.iter().enumerate() {
        let Backend { address, port, .. } = backend;
        let effective = port.or(service.port.one());
        if !seen.insert((*address, effective)) {
            let shown = effective.map_or("any".to_owned(), |p| p.to_string());
            found.add(at(k, "address"), format!("`{address}` port {shown} is named twice"), "use its weight");
        }
        if let Some(why) = not_a_host(*address) {
            found.add(at(k, "address"), format!("`{address}` is {why}"), "");
        }
        if address.is_ipv4() != service.address.is_ipv4() {
            let message = format!("`{address}` is not of the VIP's family");
            found.add(at(k, "address"), message, "addresses are not translated between families");
        }
        if vips.contains(address) {
            let message = format!("`{address}` is a VIP: packets would come back for ever");
            found.add(at(k, "address"), message, "name the backend's own address");
        }
        translated_port(service, backend, at(k, "port"), found);
    }
    if list.iter().filter(|b| b.local).map(|b| b.address).collect::<BTreeSet<_>>().len() > 1 {
        let help = "`local` marks this node only";
        found.add(format!("{path}.backends"), "two addresses are said to be this node", help);
    }
}

/// Only translation can change a port.
fn translated_port(service: &Service, backend: &Backend, path: String, found: &mut Findings) {
    let Some(port) = backend.port else { return };
    match (&service.forward, service.port) {
        (_, ServicePort::Any) => {
            found.add(path, "a service of any port keeps the client's port", "leave it out");
        }
        (Forward::Dsr | Forward::Ipip, ServicePort::One(own)) if own != port => {
            let mode = if service.forward == Forward::Dsr { "dsr" } else { "ipip" };
            let help = "leave it out, or forward by `nat`";
            found.add(path, format!("`{mode}` cannot turn port {own} into {port}"), help);
        }
        _ => {}
    }
}

fn health(service: &Service, check: &Check, path: &str, found: &mut Findings) {
    timing(found, path, check.interval, check.timeout, check.rise, check.fall);
    found.range(format!("{path}.jitterPercent"), check.jitter_percent, 0, PROBE_JITTER_PERCENT_MAX);
    if check.port.is_none() && service.protocol == Protocol::Udp {
        let help = "name a TCP port that tells the backend's health";
        found.add(format!("{path}.probe"), "UDP has no handshake to probe", help);
    }
    if check.port.is_none() && service.port == ServicePort::Any {
        found.add(format!("{path}.port"), "a service of any port does not say which to probe", "name one");
    }
    if check.through == Through::Vip && matches!(service.forward, Forward::Nat(_)) {
        let help = "leave `through` out: with `nat` a backend knows nothing of the VIP";
        found.add(format!("{path}.through"), "only `dsr` and `ipip` backends have the VIP", help);
    }
}
