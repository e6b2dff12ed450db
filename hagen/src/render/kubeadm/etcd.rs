//! The kit of an etcd member: the kubelet that runs it, its documents, and the script that makes it.

use serde::Serialize;

use super::{CONFIG, FOLDER, HEAD, ORIGIN, cluster, documents, yaml};
use crate::plan::kubeadm::{ETCD_SCRIPT, EtcdMember, EtcdPeer, Kubeadm};
use crate::render::script::script;
use crate::tree::File;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kubelet<'a> {
    api_version: &'static str,
    kind: &'static str,
    authentication: Authentication,
    authorization: Authorization,
    cgroup_driver: &'static str,
    address: &'static str,
    container_runtime_endpoint: &'a str,
    static_pod_path: &'static str,
}

#[derive(Serialize)]
struct Authentication {
    anonymous: Enabled,
    webhook: Enabled,
}

#[derive(Serialize)]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize)]
struct Authorization {
    mode: &'static str,
}

pub(super) fn render(cfg: &Kubeadm, member: &EtcdMember) -> Vec<File> {
    let own = EtcdPeer { name: cfg.node.name.clone(), address: cfg.node.address };
    let document = |peer: &EtcdPeer, folder: String| {
        let registration =
            documents::member(cfg.api(), peer.name.as_str(), peer.address, cfg.node.cri_socket.as_str());
        yaml(&[&registration, &cluster::member(cfg, member, peer, folder)])
    };
    let mut files = vec![
        File::config(ORIGIN, format!("{FOLDER}/kubelet.yaml"), kubelet(cfg.node.cri_socket.as_str())),
        File::config(ORIGIN, "/etc/systemd/system/kubelet.service.d/20-etcd-service-manager.conf", drop_in()),
        File::config(ORIGIN, CONFIG, document(&own, "/etc/kubernetes/pki".into())),
        File::script(ORIGIN, ETCD_SCRIPT, member_script(cfg, member)),
    ];
    if member.is_first(&cfg.node.name) {
        for peer in member.members.iter().filter(|peer| peer.name != cfg.node.name) {
            let folder = format!("{FOLDER}/etcd/{}", peer.name);
            files.push(File::config(ORIGIN, format!("{folder}.yaml"), document(peer, folder)));
        }
    }
    files
}

/// A kubelet without an apiserver: it only keeps the static pods of this machine running.
fn kubelet(cri_socket: &str) -> String {
    yaml(&[&Kubelet {
        api_version: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        authentication: Authentication {
            anonymous: Enabled { enabled: false },
            webhook: Enabled { enabled: false },
        },
        authorization: Authorization { mode: "AlwaysAllow" },
        cgroup_driver: "systemd",
        address: "127.0.0.1",
        container_runtime_endpoint: cri_socket,
        static_pod_path: "/etc/kubernetes/manifests",
    }])
}

fn drop_in() -> String {
    format!(
        "{HEAD}# This machine runs etcd and is no node of a cluster.\n[Service]\nExecStart=\n\
         ExecStart=/usr/bin/kubelet --config={FOLDER}/kubelet.yaml\nRestart=always\n"
    )
}

fn member_script(cfg: &Kubeadm, member: &EtcdMember) -> String {
    let first = member.is_first(&cfg.node.name);
    let others: Vec<&str> =
        member.members.iter().filter(|m| m.name != cfg.node.name).map(|m| m.name.as_str()).collect();
    let first_name = member.members.first().map_or("", |m| m.name.as_str());
    let mut variables = vec![("config", CONFIG.to_owned())];
    let (usage, body) = if first {
        variables.push(("folder", FOLDER.into()));
        variables.push(("others", others.join(" ")));
        (
            "Makes this machine the first member of an etcd cluster, and the certificates of the others:\n\
             ssh THIS hagen-etcd export NAME | ssh NAME hagen-etcd import\n\
             ssh THIS hagen-etcd export-client | ssh CONTROL-PLANE hagen-kubeadm import-etcd\n\
             The key of the certificate authority never leaves this machine. Safe to repeat.",
            include_str!("etcd-first.sh"),
        )
    } else {
        variables.push(("first", first_name.to_owned()));
        (
            "Makes this machine a member of an etcd cluster, with certificates from the first:\n\
             ssh FIRST hagen-etcd export THIS | ssh THIS hagen-etcd import\nSafe to repeat.",
            include_str!("etcd-other.sh"),
        )
    };
    script(usage, &variables, &[include_str!("etcd.sh"), body].concat())
}
