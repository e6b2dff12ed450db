//! From a document to a topology: what is resolved, what is defaulted, what is waived.

use clap::ValueEnum as _;
use proptest::prelude::*;

use super::{Etcd, Target, Topology};
use crate::cli::args::TopologyName::{self, *};
use crate::cli::init::document;
use crate::problem::{Problems, Severity};
use crate::spec::{Document, Name};
use crate::yaml::{Cx, Decode as _, parse};

/// Reads and proves a document.
pub(crate) fn prove(text: &str) -> (Option<Topology>, Problems) {
    let node = match parse(text) {
        Ok(node) => node,
        Err(problems) => return (None, problems),
    };
    let mut cx = Cx::default();
    let document = Document::decode(&node, &mut cx);
    let mut problems = cx.problems;
    match document {
        Some(document) if !problems.has_errors() => {
            let (topology, found) = Topology::prove(document);
            problems.extend(found);
            problems.sort();
            (topology, problems)
        }
        _ => {
            problems.sort();
            (None, problems)
        }
    }
}

/// A document that must be sound.
pub(crate) fn proven(text: &str) -> Topology {
    let (topology, problems) = prove(text);
    topology.unwrap_or_else(|| panic!("{problems:#?}\n{text}"))
}

/// An example.
pub(crate) fn example(name: TopologyName) -> Topology {
    proven(document(name))
}

/// An example with texts replaced that stand in it once each.
pub(crate) fn edited(name: TopologyName, edits: &[(&str, &str)]) -> String {
    let mut text = document(name).to_owned();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "{from:?} does not stand once in {name:?}");
        text = text.replacen(from, to, 1);
    }
    text
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn names<'a>(list: impl IntoIterator<Item = &'a Name>) -> Vec<&'a str> {
    list.into_iter().map(Name::as_str).collect()
}

#[test]
fn priorities_fall_from_200_in_the_written_order_unless_they_are_given() {
    let t = example(KubeadmStacked);
    let members: Vec<_> =
        t.vips[&name("apiserver")].members.iter().map(|m| (m.node.as_str(), m.priority)).collect();
    assert_eq!(members, [("dev3", 200), ("dev6", 190), ("dev7", 180)]);

    let given = edited(
        KubeadmStacked,
        &[("{virtualRouterId: 33}", "{virtualRouterId: 33, priorities: {dev7: 250}}")],
    );
    let t = proven(&given);
    let members: Vec<_> =
        t.vips[&name("apiserver")].members.iter().map(|m| (m.node.as_str(), m.priority)).collect();
    assert_eq!(members, [("dev7", 250), ("dev3", 200), ("dev6", 190)]);
}

#[test]
fn services_have_backends_ports_and_weights() {
    let t = example(KubeadmExternalLb);
    let service = &t.vips[&name("apiserver")].services[0];
    let backends: Vec<_> =
        service.backends.iter().map(|b| (b.node.as_str(), b.port.get(), b.weight, b.backup)).collect();
    assert_eq!(
        backends,
        [("cp-1", 6443, 100, false), ("cp-2", 6443, 100, false), ("cp-3", 6443, 100, false)]
    );

    // Without `backends` the nodes of the VIP serve.
    let t = example(RainbondMinimal);
    let http = &t.vips[&name("gateway")].services[0];
    assert_eq!(names(http.backends.iter().map(|b| &b.node)), ["compute01", "compute02"]);

    let text = edited(
        KubeadmExternalLb,
        &[("        check:", "        preferred: cp-2\n        weights: {cp-3: 7}\n        check:")],
    );
    let t = proven(&text);
    let backends: Vec<_> = t.vips[&name("apiserver")].services[0]
        .backends
        .iter()
        .map(|b| (b.node.as_str(), b.weight, b.backup))
        .collect();
    assert_eq!(backends, [("cp-1", 100, true), ("cp-2", 100, false), ("cp-3", 7, true)]);
}

