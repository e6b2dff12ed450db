//! Topology → static pods on a node.

use super::{Announce, HaproxyPod, KeepalivedPod, KubeVipPod, Lease, Liveness, METRICS_PORT, StaticPods};
use crate::plan::Input;
use crate::plan::activation::Parts;
use crate::plan::{haproxy, keepalived, vip};
use crate::spec::{Balancer, Deployment, Owner, Port, fixed};
use crate::topology::{Kubernetes, Vip};

/// The static pods of a node; nothing where every VIP is carried by packages.
pub fn decide(input: &Input) -> Option<StaticPods> {
    let cluster = input.topology.kubernetes.as_ref()?;
    let images = &cluster.spec.images;
    let vips: Vec<&Vip> = input
        .topology
        .vips_on(&input.node.name)
        .filter(|vip| vip.deployment == Deployment::StaticPod)
        .collect();
    let keepalived = vips.iter().any(|vip| vip.owner == Owner::Keepalived).then(|| KeepalivedPod {
        image: images.keepalived.clone(),
        config: fixed(keepalived::CONFIG_PATH),
        config_in_pod: fixed("/usr/local/etc/keepalived/keepalived.conf"),
        scripts: fixed(keepalived::SCRIPT_DIR),
    });
    let haproxy = vips.iter().find(|vip| vip.balancer == Balancer::Haproxy).map(|vip| {
        let health = vip::health(input, vip);
        HaproxyPod {
            image: images.haproxy.clone(),
            config: fixed(haproxy::CONFIG_PATH),
            // The balancer lives while it accepts connections there. Asking an apiserver through it would
            // restart it while there is none, which helps nobody.
            liveness: Liveness::Tcp {
                host: health.ip(),
                port: Port::new(health.port()).unwrap_or(Port::MIN),
            },
        }
    });
    let kube_vip =
        vips.iter().find(|vip| vip.owner == Owner::KubeVip).and_then(|vip| kube_vip(input, cluster, vip));
    let pods = StaticPods { keepalived, haproxy, kube_vip };
    (pods != StaticPods::default()).then_some(pods)
}

fn kube_vip(input: &Input, cluster: &Kubernetes, vip: &Vip) -> Option<KubeVipPod> {
    let member = vip.member(&input.node.name)?;
    Some(KubeVipPod {
        image: cluster.spec.images.kube_vip.clone(),
        address: vip.address,
        port: cluster.bind_port,
        announce: Announce::Arp { interface: member.interface.clone() },
        lease: Lease::default(),
        services: false,
        load_balancer: None,
        metrics_port: METRICS_PORT,
    })
}

/// The kubelet starts them by itself; nothing is installed for them.
pub fn activate(_: &StaticPods, _: &Input, _: &mut Parts) {}
