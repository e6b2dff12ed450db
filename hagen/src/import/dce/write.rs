//! [`DceDocument`] → `cluster.yaml`.

use std::net::IpAddr;

use super::{BootstrapNode, DceDocument, DceList, DceNode, ssh_secret};
use crate::import::common;
use crate::import::out::{Out, Writer};
use crate::import::reader::Cx;
use crate::spec::{DomainName, SecretRef};

/// One machine of the new document.
struct Machine {
    name: String,
    address: Option<IpAddr>,
    roles: Vec<&'static str>,
    from: Vec<DceNode>,
}

/// Writes the document; `standby` is the `clusterConfig.yaml` of the standby.
pub(in crate::import) fn write(document: &DceDocument, standby: Option<&DceDocument>, cx: &mut Cx) -> String {
    let cluster = document.cluster.as_ref().map_or_else(|| "my-cluster".to_owned(), |c| c.to_string());
    let domain = domain(document, standby, &cluster, cx);
    let mut machines = machines(document, cx);
    let original =
        bootstrap(&mut machines, original_address(document, standby), "tinder-1", "bootstrap", document, cx);
    let backup = standby.map(|standby| {
        let address = match &standby.bootstrap_node {
            BootstrapNode::Address(address) => Some(*address),
            _ => None,
        };
        bootstrap(&mut machines, address, "tinder-2", "backup-bootstrap", document, cx)
    });
    let switched: Vec<String> = std::iter::once(original).chain(backup).collect();

    let mut w = Writer::default();
    w.comment("Imported from a clusterConfig.yaml of DCE 5.0. What hagen had to assume says so.");
    w.pair("apiVersion", &Out::Text("hagen/v1".into()));
    let name = Out::Text(cluster);
    w.pair(
        "cluster",
        &if document.cluster.is_some() { name } else { name.note("assumed: the source names none") },
    );
    w.pair("revision", &Out::Raw("1".into()).note("raise it with every change"));
    w.pair(
        "timeZone",
        &match &document.time_zone {
            Some(zone) => Out::Text(zone.to_string()),
            None => Out::Text("UTC".into()).note("assumed: the source keeps that of the nodes"),
        },
    );
    w.pair("ntp", &ntp(document, &machines, &switched));

    let addresses = machines
        .iter()
        .filter_map(|m| m.address)
        .chain(document.name_servers.iter().copied().filter(private));
    let networks = common::networks(addresses);
    if !networks.is_empty() {
        cx.assumed(
            document.span,
            "the source names no networks",
            "write the subnets, and their gateways, as they are",
        );
        w.gap();
        w.comment("Assumed: the source names no networks. Write subnets and gateways as they are.");
        w.pair("networks", &Out::Map(networks));
    }
    name_service(&mut w, document, &domain, &switched);
    defaults(&mut w, document, cx);
    let nodes = machines.iter().map(|m| node(m, document, &switched)).collect();
    w.section("nodes", nodes);
    zones(&mut w, &domain, &switched, document.name_servers.iter().any(private));
    w.section("dce", dce(document, &domain));
    if !cx.left_out.is_empty() {
        w.gap();
        w.comment("Of the source, without a place in this document:");
        for (path, value) in &cx.left_out {
            w.comment(&format!("  {path}: {value}"));
        }
    }
    w.finish()
}

fn private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// The name of the bootstrap services.
fn domain(document: &DceDocument, standby: Option<&DceDocument>, cluster: &str, cx: &mut Cx) -> DomainName {
    let names = [Some(document), standby];
    for one in names.into_iter().flatten() {
        if let BootstrapNode::Domain(domain) = &one.bootstrap_node {
            return domain.clone();
        }
        if let Some(domain) = one.additional_name.as_ref().and_then(|n| n.value.parse().ok()) {
            return domain;
        }
    }
    let invented = format!("tinder.{cluster}.internal");
    cx.assumed(
        document.span,
        "the source names no domain for the bootstrap services",
        format!("`{invented}` is written; with a domain of your own, a standby can take over"),
    );
    invented.parse().unwrap_or_else(|_| crate::spec::words::fixed("tinder.cluster.internal"))
}

/// The address of the original: in domain mode its additional name, in address mode `bootstrapNode`.
fn original_address(document: &DceDocument, standby: Option<&DceDocument>) -> Option<IpAddr> {
    match &document.bootstrap_node {
        BootstrapNode::Address(address) => Some(*address),
        BootstrapNode::Domain(_) => {
            let own = document.additional_name.as_ref().and_then(|n| n.value.parse().ok());
            let other = standby.map(|s| &s.bootstrap_node);
            own.filter(|a| other != Some(&BootstrapNode::Address(*a)))
        }
        BootstrapNode::Auto => None,
    }
}