#[test]
fn the_cloudpods_host_role_moves_addresses_to_its_bridge() {
    let t = example(Cloudpods3);
    let node = &t.nodes[&name("node-1")];
    assert_eq!((node.interface.as_str(), node.address_interface().as_str()), ("eth0", "br0"));
    assert!(t.vips[&name("db")].members.iter().all(|m| m.interface.as_str() == "br0"));
    let t = example(Cloudpods5);
    assert_eq!(t.nodes[&name("db-1")].address_interface().as_str(), "eth0");
    assert!(t.vips[&name("db")].members.iter().all(|m| m.interface.as_str() == "eth0"));
}

#[test]
fn platforms_know_who_is_who() {
    let t = example(Cloudpods3);
    let c = t.cloudpods.as_ref().unwrap();
    assert_eq!(
        (c.first.as_str(), names(&c.controllers), names(&c.ha)),
        ("node-1", vec!["node-2", "node-3"], vec!["node-1", "node-2"])
    );
    assert!(c.hosts.is_empty() && c.vip_address.to_string() == "10.127.190.100");
    let c5 = example(Cloudpods5);
    let c = c5.cloudpods.as_ref().unwrap();
    assert_eq!(names(&c.ha), ["node-1", "node-2", "node-3"]);
    let db = &c5.databases[&name("onecloud")];
    assert_eq!((db.address.to_string().as_str(), names(&db.nodes)), ("10.127.190.101", vec!["db-1", "db-2"]));
    let c4 = example(Cloudpods4);
    assert_eq!(c4.databases[&name("onecloud")].address.to_string(), "10.127.190.254", "a single node's own");

    let t = example(BootstrapHa);
    let dce = t.dce.as_ref().unwrap();
    assert_eq!(
        (dce.original.as_str(), names(&dce.backups), &dce.vip),
        ("tinder-1", vec!["g-master1"], &None)
    );

    let t = example(RainbondMinimal);
    let volume = &t.volumes[&name("data")];
    assert_eq!(names(&volume.bricks), ["compute01", "compute02", "manage01"], "the arbiter stands last");
    assert_eq!((volume.replica, volume.arbiter.as_ref().unwrap().as_str()), (3, "manage01"));
    assert_eq!(names(&t.rainbond.as_ref().unwrap().managers), ["manage01"]);
}

#[test]
fn kubernetes_has_an_endpoint_an_etcd_and_certificate_names() {
    let t = example(KubeadmStacked);
    let k = t.kubernetes.as_ref().unwrap();
    assert_eq!(
        (k.endpoint_host.as_str(), k.endpoint_port.get(), k.bind_port.get()),
        ("172.29.1.200", 6443, 9443)
    );
    assert_eq!(k.etcd, Etcd::Stacked);
    for san in ["172.29.1.200", "172.29.1.122", "172.29.1.41", "172.29.1.42", "127.0.0.1"] {
        assert!(k.cert_sans.contains(san), "{san}");
    }
    let text = edited(
        KubeadmStacked,
        &[("  vip: apiserver\n", "  vip: apiserver\n  first: dev7\n  certSans: [api.lan]\n")],
    );
    let k = proven(&text).kubernetes.clone().unwrap();
    assert_eq!(names(&k.control_planes), ["dev7", "dev3", "dev6"]);
    assert!(k.cert_sans.contains("api.lan"));

    let roles = [("roles: [worker]", "roles: [etcd]")];
    assert_eq!(
        proven(&edited(KubeadmStacked, &roles)).kubernetes.clone().unwrap().etcd,
        Etcd::Nodes(vec![name("dev4")])
    );
    let external = [("  vip: apiserver\n", "  vip: apiserver\n  etcd: {endpoints: [172.29.1.71]}\n")];
    let etcd = proven(&edited(KubeadmStacked, &external)).kubernetes.clone().unwrap().etcd;
    assert_eq!(etcd, Etcd::External(vec!["172.29.1.71".parse().unwrap()]));
}

