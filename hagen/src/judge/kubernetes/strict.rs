//! kubeadm's documents, read back by the types of their published reference.
//!
//! Written from `kubeadm.k8s.io/v1beta3` and `v1beta4` of the Kubernetes documentation, and apart from the
//! renderer on purpose: a field that the renderer misspells is unknown here.

mod types;

use serde::Deserialize;

use types::{
    Args, Cluster, Component, Discovery, Duration, Init, Join, KubeProxy, Kubelet, Patches, Registration,
    Timeouts,
};

/// The head of a document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: String,
    kind: String,
}

/// The two forms of kubeadm's documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    V1Beta3,
    V1Beta4,
}

/// Everything that kubeadm would not take in a file of documents.
pub(super) fn check(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut forms = Vec::new();
    for document in text.split("\n---\n") {
        match serde_saphyr::from_str::<Head>(document) {
            Err(error) => found.push(format!("no document: {error}")),
            Ok(head) => {
                forms.extend(form(&head));
                found.extend(one(&head, document));
            }
        }
    }
    forms.dedup_by(|a, b| a == b);
    if forms.len() > 1 {
        found.push("documents of two versions in one file".into());
    }
    found
}

fn form(head: &Head) -> Option<Form> {
    match head.api_version.as_str() {
        "kubeadm.k8s.io/v1beta3" => Some(Form::V1Beta3),
        "kubeadm.k8s.io/v1beta4" => Some(Form::V1Beta4),
        _ => None,
    }
}

fn one(head: &Head, text: &str) -> Vec<String> {
    let mut wrong = Wrong { form: form(head).unwrap_or(Form::V1Beta4), found: Vec::new() };
    let read = match (form(head), head.api_version.as_str(), head.kind.as_str()) {
        (Some(_), _, "InitConfiguration") => serde_saphyr::from_str::<Init>(text).map(|d| wrong.init(&d)),
        (Some(_), _, "ClusterConfiguration") => {
            serde_saphyr::from_str::<Cluster>(text).map(|d| wrong.cluster(&d))
        }
        (Some(_), _, "JoinConfiguration") => serde_saphyr::from_str::<Join>(text).map(|d| wrong.join(&d)),
        (None, "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration") => {
            serde_saphyr::from_str::<Kubelet>(text).map(|_| ())
        }
        (None, "kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration") => {
            serde_saphyr::from_str::<KubeProxy>(text).map(|_| ())
        }
        _ => return vec![format!("{} of {} is unknown", head.kind, head.api_version)],
    };
    if let Err(error) = read {
        wrong.found.push(format!("{}: {error}", head.kind));
    }
    wrong.found
}

struct Wrong {
    form: Form,
    found: Vec<String>,
}

impl Wrong {
    fn unless(&mut self, holds: bool, message: impl Into<String>) {
        if !holds {
            self.found.push(message.into());
        }
    }

    fn new_field(&mut self, given: bool, name: &str) {
        self.unless(!given || self.form == Form::V1Beta4, format!("{name} came with v1beta4"));
    }

    fn old_field(&mut self, given: bool, name: &str) {
        self.unless(!given || self.form == Form::V1Beta3, format!("{name} ended with v1beta3"));
    }

    fn args(&mut self, args: Option<&Args>, place: &str) {
        let expected = match args {
            None => return,
            Some(Args::Map(_)) => Form::V1Beta3,
            Some(Args::List(list)) => {
                self.unless(
                    list.iter().all(|arg| plain_argument(&arg.name)),
                    format!("{place}: a name with dashes"),
                );
                Form::V1Beta4
            }
        };
        if let Some(Args::Map(map)) = args {
            self.unless(map.keys().all(|name| plain_argument(name)), format!("{place}: a name with dashes"));
        }
        self.unless(
            expected == self.form,
            format!("{place}: a map in v1beta3, a list of name and value in v1beta4"),
        );
    }

    fn duration(&mut self, duration: Option<&Duration>, place: &str) {
        self.unless(duration.is_none_or(|d| go_duration(&d.0)), format!("{place} is no duration of Go"));
    }

    fn timeouts(&mut self, timeouts: Option<&Timeouts>) {
        self.new_field(timeouts.is_some(), "timeouts");
        for duration in timeouts.into_iter().flat_map(Timeouts::all) {
            self.duration(Some(duration), "a timeout");
        }
    }

