//! Kernel parameters and modules of one node, each with the reason why it is set.

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;

use crate::os::Os;

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

    /// Makes sure that no two groups of a node want different values of a parameter.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn agree(groups: &[Self]) -> Result<(), ConflictError> {
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        for (name, parameter) in groups.iter().flat_map(|group| &group.parameters) {
            let first = *known.entry(name).or_insert(parameter.value);
            if first != parameter.value {
                return Err(ConflictError { parameter: name.clone(), first, second: parameter.value });
            }
        }
        Ok(())
    }
}
