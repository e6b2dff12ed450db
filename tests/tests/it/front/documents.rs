//! Random VIPs with random services: every document that is sound gives every node a front that is
//! proven, and the real daemons take it.

use std::cell::Cell;
use std::collections::BTreeSet;

use hagen::judge::Verdict;
use hagen::plan::activation::Parts;
use hagen::plan::{Input, ha_xdp, haproxy, keepalived, nginx};
use hagen::render;
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::tree::{File, Tree};
use hagen::yaml::{Cx, Decode as _, parse};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tests::documents::documents;

use super::judges::tree;

#[derive(Clone, Debug)]
struct Service {
    port: u16,
    udp: bool,
    mode: &'static str,
    moved: bool,
    preferred: bool,
    weights: bool,
    ranges: usize,
    balance: &'static str,
    check: &'static str,
    check_port: bool,
    idle: &'static str,
}

#[derive(Clone, Debug)]
struct Vip {
    owner: &'static str,
    balancer: &'static str,
    members: usize,
    version: u8,
    preempt: bool,
    delay: bool,
    lower: bool,
    unicast: bool,
    password: bool,
    interval: usize,
    check_interval: &'static str,
    streak: (u8, u8),
    connections: u32,
    services: Vec<Service>,
}

fn service() -> impl Strategy<Value = Service> {
    let first =
        (1u16..50_000, any::<bool>(), select(vec!["nat", "dsr", "ipip"]), any::<bool>(), any::<bool>());
    let second = (
        any::<bool>(),
        0usize..40,
        select(vec!["roundrobin", "leastconn", "source"]),
        select(vec![
            "tcp",
            "http, path: /healthz",
            "https, path: /readyz, caFile: /etc/pki/../x",
            "https, path: /livez, fall: 60, rise: 1, interval: 50ms, timeout: 10s",
            "https, caFile: /etc//pki/ca.crt",
        ]),
        any::<bool>(),
        select(vec!["1ms", "30s", "1h", "200d"]),
    );
    (first, second).prop_map(|(a, b)| Service {
        port: a.0,
        udp: a.1,
        mode: a.2,
        moved: a.3,
        preferred: a.4,
        weights: b.0,
        ranges: b.1,
        balance: b.2,
        check: if b.3.contains("..") { "tcp" } else { b.3 },
        check_port: b.4,
        idle: b.5,
    })
}

fn vip() -> impl Strategy<Value = Vip> {
    let pairs = vec![
        ("keepalived", "haproxy"),
        ("keepalived", "nginx"),
        ("keepalived", "none"),
        ("keepalived", "ha-xdp"),
        ("ha-xdp", "ha-xdp"),
        ("ha-xdp", "haproxy"),
        ("ha-xdp", "nginx"),
    ];
    let who = (select(pairs), 1usize..5, prop_oneof![Just(0u32), Just(4000), any::<u32>()]);
    let vrrp =
        (2u8..=3, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), 0usize..3);
    let checks = (select(vec!["1ms", "2s", "90s", "1d"]), 0u8..=60, 0u8..=60);
    (who, vrrp, checks, prop::collection::vec(service(), 1..5)).prop_map(|(who, vrrp, checks, services)| {
        Vip {
            owner: who.0.0,
            balancer: who.0.1,
            members: who.1,
            connections: who.2,
            version: vrrp.0,
            preempt: vrrp.1,
            delay: vrrp.2,
            lower: vrrp.3,
            unicast: vrrp.4,
            password: vrrp.5,
            interval: vrrp.6,
            check_interval: checks.0,
            streak: (checks.1, checks.2),
            services,
        }
    })
}

const NODES: usize = 4;
const OLD: [&str; 5] = ["debian-12", "ubuntu-22.04", "ubuntu-24.04", "rocky-9", "centos-7.9"];

fn fronts() -> impl Strategy<Value = String> {
    let system = prop::collection::vec(0usize..5, NODES);
    (any::<bool>(), system, prop::collection::vec(vip(), 1..5))
        .prop_map(|(v6, systems, vips)| text(v6, &systems, &vips))
}

fn address(v6: bool, n: usize) -> String {
    if v6 { format!("2001:db8::{n:x}") } else { format!("10.0.0.{n}") }
}

