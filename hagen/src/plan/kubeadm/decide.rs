//! Topology → kubeadm on a node.

use std::collections::BTreeMap;

use super::{
    ApiEndpoint, BootstrapToken, CONFIG, Certificates, Cluster, Component, ConfigVersion, Containerd,
    ETCD_SCRIPT, Etcd, EtcdMember, EtcdPeer, Init, Join, KUBEADM_SCRIPT, Kubeadm, Listen, NodeRegistration,
    RegistryHost, RegistryLogin, Role, Trust, endpoint,
};
use crate::os;
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, RunBy, SetupScript, UnitAction};
use crate::spec::{Line, Name, Owner, Taint, Word, fixed};
use crate::topology::{self, Kubernetes, Node};
use crate::yaml::Map;

/// kubeadm of a node; nothing on nodes that are no part of the cluster. The version is proven by KUBE-1.
pub fn decide(input: &Input) -> Option<Kubeadm> {
    let cluster = input.topology.kubernetes.as_ref()?;
    let spec = &cluster.spec;
    let role = role(input, cluster)?;
    Some(Kubeadm {
        version: spec.version.as_str().parse().ok()?,
        node: registration(input, cluster),
        containerd: Containerd {
            // containerd 2 reads the older form too, and the packages of all systems bring one that does.
            config_version: ConfigVersion::V2,
            sandbox_image: format!("{}/pause:{}", spec.image_repository, spec.pause_tag),
            registries: registries(input),
            logins: logins(input),
        },
        role,
    })
}

fn role(input: &Input, cluster: &Kubernetes) -> Option<Role> {
    let name = &input.node.name;
    let local = || ApiEndpoint { address: input.node.address, port: cluster.bind_port, listen: Listen::All };
    if cluster.control_planes.first() == Some(name) {
        return Some(Role::Init(Box::new(init(input, cluster, local()))));
    }
    if cluster.control_planes.contains(name) {
        return Some(Role::ControlPlane(join(input, cluster, true), local()));
    }
    if cluster.workers.contains(name) {
        return Some(Role::Worker(join(input, cluster, false)));
    }
    match &cluster.etcd {
        topology::Etcd::Nodes(members) if members.contains(name) => Some(Role::Etcd(EtcdMember {
            members: nodes(input, members)
                .map(|node| EtcdPeer { name: node.name.clone(), address: node.address })
                .collect(),
            image_repository: cluster.spec.image_repository.clone(),
            data_dir: cluster.spec.etcd.data_dir.clone(),
            args: args(&cluster.spec.etcd.args),
        })),
        _ => None,
    }
}

fn nodes<'t>(input: &Input<'t>, names: &'t [Name]) -> impl Iterator<Item = &'t Node> {
    let topology = input.topology;
    names.iter().filter_map(|name| topology.node(name))
}

fn args(map: &Map<Word, Line>) -> BTreeMap<Word, Line> {
    map.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect()
}

fn component(map: &Map<Word, Line>) -> Component {
    Component { args: args(map), volumes: vec![] }
}

