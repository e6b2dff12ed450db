//! The daemon itself, its interfaces and tables, and sharing of flow state.

use std::net::SocketAddr;

use super::{Findings, not_a_host, ranges, unique};
use crate::document::{Daemon, Decapsulation, Document, FlowTimeouts, Sync, Tables};
use crate::limits::{
    ADDRESSES_PER_GROUP_MAX, FLOW_TIMEOUT_MS_MAX, FLOW_TIMEOUT_MS_MIN, FLOWS_MAX, FLOWS_MIN, FRAGMENTS_MAX,
    GROUPS_MAX, INTERFACES_MAX, MAGLEV_SLOTS_MAX, MAGLEV_SLOTS_MIN, MAGLEV_SLOTS_TOTAL_MAX, PEERS_MAX,
    PROBE_CONCURRENCY_MAX, SOCKET_PATH_BYTES_MAX, SOURCES_PER_SERVICE_MAX,
};
use crate::words::Millis;

pub(super) fn check(document: &Document, found: &mut Findings) {
    daemon(&document.daemon, found);
    interfaces(document, found);
    tables(&document.tables, document.services.len(), found);
    timeouts(&document.timeouts, found);
    if let Some(sync) = &document.sync {
        share(sync, found);
    }
    if let Some(decapsulation) = &document.decapsulation {
        decapsulate(decapsulation, found);
    }
}

fn daemon(daemon: &Daemon, found: &mut Findings) {
    let len = daemon.control_socket.as_str().len();
    if len > SOCKET_PATH_BYTES_MAX {
        let message = format!("{len} bytes; a socket's path has at most {SOCKET_PATH_BYTES_MAX}");
        found.add("daemon.controlSocket", message, "");
    }
    if !daemon.pin_path.as_str().starts_with("/sys/fs/bpf/") {
        let help = "programs and maps can only be pinned below `/sys/fs/bpf/`";
        found.add("daemon.pinPath", format!("`{}` is not on the BPF file system", daemon.pin_path), help);
    }
    if daemon.metrics_listen.is_some_and(|a| a.port() == 0) {
        found.add("daemon.metricsListen", "port 0 is not a port to be found at", "");
    }
    if let Some(priority) = daemon.realtime_priority {
        found.range("daemon.realtimePriority", priority, 1, 99);
    }
    found.range("daemon.probeConcurrency", daemon.probe_concurrency, 1, PROBE_CONCURRENCY_MAX);
}

fn interfaces(document: &Document, found: &mut Findings) {
    let list = &document.interfaces;
    found.bound("interfaces", "interfaces", list.len(), INTERFACES_MAX);
    let names = list.iter().enumerate().map(|(i, x)| (format!("interfaces[{i}].name"), &x.name));
    unique(found, "interface", names);
    if list.is_empty() && (!document.services.is_empty() || document.decapsulation.is_some()) {
        let help = "name the interfaces on which clients' packets arrive";
        found.add("interfaces", "there is work to do, but no interface to do it on", help);
    }
}

fn tables(tables: &Tables, services: usize, found: &mut Findings) {
    found.range("tables.flows", tables.flows, FLOWS_MIN, FLOWS_MAX);
    found.range("tables.fragments", tables.fragments, 0, FRAGMENTS_MAX);
    let slots = tables.maglev_slots;
    found.range("tables.maglevSlots", slots, MAGLEV_SLOTS_MIN, MAGLEV_SLOTS_MAX);
    if !is_prime(slots) {
        // With another size some permutations would not visit every slot (Maglev, NSDI 2016, §3.4).
        let help = "4093, 16381 and 65537 are";
        found.add("tables.maglevSlots", format!("{slots} is not a prime"), help);
    }
    let total = u64::from(slots).saturating_mul(u64::try_from(services).unwrap_or(u64::MAX));
    if total > MAGLEV_SLOTS_TOTAL_MAX {
        let message =
            format!("{services} services of {slots} slots are {total}; at most {MAGLEV_SLOTS_TOTAL_MAX} fit");
        found.add("tables.maglevSlots", message, "choose a smaller prime");
    }
}

