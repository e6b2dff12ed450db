//! Topology → keepalived of a node.
//!
//! What is tracked follows one thought: a check must tell whether *this node* can do its part, never
//! whether the servers behind it are well. A check that asks the servers fails on all nodes at once, and
//! then nobody carries the VIP just when it is needed most.
//!
//! - The node answers itself (`balancer: none`): its own ports are asked, or MariaDB by its own script.
//! - haproxy or nginx answers: whether it runs. With `onFailure: lower-priority`, where the VIP never goes
//!   away, also whether haproxy has a usable server for every service.
//! - ha-xdp answers: whether the daemon runs.

use std::net::SocketAddr;

use ha_xdp_config::HttpPath;

use super::*;
use crate::os::Component;
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, UnitAction};
use crate::plan::mariadb;
use crate::plan::vip::{self, mistaken};
use crate::spec::{self, Balancer, CheckType, Deployment, OnFailure, Owner};
use crate::topology::{Service, Vip, VipMember};

/// Least interval for MariaDB's own script, which asks several questions.
const DATABASE_INTERVAL_MIN_S: u64 = 3;
/// What a version of an image that does not tell is taken for.
const UNTOLD: KeepalivedVersion = KeepalivedVersion::CENTOS_7;

/// keepalived of a node that may carry a VIP which it owns; nothing on other nodes.
pub fn decide(input: &Input<'_>) -> Option<Keepalived> {
    let vips: Vec<&Vip> = vips(input).collect();
    let first = vips.first()?;
    let version = version(input, first.deployment);
    let late = |member: &VipMember| input.node.bridge.as_ref() == Some(&member.interface);
    let mut draft = Draft {
        version,
        router_id: vip::name(&input.node.name),
        script_user: UserName::root(),
        late_interfaces: version.has_dynamic_interfaces()
            && vips.iter().filter_map(|v| v.member(&input.node.name)).any(late),
        announce: Announce::default(),
        scripts: Vec::new(),
        instances: Vec::new(),
    };
    for vip in vips {
        let (Some(vrrp), Some(own)) = (&vip.vrrp, vip.member(&input.node.name)) else { continue };
        let checks = checks(input, vip, vrrp, own);
        let tracked =
            checks.iter().map(|(s, effect)| TrackedScript { name: s.name.clone(), effect: *effect });
        draft.instances.push(instance(input, vip, vrrp, own, tracked.collect()));
        draft.scripts.extend(checks.into_iter().map(|(script, _)| script));
    }
    Some(Keepalived::new(draft).unwrap_or_else(|errors| mistaken("keepalived", &errors)))
}

/// The packages, the unit and what it reads; a static pod needs none of it.
pub fn activate(plan: &Keepalived, input: &Input<'_>, parts: &mut Parts) {
    if vips(input).any(|v| v.deployment == Deployment::StaticPod) {
        return;
    }
    let os = input.node.os;
    parts.packages(os.packages(Component::Keepalived));
    parts.packages(os.packages(Component::Curl));
    // The configuration test came after 1.3.5.
    let tests = plan.version >= KeepalivedVersion::KUBEADM_IMAGE;
    let test = ["keepalived", "--config-test", "--use-file", CONFIG_PATH].map(str::to_owned);
    if let Some(unit) = os.unit(Component::Keepalived) {
        let unit = UnitAction {
            name: unit.to_owned(),
            on_change: OnChange::Reload,
            reads: vec![CONFIG_PATH.to_owned(), format!("{SCRIPT_DIR}/")],
            check: if tests { test.to_vec() } else { Vec::new() },
        };
        parts.unit(Phase::VirtualIp, unit);
    }
}

fn vips<'t>(input: &Input<'t>) -> impl Iterator<Item = &'t Vip> {
    input.topology.vips_on(&input.node.name).filter(|v| v.owner == Owner::Keepalived && v.vrrp.is_some())
}

fn version(input: &Input<'_>, deployment: Deployment) -> KeepalivedVersion {
    let told = if deployment == Deployment::StaticPod {
        let image = input.topology.kubernetes.as_ref().map(|k| &k.spec.images.keepalived);
        image.and_then(vip::image_version)
    } else {
        let provision = input.node.os.provision(Component::Keepalived);
        provision.and_then(|p| p.version.as_ref()).map(vip::numbers)
    };
    told.map_or(UNTOLD, |(major, minor, patch)| KeepalivedVersion { major, minor, patch })
}

fn instance(
    input: &Input<'_>,
    vip: &Vip,
    vrrp: &spec::Vrrp,
    own: &VipMember,
    track_scripts: Vec<TrackedScript>,
) -> Instance {
    let id = vip::router_id(vrrp);
    let interface = vip::interface(&own.interface);
    let addresses = vip::addresses(vip, id);
    let others: Vec<Member> =
        vip::others(input, vip).map(|m| Member { address: m.address, priority: vip::priority(m) }).collect();
    let source = own.address;
    // Without another member there is nobody to address.
    let unicast = vrrp.unicast && !others.is_empty();
    Instance {
        name: vip::name(&vip.name),
        virtual_router_id: id,
        priority: vip::priority(own),
        advertisement: vip::advertisement(vrrp),
        election: election(vrrp),
        others,
        transport: if unicast { Transport::Unicast { source } } else { Transport::Multicast { source } },
        pass: vrrp.password.as_ref().map(|reference| pass(input, reference)),
        addresses: addresses
            .into_iter()
            .map(|net| VirtualAddress { net, interface: interface.clone() })
            .collect(),
        interface,
        track_scripts,
        track_interfaces: Vec::new(),
        notify: None,
    }
}