fn text(v6: bool, systems: &[usize], vips: &[Vip]) -> String {
    let xdp = vips.iter().any(|v| v.owner == "ha-xdp" || v.balancer == "ha-xdp");
    let subnet = if v6 { "2001:db8::/64" } else { "10.0.0.0/16" };
    let mut out = format!(
        "apiVersion: hagen/v1\ncluster: c\nrevision: 1\nntp: [\"{gw}\"]\nnetworks:\n  lan: {{subnet: \"{subnet}\", \
         gateway: \"{gw}\"}}\ndns: {{servers: [\"{gw}\"]}}\nnodes:\n",
        gw = address(v6, 1)
    );
    for n in 0..NODES {
        let os = OLD[systems[n] % if xdp { 4 } else { 5 }];
        let at = address(v6, 10 + n);
        out += &format!("  n{n}: {{address: \"{at}\", roles: [lb], os: {os}, interface: eth{n}}}\n");
    }
    out += "vips:\n";
    for (n, vip) in vips.iter().enumerate() {
        out += &vip_text(v6, n, vip);
    }
    out
}

fn vip_text(v6: bool, n: usize, vip: &Vip) -> String {
    let members: Vec<String> = (0..vip.members.min(NODES)).map(|m| format!("n{m}")).collect();
    let version = if v6 { 3 } else { vip.version };
    let interval = if version == 2 { ["1s", "5s", "255s"] } else { ["1s", "30ms", "40950ms"] }[vip.interval];
    let mut vrrp = format!(
        "virtualRouterId: {}, version: {version}, unicast: {}, advertisementInterval: {interval}, checkInterval: {}, \
         fall: {}, rise: {}",
        n + 1,
        vip.unicast,
        vip.check_interval,
        vip.streak.0,
        vip.streak.1
    );
    if vip.preempt {
        vrrp += ", preempt: true";
        vrrp += if vip.delay { ", preemptDelay: 90500ms" } else { "" };
        vrrp += if vip.lower { ", onFailure: lower-priority" } else { "" };
    }
    if version == 2 && vip.password {
        vrrp += ", password: {env: P}";
    }
    let mut out = format!(
        "  v{n}:\n    address: \"{}\"\n    nodes: [{}]\n    owner: {}\n    balancer: {}\n    maxConnections: {}\n    \
         vrrp: {{{vrrp}}}\n    services:\n",
        address(v6, 100 + n),
        members.join(", "),
        vip.owner,
        vip.balancer,
        vip.connections
    );
    let mut ports = BTreeSet::new();
    for (k, service) in vip.services.iter().enumerate() {
        if ports.insert(service.port) {
            out += &format!("      s{k}: {{{}}}\n", service_text(v6, vip, service, &members));
        }
    }
    out
}

fn service_text(v6: bool, vip: &Vip, service: &Service, members: &[String]) -> String {
    let mut out =
        format!("port: {}, balance: {}, idleTimeout: {}", service.port, service.balance, service.idle);
    let port = if service.check_port { ", port: 179" } else { "" };
    out += &format!(", check: {{type: {}{port}}}", service.check);
    let kernel = vip.balancer == "ha-xdp";
    if service.udp && (kernel || vip.balancer == "nginx") {
        out += ", protocol: udp";
    }
    if vip.balancer == "none" {
        return out;
    }
    let backends: Vec<String> = if service.preferred {
        (0..NODES).rev().map(|m| format!("n{m}")).collect()
    } else {
        members.to_vec()
    };
    out += &format!(", backends: [{}]", backends.join(", "));
    if kernel && service.mode != "nat" {
        out += &format!(", mode: {}", service.mode);
    } else if !kernel || service.moved {
        out += &format!(", backendPort: {}", service.port + 10_000);
    }
    if service.preferred {
        out += &format!(", preferred: {}", backends[0]);
    }
    if service.weights {
        out += &format!(", weights: {{{}: 256}}", backends[0]);
    }
    if vip.balancer != "nginx" && service.ranges > 0 {
        let range =
            |n: usize| if v6 { format!("\"2001:db8:{n:x}::1/48\"") } else { format!("10.{n}.0.1/16") };
        let ranges: Vec<String> = (0..service.ranges).map(range).collect();
        out += &format!(", sourceRanges: [{}]", ranges.join(", "));
    }
    out
}

