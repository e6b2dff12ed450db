//! An inventory of Cloudpods' ocboot, as it was written.

mod write;

use std::net::IpAddr;

pub(super) use write::write;

use super::out::Out;
use super::reader::{Cx, Form, Table, carry};
use crate::problem::Span;
use crate::spec::{InterfaceName, NtpServer, Port, Word};
use crate::yaml::{Node, Spanned};

/// What an inventory says, every value in its form.
#[derive(Clone, Debug)]
pub struct OcbootInventory {
    /// `primary_master_node`.
    pub primary: Primary,
    /// `master_nodes`.
    pub masters: Option<Group>,
    /// `worker_nodes`.
    pub workers: Option<Group>,
    /// `mariadb_node` or `mariadb_ha_nodes`; absent when the database is somewhere else.
    pub database: Option<Database>,
    /// Where the file begins, for what is missing.
    span: Span,
}

/// A node as ocboot reaches it.
#[derive(Clone, Debug)]
pub struct Host {
    /// `node_ip`, else `hostname`.
    pub address: Spanned<IpAddr>,
    /// `user`.
    pub user: Option<Word>,
    /// `port`.
    pub ssh_port: Option<u16>,
    /// The NIC of `host_networks`.
    pub nic: Option<InterfaceName>,
    /// The bridge of `host_networks`.
    pub bridge: Option<InterfaceName>,
}

/// The first node.
#[derive(Clone, Debug)]
pub struct Primary {
    /// The node.
    pub host: Host,
    /// `controlplane_host`: the VIP where the platform is highly available.
    pub control_plane_host: Option<Spanned<IpAddr>>,
    /// `controlplane_port`.
    pub control_plane_port: Option<Port>,
    /// `high_availability`.
    pub high_availability: bool,
    /// `as_host`.
    pub as_host: bool,
    /// `db_host`.
    pub db_host: Option<Spanned<IpAddr>>,
    /// `db_port`.
    pub db_port: Option<Port>,
    /// `db_user`.
    pub db_user: Option<Spanned<Word>>,
    /// Keys of hagen's `cloudpods`.
    settings: Vec<(String, Out)>,
}

/// `master_nodes` or `worker_nodes`.
#[derive(Clone, Debug)]
pub struct Group {
    /// `hosts`.
    pub hosts: Vec<Host>,
    /// `as_controller`.
    pub as_controller: Option<bool>,
    /// `as_host`.
    pub as_host: Option<bool>,
    /// `high_availability`.
    pub high_availability: bool,
    /// `ntpd_server`.
    pub ntp: Option<NtpServer>,
}

/// A database that ocboot installs.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its nodes: one, or a pair.
    pub hosts: Vec<Host>,
    /// `db_vip` of a pair.
    pub vip: Option<Spanned<IpAddr>>,
    /// `db_nic`.
    pub nic: Option<InterfaceName>,
    /// `db_port`.
    pub port: Option<Port>,
    /// `db_user`.
    pub user: Option<Spanned<Word>>,
}

const ADDRESS: &str = "an IP address such as `10.127.190.251`";
const PORT: &str = "a port, 1 to 65535";

impl OcbootInventory {
    /// Reads an inventory as far as it goes; what cannot be used is in `cx`.
    pub(super) fn read(root: &Node, cx: &mut Cx) -> Option<Self> {
        let mut top = Table::open(root, "", cx)?;
        if !top.has("primary_master_node") {
            let help = "name an inventory with `primary_master_node`";
            cx.wrong(root.span, "this is no inventory of ocboot that installs a platform", help);
            return None;
        }
        let mut table = top.table("primary_master_node", cx)?;
        let primary = primary(&mut table, cx);
        table.close(cx);
        let masters = group(&mut top, "master_nodes", cx);
        let workers = group(&mut top, "worker_nodes", cx);
        let database = database(&mut top, cx);
        let span = top.span;
        top.close(cx);
        Some(Self { primary: primary?, masters, workers, database, span })
    }
}

