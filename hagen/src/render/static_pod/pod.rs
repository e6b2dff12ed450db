//! The part of the Pod type that static pods use.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pod {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Serialize)]
struct Metadata {
    name: String,
    namespace: &'static str,
    labels: Labels,
}

#[derive(Serialize)]
struct Labels {
    #[serde(rename = "app.kubernetes.io/name")]
    name: String,
    #[serde(rename = "app.kubernetes.io/managed-by")]
    managed_by: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    host_network: bool,
    priority_class_name: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    host_aliases: Vec<HostAlias>,
    containers: [Container; 1],
    volumes: Vec<Volume>,
}

#[derive(Serialize)]
pub(super) struct HostAlias {
    pub(super) ip: String,
    pub(super) hostnames: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) image_pull_policy: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) command: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) args: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) env: Vec<EnvVar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) liveness_probe: Option<Probe>,
    pub(super) resources: Resources,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) security_context: Option<SecurityContext>,
    pub(super) volume_mounts: Vec<Mount>,
}

#[derive(Serialize)]
pub(super) struct Resources {
    requests: Requests,
}

#[derive(Serialize)]
struct Requests {
    cpu: &'static str,
    memory: &'static str,
}

#[derive(Serialize)]
pub(super) struct SecurityContext {
    capabilities: Capabilities,
}

#[derive(Serialize)]
struct Capabilities {
    add: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct EnvVar {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Probe {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_get: Option<HttpGet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tcp_socket: Option<TcpSocket>,
    pub(super) initial_delay_seconds: u16,
    pub(super) period_seconds: u16,
    pub(super) timeout_seconds: u16,
    pub(super) failure_threshold: u16,
}

#[derive(Serialize)]
pub(super) struct HttpGet {
    pub(super) host: String,
    pub(super) path: String,
    pub(super) port: u16,
    pub(super) scheme: &'static str,
}

#[derive(Serialize)]
pub(super) struct TcpSocket {
    pub(super) host: String,
    pub(super) port: u16,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mount {
    pub(super) name: String,
    pub(super) mount_path: String,
    pub(super) read_only: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) host_path: HostPath,
}

#[derive(Serialize)]
pub(super) struct HostPath {
    pub(super) path: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

impl Pod {
    /// A pod on the node's network. The priority keeps the kernel from choosing it when memory is short.
    pub(super) fn new(container: Container, volumes: Vec<Volume>) -> Self {
        let name = container.name.clone();
        Self {
            api_version: "v1",
            kind: "Pod",
            metadata: Metadata {
                name: name.clone(),
                namespace: "kube-system",
                labels: Labels { name, managed_by: "hagen" },
            },
            spec: Spec {
                host_network: true,
                priority_class_name: "system-node-critical",
                host_aliases: vec![],
                containers: [container],
                volumes,
            },
        }
    }

    pub(super) fn with_alias(mut self, alias: HostAlias) -> Self {
        self.spec.host_aliases.push(alias);
        self
    }
}

impl Container {
    /// A container with these capabilities besides the runtime's own.
    pub(super) fn new(name: &str, image: &str, capabilities: &[&str]) -> Self {
        let add: Vec<String> = capabilities.iter().map(|&c| c.to_owned()).collect();
        Self {
            name: name.to_owned(),
            image: image.to_owned(),
            image_pull_policy: "IfNotPresent",
            command: vec![],
            args: vec![],
            env: vec![],
            liveness_probe: None,
            resources: Resources { requests: Requests { cpu: "25m", memory: "32Mi" } },
            security_context: (!add.is_empty())
                .then_some(SecurityContext { capabilities: Capabilities { add } }),
            volume_mounts: vec![],
        }
    }
}
