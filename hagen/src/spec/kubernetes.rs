//! A Kubernetes cluster made by kubeadm.

use std::net::IpAddr;

use ipnet::IpNet;

use super::*;
use crate::yaml::{Map, Spanned};
use crate::{choice, record};

choice! {
    /// Key algorithm of the certificates (kubeadm v1beta4).
    pub enum EncryptionAlgorithm {
        /// RSA, 2048 bits.
        Rsa2048 = "RSA-2048",
        /// RSA, 3072 bits.
        Rsa3072 = "RSA-3072",
        /// RSA, 4096 bits.
        Rsa4096 = "RSA-4096",
        /// ECDSA over P-256.
        EcdsaP256 = "ECDSA-P256",
    }
}

record! {
    /// A Kubernetes cluster made by kubeadm.
    pub struct Kubernetes ("kubernetes") {
        /// Version, such as `1.31.4`.
        version: Spanned<Word>,
        /// The VIP in front of the apiservers.
        vip: Option<Spanned<Name>>,
        /// The name that clients use for the apiservers. Default: the VIP's address.
        endpoint: Option<Spanned<DomainName>>,
        /// Port of the endpoint.
        endpoint_port: Spanned<Port> = Spanned::nowhere(fixed("6443")),
        /// Port on which an apiserver listens. It differs from the endpoint's where a balancer shares the node.
        bind_port: Spanned<Port> = Spanned::nowhere(fixed("6443")),
        /// Addresses of pods.
        pod_subnet: Spanned<IpNet> = Spanned::nowhere(fixed("10.233.64.0/18")),
        /// Addresses of services.
        service_subnet: Spanned<IpNet> = Spanned::nowhere(fixed("10.233.0.0/18")),
        /// Domain of services.
        dns_domain: DomainName = fixed("cluster.local"),
        /// The control plane that runs `kubeadm init`. Default: the first node with the role `control-plane`.
        first: Option<Spanned<Name>>,
        /// More names and addresses in the apiservers' certificate.
        cert_sans: Vec<Spanned<Word>>,
        /// Where images come from.
        image_repository: Word = fixed("registry.k8s.io"),
        /// Tag of the pause image; it must be the one that kubeadm names.
        pause_tag: Word = fixed("3.10"),
        /// Socket of the container runtime.
        cri_socket: Word = fixed("unix:///run/containerd/containerd.sock"),
        /// Bootstrap token by reference, `[a-z0-9]{6}.[a-z0-9]{16}`.
        token: Option<Spanned<SecretRef>>,
        /// How long the token holds.
        token_ttl: Duration = Duration::from_secs(86_400),
        /// Key that encrypts the uploaded certificates, by reference: 64 hexadecimal digits.
        certificate_key: Option<Spanned<SecretRef>>,
        /// Digest of the cluster's certificate authority, `sha256:` and 64 hexadecimal digits, for joins.
        ca_cert_hashes: Vec<Spanned<Word>>,
        /// etcd.
        etcd: Etcd,
        /// Extra arguments of the apiserver.
        api_server_args: Map<Word, Line>,
        /// Extra arguments of the controller manager.
        controller_manager_args: Map<Word, Line>,
        /// Extra arguments of the scheduler.
        scheduler_args: Map<Word, Line>,
        /// Extra arguments of the kubelet.
        kubelet_args: Map<Word, Line>,
        /// Feature gates of kubeadm.
        feature_gates: Map<Word, bool>,
        /// Key algorithm of the certificates; kubeadm v1beta4.
        encryption_algorithm: EncryptionAlgorithm = EncryptionAlgorithm::Rsa2048,
        /// How long certificates hold; kubeadm v1beta4.
        certificate_validity: Duration = Duration::from_secs(31_536_000),
        /// How many years the certificate authority holds, 1 to 100; kubeadm v1beta4.
        ca_validity_years: u8 = 10,
        /// Preflight errors that are accepted.
        ignore_preflight_errors: Vec<Word>,
        /// Phases that are skipped.
        skip_phases: Vec<Word>,
        /// Folder with patches, on the node.
        patches: Option<NodePath>,
        /// Keep kube-proxy off, for a network plugin that replaces it.
        disable_kube_proxy: bool = false,
        /// Images of the static pods.
        images: StaticPodImages,
    }
}

record! {
    /// etcd: with the control planes, or on machines of its own.
    pub struct Etcd ("etcd") {
        /// Data folder.
        data_dir: NodePath = fixed("/var/lib/etcd"),
        /// Addresses of an etcd cluster that hagen does not describe. Nodes with the role `etcd` are taken
        /// by themselves; without either, etcd runs with the control planes.
        endpoints: Vec<Spanned<IpAddr>>,
        /// Certificate authority of an external etcd, a file on the control planes.
        ca_file: NodePath = fixed("/etc/kubernetes/pki/etcd/ca.crt"),
        /// Client certificate for an external etcd.
        cert_file: NodePath = fixed("/etc/kubernetes/pki/apiserver-etcd-client.crt"),
        /// Its key.
        key_file: NodePath = fixed("/etc/kubernetes/pki/apiserver-etcd-client.key"),
        /// Extra arguments of etcd.
        args: Map<Word, Line>,
    }
}

record! {
    /// Images of the static pods of a VIP with `deployment: static-pod`.
    pub struct StaticPodImages ("images") {
        /// keepalived.
        keepalived: Word = fixed("osixia/keepalived:2.0.20"),
        /// haproxy.
        haproxy: Word = fixed("haproxy:2.8"),
        /// kube-vip.
        kube_vip: Word = fixed("ghcr.io/kube-vip/kube-vip:v0.8.9"),
    }
}
