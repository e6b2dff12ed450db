//! Topology → GlusterFS on a node.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{
    BRICK_PORT_FIRST, BRICK_PORT_LAST, BRICKS_SCRIPT, Brick, BrickPlace, ClientMount, Device, FSTAB_SCRIPT,
    Glusterfs, Replication, Server, VolumeSetup, move_script, volume_script, volume_timer,
};
use crate::os::Component;
use crate::plan::Input;
use crate::plan::activation::{OnChange, Parts, Phase, RunBy, SetupScript, UnitAction};
use crate::spec::{Name, Port};
use crate::topology::{Topology, Volume};

/// GlusterFS of a node; nothing on nodes without bricks and mounts.
pub fn decide(input: &Input) -> Option<Glusterfs> {
    let name = &input.node.name;
    let volumes = || input.topology.volumes.values();
    let bricks: BTreeSet<Brick> = volumes().filter(|v| v.bricks.contains(name)).map(brick).collect();
    let cfg = Glusterfs {
        server: (!bricks.is_empty()).then(|| Server {
            ipv6: input.node.address.is_ipv6(),
            brick_ports: (port(BRICK_PORT_FIRST), port(BRICK_PORT_LAST)),
            bricks: bricks.into_iter().collect(),
        }),
        setups: volumes()
            .filter(|v| v.bricks.first() == Some(name))
            .map(|v| setup(input.topology, v))
            .collect(),
        mounts: volumes().filter(|v| v.clients.contains(name)).map(|v| mount(v, name)).collect(),
    };
    (cfg.server.is_some() || !cfg.mounts.is_empty()).then_some(cfg)
}

fn port(number: u16) -> Port {
    Port::new(number).unwrap_or(Port::MIN)
}

fn brick(volume: &Volume) -> Brick {
    Brick {
        device: volume.spec.device.as_ref().map(|device| Device::new(device)),
        mount_point: volume.spec.brick_mount.clone(),
        folder: volume.spec.brick.clone(),
    }
}

fn setup(topology: &Topology, volume: &Volume) -> VolumeSetup {
    let replication = match (&volume.arbiter, volume.replica) {
        (Some(_), _) => Replication::Arbiter,
        // QR-3 lets two copies through with a waiver only.
        (None, 2) => Replication::TwoCopies,
        (None, copies) => Replication::Copies(copies),
    };
    let pool = topology.pool(volume);
    let users = volume.bricks.iter().chain(&volume.clients).collect::<BTreeSet<_>>();
    let addresses: Vec<IpAddr> =
        users.into_iter().filter_map(|n| topology.node(n)).map(|n| n.address).collect();
    let given = volume.spec.options.iter().map(|(key, value)| (key.value.clone(), value.clone())).collect();
    VolumeSetup {
        volume: volume.name.clone(),
        bricks: volume
            .bricks
            .iter()
            .map(|node| BrickPlace { node: node.clone(), folder: volume.spec.brick.clone() })
            .collect(),
        replication,
        peers: volume.bricks.iter().skip(1).cloned().collect(),
        mount_point: volume.spec.brick_mount.clone(),
        options: VolumeSetup::options(
            replication,
            pool.len(),
            volume.spec.ping_timeout_seconds,
            &addresses,
            &given,
        ),
    }
}

fn mount(volume: &Volume, node: &Name) -> ClientMount {
    let own = |server: &&Name| *server == node;
    let mut servers: Vec<Name> = volume.bricks.iter().filter(own).cloned().collect();
    servers.extend(volume.bricks.iter().filter(|server| !own(server)).cloned());
    ClientMount {
        volume: volume.name.clone(),
        servers,
        mount_point: volume.mount.clone(),
        serves: volume.bricks.contains(node),
        moves: volume.spec.migrate,
    }
}

/// Packages, glusterd, bricks, volumes and mounts.
pub fn activate(cfg: &Glusterfs, input: &Input, parts: &mut Parts) {
    let os = input.node.os;
    let script = |path: &str, run, purpose: String| SetupScript { path: path.to_owned(), run, purpose };
    if !cfg.mounts.is_empty() {
        parts.packages(os.packages(Component::GlusterfsClient).iter().cloned());
    }
    if let Some(server) = &cfg.server {
        parts.packages(os.packages(Component::GlusterfsServer).iter().cloned());
        if server.bricks.iter().any(|brick| brick.device.is_some()) {
            parts.packages(["xfsprogs"]);
        }
        if let Some(unit) = os.unit(Component::GlusterfsServer) {
            let drop_in = format!("/etc/systemd/system/{unit}.d/");
            let reads = vec!["/etc/glusterfs/glusterd.vol".to_owned(), drop_in];
            // Bricks are processes of their own and go on while glusterd restarts.
            let action =
                UnitAction { name: unit.to_owned(), on_change: OnChange::Restart, reads, check: vec![] };
            parts.unit(Phase::Storage, action);
        }
        let purpose =
            "mounts the file systems of the bricks; --format makes them on blank devices".to_owned();
        parts.script(Phase::Storage, script(BRICKS_SCRIPT, RunBy::Apply, purpose));
    }
    for setup in &cfg.setups {
        let timer = volume_timer(&setup.volume);
        let reads = [timer.clone(), timer.replace(".timer", ".service")];
        let action = UnitAction {
            name: timer,
            on_change: OnChange::Restart,
            reads: reads.map(|unit| format!("/etc/systemd/system/{unit}")).into(),
            check: vec![],
        };
        parts.unit(Phase::Storage, action);
        let purpose = format!("sets the volume {} up as soon as its peers are there", setup.volume);
        parts.script(Phase::Storage, script(&volume_script(&setup.volume), RunBy::Apply, purpose));
    }
    if !cfg.mounts.is_empty() {
        let purpose = "puts the mounts into /etc/fstab and mounts them".to_owned();
        parts.script(Phase::Storage, script(FSTAB_SCRIPT, RunBy::Apply, purpose));
    }
    for mount in cfg.mounts.iter().filter(|mount| mount.moves) {
        let purpose = format!("moves the files of {} into the volume {}", mount.mount_point, mount.volume);
        parts.script(Phase::Storage, script(&move_script(&mount.volume), RunBy::Operator, purpose));
    }
}
