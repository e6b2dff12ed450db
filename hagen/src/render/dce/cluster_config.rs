//! `clusterConfig.yaml`, in the order of the installer's samples.

use std::net::IpAddr;

use crate::plan::dce::*;
use crate::render::ordered::{Object, Value};
use crate::spec::DceApiVersion;
use crate::yaml;

pub(super) fn cluster_config(c: &ClusterConfig) -> Object {
    let metadata = Object::default().with("creationTimestamp", Value::Null);
    Object::default()
        .with("apiVersion", format!("provision.daocloud.io/{}", c.api_version))
        .with("kind", "ClusterConfig")
        .with("metadata", metadata)
        .with("spec", spec(c))
}

fn spec(c: &ClusterConfig) -> Object {
    let key = match &c.access {
        Access::PrivateKey(path) => Some(path.as_str()),
        Access::Passwords => None,
    };
    let nodes = |list: &[InstallNode]| list.iter().map(|n| node(n, &c.access)).collect::<Value>();
    let middlewares = (!c.external_middlewares.is_empty()).then(|| external(&c.external_middlewares));
    Object::default()
        .with("clusterName", c.cluster_name.as_str())
        .with("bootstrapNode", c.bootstrap_node.to_string())
        .with("tinderKind", tinder_kind(&c.tinder_kind))
        .with("loadBalancer", load_balancer(c))
        .with_some("privateKeyPath", key)
        .with("masterNodes", nodes(&c.masters))
        .with_full("workerNodes", nodes(&c.workers))
        .with_full("etcdNodes", nodes(&c.etcd))
        .with_full("ntpServer", c.ntp_servers.iter().map(|s| s.as_str()).collect::<Value>())
        .with("fullPackagePath", c.full_package_path.as_str())
        .with("osRepos", os_repos(&c.os_repos, c.api_version))
        .with("imagesAndCharts", images_and_charts(&c.images_and_charts))
        .with_full("addonPackage", addon_package(c))
        .with("binaries", binaries(&c.binaries))
        .with_some("externalMiddlewares", middlewares)
        .with_some("kubeanConfig", kubean_config(c))
        .with_some("k8sVersion", c.k8s_version.as_ref().map(|v| v.as_str()))
        .with_some("auditConfig", c.audit.as_ref().map(audit))
        .with(
            "network",
            Object::default()
                .with("cni", c.network.cni.as_str())
                .with("clusterCIDR", c.network.cluster_cidr.to_string())
                .with("serviceCIDR", c.network.service_cidr.to_string()),
        )
        .with("cri", cri(&c.cri))
        .with("renewCerts", renew_certs(c.renew_certs))
}

fn tinder_kind(t: &TinderKind) -> Object {
    Object::default()
        .with("instanceName", t.instance_name.as_str())
        .with("resourcesMountPath", t.resources_mount_path.as_str())
        .with("registryPort", t.registry_port.get())
        .with("minioServerPort", t.minio_server_port.get())
        .with("minioConsolePort", t.minio_console_port.get())
        .with("chartmuseumPort", t.chartmuseum_port.get())
}

fn load_balancer(c: &ClusterConfig) -> Object {
    let source_ip = if c.source_ip { Value::from("auto") } else { Value::Bool(false) };
    // The range mark is part of the value: the installer makes address pools of it.
    let single = |address: IpAddr| format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 });
    let object = Object::default();
    let object = match c.load_balancer {
        LoadBalancer::NodePort => object.with("type", "NodePort"),
        LoadBalancer::CloudLb => object.with("type", "cloudLB"),
        LoadBalancer::Metallb { istio_gateway, insight } => object
            .with("type", "metallb")
            .with("istioGatewayVip", single(istio_gateway))
            .with("insightVip", single(insight)),
    };
    object.with("SourceIP", source_ip)
}

