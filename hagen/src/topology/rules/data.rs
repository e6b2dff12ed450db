//! DB-3, GFS-1, KUBE-1: what databases, volumes and Kubernetes can be told.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::plan::kubeadm::{Version, VersionError};
use crate::plan::mariadb::{AccountName, DECIDED, SettingName};
use crate::problem::Problem;
use crate::spec::{Balancer, Deployment, Duration, EncryptionAlgorithm, NodePath, Owner, Role};
use crate::topology::{Model, Volume};

/// `expire_logs_days` of MariaDB.
const BINLOG_DAYS_MAX: u16 = 99;

pub(super) fn db_3(model: &Model, f: &mut Findings) {
    let mut served = BTreeMap::new();
    for db in model.databases.values() {
        let spec = &db.spec;
        let mut wrong = |span, message: String, help: &str| {
            f.push(&db.name, Problem::error("DB-3", span, message).help(help));
        };
        if let Err(error) = spec.user.as_str().parse::<AccountName>() {
            wrong(spec.user.span, error.to_string(), "take a name of the platform's own, such as `onecloud`");
        }
        if let Err(error) = spec.replication_user.as_str().parse::<AccountName>() {
            wrong(db.span, error.to_string(), "write `replicationUser: repl`");
        }
        if spec.replication_user.as_str() == spec.user.as_str() {
            let message =
                format!("`{}` would be the platform's account and the replication's", spec.user.as_str());
            wrong(spec.user.span, message, "give them different names: each may do only what it needs");
        }
        let mut names = BTreeSet::new();
        for (name, _) in &spec.settings {
            match name.as_str().parse::<SettingName>() {
                Err(error) => {
                    wrong(name.span, error.to_string(), "write the name as the server's manual does")
                }
                Ok(known) if DECIDED.contains(&known.as_str()) => {
                    let message = format!("`{name}` is decided by hagen");
                    wrong(name.span, message, "remove it; the ones with a key of their own are set there");
                }
                Ok(known) => {
                    if !names.insert(known) {
                        wrong(
                            name.span,
                            format!("`{name}` stands twice"),
                            "`-` and `_` are the same; keep one",
                        );
                    }
                }
            }
        }
        if !(10..=100_000).contains(&spec.max_connections) {
            let message = format!("maxConnections {} is not in 10..=100000", spec.max_connections);
            wrong(db.span, message, "write 1000");
        }
        if !(1..=BINLOG_DAYS_MAX).contains(&spec.binlog_expire_days) {
            let message =
                format!("binlogExpireDays {} is not in 1..={BINLOG_DAYS_MAX}", spec.binlog_expire_days);
            wrong(db.span, message, "write 30");
        }
        for node in &db.nodes {
            if let Some(other) = served.insert(node, &db.name) {
                let message = format!("the databases `{other}` and `{}` stand on `{node}`", db.name);
                wrong(db.span, message, "one server for each node; a server holds many databases");
            }
        }
    }
}

/// Whether one path is the other or lies below it.
fn inside(path: &NodePath, folder: &NodePath) -> bool {
    let parts = |path: &NodePath| -> Vec<String> {
        path.as_str().split('/').filter(|p| !p.is_empty() && *p != ".").map(str::to_owned).collect()
    };
    parts(path).starts_with(&parts(folder))
}

pub(super) fn gfs_1(model: &Model, f: &mut Findings) {
    for volume in model.volumes.values() {
        let (brick, own) = (&volume.spec.brick, &volume.spec.brick_mount);
        let mut wrong = |message: String, help: &str| {
            f.push(&volume.name, Problem::error("GFS-1", volume.span, message).help(help));
        };
        if !inside(brick, own) || inside(own, brick) {
            let message = format!("the brick {brick} is no folder below its mount point {own}");
            wrong(message, "write `brick: /data/glusterfs` and `brickMount: /data`");
        }
        if inside(brick, &volume.mount) || inside(&volume.mount, own) {
            let message = format!("the mount {} and the brick {brick} hide each other", volume.mount);
            wrong(message, "mount the volume elsewhere");
        }
        if !(1..=1013).contains(&volume.spec.ping_timeout_seconds) {
            let message =
                format!("pingTimeoutSeconds {} is not in 1..=1013", volume.spec.ping_timeout_seconds);
            wrong(message, "write 10");
        }
    }
    let volumes: Vec<&Volume> = model.volumes.values().collect();
    for (at, one) in volumes.iter().enumerate() {
        for other in &volumes[at + 1..] {
            pair(one, other, f);
        }
    }
}

