//! SAN-1, DCE-1, DB-1: what the platforms ask for.

use super::Findings;
use crate::os::Component;
use crate::problem::Problem;
use crate::spec::{Balancer, DceLoadBalancer, DceSource, Owner};
use crate::topology::{Database, Model, Vip};

pub(super) fn san_1(model: &Model, f: &mut Findings) {
    let Some(dce) = &model.dce else { return };
    let Some(original) = model.node(&dce.original) else { return };
    let Some(written) = &dce.spec.images_and_charts.additional_ssl_subject_alt_name else { return };
    if written.as_str() != original.address.to_string() {
        let message = format!(
            "with the additional name `{}` the certificate of `{}` lacks its address {}",
            written.as_str(),
            original.name,
            original.address
        );
        let help = format!(
            "write `{}`, or leave it away: hagen gives each bootstrap node the domain and its own address",
            original.address
        );
        f.push("dce", Problem::error("SAN-1", written.span, message).help(help));
    }
}

pub(super) fn dce_1(model: &Model, f: &mut Findings) {
    let Some(dce) = &model.dce else { return };
    let domain = &dce.spec.domain;
    let Some((zone, name)) = model.zone_of(domain) else {
        let problem = Problem::error("DCE-1", domain.span, format!("no zone serves `{domain}`"));
        f.push(
            "dce",
            problem.help("add it to `zones`, with `external: true` when a name server outside serves it"),
        );
        return;
    };
    if zone.external {
        return;
    }
    let Some(record) = zone.records.iter().find(|r| r.name == name) else {
        let problem =
            Problem::error("DCE-1", domain.span, format!("the zone `{}` has no record `{name}`", zone.name));
        f.push(
            "dce",
            problem.see(zone.span, "the zone").help(format!("add `{name}: {{switch: [{}]}}`", dce.original)),
        );
        return;
    };
    if dce.vip.is_some() || dce.backups.is_empty() {
        return;
    }
    let order: Vec<_> = record.candidates.iter().map(|c| &c.node).collect();
    if order.first() != Some(&&dce.original) || dce.backups.iter().any(|b| !order.contains(&b)) {
        let all = std::iter::once(&dce.original)
            .chain(&dce.backups)
            .map(|n| n.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("`{domain}` must be switched between the bootstrap nodes, the original first");
        f.push(
            "dce",
            Problem::error("DCE-1", record.span, message)
                .help(format!("write `{name}: {{switch: [{all}]}}`")),
        );
    }
}

pub(super) fn dce_2(model: &Model, f: &mut Findings) {
    let Some(dce) = &model.dce else { return };
    let (spec, at) = (&dce.spec, dce.spec.domain.span);
    if let Some(k) = &model.kubernetes {
        let problem = Problem::error(
            "DCE-2",
            k.spec.version.span,
            "`kubernetes` and `dce` would both set up the control planes",
        );
        f.push("dce", problem.see(at, "DCE brings its own Kubernetes").help("remove `kubernetes`"));
    }
    if dce.masters.is_empty() {
        f.push(
            "dce",
            Problem::error("DCE-2", at, "the global cluster has no control plane")
                .help("give a node the role `control-plane`"),
        );
    }
    if spec.os_repos.r#type.value == DceSource::Builtin
        && (spec.os_repos.iso_path.is_none() || spec.os_repos.os_package_path.is_none())
    {
        let problem =
            Problem::error("DCE-2", at, "`osRepos` of type `builtin` needs `isoPath` and `osPackagePath`");
        f.push("dce", problem.help("add both, as paths on the bootstrap nodes"));
    }
    let lb = &spec.load_balancer;
    if lb.r#type.value == DceLoadBalancer::Metallb {
        if lb.istio_gateway_vip.is_none() || lb.insight_vip.is_none() {
            let problem =
                Problem::error("DCE-2", lb.r#type.span, "metallb needs `istioGatewayVip` and `insightVip`");
            f.push("dce", problem.help("add both, as `ADDRESS/32`"));
        }
        for vip in [&lb.istio_gateway_vip, &lb.insight_vip].into_iter().flatten() {
            if vip.prefix_len() != vip.max_prefix_len() {
                f.push(
                    "dce",
                    Problem::error("DCE-2", vip.span, format!("`{vip}` is a range")).help(format!(
                        "write `{}/{}`",
                        vip.addr(),
                        vip.max_prefix_len()
                    )),
                );
            }
        }
    }
    for (source, what) in [
        (spec.os_repos.r#type.value, "osRepos"),
        (spec.images_and_charts.r#type, "imagesAndCharts"),
        (spec.binaries.r#type, "binaries"),
    ] {
        if source == DceSource::OfficialService {
            let problem = Problem::error(
                "DCE-2",
                at,
                format!("`{what}` of type `official-service` needs the internet"),
            );
            f.push(what, problem.help("write `builtin` or `external`"));
        }
    }
    for name in std::iter::once(&dce.original).chain(&dce.backups).chain(&dce.masters).chain(&dce.workers) {
        let Some(node) = model.node(name) else { continue };
        if spec.private_key_path.is_none()
            && node.ssh.private_key_path.is_none()
            && node.ssh.password.is_none()
        {
            let problem = Problem::error("DCE-2", at, format!("the installer has no access to `{name}`"));
            f.push("dce", problem.help("add `privateKeyPath` to `dce`, or `ssh.password: {env: NAME}`"));
            break;
        }
    }
}

/// Lowest MariaDB for a pair: replication by GTID with both directions safe.
const PAIR_MARIADB: (u32, u32) = (10, 3);

pub(super) fn db_2(model: &Model, f: &mut Findings) {
    for db in model.databases.values().filter(|db| db.nodes.len() == 2) {
        let old = |n: &&crate::topology::Node| !n.os.has_version(Component::Mariadb, PAIR_MARIADB);
        let Some(node) = db.nodes.iter().filter_map(|n| model.node(n)).find(old) else { continue };
        let message =
            format!("{} brings a MariaDB before 10.3 to `{}`: a pair needs GTID", node.os.id(), node.name);
        let problem = Problem::error("DB-2", node.span, message).see(db.span, "the pair");
        f.push(&db.name, problem.help("use a newer system for the pair, such as rocky-9 or debian-12"));
    }
}

pub(super) fn db_1(model: &Model, f: &mut Findings) {
    for db in model.databases.values() {
        let Some(vip) = db.vip.as_ref().and_then(|v| model.vips.get(v)) else { continue };
        reached(db, vip, f);
        let [first, second] = db.nodes.as_slice() else { continue };
        if vip.balancer != Balancer::None {
            continue;
        }
        let carried = |n| vip.member(n).is_some();
        if vip.members.len() != 2 || !carried(first) || !carried(second) {
            let problem = Problem::error(
                "DB-1",
                vip.span,
                format!("the VIP `{}` is not carried by the pair `{}`", vip.name, db.name),
            );
            f.push(&db.name, problem.help(format!("write `nodes: [{first}, {second}]`")));
        }
        if vip.vrrp.as_ref().is_some_and(|v| v.preempt) && vip.owner != Owner::KubeVip {
            let message = format!(
                "the VIP `{}` moves back by itself: the returned node may not have caught up",
                vip.name
            );
            f.push(
                &db.name,
                Problem::warning("DB-1", vip.span, message).help(
                    "leave `preempt` away, and move it back by hand after the replication has caught up",
                ),
            );
        }
    }
}

/// Whether the VIP of a database leads to it, and to one node at a time.
fn reached(db: &Database, vip: &Vip, f: &mut Findings) {
    let Some(service) = vip.services.iter().find(|s| s.port == db.port) else {
        let message =
            format!("no service of the VIP `{}` has the port {} of `{}`", vip.name, db.port, db.name);
        let help =
            format!("add `services: {{mariadb: {{port: {}}}}}`: the VIP follows MariaDB's health", db.port);
        f.push(&db.name, Problem::error("DB-1", vip.span, message).help(help));
        return;
    };
    let foreign = service.backends.iter().find(|b| !db.nodes.contains(&b.node));
    if let Some(backend) = foreign.filter(|_| vip.balancer != Balancer::None) {
        let message = format!(
            "the VIP `{}` sends clients of `{}` to `{}`, which is none of its nodes",
            vip.name, db.name, backend.node
        );
        f.push(
            &db.name,
            Problem::error("DB-1", service.span, message).help(format!("write `backends: [{}]`", list(db))),
        );
    }
    let spread = service.backends.iter().filter(|b| !b.backup).count() > 1;
    if db.nodes.len() > 1 && vip.balancer != Balancer::None && spread {
        let message = format!("{} would write to both nodes of the pair `{}` at once", vip.balancer, db.name);
        f.push(
            &db.name,
            Problem::error("DB-1", service.span, message)
                .help("write `balancer: none` and let the pair carry the VIP, or `preferred: NODE`"),
        );
    }
}

fn list(db: &Database) -> String {
    db.nodes.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", ")
}
