//! LB-1, LB-3, LB-4: balancers, the ports they take, and what they can do.

use std::collections::BTreeMap;

use super::Findings;
use crate::problem::{Problem, Span};
use crate::spec::{Balancer, CheckType, Deployment, ForwardMode, Owner, Protocol, Role};
use crate::topology::{Model, Service, Target, Vip, VipMember};

/// Lowest kernel for ha-xdp: Linux 5.15, or Red Hat's 5.14, which carries the BPF of later versions.
const XDP_KERNEL: (u32, u32) = (5, 14);

/// Whether the balancer opens a socket on the node, which the node's own services may want too.
fn listens(balancer: Balancer) -> bool {
    matches!(balancer, Balancer::Haproxy | Balancer::Nginx)
}

pub(super) fn lb_1(model: &Model, f: &mut Findings) {
    for vip in model.vips.values().filter(|v| listens(v.balancer)) {
        for service in &vip.services {
            let shared =
                service.backends.iter().find(|b| b.port == service.port && vip.member(&b.node).is_some());
            if let Some(backend) = shared {
                let message = format!(
                    "{} and the backend of `{}` would both listen on port {} of `{}`",
                    vip.balancer, service.name, service.port, backend.node
                );
                let help = "move the backend: `backendPort: 9443`, and `kubernetes.bindPort: 9443` for apiservers; or use `balancer: ha-xdp`, which needs no socket";
                f.push(&vip.name, Problem::error("LB-1", service.spec.port.span, message).help(help));
            }
        }
    }
    // An apiserver listens on all addresses of its node, also where it is no backend of the VIP.
    if let Some(k) = &model.kubernetes {
        for vip in model.vips.values().filter(|v| listens(v.balancer)) {
            for service in vip.services.iter().filter(|s| s.port == k.bind_port) {
                let both = vip.members.iter().find(|m| k.control_planes.contains(&m.node));
                let told =
                    service.backends.iter().any(|b| b.port == service.port && vip.member(&b.node).is_some());
                if let Some(member) = both.filter(|_| !told) {
                    let message = format!(
                        "{} and the apiserver would both listen on port {} of `{}`",
                        vip.balancer, service.port, member.node
                    );
                    let help = "let apiservers listen elsewhere: `kubernetes.bindPort: 9443`";
                    f.push(&vip.name, Problem::error("LB-1", service.spec.port.span, message).help(help));
                }
            }
        }
    }
    let mut seen = BTreeMap::<(&str, u16, Protocol), (&str, Span)>::new();
    for vip in model.vips.values() {
        for service in &vip.services {
            let key = (vip.name.as_str(), service.port.get(), service.spec.protocol.value);
            if let Some((other, first)) = seen.insert(key, (service.name.as_str(), service.spec.port.span)) {
                let message = format!(
                    "the services `{}` and `{other}` have the port {} of the VIP `{}`",
                    service.name, service.port, vip.name
                );
                let problem =
                    Problem::error("LB-1", service.spec.port.span, message).see(first, "first here");
                f.push(&vip.name, problem.help("one port, one service"));
            }
        }
    }
}

