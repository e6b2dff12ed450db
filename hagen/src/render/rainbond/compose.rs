//! Compose files of form 2.1, in the order of Rainbond's own.

use std::net::SocketAddr;

use crate::plan::rainbond::{Component, Dns, Entrance, Gateway, ROOT};
use crate::render::ordered::{Object, Value};

/// A compose file with one service.
pub(super) fn file(name: &str, service: Object) -> Object {
    Object::default().with("version", "2.1").with("services", Object::default().with(name, service))
}

fn logging(c: &Component) -> Object {
    let options = Object::default()
        .with("max-size", format!("{}m", c.log_max_size_mib))
        .with("max-file", c.log_max_files.to_string());
    Object::default().with("driver", "json-file").with("options", options)
}

fn memory(c: &Component) -> String {
    format!("{}M", c.memory_mib)
}

fn urls(sockets: &[SocketAddr], between: &str) -> String {
    sockets.iter().map(|s| format!("http://{s}")).collect::<Vec<_>>().join(between)
}

pub(super) fn entrance(e: &Entrance) -> Object {
    let command = [
        "--plugin-name=openresty".to_owned(),
        // The plugin's own list: URLs with `-` between them.
        format!("--plugin-opts=urls={}", urls(&e.gateways, "-")),
        "--kube-conf=/etc/goodrain/kubernetes/admin.kubeconfig".to_owned(),
        format!("--log-level={}", e.log_level),
        format!("--etcd-endpoints={}", urls(&e.etcd, ",")),
        "--run-mode=sync".to_owned(),
    ];
    let environment = Object::default()
        .with("DEFAULT_HTTP_PORT", e.http_port.get())
        .with("DEFAULT_HTTPS_PORT", e.https_port.get());
    Object::default()
        .with("image", e.component.image.as_str())
        .with("container_name", "rbd-entrance")
        .with("mem_limit", memory(&e.component))
        .with("logging", logging(&e.component))
        .with("network_mode", "host")
        .with("restart", "always")
        .with("environment", environment)
        .with(
            "volumes",
            Value::from_iter([format!("{ROOT}/etc/kubernetes/kubecfg:/etc/goodrain/kubernetes")]),
        )
        .with("command", Value::from_iter(command))
}

pub(super) fn dns(d: &Dns) -> Object {
    let servers: Vec<String> = d
        .name_servers
        .iter()
        .map(|s| if s.port() == 53 { s.ip().to_string() } else { s.to_string() })
        .collect();
    let (domain, vip) = (&d.domain, d.vip);
    let command = [
        "--kubecfg-file=/etc/kubernetes/admin.kubeconfig".to_owned(),
        "--v=3".to_owned(),
        format!("--healthz-port={}", Dns::HEALTH_PORT),
        format!("--nameservers={}", servers.join(",")),
        // The flag is spelled so.
        format!("--recoders={domain}={vip},*.{domain}={vip}"),
    ];
    Object::default()
        .with("image", d.component.image.as_str())
        .with("container_name", "rbd-dns")
        .with("mem_limit", memory(&d.component))
        .with("environment", Value::from_iter(["VERBOSE=true"]))
        .with("command", Value::from_iter(command))
        .with("volumes", Value::from_iter([format!("{ROOT}/etc/kubernetes/kubecfg:/etc/kubernetes")]))
        .with("logging", logging(&d.component))
        .with("network_mode", "host")
        .with("restart", "always")
}

pub(super) fn gateway(g: &Gateway) -> Object {
    let environment = Object::default()
        .with("DEFAULT_PORT", g.http_port.get())
        .with("HTTP_SUFFIX_URL", g.application_domain.as_str());
    let volumes = [
        format!("{ROOT}/etc/rbd-lb/dynamics:/usr/local/openresty/nginx/conf/dynamics"),
        format!("{ROOT}/logs/rbd-lb:/usr/local/openresty/nginx/logs"),
    ];
    // No memory limit: the gateway carries every application, and would take them along.
    Object::default()
        .with("image", g.component.image.as_str())
        .with("container_name", "rbd-lb")
        .with("environment", environment)
        .with("volumes", Value::from_iter(volumes))
        .with("logging", logging(&g.component))
        .with("network_mode", "host")
        .with("restart", "always")
}
