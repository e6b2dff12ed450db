//! DaoCloud Enterprise 5.0: bootstrap nodes and the installer's clusterConfig and manifest.

use ipnet::IpNet;

use super::*;
use crate::yaml::{Map, Spanned};
use crate::{choice, record};

choice! {
    /// Version of the installer's clusterConfig.
    pub enum DceApiVersion {
        /// Up to about v0.20.
        V1alpha3 = "v1alpha3",
        /// From about v0.21.
        V1alpha4 = "v1alpha4",
    }
}

choice! {
    /// How services of the global cluster are reached.
    pub enum DceLoadBalancer {
        /// Node ports.
        NodePort = "NodePort",
        /// MetalLB; needs `istioGatewayVip` and `insightVip`.
        Metallb = "metallb",
        /// The cloud's load balancer.
        CloudLb = "cloudLB",
    }
}

choice! {
    /// Where something comes from.
    pub enum DceSource {
        /// DaoCloud's public service. Not in a closed network.
        OfficialService = "official-service",
        /// The bootstrap node.
        Builtin = "builtin",
        /// A service that is there already.
        External = "external",
        /// Nothing is set up (`osRepos` only).
        None = "none",
    }
}

choice! {
    /// Validity of renewed certificates.
    pub enum RenewCertsMode {
        /// Renewed again and again.
        Cyclical = "cyclical",
        /// Once, for `oneTimeValidDays`.
        OneTime = "onetime",
    }
}

record! {
    /// DCE 5.0. The nodes are those with the roles `bootstrap`, `backup-bootstrap`, `control-plane`,
    /// `worker` and `etcd`.
    pub struct Dce ("dce") {
        /// Version of clusterConfig.
        api_version: DceApiVersion = DceApiVersion::V1alpha4,
        /// The name under which the bootstrap services are reached: a switched record of a zone, or a
        /// name whose address is a VIP.
        domain: Spanned<DomainName>,
        /// Folder with `dce5-installer` on the bootstrap nodes.
        installer_dir: NodePath = fixed("/root/dce5"),
        /// The unpacked offline package on the bootstrap nodes.
        full_package_path: Spanned<NodePath>,
        /// clusterConfig `tinderKind`.
        tinder_kind: TinderKind,
        /// clusterConfig `loadBalancer`.
        load_balancer: DceLoadBalancerSpec,
        /// Private key for the nodes, on the bootstrap nodes. With it, no passwords are needed.
        private_key_path: Option<NodePath>,
        /// clusterConfig `osRepos`.
        os_repos: OsRepos,
        /// clusterConfig `imagesAndCharts`.
        images_and_charts: ImagesAndCharts,
        /// Offline packages of addons.
        addon_package_paths: Vec<NodePath>,
        /// clusterConfig `binaries`.
        binaries: Binaries,
        /// clusterConfig `network`.
        network: DceNetwork,
        /// clusterConfig `cri`.
        cri: DceCri,
        /// Variables for kubespray, one `key: value` each (`kubeanConfig`).
        kubean_config: Map<Word, Line>,
        /// Version of Kubernetes; online installations only.
        k8s_version: Option<Word>,
        /// clusterConfig `auditConfig`.
        audit: Option<Audit>,
        /// clusterConfig `renewCerts`.
        renew_certs: RenewCerts,
        /// clusterConfig `externalMiddlewares`.
        external_middlewares: ExternalMiddlewares,
        /// manifest.yaml. Default: the one that the offline package brings.
        manifest: Option<Manifest>,
    }
}

record! {
    /// The kind cluster on the bootstrap node.
    pub struct TinderKind ("tinderKind") {
        /// Name. Default: `CLUSTER-installer`.
        instance_name: Option<Word>,
        /// Folder of its resources.
        resources_mount_path: NodePath = fixed("/home/kind"),
        /// Registry.
        registry_port: Port = fixed("443"),
        /// MinIO API.
        minio_server_port: Port = fixed("9000"),
        /// MinIO console.
        minio_console_port: Port = fixed("9001"),
        /// Chart repository.
        chartmuseum_port: Port = fixed("8081"),
    }
}

