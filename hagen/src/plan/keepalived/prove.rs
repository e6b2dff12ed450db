//! What a keepalived configuration must hold, so that it is accepted and does what it says.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ha_vrrp::{Family, Priority, Version, VirtualRouterId};
use ha_xdp_config::{InterfaceName, Name};
use thiserror::Error;

use super::check::{PROBES_PER_SCRIPT_MAX, Probes, Run, Script};
use super::{
    ADDRESSES_PER_INSTANCE_MAX, Draft, Effect, Election, INSTANCES_MAX, Instance, KeepalivedVersion,
    PREEMPT_DELAY_S_MAX, Transport,
};

/// One thing that is wrong with a draft.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeepalivedError {
    /// More virtual routers than a node carries.
    #[error("{0} instances; 1 to {INSTANCES_MAX} are possible")]
    Instances(usize),
    /// A name that occurs twice.
    #[error("`{0}` is named twice")]
    Twice(Name),
    /// Two virtual routers that answer for each other.
    #[error("instances `{first}` and `{second}` share virtual router id {id} on `{interface}` ({family})")]
    RouterId {
        /// The first instance.
        first: Name,
        /// The second instance.
        second: Name,
        /// The id.
        id: VirtualRouterId,
        /// The interface.
        interface: InterfaceName,
        /// The family.
        family: Family,
    },
    /// An interface that is not there at the start, for a version that does not wait.
    #[error("keepalived {0} cannot wait for interfaces that appear late")]
    LateInterfaces(KeepalivedVersion),
    /// A script that can never be right.
    #[error("script `{script}`: {why}")]
    Script {
        /// The script.
        script: Name,
        /// What is wrong.
        why: ScriptFault,
    },
    /// An instance that can never be right.
    #[error("instance `{instance}`: {why}")]
    Instance {
        /// The instance.
        instance: Name,
        /// What is wrong.
        why: InstanceFault,
    },
}

/// What is wrong with a script.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ScriptFault {
    /// Nothing is asked, or too much.
    #[error("{0} probes; 1 to {PROBES_PER_SCRIPT_MAX} are possible")]
    Probes(usize),
    /// keepalived would kill it before its own probes give up.
    #[error("{probes} probes of {each_s} s need up to {need_s} s, but the timeout is {timeout_s} s")]
    Timeout {
        /// Number of probes.
        probes: usize,
        /// Seconds of each.
        each_s: u8,
        /// Seconds of all.
        need_s: u64,
        /// Seconds until it is killed.
        timeout_s: u8,
    },
    /// A run would still be under way when the next is due.
    #[error("the timeout of {timeout_s} s is longer than the interval of {interval_s} s")]
    Interval {
        /// Seconds until it is killed.
        timeout_s: u8,
        /// Seconds between runs.
        interval_s: u8,
    },
    /// A purpose that would leave its comment line.
    #[error("the purpose is not one line of printable text")]
    Purpose,
}

/// What is wrong with an instance.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InstanceFault {
    /// Nothing to carry, or too much.
    #[error("{0} addresses; 1 to {ADDRESSES_PER_INSTANCE_MAX} are possible")]
    Addresses(usize),
    /// IPv4 and IPv6 in one virtual router.
    #[error("`{0}` is not of the family of the first address; IPv4 and IPv6 need an instance each")]
    Family(IpAddr),
    /// RFC 9568 §5.2.9.
    #[error("the first address of an IPv6 instance is its link-local one (fe80::/10)")]
    LinkLocal,
    /// VRRPv2 is IPv4 only.
    #[error("VRRP version 2 knows no IPv6")]
    V2,
    /// VRRPv3 has no authentication.
    #[error("VRRP version 3 has no authentication; leave the password out or use version 2")]
    Pass,
    /// Two members with one priority: the higher address would win, which nobody decided.
    #[error("priority {0} is not this node's alone")]
    Priority(Priority),
    /// Nobody to advertise to.
    #[error("advertisements go to the other members by address, but there is none")]
    NoPeers,
    /// A member that is this node, or another member, or the VIP.
    #[error("`{0}` is named twice among the members and addresses")]
    Member(IpAddr),
    /// The wait is longer than keepalived takes.
    #[error("a preempt delay of {0} s is longer than {PREEMPT_DELAY_S_MAX} s")]
    PreemptDelay(u16),
    /// Nothing is tracked: a dead service would keep the VIP.
    #[error("no script is tracked, so a dead service would keep the VIP")]
    Untracked,
    /// A script that is not there.
    #[error("there is no script `{0}`")]
    NoScript(Name),
    /// A drop that moves nothing.
    #[error("a drop of {drop} from priority {own} does not fall below {lowest}, so the VIP would stay")]
    Drop {
        /// The drop.
        drop: u8,
        /// This node's priority.
        own: Priority,
        /// The lowest priority of the others.
        lowest: Priority,
    },
}

/// Everything that is wrong with a draft.
pub(super) fn errors(draft: &Draft) -> Vec<KeepalivedError> {
    let mut errors = Vec::new();
    if draft.instances.is_empty() || draft.instances.len() > INSTANCES_MAX {
        errors.push(KeepalivedError::Instances(draft.instances.len()));
    }
    if draft.late_interfaces && !draft.version.has_dynamic_interfaces() {
        errors.push(KeepalivedError::LateInterfaces(draft.version));
    }
    twice(draft, &mut errors);
    router_ids(draft, &mut errors);
    for script in &draft.scripts {
        let faults = script_faults(script).into_iter();
        errors.extend(faults.map(|why| KeepalivedError::Script { script: script.name.clone(), why }));
    }
    for instance in &draft.instances {
        let faults = instance_faults(draft, instance).into_iter();
        errors.extend(faults.map(|why| KeepalivedError::Instance { instance: instance.name.clone(), why }));
    }
    errors
}