/// By trial division; the largest candidate that is asked about has 32 bits.
fn is_prime(n: u32) -> bool {
    n >= 2
        && (2..).take_while(|d| u64::from(*d) * u64::from(*d) <= u64::from(n)).all(|d| !n.is_multiple_of(d))
}

fn timeouts(timeouts: &FlowTimeouts, found: &mut Findings) {
    let FlowTimeouts { tcp_opening, tcp_established, tcp_closing, udp, fragment } = *timeouts;
    for (name, time) in [
        ("tcpOpening", tcp_opening),
        ("tcpEstablished", tcp_established),
        ("tcpClosing", tcp_closing),
        ("udp", udp),
        ("fragment", fragment),
    ] {
        let (least, most) = (Millis::new(FLOW_TIMEOUT_MS_MIN), Millis::new(FLOW_TIMEOUT_MS_MAX));
        found.range(format!("timeouts.{name}"), time, least, most);
    }
    if fragment > Millis::seconds(60) {
        found.add("timeouts.fragment", format!("{fragment} is longer than any host waits"), "at most 1m");
    }
}

fn share(sync: &Sync, found: &mut Findings) {
    endpoint(found, "sync.listen", sync.listen);
    if sync.peers.is_empty() {
        found.add(
            "sync.peers",
            "nobody to share flow state with",
            "name the other node, or leave `sync` out",
        );
    }
    found.bound("sync.peers", "peers", sync.peers.len(), PEERS_MAX);
    for (i, peer) in sync.peers.iter().enumerate() {
        let path = format!("sync.peers[{i}]");
        endpoint(found, &path, *peer);
        if peer.ip() == sync.listen.ip() {
            found.add(&path, format!("`{peer}` is this node itself"), "name only the others");
        }
        if peer.is_ipv4() != sync.listen.is_ipv4() {
            found.add(&path, format!("`{peer}` is not of the family of `listen`"), "");
        }
    }
    unique(found, "peer", sync.peers.iter().enumerate().map(|(i, p)| (format!("sync.peers[{i}]"), *p)));
}

fn endpoint(found: &mut Findings, path: &str, address: SocketAddr) {
    if let Some(why) = not_a_host(address.ip()) {
        found.add(path, format!("`{address}` is {why}"), "flow state goes between the nodes' own addresses");
    }
    if address.port() == 0 {
        found.add(path, "port 0 is not a port to be found at", "");
    }
}

fn decapsulate(decapsulation: &Decapsulation, found: &mut Findings) {
    let Decapsulation { sources, addresses } = decapsulation;
    if sources.is_empty() {
        let help = "name the load balancers; otherwise anybody could send packets in somebody else's name";
        found.add("decapsulation.sources", "no source is believed", help);
    }
    found.bound("decapsulation.sources", "source ranges", sources.len(), SOURCES_PER_SERVICE_MAX);
    ranges(found, "decapsulation.sources", sources, None);
    for (i, source) in sources.iter().enumerate() {
        if source.prefix_len() == 0 {
            found.add(format!("decapsulation.sources[{i}]"), "everybody would be believed", "");
        }
    }
    if addresses.is_empty() {
        found.add("decapsulation.addresses", "no VIP is named", "name the VIPs of the `ipip` services");
    }
    let most = ADDRESSES_PER_GROUP_MAX * GROUPS_MAX;
    found.bound("decapsulation.addresses", "addresses", addresses.len(), most);
    for (i, address) in addresses.iter().enumerate() {
        if let Some(why) = not_a_host(*address) {
            found.add(format!("decapsulation.addresses[{i}]"), format!("`{address}` is {why}"), "");
        }
    }
    let paths = addresses.iter().enumerate().map(|(i, a)| (format!("decapsulation.addresses[{i}]"), *a));
    unique(found, "address", paths);
}