#[test]
fn zones_have_servers_switched_records_and_one_ptr_for_each_address() {
    let text = edited(
        BootstrapHa,
        &[
            ("  tinder-1: ", "  dns-2: {address: 172.30.41.191, roles: [dns]}\n  tinder-1: "),
            (
                "      ns: ",
                "      mail: {cname: ns.tinder-node-server.com}\n      '*': {node: dns-2}\n      also: {node: dns-1}\n      ns: ",
            ),
        ],
    );
    let t = proven(&text);
    let zone = t.zones.values().next().unwrap();
    assert_eq!((zone.primary.as_ref().unwrap().as_str(), names(&zone.secondaries)), ("dns-1", vec!["dns-2"]));
    let record = |name: &str| zone.records.iter().find(|r| r.name.as_str() == name).unwrap();
    assert!(record("also").ptr && !record("ns").ptr, "the first name of an address gets the PTR record");
    assert!(!record("*").ptr && !record("mail").ptr);
    assert_eq!(record("mail").target, Target::Cname("ns.tinder-node-server.com".parse().unwrap()));
    assert_eq!(record("www").target, Target::Address("172.30.41.193".parse().unwrap()));
    let candidates: Vec<_> = record("www").candidates.iter().map(|c| c.node.as_str()).collect();
    assert_eq!(candidates, ["tinder-1", "g-master1"]);
    assert_eq!((record("www").ttl.as_millis(), record("ns").ttl.as_millis()), (30_000, 3_600_000));
    // The nodes ask the name servers of the cluster when the document names none.
    let servers: Vec<String> = t.resolvers.servers.iter().map(|s| s.to_string()).collect();
    assert_eq!(servers, ["172.30.41.192", "172.30.41.191"]);
    // dns-1 is listed as a time source: it serves the others.
    assert_eq!(names(&t.time.serving), ["dns-1"]);

    let active =
        edited(BootstrapHa, &[("[tinder-1, g-master1]}", "[tinder-1, g-master1], active: g-master1}")]);
    let t = proven(&active);
    let www = t.zones.values().next().unwrap().records.iter().find(|r| r.name.as_str() == "www").unwrap();
    assert_eq!(www.target, Target::Address("172.30.41.194".parse().unwrap()));
}

#[test]
fn the_longest_zone_serves_a_domain() {
    let text = edited(
        BootstrapHa,
        &[("zones:\n", "zones:\n  com: {external: true}\n  sub.tinder-node-server.com: {external: true}\n")],
    );
    // `com` alone is no domain of two labels.
    assert!(prove(&text).1.has_errors());
    let t = proven(&text.replace("  com: {external: true}\n", ""));
    let of = |domain: &str| {
        t.zone_of(&domain.parse().unwrap()).map(|(zone, name)| (zone.name.to_string(), name.to_string()))
    };
    assert_eq!(of("a.sub.tinder-node-server.com"), Some(("sub.tinder-node-server.com".into(), "a".into())));
    assert_eq!(of("sub.tinder-node-server.com"), Some(("sub.tinder-node-server.com".into(), "@".into())));
    assert_eq!(of("x.y.tinder-node-server.com"), Some(("tinder-node-server.com".into(), "x.y".into())));
    assert_eq!(of("atinder-node-server.com"), None);
}

#[test]
fn a_vip_behind_the_bootstrap_name_is_found() {
    let text = edited(
        BootstrapHa,
        &[
            ("{switch: [tinder-1, g-master1]}", "{vip: front}"),
            (
                "zones:\n",
                "vips:\n  front:\n    address: 172.30.41.190\n    nodes: [tinder-1, g-master1]\n    balancer: none\n    vrrp: {virtualRouterId: 7}\n    services: {registry: {port: 443}}\nzones:\n",
            ),
        ],
    );
    assert_eq!(proven(&text).dce.as_ref().unwrap().vip, Some(name("front")));
}