fn init(input: &Input, cluster: &Kubernetes, local: ApiEndpoint) -> Init {
    let spec = &cluster.spec;
    let secret = |reference: &crate::spec::SecretRef| input.secrets.value(reference);
    let vip = cluster.vip.as_ref().and_then(|vip| input.topology.vips.get(vip));
    let admin = |node: &Node| {
        let labels: BTreeMap<String, String> = node
            .labels
            .iter()
            .filter(|(key, _)| !NodeRegistration::may_label_itself(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        (!labels.is_empty()).then(|| (node.name.clone(), labels))
    };
    let mut cert_sans = cluster.cert_sans.clone();
    cert_sans.extend(cluster.control_planes.iter().map(Name::to_string));
    Init {
        cluster: Cluster {
            name: input.topology.cluster().clone(),
            endpoint: endpoint(&cluster.endpoint_host, cluster.endpoint_port),
            cert_sans,
            pod_subnet: spec.pod_subnet.value,
            service_subnet: spec.service_subnet.value,
            dns_domain: spec.dns_domain.clone(),
            image_repository: spec.image_repository.clone(),
            dns_image: None,
            etcd: etcd(input, cluster),
            api_server: component(&spec.api_server_args),
            controller_manager: component(&spec.controller_manager_args),
            scheduler: component(&spec.scheduler_args),
            feature_gates: spec.feature_gates.iter().map(|(gate, on)| (gate.value.clone(), *on)).collect(),
            disable_kube_proxy: spec.disable_kube_proxy,
            certificates: Certificates {
                encryption_algorithm: spec.encryption_algorithm,
                validity: spec.certificate_validity,
                ca_validity_years: spec.ca_validity_years,
            },
        },
        local,
        token: spec.token.as_ref().map(|token| BootstrapToken { token: secret(token), ttl: spec.token_ttl }),
        certificate_key: spec.certificate_key.as_ref().map(|key| secret(key)),
        kube_vip: vip.is_some_and(|vip| vip.owner == Owner::KubeVip),
        kube_proxy: None,
        admin_labels: input.topology.nodes.values().filter_map(admin).collect(),
    }
}

fn etcd(input: &Input, cluster: &Kubernetes) -> Etcd {
    let spec = &cluster.spec.etcd;
    let external = |members, made_here| Etcd::External {
        members,
        ca_file: spec.ca_file.clone(),
        cert_file: spec.cert_file.clone(),
        key_file: spec.key_file.clone(),
        made_here,
    };
    match &cluster.etcd {
        topology::Etcd::Stacked => Etcd::Stacked {
            data_dir: spec.data_dir.clone(),
            args: args(&spec.args),
            cert_sans: Default::default(),
            image: None,
        },
        topology::Etcd::Nodes(names) => {
            external(nodes(input, names).map(|node| node.address).collect(), true)
        }
        topology::Etcd::External(members) => external(members.clone(), false),
    }
}

/// A join that knows everything needs the digest of an authority that `init` makes: where the description
/// cannot give it, the operator brings it.
fn join(input: &Input, cluster: &Kubernetes, control_plane: bool) -> Join {
    let spec = &cluster.spec;
    let key = spec.certificate_key.as_ref().map(|key| input.secrets.value(key));
    let trust = match &spec.token {
        Some(token) if !spec.ca_cert_hashes.is_empty() && (key.is_some() || !control_plane) => {
            Trust::Pinned {
                token: input.secrets.value(token),
                ca_cert_hashes: spec.ca_cert_hashes.iter().map(|hash| hash.value.clone()).collect(),
                certificate_key: key.filter(|_| control_plane),
            }
        }
        _ => Trust::Brought,
    };
    Join { endpoint: endpoint(&cluster.endpoint_host, cluster.endpoint_port), trust }
}

fn registration(input: &Input, cluster: &Kubernetes) -> NodeRegistration {
    let (node, spec) = (input.node, &cluster.spec);
    let control_plane = cluster.control_planes.contains(&node.name);
    let mut taints: Vec<Taint> = Vec::new();
    if !node.taints.is_empty() {
        // A list replaces kubeadm's own taint, so that one is written too.
        taints.extend(control_plane.then(|| fixed("node-role.kubernetes.io/control-plane:NoSchedule")));
        taints.extend(node.taints.iter().cloned());
        taints.sort();
        taints.dedup();
    }
    let labels = node.labels.iter().filter(|(key, _)| NodeRegistration::may_label_itself(key));
    NodeRegistration {
        name: node.name.clone(),
        address: node.address,
        cri_socket: spec.cri_socket.clone(),
        taints: (!taints.is_empty()).then_some(taints),
        labels: labels.map(|(key, value)| (key.clone(), value.clone())).collect(),
        kubelet_args: args(&spec.kubelet_args),
        ignore_preflight_errors: spec.ignore_preflight_errors.iter().cloned().collect(),
        skip_phases: if cluster.control_planes.first() == Some(&node.name) {
            spec.skip_phases.clone()
        } else {
            vec![]
        },
        patches: spec.patches.clone().filter(|_| control_plane),
    }
}

/// The registries of the description, under their own name and the names that they replace.
fn registries(input: &Input) -> Vec<RegistryHost> {
    let mut hosts = BTreeMap::new();
    for (_, registry) in &input.topology.document.registries {
        let own = authority(registry.url.as_str());
        for namespace in registry.mirrors.iter().cloned().chain(own) {
            let host = RegistryHost {
                namespace: namespace.clone(),
                server: registry.url.value.clone(),
                ca_file: registry.ca_file.clone(),
                skip_verify: registry.skip_verify,
            };
            hosts.entry(namespace).or_insert(host);
        }
    }
    hosts.into_values().collect()
}

fn logins(input: &Input) -> Vec<RegistryLogin> {
    let login = |registry: &crate::spec::Registry| {
        Some(RegistryLogin {
            host: authority(registry.url.as_str())?,
            username: registry.username.clone()?,
            password: input.secrets.value(registry.password.as_ref()?),
        })
    };
    input.topology.document.registries.iter().filter_map(|(_, registry)| login(registry)).collect()
}

/// `HOST` or `HOST:PORT` of a URL.
fn authority(url: &str) -> Option<Word> {
    url.split_once("://")?.1.split('/').next()?.parse().ok()
}

/// Packages, the container runtime, the kubelet, and `init` or `join`.
pub fn activate(cfg: &Kubeadm, input: &Input, parts: &mut Parts) {
    use os::Component::{Containerd, Curl, Kubernetes, KubernetesPrerequisites};
    let os = input.node.os;
    for component in [Containerd, Kubernetes, KubernetesPrerequisites, Curl] {
        parts.packages(os.packages(component).iter().cloned());
    }
    // `hagen-kubeadm credentials` takes the digest of the certificate authority.
    parts.packages(["openssl"]);
    let mut unit = |component, on_change, reads: &[&str]| {
        if let Some(name) = os.unit(component) {
            let reads = reads.iter().map(|&path| path.to_owned()).collect();
            parts
                .unit(Phase::Platform, UnitAction { name: name.to_owned(), on_change, reads, check: vec![] });
        }
    };
    // Containers go on while containerd restarts.
    unit(Containerd, OnChange::Restart, &["/etc/containerd/config.toml"]);
    if matches!(cfg.role, Role::Etcd(_)) {
        let drop_in = "/etc/systemd/system/kubelet.service.d/20-etcd-service-manager.conf";
        unit(Kubernetes, OnChange::Restart, &[drop_in, "/etc/kubernetes/hagen/kubelet.yaml"]);
    }
    // Elsewhere a kubelet cannot run before `init` or `join`, which starts it; the script enables it.
    let (path, run, purpose) = match &cfg.role {
        Role::Init(init) => (KUBEADM_SCRIPT, init_by(init), format!("makes the cluster, as {CONFIG} says")),
        Role::ControlPlane(join, _) => {
            (KUBEADM_SCRIPT, join_by(join), "joins the cluster as a control plane".into())
        }
        Role::Worker(join) => (KUBEADM_SCRIPT, join_by(join), "joins the cluster as a worker".into()),
        Role::Etcd(member) => {
            let first = member.is_first(&cfg.node.name);
            let run = if first { RunBy::Apply } else { RunBy::Operator };
            (ETCD_SCRIPT, run, "makes this machine a member of the etcd cluster".into())
        }
    };
    parts.script(Phase::Platform, SetupScript { path: path.to_owned(), run, purpose });
}

/// The first control plane waits for certificates of an etcd cluster that has none before.
fn init_by(init: &Init) -> RunBy {
    match init.cluster.etcd {
        Etcd::Stacked { .. } => RunBy::Apply,
        Etcd::External { .. } => RunBy::Operator,
    }
}

fn join_by(join: &Join) -> RunBy {
    match join.trust {
        Trust::Pinned { .. } => RunBy::Apply,
        Trust::Brought => RunBy::Operator,
    }
}
