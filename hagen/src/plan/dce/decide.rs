//! Topology → the bootstrap node's plan.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::*;
use crate::os::Family;
use crate::plan::Input;
use crate::secret::Secret;
use crate::spec::{self, DceLoadBalancer, DceSource, Line, Role, SecretRef, Word};
use crate::topology::{Dce, Node, Zone};

/// What a bootstrap node gets; nothing on other nodes.
pub fn decide(input: &Input) -> Option<Bootstrap> {
    let dce = input.topology.dce.as_ref()?;
    let node = input.node;
    let role = if node.name == dce.original {
        BootstrapRole::Original
    } else if dce.backups.contains(&node.name) {
        BootstrapRole::Backup
    } else {
        return None;
    };
    let original = input.topology.node(&dce.original)?;
    let (bootstrap_node, additional_name) = certificate_hosts(role, &dce.domain, node.address);
    Some(Bootstrap {
        role,
        address: node.address,
        domain: dce.domain.clone(),
        front: front(input, dce, original),
        switch: switch(input, dce),
        installer_dir: dce.spec.installer_dir.clone(),
        config: cluster_config(input, dce, bootstrap_node, additional_name),
        manifest: dce.spec.manifest.as_ref().map(manifest),
        minimum: Minimum::DOCUMENTED,
    })
}

/// `bootstrapNode` and `additionalSSLSubjectAltName`. Together they are the domain and the node's own
/// address in both roles (SAN-1); which comes first makes the installer's mode.
fn certificate_hosts(role: BootstrapRole, domain: &DomainName, address: IpAddr) -> (Host, Host) {
    let (domain, address) = (Host::Domain(domain.clone()), Host::Address(address));
    match role {
        BootstrapRole::Original => (domain, address),
        BootstrapRole::Backup => (address, domain),
    }
}

fn front(input: &Input, dce: &Dce, original: &Node) -> Front {
    match dce.vip.as_ref().and_then(|name| input.topology.vips.get(name)) {
        Some(vip) => Front::Vip { address: vip.address },
        None => Front::Switched { original: original.address },
    }
}

fn switch(input: &Input, dce: &Dce) -> Option<RecordSwitch> {
    let (zone, record) = input.topology.zone_of(&dce.domain)?;
    let switched = |zone: &Zone| zone.records.iter().any(|r| r.name == record && !r.candidates.is_empty());
    if zone.external || dce.vip.is_some() || !switched(zone) {
        return None;
    }
    let name_server = zone.primary.clone()?;
    Some(RecordSwitch { name_server, zone: zone.name.clone(), record, original: dce.original.clone() })
}

fn cluster_config(input: &Input, dce: &Dce, bootstrap_node: Host, additional_name: Host) -> ClusterConfig {
    let spec = &dce.spec;
    let topology = input.topology;
    let listed = |names: &[Name]| names.iter().filter_map(|n| topology.node(n)).collect::<Vec<_>>();
    let (masters, workers, etcd) = (listed(&dce.masters), listed(&dce.workers), listed(&dce.etcd));
    let access = access(spec, &[masters.as_slice(), &workers, &etcd].concat());
    let nodes = |list: &[&Node]| list.iter().map(|n| install_node(input, n, &access)).collect();
    let tinder = &spec.tinder_kind;
    let instance = || fitting(&format!("{}-installer", topology.cluster()));
    ClusterConfig {
        api_version: spec.api_version,
        cluster_name: topology.cluster().clone(),
        bootstrap_node,
        tinder_kind: TinderKind {
            instance_name: tinder.instance_name.clone().unwrap_or_else(instance),
            resources_mount_path: tinder.resources_mount_path.clone(),
            registry_port: tinder.registry_port,
            minio_server_port: tinder.minio_server_port,
            minio_console_port: tinder.minio_console_port,
            chartmuseum_port: tinder.chartmuseum_port,
        },
        load_balancer: load_balancer(&spec.load_balancer),
        source_ip: spec.load_balancer.source_ip_auto,
        masters: nodes(&masters),
        workers: nodes(&workers),
        etcd: nodes(&etcd),
        access,
        ntp_servers: topology.time.servers.clone(),
        full_package_path: spec.full_package_path.value.clone(),
        os_repos: os_repos(input, &spec.os_repos),
        images_and_charts: images_and_charts(input, &spec.images_and_charts, additional_name),
        addon_packages: spec.addon_package_paths.clone(),
        binaries: binaries(input, &spec.binaries),
        external_middlewares: external_middlewares(input, &spec.external_middlewares),
        kubean_config: kubean_config(input, spec),
        k8s_version: spec.k8s_version.clone(),
        audit: spec.audit.as_ref().map(audit),
        network: Network {
            cni: spec.network.cni.clone(),
            cluster_cidr: spec.network.cluster_cidr.value,
            service_cidr: spec.network.service_cidr.value,
        },
        cri: Cri {
            provider: spec.cri.cri_provider.clone(),
            version: spec.cri.cri_version.clone(),
            skip_provision: spec.cri.skip_provision,
        },
        renew_certs: RenewCerts {
            mode: spec.renew_certs.mode,
            one_time_valid_days: spec.renew_certs.one_time_valid_days,
        },
    }
}

