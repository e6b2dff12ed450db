//! [`OcbootInventory`] → `cluster.yaml`.

use std::net::IpAddr;

use super::{Host, OcbootInventory};
use crate::import::common;
use crate::import::out::{Out, Writer};
use crate::import::reader::Cx;

/// ocboot's virtual router id for the pair's VIP.
const DATABASE_ROUTER_ID: u8 = 92;

/// One machine of the new document.
struct Machine {
    name: String,
    host: Host,
    roles: Vec<&'static str>,
    /// Part of the highly available control plane.
    ha: bool,
}

/// Writes the document.
pub(in crate::import) fn write(inventory: &OcbootInventory, cx: &mut Cx) -> String {
    let mut machines = machines(inventory, cx);
    let database_nodes = database_nodes(inventory, &mut machines, cx);
    let mut w = Writer::default();
    w.comment("Imported from an inventory of Cloudpods' ocboot. What hagen had to assume says so.");
    w.pair("apiVersion", &Out::Text("hagen/v1".into()));
    w.pair("cluster", &Out::Text("cloudpods".into()).note("assumed: the source names none"));
    w.pair("revision", &Out::Raw("1".into()).note("raise it with every change"));
    w.pair("timeZone", &Out::Text("UTC".into()).note("assumed: the source keeps that of the nodes"));
    w.pair("ntp", &ntp(inventory));

    let vips =
        [vip_address(inventory), inventory.database.as_ref().and_then(|d| d.vip.as_ref().map(|v| v.value))];
    let networks =
        common::networks(machines.iter().map(|m| m.host.address.value).chain(vips.into_iter().flatten()));
    cx.assumed(
        inventory.span,
        "the source names no networks",
        "write the subnets, and their gateways, as they are",
    );
    w.gap();
    w.comment("Assumed: the source names no networks. Write subnets and gateways as they are.");
    w.pair("networks", &Out::Map(networks));
    w.gap();
    w.comment("To be written: the source names no name servers; this is the first node.");
    let server = inventory.primary.host.address.to_string();
    cx.assumed(
        inventory.span,
        "the source names no name servers",
        "the first node is written; name the real ones",
    );
    w.pair("dns", &Out::Map(vec![("servers".into(), Out::Words(vec![server]))]));
    defaults(&mut w, &machines, inventory, cx);
    w.section("nodes", machines.iter().map(|m| node(m, &machines[0].host)).collect());
    w.section("vips", vip_section(inventory, &machines, &database_nodes, cx));
    w.section("databases", vec![("onecloud".into(), Out::Map(database(inventory, &database_nodes, cx)))]);
    w.section("cloudpods", cloudpods(inventory, &machines));
    if !cx.left_out.is_empty() {
        w.gap();
        w.comment("Of the source, without a place in this document:");
        for (path, value) in &cx.left_out {
            w.comment(&format!("  {path}: {value}"));
        }
    }
    w.finish()
}

fn machines(inventory: &OcbootInventory, cx: &mut Cx) -> Vec<Machine> {
    let mut machines: Vec<Machine> = vec![];
    let mut add = |host: &Host, roles: Vec<&'static str>, ha: bool, cx: &mut Cx| {
        if machines.iter().any(|m| m.host.address == host.address) {
            cx.wrong(
                host.address.span,
                format!("the node {} stands twice", host.address),
                "keep one of the two",
            );
            return;
        }
        let name = format!("node-{}", machines.len() + 1);
        machines.push(Machine { name, host: host.clone(), roles, ha });
    };
    let agent = |yes: bool| if yes { Some("host") } else { None };
    let primary = &inventory.primary;
    let roles = ["first-node", "controller"].into_iter().chain(agent(primary.as_host)).collect();
    add(&primary.host, roles, primary.high_availability, cx);
    for (group, controllers) in [(&inventory.masters, true), (&inventory.workers, false)] {
        let Some(group) = group else { continue };
        let controller = group.as_controller.unwrap_or(controllers);
        for host in &group.hosts {
            // Workers run the host agent unless they say otherwise.
            let runs_agent = group.as_host.unwrap_or(!controllers);
            let roles = controller.then_some("controller").into_iter().chain(agent(runs_agent)).collect();
            add(host, roles, group.high_availability && controller, cx);
        }
    }
    machines
}