    fn patches(&mut self, patches: Option<&Patches>) {
        self.unless(
            patches.is_none_or(|p| p.directory.starts_with('/')),
            "patches.directory is no absolute path",
        );
    }

    fn registration(&mut self, node: &Registration) {
        self.args(node.kubelet_extra_args.as_ref(), "nodeRegistration.kubeletExtraArgs");
        self.new_field(node.image_pull_serial.is_some(), "imagePullSerial");
        let socket = node.cri_socket.as_deref().unwrap_or("unix:///");
        self.unless(socket.starts_with("unix:///"), "nodeRegistration.criSocket is no unix:// path");
        let policy = node.image_pull_policy.as_deref().unwrap_or("Always");
        self.unless(matches!(policy, "Always" | "IfNotPresent" | "Never"), "imagePullPolicy is unknown");
        for taint in node.taints.iter().flatten() {
            let effect = matches!(taint.effect.as_str(), "NoSchedule" | "PreferNoSchedule" | "NoExecute");
            self.unless(effect && !taint.key.is_empty(), format!("the taint {} is unknown", taint.key));
        }
    }

    fn local(&mut self, local: &types::ApiEndpoint) {
        let address = local.advertise_address.as_deref().unwrap_or("127.0.0.1");
        self.unless(address.parse::<std::net::IpAddr>().is_ok(), "advertiseAddress is no address");
        self.unless(local.bind_port != Some(0), "bindPort is 0");
    }

    fn init(&mut self, init: &Init) {
        for token in &init.bootstrap_tokens {
            self.token(&token.token);
            self.duration(token.ttl.as_ref(), "ttl");
            self.unless(token.ttl.is_none() || token.expires.is_none(), "ttl and expires exclude each other");
            let usages =
                token.usages.iter().all(|usage| matches!(usage.as_str(), "signing" | "authentication"));
            self.unless(usages, "a usage is signing or authentication");
            let groups = token.groups.iter().all(|group| group.starts_with("system:bootstrappers:"));
            self.unless(groups, "a group begins with system:bootstrappers:");
        }
        self.certificate_key(init.certificate_key.as_deref());
        self.registration(&init.node_registration);
        self.local(&init.local_api_endpoint);
        self.patches(init.patches.as_ref());
        self.timeouts(init.timeouts.as_ref());
    }

    fn join(&mut self, join: &Join) {
        self.discovery(&join.discovery);
        if let Some(control_plane) = &join.control_plane {
            self.local(&control_plane.local_api_endpoint);
            self.certificate_key(control_plane.certificate_key.as_deref());
        }
        self.registration(&join.node_registration);
        self.patches(join.patches.as_ref());
        self.timeouts(join.timeouts.as_ref());
    }

    fn discovery(&mut self, discovery: &Discovery) {
        let one = discovery.bootstrap_token.is_some() != discovery.file.is_some();
        self.unless(one, "exactly one of discovery.bootstrapToken and discovery.file");
        self.old_field(discovery.timeout.is_some(), "discovery.timeout");
        self.duration(discovery.timeout.as_ref(), "discovery.timeout");
        let Some(token) = &discovery.bootstrap_token else { return };
        self.token(&token.token);
        let unsafe_skip = token.unsafe_skip_ca_verification.unwrap_or(false);
        self.unless(
            unsafe_skip || !token.ca_cert_hashes.is_empty(),
            "no caCertHashes: anybody could be the cluster",
        );
        for hash in &token.ca_cert_hashes {
            let hex = hash.strip_prefix("sha256:").is_some_and(|h| h.len() == 64 && lower_hex(h));
            self.unless(hex, "a caCertHash is sha256: and 64 digits");
        }
        let endpoint = token.api_server_endpoint.as_deref().unwrap_or_default();
        self.unless(host_and_port(endpoint), "apiServerEndpoint is no host and port");
    }

    fn token(&mut self, token: &str) {
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let fits = token
            .split_once('.')
            .is_some_and(|(id, key)| id.len() == 6 && key.len() == 16 && plain(id) && plain(key));
        self.unless(fits, "a token is [a-z0-9]{6}.[a-z0-9]{16}");
    }

    fn certificate_key(&mut self, key: Option<&str>) {
        self.unless(
            key.is_none_or(|k| k.len() == 64 && lower_hex(&k.to_ascii_lowercase())),
            "certificateKey is not 64 digits",
        );
    }