fn host(table: &mut Table, cx: &mut Cx) -> Option<Host> {
    // `use_local` makes ocboot install the node that it runs on, by `node_ip`.
    table.take("use_local");
    let key = if table.has("hostname") { "hostname" } else { "host" };
    let hostname: Option<Spanned<IpAddr>> = table.parsed(key, ADDRESS, cx);
    let node_ip: Option<Spanned<IpAddr>> = table.parsed("node_ip", ADDRESS, cx);
    if let (Some(ssh), Some(node)) = (&hostname, &node_ip)
        && ssh != node
    {
        let message = format!("the node is reached at {ssh}, and works at {node}");
        cx.assumed(ssh.span, message, "hagen has one address for both: that of `node_ip` is written");
    }
    let networks = table.text("host_networks", cx);
    let mut parts = networks.iter().flat_map(|n| n.value.split('/'));
    let (nic, bridge) =
        (parts.next().and_then(|n| n.parse().ok()), parts.next().and_then(|b| b.parse().ok()));
    if let Some(networks) = networks.as_ref().filter(|_| nic.is_none() || bridge.is_none()) {
        cx.wrong(
            networks.span,
            "`host_networks` is not `NIC/BRIDGE/ADDRESS`",
            "write such as `eth0/br0/10.127.190.251`",
        );
    }
    let address = node_ip.or(hostname);
    if address.is_none() {
        cx.wrong(table.span, "a node without `hostname`", "add its address");
    }
    let user = table.parsed("user", "a user name", cx).map(|u| u.value);
    let ssh_port = table.parsed("port", PORT, cx).map(|p| p.value);
    Some(Host { address: address?, user, ssh_port, nic, bridge })
}

fn primary(table: &mut Table, cx: &mut Cx) -> Option<Primary> {
    let host = host(table, cx);
    table.secret("db_password", cx);
    let carried: &[(&str, &str, Form)] = &[
        ("onecloud_version", "version", Form::Word),
        ("product_version", "productVersion", Form::Word),
        ("image_repository", "imageRepository", Form::Word),
        ("ha_using_local_registry", "localRegistry", Form::Flag),
        ("enable_minio", "minio", Form::Flag),
        ("region", "region", Form::Word),
        ("zone", "zone", Form::Word),
        ("as_host_on_vm", "hostOnVm", Form::Flag),
        ("ip_autodetection_method", "ipAutodetectionMethod", Form::Word),
    ];
    let settings = carry(table, carried, cx);
    if !settings.iter().any(|(key, _)| key == "version") {
        cx.wrong(table.span, "`primary_master_node` has no `onecloud_version`", "add it");
    }
    Some(Primary {
        control_plane_host: table.parsed("controlplane_host", ADDRESS, cx),
        control_plane_port: table.parsed("controlplane_port", PORT, cx).map(|p| p.value),
        high_availability: flag(table, "high_availability", cx).unwrap_or(false),
        as_host: flag(table, "as_host", cx).unwrap_or(false),
        db_host: table.parsed("db_host", ADDRESS, cx),
        db_port: table.parsed("db_port", PORT, cx).map(|p| p.value),
        db_user: table.parsed("db_user", "a user name", cx),
        settings,
        host: host?,
    })
}

fn flag(table: &mut Table, key: &str, cx: &mut Cx) -> Option<bool> {
    table.parsed(key, "`true` or `false`", cx).map(|f| f.value)
}

fn hosts(table: &mut Table, cx: &mut Cx) -> Vec<Host> {
    let mut hosts = vec![];
    for (index, item) in table.list("hosts").into_iter().enumerate() {
        let path = table.at(&format!("hosts[{index}]"));
        let Some(mut inner) = Table::open(item, &path, cx) else { continue };
        hosts.extend(host(&mut inner, cx));
        inner.close(cx);
    }
    hosts
}

fn group(top: &mut Table, key: &str, cx: &mut Cx) -> Option<Group> {
    if !top.has(key) {
        return None;
    }
    let mut table = top.table(key, cx)?;
    // The same for all groups: those of the first node count.
    table.take("controlplane_host");
    table.take("controlplane_port");
    table.take("as_host_on_vm");
    let group = Group {
        hosts: hosts(&mut table, cx),
        as_controller: flag(&mut table, "as_controller", cx),
        as_host: flag(&mut table, "as_host", cx),
        high_availability: flag(&mut table, "high_availability", cx).unwrap_or(false),
        ntp: table.parsed("ntpd_server", "an address or a host name", cx).map(|n| n.value),
    };
    table.close(cx);
    Some(group)
}

fn database(top: &mut Table, cx: &mut Cx) -> Option<Database> {
    let pair = top.has("mariadb_ha_nodes");
    let key = if pair { "mariadb_ha_nodes" } else { "mariadb_node" };
    if !top.has(key) {
        return None;
    }
    let mut table = top.table(key, cx)?;
    table.secret("db_password", cx);
    let database = Database {
        vip: table.parsed("db_vip", ADDRESS, cx),
        nic: table.parsed("db_nic", "an interface name", cx).map(|n| n.value),
        port: table.parsed("db_port", PORT, cx).map(|p| p.value),
        user: table.parsed("db_user", "a user name", cx),
        hosts: if pair { hosts(&mut table, cx) } else { host(&mut table, cx).into_iter().collect() },
    };
    table.close(cx);
    Some(database)
}