#[test]
fn a_waiver_covers_what_it_names_and_is_recorded() {
    let two = ("    arbiter: manage01 ", "    #");
    let waive = |waiver: &str| {
        edited(RainbondMinimal, &[two, ("vips:\n", &format!("waivers:\n  - {waiver}\nvips:\n"))])
    };

    let (topology, problems) = prove(&waive("{id: QR-3, reason: a test cluster}"));
    let topology = topology.unwrap();
    assert!(problems.iter().all(|p| p.severity == Severity::Note), "{problems:?}");
    let [waived] = topology.waived.as_slice() else { panic!("{:?}", topology.waived) };
    assert_eq!(
        (waived.id.as_str(), waived.subject.as_str(), waived.reason.as_str()),
        ("QR-3", "data", "a test cluster")
    );
    assert!(waived.message.contains("two copies"));

    assert!(prove(&waive("{id: qr-3, subject: data, reason: r}")).0.is_some());

    // A waiver for something else leaves the error, and is told to be idle.
    let (topology, problems) = prove(&waive("{id: QR-3, subject: other, reason: r}"));
    assert!(topology.is_none());
    let ids: Vec<_> = problems.iter().filter(|p| p.severity > Severity::Note).map(|p| p.id).collect();
    assert_eq!(ids, ["WAIVER-1", "QR-3"]);

    // One waiver covers every subject it does not name; a rule that cannot be waived is not.
    let (topology, problems) = prove(&waive("{id: VIP-1, reason: r}"));
    assert!(topology.is_none());
    let ids: Vec<_> = problems.iter().filter(|p| p.severity > Severity::Note).map(|p| p.id).collect();
    assert_eq!(ids, ["WAIVER-1", "QR-3"]);

    // A waiver needs a reason.
    let (_, problems) = prove(&waive("{id: QR-3}"));
    assert!(problems.iter().any(|p| p.id == "DOC-5" && p.message.contains("`reason`")));
}

#[test]
fn volumes_that_share_a_node_share_a_pool() {
    let volume = |n: &str, nodes: &str| {
        format!("  {n}: {{nodes: [{nodes}], replica: 2, mount: /m-{n}, brick: /data/{n}}}\n")
    };
    let mut text = String::from(
        "apiVersion: hagen/v1\ncluster: c\nrevision: 1\nntp: [10.0.0.1]\nnetworks: {lan: {subnet: 10.0.0.0/24}}\ndefaults: {interface: e}\nwaivers: [{id: QR-3, reason: r}]\nnodes:\n",
    );
    for n in 1..=6 {
        text += &format!("  n-{n}: {{address: 10.0.0.{n}}}\n");
    }
    text += "volumes:\n";
    text += &(volume("a", "n-1, n-2") + &volume("b", "n-2, n-3") + &volume("c", "n-4, n-5"));
    let t = proven(&text);
    let pool = |v: &str| names(t.pool(&t.volumes[&name(v)]));
    assert_eq!(pool("a"), ["n-1", "n-2", "n-3"]);
    assert_eq!(pool("b"), pool("a"));
    assert_eq!(pool("c"), ["n-4", "n-5"], "two copies of their own have no majority of glusterd to lose");
}

#[test]
fn notes_of_many_things_do_not_hide_an_error() {
    let mut text = edited(KubeadmStacked, &[("address: 172.29.1.200", "address: 172.29.1.41")]);
    text += "\nzones:\n";
    for n in 0..1500 {
        text += &format!("  z{n}.lan: {{primary: dev4}}\n");
    }
    let (topology, problems) = prove(&text);
    assert!(topology.is_none());
    assert_eq!(
        problems.iter().filter(|p| p.severity == Severity::Error).map(|p| p.id).collect::<Vec<_>>(),
        ["VIP-1"]
    );
    assert_eq!(problems.dropped(), 500);
}

