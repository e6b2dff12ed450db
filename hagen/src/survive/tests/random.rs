//! Sound clusters of all kinds, small enough to try every set of failed nodes.

use std::fmt::Write as _;

use proptest::prelude::*;

/// What a random cluster is made of.
#[derive(Clone, Debug)]
struct Shape {
    platform: u8,
    control_planes: usize,
    balancers: usize,
    etcd: u8,
    endpoint_domain: bool,
    lower_priority: bool,
    name_servers: usize,
    ask: u8,
    database: u8,
    volume: u8,
    bricks: usize,
    backups: usize,
    front: u8,
    time: u8,
    second_service: bool,
}

/// A document that is sound.
pub(super) fn cluster() -> impl Strategy<Value = String> {
    let first = (
        0..6u8,
        prop::sample::select(vec![1usize, 3, 5]),
        1..4usize,
        0..4u8,
        any::<bool>(),
        any::<bool>(),
        0..4usize,
        0..4u8,
    );
    let second = (0..4u8, 0..7u8, 1..3usize, 0..3usize, 0..4u8, 0..4u8, any::<bool>());
    (first, second).prop_map(|(a, b)| {
        let (platform, control_planes, balancers, etcd, endpoint_domain, lower_priority, name_servers, ask) =
            a;
        let (database, volume, bricks, backups, front, time, second_service) = b;
        let shape = Shape {
            platform,
            control_planes,
            balancers,
            etcd,
            endpoint_domain,
            lower_priority,
            name_servers,
            ask,
            database,
            volume,
            bricks,
            backups,
            front,
            time,
            second_service,
        };
        shape.document()
    })
}

/// A document in parts.
#[derive(Default)]
struct Parts {
    nodes: String,
    vips: String,
    zones: String,
    volumes: String,
    databases: String,
    tail: String,
    next: u8,
    ids: u8,
}

impl Parts {
    fn node(&mut self, name: &str, roles: &str) {
        self.next += 1;
        let _ = writeln!(self.nodes, "  {name}: {{address: 10.0.0.{}, roles: [{roles}]}}", self.next);
    }

    fn address(&mut self) -> String {
        self.next += 1;
        format!("10.0.0.{}", self.next)
    }

    fn id(&mut self) -> u8 {
        self.ids += 1;
        self.ids
    }
}

fn list(prefix: &str, count: usize) -> String {
    (1..=count).map(|n| format!("{prefix}-{n}")).collect::<Vec<_>>().join(", ")
}

impl Shape {
    fn document(&self) -> String {
        let mut p = Parts::default();
        let servers = self.name_servers.min(2);
        for n in 1..=servers {
            p.node(&format!("dns-{n}"), "dns");
        }
        match self.platform {
            0 | 1 => self.kubernetes(&mut p),
            2 => self.dce(&mut p),
            3 => self.rainbond(&mut p),
            4 => self.cloudpods(&mut p),
            _ => {}
        }
        if self.platform != 4 && self.platform != 3 {
            self.databases(&mut p, "db", "data-db");
        }
        if self.platform > 3 || self.platform < 3 && self.control_planes == 1 {
            self.volumes(&mut p, "st");
        }
        if p.nodes.is_empty() {
            p.node("lone", "");
        }
        if servers > 0 {
            let _ = writeln!(p.zones, "  site.lan:\n    records: {{ns: {{node: dns-1}}}}");
        }
        let ntp = match (self.time, servers) {
            (0, 1..) => "[dns-1]",
            (1, 2) => "[dns-1, 10.0.0.2 iburst]",
            (2, 1..) => "[10.9.9.9, dns-1]",
            _ => "[10.9.9.9]",
        };
        let dns = match (self.ask, servers) {
            (0, 1..) => "{}",
            (1, 2) => "{servers: [10.0.0.2]}",
            (2, 1..) => "{servers: [10.0.0.1, 10.9.9.9]}",
            _ => "{servers: [10.9.9.9]}",
        };
        let mut out = format!(
            "apiVersion: hagen/v1\ncluster: random\nrevision: 1\nntp: {ntp}\ndns: {dns}\nnetworks: {{lan: {{subnet: 10.0.0.0/24}}}}\ndefaults: {{interface: eth0}}\nnodes:\n{}",
            p.nodes
        );
        for (key, text) in
            [("vips", p.vips), ("zones", p.zones), ("volumes", p.volumes), ("databases", p.databases)]
        {
            if !text.is_empty() {
                let _ = write!(out, "{key}:\n{text}");
            }
        }
        out + &p.tail
    }

