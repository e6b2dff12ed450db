//! The sections of `clusterConfig.yaml` that go over as they are, with hagen's spelling of their keys.

use std::net::IpAddr;

use crate::import::out::Out;
use crate::import::reader::{Cx, Form, Table, carry, named, parsed};
use crate::spec::{DceLoadBalancer, DceSource, Line, NodePath, RenewCertsMode, TimeZone, Word};
use crate::yaml::{Node, Spanned, Value};

pub(super) const TINDER: &[(&str, &str, Form)] = &[
    ("instanceName", "instanceName", Form::Word),
    ("resourcesMountPath", "resourcesMountPath", Form::Path),
    ("registryPort", "registryPort", Form::Port),
    ("minioServerPort", "minioServerPort", Form::Port),
    ("minioConsolePort", "minioConsolePort", Form::Port),
    ("chartmuseumPort", "chartmuseumPort", Form::Port),
];

pub(super) const NETWORK: &[(&str, &str, Form)] = &[
    ("cni", "cni", Form::Word),
    ("clusterCIDR", "clusterCidr", Form::Cidr),
    ("serviceCIDR", "serviceCidr", Form::Cidr),
];

pub(super) const CRI: &[(&str, &str, Form)] = &[
    ("criProvider", "criProvider", Form::Word),
    ("criVersion", "criVersion", Form::Word),
    ("skipProvision", "skipProvision", Form::Flag),
];

pub(super) fn section(
    spec: &mut Table,
    key: &str,
    pairs: &[(&str, &str, Form)],
    cx: &mut Cx,
) -> Vec<(String, Out)> {
    let Some(mut table) = spec.table(key, cx) else { return vec![] };
    let out = carry(&mut table, pairs, cx);
    table.close(cx);
    out
}

fn choice<T: std::str::FromStr + std::fmt::Display>(
    table: &mut Table,
    key: &str,
    expects: &str,
    cx: &mut Cx,
) -> Option<T> {
    table.parsed(key, expects, cx).map(|v| v.value)
}

/// `type` of a source; without it the installer takes the official service.
fn source(table: &mut Table, cx: &mut Cx) -> (String, Out) {
    let expects = "`official-service`, `builtin`, `external` or `none`";
    let found = choice::<DceSource>(table, "type", expects, cx).unwrap_or(DceSource::OfficialService);
    let out = Out::Text(found.to_string());
    let out = if found == DceSource::OfficialService { out.note("needs the internet") } else { out };
    ("type".into(), out)
}

/// A password of the source as a reference.
pub(super) fn secret(
    table: &mut Table,
    from: &str,
    to: &str,
    name: &str,
    cx: &mut Cx,
) -> Option<(String, Out)> {
    table.secret(from, cx)?;
    Some((to.to_owned(), Out::Env(name.to_owned())))
}

pub(super) fn load_balancer(spec: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let Some(mut table) = spec.table("loadBalancer", cx) else { return vec![] };
    let mut out = vec![];
    if let Some(kind) =
        choice::<DceLoadBalancer>(&mut table, "type", "`NodePort`, `metallb` or `cloudLB`", cx)
    {
        out.push(("type".into(), Out::Text(kind.to_string())));
    }
    for key in ["istioGatewayVip", "insightVip"] {
        let Some(value) = table.text(key, cx) else { continue };
        let single = value.value.parse::<IpAddr>().map(|a| ipnet::IpNet::from(a).to_string());
        if let Ok(range) = single {
            cx.assumed(value.span, format!("`{key}` has lost its `/32`"), format!("`{range}` is written"));
            out.push((key.into(), Out::Text(range)));
        } else if let Some(range) = parsed::<ipnet::IpNet>(&value, "an address with `/32`", cx) {
            out.push((key.into(), Out::Text(range.to_string())));
        }
    }
    if let Some(source_ip) = table.text("SourceIP", cx) {
        match source_ip.value.as_str() {
            "auto" | "true" => {}
            "false" => out.push(("sourceIpAuto".into(), Out::Raw("false".into()))),
            _ => cx.wrong(source_ip.span, "`SourceIP` is neither `auto` nor `false`", "write one of the two"),
        }
    }
    table.close(cx);
    out
}