fn twice(draft: &Draft, errors: &mut Vec<KeepalivedError>) {
    let mut seen = BTreeSet::new();
    // By file, because `a-b` and `a.b` would be one.
    for script in &draft.scripts {
        if !seen.insert(script.path()) {
            errors.push(KeepalivedError::Twice(script.name.clone()));
        }
    }
    let mut seen = BTreeSet::new();
    for instance in &draft.instances {
        if !seen.insert(&instance.name) {
            errors.push(KeepalivedError::Twice(instance.name.clone()));
        }
    }
}

fn family(instance: &Instance) -> Option<Family> {
    instance.addresses.first().map(|a| Family::of(a.net.addr()))
}

fn router_ids(draft: &Draft, errors: &mut Vec<KeepalivedError>) {
    for (k, second) in draft.instances.iter().enumerate() {
        let same = draft.instances[..k].iter().find(|first| {
            first.virtual_router_id == second.virtual_router_id
                && first.interface == second.interface
                && family(first) == family(second)
        });
        if let (Some(first), Some(family)) = (same, family(second)) {
            errors.push(KeepalivedError::RouterId {
                first: first.name.clone(),
                second: second.name.clone(),
                id: second.virtual_router_id,
                interface: second.interface.clone(),
                family,
            });
        }
    }
}

fn script_faults(script: &Script) -> Vec<ScriptFault> {
    let mut faults = Vec::new();
    let (timeout_s, interval_s) = (script.timeout_s.get(), script.interval_s.get());
    if timeout_s > interval_s {
        faults.push(ScriptFault::Interval { timeout_s, interval_s });
    }
    let Run::Probes(Probes { purpose, list, each_s, .. }) = &script.run else { return faults };
    let probes = list.len();
    if probes == 0 || probes > PROBES_PER_SCRIPT_MAX {
        faults.push(ScriptFault::Probes(probes));
    }
    let each_s = each_s.get();
    let need_s = u64::from(each_s).saturating_mul(u64::try_from(probes).unwrap_or(u64::MAX));
    if need_s > u64::from(timeout_s) {
        faults.push(ScriptFault::Timeout { probes, each_s, need_s, timeout_s });
    }
    if purpose.chars().any(char::is_control) || purpose.trim().is_empty() {
        faults.push(ScriptFault::Purpose);
    }
    faults
}

fn instance_faults(draft: &Draft, instance: &Instance) -> Vec<InstanceFault> {
    let mut faults = Vec::new();
    let count = instance.addresses.len();
    if count == 0 || count > ADDRESSES_PER_INSTANCE_MAX {
        faults.push(InstanceFault::Addresses(count));
    }
    families(instance, &mut faults);
    members(instance, &mut faults);
    if let Election::PreemptAfter { delay_s } = instance.election
        && delay_s.get() > PREEMPT_DELAY_S_MAX
    {
        faults.push(InstanceFault::PreemptDelay(delay_s.get()));
    }
    if instance.track_scripts.is_empty() {
        faults.push(InstanceFault::Untracked);
    }
    for tracked in &instance.track_scripts {
        if !draft.scripts.iter().any(|s| s.name == tracked.name) {
            faults.push(InstanceFault::NoScript(tracked.name.clone()));
        }
    }
    drops(instance, &mut faults);
    faults
}

fn families(instance: &Instance, faults: &mut Vec<InstanceFault>) {
    let Some(family) = family(instance) else { return };
    let own = instance.transport.source();
    let addresses = instance.addresses.iter().map(|a| a.net.addr());
    let others = instance.others.iter().map(|m| m.address);
    faults.extend(
        addresses.chain([own]).chain(others).filter(|a| Family::of(*a) != family).map(InstanceFault::Family),
    );
    let version = instance.advertisement.version();
    if family == Family::V6 {
        let first = instance.addresses.first().map(|a| a.net.addr());
        if !matches!(first, Some(IpAddr::V6(a)) if a.is_unicast_link_local()) {
            faults.push(InstanceFault::LinkLocal);
        }
        if version == Version::V2 {
            faults.push(InstanceFault::V2);
        }
    }
    if version == Version::V3 && instance.pass.is_some() {
        faults.push(InstanceFault::Pass);
    }
}

fn members(instance: &Instance, faults: &mut Vec<InstanceFault>) {
    if instance.others.is_empty() && matches!(instance.transport, Transport::Unicast { .. }) {
        faults.push(InstanceFault::NoPeers);
    }
    let mut priorities = BTreeSet::from([instance.priority]);
    for member in &instance.others {
        if !priorities.insert(member.priority) {
            faults.push(InstanceFault::Priority(member.priority));
        }
    }
    let mut addresses = BTreeSet::from([instance.transport.source()]);
    let others = instance.others.iter().map(|m| m.address);
    for address in others.chain(instance.addresses.iter().map(|a| a.net.addr())) {
        if !addresses.insert(address) {
            faults.push(InstanceFault::Member(address));
        }
    }
}

/// A drop must take this node below every other member, or a failed service keeps the VIP as long as the
/// member that stands between has failed too.
fn drops(instance: &Instance, faults: &mut Vec<InstanceFault>) {
    let own = instance.priority;
    let Some(lowest) = instance.others.iter().map(|m| m.priority).min() else { return };
    let scripts = instance.track_scripts.iter().map(|t| t.effect);
    let interfaces = instance.track_interfaces.iter().map(|t| t.effect);
    for effect in scripts.chain(interfaces) {
        if let Effect::Drop(drop) = effect
            && own > lowest
            && own.lowered_by(drop.get()) >= lowest
        {
            faults.push(InstanceFault::Drop { drop: drop.get(), own, lowest });
        }
    }
}