    fn kubernetes(&self, p: &mut Parts) {
        let planes = self.control_planes.min(3);
        for n in 1..=planes {
            p.node(&format!("cp-{n}"), "control-plane");
        }
        p.node("worker", "worker");
        let etcd = match self.etcd {
            1 => {
                p.node("etcd-1", "etcd");
                String::new()
            }
            2 => format!(", etcd: {{endpoints: [10.9.0.1, {}, 10.0.0.200]}}", "10.9.0.2"),
            // Members that are nodes of the cluster without the role.
            3 => ", etcd: {endpoints: [10.0.0.1, 10.9.0.2, 10.9.0.3]}".into(),
            _ => String::new(),
        };
        let vrrp = if self.lower_priority { ", preempt: true, onFailure: lower-priority" } else { "" };
        let extra = match self.second_service {
            true => "\n      other: {port: 8080, backends: [worker]}",
            false => "",
        };
        let (address, id) = (p.address(), p.id());
        match self.front {
            0 => {
                let _ = write!(
                    p.vips,
                    "  api:\n    address: {address}\n    nodes: {{role: control-plane}}\n    owner: kube-vip\n    balancer: none\n    deployment: static-pod\n"
                );
            }
            1 => {
                let _ = write!(
                    p.vips,
                    "  api:\n    address: {address}\n    nodes: {{role: control-plane}}\n    vrrp: {{virtualRouterId: {id}{vrrp}}}\n    services:\n      api: {{port: 8443, backendPort: 6443, backends: {{role: control-plane}}}}{extra}\n"
                );
            }
            _ => {
                for n in 1..=self.balancers {
                    p.node(&format!("lb-{n}"), "lb");
                }
                let _ = write!(
                    p.vips,
                    "  api:\n    address: {address}\n    nodes: {{role: lb}}\n    vrrp: {{virtualRouterId: {id}{vrrp}}}\n    services:\n      api: {{port: 8443, backendPort: 6443, backends: {{role: control-plane}}}}{extra}\n"
                );
            }
        }
        let port = if self.front == 0 { "" } else { ", endpointPort: 8443" };
        let domain = match (self.endpoint_domain, self.name_servers.min(2)) {
            (true, 1..) => {
                let _ = writeln!(p.zones, "  k8s.lan:\n    records: {{api: {{vip: api}}}}");
                ", endpoint: api.k8s.lan"
            }
            (true, 0) => ", endpoint: api.outside.lan",
            _ => "",
        };
        let _ = writeln!(p.tail, "kubernetes: {{version: 1.31.4, vip: api{port}{domain}{etcd}}}");
    }

    fn dce(&self, p: &mut Parts) {
        p.node("boot", "bootstrap");
        for n in 1..=self.backups {
            p.node(&format!("backup-{n}"), "backup-bootstrap");
        }
        p.node("master", "control-plane");
        let internal = self.name_servers.min(2) > 0;
        let all = format!("boot{}{}", if self.backups > 0 { ", " } else { "" }, list("backup", self.backups));
        let active = if self.second_service && self.backups > 0 { ", active: backup-1" } else { "" };
        let record = match (self.front, self.backups) {
            (0, _) => {
                let (address, id) = (p.address(), p.id());
                let _ = write!(
                    p.vips,
                    "  front:\n    address: {address}\n    nodes: [{all}]\n    balancer: none\n    vrrp: {{virtualRouterId: {id}}}\n    services: {{registry: {{port: 443}}, charts: {{port: 8081}}}}\n"
                );
                "{vip: front}".to_owned()
            }
            (_, 0) => "{node: boot}".to_owned(),
            _ => format!("{{switch: [{all}]{active}}}"),
        };
        if internal && self.front != 3 {
            let _ = writeln!(p.zones, "  boot.lan:\n    records: {{www: {record}}}");
        } else {
            let _ = writeln!(p.zones, "  boot.lan: {{external: true}}");
        }
        let _ = write!(
            p.tail,
            "dce:\n  domain: www.boot.lan\n  privateKeyPath: /k\n  fullPackagePath: /p\n  osRepos: {{isoPath: /i, osPackagePath: /o}}\n"
        );
    }

    fn rainbond(&self, p: &mut Parts) {
        let managers = self.control_planes.min(3);
        for n in 1..=managers {
            p.node(&format!("manage-{n}"), "manage");
        }
        let computes = self.balancers.max(2);
        for n in 1..=computes {
            p.node(&format!("compute-{n}"), "compute, storage");
        }
        let (address, id) = (p.address(), p.id());
        let https = if self.second_service { "backends: [compute-1]" } else { "" };
        let _ = write!(
            p.vips,
            "  gateway:\n    address: {address}\n    nodes: {{role: compute}}\n    balancer: none\n    vrrp: {{virtualRouterId: {id}}}\n    services: {{http: {{port: 80}}, https: {{port: 443, {https}}}}}\n"
        );
        self.volumes(p, "compute");
        let _ = writeln!(p.tail, "rainbond: {{vip: gateway, volume: data}}");
    }

