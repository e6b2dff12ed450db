//! Inventories of ocboot, in the order of its own generator.

use crate::plan::cloudpods::{Group, Host, Inventory, PrimaryMaster};
use crate::render::ordered::{Object, Value};

pub(super) fn inventory(i: &Inventory) -> Object {
    Object::default()
        .with("primary_master_node", primary(&i.primary))
        .with_some("master_nodes", i.masters.as_ref().map(group))
        .with_some("worker_nodes", i.workers.as_ref().map(group))
}

fn networks(host: &Host) -> Option<String> {
    host.network.as_ref().map(|n| format!("{}/{}/{}", n.nic, n.bridge, host.address))
}

fn primary(p: &PrimaryMaster) -> Object {
    // Ports are strings to ocboot, except that of SSH.
    Object::default()
        .with("hostname", p.host.address.to_string())
        .with("use_local", false)
        .with("user", p.host.user.as_str())
        .with("port", p.host.ssh_port.get())
        .with("onecloud_version", p.version.as_str())
        .with("db_host", p.db_host.to_string())
        .with("db_user", p.db_user.as_str())
        .with("db_password", p.db_password.expose())
        .with("db_port", p.db_port.to_string())
        .with("node_ip", p.host.address.to_string())
        .with("ip_autodetection_method", p.ip_autodetection_method.as_str())
        .with("controlplane_host", p.control_plane_host.to_string())
        .with("controlplane_port", p.control_plane_port.to_string())
        .with("as_host", p.as_host)
        .with("as_host_on_vm", p.as_host_on_vm)
        .with("product_version", p.product_version.as_str())
        .with("image_repository", p.image_repository.as_str())
        .with("high_availability", p.high_availability)
        .with("enable_minio", p.minio)
        .with("ha_using_local_registry", p.local_registry)
        .with_some("host_networks", networks(&p.host))
        .with("region", p.region.as_str())
        .with("zone", p.zone.as_str())
}

fn group(g: &Group) -> Object {
    let host = |h: &Host| {
        Object::default()
            .with("user", h.user.as_str())
            .with("hostname", h.address.to_string())
            .with("port", h.ssh_port.get())
            .with("node_ip", h.address.to_string())
            .with_some("host_networks", networks(h))
    };
    Object::default()
        .with("controlplane_host", g.control_plane_host.to_string())
        .with("controlplane_port", g.control_plane_port.to_string())
        .with_some("as_controller", g.as_controller.then_some(true))
        .with("as_host", g.as_host)
        .with("as_host_on_vm", g.as_host_on_vm)
        .with_some("ntpd_server", g.ntp_server.as_ref().map(|s| s.as_str()))
        .with("high_availability", g.high_availability)
        .with("hosts", g.hosts.iter().map(host).collect::<Value>())
}