pub(super) fn lb_3(model: &Model, f: &mut Findings) {
    let Some(k) = &model.kubernetes else { return };
    let span = k.spec.endpoint_port.span;
    let at = if span == Span::default() { k.spec.version.span } else { span };
    let vip = k.vip.as_ref().and_then(|v| model.vips.get(v));
    let Some(vip) = vip else {
        if k.control_planes.len() > 1 && k.spec.vip.is_none() {
            let message = format!(
                "{} control planes without a VIP: every node would depend on `{}`",
                k.control_planes.len(),
                k.endpoint_host
            );
            let help = "add `vip: NAME`; kubeadm cannot add an endpoint to a cluster that was made without";
            f.push("kubernetes", Problem::error("LB-3", k.spec.version.span, message).help(help));
        }
        return;
    };
    match vip.services.iter().find(|s| s.port == k.endpoint_port) {
        None if vip.owner != Owner::KubeVip || vip.balancer != Balancer::None => {
            let message =
                format!("no service of the VIP `{}` has the endpoint's port {}", vip.name, k.endpoint_port);
            let help = format!(
                "add `services: {{apiserver: {{port: {}, backendPort: {}, backends: {{role: control-plane}}}}}}`",
                k.endpoint_port, k.bind_port
            );
            f.push(&vip.name, Problem::error("LB-3", at, message).see(vip.span, "the VIP").help(help));
        }
        None => {}
        Some(service) => {
            if let Some(backend) = service.backends.iter().find(|b| b.port != k.bind_port) {
                let message = format!(
                    "the VIP sends port {} to port {} of `{}`, where the apiserver listens on {}",
                    service.port, backend.port, backend.node, k.bind_port
                );
                f.push(
                    &vip.name,
                    Problem::error("LB-3", service.span, message)
                        .help(format!("write `backendPort: {}`", k.bind_port)),
                );
            }
            if let Some(foreign) = service.backends.iter().find(|b| !k.control_planes.contains(&b.node)) {
                let message = format!(
                    "`{}` is a backend of the apiservers' endpoint, but no control plane",
                    foreign.node
                );
                f.push(
                    &vip.name,
                    Problem::error("LB-3", service.span, message)
                        .help("write `backends: {role: control-plane}`"),
                );
            }
            for missing in k.control_planes.iter().filter(|n| !service.backends.iter().any(|b| b.node == **n))
            {
                let message =
                    format!("the control plane `{missing}` is no backend of the VIP `{}`", vip.name);
                f.push(
                    &vip.name,
                    Problem::warning("LB-3", service.span, message)
                        .help("write `backends: {role: control-plane}`"),
                );
            }
        }
    }
    let Some(domain) = &k.spec.endpoint else { return };
    if let Some((zone, name)) = model.zone_of(domain) {
        let record = zone.records.iter().find(|r| r.name == name);
        let target = record.map(|r| &r.target);
        if !zone.external && target != Some(&Target::Address(vip.address)) {
            let message = format!("the endpoint `{domain}` does not lead to the VIP {}", vip.address);
            f.push(
                "kubernetes",
                Problem::error("LB-3", domain.span, message).help(format!(
                    "add the record `{name}: {{vip: {}}}` to the zone `{}`",
                    vip.name, zone.name
                )),
            );
        }
    }
}