    fn cloudpods(&self, p: &mut Parts) {
        let planes = self.control_planes.min(3);
        p.node("first", "first-node, database");
        for n in 2..=planes {
            p.node(&format!("plane-{n}"), "controller, database");
        }
        let members = if planes == 3 && self.second_service {
            "first, plane-2"
        } else if planes == 3 {
            "first, plane-2, plane-3"
        } else {
            "first"
        };
        let address = p.address();
        let _ = write!(
            p.vips,
            "  platform:\n    address: {address}\n    nodes: [{members}]\n    owner: platform\n    balancer: none\n    services: {{api: {{port: 6443}}, console: {{port: 443}}}}\n"
        );
        let on = if planes == 3 && self.backups == 0 { "first, plane-2" } else { "" };
        self.databases_on(p, "db", "onecloud", on);
        let _ = writeln!(
            p.tail,
            "cloudpods: {{version: v3.11.4, vip: platform, database: onecloud, haControllers: [{members}]}}"
        );
    }

    fn databases(&self, p: &mut Parts, prefix: &str, name: &str) {
        if self.database > 0 {
            self.databases_on(p, prefix, name, "");
        }
    }

    /// A server, a pair that carries its VIP, or a pair behind balancers.
    fn databases_on(&self, p: &mut Parts, prefix: &str, name: &str, pair: &str) {
        let pair = match (pair, self.database) {
            ("", 0 | 1) => {
                p.node(&format!("{prefix}-1"), "database");
                let _ =
                    writeln!(p.databases, "  {name}: {{nodes: [{prefix}-1], user: u, password: {{env: P}}}}");
                return;
            }
            ("", _) => {
                p.node(&format!("{prefix}-1"), "database");
                p.node(&format!("{prefix}-2"), "database");
                list(prefix, 2)
            }
            (pair, _) => pair.to_owned(),
        };
        let (address, id) = (p.address(), p.id());
        let first = pair.split(", ").next().unwrap_or_default().to_owned();
        if self.database == 3 {
            p.node("db-lb", "lb");
            let _ = write!(
                p.vips,
                "  {name}:\n    address: {address}\n    nodes: [db-lb]\n    vrrp: {{virtualRouterId: {id}}}\n    services: {{mariadb: {{port: 3306, backends: [{pair}], preferred: {first}}}}}\n"
            );
        } else {
            let _ = write!(
                p.vips,
                "  {name}:\n    address: {address}\n    nodes: [{pair}]\n    balancer: none\n    vrrp: {{virtualRouterId: {id}}}\n    services: {{mariadb: {{port: 3306}}}}\n"
            );
        }
        let _ = writeln!(
            p.databases,
            "  {name}: {{nodes: [{pair}], vip: {name}, user: u, password: {{env: P}}, replicationPassword: {{env: R}}}}"
        );
    }

    /// Volumes of all quorums: two copies, three, an arbiter, two sets, and options as written.
    fn volumes(&self, p: &mut Parts, prefix: &str) {
        let (bricks, replica, arbiter, options) = match self.volume {
            0 => (3, 3, false, ""),
            1 => (2, 2, false, ""),
            2 => (2, 2, false, "cluster.quorum-type: auto"),
            3 => (2, 3, true, ""),
            4 => (2, 3, true, "cluster.quorum-type: none, cluster.server-quorum-type: none"),
            5 => (2 * self.bricks.max(2), 2, false, "cluster.quorum-type: auto"),
            _ => (
                3,
                3,
                false,
                "cluster.quorum-type: fixed, cluster.quorum-count: 1, cluster.server-quorum-type: none",
            ),
        };
        let have = if prefix == "compute" { self.balancers.max(2) } else { 0 };
        for n in have + 1..=bricks {
            p.node(&format!("{prefix}-{n}"), "storage");
        }
        let arbiter_node = match arbiter {
            true => {
                p.node("arbiter", "storage");
                "arbiter: arbiter, "
            }
            false => "",
        };
        let _ = writeln!(
            p.volumes,
            "  data: {{nodes: [{}], {arbiter_node}replica: {replica}, mount: /grdata, options: {{{options}}}}}",
            list(prefix, bricks)
        );
        if replica == 2 {
            let _ = writeln!(p.tail, "waivers: [{{id: QR-3, reason: a test}}]");
        }
    }
}