fn prove(text: &str) -> (Topology, Secrets) {
    let node = parse(text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    let mut cx = Cx::default();
    let document = Document::decode(&node, &mut cx);
    assert!(!cx.problems.has_errors(), "{:#?}\n{text}", cx.problems);
    let document = document.unwrap();
    let secrets = Secrets::placeholder(&document);
    let (topology, problems) = Topology::prove(document);
    (topology.unwrap_or_else(|| panic!("{problems:#?}\n{text}")), secrets)
}

/// Every node's front.
fn baked(text: &str) -> Vec<Tree> {
    let (topology, secrets) = prove(text);
    let mut trees = Vec::new();
    for node in topology.nodes.values() {
        let input = Input { topology: &topology, node, secrets: &secrets };
        let (mut files, mut parts): (Vec<File>, Parts) = (Vec::new(), Parts::default());
        if let Some(plan) = keepalived::decide(&input) {
            files.extend(render::keepalived::render(&plan));
            keepalived::activate(&plan, &input, &mut parts);
        }
        if let Some(plan) = haproxy::decide(&input) {
            files.extend(render::haproxy::render(&plan));
            haproxy::activate(&plan, &input, &mut parts);
        }
        if let Some(plan) = nginx::decide(&input) {
            files.extend(render::nginx::render(&plan));
            nginx::activate(&plan, &input, &mut parts);
        }
        if let Some(plan) = ha_xdp::decide(&input) {
            files.extend(render::ha_xdp::render(&plan));
            ha_xdp::activate(&plan, &input, &mut parts);
        }
        for unit in parts.into_activation().units {
            assert!(unit.reads.iter().all(|path| path.starts_with('/')), "{unit:?}");
        }
        for file in &files {
            let shows = file.text().contains("placehol") && !file.entry.secret;
            assert!(!shows, "`{}` shows a password", file.path);
        }
        trees.push(tree(files));
    }
    trees
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_sound_front_is_decided(text in fronts()) {
        baked(&text);
    }

    #[test]
    fn every_sound_document_is_decided(text in documents()) {
        baked(&text);
    }
}

/// What the daemons say about a node's front; counts the questions.
fn judged(mut tree: Tree, asked: &[Cell<usize>; 3]) -> Result<(), String> {
    // MariaDB's own script comes with MariaDB.
    let check = File::script("test", "/usr/local/sbin/hagen-mariadb-check", "#!/bin/sh\nexit 0\n");
    tree.place("rootfs", check).unwrap();
    for (name, asked) in ["keepalived", "haproxy", "nginx"].into_iter().zip(asked) {
        match hagen::judge::by_name(name).unwrap().judge(&tree) {
            None => {}
            Some(Verdict::Accepted { notes })
                if notes.iter().all(|n| n.contains("not part of the bundle")) =>
            {
                asked.set(asked.get() + 1);
            }
            Some(other) => {
                let config = |file: &str| {
                    hagen::judge::texts(&tree, "rootfs").find(|(p, _)| p == file).map(|(_, t)| t)
                };
                let files =
                    ["/etc/keepalived/keepalived.conf", "/etc/haproxy/haproxy.cfg", "/etc/nginx/nginx.conf"];
                let shown: Vec<&str> = files.iter().filter_map(|f| config(f)).collect();
                return Err(format!("{name}: {other:?}\n{}", shown.join("\n")));
            }
        }
    }
    Ok(())
}

/// The daemons are asked about fewer documents: each question costs a process and a namespace.
#[test]
fn the_daemons_take_every_decided_front() {
    let asked = [const { Cell::new(0) }; 3];
    for (strategy, cases) in [(fronts().boxed(), 12), (documents().boxed(), 4)] {
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let result = runner.run(&strategy, |text| {
            let mut trees = baked(&text).into_iter();
            trees
                .try_for_each(|tree| judged(tree, &asked))
                .map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(asked.iter().all(|n| n.get() > 3), "hardly anything was asked: {asked:?}");
}

#[test]
fn the_daemons_take_the_front_of_every_example() {
    let asked = [const { Cell::new(0) }; 3];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../hagen/examples");
    let mut examples = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path().join("cluster.yaml");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for tree in baked(&text) {
            judged(tree, &asked).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
        examples += 1;
    }
    assert!(
        examples >= 8 && asked[0].get() >= 9 && asked[1].get() >= 8,
        "{examples} examples, {asked:?} files"
    );
}