record! {
    /// How services of the global cluster are reached.
    pub struct DceLoadBalancerSpec ("loadBalancer") {
        /// The way.
        r#type: Spanned<DceLoadBalancer> = Spanned::nowhere(DceLoadBalancer::NodePort),
        /// Address of the Istio gateway, as `/32`.
        istio_gateway_vip: Option<Spanned<IpNet>>,
        /// Address of Insight, as `/32`.
        insight_vip: Option<Spanned<IpNet>>,
        /// Find the source address by itself.
        source_ip_auto: bool = true,
    }
}

record! {
    /// Package repositories of the nodes.
    pub struct OsRepos ("osRepos") {
        /// Where packages come from.
        r#type: Spanned<DceSource> = Spanned::nowhere(DceSource::Builtin),
        /// ISO of the operating system, on the bootstrap nodes.
        iso_path: Option<Spanned<NodePath>>,
        /// Archive `os-pkgs-*.tar.gz`, on the bootstrap nodes.
        os_package_path: Option<Spanned<NodePath>>,
        /// S3 of an external repository.
        external_repo_endpoint: Option<Url>,
        /// Its user.
        external_repo_username: Option<Word>,
        /// Its password, by reference.
        external_repo_password: Option<SecretRef>,
        /// `centos`, `debian` or `ubuntu`.
        external_repo_type: Option<Word>,
        /// URLs of external repositories.
        external_repo_urls: Vec<Line>,
        /// Do not check the archive.
        skip_validate_os_package: bool = false,
    }
}

record! {
    /// Images and charts.
    pub struct ImagesAndCharts ("imagesAndCharts") {
        /// Where they come from.
        r#type: DceSource = DceSource::Builtin,
        /// The subject alternative name of the registry's certificate besides `bootstrapNode`, when it is
        /// written out: checked against what each node needs (SAN-1).
        additional_ssl_subject_alt_name: Option<Spanned<Word>>,
        /// External image registry.
        external_image_repo: Option<Url>,
        /// Its user.
        external_image_repo_username: Option<Word>,
        /// Its password, by reference.
        external_image_repo_password: Option<SecretRef>,
        /// `chartmuseum`, `harbor` or `jfrog`.
        external_chart_repo_type: Option<Word>,
        /// External chart repository.
        external_chart_repo: Option<Url>,
        /// Its user.
        external_chart_repo_username: Option<Word>,
        /// Its password, by reference.
        external_chart_repo_password: Option<SecretRef>,
    }
}

record! {
    /// Binaries.
    pub struct Binaries ("binaries") {
        /// Where they come from.
        r#type: DceSource = DceSource::Builtin,
        /// Name of an external repository.
        external_repository: Option<Word>,
        /// Its endpoint.
        external_repo_endpoint: Option<Url>,
        /// Its user.
        external_repo_username: Option<Word>,
        /// Its password, by reference.
        external_repo_password: Option<SecretRef>,
    }
}

record! {
    /// Network of the global cluster.
    pub struct DceNetwork ("network") {
        /// Network plugin.
        cni: Word = fixed("calico"),
        /// Addresses of pods.
        cluster_cidr: Spanned<IpNet> = Spanned::nowhere(fixed("10.233.64.0/18")),
        /// Addresses of services.
        service_cidr: Spanned<IpNet> = Spanned::nowhere(fixed("10.233.0.0/18")),
    }
}

record! {
    /// Container runtime.
    pub struct DceCri ("cri") {
        /// `containerd` or `docker`.
        cri_provider: Word = fixed("containerd"),
        /// Version.
        cri_version: Option<Word>,
        /// Use the runtime that is there; docker only.
        skip_provision: bool = false,
    }
}

