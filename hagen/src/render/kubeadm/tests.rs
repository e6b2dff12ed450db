use super::*;
use crate::cli::args::TopologyName::{self, KubeadmExternalLb, KubeadmStacked};
use crate::plan::Input;
use crate::plan::kubeadm::{
    ConfigVersion, HostPathMount, Image, KubeProxy, ProxyMode, RegistryHost, RegistryLogin, decide,
};
use crate::secret::{Secret, Secrets};
use crate::topology::tests::{edited, proven};

fn decided(name: TopologyName, edits: &[(&str, &str)], node: &str) -> Kubeadm {
    let topology = proven(&edited(name, edits));
    let secrets = Secrets::placeholder(&topology.document);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets }).unwrap()
}

fn text<'f>(files: &'f [File], path: &str) -> &'f str {
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text()
}

#[test]
fn init_in_the_newer_form() {
    let mut cfg = decided(KubeadmStacked, &[], "dev3");
    let Role::Init(init) = &mut cfg.role else { panic!() };
    init.local.listen = Listen::NodeAddress;
    init.kube_proxy = Some(KubeProxy { mode: ProxyMode::Ipvs, strict_arp: true });
    init.cluster.api_server.args = [("audit-log-maxage".parse().unwrap(), "30".parse().unwrap())].into();
    init.cluster.api_server.volumes = vec![HostPathMount {
        name: "audit".parse().unwrap(),
        host_path: "/var/log/audit".parse().unwrap(),
        mount_path: "/var/log/audit".parse().unwrap(),
        read_only: false,
    }];
    init.cluster.dns_image =
        Some(Image { repository: "r.lan/coredns".parse().unwrap(), tag: "v1.11.3".parse().unwrap() });
    let files = render(&cfg);
    insta::assert_snapshot!(text(&files, CONFIG));
    assert_eq!(
        text(&files, "/etc/kubernetes/hagen/patches/kube-apiserver0hagen+json.json").replace(['\n', ' '], ""),
        r#"[{"op":"add","path":"/spec/containers/0/command/-","value":"--bind-address=172.29.1.122"}]"#
    );
}

#[test]
fn init_in_the_older_form_without_kube_proxy() {
    let edits = [("version: 1.31.4", "version: 1.28.2\n  disableKubeProxy: true\n  schedulerArgs: {v: '2'}")];
    insta::assert_snapshot!(text(&render(&decided(KubeadmStacked, &edits, "dev3")), CONFIG));
}

#[test]
fn a_join_that_is_brought_and_one_that_is_pinned() {
    let brought = render(&decided(KubeadmStacked, &[], "dev6"));
    let hash = "'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'";
    let edits = [("  version: 1.31.4", &*format!("  version: 1.30.1\n  caCertHashes: [{hash}]"))];
    let pinned = render(&decided(KubeadmStacked, &edits, "dev4"));
    insta::assert_snapshot!(format!("{}\n{}", text(&brought, CONFIG), text(&pinned, CONFIG)));
    let secret = |files: &[File]| files.iter().find(|file| file.path == CONFIG).unwrap().entry.secret;
    assert_eq!((secret(&brought), secret(&pinned)), (false, true));
}

#[test]
fn the_kit_of_the_first_etcd_member() {
    let worker = "  worker-1: {address: 172.33.1.50, roles: [worker]}\n";
    let members = format!(
        "{worker}  e1: {{address: 172.29.1.61, roles: [etcd]}}\n  e2: {{address: 172.29.1.62, roles: [etcd]}}\n  e3: {{address: 172.29.1.63, roles: [etcd]}}\n"
    );
    let files = render(&decided(KubeadmExternalLb, &[(worker, &members)], "e1"));
    let wanted = [
        "/etc/kubernetes/hagen/kubelet.yaml",
        "/etc/systemd/system/kubelet.service.d/20-etcd-service-manager.conf",
        CONFIG,
        "/etc/kubernetes/hagen/etcd/e2.yaml",
    ];
    insta::assert_snapshot!(wanted.map(|path| format!("==> {path}\n{}", text(&files, path))).concat());
    let others = render(&decided(KubeadmExternalLb, &[(worker, &members)], "e3"));
    assert!(others.iter().all(|file| !file.path.contains("/hagen/etcd/")));
}

#[test]
fn containerd_in_both_forms() {
    let mut cfg = decided(KubeadmStacked, &[], "dev4");
    cfg.containerd.registries = vec![RegistryHost {
        namespace: "registry.k8s.io".parse().unwrap(),
        server: "https://r.lan:5000".parse().unwrap(),
        ca_file: Some("/etc/ssl/r.crt".parse().unwrap()),
        skip_verify: true,
    }];
    cfg.containerd.logins = vec![RegistryLogin {
        host: "r.lan:5000".parse().unwrap(),
        username: "u".parse().unwrap(),
        password: Secret::new("a\"b\\c"),
    }];
    let config = |cfg: &Kubeadm| {
        let files = render(cfg);
        let file = files.iter().find(|file| file.path == "/etc/containerd/config.toml").unwrap();
        assert!(file.entry.secret);
        file.text().to_owned()
    };
    let two = config(&cfg);
    let hosts = text(&render(&cfg), "/etc/containerd/certs.d/registry.k8s.io/hosts.toml").to_owned();
    cfg.containerd.config_version = ConfigVersion::V3;
    insta::assert_snapshot!(format!("{two}\n==> 3\n{}\n==> hosts.toml\n{hosts}", config(&cfg)));
    cfg.containerd.logins.clear();
    assert!(render(&cfg).iter().all(|file| !file.entry.secret));
}