/// A cluster of many nodes: three control planes behind a VIP, two gateways, and workers.
pub(crate) fn large(workers: usize) -> String {
    let mut text = String::from(
        "apiVersion: hagen/v1\ncluster: large\nrevision: 1\nntp: [10.0.0.1]\nnetworks: {lan: {subnet: 10.0.0.0/16}}\ndns: {servers: [10.0.0.1]}\ndefaults: {interface: eth0}\n\
         vips:\n  api:\n    address: 10.0.255.1\n    nodes: [lb-1, lb-2]\n    vrrp: {virtualRouterId: 1}\n    services: {api: {port: 6443, backends: {role: control-plane}}}\n\
         kubernetes: {version: 1.31.4, vip: api}\nnodes:\n",
    );
    for n in 1..=3 {
        text += &format!("  cp-{n}: {{address: 10.0.1.{n}, roles: [control-plane]}}\n");
    }
    for n in 1..=2 {
        text += &format!("  lb-{n}: {{address: 10.0.2.{n}, roles: [lb]}}\n");
    }
    for n in 0..workers {
        text +=
            &format!("  worker-{n}: {{address: 10.0.{}.{}, roles: [worker]}}\n", 3 + n / 250, 1 + n % 250);
    }
    text
}

#[test]
fn a_thousand_nodes_are_proven() {
    let t = proven(&large(1000));
    assert_eq!(t.nodes.len(), 1005);
    assert_eq!(t.kubernetes.as_ref().unwrap().workers.len(), 1000);
}

#[test]
fn proving_is_deterministic() {
    for example in TopologyName::value_variants() {
        let once = format!("{:?}", prove(document(*example)));
        assert_eq!(once, format!("{:?}", prove(document(*example))), "{example:?}");
    }
}

/// A scalar of an example replaced by another one.
fn replaced() -> impl Strategy<Value = String> {
    let examples = prop::sample::select(TopologyName::value_variants());
    let values = prop::sample::select(&[
        "~",
        "''",
        "0",
        "-1",
        "99999999999",
        "[]",
        "{}",
        "[a]",
        "{role: dns}",
        "{role: lb}",
        "none",
        "true",
        "node-1",
        "127.0.0.1",
        "10.127.190.251",
        "172.29.1.200",
        "::",
        "0.0.0.0/0",
        "::/0",
        "255.255.255.255",
        "1ms",
        "5w",
        "www",
        "'@'",
        "'*'",
        "db",
        "[node-1, node-1]",
        "[node-3, node-2]",
        "[cp-1]",
        "host",
        "x.y",
    ]);
    (examples, any::<prop::sample::Index>(), values).prop_map(|(example, at, value)| {
        let text = document(example);
        let mut places = vec![];
        fn walk(node: &crate::yaml::Node, places: &mut Vec<crate::problem::Span>) {
            use crate::yaml::Value;
            places.push(node.span);
            match &node.value {
                Value::Seq(items) => items.iter().for_each(|i| walk(i, places)),
                Value::Map(pairs) => pairs.iter().for_each(|(k, v)| {
                    places.push(k.span);
                    walk(v, places);
                }),
                _ => {}
            }
        }
        walk(&parse(text).unwrap(), &mut places);
        let span = places[at.index(places.len())];
        format!("{}{value}{}", &text[..span.start], &text[span.end..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn any_value_in_any_place_is_proven_or_told(text in replaced()) {
        let (topology, problems) = prove(&text);
        prop_assert_eq!(topology.is_some(), !problems.has_errors());
        for problem in problems.iter() {
            let span = problem.span.unwrap();
            prop_assert!(span.end <= text.len() && span.start <= span.end, "{:?}", problem);
            prop_assert!(super::rules::find(problem.id).is_some(), "{:?}", problem);
            prop_assert!(problem.help.as_ref().is_some_and(|h| !h.is_empty()), "{:?}", problem);
        }
    }
}
