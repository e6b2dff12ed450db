//! The scripts around kubeadm, on machines of their own. kubeadm itself is no package of Debian: its place
//! is taken by a stand-in that knows the few words the scripts say to it, and writes down what it was told.
//! containerd, openssl, curl and tar are the real ones.

use hagen::bake::bake;
use hagen::plan::Input;
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::tree::File;
use hagen::yaml::{Cx, Decode as _, parse};

use super::lab::{Lab, Machine, need};

const DOCUMENT: &str = r"
apiVersion: hagen/v1
cluster: kubernetes
revision: 1
ntp: [10.77.0.200]
networks: {lan: {subnet: 10.77.0.0/24}}
dns: {servers: [10.77.0.200]}
defaults: {os: debian-12, interface: eth0}
nodes:
  cp1: {address: 10.77.0.1, roles: [control-plane]}
  cp2: {address: 10.77.0.2, roles: [control-plane]}
  cp3: {address: 10.77.0.3, roles: [control-plane]}
  w1: {address: 10.77.0.4, roles: [worker], labels: {node-role.kubernetes.io/web: ''}}
vips:
  api:
    address: 10.77.0.100
    nodes: {role: control-plane}
    owner: kube-vip
    balancer: none
    deployment: static-pod
    services: {api: {port: 6443, check: {type: https}}}
kubernetes: {version: 1.31.4, vip: api}
";

const STAND_IN: &str = r#"#!/bin/sh
# Stands in for kubeadm: answers the questions of hagen's scripts and writes down what it is told.
echo "$*" >>/tmp/told
config=$(printf '%s\n' "$*" | sed -n 's/.*--config \([^ ]*\).*/\1/p')
[ -z "$config" ] || cat "$config" >/tmp/config
case "$*" in
"version -o short") cat /tmp/version ;;
"config images list --kubernetes-version"*) echo "$7/kube-apiserver:v1.31.4"; echo "$7/pause:3.10" ;;
"config images list --config"*) echo registry.k8s.io/pause:3.10 ;;
"config images pull"*) [ ! -e /tmp/no-images ] ;;
"token create"*) echo 9a08jv.c0izixklcxtmnze7 ;;
"init phase upload-certs"*) echo '[upload-certs] Using certificate key:'; printf '%064d\n' 7 ;;
"init phase certs etcd-ca"*) mkdir -p /etc/kubernetes/pki/etcd; echo ca >/etc/kubernetes/pki/etcd/ca.crt; echo key >/etc/kubernetes/pki/etcd/ca.key ;;
"init phase certs "*)
    folder=$(sed -n 's/^certificatesDir: //p' "$config")
    name=$(sed -n 's/^  name: //p' "$config")
    [ -e "$folder/etcd/ca.key" ] || { echo "no authority in $folder"; exit 1; }
    case $4 in
    etcd-server) set -- etcd/server ;; etcd-peer) set -- etcd/peer ;;
    etcd-healthcheck-client) set -- etcd/healthcheck-client ;; *) set -- apiserver-etcd-client ;;
    esac
    echo "$1 of $name" >"$folder/$1.crt"; echo "$1 of $name" >"$folder/$1.key" ;;
"init phase etcd local"*) mkdir -p /etc/kubernetes/manifests; echo etcd >/etc/kubernetes/manifests/etcd.yaml ;;
"init --config"* | "join --config"*)
    cp /etc/kubernetes/manifests/kube-vip.yaml /tmp/kube-vip-during 2>/dev/null
    touch /etc/kubernetes/kubelet.conf
    [ ! -e /tmp/break ] || { echo 'error execution phase wait-control-plane'; exit 1; }
    touch /etc/kubernetes/admin.conf
    mkdir -p /etc/kubernetes/pki
    [ -e /etc/kubernetes/pki/ca.crt ] || openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=kubernetes \
        -keyout /etc/kubernetes/pki/ca.key -out /etc/kubernetes/pki/ca.crt -days 2 2>/dev/null ;;
*) echo "the stand-in does not know: $*" >&2; exit 70 ;;
esac
"#;

fn files(text: &str, node: &str) -> Vec<File> {
    let parsed = parse(text).unwrap();
    let mut cx = Cx::default();
    let document = Document::decode(&parsed, &mut cx).unwrap_or_else(|| panic!("{:#?}", cx.problems));
    let secrets = Secrets::placeholder(&document);
    let (topology, problems) = Topology::prove(document);
    let topology = topology.unwrap_or_else(|| panic!("{problems:#?}"));
    let node = topology.node(&node.parse().unwrap()).unwrap();
    let baked = bake(&Input { topology: &topology, node, secrets: &secrets }).unwrap();
    let ours = ["kubeadm", "containerd", "static-pod"];
    let entries = baked.tree.iter().filter(|(_, entry)| ours.contains(&entry.origin.as_str()));
    entries
        .map(|(path, entry)| File {
            path: path.as_str().trim_start_matches("rootfs").to_owned(),
            entry: entry.clone(),
        })
        .collect()
}

