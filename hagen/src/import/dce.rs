//! `clusterConfig.yaml` of DCE 5.0, as it was written.

mod middlewares;
mod sections;
mod write;

use std::net::IpAddr;

pub(super) use write::write;

use super::out::Out;
use super::reader::{Cx, Table, named, parsed, text};
use crate::problem::Span;
use crate::spec::{
    DceApiVersion, DomainName, LabelText, Line, Name, NodePath, NtpServer, SecretRef, Taint, TimeZone, Word,
};
use crate::yaml::{Node, Spanned, Value};

/// What a `clusterConfig.yaml` says, every value in its form.
#[derive(Clone, Debug)]
pub struct DceDocument {
    /// Version of the file's form.
    pub api_version: DceApiVersion,
    /// `clusterName`.
    pub cluster: Option<Spanned<Name>>,
    /// `bootstrapNode`.
    pub bootstrap_node: BootstrapNode,
    /// `imagesAndCharts.additionalSSLSubjectAltName`.
    pub additional_name: Option<Spanned<String>>,
    /// The nodes of `masterNodes`, `workerNodes` and `etcdNodes`.
    pub nodes: Vec<DceNode>,
    /// `privateKeyPath`.
    pub private_key_path: Option<Spanned<NodePath>>,
    /// `ntpServer`.
    pub ntp: Vec<Spanned<NtpServer>>,
    /// `fullPackagePath`.
    pub full_package_path: Option<Spanned<NodePath>>,
    /// `kubeanConfig.ntp_timezone`.
    pub time_zone: Option<TimeZone>,
    /// `kubeanConfig.upstream_dns_servers`.
    pub name_servers: Vec<IpAddr>,
    /// Sections that go over as they are: keys of hagen's document, in its order.
    sections: Vec<(String, Out)>,
    /// Where the file begins, for what is missing.
    span: Span,
}

/// What `bootstrapNode` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BootstrapNode {
    /// `auto`, or nothing: the address of the interface with the default route.
    Auto,
    /// Address mode.
    Address(IpAddr),
    /// Domain mode.
    Domain(DomainName),
}

/// A node of the global cluster.
#[derive(Clone, Debug)]
pub struct DceNode {
    /// The list that it stands in.
    pub list: DceList,
    /// `nodeName`.
    pub name: Spanned<Name>,
    /// `ip`.
    pub address: Spanned<IpAddr>,
    /// `ansibleUser`.
    pub user: Option<Word>,
    /// Number of the node's password among the different passwords of the file, from 0; its value is not kept.
    pub password: Option<usize>,
    /// `ansibleSSHPort`.
    pub ssh_port: Option<u16>,
    /// `ansibleExtraArgs`.
    pub extra_args: Option<Line>,
    /// `nodeTaints`.
    pub taints: Vec<Taint>,
    /// `nodeLabels`.
    pub labels: Vec<(LabelText, LabelText)>,
}

/// A list of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DceList {
    /// `masterNodes`.
    Masters,
    /// `workerNodes`.
    Workers,
    /// `etcdNodes`.
    Etcd,
}

impl DceDocument {
    /// Reads a file as far as it goes; what cannot be used is in `cx`.
    pub(super) fn read(root: &Node, cx: &mut Cx) -> Option<Self> {
        let mut top = Table::open(root, "", cx)?;
        let kind = top.text("kind", cx);
        if kind.as_ref().is_none_or(|k| k.value != "ClusterConfig") {
            let span = kind.map_or(root.span, |k| k.span);
            cx.wrong(
                span,
                "this is no clusterConfig.yaml of DCE: its `kind` is `ClusterConfig`",
                "name another file",
            );
            return None;
        }
        let version = top.text("apiVersion", cx);
        let api_version = api_version(version.as_ref(), root.span, cx);
        top.take("metadata");
        let mut spec = top.table("spec", cx)?;
        top.close(cx);
        let document = read_spec(&mut spec, api_version?, cx);
        spec.close(cx);
        document
    }
}

fn api_version(version: Option<&Spanned<String>>, at: Span, cx: &mut Cx) -> Option<DceApiVersion> {
    let span = version.map_or(at, |v| v.span);
    let found = version.and_then(|v| v.value.strip_prefix("provision.daocloud.io/")?.parse().ok());
    if found.is_none() {
        let help = "write `provision.daocloud.io/v1alpha3` or `provision.daocloud.io/v1alpha4`; older forms have other keys";
        cx.wrong(span, "this version of clusterConfig is not known", help);
    }
    found
}

