//! Random documents that keep every rule: what the generator must turn into files that every daemon accepts.

use proptest::prelude::*;

/// The variable that holds a VRRP password in generated documents.
pub const VRRP_PASSWORD: &str = "HAGEN_TEST_VRRP_PASSWORD";
/// The variable that holds a database password in generated documents.
pub const DB_PASSWORD: &str = "HAGEN_TEST_DB_PASSWORD";

const SYSTEMS: [&str; 5] = ["debian-12", "ubuntu-22.04", "ubuntu-24.04", "rocky-9", "centos-7.9"];
/// Systems with a kernel for ha-xdp.
const MODERN: [&str; 4] = ["debian-12", "ubuntu-22.04", "ubuntu-24.04", "rocky-9"];
const INTERFACES: [&str; 4] = ["eth0", "ens192", "enp3s0f1", "bond0.7"];

/// How the apiservers are fronted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    Haproxy,
    Nginx,
    HaXdp,
    HaXdpBehindKeepalived,
    StaticPod,
    KubeVip,
}

/// Everything that is drawn for one document.
#[derive(Clone, Debug)]
struct Draw {
    front: Front,
    stacked: bool,
    control_planes: usize,
    workers: usize,
    balancers: usize,
    systems: Vec<usize>,
    interfaces: Vec<usize>,
    macs: bool,
    version: u8,
    password: bool,
    preempt: bool,
    unicast: bool,
    interval: usize,
    https_check: bool,
    dns_nodes: usize,
    volume: usize,
    database: usize,
    etcd_nodes: usize,
    kubernetes: usize,
    revision: u32,
    octet: u8,
}

fn draw() -> impl Strategy<Value = Draw> {
    let front = prop_oneof![
        Just(Front::Haproxy),
        Just(Front::Nginx),
        Just(Front::HaXdp),
        Just(Front::HaXdpBehindKeepalived),
        Just(Front::StaticPod),
        Just(Front::KubeVip)
    ];
    let shape =
        (front, any::<bool>(), 0..3_usize, 0..4_usize, 2..4_usize, 0..3_usize, 0..3_usize, 0..3_usize);
    let nodes = (prop::collection::vec(0..5_usize, 24), prop::collection::vec(0..4_usize, 24), any::<bool>());
    let vrrp = (2..4_u8, any::<bool>(), any::<bool>(), any::<bool>(), 0..3_usize, any::<bool>());
    let rest = (0..3_usize, 0..3_usize, 1..u32::MAX, 1..250_u8);
    (shape, nodes, vrrp, rest).prop_map(|(shape, nodes, vrrp, rest)| Draw {
        front: shape.0,
        stacked: shape.1,
        control_planes: [1, 3, 5][shape.2],
        workers: shape.3,
        balancers: shape.4,
        dns_nodes: shape.5,
        volume: shape.6,
        database: shape.7,
        systems: nodes.0,
        interfaces: nodes.1,
        macs: nodes.2,
        version: vrrp.0,
        password: vrrp.1,
        preempt: vrrp.2,
        unicast: vrrp.3,
        interval: vrrp.4,
        https_check: vrrp.5,
        etcd_nodes: rest.0,
        kubernetes: rest.1,
        revision: rest.2,
        octet: rest.3,
    })
}

/// Documents that pass `hagen check`.
pub fn documents() -> impl Strategy<Value = String> {
    draw().prop_map(|d| text(&d))
}

/// Nodes are written as they are added, so that each has its own address.
struct Nodes<'d> {
    draw: &'d Draw,
    lines: Vec<String>,
}

impl Nodes<'_> {
    fn add(&mut self, name: &str, roles: &str, modern: bool) {
        let at = self.lines.len();
        let pick = self.draw.systems[at % self.draw.systems.len()];
        let os = if modern { MODERN[pick % MODERN.len()] } else { SYSTEMS[pick] };
        let interface = INTERFACES[self.draw.interfaces[at % self.draw.interfaces.len()]];
        let mac =
            if self.draw.macs { format!(", mac: \"52:54:00:00:00:{:02x}\"", at + 1) } else { String::new() };
        let address = format!("10.{}.1.{}", self.draw.octet, at + 10);
        self.lines.push(format!(
            "  {name}: {{address: {address}, roles: [{roles}], os: {os}, interface: {interface}{mac}}}"
        ));
    }
}

