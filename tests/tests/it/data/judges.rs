//! Every node of every example, before the real judges of this area; and files that they must refuse.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use hagen::bake::bake;
use hagen::judge::{Verdict, by_name};
use hagen::plan::Input;
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::tree::{Content, File, Tree};
use hagen::yaml::{Cx, Decode as _, parse};

const JUDGES: [&str; 7] =
    ["mariadb", "glusterd", "fstab", "kubernetes-validate", "kubeadm", "containerd", "shellcheck"];

const ORIGINS: [&str; 5] = ["mariadb", "glusterfs", "kubeadm", "containerd", "static-pod"];

/// What [`Secrets::placeholder`] gives out.
const SECRETS: [&str; 3] = [
    "placeholder",
    "abcdef.0123456789abcdef",
    "00000000000000000000000000000000000000000000000000000000000000ff",
];

/// The documents of all examples, and variants of them.
fn documents() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../hagen/examples");
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if !entry.path().is_dir() {
            continue;
        }
        let text = fs::read_to_string(entry.path().join("cluster.yaml")).unwrap();
        documents.push((entry.file_name().into_string().unwrap(), text));
    }
    assert!(documents.len() >= 8);
    let example = |name: &str| documents.iter().find(|(n, _)| n == name).unwrap().1.clone();
    let stacked = example("kubeadm-stacked");
    let static_pod = example("kubeadm-static-pod");
    let more = [
        ("kubeadm 1.28, v1beta3", stacked.replace("version: 1.31.4", "version: 1.28.2")),
        (
            "kube-vip",
            static_pod
                .replace("    vrrp: {virtualRouterId: 33}\n", "    owner: kube-vip\n    balancer: none\n")
                .replace("        backendPort: 9443\n", "")
                .replace("  bindPort: 9443  ", "  bindPort: 6443  "),
        ),
        (
            "etcd of its own, pinned joins, labels, taints, arguments, a registry",
            stacked
                .replace(
                    "  dev4: {address: 172.33.1.50, roles: [worker]}",
                    "  dev4: {address: 172.33.1.50, roles: [worker], taints: ['dedicated=db:NoExecute'], \
                     labels: {disk: ssd, node-role.kubernetes.io/db: ''}}\n  \
                     etcd-1: {address: 172.29.1.61, roles: [etcd]}\n  \
                     etcd-2: {address: 172.29.1.62, roles: [etcd]}\n  \
                     etcd-3: {address: 172.29.1.63, roles: [etcd]}",
                )
                .replace(
                    "kubernetes:\n",
                    "registries:\n  local: {url: 'https://172.29.1.9:5000', mirrors: [registry.k8s.io, docker.io], \
                     username: puller, password: {env: REGISTRY_PASSWORD}, caFile: /etc/ssl/registry.crt}\n\
                     kubernetes:\n  caCertHashes: ['sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef']\n  \
                     imageRepository: 172.29.1.9:5000/kubernetes\n  \
                     apiServerArgs: {audit-log-maxage: '30'}\n  kubeletArgs: {max-pods: '200'}\n  \
                     encryptionAlgorithm: ECDSA-P256\n  disableKubeProxy: true\n  \
                     featureGates: {ControlPlaneKubeletLocalMode: true}\n  patches: /etc/kubernetes/own-patches\n",
                ),
        ),
    ];
    for (name, text) in &more {
        assert!(*text != stacked && *text != static_pod, "{name} changes nothing");
    }
    documents.extend(more.map(|(name, text)| (name.to_owned(), text)));
    documents
}

fn prove(name: &str, text: &str) -> (Topology, Secrets) {
    let node = parse(text).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    let mut cx = Cx::default();
    let document = Document::decode(&node, &mut cx);
    assert!(!cx.problems.has_errors(), "{name}: {:#?}", cx.problems);
    let secrets = Secrets::placeholder(document.as_ref().unwrap());
    let (topology, problems) = Topology::prove(document.unwrap());
    (topology.unwrap_or_else(|| panic!("{name}: {problems:#?}")), secrets)
}

