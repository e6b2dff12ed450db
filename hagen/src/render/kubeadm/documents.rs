//! InitConfiguration and JoinConfiguration, in the two forms that kubeadm reads.

use serde::Serialize;
use std::collections::BTreeMap;

use super::{cluster, patches, yaml};
use crate::plan::kubeadm::{Api, ApiEndpoint, Init, Join, Kubeadm, NodeRegistration, Trust};
use crate::spec::{Duration, Taint, Word};

/// What stands in a document until the operator brings the real values, by the variable of the script
/// that replaces it. They have the right form, so that kubeadm's own check accepts the document.
pub(super) const PLACEHOLDERS: [(&str, &str); 3] = [
    ("token_here", "xxxxxx.xxxxxxxxxxxxxxxx"),
    ("hash_here", "sha256:0000000000000000000000000000000000000000000000000000000000000000"),
    ("key_here", "1111111111111111111111111111111111111111111111111111111111111111"),
];

impl Api {
    pub(super) const fn version(self) -> &'static str {
        match self {
            Self::V1Beta3 => "kubeadm.k8s.io/v1beta3",
            Self::V1Beta4 => "kubeadm.k8s.io/v1beta4",
        }
    }

    /// Arguments in this form, in name order.
    pub(super) fn args(self, args: &BTreeMap<String, String>) -> Option<Args> {
        if args.is_empty() {
            return None;
        }
        let arg = |(name, value): (&String, &String)| Arg { name: name.clone(), value: value.clone() };
        Some(match self {
            Self::V1Beta3 => Args::Map(args.clone()),
            Self::V1Beta4 => Args::List(args.iter().map(arg).collect()),
        })
    }
}

/// Extra arguments.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Args {
    Map(BTreeMap<String, String>),
    List(Vec<Arg>),
}