pub(super) fn os_repos(spec: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let Some(mut table) = spec.table("osRepos", cx) else { return vec![] };
    let mut out = vec![source(&mut table, cx)];
    let carried: &[(&str, &str, Form)] = &[
        ("isoPath", "isoPath", Form::Path),
        ("osPackagePath", "osPackagePath", Form::Path),
        ("externalRepoEndpoint", "externalRepoEndpoint", Form::Url),
        ("externalRepoUsername", "externalRepoUsername", Form::Word),
        ("externalRepoType", "externalRepoType", Form::Word),
        ("skipValidateOSPackage", "skipValidateOsPackage", Form::Flag),
    ];
    out.extend(carry(&mut table, carried, cx));
    out.extend(secret(
        &mut table,
        "externalRepoPassword",
        "externalRepoPassword",
        "DCE_OS_REPO_PASSWORD",
        cx,
    ));
    let urls = table.parsed_list::<Line>("externalRepoURLs", "one line", cx);
    let urls: Vec<String> = urls.iter().map(|url| url.to_string()).collect();
    if !urls.is_empty() {
        out.push(("externalRepoUrls".into(), Out::Words(urls)));
    }
    table.close(cx);
    out
}

pub(super) fn images_and_charts(
    spec: &mut Table,
    cx: &mut Cx,
) -> (Vec<(String, Out)>, Option<Spanned<String>>) {
    let Some(mut table) = spec.table("imagesAndCharts", cx) else { return (vec![], None) };
    let mut out = vec![source(&mut table, cx)];
    // Not carried over: hagen gives each bootstrap node the domain and its own address (SAN-1).
    let additional_name = table.text("additionalSSLSubjectAltName", cx).and_then(|name| named(name, cx));
    let carried: &[(&str, &str, Form)] = &[
        ("externalImageRepo", "externalImageRepo", Form::Url),
        ("externalImageRepoUsername", "externalImageRepoUsername", Form::Word),
        ("externalChartRepoType", "externalChartRepoType", Form::Word),
        ("externalChartRepo", "externalChartRepo", Form::Url),
        ("externalChartRepoUsername", "externalChartRepoUsername", Form::Word),
    ];
    out.extend(carry(&mut table, carried, cx));
    for (key, name) in [
        ("externalImageRepoPassword", "DCE_IMAGE_REPO_PASSWORD"),
        ("externalChartRepoPassword", "DCE_CHART_REPO_PASSWORD"),
    ] {
        out.extend(secret(&mut table, key, key, name, cx));
    }
    table.close(cx);
    (out, additional_name)
}

pub(super) fn addons(spec: &mut Table, cx: &mut Cx) -> Vec<String> {
    let Some(mut table) = spec.table("addonPackage", cx) else { return vec![] };
    let paths = table.parsed_list::<NodePath>("path", "an absolute path", cx);
    table.close(cx);
    paths.iter().map(|path| path.to_string()).collect()
}

pub(super) fn binaries(spec: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let Some(mut table) = spec.table("binaries", cx) else { return vec![] };
    let mut out = vec![source(&mut table, cx)];
    let carried: &[(&str, &str, Form)] = &[
        ("externalRepository", "externalRepository", Form::Word),
        ("externalRepoEndpoint", "externalRepoEndpoint", Form::Url),
        ("externalRepoUsername", "externalRepoUsername", Form::Word),
    ];
    out.extend(carry(&mut table, carried, cx));
    out.extend(secret(
        &mut table,
        "externalRepoPassword",
        "externalRepoPassword",
        "DCE_BINARIES_PASSWORD",
        cx,
    ));
    table.close(cx);
    out
}

