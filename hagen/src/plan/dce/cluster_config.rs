//! The installer's `clusterConfig.yaml`: `provision.daocloud.io`, kind `ClusterConfig`.
//!
//! Every key of v1alpha3 and v1alpha4 has its place. What must not be combined cannot be said.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use crate::secret::Secret;
use crate::spec::{
    DceApiVersion, DomainName, Line, Name, NodePath, NtpServer, Port, RenewCertsMode, Taint, Url, Word,
};

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterConfig {
    /// Version of the file's form.
    pub api_version: DceApiVersion,
    /// `clusterName`: name of the global cluster.
    pub cluster_name: Name,
    /// `bootstrapNode`: the name or address that the bootstrap services are known by.
    pub bootstrap_node: Host,
    /// `tinderKind`: the kind cluster on the bootstrap node.
    pub tinder_kind: TinderKind,
    /// `loadBalancer`.
    pub load_balancer: LoadBalancer,
    /// `loadBalancer.SourceIP`: keep the client's address, found out by itself (`auto`) or not (`false`).
    pub source_ip: bool,
    /// How the installer reaches the nodes.
    pub access: Access,
    /// `masterNodes`, in order.
    pub masters: Vec<InstallNode>,
    /// `workerNodes`, in order.
    pub workers: Vec<InstallNode>,
    /// `etcdNodes`, in order; empty when etcd runs on the masters.
    pub etcd: Vec<InstallNode>,
    /// `ntpServer`, in order.
    pub ntp_servers: Vec<NtpServer>,
    /// `fullPackagePath`: the unpacked offline package.
    pub full_package_path: NodePath,
    /// `osRepos`.
    pub os_repos: OsRepos,
    /// `imagesAndCharts`.
    pub images_and_charts: ImagesAndCharts,
    /// `addonPackage.path`: archives of addons.
    pub addon_packages: Vec<NodePath>,
    /// `binaries`.
    pub binaries: Binaries,
    /// `externalMiddlewares`.
    pub external_middlewares: ExternalMiddlewares,
    /// `kubeanConfig`: variables of kubespray; each value is YAML on one line.
    pub kubean_config: BTreeMap<Word, Line>,
    /// `k8sVersion`; only for a version that is not the package's own.
    pub k8s_version: Option<Word>,
    /// `auditConfig`; absent when the audit log is off.
    pub audit: Option<Audit>,
    /// `network`.
    pub network: Network,
    /// `cri`.
    pub cri: Cri,
    /// `renewCerts`.
    pub renew_certs: RenewCerts,
}

/// A domain or an address: what `bootstrapNode` and `additionalSSLSubjectAltName` hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Host {
    /// A domain.
    Domain(DomainName),
    /// An address.
    Address(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Domain(domain) => domain.fmt(f),
            Host::Address(address) => address.fmt(f),
        }
    }
}

/// `tinderKind`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TinderKind {
    /// `instanceName`: name of the kind cluster's container.
    pub instance_name: Word,
    /// `resourcesMountPath`: its folder on the node.
    pub resources_mount_path: NodePath,
    /// `registryPort`, TCP.
    pub registry_port: Port,
    /// `minioServerPort`, TCP.
    pub minio_server_port: Port,
    /// `minioConsolePort`, TCP.
    pub minio_console_port: Port,
    /// `chartmuseumPort`, TCP.
    pub chartmuseum_port: Port,
}

/// `loadBalancer.type`, with what each needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum LoadBalancer {
    /// Node ports.
    NodePort,
    /// MetalLB. Both addresses are written as `/32` or `/128`.
    Metallb {
        /// `istioGatewayVip`: UI and API.
        istio_gateway: IpAddr,
        /// `insightVip`: where observed data arrives.
        insight: IpAddr,
    },
    /// A cloud's load balancer.
    CloudLb,
}

/// How the installer reaches the nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Access {
    /// `privateKeyPath`: a key on the bootstrap node, for all nodes.
    PrivateKey(NodePath),
    /// `ansibleUser` and `ansiblePass` of every node; each [`InstallNode::login`] is there.
    Passwords,
}

/// A node of the global cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InstallNode {
    /// `nodeName`; it becomes the host name.
    pub name: Name,
    /// `ip`.
    pub address: IpAddr,
    /// `ansibleUser` and `ansiblePass`; absent where a private key is used.
    pub login: Option<Login>,
    /// `ansibleSSHPort`.
    pub ssh_port: Port,
    /// `ansibleExtraArgs`: `k='v' k1='v1'`.
    pub extra_args: Option<Line>,
    /// `nodeTaints`.
    pub taints: Vec<Taint>,
    /// `nodeLabels`.
    pub labels: BTreeMap<String, String>,
}

/// A user and a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// The user.
    pub user: Word,
    /// The password; absent for a user without one.
    pub password: Option<Secret>,
}

/// `osRepos.type`, with what each needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum OsRepos {
    /// DaoCloud's public service.
    OfficialService,
    /// The bootstrap node's MinIO.
    Builtin {
        /// `isoPath`.
        iso_path: NodePath,
        /// `osPackagePath`.
        os_package_path: NodePath,
        /// `skipValidateOSPackage` (v1alpha4).
        skip_validate: bool,
    },
    /// A service that is there already.
    External(Box<ExternalOsRepos>),
    /// None is set up.
    None,
}

