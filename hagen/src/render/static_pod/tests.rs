use super::*;
use crate::plan::static_pod::{BgpPeer, Lease};

fn text(pods: StaticPods) -> String {
    render(&pods).iter().map(|file| format!("==> {}\n{}", file.path, file.text())).collect()
}

#[test]
fn keepalived_and_haproxy() {
    insta::assert_snapshot!(text(StaticPods {
        keepalived: Some(KeepalivedPod {
            image: "osixia/keepalived:2.0.20".parse().unwrap(),
            config: "/etc/keepalived/keepalived.conf".parse().unwrap(),
            config_in_pod: "/usr/local/etc/keepalived/keepalived.conf".parse().unwrap(),
            scripts: "/etc/keepalived".parse().unwrap(),
        }),
        haproxy: Some(HaproxyPod {
            image: "r.lan:5000/haproxy@sha256:0123".parse().unwrap(),
            config: "/etc/haproxy/haproxy.cfg".parse().unwrap(),
            liveness: Liveness::Tcp { host: "127.0.0.1".parse().unwrap(), port: "8404".parse().unwrap() },
        }),
        kube_vip: None,
    }));
}

fn kube_vip(announce: Announce) -> StaticPods {
    let pod = KubeVipPod {
        image: "ghcr.io/kube-vip/kube-vip:v0.8.9".parse().unwrap(),
        address: "172.29.1.200".parse().unwrap(),
        port: "6443".parse().unwrap(),
        announce,
        lease: Lease::default(),
        services: false,
        load_balancer: None,
        metrics_port: "2112".parse().unwrap(),
    };
    StaticPods { kube_vip: Some(pod), ..StaticPods::default() }
}

#[test]
fn kube_vip_by_arp() {
    insta::assert_snapshot!(text(kube_vip(Announce::Arp { interface: "ens192".parse().unwrap() })));
}

#[test]
fn kube_vip_by_bgp() {
    let text = text(kube_vip(Announce::Bgp {
        router_id: "172.29.1.31".parse().unwrap(),
        autonomous_system: 65000,
        peers: vec![
            BgpPeer { address: "172.29.1.1".parse().unwrap(), autonomous_system: 65001, multihop: false },
            BgpPeer { address: "fd00::1".parse().unwrap(), autonomous_system: 65001, multihop: true },
        ],
    }));
    for (name, value) in [
        ("vip_arp", "\"false\""),
        ("vip_interface", "lo"),
        ("bgp_enable", "\"true\""),
        ("bgp_as", "\"65000\""),
        ("bgp_peers", "172.29.1.1:65001::false,[fd00::1]:65001::true"),
    ] {
        assert!(text.contains(&format!("- name: {name}\n      value: {value}\n")), "{name}\n{text}");
    }
}

#[test]
fn a_probe_asks_what_it_was_told() {
    let (host, port, path) =
        ("10.0.0.1".parse().unwrap(), "8443".parse().unwrap(), "/healthz".parse::<NodePath>().unwrap());
    let scheme = |liveness| probe(&liveness).http_get.map(|get| (get.scheme, get.host, get.port, get.path));
    let expected = |scheme| Some((scheme, "10.0.0.1".to_owned(), 8443, "/healthz".to_owned()));
    assert_eq!(scheme(Liveness::Https { host, port, path: path.clone() }), expected("HTTPS"));
    assert_eq!(scheme(Liveness::Http { host, port, path }), expected("HTTP"));
    assert_eq!(scheme(Liveness::Tcp { host, port }), None);
}