pub(super) fn audit(spec: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let Some(mut table) = spec.table("auditConfig", cx) else { return vec![] };
    let carried: &[(&str, &str, Form)] = &[
        ("logPath", "logPath", Form::Path),
        ("logHostPath", "logHostPath", Form::Path),
        ("policyFile", "policyFile", Form::Path),
        ("logMaxAge", "logMaxAge", Form::Number),
        ("logMaxBackups", "logMaxBackups", Form::Number),
        ("logMaxSize", "logMaxSize", Form::Number),
    ];
    let mut out = carry(&mut table, carried, cx);
    if let Some(rules) = table.text("policyCustomRules", cx) {
        out.push(("policyCustomRules".into(), Out::Block(rules.value)));
    }
    table.close(cx);
    out
}

pub(super) fn renew_certs(spec: &mut Table, cx: &mut Cx) -> Vec<(String, Out)> {
    let Some(mut table) = spec.table("renewCerts", cx) else { return vec![] };
    let mut out = vec![];
    if let Some(mode) = choice::<RenewCertsMode>(&mut table, "mode", "`cyclical` or `onetime`", cx) {
        out.push(("mode".into(), Out::Text(mode.to_string())));
    }
    out.extend(carry(&mut table, &[("oneTimeValidDays", "oneTimeValidDays", Form::Number)], cx));
    table.close(cx);
    out
}

/// What `kubeanConfig` says.
#[derive(Default)]
pub(super) struct Kubean {
    pub(super) variables: Vec<(String, Out)>,
    pub(super) time_zone: Option<TimeZone>,
    pub(super) name_servers: Vec<IpAddr>,
}

/// The block of kubespray variables is YAML inside a YAML text: places inside it are those of the block.
pub(super) fn kubean(spec: &mut Table, cx: &mut Cx) -> Kubean {
    let mut kubean = Kubean::default();
    let Some(block) = spec.text("kubeanConfig", cx) else { return kubean };
    let Ok(Node { value: Value::Map(pairs), .. }) = crate::yaml::parse(&block.value) else {
        if !block.value.trim().is_empty() {
            cx.wrong(block.span, "`kubeanConfig` is not YAML of `key: value` lines", "correct the block");
        }
        return kubean;
    };
    for (key, node) in pairs {
        // The secrets of the block have no places of their own.
        let mut inner = Cx::default();
        let value = crate::import::out::flow(&node, &mut inner);
        if crate::import::mask::is_secret(&key.text)
            || crate::import::mask::has_login(&value)
            || !inner.secrets.is_empty()
        {
            cx.secrets.push(block.span);
            let message = format!("`{}` of `kubeanConfig` holds a secret, and is left out", key.text);
            cx.assumed(
                block.span,
                message,
                "hagen's document has no place for it; give it to kubespray in another way",
            );
            cx.left_out.push((format!("spec.kubeanConfig.{}", key.text), "(a secret)".into()));
            continue;
        }
        if let ("ntp_timezone", Value::Scalar { text, .. }) = (key.text.as_str(), &node.value) {
            kubean.time_zone = text.parse().ok();
            if kubean.time_zone.is_some() {
                continue;
            }
        }
        if let ("upstream_dns_servers", Value::Seq(items)) = (key.text.as_str(), &node.value) {
            let address = |n: &Node| match &n.value {
                Value::Scalar { text, .. } => text.parse().ok(),
                _ => None,
            };
            kubean.name_servers = items.iter().filter_map(address).collect();
        }
        match (key.text.parse::<Word>(), value.parse::<Line>()) {
            (Ok(_), Ok(_)) => kubean.variables.push((key.text, Out::Text(value))),
            _ => cx.wrong(
                block.span,
                format!("`{}` of `kubeanConfig` does not fit on one line", key.text),
                "shorten it",
            ),
        }
    }
    kubean
}