pub(super) fn lb_4(model: &Model, f: &mut Findings) {
    for vip in model.vips.values() {
        let mut wrong = |span: Span, message: String, help: &str| {
            f.push(&vip.name, Problem::error("LB-4", span, message).help(help));
        };
        let static_pod = vip.deployment == Deployment::StaticPod;
        for member in &vip.members {
            let Some(node) = model.node(&member.node) else { continue };
            if static_pod && !node.has(Role::ControlPlane) {
                let message = format!(
                    "`{}` is no control plane: no kubelet starts the static pods of the VIP `{}`",
                    node.name, vip.name
                );
                wrong(member.span, message, "name control planes, or write `deployment: package`");
            }
            let uses_xdp = vip.owner == Owner::HaXdp || vip.balancer == Balancer::HaXdp;
            if uses_xdp && !node.os.kernel().at_least(XDP_KERNEL) {
                let message = format!("ha-xdp needs Linux 5.15; `{}` runs {}", node.name, node.os.id());
                wrong(member.span, message, "write `owner: keepalived` and `balancer: haproxy`");
            }
        }
        if vip.owner == Owner::KubeVip && !static_pod {
            wrong(
                vip.span,
                format!("kube-vip runs as a static pod, the VIP `{}` has `deployment: package`", vip.name),
                "write `deployment: static-pod`",
            );
        }
        if vip.owner == Owner::Platform && (vip.balancer != Balancer::None || static_pod) {
            let message = format!("the platform's installer serves the VIP `{}` by itself", vip.name);
            wrong(vip.span, message, "write `balancer: none` and leave `deployment` away");
        }
        if vip.owner == Owner::KubeVip && vip.balancer != Balancer::None {
            wrong(
                vip.span,
                format!("kube-vip carries the VIP `{}` without a balancer", vip.name),
                "write `balancer: none`",
            );
        }
        let host_only = match (vip.owner, vip.balancer) {
            (Owner::HaXdp, _) => Some(Owner::HaXdp.word()),
            (_, Balancer::Nginx | Balancer::HaXdp) => Some(vip.balancer.word()),
            _ => None,
        };
        if let Some(program) = host_only.filter(|_| static_pod) {
            wrong(
                vip.span,
                format!("{program} does not run as a static pod"),
                "write `deployment: package`, or keepalived and haproxy",
            );
        }
        if vip.owner == Owner::HaXdp && vip.balancer == Balancer::None {
            wrong(
                vip.span,
                format!("ha-xdp owns the VIP `{}` but balances nothing", vip.name),
                "write `balancer: ha-xdp`, or `owner: keepalived`",
            );
        }
        for service in &vip.services {
            let (spec, at) = (&service.spec, service.span);
            if vip.balancer == Balancer::Haproxy && spec.protocol.value == Protocol::Udp {
                wrong(
                    spec.protocol.span,
                    "haproxy does not balance UDP".into(),
                    "write `balancer: nginx` or `balancer: ha-xdp`",
                );
            }
            if vip.balancer == Balancer::Nginx && !spec.source_ranges.is_empty() {
                wrong(
                    at,
                    format!("nginx cannot limit the clients of `{}` here", service.name),
                    "write `balancer: haproxy` or `balancer: ha-xdp`",
                );
            }
            if vip.balancer != Balancer::HaXdp && spec.mode.value != ForwardMode::Nat {
                wrong(
                    spec.mode.span,
                    format!(
                        "`mode: {}` is ha-xdp's; this VIP has `balancer: {}`",
                        spec.mode.value, vip.balancer
                    ),
                    "write `balancer: ha-xdp`, or leave `mode` away",
                );
            }
            if spec.mode.value != ForwardMode::Nat && service.backends.iter().any(|b| b.port != service.port)
            {
                wrong(
                    spec.mode.span,
                    format!(
                        "`mode: {}` does not translate ports, but port {} differs from the backends'",
                        spec.mode.value, service.port
                    ),
                    "use the same port, or `mode: nat`",
                );
            }
            if vip.balancer == Balancer::None && vip.owner.speaks_vrrp() {
                if let Some(foreign) = service.backends.iter().find(|b| vip.member(&b.node).is_none()) {
                    let message = format!(
                        "`balancer: none`, but `{}` serves `{}` and never carries the VIP",
                        foreign.node, service.name
                    );
                    wrong(at, message, "leave `backends` away, or choose a balancer");
                }
                if service.backends.iter().any(|b| b.port != service.port) {
                    let message =
                        format!("`balancer: none` cannot send port {} to another port", service.port);
                    wrong(at, message, "leave `backendPort` away, or choose a balancer");
                }
            }
        }
        if vip.balancer == Balancer::None && vip.owner.speaks_vrrp() && torn(vip) {
            wrong(
                vip.span,
                format!("no node serves all services of the VIP `{}`, which is on one at a time", vip.name),
                "leave `backends` away, choose a balancer, or make two VIPs",
            );
        }
    }
}

/// Whether every service of a VIP without a balancer has a node that carries the VIP, but no node has all.
fn torn(vip: &Vip) -> bool {
    let serves = |m: &VipMember, service: &Service| service.backends.iter().any(|b| b.node == m.node);
    let whole = vip.members.iter().any(|m| vip.services.iter().all(|s| serves(m, s)));
    let each = vip.services.iter().all(|s| vip.members.iter().any(|m| serves(m, s)));
    each && !whole
}

pub(super) fn lb_5(model: &Model, f: &mut Findings) {
    for vip in model.vips.values().filter(|v| v.balancer == Balancer::HaXdp) {
        for service in &vip.services {
            let check = &service.spec.check;
            let same_port = check.r#type == CheckType::Tcp && check.port.is_none();
            if service.spec.protocol.value == Protocol::Udp && same_port {
                let message = format!("`{}` is UDP but checked over TCP on the same port", service.name);
                let problem = Problem::warning("LB-5", service.span, message);
                f.push(&vip.name, problem.help("name a port that answers TCP: `check: {port: N}`"));
            }
        }
    }
}