#[test]
fn every_node_of_every_example_is_accepted() {
    let mut asked = BTreeSet::new();
    for (name, text) in documents() {
        let (topology, secrets) = prove(&name, &text);
        for node in topology.nodes.values() {
            let baked = bake(&Input { topology: &topology, node, secrets: &secrets }).unwrap();
            let mut tree = Tree::default();
            for (path, entry) in
                baked.tree.iter().filter(|(_, entry)| ORIGINS.contains(&entry.origin.as_str()))
            {
                tree.insert(path.clone(), entry.clone()).unwrap();
            }
            for (path, entry) in tree.iter().filter(|(_, entry)| !entry.secret) {
                let Content::Bytes(bytes) = &entry.content else { continue };
                let text = std::str::from_utf8(bytes).unwrap();
                let shown = SECRETS.iter().find(|secret| text.contains(*secret));
                assert_eq!(shown, None, "{name}, {}, {path} shows a secret", node.name);
            }
            for judge in JUDGES {
                match by_name(judge).unwrap().judge(&tree) {
                    None => {}
                    Some(Verdict::Accepted { .. }) => {
                        asked.insert(judge);
                    }
                    Some(other) => panic!("{name}, {}, {judge}: {other:?}", node.name),
                }
            }
        }
    }
    assert_eq!(asked.into_iter().collect::<BTreeSet<_>>(), JUDGES.into());
}

#[track_caller]
fn refused(judge: &str, path: &str, text: &str, told: &str) {
    let mut tree = Tree::default();
    tree.place("rootfs", File::config("test", path, text)).unwrap();
    match by_name(judge).unwrap().judge(&tree) {
        Some(Verdict::Refused { message }) => assert!(message.contains(told), "{message}"),
        other => panic!("{judge} says {other:?} to:\n{text}"),
    }
}

#[test]
fn settings_that_mariadb_does_not_take_are_refused() {
    let path = "/etc/mysql/mariadb.conf.d/zz-hagen.cnf";
    refused("mariadb", path, "[mysqld]\nmax_conections = 5\n", "max_conections");
    refused("mariadb", path, "[mysqld]\nbinlog_format = COLUMN\n", "'COLUMN'");
    refused("mariadb", path, "[mysqld]\nmax_connect_errors = 0\n", "adjusted to 1");
    refused("mariadb", path, "[mysqld]\nmax_binlog_size = 2G\n", "adjusted to 1073741824");
    refused("mariadb", path, "[mysqld]\nport = 3306\n[mysql]\nnonsense\n", "nonsense");
}

#[test]
fn broken_volfiles_and_mounts_are_refused() {
    let good = "volume management\n    type mgmt/glusterd\n    option working-directory /var/lib/glusterd\n    option transport-type socket\nend-volume\n";
    let path = "/etc/glusterfs/glusterd.vol";
    refused("glusterd", path, &good.replace("mgmt/glusterd", "mgmt/nonsense"), "nonsense");
    refused(
        "glusterd",
        path,
        &good.replace("option transport-type socket", "option transport-type"),
        "<key> <value>",
    );
    let path = "/etc/hagen/fstab.d/glusterfs.fstab";
    refused("fstab", path, "a:/data /grdata\n", "parse error");
}

#[test]
fn pods_and_containerd_configurations_with_mistakes_are_refused() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  hostNetwork: true\n  containers:\n  - name: x\n    image: y\n";
    let path = "/etc/kubernetes/manifests/x.yaml";
    refused("kubernetes-validate", path, &pod.replace("hostNetwork", "hostNetwrk"), "hostNetwrk");
    refused("kubernetes-validate", path, &pod.replace("image: y", "image: 5"), "image");
    let path = "/etc/containerd/config.toml";
    refused("containerd", path, "version = 2\n[plugins\n", "TOML");
    refused("containerd", path, "version = 2\nroot = 5\n", "convert 5");
}