#[derive(Serialize)]
pub(super) struct Arg {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitConfiguration {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bootstrap_tokens: Option<[BootstrapToken; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_key: Option<String>,
    #[serde(rename = "localAPIEndpoint")]
    local_api_endpoint: LocalApiEndpoint,
    node_registration: Registration,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skip_phases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<Patches>,
}

#[derive(Serialize)]
struct BootstrapToken {
    token: String,
    description: &'static str,
    ttl: String,
    usages: [&'static str; 2],
    groups: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LocalApiEndpoint {
    advertise_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bind_port: Option<u16>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registration {
    name: String,
    cri_socket: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    taints: Option<Vec<NodeTaint>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubelet_extra_args: Option<Args>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignore_preflight_errors: Vec<String>,
    image_pull_policy: &'static str,
}

#[derive(Serialize)]
struct NodeTaint {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    effect: String,
}

#[derive(Serialize)]
struct Patches {
    directory: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JoinConfiguration {
    api_version: &'static str,
    kind: &'static str,
    discovery: Discovery,
    #[serde(skip_serializing_if = "Option::is_none")]
    control_plane: Option<JoinControlPlane>,
    node_registration: Registration,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skip_phases: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patches: Option<Patches>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Discovery {
    bootstrap_token: TokenDiscovery,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenDiscovery {
    token: String,
    api_server_endpoint: String,
    ca_cert_hashes: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JoinControlPlane {
    #[serde(rename = "localAPIEndpoint")]
    local_api_endpoint: LocalApiEndpoint,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_key: Option<String>,
}

/// Everything that `kubeadm init` reads.
pub(super) fn init(cfg: &Kubeadm, init: &Init) -> String {
    let token = init.token.as_ref().map(|token| {
        [BootstrapToken {
            token: token.token.expose().to_owned(),
            description: "hagen",
            ttl: go(token.ttl),
            usages: ["signing", "authentication"],
            groups: ["system:bootstrappers:kubeadm:default-node-token"],
        }]
    });
    let mut skip_phases = words(&cfg.node.skip_phases);
    if init.cluster.disable_kube_proxy && cfg.api() == Api::V1Beta3 {
        skip_phases.push("addon/kube-proxy".into());
    }
    let configuration = InitConfiguration {
        api_version: cfg.api().version(),
        kind: "InitConfiguration",
        bootstrap_tokens: token,
        certificate_key: init.certificate_key.as_ref().map(|key| key.expose().to_owned()),
        local_api_endpoint: local_api(&init.local),
        node_registration: registration(cfg.api(), &cfg.node),
        skip_phases,
        patches: patches_of(&cfg.node, Some(&init.local)),
    };
    let cluster = cluster::configuration(cfg, &init.cluster);
    let kubelet = cluster::kubelet();
    match init.kube_proxy.as_ref().filter(|_| !init.cluster.disable_kube_proxy) {
        None => yaml(&[&configuration, &cluster, &kubelet]),
        Some(proxy) => yaml(&[&configuration, &cluster, &kubelet, &cluster::kube_proxy(proxy)]),
    }
}

/// What `kubeadm join` reads; with an apiserver for a control plane.
pub(super) fn join(cfg: &Kubeadm, join: &Join, local: Option<&ApiEndpoint>) -> String {
    let [token, hash, key] = PLACEHOLDERS.map(|(_, placeholder)| placeholder.to_owned());
    let (token, hashes, key) = match &join.trust {
        Trust::Brought => (token, vec![hash], Some(key)),
        Trust::Pinned { token, ca_cert_hashes, certificate_key } => {
            let hashes = ca_cert_hashes.iter().map(Word::to_string).collect();
            (token.expose().to_owned(), hashes, certificate_key.as_ref().map(|key| key.expose().to_owned()))
        }
    };
    let endpoint = join.endpoint.clone();
    yaml(&[&JoinConfiguration {
        api_version: cfg.api().version(),
        kind: "JoinConfiguration",
        discovery: Discovery {
            bootstrap_token: TokenDiscovery { token, api_server_endpoint: endpoint, ca_cert_hashes: hashes },
        },
        control_plane: local
            .map(|local| JoinControlPlane { local_api_endpoint: local_api(local), certificate_key: key }),
        node_registration: registration(cfg.api(), &cfg.node),
        skip_phases: words(&cfg.node.skip_phases),
        patches: patches_of(&cfg.node, local),
    }])
}

/// The registration of an etcd member, which is no node but needs a name and an address in its certificates.
pub(super) fn member(api: Api, name: &str, address: std::net::IpAddr, cri_socket: &str) -> impl Serialize {
    InitConfiguration {
        api_version: api.version(),
        kind: "InitConfiguration",
        bootstrap_tokens: None,
        certificate_key: None,
        local_api_endpoint: LocalApiEndpoint { advertise_address: address.to_string(), bind_port: None },
        node_registration: Registration {
            name: name.to_owned(),
            cri_socket: cri_socket.to_owned(),
            taints: None,
            kubelet_extra_args: None,
            ignore_preflight_errors: vec![],
            image_pull_policy: "IfNotPresent",
        },
        skip_phases: vec![],
        patches: None,
    }
}

fn local_api(local: &ApiEndpoint) -> LocalApiEndpoint {
    LocalApiEndpoint { advertise_address: local.address.to_string(), bind_port: Some(local.port.get()) }
}

fn patches_of(node: &NodeRegistration, local: Option<&ApiEndpoint>) -> Option<Patches> {
    patches(node, local).map(|directory| Patches { directory: directory.to_owned() })
}

fn registration(api: Api, node: &NodeRegistration) -> Registration {
    let mut args = BTreeMap::from([("node-ip".to_owned(), node.address.to_string())]);
    if !node.labels.is_empty() {
        let labels: Vec<String> = node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        args.insert("node-labels".into(), labels.join(","));
    }
    args.extend(node.kubelet_args.iter().map(|(name, value)| (name.to_string(), value.to_string())));
    Registration {
        name: node.name.to_string(),
        cri_socket: node.cri_socket.to_string(),
        taints: node.taints.as_ref().map(|taints| taints.iter().map(taint).collect()),
        kubelet_extra_args: api.args(&args),
        ignore_preflight_errors: node.ignore_preflight_errors.iter().map(Word::to_string).collect(),
        image_pull_policy: "IfNotPresent",
    }
}

/// `key=value:Effect` or `key:Effect`, which the type has checked.
fn taint(taint: &Taint) -> NodeTaint {
    let (rest, effect) = taint.as_str().rsplit_once(':').unwrap_or((taint.as_str(), "NoSchedule"));
    let (key, value) =
        rest.split_once('=').map_or((rest, None), |(key, value)| (key, Some(value.to_owned())));
    NodeTaint { key: key.to_owned(), value, effect: effect.to_owned() }
}

fn words(words: &[Word]) -> Vec<String> {
    words.iter().map(Word::to_string).collect()
}

/// A duration as Go reads it; Go knows no days.
pub(super) fn go(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds.is_multiple_of(3_600_000) {
        format!("{}h", milliseconds / 3_600_000)
    } else {
        format!("{milliseconds}ms")
    }
}