fn read_spec(spec: &mut Table, api_version: DceApiVersion, cx: &mut Cx) -> Option<DceDocument> {
    let mut passwords = vec![];
    let cluster = spec.parsed("clusterName", "a name of lower-case letters, digits and hyphens", cx);
    let bootstrap_node = bootstrap_node(spec, cx);
    let mut nodes = vec![];
    for (key, list) in
        [("masterNodes", DceList::Masters), ("workerNodes", DceList::Workers), ("etcdNodes", DceList::Etcd)]
    {
        for (index, item) in spec.list(key).into_iter().enumerate() {
            nodes.extend(node(item, &format!("spec.{key}[{index}]"), list, &mut passwords, cx));
        }
    }
    let ntp = spec.parsed_list("ntpServer", "an address or a host name", cx);
    let private_key_path = spec.parsed("privateKeyPath", "an absolute path", cx);
    let full_package_path = spec.parsed("fullPackagePath", "an absolute path", cx);
    let mut sections = vec![];
    let mut push = |key: &str, pairs: Vec<(String, Out)>| {
        if !pairs.is_empty() {
            sections.push((key.to_owned(), Out::Map(pairs)));
        }
    };
    push("tinderKind", sections::section(spec, "tinderKind", sections::TINDER, cx));
    push("loadBalancer", sections::load_balancer(spec, cx));
    push("osRepos", sections::os_repos(spec, cx));
    let (images, additional_name) = sections::images_and_charts(spec, cx);
    push("imagesAndCharts", images);
    let addons = sections::addons(spec, cx);
    push("binaries", sections::binaries(spec, cx));
    push("network", sections::section(spec, "network", sections::NETWORK, cx));
    push("cri", sections::section(spec, "cri", sections::CRI, cx));
    let kubean = sections::kubean(spec, cx);
    push("kubeanConfig", kubean.variables);
    push("audit", sections::audit(spec, cx));
    push("renewCerts", sections::renew_certs(spec, cx));
    push("externalMiddlewares", middlewares::read(spec, cx));
    if let Some(version) = spec.parsed::<Word>("k8sVersion", "a version", cx) {
        sections.push(("k8sVersion".into(), Out::Text(version.to_string())));
    }
    if !addons.is_empty() {
        sections.push(("addonPackagePaths".into(), Out::Words(addons)));
    }
    Some(DceDocument {
        api_version,
        cluster,
        bootstrap_node: bootstrap_node?,
        additional_name,
        nodes,
        private_key_path,
        ntp,
        full_package_path,
        time_zone: kubean.time_zone,
        name_servers: kubean.name_servers,
        sections,
        span: spec.span,
    })
}

fn bootstrap_node(spec: &mut Table, cx: &mut Cx) -> Option<BootstrapNode> {
    let Some(value) = spec.text("bootstrapNode", cx).filter(|v| v.value != "auto") else {
        return Some(BootstrapNode::Auto);
    };
    let value = named(value, cx)?;
    match value.value.parse() {
        Ok(address) => Some(BootstrapNode::Address(address)),
        Err(_) => value.value.parse().ok().map(BootstrapNode::Domain),
    }
}

fn node(item: &Node, path: &str, list: DceList, passwords: &mut Vec<String>, cx: &mut Cx) -> Option<DceNode> {
    let mut table = Table::open(item, path, cx)?;
    let missing = |key: &str, cx: &mut Cx| {
        cx.wrong(item.span, format!("`{path}` has no `{key}`"), format!("add `{key}`"))
    };
    if !table.has("nodeName") {
        missing("nodeName", cx);
    }
    if !table.has("ip") {
        missing("ip", cx);
    }
    let name =
        table.parsed("nodeName", "a name of lower-case letters, digits and inner hyphens (RFC 1123)", cx);
    let address = table.parsed("ip", "an IP address such as `172.30.41.194`", cx);
    let password = table.secret("ansiblePass", cx).map(|secret| {
        let known = passwords.iter().position(|p| *p == secret.value);
        known.unwrap_or_else(|| {
            passwords.push(secret.value);
            passwords.len() - 1
        })
    });
    let user = table.parsed("ansibleUser", "a user name", cx).map(|u| u.value);
    let ssh_port = table.parsed("ansibleSSHPort", "a port, 1 to 65535", cx).map(|p| p.value);
    // The sample has an empty one.
    let extra_args = table
        .text("ansibleExtraArgs", cx)
        .filter(|args| !args.value.trim().is_empty())
        .and_then(|args| parsed(&args, "one line of `k='v'` pairs", cx))
        .map(|args: Spanned<Line>| args.value);
    let taints = table.parsed_list::<Taint>("nodeTaints", "a taint such as `key=value:NoSchedule`", cx);
    let taints = taints.into_iter().map(|t| t.value).collect();
    let labels = labels(&mut table, cx);
    table.close(cx);
    Some(DceNode {
        list,
        name: name?,
        address: address?,
        user,
        password,
        ssh_port,
        extra_args,
        taints,
        labels,
    })
}

fn labels(table: &mut Table, cx: &mut Cx) -> Vec<(LabelText, LabelText)> {
    let Some(table) = table.table("nodeLabels", cx) else { return vec![] };
    let mut labels = vec![];
    for (key, value) in table.rest() {
        let expects = "a label of letters, digits and `/._-`";
        let key: Option<Spanned<LabelText>> =
            parsed(&Spanned { value: key.text.clone(), span: key.span }, expects, cx);
        let value = match &value.value {
            Value::Null => "".parse().ok(),
            _ => text(value, "nodeLabels", cx).and_then(|v| parsed(&v, expects, cx)).map(|v| v.value),
        };
        labels.extend(key.map(|k| k.value).zip(value));
    }
    labels
}

/// The reference that stands for a password of the source.
fn ssh_secret(index: usize) -> SecretRef {
    SecretRef::Env(if index == 0 {
        "DCE_SSH_PASSWORD".into()
    } else {
        format!("DCE_SSH_PASSWORD_{}", index + 1)
    })
}
