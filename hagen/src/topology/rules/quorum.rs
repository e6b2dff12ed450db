//! QR-1 to QR-3: how many of something are needed.

use super::Findings;
use crate::problem::{Problem, Span};
use crate::topology::{Etcd, Model};

/// Members that may fail while a majority remains.
fn tolerated(members: usize) -> usize {
    members.saturating_sub(1) / 2
}

fn etcd(members: usize, what: &str, subject: &str, span: Span, f: &mut Findings) {
    if members > 0 && members.is_multiple_of(2) {
        let message = format!(
            "{members} {what}: etcd survives {} failures, as many as {} would",
            tolerated(members),
            members - 1
        );
        let help = format!(
            "take {} or {}: a majority of {members} is {}",
            members - 1,
            members + 1,
            members / 2 + 1
        );
        f.push(subject, Problem::error("QR-1", span, message).help(help));
    }
    if members == 1 {
        let problem = Problem::note(
            "QR-1",
            span,
            format!("one member of etcd among the {what}: the cluster survives no failure of it"),
        );
        f.push(subject, problem.help("three survive one failure, five survive two"));
    }
    if members > 7 {
        let problem = Problem::warning(
            "QR-1",
            span,
            format!("{members} {what}: every write waits for {} of them", members / 2 + 1),
        );
        f.push(subject, problem.help("take 3 or 5; more make etcd slower, not safer"));
    }
}

pub(super) fn qr_1(model: &Model, f: &mut Findings) {
    if let Some(k) = &model.kubernetes {
        let span = k.spec.version.span;
        match &k.etcd {
            Etcd::Stacked => etcd(k.control_planes.len(), "control planes", "kubernetes", span, f),
            Etcd::Nodes(nodes) => etcd(nodes.len(), "etcd nodes", "kubernetes", span, f),
            Etcd::External(addresses) => {
                let span = k.spec.etcd.endpoints.first().map_or(span, |e| e.span);
                etcd(addresses.len(), "etcd endpoints", "kubernetes", span, f);
            }
        }
    } else if let Some(dce) = &model.dce {
        let members = if dce.etcd.is_empty() { &dce.masters } else { &dce.etcd };
        etcd(members.len(), "control planes", "dce", dce.spec.domain.span, f);
    }
}

pub(super) fn qr_2(model: &Model, f: &mut Findings) {
    if let Some(c) = &model.cloudpods {
        let planes = 1 + c.controllers.len();
        if !matches!(planes, 1 | 3 | 5) {
            let message = format!("{planes} control planes; Cloudpods has 1, 3 or 5");
            let problem = Problem::error("QR-2", c.spec.vip.span, message);
            f.push(
                "cloudpods",
                problem.help("the node with `first-node` and those with `controller` are counted"),
            );
        }
    }
    if let Some(rainbond) = &model.rainbond {
        let managers = rainbond.managers.len();
        if managers > 0 && managers.is_multiple_of(2) {
            let problem = Problem::error(
                "QR-2",
                rainbond.spec.vip.span,
                format!("{managers} Rainbond managers; etcd needs an odd number"),
            );
            f.push("rainbond", problem.help("take 1, 3 or 5"));
        }
        if managers == 1 {
            let problem = Problem::note(
                "QR-2",
                rainbond.spec.vip.span,
                "one Rainbond manager: applications keep running without it, the platform does not",
            );
            f.push(
                "rainbond",
                problem.help(
                    "this is the second of Rainbond's three grades; three managers survive one failure",
                ),
            );
        }
    }
}

pub(super) fn qr_3(model: &Model, f: &mut Findings) {
    for volume in model.volumes.values() {
        let (span, bricks, replica) = (volume.span, volume.bricks.len(), volume.replica);
        let at = volume.spec.replica.as_ref().map_or(span, |r| r.span);
        if !(2..=7).contains(&replica) {
            let message = format!("replica {replica} of the volume `{}` is not in 2..=7", volume.name);
            f.push(&volume.name, Problem::error("QR-4", at, message).help("write 3"));
            continue;
        }
        if !bricks.is_multiple_of(usize::from(replica)) {
            let message = format!(
                "{bricks} bricks of the volume `{}` are not a multiple of replica {replica}",
                volume.name
            );
            f.push(
                &volume.name,
                Problem::error("QR-4", at, message).help("name as many nodes as copies, or a multiple"),
            );
        }
        if volume.arbiter.is_some() && (replica != 3 || bricks != 3) {
            let message = format!(
                "the volume `{}` has an arbiter but {bricks} bricks and replica {replica}",
                volume.name
            );
            f.push(
                &volume.name,
                Problem::error("QR-4", at, message).help("two nodes and the arbiter: `replica: 3`"),
            );
        }
        // An arbiter that leads to nothing is told already.
        let arbiter_lost = volume.spec.arbiter.is_some() && volume.arbiter.is_none();
        if replica == 2 && !arbiter_lost {
            let message = format!(
                "the volume `{}` has two copies: after a split both sides may be written",
                volume.name
            );
            let help =
                "add a third node, or `arbiter: NODE`, which holds only names; or waive QR-3 with a reason";
            f.push(&volume.name, Problem::error("QR-3", at, message).help(help));
        }
    }
}