/// `osRepos` of type `external`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalOsRepos {
    /// `externalRepoEndpoint`: S3 storage into which the installer puts the files.
    pub endpoint: Option<Url>,
    /// `externalRepoUsername` and `externalRepoPassword`.
    pub login: Option<Login>,
    /// `externalRepoType`: `centos`, `debian` or `ubuntu`.
    pub kind: Option<Word>,
    /// `externalRepoURLs`.
    pub urls: Vec<Line>,
    /// `isoPath`, when its content is to be put into the storage.
    pub iso_path: Option<NodePath>,
    /// `osPackagePath`, likewise.
    pub os_package_path: Option<NodePath>,
    /// `skipValidateOSPackage` (v1alpha4).
    pub skip_validate: bool,
}

/// `imagesAndCharts.type`, with what each needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum ImagesAndCharts {
    /// DaoCloud's public service.
    OfficialService,
    /// The bootstrap node's registry and chart repository.
    Builtin {
        /// `additionalSSLSubjectAltName`: the name of the registry's certificate besides `bootstrapNode`.
        additional_name: Host,
    },
    /// Services that are there already.
    External(Box<ExternalImagesAndCharts>),
}

/// `imagesAndCharts` of type `external`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalImagesAndCharts {
    /// `externalImageRepo`, with scheme.
    pub image_repo: Option<Url>,
    /// `externalImageRepoUsername` and `externalImageRepoPassword`.
    pub image_login: Option<Login>,
    /// `externalChartRepoType`: `chartmuseum`, `harbor` or `jfrog`.
    pub chart_repo_type: Option<Word>,
    /// `externalChartRepo`.
    pub chart_repo: Option<Url>,
    /// `externalChartRepoUsername` and `externalChartRepoPassword`.
    pub chart_login: Option<Login>,
}

/// `binaries.type`, with what each needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Binaries {
    /// DaoCloud's public service.
    OfficialService,
    /// The bootstrap node's MinIO.
    Builtin,
    /// A service that is there already.
    External {
        /// `externalRepository`.
        repository: Option<Word>,
        /// `externalRepoEndpoint`.
        endpoint: Option<Url>,
        /// `externalRepoUsername` and `externalRepoPassword`.
        login: Option<Login>,
    },
}

/// `externalMiddlewares`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ExternalMiddlewares {
    /// `database` by component: `kpanda`, `ghippoApiserver`, `ghippoKeycloak`, `ghippoAuditserver`.
    pub databases: BTreeMap<Word, Vec<ExternalDatabase>>,
    /// `elasticsearch.insight`.
    pub elasticsearch: Option<ExternalElasticsearch>,
    /// `kafka`.
    pub kafka: Option<ExternalKafka>,
    /// `S3Storage.default`.
    pub s3: Option<ExternalS3>,
}

impl ExternalMiddlewares {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A database that is there already.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalDatabase {
    /// `dbDriverName`: `mysql`.
    pub driver: Word,
    /// `dataSourceName`: `user:password@tcp(host:3306)/db`.
    pub data_source_name: Secret,
    /// `accessType`: `readwrite` or `readonly`.
    pub access_type: Word,
    /// `maxOpenConnections`.
    pub max_open_connections: Option<u32>,
    /// `maxIdleConnections`.
    pub max_idle_connections: Option<u32>,
    /// `connectionMaxLifetimeSeconds`.
    pub connection_max_lifetime_seconds: Option<u32>,
    /// `connectionMaxIdleSeconds`.
    pub connection_max_idle_seconds: Option<u32>,
}

/// Elasticsearch that is there already.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalElasticsearch {
    /// `endpoint`.
    pub endpoint: Url,
    /// `username` and `password`; `anonymous: true` without.
    pub login: Option<Login>,
    /// `insecure`: accept a certificate that cannot be checked.
    pub insecure: bool,
}

/// Kafka that is there already.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalKafka {
    /// `brokers`: `host:port` each.
    pub brokers: Vec<Word>,
    /// `username` and `password`.
    pub login: Option<Login>,
}

/// S3 storage that is there already.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExternalS3 {
    /// `endpoint`.
    pub endpoint: Url,
    /// `insecure`: accept a certificate that cannot be checked.
    pub insecure: bool,
    /// `bucket`.
    pub bucket: Word,
    /// `accessKey`.
    pub access_key: Secret,
    /// `secretKey`.
    pub secret_key: Secret,
}

/// `auditConfig`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// `logPath`: the log in the container.
    pub log_path: NodePath,
    /// `logHostPath`: its folder on the host.
    pub log_host_path: NodePath,
    /// `policyFile`.
    pub policy_file: NodePath,
    /// `logMaxAge`, in days.
    pub log_max_age_days: u16,
    /// `logMaxBackups`.
    pub log_max_backups: u16,
    /// `logMaxSize`, in MB.
    pub log_max_size_mb: u16,
    /// `policyCustomRules`: rules of an audit policy, as YAML text.
    pub policy_custom_rules: Option<String>,
}

/// `network`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Network {
    /// `cni`: `calico`, `cilium`, …
    pub cni: Word,
    /// `clusterCIDR`: addresses of pods.
    pub cluster_cidr: IpNet,
    /// `serviceCIDR`: addresses of services.
    pub service_cidr: IpNet,
}

/// `cri`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cri {
    /// `criProvider`: `containerd` or `docker`.
    pub provider: Word,
    /// `criVersion`; online installations only.
    pub version: Option<Word>,
    /// `skipProvision`: use the runtime that is there; docker only.
    pub skip_provision: bool,
}

/// `renewCerts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RenewCerts {
    /// `mode`.
    pub mode: RenewCertsMode,
    /// `oneTimeValidDays`; written with mode `onetime` only.
    pub one_time_valid_days: u16,
}