    fn component(&mut self, component: Option<&Component>, place: &str) {
        let Some(component) = component else { return };
        self.args(component.extra_args.as_ref(), place);
        self.new_field(!component.extra_envs.is_empty(), "extraEnvs");
        for volume in &component.extra_volumes {
            let absolute = volume.host_path.starts_with('/') && volume.mount_path.starts_with('/');
            self.unless(
                absolute && !volume.name.is_empty(),
                format!("{place}: a volume without absolute paths"),
            );
        }
    }

    fn cluster(&mut self, cluster: &Cluster) {
        if let Some(endpoint) = &cluster.control_plane_endpoint {
            self.unless(host_and_port(endpoint), "controlPlaneEndpoint is no host and port");
        }
        let version = cluster.kubernetes_version.as_deref().unwrap_or("v1");
        self.unless(
            version.starts_with("v1."),
            "kubernetesVersion is no version: kubeadm would ask the internet",
        );
        self.component(cluster.api_server.as_ref(), "apiServer.extraArgs");
        self.component(cluster.controller_manager.as_ref(), "controllerManager.extraArgs");
        self.component(cluster.scheduler.as_ref(), "scheduler.extraArgs");
        let api_server = cluster.api_server.as_ref();
        self.old_field(
            api_server.is_some_and(|a| a.timeout_for_control_plane.is_some()),
            "timeoutForControlPlane",
        );
        self.new_field(cluster.dns.as_ref().is_some_and(|dns| dns.disabled.is_some()), "dns.disabled");
        self.new_field(cluster.proxy.is_some(), "proxy");
        self.new_field(cluster.encryption_algorithm.is_some(), "encryptionAlgorithm");
        let algorithm = cluster.encryption_algorithm.as_deref().unwrap_or("RSA-2048");
        let known = matches!(algorithm, "RSA-2048" | "RSA-3072" | "RSA-4096" | "ECDSA-P256");
        self.unless(known, "encryptionAlgorithm is unknown");
        for (period, name) in [
            (&cluster.certificate_validity_period, "certificateValidityPeriod"),
            (&cluster.ca_certificate_validity_period, "caCertificateValidityPeriod"),
        ] {
            self.new_field(period.is_some(), name);
            self.duration(period.as_ref(), name);
        }
        if let Some(networking) = &cluster.networking {
            for subnet in [&networking.pod_subnet, &networking.service_subnet].into_iter().flatten() {
                let nets = subnet.split(',').all(|net| net.parse::<ipnet::IpNet>().is_ok());
                self.unless(nets, format!("{subnet} is no network"));
            }
        }
        self.etcd(cluster.etcd.as_ref());
    }

    fn etcd(&mut self, etcd: Option<&types::Etcd>) {
        let Some(etcd) = etcd else { return };
        self.unless(etcd.local.is_none() || etcd.external.is_none(), "etcd is local or external, not both");
        if let Some(local) = &etcd.local {
            self.args(local.extra_args.as_ref(), "etcd.local.extraArgs");
            self.new_field(!local.extra_envs.is_empty(), "etcd.local.extraEnvs");
            self.unless(local.data_dir.starts_with('/'), "etcd.local.dataDir is no absolute path");
        }
        if let Some(external) = &etcd.external {
            let https =
                external.endpoints.iter().all(|e| e.strip_prefix("https://").is_some_and(host_and_port));
            self.unless(https && !external.endpoints.is_empty(), "an endpoint of etcd is https://HOST:PORT");
            for file in [&external.ca_file, &external.cert_file, &external.key_file] {
                self.unless(file.starts_with('/'), "a file of etcd is no absolute path");
            }
        }
    }
}

fn plain_argument(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('-')
}

fn lower_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn host_and_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host_fits = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains(':'),
    };
    host_fits && port.parse::<u16>().is_ok_and(|port| port != 0)
}

/// `time.ParseDuration`: numbers with `h`, `m`, `s`, `ms`, `us` or `ns`, at least one.
fn go_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let units = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let (number, unit) = (&rest[..digits], &rest[digits..digits + units]);
        if number.parse::<f64>().is_err() || !matches!(unit, "h" | "m" | "s" | "ms" | "us" | "ns") {
            return false;
        }
        rest = &rest[digits + units..];
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests;