/// The machines of the global cluster; one that stands in several lists has several roles.
fn machines(document: &DceDocument, cx: &mut Cx) -> Vec<Machine> {
    let mut machines: Vec<Machine> = vec![];
    for node in &document.nodes {
        let role = match node.list {
            DceList::Masters => "control-plane",
            DceList::Workers => "worker",
            DceList::Etcd => "etcd",
        };
        let name = node.name.to_string();
        match machines.iter_mut().find(|m| m.name == name || m.address == Some(node.address.value)) {
            Some(known) if known.name == name && known.address == Some(node.address.value) => {
                if known.roles.contains(&role) {
                    cx.wrong(
                        node.name.span,
                        format!("the node `{name}` stands twice in one list"),
                        "keep one of the two",
                    );
                } else {
                    known.roles.push(role);
                    known.from.push(node.clone());
                }
            }
            Some(known) => {
                let message =
                    format!("`{name}` ({}) and `{}` share a name or an address", node.address, known.name);
                cx.wrong(node.name.span, message, "give every node its own name and address");
            }
            None => machines.push(Machine {
                name,
                address: Some(node.address.value),
                roles: vec![role],
                from: vec![node.clone()],
            }),
        }
    }
    machines
}

/// Gives a machine the role of a bootstrap node, and returns its name.
fn bootstrap(
    machines: &mut Vec<Machine>,
    address: Option<IpAddr>,
    name: &str,
    role: &'static str,
    document: &DceDocument,
    cx: &mut Cx,
) -> String {
    if let Some(known) = address.and_then(|a| machines.iter_mut().find(|m| m.address == Some(a))) {
        known.roles.insert(0, role);
        return known.name.clone();
    }
    if address.is_none() {
        let help = "write it at the node in the new document: `hagen check` shows the place";
        cx.assumed(
            document.span,
            format!("the source does not say the address of the node with the role `{role}`"),
            help,
        );
    }
    let mut free = name.to_owned();
    while machines.iter().any(|m| m.name == free) {
        free.push_str("-bootstrap");
    }
    machines.insert(
        usize::from(role == "backup-bootstrap").min(machines.len()),
        Machine { name: free.clone(), address, roles: vec![role], from: vec![] },
    );
    free
}

fn ntp(document: &DceDocument, machines: &[Machine], switched: &[String]) -> Out {
    if !document.ntp.is_empty() {
        return Out::Words(document.ntp.iter().map(|s| s.to_string()).collect());
    }
    let original = machines.iter().find(|m| switched.first() == Some(&m.name));
    let source =
        original.map_or_else(String::new, |m| m.address.map_or_else(|| m.name.clone(), |a| a.to_string()));
    Out::Words(vec![source])
        .note("assumed: the source names no time source; this node serves time to the others")
}

fn name_service(w: &mut Writer, document: &DceDocument, domain: &DomainName, switched: &[String]) {
    let servers: Vec<String> =
        document.name_servers.iter().filter(|a| private(a)).map(|a| a.to_string()).collect();
    w.gap();
    if servers.is_empty() {
        w.comment(&format!(
            "Assumed: the source says nothing about name servers. The zone of {domain} is served by\n\
             {} (role `dns`). Move the role to other nodes, or, when a name server outside serves\n\
             the zone, name that in `dns.servers` and write `external: true` at the zone.",
            switched.join(" and ")
        ));
    } else {
        w.pair("dns", &Out::Map(vec![("servers".into(), Out::Words(servers))]));
    }
}

fn ssh(node: &DceNode, document: &DceDocument) -> Vec<(String, Out)> {
    let mut out = vec![];
    if let Some(user) = &node.user {
        out.push(("user".into(), Out::Text(user.to_string())));
    }
    if let Some(port) = node.ssh_port.filter(|p| *p != 22) {
        out.push(("port".into(), Out::Raw(port.to_string())));
    }
    // With a private key the installer uses no passwords.
    if let Some(SecretRef::Env(name)) =
        node.password.filter(|_| document.private_key_path.is_none()).map(ssh_secret)
    {
        out.push(("password".into(), Out::Env(name)));
    }
    if let Some(args) = &node.extra_args {
        out.push(("extraArgs".into(), Out::Text(args.to_string())));
    }
    out
}

/// The access that most nodes share: that of the first one.
fn common_ssh(document: &DceDocument) -> Vec<(String, Out)> {
    let mut pairs = document.nodes.first().map(|n| ssh(n, document)).unwrap_or_default();
    pairs.retain(|(key, _)| key != "extraArgs");
    pairs
}