/// The secret's form was proven when it was read.
fn pass(input: &Input<'_>, reference: &spec::SecretRef) -> Pass {
    Pass::new(&input.secrets.value(reference)).unwrap_or_else(|error| mistaken("keepalived", &[error]))
}

fn election(vrrp: &spec::Vrrp) -> Election {
    if !vrrp.preempt {
        return Election::NoPreempt;
    }
    let seconds = vrrp.preempt_delay.as_ref().map_or(0, |d| d.as_secs_up());
    let delay = u16::try_from(seconds).unwrap_or(u16::MAX).min(PREEMPT_DELAY_S_MAX);
    NonZeroU16::new(delay)
        .map_or(Election::Preempt { start: Start::Backup }, |delay_s| Election::PreemptAfter { delay_s })
}

/// The scripts of a VIP and what the failure of each does.
fn checks(input: &Input<'_>, vip: &Vip, vrrp: &spec::Vrrp, own: &VipMember) -> Vec<(Script, Effect)> {
    let name = vip::name(&vip.name);
    let drop = Effect::Drop(vip::drop(vip));
    let effect = match vrrp.on_failure {
        OnFailure::Fault => Effect::Fault,
        OnFailure::LowerPriority => drop,
    };
    let health = vip::health(input, vip);
    let probes = match vip.balancer {
        Balancer::None => return own_services(input, vip, vrrp, own, effect),
        Balancer::Haproxy if vrrp.on_failure == OnFailure::LowerPriority => {
            vec![http(health, false, vip::word("/healthz"))]
        }
        Balancer::Haproxy | Balancer::Nginx => vec![Probe::Tcp(health)],
        Balancer::HaXdp => vec![Probe::Process(vip::word("ha-xdp"))],
    };
    let purpose = format!("whether {} serves the VIP {} on this node", vip.balancer, vip.address);
    vec![(probing(name, purpose, vrrp, probes), effect)]
}

fn http(address: SocketAddr, tls: bool, path: HttpPath) -> Probe {
    Probe::Http(HttpProbe { address, tls, path, answer: Answer::Success })
}

/// The node answers itself: its own ports are asked, and MariaDB by its own script.
fn own_services(
    input: &Input<'_>,
    vip: &Vip,
    vrrp: &spec::Vrrp,
    own: &VipMember,
    effect: Effect,
) -> Vec<(Script, Effect)> {
    let mut scripts = Vec::new();
    let (databases, services): (Vec<&Service>, Vec<&Service>) =
        vip.services.iter().partition(|s| vip::database(input, vip, s).is_some());
    let probes: Vec<Probe> = services.iter().take(PROBES_PER_SCRIPT_MAX).map(|s| probe(s, own)).collect();
    if !probes.is_empty() {
        let purpose = format!("whether this node serves the VIP {}", vip.address);
        scripts.push((probing(vip::name(&vip.name), purpose, vrrp, probes), effect));
    }
    for service in databases {
        let alive = vip::service_name(vip, service);
        scripts.push((database(alive, "alive", vrrp), effect));
        // Whichever half has everything is preferred, without ever leaving nobody.
        let replica = vip::part_name(vip, service, "replica");
        scripts.push((database(replica, "replica", vrrp), Effect::Drop(vip::drop(vip))));
    }
    scripts
}

fn probe(service: &Service, own: &VipMember) -> Probe {
    let check = &service.spec.check;
    let address = SocketAddr::new(own.address, check.port.unwrap_or(service.port).get());
    match check.r#type {
        CheckType::Tcp => Probe::Tcp(address),
        CheckType::Http => http(address, false, vip::http_path(&check.path)),
        CheckType::Https => http(address, true, vip::http_path(&check.path)),
    }
}

/// A script that asks its probes one after the other within the interval.
fn probing(name: Name, purpose: String, vrrp: &spec::Vrrp, list: Vec<Probe>) -> Script {
    let count = u64::try_from(list.len()).unwrap_or(u64::MAX).max(1);
    let interval = seconds(vrrp.check_interval.as_secs_up().max(count));
    let each_s = seconds(u64::from(interval.get()) / count);
    Script {
        name,
        run: Run::Probes(Probes { purpose, need: Need::All, list, each_s }),
        interval_s: interval,
        timeout_s: interval,
        fall: vip::streak(vrrp.fall),
        rise: vip::streak(vrrp.rise),
        user: UserName::root(),
    }
}

fn database(name: Name, what: &'static str, vrrp: &spec::Vrrp) -> Script {
    let interval = seconds(vrrp.check_interval.as_secs_up().max(DATABASE_INTERVAL_MIN_S));
    Script {
        name,
        run: Run::Command { program: vip::word(mariadb::CHECK_SCRIPT), arguments: vec![vip::word(what)] },
        interval_s: interval,
        timeout_s: interval,
        fall: vip::streak(vrrp.fall),
        rise: vip::streak(vrrp.rise),
        // It enters through the server's own socket.
        user: UserName::root(),
    }
}

fn seconds(number: u64) -> NonZeroU8 {
    vip::streak(u8::try_from(number).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests;