fn pair(one: &Volume, other: &Volume, f: &mut Findings) {
    let mut wrong = |message: String, help: &str| {
        let problem = Problem::error("GFS-1", other.span, message).see(one.span, "the other volume");
        f.push(&other.name, problem.help(help));
    };
    if let Some(node) = one.bricks.iter().find(|node| other.bricks.contains(node)) {
        let (a, b) = (&one.spec.brick, &other.spec.brick);
        if inside(a, b) || inside(b, a) {
            let message =
                format!("`{}` and `{}` would have one brick on `{node}`: {a}", one.name, other.name);
            wrong(message, "give each volume a `brick` of its own");
        }
        let device = |volume: &Volume| volume.spec.device.as_ref().map(|device| device.value.clone());
        if one.spec.brick_mount == other.spec.brick_mount && device(one) != device(other) {
            let message = format!("two devices would be mounted at {} of `{node}`", one.spec.brick_mount);
            wrong(message, "write the same `device`, or another `brickMount`");
        }
    }
    if let Some(node) =
        one.clients.iter().find(|node| other.clients.contains(node)).filter(|_| one.mount == other.mount)
    {
        let message =
            format!("`{}` and `{}` would be mounted at {} of `{node}`", one.name, other.name, one.mount);
        wrong(message, "give each volume a `mount` of its own");
    }
}

pub(super) fn kube_1(model: &Model, f: &mut Findings) {
    let Some(cluster) = &model.kubernetes else { return };
    let spec = &cluster.spec;
    let at = spec.version.span;
    let mut wrong = |span, message: String, help: &str| {
        f.push("kubernetes", Problem::error("KUBE-1", span, message).help(help));
    };
    match spec.version.as_str().parse::<Version>() {
        Err(error @ VersionError::Form(_)) => {
            wrong(at, error.to_string(), "write a release, such as `1.31.4`")
        }
        Err(error) => {
            wrong(at, error.to_string(), "kubeadm's documents changed with 1.22; write a later release")
        }
        Ok(version) if !version.at_least(31) => {
            let defaults = spec.encryption_algorithm == EncryptionAlgorithm::Rsa2048
                && spec.certificate_validity == Duration::from_secs(31_536_000)
                && spec.ca_validity_years == 10;
            if !defaults {
                let message = format!("{version} cannot be told how certificates are made");
                wrong(at, message, "`encryptionAlgorithm` and validities came with 1.31 (kubeadm v1beta4)");
            }
        }
        Ok(_) => {}
    }
    if !(1..=100).contains(&spec.ca_validity_years) {
        wrong(at, format!("caValidityYears {} is not in 1..=100", spec.ca_validity_years), "write 10");
    }
    for hash in &spec.ca_cert_hashes {
        let digits = hash.as_str().strip_prefix("sha256:").unwrap_or_default();
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            let help = "write `sha256:` and the 64 lower-case digits that `kubeadm init` prints";
            wrong(hash.span, format!("`{hash}` is no digest of a certificate authority"), help);
        }
    }
    if !spec.cri_socket.as_str().starts_with("unix:///") {
        let help = "write `unix:///run/containerd/containerd.sock`";
        wrong(at, format!("criSocket `{}` is no socket of this machine", spec.cri_socket), help);
    }
    for node in model.with_role(Role::Etcd) {
        if node.has(Role::ControlPlane) || node.has(Role::Worker) {
            let message =
                format!("`{}` would be an etcd member of its own and a node of the cluster", node.name);
            wrong(node.span, message, "take away the role `etcd`: etcd then runs with the control planes");
        }
    }
    let vip = cluster.vip.as_ref().and_then(|vip| model.vips.get(vip));
    // LB-4 tells the other ways in which kube-vip can be misused.
    let kube_vip = vip.is_some_and(|v| {
        v.owner == Owner::KubeVip && v.balancer == Balancer::None && v.deployment == Deployment::StaticPod
    });
    if kube_vip && cluster.endpoint_port != cluster.bind_port {
        let message = format!(
            "kube-vip leads to the apiservers themselves: port {} cannot become {}",
            cluster.endpoint_port, cluster.bind_port
        );
        wrong(at, message, "write the same `endpointPort` and `bindPort`");
    }
}