/// One private key for all nodes, or passwords. The installer knows one key: the one of `dce`, else the one
/// that all nodes share.
fn access(spec: &spec::Dce, nodes: &[&Node]) -> Access {
    let shared = || {
        let first = nodes.first()?.ssh.private_key_path.as_ref()?;
        nodes.iter().all(|n| n.ssh.private_key_path.as_ref() == Some(first)).then(|| first.clone())
    };
    match spec.private_key_path.clone().or_else(shared) {
        Some(path) => Access::PrivateKey(path),
        None => Access::Passwords,
    }
}

fn install_node(input: &Input, node: &Node, access: &Access) -> InstallNode {
    let login = match access {
        Access::PrivateKey(_) => None,
        Access::Passwords => Some(Login {
            user: node.ssh.user.clone(),
            password: node.ssh.password.as_ref().map(|p| input.secrets.value(p)),
        }),
    };
    InstallNode {
        name: node.name.clone(),
        address: node.address,
        login,
        ssh_port: node.ssh.port,
        extra_args: node.ssh.extra_args.clone(),
        taints: node.taints.clone(),
        labels: node.labels.clone(),
    }
}

fn load_balancer(spec: &spec::DceLoadBalancerSpec) -> LoadBalancer {
    match (spec.r#type.value, &spec.istio_gateway_vip, &spec.insight_vip) {
        (DceLoadBalancer::Metallb, Some(istio), Some(insight)) => {
            LoadBalancer::Metallb { istio_gateway: istio.addr(), insight: insight.addr() }
        }
        (DceLoadBalancer::CloudLb, _, _) => LoadBalancer::CloudLb,
        // metallb without its addresses is refused by DCE-2.
        (DceLoadBalancer::NodePort | DceLoadBalancer::Metallb, _, _) => LoadBalancer::NodePort,
    }
}

fn login(input: &Input, user: &Option<Word>, password: &Option<SecretRef>) -> Option<Login> {
    let password: Option<Secret> = password.as_ref().map(|p| input.secrets.value(p));
    user.clone().map(|user| Login { user, password })
}

fn os_repos(input: &Input, spec: &spec::OsRepos) -> OsRepos {
    let (iso, package) = (&spec.iso_path, &spec.os_package_path);
    match (spec.r#type.value, iso, package) {
        (DceSource::Builtin, Some(iso), Some(package)) => OsRepos::Builtin {
            iso_path: iso.value.clone(),
            os_package_path: package.value.clone(),
            skip_validate: spec.skip_validate_os_package,
        },
        (DceSource::External, ..) => OsRepos::External(Box::new(ExternalOsRepos {
            endpoint: spec.external_repo_endpoint.clone(),
            login: login(input, &spec.external_repo_username, &spec.external_repo_password),
            kind: spec.external_repo_type.clone(),
            urls: spec.external_repo_urls.clone(),
            iso_path: iso.as_ref().map(|p| p.value.clone()),
            os_package_path: package.as_ref().map(|p| p.value.clone()),
            skip_validate: spec.skip_validate_os_package,
        })),
        (DceSource::OfficialService, ..) => OsRepos::OfficialService,
        // builtin without its files is refused by DCE-2.
        (DceSource::None | DceSource::Builtin, ..) => OsRepos::None,
    }
}

fn images_and_charts(input: &Input, spec: &spec::ImagesAndCharts, additional_name: Host) -> ImagesAndCharts {
    match spec.r#type {
        DceSource::OfficialService => ImagesAndCharts::OfficialService,
        DceSource::Builtin | DceSource::None => ImagesAndCharts::Builtin { additional_name },
        DceSource::External => ImagesAndCharts::External(Box::new(ExternalImagesAndCharts {
            image_repo: spec.external_image_repo.clone(),
            image_login: login(input, &spec.external_image_repo_username, &spec.external_image_repo_password),
            chart_repo_type: spec.external_chart_repo_type.clone(),
            chart_repo: spec.external_chart_repo.clone(),
            chart_login: login(input, &spec.external_chart_repo_username, &spec.external_chart_repo_password),
        })),
    }
}

