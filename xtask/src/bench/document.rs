//! Documents of any number of nodes: a kubeadm cluster with two balancers, three control planes and workers.

use std::fmt::Write as _;

/// The fewest nodes of such a cluster.
const FIXED_NODES: usize = 5;

/// A document of `nodes` nodes, and lines that are added at its end.
pub(super) fn kubeadm(nodes: usize, more: &str) -> String {
    let mut text = String::from(HEAD);
    for number in 0..nodes.saturating_sub(FIXED_NODES) {
        let (high, low) = (number / 250 + 16, number % 250 + 1);
        let _ = writeln!(
            text,
            "  worker-{number:04}: {{address: 10.20.{high}.{low}, roles: [worker], labels: {{rack: r{:03}}}}}",
            number / 40
        );
    }
    text + TAIL + more
}

/// Lines that add a payload for all nodes, found next to the document.
pub(super) fn with_payload(folder: &str) -> String {
    format!("offline:\n  files:\n    - {{source: {folder}, target: /opt/payload}}\n")
}

const HEAD: &str = "\
apiVersion: hagen/v1
cluster: large
revision: 1
ntp: [10.20.0.1]
networks:
  lan: {subnet: 10.20.0.0/16, gateway: 10.20.0.1}
dns:
  servers: [10.20.0.1]
defaults:
  os: debian-12
  interface: ens192
nodes:
  lb-1: {address: 10.20.1.1, roles: [lb]}
  lb-2: {address: 10.20.1.2, roles: [lb]}
  cp-1: {address: 10.20.2.1, roles: [control-plane]}
  cp-2: {address: 10.20.2.2, roles: [control-plane]}
  cp-3: {address: 10.20.2.3, roles: [control-plane]}
";

const TAIL: &str = "\
vips:
  apiserver:
    address: 10.20.0.200
    nodes: [lb-1, lb-2]
    vrrp: {virtualRouterId: 33}
    services:
      apiserver:
        port: 6443
        backends: {role: control-plane}
        check: {type: https, path: /readyz}
kubernetes:
  version: 1.31.4
  vip: apiserver
  token: {env: KUBEADM_TOKEN}
  certificateKey: {env: KUBEADM_CERTIFICATE_KEY}
";
