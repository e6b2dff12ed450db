//! Kernel parameters and modules of one node, each with the reason why it is set.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Serialize;
use thiserror::Error;

use super::Input;
use super::activation::{OnChange, Parts, Phase, UnitAction};
use crate::os::Os;
use crate::spec::{Balancer, ForwardMode};

/// What the kernel of one node is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kernel {
    /// By purpose.
    pub groups: Vec<KernelGroup>,
}

/// Kernel parameters and modules that are there for one purpose; one file of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KernelGroup {
    /// Stem of the file names: `/etc/sysctl.d/STEM.conf`, `/etc/modules-load.d/STEM.conf`.
    pub stem: &'static str,
    /// Modules to load at boot, with the reason.
    pub modules: BTreeMap<&'static str, &'static str>,
    /// Parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
}

/// The value of a kernel parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// The value; every parameter that a plan sets is a number.
    pub value: u32,
    /// Why it is set, one line.
    pub reason: &'static str,
}

/// What a node does that the kernel must be prepared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Purpose {
    /// Kubernetes (kubeadm's pre-flight check; kubernetes.io "container runtimes").
    Kubernetes,
    /// Services listen on a VIP that this node may not have at the moment.
    VirtualAddress,
    /// The node passes packets between networks for others.
    Forwarding,
    /// A backend that answers for a VIP which it must not announce (direct server return): the VIP is
    /// on `lo`, and ARP for it stays unanswered.
    DirectServerReturn,
    /// Many short connections through a load balancer.
    LoadBalancer,
}

/// Two purposes want different values.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{parameter}` would be {first} and {second}")]
pub struct ConflictError {
    /// The parameter.
    pub parameter: String,
    /// The value of the first group.
    pub first: u32,
    /// The value of a later group.
    pub second: u32,
}

impl KernelGroup {
    /// What a purpose needs on this system.
    pub fn of(purpose: Purpose, os: &Os) -> Self {
        let (stem, modules, parameters): (_, &[_], &[_]) = match purpose {
            Purpose::Kubernetes => (
                "k8s",
                &[
                    ("br_netfilter", "bridged pod traffic passes iptables"),
                    ("overlay", "layers of container images"),
                ],
                &[
                    ("net.bridge.bridge-nf-call-ip6tables", 1, "services work for bridged pods"),
                    ("net.bridge.bridge-nf-call-iptables", 1, "services work for bridged pods"),
                    ("net.ipv4.ip_forward", 1, "pods reach other nodes"),
                ],
            ),
            Purpose::VirtualAddress => (
                "90-hagen-vip",
                &[],
                &[
                    (
                        "net.ipv4.ip_nonlocal_bind",
                        1,
                        "a service listens on the VIP also while it is elsewhere",
                    ),
                    (
                        "net.ipv6.ip_nonlocal_bind",
                        1,
                        "a service listens on the VIP also while it is elsewhere",
                    ),
                ],
            ),
            Purpose::Forwarding => (
                "90-hagen-forward",
                &[],
                &[
                    ("net.ipv4.ip_forward", 1, "packets of others pass through this node"),
                    ("net.ipv6.conf.all.forwarding", 1, "packets of others pass through this node"),
                ],
            ),
            Purpose::DirectServerReturn => (
                "90-hagen-dsr",
                &[],
                &[
                    ("net.ipv4.conf.all.arp_announce", 2, "the VIP on lo is never a source of ARP"),
                    ("net.ipv4.conf.all.arp_ignore", 1, "ARP for the VIP on lo stays unanswered"),
                    ("net.ipv4.conf.lo.arp_announce", 2, "the VIP on lo is never a source of ARP"),
                    ("net.ipv4.conf.lo.arp_ignore", 1, "ARP for the VIP on lo stays unanswered"),
                ],
            ),
            Purpose::LoadBalancer => (
                "90-hagen-lb",
                &[],
                &[
                    ("net.core.somaxconn", 4096, "a burst of new connections is queued, not refused"),
                    (
                        "net.ipv4.tcp_max_syn_backlog",
                        8192,
                        "a burst of new connections is queued, not refused",
                    ),
                ],
            ),
        };
        // IPv6 has it since Linux 4.3; an unknown parameter is an error at every boot.
        let known = |name: &str| name != "net.ipv6.ip_nonlocal_bind" || os.kernel().at_least((4, 3));
        let parameters = parameters
            .iter()
            .filter(|(name, ..)| known(name))
            .map(|&(name, value, reason): &(&str, u32, &str)| (name.to_owned(), Parameter { value, reason }))
            .collect();
        Self { stem, modules: modules.iter().copied().collect(), parameters }
    }
}

