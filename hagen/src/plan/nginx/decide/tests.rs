use crate::plan::Input;
use crate::plan::dce::tests::proven;
use crate::plan::nginx::{Balance, Nginx, Protocol, Standing, decide};
use crate::render;

const EXTERNAL: &str = include_str!("../../../../examples/kubeadm-external-lb/cluster.yaml");
const BOOTSTRAP: &str = include_str!("../../../../examples/bootstrap-ha/cluster.yaml");

fn decided(text: &str, node: &str) -> Option<Nginx> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

/// S0's other front: nginx on two nodes, the original first, its standby in reserve.
fn bootstrap_front() -> String {
    let services = [("registry", 443), ("charts", 8081), ("minio", 9000), ("minio-console", 9001)].map(
        |(name, port)| {
            format!(
                "      {name}: {{port: {port}, backends: [tinder-1, g-master1], preferred: tinder-1, balance: source}}\n"
            )
        },
    );
    let vip = format!(
        "vips:\n  tinder:\n    address: 172.30.41.190\n    nodes: [lb-1, lb-2]\n    balancer: nginx\n    \
         vrrp: {{virtualRouterId: 41}}\n    services:\n{}",
        services.concat()
    );
    BOOTSTRAP
        .replace("zones:\n", &format!("{vip}\nzones:\n"))
        .replace("\nvips:", "  lb-1: {address: 172.30.41.195, roles: [lb]}\n  lb-2: {address: 172.30.41.196, roles: [lb]}\n\nvips:")
}

#[test]
fn the_front_of_the_bootstrap_pair() {
    let plan = decided(&bootstrap_front(), "lb-1").unwrap();
    insta::assert_snapshot!(render::nginx::render(&plan)[0].text());
    for proxy in &plan.proxies {
        // nginx has no reserve with `hash`, and the reserve was asked for.
        assert_eq!(proxy.balance, Balance::RoundRobin);
        assert_eq!(proxy.servers[0].standing, Standing::Active);
        assert_eq!(proxy.servers[1].standing, Standing::Backup);
    }
}

#[test]
fn udp_is_forgotten_soon() {
    let text = EXTERNAL.replace("    vrrp:", "    balancer: nginx\n    vrrp:").replace(
        "      apiserver:\n",
        "      dns: {port: 53, protocol: udp, backends: [cp-1]}\n      apiserver:\n",
    );
    let plan = decided(&text, "lb-1").unwrap();
    let dns = plan.proxies.iter().find(|p| p.protocol == Protocol::Udp).unwrap();
    assert_eq!(dns.idle.get(), 30_000);
    assert_eq!(plan.proxies.iter().find(|p| p.protocol == Protocol::Tcp).unwrap().idle.get(), 3_600_000);
}

#[test]
fn nothing_where_nginx_serves_nothing() {
    assert_eq!(decided(EXTERNAL, "lb-1"), None);
}