fn install(machine: &Machine, document: &str) {
    for (program, package) in [("containerd", "containerd"), ("openssl", "openssl"), ("curl", "curl")] {
        need(program, package);
    }
    machine.sh("rm -rf /etc/kubernetes /etc/containerd /var/log/hagen-kubeadm.log").ok();
    machine.lay(&files(document, &machine.name));
    machine.write("/usr/bin/kubeadm", STAND_IN, 0o755);
    machine.write("/tmp/version", "v1.31.4\n", 0o644);
    // The runtime's socket; nobody has to answer on it.
    machine.sh("mkdir -p /run/containerd && setsid nc -lU /run/containerd/containerd.sock >/dev/null 2>&1 </dev/null & \
                while ! test -S /run/containerd/containerd.sock; do sleep 0.1; done").ok();
}

const TOOL: &str = "/usr/local/sbin/hagen-kubeadm";

#[test]
fn init_runs_once_and_hands_out_what_others_need() {
    need("nc", "netcat-openbsd");
    let lab = Lab::new(&["cp1", "cp2"]);
    let [cp1, cp2] = &lab.machines[..] else { unreachable!() };
    install(cp1, DOCUMENT);
    install(cp2, DOCUMENT);

    // What is not ready is named before kubeadm is run.
    cp1.write("/tmp/version", "v1.31.5\n", 0o644);
    assert!(cp1.run(&[TOOL]).fails(3).contains("kubeadm is v1.31.5, the description says v1.31.4"));
    cp1.write("/tmp/version", "v1.31.4\n", 0o644);
    cp1.sh("sed -i 's/pause:3.10/pause:3.8/' /etc/containerd/config.toml").ok();
    assert!(
        cp1.run(&[TOOL]).fails(3).contains("containerd's pause image is registry.k8s.io/pause:3.8 and not")
    );
    cp1.sh("sed -i 's/pause:3.8/pause:3.10/' /etc/containerd/config.toml; touch /tmp/no-images").ok();
    assert!(cp1.run(&[TOOL]).fails(6).contains("images are missing"));
    cp1.sh("rm /tmp/no-images; ! grep -q '^init --config' /tmp/told").ok();

    cp1.run(&[TOOL]).ok();
    let told =
        cp1.sh("grep -c '^init --config /etc/kubernetes/hagen/kubeadm.yaml --upload-certs$' /tmp/told").ok();
    assert_eq!(told, "1\n");
    // kube-vip used the super administrator's file while the cluster was made, and no longer.
    assert!(cp1.sh("cat /tmp/kube-vip-during").ok().contains("path: /etc/kubernetes/super-admin.conf"));
    let after = cp1.sh("cat /etc/kubernetes/manifests/kube-vip.yaml").ok();
    assert!(after.contains("path: /etc/kubernetes/admin.conf") && !after.contains("super-admin"), "{after}");
    assert_eq!(cp1.sh("stat -c %a /var/log/hagen-kubeadm.log").ok(), "600\n");
    let before = cp1.sh("cat /tmp/told").ok();
    assert!(cp1.run(&[TOOL]).fails(0).contains("part of the cluster already"));
    assert_eq!(cp1.sh("cat /tmp/told").ok(), before);

    // The operator carries the credentials from one to the other.
    cp1.write("/tmp/openssl-hash", "", 0o644);
    let hash = cp1.sh("openssl x509 -pubkey -in /etc/kubernetes/pki/ca.crt -noout | openssl pkey -pubin -outform der | sha256sum | cut -d ' ' -f 1").ok();
    let credentials = cp1.run(&[TOOL, "credentials"]).ok();
    assert_eq!(
        credentials,
        format!("token=9a08jv.c0izixklcxtmnze7\nhash=sha256:{}\nkey={:064}\n", hash.trim(), 7)
    );

    cp2.write("/tmp/credentials", &credentials, 0o600);
    cp2.write("/tmp/cut", "token=9a08jv.c0izixklcxtmnze7\nhash=sha256:00;reboot\n", 0o600);
    assert!(cp2.sh(&format!("{TOOL} join </tmp/cut")).fails(8).contains("has no hash"));
    let told = cp2.sh(&format!("HAGEN_WAIT_SECONDS=2 {TOOL} join </tmp/credentials")).fails(7);
    assert!(told.contains("the control plane at 10.77.0.100:6443 does not answer"), "{told}");
    // An endpoint on the VIP.
    cp1.sh("ip address add 10.77.0.100/32 dev eth0; setsid openssl s_server -quiet -www -accept 6443 \
            -cert /etc/kubernetes/pki/ca.crt -key /etc/kubernetes/pki/ca.key >/dev/null 2>&1 </dev/null &")
        .ok();
    cp2.sh(&format!("HAGEN_WAIT_SECONDS=30 {TOOL} join </tmp/credentials")).ok();
    let config = cp2.sh("cat /tmp/config").ok();
    for line in [
        "token: 9a08jv.c0izixklcxtmnze7",
        &format!("- sha256:{}", hash.trim()),
        &format!("certificateKey: {:064}", 7),
        "apiServerEndpoint: 10.77.0.100:6443",
        "advertiseAddress: 10.77.0.2",
    ] {
        assert!(config.replace('"', "").contains(line), "{line}\n{config}");
    }
    assert!(!config.contains("xxxxxx"));
    assert_eq!(cp2.sh("ls /etc/kubernetes/hagen").ok(), "kubeadm.yaml\n", "the filled document is gone");
    assert!(
        cp2.sh(&format!("{TOOL} join </tmp/credentials")).fails(0).contains("part of the cluster already")
    );
    // It is a control plane now, and can hand out credentials too.
    cp2.sh(&format!("{TOOL} credentials | grep -q '^key='")).ok();
}