fn node(n: &InstallNode, access: &Access) -> Object {
    let login = match access {
        Access::PrivateKey(_) => None,
        Access::Passwords => n.login.as_ref(),
    };
    // A port in quotes: the installer's type is a string.
    Object::default()
        .with("nodeName", n.name.as_str())
        .with("ip", n.address.to_string())
        .with_some("ansibleUser", login.map(|l| l.user.as_str()))
        .with_some("ansiblePass", login.and_then(password))
        .with("ansibleSSHPort", n.ssh_port.to_string())
        .with_some("ansibleExtraArgs", n.extra_args.as_ref().map(|a| a.as_str()))
        .with_full("nodeTaints", n.taints.iter().map(|t| t.as_str()).collect::<Value>())
        .with_full("nodeLabels", n.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Object>())
}

fn password(login: &Login) -> Option<&str> {
    login.password.as_ref().map(|p| p.expose())
}

/// Adds a user and a password under the installer's two keys.
fn with_login(object: Object, prefix: &str, login: Option<&Login>) -> Object {
    object
        .with_some(format!("{prefix}Username"), login.map(|l| l.user.as_str()))
        .with_some(format!("{prefix}Password"), login.and_then(password))
}

fn os_repos(repos: &OsRepos, version: DceApiVersion) -> Object {
    // The key came with v1alpha4.
    let skip = |skip: bool| (skip && version == DceApiVersion::V1alpha4).then_some(true);
    let object = Object::default();
    match repos {
        OsRepos::OfficialService => object.with("type", "official-service"),
        OsRepos::None => object.with("type", "none"),
        OsRepos::Builtin { iso_path, os_package_path, skip_validate } => object
            .with("type", "builtin")
            .with("isoPath", iso_path.as_str())
            .with("osPackagePath", os_package_path.as_str())
            .with_some("skipValidateOSPackage", skip(*skip_validate)),
        OsRepos::External(e) => {
            let object = object
                .with("type", "external")
                .with_some("isoPath", e.iso_path.as_ref().map(|p| p.as_str()))
                .with_some("osPackagePath", e.os_package_path.as_ref().map(|p| p.as_str()))
                .with_some("externalRepoEndpoint", e.endpoint.as_ref().map(|u| u.as_str()));
            with_login(object, "externalRepo", e.login.as_ref())
                .with_some("externalRepoType", e.kind.as_ref().map(|k| k.as_str()))
                .with_full("externalRepoURLs", e.urls.iter().map(|u| u.as_str()).collect::<Value>())
                .with_some("skipValidateOSPackage", skip(e.skip_validate))
        }
    }
}

fn images_and_charts(images: &ImagesAndCharts) -> Object {
    let object = Object::default();
    match images {
        ImagesAndCharts::OfficialService => object.with("type", "official-service"),
        ImagesAndCharts::Builtin { additional_name } => {
            object.with("type", "builtin").with("additionalSSLSubjectAltName", additional_name.to_string())
        }
        ImagesAndCharts::External(e) => {
            let object = object
                .with("type", "external")
                .with_some("externalImageRepo", e.image_repo.as_ref().map(|u| u.as_str()));
            let object = with_login(object, "externalImageRepo", e.image_login.as_ref())
                .with_some("externalChartRepoType", e.chart_repo_type.as_ref().map(|t| t.as_str()))
                .with_some("externalChartRepo", e.chart_repo.as_ref().map(|u| u.as_str()));
            with_login(object, "externalChartRepo", e.chart_login.as_ref())
        }
    }
}

fn addon_package(c: &ClusterConfig) -> Object {
    match c.addon_packages.as_slice() {
        [] => Object::default(),
        [path] => Object::default().with("path", path.as_str()),
        paths => Object::default().with("path", paths.iter().map(|p| p.as_str()).collect::<Value>()),
    }
}

fn binaries(binaries: &Binaries) -> Object {
    let object = Object::default();
    match binaries {
        Binaries::OfficialService => object.with("type", "official-service"),
        Binaries::Builtin => object.with("type", "builtin"),
        Binaries::External { repository, endpoint, login } => {
            let object = object
                .with("type", "external")
                .with_some("externalRepository", repository.as_ref().map(|r| r.as_str()))
                .with_some("externalRepoEndpoint", endpoint.as_ref().map(|u| u.as_str()));
            with_login(object, "externalRepo", login.as_ref())
        }
    }
}

