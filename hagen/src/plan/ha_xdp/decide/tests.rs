use ha_xdp_config::{Effect, Forward, Owner, Probe, Through, Transport};

use crate::plan::Input;
use crate::plan::dce::tests::proven;
use crate::plan::ha_xdp::{HaXdp, decide};
use crate::render;

const EXTERNAL: &str = include_str!("../../../../examples/kubeadm-external-lb/cluster.yaml");
const STACKED: &str = include_str!("../../../../examples/kubeadm-stacked/cluster.yaml");

fn decided(text: &str, node: &str) -> Option<HaXdp> {
    let (topology, secrets) = proven(text);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology: &topology, node, secrets: &secrets })
}

fn with_ha_xdp(text: &str, more: &str) -> String {
    text.replace(
        "    vrrp: {virtualRouterId: 33}",
        &format!("    owner: ha-xdp\n    balancer: ha-xdp\n    vrrp: {{virtualRouterId: 33{more}}}"),
    )
}

#[test]
fn a_control_plane_that_balances_itself() {
    let text = with_ha_xdp(STACKED, ", version: 2, password: {env: P}");
    let plan = decided(&text, "dev6").unwrap();
    let files = render::ha_xdp::render(&plan);
    insta::assert_snapshot!(files[0].text());
    assert_eq!(files[1].path, "/etc/ha-xdp/apiserver.pass");
    assert_eq!(files[1].entry.mode, 0o600);
    let service = &plan.config().services[0];
    let local: Vec<bool> = service.backends.iter().map(|b| b.local).collect();
    assert_eq!(local, [false, true, false]);
}

#[test]
fn only_where_ha_xdp_has_work() {
    assert_eq!(decided(EXTERNAL, "lb-1"), None);
    assert_eq!(decided(&with_ha_xdp(EXTERNAL, ""), "cp-1"), None);
}

#[test]
fn members_agree_on_everything_that_flows_depend_on() {
    let text = with_ha_xdp(EXTERNAL, "");
    let (one, two) = (decided(&text, "lb-1").unwrap(), decided(&text, "lb-2").unwrap());
    assert_eq!(one.config().services, two.config().services);
    assert_eq!(one.config().tables, two.config().tables);
    let Owner::Vrrp(vrrp) = &one.config().groups[0].owner else { panic!() };
    let Transport::Unicast(unicast) = &vrrp.transport else { panic!() };
    assert_eq!((unicast.source.to_string(), unicast.peers.len()), ("172.29.1.21".to_owned(), 1));
}

#[test]
fn an_address_that_keepalived_carries_is_followed() {
    let text = EXTERNAL.replace("    vrrp:", "    balancer: ha-xdp\n    vrrp:");
    let plan = decided(&text, "lb-1").unwrap();
    assert_eq!(plan.config().groups[0].owner, Owner::External);
    assert_eq!(plan.config().groups[0].addresses[0].to_string(), "172.29.1.200/24");
}

#[test]
fn a_balancer_beside_ha_xdp_is_tracked() {
    let text = EXTERNAL.replace("    vrrp:", "    owner: ha-xdp\n    vrrp:");
    let plan = decided(&text, "lb-1").unwrap();
    assert!(plan.config().services.is_empty());
    let Owner::Vrrp(vrrp) = &plan.config().groups[0].owner else { panic!() };
    let probe = &vrrp.track.probes[0];
    assert_eq!((probe.name.as_str(), probe.address.to_string().as_str()), ("haproxy", "127.0.0.1:8404"));
    assert_eq!((&probe.probe, probe.effect), (&Probe::Tcp, Effect::Fault));
}

#[test]
fn lowering_the_priority_follows_the_services() {
    let text = with_ha_xdp(EXTERNAL, ", preempt: true, onFailure: lower-priority");
    let plan = decided(&text, "lb-1").unwrap();
    let Owner::Vrrp(vrrp) = &plan.config().groups[0].owner else { panic!() };
    assert_eq!(vrrp.track.services[0].name.as_str(), "apiserver.apiserver");
    assert_eq!(vrrp.track.services[0].effect, Effect::Drop(11.try_into().unwrap()));
}

#[test]
fn backends_across_routers_take_packets_apart() {
    let text =
        with_ha_xdp(EXTERNAL, "").replace("        port: 6443\n", "        port: 6443\n        mode: ipip\n");
    let balancer = decided(&text, "lb-1").unwrap();
    let service = &balancer.config().services[0];
    assert_eq!(service.forward, Forward::Ipip);
    assert_eq!(service.mss_clamp, Some(1440));
    assert_eq!(service.check.as_ref().unwrap().through, Through::Vip);
    let backend = decided(&text, "cp-1").unwrap();
    let apart = backend.config().decapsulation.as_ref().unwrap();
    assert_eq!(apart.addresses, ["172.29.1.200".parse::<std::net::IpAddr>().unwrap()]);
    let sources: Vec<String> = apart.sources.iter().map(ToString::to_string).collect();
    assert_eq!(sources, ["172.29.1.21/32", "172.29.1.22/32"]);
    assert!(!backend.config().local_traffic.enabled);
}

#[test]
fn translated_ports_stay_away_from_services() {
    let many = |ports: &[u16]| {
        let services: String =
            ports.iter().map(|p| format!("      s{p}: {{port: {p}, backends: [cp-1]}}\n")).collect();
        let text =
            with_ha_xdp(EXTERNAL, "").replace("      apiserver:\n", &format!("{services}      apiserver:\n"));
        let plan = decided(&text, "lb-1").unwrap();
        match &plan.config().services[0].forward {
            Forward::Nat(nat) => nat.ports.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(many(&[443]), "32768-65535");
    assert_eq!(many(&[40_000]), "6444-39999");
    assert_eq!(many(&[65_535]), "6444-65534");
    assert_eq!(many(&[10_000, 60_000]), "10001-59999");
}

#[test]
fn backends_are_reached_in_the_family_of_the_vip() {
    let text = with_ha_xdp(EXTERNAL, "")
        .replace("networks:\n", "networks:\n  six: {subnet: \"2001:db8::/64\", gateway: \"2001:db8::1\"}\n")
        .replace("  worker-1:", "  far: {address: \"2001:db8::9\", roles: [worker]}\n  worker-1:")
        .replace("      apiserver:\n", "      other: {port: 80, backends: [far, cp-1]}\n      apiserver:\n");
    let plan = decided(&text, "lb-1").unwrap();
    let other = plan.config().services.iter().find(|s| s.name.as_str() == "apiserver.other").unwrap();
    let names: Vec<&str> = other.backends.iter().map(|b| b.name.as_str()).collect();
    assert_eq!(names, ["cp-1"]);
}

#[test]
fn of_a_pair_the_preferred_serves_and_the_other_waits() {
    let text = with_ha_xdp(EXTERNAL, "")
        .replace("        port: 6443\n", "        port: 6443\n        preferred: cp-2\n");
    let plan = decided(&text, "lb-1").unwrap();
    let backups: Vec<bool> = plan.config().services[0].backends.iter().map(|b| b.backup).collect();
    assert_eq!(backups, [true, false, true]);
}