record! {
    /// Audit log of the apiserver.
    pub struct Audit ("audit") {
        /// Log file in the container.
        log_path: NodePath = fixed("/var/log/audit/kube-apiserver-audit.log"),
        /// Folder on the host.
        log_host_path: NodePath = fixed("/var/log/kubernetes/audit"),
        /// Policy file.
        policy_file: NodePath = fixed("/etc/kubernetes/audit-policy/apiserver-audit-policy.yaml"),
        /// Days that logs are kept.
        log_max_age: u16 = 30,
        /// Number of logs.
        log_max_backups: u16 = 10,
        /// Size of a log, in MB.
        log_max_size: u16 = 100,
        /// Own policy rules, as text.
        policy_custom_rules: Option<String>,
    }
}

record! {
    /// Renewal of certificates.
    pub struct RenewCerts ("renewCerts") {
        /// How.
        mode: RenewCertsMode = RenewCertsMode::Cyclical,
        /// Validity of one-time certificates, in days.
        one_time_valid_days: u16 = 3650,
    }
}

record! {
    /// Middlewares that are there already.
    pub struct ExternalMiddlewares ("externalMiddlewares") {
        /// Databases by component: `kpanda`, `ghippoApiserver`, `ghippoKeycloak`, `ghippoAuditserver`.
        database: Map<Word, Vec<ExternalDatabase>>,
        /// Elasticsearch for Insight.
        elasticsearch: Option<ExternalElasticsearch>,
        /// Kafka.
        kafka: Option<ExternalKafka>,
        /// S3 storage.
        s3_storage: Option<ExternalS3>,
    }
}

record! {
    /// A database that is there already.
    pub struct ExternalDatabase ("an external database") {
        /// Driver.
        driver: Word = fixed("mysql"),
        /// Data source `user:password@tcp(host:3306)/db`, by reference.
        data_source_name: SecretRef,
        /// `readwrite` or `readonly`.
        access_type: Word = fixed("readwrite"),
        /// Most open connections.
        max_open_connections: Option<u32>,
        /// Most idle connections.
        max_idle_connections: Option<u32>,
        /// How long a connection lives, in seconds.
        connection_max_lifetime_seconds: Option<u32>,
        /// How long a connection may be idle, in seconds.
        connection_max_idle_seconds: Option<u32>,
    }
}

record! {
    /// Elasticsearch.
    pub struct ExternalElasticsearch ("elasticsearch") {
        /// URL.
        endpoint: Url,
        /// Without login.
        anonymous: bool = false,
        /// User.
        username: Option<Word>,
        /// Password, by reference.
        password: Option<SecretRef>,
        /// Accept a certificate that cannot be checked.
        insecure: bool = false,
    }
}

record! {
    /// Kafka.
    pub struct ExternalKafka ("kafka") {
        /// Brokers, `host:port`.
        brokers: Vec<Word>,
        /// User.
        username: Option<Word>,
        /// Password, by reference.
        password: Option<SecretRef>,
    }
}

record! {
    /// S3 storage.
    pub struct ExternalS3 ("s3Storage") {
        /// URL.
        endpoint: Url,
        /// Accept a certificate that cannot be checked.
        insecure: bool = false,
        /// Bucket.
        bucket: Word,
        /// Access key, by reference.
        access_key: SecretRef,
        /// Secret key, by reference.
        secret_key: SecretRef,
    }
}

record! {
    /// manifest.yaml of the installer.
    pub struct Manifest ("manifest") {
        /// Chart repository.
        helm_repo: Option<Url>,
        /// Image repository.
        image_repo: Option<Word>,
        /// Infrastructures by name: helm version each.
        infrastructures: Map<Word, ManifestComponent>,
        /// Components by name.
        components: Map<Word, ManifestComponent>,
    }
}

record! {
    /// One entry of the manifest.
    pub struct ManifestComponent ("a component") {
        /// Install it.
        enable: bool = true,
        /// Version of its chart.
        helm_version: Option<Word>,
        /// Variables.
        variables: Map<Word, Line>,
        /// Features.
        features: Map<Word, bool>,
    }
}