/// Gives nodes the role of a database, and returns their names.
fn database_nodes(inventory: &OcbootInventory, machines: &mut Vec<Machine>, cx: &mut Cx) -> Vec<String> {
    let mut hosts: Vec<Host> = inventory.database.as_ref().map(|d| d.hosts.clone()).unwrap_or_default();
    if hosts.is_empty() {
        let Some(db_host) = &inventory.primary.db_host else {
            cx.wrong(inventory.span, "the source does not say where the database is", "add `db_host`");
            return vec![];
        };
        if !machines.iter().any(|m| m.host.address == *db_host) {
            let help = "it is written as a single server; when it is the VIP of a pair, write the two nodes and the VIP";
            cx.assumed(db_host.span, format!("the database at {db_host} is not in the inventory"), help);
        }
        hosts.push(Host { address: *db_host, user: None, ssh_port: None, nic: None, bridge: None });
    }
    let mut names = vec![];
    for host in hosts {
        match machines.iter_mut().find(|m| m.host.address == host.address) {
            Some(known) => {
                known.roles.push("database");
                names.push(known.name.clone());
            }
            None => {
                let number = machines.iter().filter(|m| m.name.starts_with("db-")).count() + 1;
                names.push(format!("db-{number}"));
                machines.push(Machine {
                    name: format!("db-{number}"),
                    host,
                    roles: vec!["database"],
                    ha: false,
                });
            }
        }
    }
    names
}

/// The platform's VIP, where there is one.
fn vip_address(inventory: &OcbootInventory) -> Option<IpAddr> {
    let primary = &inventory.primary;
    let address = primary.control_plane_host.as_ref().map(|c| c.value);
    address.filter(|a| *a != primary.host.address.value)
}

fn ntp(inventory: &OcbootInventory) -> Out {
    let groups = [&inventory.masters, &inventory.workers];
    match groups.into_iter().flatten().find_map(|g| g.ntp.as_ref()) {
        Some(server) => Out::Words(vec![server.to_string()]),
        None => Out::Words(vec![inventory.primary.host.address.to_string()])
            .note("assumed: the source names no time source; the first node serves time to the others"),
    }
}

fn ssh(host: &Host) -> Vec<(String, Out)> {
    let mut out = vec![];
    if let Some(user) = host.user.as_ref().filter(|u| u.as_str() != "root") {
        out.push(("user".into(), Out::Text(user.to_string())));
    }
    if let Some(port) = host.ssh_port.filter(|p| *p != 22) {
        out.push(("port".into(), Out::Raw(port.to_string())));
    }
    out
}

fn defaults(w: &mut Writer, machines: &[Machine], inventory: &OcbootInventory, cx: &mut Cx) {
    cx.assumed(inventory.span, "the source does not name the system of the nodes", "`rocky-9` is written");
    let nic = machines.first().and_then(|m| m.host.nic.as_ref());
    let interface = match nic {
        Some(nic) => Out::Text(nic.to_string()),
        None => {
            cx.assumed(inventory.span, "the source names no interfaces", "`eth0` is written");
            Out::Text("eth0".into()).note("assumed: the source names no interfaces")
        }
    };
    let mut pairs = vec![
        ("os".into(), Out::Text("rocky-9".into()).note("assumed: the source does not name the system")),
        ("interface".into(), interface),
    ];
    let ssh = machines.first().map(|m| ssh(&m.host)).unwrap_or_default();
    if !ssh.is_empty() {
        pairs.push(("ssh".into(), Out::Map(ssh)));
    }
    w.section("defaults", pairs);
}

fn node(machine: &Machine, first: &Host) -> (String, Out) {
    let roles = machine.roles.iter().map(|r| (*r).to_owned()).collect();
    let mut pairs = vec![
        ("address".into(), Out::Text(machine.host.address.to_string())),
        ("roles".into(), Out::Words(roles)),
    ];
    if let Some(nic) = machine.host.nic.as_ref().filter(|nic| Some(*nic) != first.nic.as_ref()) {
        pairs.push(("interface".into(), Out::Text(nic.to_string())));
    }
    let own = ssh(&machine.host);
    if own != ssh(first) {
        pairs.push(("ssh".into(), Out::Map(own)));
    }
    (machine.name.clone(), Out::Map(pairs))
}

fn service(port: u16, more: Vec<(String, Out)>) -> Out {
    Out::Map([vec![("port".into(), Out::Raw(port.to_string()))], more].concat())
}

fn vip_section(
    inventory: &OcbootInventory,
    machines: &[Machine],
    database_nodes: &[String],
    cx: &mut Cx,
) -> Vec<(String, Out)> {
    let mut vips = vec![];
    if database_nodes.len() > 1 {
        vips.push(("db".to_owned(), Out::Map(database_vip(inventory, database_nodes, cx))));
    }
    let mut members: Vec<String> = machines.iter().filter(|m| m.ha).map(|m| m.name.clone()).collect();
    if members.is_empty() {
        members =
            machines.iter().filter(|m| m.roles.contains(&"controller")).map(|m| m.name.clone()).collect();
    }
    let address = match vip_address(inventory) {
        Some(address) => Out::Text(address.to_string()),
        None => {
            let message =
                "the source has no VIP for the platform: `controlplane_host` is the first node itself";
            cx.assumed(inventory.span, message, "write a free address of the network into the new document");
            Out::Raw(String::new()).note("to be written: the source has none")
        }
    };
    let port = inventory.primary.control_plane_port.map_or(6443, |p| p.get());
    let check = Out::Map(vec![
        ("type".into(), Out::Text("https".into())),
        ("path".into(), Out::Text("/healthz".into())),
    ]);
    let services = Out::Map(vec![
        ("apiserver".into(), service(port, vec![("check".into(), check)])),
        ("console".into(), service(443, vec![])),
    ]);
    let platform = vec![
        ("address".into(), address),
        ("nodes".into(), Out::Words(members)),
        (
            "owner".into(),
            Out::Text("platform".into()).note("ocboot brings its own keepalived for this address"),
        ),
        ("balancer".into(), Out::Text("none".into())),
        ("services".into(), services),
    ];
    vips.push(("platform".to_owned(), Out::Map(platform)));
    vips
}