fn external(m: &ExternalMiddlewares) -> Object {
    let databases: Object = m
        .databases
        .iter()
        .map(|(component, list)| (component.as_str(), list.iter().map(database).collect::<Value>()))
        .collect();
    let elasticsearch = m.elasticsearch.as_ref().map(|e| {
        let object = Object::default().with("endpoint", e.endpoint.as_str());
        let object = match &e.login {
            Some(login) => object
                .with("anonymous", false)
                .with("username", login.user.as_str())
                .with_some("password", password(login)),
            None => object.with("anonymous", true),
        };
        Object::default().with("insight", object.with("insecure", e.insecure))
    });
    let kafka = m.kafka.as_ref().map(|k| {
        Object::default()
            .with("brokers", k.brokers.iter().map(|b| b.as_str()).collect::<Value>())
            .with_some("username", k.login.as_ref().map(|l| l.user.as_str()))
            .with_some("password", k.login.as_ref().and_then(password))
    });
    let s3 = m.s3.as_ref().map(|s| {
        let object = Object::default()
            .with("endpoint", s.endpoint.as_str())
            .with("insecure", s.insecure)
            .with("bucket", s.bucket.as_str())
            .with("accessKey", s.access_key.expose())
            .with("secretKey", s.secret_key.expose());
        Object::default().with("default", object)
    });
    Object::default()
        .with_full("database", databases)
        .with_some("elasticsearch", elasticsearch)
        .with_some("kafka", kafka)
        .with_some("S3Storage", s3)
}

fn database(d: &ExternalDatabase) -> Object {
    Object::default()
        .with("dbDriverName", d.driver.as_str())
        .with("dataSourceName", d.data_source_name.expose())
        .with("accessType", d.access_type.as_str())
        .with_some("maxOpenConnections", d.max_open_connections)
        .with_some("maxIdleConnections", d.max_idle_connections)
        .with_some("connectionMaxLifetimeSeconds", d.connection_max_lifetime_seconds)
        .with_some("connectionMaxIdleSeconds", d.connection_max_idle_seconds)
}

/// The block of kubespray variables. A value is YAML on one line (`[8.8.8.8]`, `true`, `"text"`); one that
/// is not is quoted, so that it can never end the line's mapping.
fn kubean_config(c: &ClusterConfig) -> Option<String> {
    let line = |(key, value): (&crate::spec::Word, &crate::spec::Line)| {
        let raw = format!("{key}: {value}");
        let whole = |n: &yaml::Node| matches!(&n.value, yaml::Value::Map(m) if m.len() == 1 && m[0].0.text == key.as_str());
        // Comments, anchors, aliases, tags and blocks are never meant in one line.
        let plain =
            !value.as_str().starts_with(['#', '&', '*', '!', '|', '>']) && !value.as_str().contains(" #");
        match yaml::parse(&raw) {
            Ok(node) if whole(&node) && plain => raw,
            _ => crate::render::ordered::body(&Object::default().with(key.as_str(), value.as_str()))
                .trim_end()
                .to_owned(),
        }
    };
    let lines: Vec<String> = c.kubean_config.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn audit(a: &Audit) -> Object {
    Object::default()
        .with("logPath", a.log_path.as_str())
        .with("logHostPath", a.log_host_path.as_str())
        .with("policyFile", a.policy_file.as_str())
        .with("logMaxAge", a.log_max_age_days)
        .with("logMaxBackups", a.log_max_backups)
        .with("logMaxSize", a.log_max_size_mb)
        .with_some("policyCustomRules", a.policy_custom_rules.as_deref())
}

fn cri(c: &Cri) -> Object {
    Object::default()
        .with("criProvider", c.provider.as_str())
        .with_some("criVersion", c.version.as_ref().map(|v| v.as_str()))
        .with_some("skipProvision", c.skip_provision.then_some(true))
}

fn renew_certs(r: RenewCerts) -> Object {
    use crate::spec::RenewCertsMode::{Cyclical, OneTime};
    match r.mode {
        Cyclical => Object::default().with("mode", "cyclical"),
        OneTime => Object::default().with("mode", "onetime").with("oneTimeValidDays", r.one_time_valid_days),
    }
}