fn text(d: &Draw) -> String {
    let static_pod = matches!(d.front, Front::StaticPod | Front::KubeVip);
    let stacked = d.stacked || static_pod;
    let xdp = matches!(d.front, Front::HaXdp | Front::HaXdpBehindKeepalived);
    // A balancer with a socket shares port 6443 with the apiserver of its node; one in the kernel does not.
    let bind_port = if stacked && !xdp && d.front != Front::KubeVip { 9443 } else { 6443 };
    let mut nodes = Nodes { draw: d, lines: vec![] };
    for i in 0..d.control_planes {
        let roles = if stacked { "control-plane, lb" } else { "control-plane" };
        nodes.add(&format!("cp-{i}"), roles, xdp);
    }
    for i in 0..if stacked { 0 } else { d.balancers } {
        nodes.add(&format!("lb-{i}"), "lb", xdp);
    }
    for i in 0..d.workers {
        nodes.add(&format!("worker-{i}"), "worker", false);
    }
    for i in 0..[0, 0, 3][d.etcd_nodes] {
        nodes.add(&format!("etcd-{i}"), "etcd", false);
    }
    for i in 0..d.dns_nodes {
        nodes.add(&format!("dns-{i}"), "dns", false);
    }
    for i in 0..[0, 2, 3][d.volume] {
        nodes.add(&format!("store-{i}"), "storage", false);
    }
    for i in 0..d.database {
        nodes.add(&format!("db-{i}"), "database", d.database == 2);
    }
    let octet = d.octet;
    let mut out = format!(
        "apiVersion: hagen/v1\ncluster: c-{octet}\nrevision: {}\nntp: [10.{octet}.1.10, \"10.{octet}.0.1 iburst\"]\n\
         networks:\n  lan: {{subnet: 10.{octet}.0.0/20, gateway: 10.{octet}.0.1}}\n\
         dns: {{servers: [10.{octet}.0.1]}}\nnodes:\n{}\n",
        d.revision,
        nodes.lines.join("\n")
    );
    out += &vips(d, stacked, static_pod, bind_port);
    out += &format!(
        "kubernetes:\n  version: {}\n  vip: api\n  bindPort: {bind_port}\n  podSubnet: 192.168.0.0/17\n  serviceSubnet: 192.168.128.0/18\n",
        ["1.29.4", "1.31.2", "1.33.0"][d.kubernetes]
    );
    if d.dns_nodes > 0 {
        out += "  endpoint: api.cluster.example\nzones:\n  cluster.example:\n    records:\n      api: {vip: api}\n      www: {switch: [cp-0, dns-0]}\n      \"*.apps\": {node: cp-0}\n";
    }
    match d.volume {
        1 => {
            out += "volumes:\n  data: {nodes: [store-0, store-1], mount: /shared}\nwaivers: [{id: QR-3, reason: two machines are all there is}]\n"
        }
        2 => {
            out += "volumes:\n  data: {nodes: [store-0, store-1], arbiter: store-2, device: /dev/vdb1, mount: /shared}\n"
        }
        _ => {}
    }
    match d.database {
        1 => {
            out += &format!(
                "databases:\n  main: {{nodes: [db-0], user: app, password: {{env: {DB_PASSWORD}}}}}\n"
            )
        }
        2 => {
            out += &format!(
                "databases:\n  main: {{nodes: [db-0, db-1], vip: db, user: app, password: {{env: {DB_PASSWORD}}}, replicationPassword: {{env: {DB_PASSWORD}}}}}\n"
            );
        }
        _ => {}
    }
    out
}

fn vips(d: &Draw, stacked: bool, static_pod: bool, bind_port: u16) -> String {
    let octet = d.octet;
    let carriers = if stacked { "{role: control-plane}" } else { "{role: lb}" };
    let (owner, balancer) = match d.front {
        Front::Haproxy | Front::StaticPod => ("keepalived", "haproxy"),
        Front::Nginx => ("keepalived", "nginx"),
        Front::HaXdp => ("ha-xdp", "ha-xdp"),
        Front::HaXdpBehindKeepalived => ("keepalived", "ha-xdp"),
        Front::KubeVip => ("kube-vip", "none"),
    };
    let mut out = format!(
        "vips:\n  api:\n    address: 10.{octet}.2.1\n    nodes: {carriers}\n    owner: {owner}\n    balancer: {balancer}\n"
    );
    if static_pod {
        out += "    deployment: static-pod\n";
    }
    if d.front != Front::KubeVip {
        let interval = if d.version == 2 { ["1s", "2s", "5s"] } else { ["1s", "100ms", "30ms"] }[d.interval];
        out += &format!(
            "    vrrp: {{virtualRouterId: 33, version: {}, preempt: {}, unicast: {}, advertisementInterval: {interval}",
            d.version, d.preempt, d.unicast
        );
        if d.version == 2 && d.password {
            out += &format!(", password: {{env: {VRRP_PASSWORD}}}");
        }
        out += "}\n";
    }
    let check = if d.https_check { ", check: {type: https, path: /readyz}" } else { "" };
    out += &format!(
        "    services:\n      apiserver: {{port: 6443, backendPort: {bind_port}, backends: {{role: control-plane}}{check}}}\n"
    );
    if d.database == 2 {
        out += &format!(
            "  db:\n    address: 10.{octet}.2.2\n    nodes: [db-0, db-1]\n    balancer: none\n    vrrp: {{virtualRouterId: 34}}\n    services:\n      mariadb: {{port: 3306}}\n"
        );
    }
    out
}
