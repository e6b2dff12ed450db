use super::check;

const INIT: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration:\n  name: a\n  kubeletExtraArgs:\n  - name: node-ip\n    value: 10.0.0.1\n  taints:\n  - key: a\n    effect: NoSchedule\nbootstrapTokens:\n- token: abcdef.0123456789abcdef\n  ttl: 24h0m0s\n  usages: [signing]\n  groups: [system:bootstrappers:x]\nlocalAPIEndpoint:\n  advertiseAddress: 10.0.0.1\n  bindPort: 6443\n";
const CLUSTER: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.31.4\ncontrolPlaneEndpoint: '[fd00::1]:6443'\nencryptionAlgorithm: RSA-2048\ncertificateValidityPeriod: 8760h\napiServer:\n  certSANs: [a]\n  extraArgs:\n  - name: v\n    value: '2'\netcd:\n  local:\n    dataDir: /var/lib/etcd\n";
const JOIN: &str = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken:\n    token: abcdef.0123456789abcdef\n    apiServerEndpoint: a:6443\n    caCertHashes: ['sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef']\n  timeout: 5m0s\nnodeRegistration:\n  kubeletExtraArgs:\n    node-ip: 10.0.0.1\n";

#[test]
fn good_documents_pass() {
    for good in [INIT.to_owned(), CLUSTER.into(), JOIN.into(), format!("{INIT}---\n{CLUSTER}")] {
        assert_eq!(check(&good), Vec::<String>::new(), "{good}");
    }
}

#[test]
fn every_kind_of_mistake_is_found() {
    for (good, from, to, told) in [
        (INIT, "nodeRegistration", "nodeRegistrations", "nodeRegistrations"),
        (INIT, "  - name: node-ip\n    value: 10.0.0.1\n", "    node-ip: 10.0.0.1\n", "a map in v1beta3"),
        (INIT, "name: node-ip", "name: --node-ip", "a name with dashes"),
        (INIT, "effect: NoSchedule", "effect: Never", "the taint a"),
        (INIT, "abcdef.0123456789abcdef", "ABCDEF.0123456789abcdef", "a token is"),
        (INIT, "24h0m0s", "1d", "no duration of Go"),
        (INIT, "usages: [signing]", "usages: [sign]", "a usage is"),
        (INIT, "system:bootstrappers:x", "admins", "a group begins"),
        (INIT, "bindPort: 6443", "bindPort: 0", "bindPort is 0"),
        (INIT, "bindPort: 6443", "bindPort: 70000", "InitConfiguration"),
        (INIT, "advertiseAddress: 10.0.0.1", "advertiseAddress: here", "no address"),
        (INIT, "kubeadm.k8s.io/v1beta4", "kubeadm.k8s.io/v1beta5", "is unknown"),
        (INIT, "localAPIEndpoint", "localApiEndpoint", "localApiEndpoint"),
        (INIT, "bootstrapTokens:", "certificateKey: abc\nbootstrapTokens:", "certificateKey is not"),
        (CLUSTER, "v1.31.4", "stable-1", "would ask the internet"),
        (CLUSTER, "'[fd00::1]:6443'", "fd00::1", "no host and port"),
        (CLUSTER, "RSA-2048", "RSA-1024", "encryptionAlgorithm is unknown"),
        (CLUSTER, "8760h", "365d", "no duration of Go"),
        (CLUSTER, "certSANs", "certSans", "certSans"),
        (CLUSTER, "kubeadm.k8s.io/v1beta4", "kubeadm.k8s.io/v1beta3", "came with v1beta4"),
        (
            CLUSTER,
            "    dataDir: /var/lib/etcd\n",
            "    dataDir: /var/lib/etcd\n  external:\n    endpoints: ['https://a:2379']\n    caFile: /a\n    certFile: /b\n    keyFile: /c\n",
            "local or external",
        ),
        (
            CLUSTER,
            "  local:\n    dataDir: /var/lib/etcd\n",
            "  external:\n    endpoints: ['http://a:2379']\n    caFile: /a\n    certFile: /b\n    keyFile: /c\n",
            "https://HOST:PORT",
        ),
        (
            JOIN,
            "    caCertHashes: ['sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef']\n",
            "",
            "anybody could be the cluster",
        ),
        (JOIN, "'sha256:0123", "'sha256:0g23", "64 digits"),
        (JOIN, "a:6443", "https://a:6443", "no host and port"),
        (JOIN, "discovery:\n", "timeouts: {discovery: 5m}\ndiscovery:\n", "came with v1beta4"),
        (JOIN, "kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4", "ended with v1beta3"),
        (JOIN, "  timeout: 5m0s\n", "  file:\n    kubeConfigPath: /x\n", "exactly one"),
    ] {
        assert_eq!(good.matches(from).count(), 1, "{from}");
        let bad = good.replacen(from, to, 1);
        let found = check(&bad);
        assert!(found.iter().any(|message| message.contains(told)), "{told}: {found:?}\n{bad}");
    }
    let mixed = format!("{INIT}---\n{}", JOIN.replace("  timeout: 5m0s\n", ""));
    assert!(check(&mixed).iter().any(|m| m.contains("two versions")));
    assert!(!check("just text").is_empty());
}