fn database_vip(inventory: &OcbootInventory, nodes: &[String], cx: &mut Cx) -> Vec<(String, Out)> {
    let database = inventory.database.as_ref();
    let address = match database.and_then(|d| d.vip.as_ref()) {
        Some(vip) => Out::Text(vip.to_string()),
        None => {
            cx.assumed(
                inventory.span,
                "the source has no VIP for the pair of databases",
                "write it into the new document",
            );
            Out::Raw(String::new()).note("to be written: the source has none")
        }
    };
    let port = database.and_then(|d| d.port).map_or(3306, |p| p.get());
    let id = Out::Raw(DATABASE_ROUTER_ID.to_string()).note("ocboot's own for this VIP");
    let mut pairs = vec![
        ("address".into(), address),
        ("nodes".into(), Out::Words(nodes.to_vec())),
        ("balancer".into(), Out::Text("none".into())),
        ("vrrp".into(), Out::Map(vec![("virtualRouterId".into(), id)])),
        ("services".into(), Out::Map(vec![("mariadb".into(), service(port, vec![]))])),
    ];
    // On a node with the host agent the address moves to the bridge; hagen knows.
    let nics: Vec<_> = database.iter().flat_map(|d| &d.hosts).filter_map(|h| h.nic.as_ref()).collect();
    if let Some(nic) = database.and_then(|d| d.nic.as_ref()).filter(|_| nics.is_empty()) {
        let first = inventory.primary.host.nic.as_ref();
        if first.is_some_and(|f| f != nic) && !inventory.primary.as_host {
            pairs.insert(2, ("interface".into(), Out::Text(nic.to_string())));
        }
    }
    pairs
}

fn database(inventory: &OcbootInventory, nodes: &[String], cx: &mut Cx) -> Vec<(String, Out)> {
    let database = inventory.database.as_ref();
    let mut pairs = vec![("nodes".to_owned(), Out::Words(nodes.to_vec()))];
    if nodes.len() > 1 {
        pairs.push(("vip".into(), Out::Text("db".into())));
    }
    let port = database.and_then(|d| d.port).or(inventory.primary.db_port);
    if let Some(port) = port.filter(|p| p.get() != 3306) {
        pairs.push(("port".into(), Out::Raw(port.to_string())));
    }
    let user = inventory.primary.db_user.as_ref().or(database.and_then(|d| d.user.as_ref()));
    let user = match user {
        Some(user) if user.as_str() != "root" => Out::Text(user.to_string()),
        _ => {
            let span = user.map_or(inventory.span, |u| u.span);
            cx.assumed(
                span,
                "the platform uses the account `root`, which stays local on hagen's databases",
                "`onecloud` is written",
            );
            Out::Text("onecloud".into()).note("the source uses root, which stays local here")
        }
    };
    pairs.push(("user".into(), user));
    pairs.push(("password".into(), Out::Env("CLOUDPODS_DB_PASSWORD".into())));
    if nodes.len() > 1 {
        pairs.push(("replicationPassword".into(), Out::Env("CLOUDPODS_REPL_PASSWORD".into())));
    }
    pairs
}

fn cloudpods(inventory: &OcbootInventory, machines: &[Machine]) -> Vec<(String, Out)> {
    let primary = &inventory.primary;
    let mut pairs = primary.settings.clone();
    pairs.push(("vip".into(), Out::Text("platform".into())));
    pairs.push(("database".into(), Out::Text("onecloud".into())));
    let controllers = machines.iter().filter(|m| m.roles.contains(&"controller"));
    let ha: Vec<String> = controllers.clone().filter(|m| m.ha).map(|m| m.name.clone()).collect();
    if !ha.is_empty() && ha.len() < controllers.count() {
        pairs.push((
            "haControllers".into(),
            Out::Words(ha).note("the others are control planes without the VIP"),
        ));
    }
    if let Some(port) = primary.control_plane_port.filter(|p| p.get() != 6443) {
        pairs.push(("controlPlanePort".into(), Out::Raw(port.to_string())));
    }
    let bridge = machines.iter().find_map(|m| m.host.bridge.as_ref());
    if let Some(bridge) = bridge.filter(|b| b.as_str() != "br0") {
        pairs.push(("bridge".into(), Out::Text(bridge.to_string())));
    }
    pairs
}