fn binaries(input: &Input, spec: &spec::Binaries) -> Binaries {
    match spec.r#type {
        DceSource::OfficialService => Binaries::OfficialService,
        DceSource::Builtin | DceSource::None => Binaries::Builtin,
        DceSource::External => Binaries::External {
            repository: spec.external_repository.clone(),
            endpoint: spec.external_repo_endpoint.clone(),
            login: login(input, &spec.external_repo_username, &spec.external_repo_password),
        },
    }
}

fn external_middlewares(input: &Input, spec: &spec::ExternalMiddlewares) -> ExternalMiddlewares {
    let database = |d: &spec::ExternalDatabase| ExternalDatabase {
        driver: d.driver.clone(),
        data_source_name: input.secrets.value(&d.data_source_name),
        access_type: d.access_type.clone(),
        max_open_connections: d.max_open_connections,
        max_idle_connections: d.max_idle_connections,
        connection_max_lifetime_seconds: d.connection_max_lifetime_seconds,
        connection_max_idle_seconds: d.connection_max_idle_seconds,
    };
    ExternalMiddlewares {
        databases: spec
            .database
            .iter()
            .map(|(component, list)| (component.value.clone(), list.iter().map(database).collect()))
            .collect(),
        elasticsearch: spec.elasticsearch.as_ref().map(|e| ExternalElasticsearch {
            endpoint: e.endpoint.clone(),
            login: login(input, &e.username, &e.password).filter(|_| !e.anonymous),
            insecure: e.insecure,
        }),
        kafka: spec.kafka.as_ref().map(|k| ExternalKafka {
            brokers: k.brokers.clone(),
            login: login(input, &k.username, &k.password),
        }),
        s3: spec.s3_storage.as_ref().map(|s| ExternalS3 {
            endpoint: s.endpoint.clone(),
            insecure: s.insecure,
            bucket: s.bucket.clone(),
            access_key: input.secrets.value(&s.access_key),
            secret_key: input.secrets.value(&s.secret_key),
        }),
    }
}

/// What was written, and what the rest of the document knows already: the time zone, and the name servers of
/// the closed network instead of kubespray's public ones.
fn kubean_config(input: &Input, spec: &spec::Dce) -> BTreeMap<Word, Line> {
    let mut config: BTreeMap<Word, Line> =
        spec.kubean_config.iter().map(|(key, value)| (key.value.clone(), value.clone())).collect();
    let mut default = |key: &str, value: String| {
        if let (Ok(key), Ok(value)) = (key.parse::<Word>(), value.parse::<Line>()) {
            config.entry(key).or_insert(value);
        }
    };
    let topology = input.topology;
    default("ntp_timezone", topology.document.time_zone.to_string());
    let servers: Vec<String> = topology.resolvers.servers.iter().map(|s| s.to_string()).collect();
    if !servers.is_empty() {
        default("upstream_dns_servers", serde_json::json!(servers).to_string());
    }
    // RHEL 9 and its kin need it (the installer's documentation names 9.2).
    let mut members = topology.nodes.values().filter(|n| n.has(Role::ControlPlane) || n.has(Role::Worker));
    if members.any(|n| n.os.family() == Family::Redhat && n.os.version().at_least((9, 0))) {
        default("node_sysctl_tuning", "true".to_owned());
    }
    config
}

fn audit(spec: &spec::Audit) -> Audit {
    Audit {
        log_path: spec.log_path.clone(),
        log_host_path: spec.log_host_path.clone(),
        policy_file: spec.policy_file.clone(),
        log_max_age_days: spec.log_max_age,
        log_max_backups: spec.log_max_backups,
        log_max_size_mb: spec.log_max_size,
        policy_custom_rules: spec.policy_custom_rules.clone(),
    }
}

fn manifest(spec: &spec::Manifest) -> Manifest {
    let pairs =
        |map: &crate::yaml::Map<Word, Line>| map.iter().map(|(k, v)| (k.value.clone(), v.clone())).collect();
    Manifest {
        helm_repo: spec.helm_repo.clone(),
        image_repo: spec.image_repo.clone(),
        infrastructures: spec
            .infrastructures
            .iter()
            .map(|(name, i)| {
                let decided = Infrastructure {
                    enable: i.enable,
                    version: i.helm_version.clone(),
                    settings: pairs(&i.variables),
                };
                (name.value.clone(), decided)
            })
            .collect(),
        components: spec
            .components
            .iter()
            .map(|(name, c)| {
                let features = c.features.iter().filter(|(_, on)| **on).map(|(name, _)| name.value.clone());
                let decided = Component {
                    enable: c.enable,
                    helm_version: c.helm_version.clone(),
                    variables: pairs(&c.variables),
                    features: features.collect(),
                };
                (name.value.clone(), decided)
            })
            .collect(),
    }
}

/// A word of a text that fits: cluster names are words already.
fn fitting(text: &str) -> Word {
    text.parse().unwrap_or_else(|_| crate::spec::words::fixed("installer"))
}