impl Kernel {
    /// Makes sure that no two groups want different values of a parameter.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn agree(&self) -> Result<(), ConflictError> {
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        for (name, parameter) in self.groups.iter().flat_map(|group| &group.parameters) {
            let first = *known.entry(name).or_insert(parameter.value);
            if first != parameter.value {
                return Err(ConflictError { parameter: name.clone(), first, second: parameter.value });
            }
        }
        Ok(())
    }
}

/// What the kernel of the node is told.
pub fn decide(input: &Input) -> Option<Kernel> {
    let groups: Vec<KernelGroup> =
        purposes(input).into_iter().map(|purpose| KernelGroup::of(purpose, input.node.os)).collect();
    (!groups.is_empty()).then_some(Kernel { groups })
}

fn purposes(input: &Input) -> BTreeSet<Purpose> {
    let (topology, name) = (input.topology, &input.node.name);
    let mut purposes = BTreeSet::new();
    let in_kubernetes = topology.kubernetes.as_ref().is_some_and(|kubernetes| {
        kubernetes.control_planes.contains(name) || kubernetes.workers.contains(name)
    });
    if in_kubernetes {
        purposes.insert(Purpose::Kubernetes);
    }
    for vip in topology.vips_on(name) {
        if vip.owner.speaks_vrrp() {
            purposes.insert(Purpose::VirtualAddress);
        }
        if vip.balancer != Balancer::None {
            purposes.insert(Purpose::LoadBalancer);
        }
        if vip.balancer == Balancer::HaXdp {
            purposes.insert(Purpose::Forwarding);
        }
    }
    if !direct_vips(input).is_empty() {
        purposes.insert(Purpose::DirectServerReturn);
    }
    purposes
}

/// The VIPs whose packets reach the node unchanged, so that it must hold them on `lo` without announcing
/// them. A node that may carry the VIP itself is not among them: there it is a real address.
pub fn direct_vips(input: &Input) -> Vec<IpAddr> {
    let name = &input.node.name;
    let direct = input.topology.vips.values().filter(|vip| {
        let backend = vip.services.iter().any(|service| {
            service.spec.mode.value != ForwardMode::Nat && service.backends.iter().any(|b| b.node == *name)
        });
        vip.balancer == Balancer::HaXdp && backend && vip.member(name).is_none()
    });
    direct.map(|vip| vip.address).collect()
}

/// The kernel takes the files at once; what it takes, it keeps.
pub fn activate(kernel: &Kernel, _: &Input, parts: &mut Parts) {
    let unit = |name: &str, reads: Vec<String>| UnitAction {
        name: name.to_owned(),
        on_change: OnChange::Restart,
        reads,
        check: Vec::new(),
    };
    let groups = &kernel.groups;
    let modules = groups.iter().filter(|group| !group.modules.is_empty());
    let modules: Vec<String> =
        modules.map(|group| format!("/etc/modules-load.d/{}.conf", group.stem)).collect();
    // Modules first: parameters of bridges are there only with their module.
    if !modules.is_empty() {
        parts.unit(Phase::Network, unit("systemd-modules-load.service", modules));
    }
    let parameters = groups.iter().map(|group| format!("/etc/sysctl.d/{}.conf", group.stem)).collect();
    parts.unit(Phase::Network, unit("systemd-sysctl.service", parameters));
}
