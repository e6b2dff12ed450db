//! The types of kubeadm's reference, both versions at once; [`super`] knows which has what.

#![expect(dead_code, reason = "a field is here because the reference has it, not because somebody reads it")]

use std::collections::BTreeMap;

use serde::Deserialize;

macro_rules! document {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "camelCase")]
            pub(super) struct $name {
                $($(#[$field_meta])* pub(super) $field: $type,)*
            }
        )*
    };
}

/// `metav1.Duration`.
#[derive(Deserialize)]
pub(super) struct Duration(pub(super) String);

/// Extra arguments.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Args {
    Map(BTreeMap<String, String>),
    List(Vec<Arg>),
}

document! {
    Arg {
        name: String,
        value: String,
    }

    EnvVar {
        name: String,
        value: Option<String>,
    }

    Init {
        api_version: String,
        kind: String,
        #[serde(default)]
        bootstrap_tokens: Vec<BootstrapToken>,
        dry_run: Option<bool>,
        #[serde(default)]
        node_registration: Registration,
        #[serde(default, rename = "localAPIEndpoint")]
        local_api_endpoint: ApiEndpoint,
        certificate_key: Option<String>,
        #[serde(default)]
        skip_phases: Vec<String>,
        patches: Option<Patches>,
        timeouts: Option<Timeouts>,
    }

    BootstrapToken {
        token: String,
        description: Option<String>,
        ttl: Option<Duration>,
        expires: Option<String>,
        #[serde(default)]
        usages: Vec<String>,
        #[serde(default)]
        groups: Vec<String>,
    }

    #[derive(Default)]
    Registration {
        name: Option<String>,
        cri_socket: Option<String>,
        taints: Option<Vec<Taint>>,
        kubelet_extra_args: Option<Args>,
        #[serde(default)]
        ignore_preflight_errors: Vec<String>,
        image_pull_policy: Option<String>,
        image_pull_serial: Option<bool>,
    }

    Taint {
        key: String,
        value: Option<String>,
        effect: String,
        time_added: Option<String>,
    }

    #[derive(Default)]
    ApiEndpoint {
        advertise_address: Option<String>,
        bind_port: Option<u16>,
    }

    Patches {
        directory: String,
    }

    Timeouts {
        control_plane_component_health_check: Option<Duration>,
        kubelet_health_check: Option<Duration>,
        #[serde(rename = "kubernetesAPICall")]
        kubernetes_api_call: Option<Duration>,
        #[serde(rename = "etcdAPICall")]
        etcd_api_call: Option<Duration>,
        tls_bootstrap: Option<Duration>,
        discovery: Option<Duration>,
        upgrade_manifests: Option<Duration>,
    }

    Cluster {
        api_version: String,
        kind: String,
        etcd: Option<Etcd>,
        networking: Option<Networking>,
        kubernetes_version: Option<String>,
        control_plane_endpoint: Option<String>,
        api_server: Option<Component>,
        controller_manager: Option<Component>,
        scheduler: Option<Component>,
        dns: Option<Dns>,
        proxy: Option<Proxy>,
        certificates_dir: Option<String>,
        image_repository: Option<String>,
        #[serde(default)]
        feature_gates: BTreeMap<String, bool>,
        cluster_name: Option<String>,
        encryption_algorithm: Option<String>,
        certificate_validity_period: Option<Duration>,
        ca_certificate_validity_period: Option<Duration>,
    }

    /// `ControlPlaneComponent` and, for its last two fields, `APIServer`.
    Component {
        extra_args: Option<Args>,
        #[serde(default)]
        extra_volumes: Vec<HostPathMount>,
        #[serde(default)]
        extra_envs: Vec<EnvVar>,
        #[serde(default, rename = "certSANs")]
        cert_sans: Vec<String>,
        timeout_for_control_plane: Option<Duration>,
    }

    HostPathMount {
        name: String,
        host_path: String,
        mount_path: String,
        read_only: Option<bool>,
        path_type: Option<PathType>,
    }

    Dns {
        image_repository: Option<String>,
        image_tag: Option<String>,
        disabled: Option<bool>,
    }

    Proxy {
        disabled: Option<bool>,
    }

    Networking {
        service_subnet: Option<String>,
        pod_subnet: Option<String>,
        dns_domain: Option<String>,
    }

    Etcd {
        local: Option<LocalEtcd>,
        external: Option<ExternalEtcd>,
    }

    LocalEtcd {
        image_repository: Option<String>,
        image_tag: Option<String>,
        data_dir: String,
        extra_args: Option<Args>,
        #[serde(default)]
        extra_envs: Vec<EnvVar>,
        #[serde(default, rename = "serverCertSANs")]
        server_cert_sans: Vec<String>,
        #[serde(default, rename = "peerCertSANs")]
        peer_cert_sans: Vec<String>,
    }

    ExternalEtcd {
        endpoints: Vec<String>,
        ca_file: String,
        cert_file: String,
        key_file: String,
    }

    Join {
        api_version: String,
        kind: String,
        dry_run: Option<bool>,
        #[serde(default)]
        node_registration: Registration,
        ca_cert_path: Option<String>,
        discovery: Discovery,
        control_plane: Option<JoinControlPlane>,
        #[serde(default)]
        skip_phases: Vec<String>,
        patches: Option<Patches>,
        timeouts: Option<Timeouts>,
    }

    JoinControlPlane {
        #[serde(default, rename = "localAPIEndpoint")]
        local_api_endpoint: ApiEndpoint,
        certificate_key: Option<String>,
    }

    Discovery {
        bootstrap_token: Option<BootstrapTokenDiscovery>,
        file: Option<FileDiscovery>,
        tls_bootstrap_token: Option<String>,
        timeout: Option<Duration>,
    }

    BootstrapTokenDiscovery {
        token: String,
        api_server_endpoint: Option<String>,
        #[serde(default)]
        ca_cert_hashes: Vec<String>,
        #[serde(rename = "unsafeSkipCAVerification")]
        unsafe_skip_ca_verification: Option<bool>,
    }

    FileDiscovery {
        kube_config_path: String,
    }

    /// The part of the kubelet's configuration that hagen writes.
    Kubelet {
        api_version: String,
        kind: String,
        cgroup_driver: CgroupDriver,
        address: Option<std::net::IpAddr>,
        authentication: Option<Authentication>,
        authorization: Option<Authorization>,
        container_runtime_endpoint: Option<String>,
        static_pod_path: Option<String>,
    }

    Authentication {
        anonymous: Option<Enabled>,
        webhook: Option<Enabled>,
    }

    Enabled {
        enabled: bool,
    }

    Authorization {
        mode: AuthorizationMode,
    }

    /// The part of kube-proxy's configuration that hagen writes.
    KubeProxy {
        api_version: String,
        kind: String,
        mode: Option<ProxyMode>,
        ipvs: Option<Ipvs>,
    }

    Ipvs {
        #[serde(rename = "strictARP")]
        strict_arp: Option<bool>,
    }
}

/// `corev1.HostPathType`.
#[derive(Deserialize)]
pub(super) enum PathType {
    DirectoryOrCreate,
    Directory,
    FileOrCreate,
    File,
    Socket,
    CharDevice,
    BlockDevice,
}

/// A cgroup driver.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CgroupDriver {
    Systemd,
    Cgroupfs,
}

/// `KubeletAuthorizationMode`.
#[derive(Deserialize)]
pub(super) enum AuthorizationMode {
    AlwaysAllow,
    Webhook,
}

/// `ProxyMode` on Linux.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProxyMode {
    Iptables,
    Ipvs,
    Nftables,
}

impl Timeouts {
    /// Every timeout that is given.
    pub(super) fn all(&self) -> impl Iterator<Item = &Duration> {
        [
            &self.control_plane_component_health_check,
            &self.kubelet_health_check,
            &self.kubernetes_api_call,
            &self.etcd_api_call,
            &self.tls_bootstrap,
            &self.discovery,
            &self.upgrade_manifests,
        ]
        .into_iter()
        .flatten()
    }
}
