//! ClusterConfiguration, KubeletConfiguration and KubeProxyConfiguration.

use std::collections::BTreeMap;

use serde::Serialize;

use super::documents::{Args, go};
use crate::plan::kubeadm::{
    Api, Cluster, Component, Etcd, EtcdMember, EtcdPeer, Image, KubeProxy, Kubeadm, ProxyMode,
};
use crate::spec::{Line, Word};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterConfiguration {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_name: Option<String>,
    kubernetes_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    control_plane_endpoint: Option<String>,
    image_repository: String,
    certificates_dir: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    networking: Option<Networking>,
    etcd: EtcdConfiguration,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_server: Option<ComponentConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    controller_manager: Option<ComponentConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduler: Option<ComponentConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dns: Option<ImageMeta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<Proxy>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    feature_gates: BTreeMap<String, bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_validity_period: Option<String>,
    #[serde(rename = "caCertificateValidityPeriod", skip_serializing_if = "Option::is_none")]
    ca_certificate_validity_period: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Networking {
    pod_subnet: String,
    service_subnet: String,
    dns_domain: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum EtcdConfiguration {
    Local(LocalEtcd),
    External(ExternalEtcd),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocalEtcd {
    #[serde(flatten)]
    image: Option<ImageMeta>,
    data_dir: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_args: Option<Args>,
    #[serde(rename = "serverCertSANs", skip_serializing_if = "Vec::is_empty")]
    server_cert_sans: Vec<String>,
    #[serde(rename = "peerCertSANs", skip_serializing_if = "Vec::is_empty")]
    peer_cert_sans: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalEtcd {
    endpoints: Vec<String>,
    ca_file: String,
    cert_file: String,
    key_file: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageMeta {
    image_repository: String,
    image_tag: String,
}

#[derive(Serialize)]
struct Proxy {
    disabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComponentConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_args: Option<Args>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    extra_volumes: Vec<Volume>,
    #[serde(rename = "certSANs", skip_serializing_if = "Vec::is_empty")]
    cert_sans: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    name: String,
    host_path: String,
    mount_path: String,
    read_only: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KubeletConfiguration {
    api_version: &'static str,
    kind: &'static str,
    cgroup_driver: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KubeProxyConfiguration {
    api_version: &'static str,
    kind: &'static str,
    mode: ProxyMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipvs: Option<Ipvs>,
}

#[derive(Serialize)]
struct Ipvs {
    #[serde(rename = "strictARP")]
    strict_arp: bool,
}

/// The cluster that `kubeadm init` makes.
pub(super) fn configuration(cfg: &Kubeadm, cluster: &Cluster) -> impl Serialize {
    let api = cfg.api();
    let v1beta4 = api == Api::V1Beta4;
    let certificates = &cluster.certificates;
    ClusterConfiguration {
        api_version: api.version(),
        kind: "ClusterConfiguration",
        cluster_name: Some(cluster.name.to_string()),
        kubernetes_version: cfg.version.to_string(),
        control_plane_endpoint: Some(cluster.endpoint.clone()),
        image_repository: cluster.image_repository.to_string(),
        certificates_dir: "/etc/kubernetes/pki".into(),
        networking: Some(Networking {
            pod_subnet: cluster.pod_subnet.to_string(),
            service_subnet: cluster.service_subnet.to_string(),
            dns_domain: cluster.dns_domain.to_string(),
        }),
        etcd: etcd(api, &cluster.etcd),
        api_server: component(api, &cluster.api_server, cluster.cert_sans.iter().cloned().collect()),
        controller_manager: component(api, &cluster.controller_manager, vec![]),
        scheduler: component(api, &cluster.scheduler, vec![]),
        dns: cluster.dns_image.as_ref().map(image),
        proxy: (v1beta4 && cluster.disable_kube_proxy).then_some(Proxy { disabled: true }),
        feature_gates: cluster.feature_gates.iter().map(|(gate, on)| (gate.to_string(), *on)).collect(),
        encryption_algorithm: v1beta4.then(|| certificates.encryption_algorithm.word()),
        certificate_validity_period: v1beta4.then(|| go(certificates.validity)),
        ca_certificate_validity_period: v1beta4
            .then(|| format!("{}h", u32::from(certificates.ca_validity_years) * 365 * 24)),
    }
}

/// The configuration with which one etcd member, and nothing else, is made.
pub(super) fn member(
    cfg: &Kubeadm,
    member: &EtcdMember,
    peer: &EtcdPeer,
    certificates_dir: String,
) -> impl Serialize {
    let address = vec![peer.address.to_string()];
    ClusterConfiguration {
        api_version: cfg.api().version(),
        kind: "ClusterConfiguration",
        cluster_name: None,
        kubernetes_version: cfg.version.to_string(),
        control_plane_endpoint: None,
        image_repository: member.image_repository.to_string(),
        certificates_dir,
        networking: None,
        etcd: EtcdConfiguration::Local(LocalEtcd {
            image: None,
            data_dir: member.data_dir.to_string(),
            extra_args: cfg.api().args(&member.member_args(peer)),
            server_cert_sans: address.clone(),
            peer_cert_sans: address,
        }),
        api_server: None,
        controller_manager: None,
        scheduler: None,
        dns: None,
        proxy: None,
        feature_gates: BTreeMap::new(),
        encryption_algorithm: None,
        certificate_validity_period: None,
        ca_certificate_validity_period: None,
    }
}

fn etcd(api: Api, etcd: &Etcd) -> EtcdConfiguration {
    match etcd {
        Etcd::Stacked { data_dir, args, cert_sans, image: other } => {
            let sans: Vec<String> = cert_sans.iter().cloned().collect();
            EtcdConfiguration::Local(LocalEtcd {
                image: other.as_ref().map(image),
                data_dir: data_dir.to_string(),
                extra_args: api.args(&plain(args)),
                server_cert_sans: sans.clone(),
                peer_cert_sans: sans,
            })
        }
        Etcd::External { members, ca_file, cert_file, key_file, .. } => {
            let url = |address: &std::net::IpAddr| match address {
                std::net::IpAddr::V4(address) => format!("https://{address}:2379"),
                std::net::IpAddr::V6(address) => format!("https://[{address}]:2379"),
            };
            EtcdConfiguration::External(ExternalEtcd {
                endpoints: members.iter().map(url).collect(),
                ca_file: ca_file.to_string(),
                cert_file: cert_file.to_string(),
                key_file: key_file.to_string(),
            })
        }
    }
}

fn component(api: Api, component: &Component, cert_sans: Vec<String>) -> Option<ComponentConfiguration> {
    let extra_args = api.args(&plain(&component.args));
    if extra_args.is_none() && component.volumes.is_empty() && cert_sans.is_empty() {
        return None;
    }
    let volume = |v: &crate::plan::kubeadm::HostPathMount| Volume {
        name: v.name.to_string(),
        host_path: v.host_path.to_string(),
        mount_path: v.mount_path.to_string(),
        read_only: v.read_only,
    };
    Some(ComponentConfiguration {
        extra_args,
        extra_volumes: component.volumes.iter().map(volume).collect(),
        cert_sans,
    })
}

fn image(image: &Image) -> ImageMeta {
    ImageMeta { image_repository: image.repository.to_string(), image_tag: image.tag.to_string() }
}

fn plain(args: &BTreeMap<Word, Line>) -> BTreeMap<String, String> {
    args.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// The kubelets' configuration: the same cgroup driver as the container runtime.
pub(super) fn kubelet() -> impl Serialize {
    KubeletConfiguration {
        api_version: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        cgroup_driver: "systemd",
    }
}

/// kube-proxy's configuration.
pub(super) fn kube_proxy(proxy: &KubeProxy) -> impl Serialize {
    KubeProxyConfiguration {
        api_version: "kubeproxy.config.k8s.io/v1alpha1",
        kind: "KubeProxyConfiguration",
        mode: proxy.mode,
        ipvs: proxy.strict_arp.then_some(Ipvs { strict_arp: true }),
    }
}
