//! Topology → Cloudpods' plan for a node.

use super::*;
use crate::plan::Input;
use crate::spec::Role;
use crate::spec::words::fixed;
use crate::topology::{self, Node};

/// Folder into which ocboot is unpacked on the first node.
const OCBOOT_DIR: &str = "/opt/ocboot";

/// What a controller of Cloudpods gets; nothing on other nodes.
pub fn decide(input: &Input) -> Option<Cloudpods> {
    let topology = input.topology;
    let cloudpods = topology.cloudpods.as_ref()?;
    let name = &input.node.name;
    if *name != cloudpods.first && !cloudpods.controllers.contains(name) {
        return None;
    }
    let first = topology.node(&cloudpods.first)?;
    let installer = (*name == cloudpods.first).then(|| installer(input, cloudpods, first)).flatten();
    Some(Cloudpods {
        installer,
        controller: controller(input, cloudpods),
        platform: platform(input, cloudpods, first)?,
    })
}

fn listed<'t>(input: &Input<'t>, names: &[Name]) -> Vec<&'t Node> {
    names.iter().filter_map(|n| input.topology.node(n)).collect()
}

fn peer(node: &Node) -> Peer {
    Peer {
        name: node.name.clone(),
        address: node.address,
        user: node.ssh.user.clone(),
        ssh_port: node.ssh.port,
    }
}

fn host(node: &Node) -> Host {
    // The bridge is there exactly where the node runs the host agent.
    let network = node.bridge.clone().map(|bridge| HostNetwork { nic: node.interface.clone(), bridge });
    Host { address: node.address, user: node.ssh.user.clone(), ssh_port: node.ssh.port, network }
}

fn installer(input: &Input, cloudpods: &topology::Cloudpods, first: &Node) -> Option<Installer> {
    let database = input.topology.databases.get(&cloudpods.database)?;
    let others = [cloudpods.controllers.as_slice(), &cloudpods.hosts].concat();
    Some(Installer {
        ocboot_dir: fixed(OCBOOT_DIR),
        inventories: inventories(input, cloudpods, first, database),
        others: listed(input, &others).into_iter().map(peer).collect(),
        private_key: first.ssh.private_key_path.clone(),
        vip: cloudpods.vip_address,
        database: (database.address, database.port),
    })
}

/// One inventory for each kind of controllers, those of the VIP first; the compute nodes come with the last.
fn inventories(
    input: &Input,
    cloudpods: &topology::Cloudpods,
    first: &Node,
    database: &topology::Database,
) -> Vec<Inventory> {
    let primary = primary(input, cloudpods, first, database);
    let controllers = listed(input, &cloudpods.controllers);
    let mut runs: Vec<(&str, Option<Group>)> = vec![];
    for (file, ha, as_host) in [
        ("ha-controllers-with-hosts", true, true),
        ("ha-controllers", true, false),
        ("controllers-with-hosts", false, true),
        ("controllers", false, false),
    ] {
        let kind = |n: &&&Node| cloudpods.ha.contains(&n.name) == ha && n.has(Role::Host) == as_host;
        let hosts: Vec<Host> = controllers.iter().filter(kind).map(|n| host(n)).collect();
        if !hosts.is_empty() {
            runs.push((
                file,
                Some(Group {
                    as_controller: true,
                    as_host,
                    high_availability: ha,
                    ..group(input, cloudpods, hosts)
                }),
            ));
        }
    }
    if runs.is_empty() {
        runs.push(("first-node", None));
    }
    let workers: Vec<Host> = listed(input, &cloudpods.hosts).into_iter().map(host).collect();
    let mut workers = (!workers.is_empty()).then(|| group(input, cloudpods, workers));
    let last = runs.len();
    runs.into_iter()
        .zip(1..)
        .map(|((file, masters), number)| Inventory {
            file: format!("{number}-{file}.yml"),
            primary: primary.clone(),
            masters,
            workers: if number == last { workers.take() } else { None },
        })
        .collect()
}

fn primary(
    input: &Input,
    cloudpods: &topology::Cloudpods,
    first: &Node,
    database: &topology::Database,
) -> PrimaryMaster {
    let spec = &cloudpods.spec;
    let reach = || format!("can-reach={}", first.address).parse().unwrap_or_else(|_| fixed("first-found"));
    PrimaryMaster {
        host: host(first),
        version: spec.version.value.clone(),
        db_host: database.address,
        db_user: database.spec.user.value.clone(),
        db_password: input.secrets.value(&database.spec.password),
        db_port: database.port,
        ip_autodetection_method: spec.ip_autodetection_method.clone().unwrap_or_else(reach),
        control_plane_host: cloudpods.vip_address,
        control_plane_port: spec.control_plane_port,
        as_host: first.has(Role::Host),
        as_host_on_vm: spec.host_on_vm,
        product_version: spec.product_version.clone(),
        image_repository: spec.image_repository.clone(),
        high_availability: cloudpods.ha.contains(&first.name),
        minio: spec.minio,
        local_registry: spec.local_registry,
        region: spec.region.clone(),
        zone: spec.zone.clone(),
    }
}

/// A group of compute nodes.
fn group(input: &Input, cloudpods: &topology::Cloudpods, hosts: Vec<Host>) -> Group {
    let source = input.topology.time.servers.first();
    Group {
        control_plane_host: cloudpods.vip_address,
        control_plane_port: cloudpods.spec.control_plane_port,
        as_controller: false,
        as_host: true,
        as_host_on_vm: cloudpods.spec.host_on_vm,
        ntp_server: source.and_then(|s| s.as_str().split(' ').next()?.parse().ok()),
        high_availability: false,
        hosts,
    }
}

fn controller(input: &Input, cloudpods: &topology::Cloudpods) -> Controller {
    let node = input.node;
    let vip = input.topology.vips.get(&cloudpods.vip);
    let position = vip.and_then(|v| v.members.iter().position(|m| m.node == node.name));
    let member = vip.zip(position).filter(|_| cloudpods.ha.contains(&node.name)).map(|(vip, position)| {
        let member = &vip.members[position];
        let lowest = vip.members.iter().map(|m| m.priority).min().unwrap_or(1);
        // Below every other, as far as the range allows, and different where several are lowered at once.
        let count = u8::try_from(vip.members.len()).unwrap_or(u8::MAX);
        let rank = u8::try_from(vip.members.len() - position).unwrap_or(1);
        VipMember {
            address: vip.address,
            interface: member.interface.clone(),
            priority: member.priority,
            lowered_priority: if lowest > count { rank } else { 1 },
        }
    });
    Controller { address: node.address, vip: member }
}

fn platform(input: &Input, cloudpods: &topology::Cloudpods, first: &Node) -> Option<Platform> {
    let topology = input.topology;
    let database = topology.databases.get(&cloudpods.database)?;
    let vip = topology.vips.get(&cloudpods.vip)?;
    let mut controllers = vec![peer(first)];
    controllers.extend(listed(input, &cloudpods.controllers).into_iter().map(peer));
    let members = vip.members.iter().filter(|m| cloudpods.ha.contains(&m.node));
    Some(Platform {
        cluster: topology.cluster().clone(),
        vip: vip.address,
        first: peer(first),
        controllers,
        members: members.map(|m| (m.node.clone(), m.priority)).collect(),
        hosts: listed(input, &cloudpods.hosts).into_iter().map(peer).collect(),
        database_nodes: database.nodes.clone(),
        database: (database.address, database.vip.is_some()),
        upgrade_user: cloudpods.spec.upgrade_user.clone(),
        ocboot_dir: fixed(OCBOOT_DIR),
    })
}