#[test]
fn an_interrupted_run_is_not_taken_for_a_cluster() {
    let lab = Lab::new(&["cp1"]);
    let cp1 = &lab.machines[0];
    install(cp1, DOCUMENT);
    cp1.sh("touch /tmp/break").ok();
    let told = cp1.run(&[TOOL]).fails(1);
    assert!(told.contains("error execution phase wait-control-plane"), "{told}");
    assert!(
        cp1.sh("cat /etc/kubernetes/manifests/kube-vip.yaml")
            .ok()
            .contains("path: /etc/kubernetes/admin.conf")
    );
    let told = cp1.run(&[TOOL]).fails(4);
    assert!(told.contains("interrupted") && told.contains("kubeadm reset"), "{told}");
    // After a reset it starts again.
    cp1.sh("rm /etc/kubernetes/kubelet.conf /tmp/break").ok();
    cp1.run(&[TOOL]).ok();
    assert!(cp1.run(&[TOOL]).fails(0).contains("already"));
}

#[test]
fn etcd_members_get_their_certificates_and_never_the_authority() {
    let document = DOCUMENT.replace("  w1:", "  e1: {address: 10.77.0.5, roles: [etcd]}\n  e2: {address: 10.77.0.6, roles: [etcd]}\n  e3: {address: 10.77.0.7, roles: [etcd]}\n  w1:");
    let lab = Lab::new(&["e1", "e2", "cp1"]);
    let [e1, e2, cp1] = &lab.machines[..] else { unreachable!() };
    lab.machines.iter().for_each(|machine| install(machine, &document));
    let tool = "/usr/local/sbin/hagen-etcd";
    e1.run(&[tool]).ok();
    assert!(e2.run(&[tool]).fails(3).contains("ssh e1 hagen-etcd export e2"));
    e1.run(&[tool, "export", "nobody"]).fails(64);
    e1.sh(&format!("{tool} export e2 >/tmp/e2.tar && {tool} export-client >/tmp/client.tar")).ok();
    for (from, to, name) in [(e1, e2, "e2.tar"), (e1, cp1, "client.tar")] {
        let archive = std::fs::read(from.path(&format!("/tmp/{name}"))).unwrap();
        std::fs::write(to.path(&format!("/tmp/{name}")), archive).unwrap();
    }
    e2.sh(&format!("{tool} import </tmp/e2.tar")).ok();
    assert_eq!(
        e2.sh("cd /etc/kubernetes/pki && find . -type f | sort && cat etcd/server.crt && stat -c %a etcd/server.key").ok(),
        "./apiserver-etcd-client.crt\n./apiserver-etcd-client.key\n./etcd/ca.crt\n./etcd/healthcheck-client.crt\n\
         ./etcd/healthcheck-client.key\n./etcd/peer.crt\n./etcd/peer.key\n./etcd/server.crt\n./etcd/server.key\n\
         etcd/server of e2\n600\n"
    );
    assert_eq!(
        e1.sh(
            "cat /etc/kubernetes/pki/etcd/server.crt; find / -xdev -name ca.key -path '*hagen*' 2>/dev/null"
        )
        .ok(),
        "etcd/server of e1\n"
    );
    e2.sh("test -e /etc/kubernetes/manifests/etcd.yaml").ok();
    assert!(e2.run(&[tool]).fails(0).contains("member already"));
    // A second export gives the same certificates.
    e1.sh(&format!("{tool} export e2 >/tmp/again.tar && tar -xOf /tmp/again.tar etcd/server.crt | grep -qx 'etcd/server of e2'")).ok();

    // The first control plane waits for the client certificates.
    assert!(cp1.run(&[TOOL]).fails(3).contains("import-etcd"));
    cp1.sh(&format!("{TOOL} import-etcd </tmp/client.tar")).ok();
    cp1.run(&[TOOL]).ok();
    assert!(cp1.sh("cat /tmp/config").ok().contains("https://10.77.0.5:2379"));
}