fn defaults(w: &mut Writer, document: &DceDocument, cx: &mut Cx) {
    let hint: String = document
        .sections
        .iter()
        .filter(|(key, _)| key == "osRepos")
        .map(|(_, out)| format!("{out:?}"))
        .collect();
    let os = match common::os(&hint) {
        Some(os) => Out::Text(os.into()),
        None => {
            cx.assumed(
                document.span,
                "the source does not name the system of the nodes",
                "`centos-7.9` is written",
            );
            Out::Text("centos-7.9".into()).note("assumed: the source does not name the system")
        }
    };
    cx.assumed(
        document.span,
        "the source names no interfaces",
        "`eth0` is written; `mac` finds an interface by its address",
    );
    let mut pairs = vec![
        ("os".into(), os),
        ("interface".into(), Out::Text("eth0".into()).note("assumed: the source names no interfaces")),
    ];
    let ssh = common_ssh(document);
    if ssh.iter().any(|(key, _)| key == "password") {
        cx.problems.push(crate::problem::Problem {
            span: None,
            ..crate::problem::Problem::note(
                "IMP-4",
                document.span,
                "the passwords of the source are not in the document",
            )
            .help("set DCE_SSH_PASSWORD (and what else `hagen bundle` asks for) to their values")
        });
    }
    if !ssh.is_empty() {
        pairs.push(("ssh".into(), Out::Map(ssh)));
    }
    w.section("defaults", pairs);
}

fn node(machine: &Machine, document: &DceDocument, switched: &[String]) -> (String, Out) {
    let address = match machine.address {
        Some(address) => Out::Text(address.to_string()),
        None => Out::Raw(String::new()).note("to be written: the source does not say it"),
    };
    let mut roles: Vec<String> = machine.roles.iter().map(|r| (*r).to_owned()).collect();
    let inside = document.name_servers.iter().any(private);
    if switched.contains(&machine.name) && !inside {
        roles.push("dns".into());
    }
    let mut pairs = vec![("address".into(), address), ("roles".into(), Out::Words(roles))];
    if let Some(from) = machine.from.first() {
        let own = ssh(from, document);
        if own != common_ssh(document) {
            pairs.push(("ssh".into(), Out::Map(own)));
        }
        let labels: Vec<(String, Out)> = machine
            .from
            .iter()
            .flat_map(|n| &n.labels)
            .map(|(k, v)| (k.to_string(), Out::Text(v.to_string())))
            .collect();
        let taints: Vec<String> =
            machine.from.iter().flat_map(|n| &n.taints).map(|t| t.to_string()).collect();
        if !labels.is_empty() {
            pairs.push(("labels".into(), Out::Map(labels)));
        }
        if !taints.is_empty() {
            pairs.push(("taints".into(), Out::Words(taints)));
        }
    }
    (machine.name.clone(), Out::Map(pairs))
}

fn zones(w: &mut Writer, domain: &DomainName, switched: &[String], external: bool) {
    // A zone has two labels at least; the record is what stands before it.
    let (record, zone) = match domain.as_str().split_once('.') {
        Some((record, zone)) if zone.contains('.') => (record, zone),
        _ => ("@", domain.as_str()),
    };
    let target = match switched {
        [only] => {
            vec![("node".into(), Out::Text(only.clone()).note("a standby: `switch: [ORIGINAL, STANDBY]`"))]
        }
        several => vec![("switch".into(), Out::Words(several.to_vec()).note("the original first"))],
    };
    let switch = Out::Map(target);
    let mut pairs = vec![("records".into(), Out::Map(vec![(record.to_owned(), switch)]))];
    if external {
        let note = "the source names name servers: they serve it, and the record is switched there";
        pairs.insert(0, ("external".into(), Out::Raw("true".into()).note(note)));
    }
    w.section("zones", vec![(zone.to_owned(), Out::Map(pairs))]);
}

fn dce(document: &DceDocument, domain: &DomainName) -> Vec<(String, Out)> {
    let mut pairs: Vec<(String, Out)> = vec![
        ("apiVersion".into(), Out::Text(document.api_version.to_string())),
        ("domain".into(), Out::Text(domain.to_string())),
    ];
    if let Some(path) = &document.private_key_path {
        pairs.push(("privateKeyPath".into(), Out::Text(path.to_string())));
    }
    pairs.push((
        "fullPackagePath".into(),
        match &document.full_package_path {
            Some(path) => Out::Text(path.to_string()),
            None => Out::Raw(String::new()).note("to be written: needed offline"),
        },
    ));
    pairs.extend(document.sections.iter().cloned());
    pairs
}
