//! Three real glusterd with XFS bricks on loop devices: volume, mounts, move, and what must be refused.

use std::collections::BTreeMap;

use hagen::plan::glusterfs::{
    BRICKS_SCRIPT, Brick, BrickPlace, ClientMount, Device, FSTAB_SCRIPT, Glusterfs, Replication, Server,
    VolumeSetup, move_script, volume_script,
};
use hagen::render::glusterfs::render;
use hagen::spec::Name;

use super::lab::{Lab, Machine, host, need, until};

/// A loop device; it is given back when its last user has gone.
struct Loop(String);

impl Loop {
    fn new(file: &std::path::Path) -> Self {
        let file = file.to_str().unwrap();
        host(&["truncate", "-s", "512M", file]);
        Self(host(&["losetup", "--find", "--show", file]).trim().to_owned())
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = std::process::Command::new("losetup").args(["--detach", &self.0]).status();
    }
}

struct Cluster {
    lab: Lab,
    // Dropped after the machines, which have them mounted.
    loops: Vec<Loop>,
    _images: tempfile::TempDir,
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn plan(cluster: &Cluster, at: usize, replication: Replication) -> Glusterfs {
    let names: Vec<Name> = cluster.lab.machines.iter().map(|m| name(&m.name)).collect();
    let addresses: Vec<std::net::IpAddr> = cluster.lab.machines.iter().map(|m| m.address.into()).collect();
    let bricks: Vec<BrickPlace> = names
        .iter()
        .map(|node| BrickPlace { node: node.clone(), folder: "/data/glusterfs/grdata".parse().unwrap() })
        .collect();
    let mut servers = names.clone();
    servers.rotate_left(at);
    let setup = VolumeSetup {
        volume: name("grdata"),
        bricks,
        replication,
        peers: names[1..].to_vec(),
        mount_point: "/data".parse().unwrap(),
        options: VolumeSetup::options(replication, names.len(), 5, &addresses, &BTreeMap::new()),
    };
    Glusterfs {
        server: Some(Server {
            ipv6: false,
            brick_ports: ("49152".parse().unwrap(), "49407".parse().unwrap()),
            bricks: vec![Brick {
                device: Some(Device::new(&cluster.loops[at].0.parse().unwrap())),
                mount_point: "/data".parse().unwrap(),
                folder: "/data/glusterfs/grdata".parse().unwrap(),
            }],
        }),
        setups: if at == 0 { vec![setup] } else { vec![] },
        mounts: vec![ClientMount {
            volume: name("grdata"),
            servers,
            mount_point: "/grdata".parse().unwrap(),
            serves: true,
            moves: at == 0,
        }],
    }
}

fn cluster(names: &[&str], replication: Replication) -> Cluster {
    for (program, package) in
        [("glusterd", "glusterfs-server"), ("mkfs.xfs", "xfsprogs"), ("losetup", "mount")]
    {
        need(program, package);
    }
    let images = tempfile::tempdir().unwrap();
    let loops = (0..names.len()).map(|at| Loop::new(&images.path().join(at.to_string()))).collect();
    let cluster = Cluster { lab: Lab::new(names), loops, _images: images };
    for (at, machine) in cluster.lab.machines.iter().enumerate() {
        machine.sh("rm -rf /var/lib/glusterd/[!h]* /var/log/glusterfs/* /etc/fstab /data /grdata").ok();
        machine.lay(&render(&plan(&cluster, at, replication)));
    }
    cluster
}

fn start(machine: &Machine) {
    machine.sh("pidof -q glusterd || setsid glusterd </dev/null >/dev/null 2>&1").ok();
}

const VOLUME: &str = "/usr/local/sbin/hagen-gluster-volume-grdata";

#[track_caller]
fn up(cluster: &Cluster) {
    for machine in &cluster.lab.machines {
        machine.run(&[BRICKS_SCRIPT, "--format"]).ok();
        start(machine);
    }
    cluster.lab.machines[0].run(&[VOLUME, "--wait", "100"]).ok();
}

#[test]
fn an_arbiter_volume_survives_a_node_and_keeps_every_file() {
    let cluster = cluster(&["g1", "g2", "g3"], Replication::Arbiter);
    let [a, b, c] = &cluster.lab.machines[..] else { unreachable!() };
    assert_eq!(volume_script(&name("grdata")), VOLUME);
    // Before the peers are there the script is patient, unless it is told how long to wait.
    start(a);
    a.run(&[BRICKS_SCRIPT, "--format"]).ok();
    assert!(a.run(&[VOLUME]).fails(0).contains("g2 cannot be reached"));
    a.run(&[VOLUME, "--wait", "1"]).fails(7);
    up(&cluster);

    let info = a.sh("gluster volume info grdata").ok();
    for line in [
        "Type: Replicate",
        "Status: Started",
        "Number of Bricks: 1 x (2 + 1) = 3",
        "Brick1: g1:/data/glusterfs/grdata",
        "Brick3: g3:/data/glusterfs/grdata (arbiter)",
        "auth.allow: 10.77.0.1,10.77.0.2,10.77.0.3",
        "network.ping-timeout: 5",
        "cluster.quorum-type: auto",
        "cluster.server-quorum-type: server",
        "transport.address-family: inet",
        "nfs.disable: on",
    ] {
        assert!(info.contains(line), "{line}\n{info}");
    }
    let ports = a.sh("gluster volume status grdata detail | sed -n 's/^TCP Port *: //p'").ok();
    for port in ports.lines() {
        assert!((49152..=49407).contains(&port.trim().parse::<u32>().unwrap()), "{ports}");
    }

    // The second run reads and changes nothing.
    let state = || {
        cluster.lab.machines.iter().map(|m| m.sh("cd /var/lib/glusterd && find vols peers glusterd.info -type f ! -name '*.rcu' | sort | xargs sha256sum").ok()).collect::<Vec<_>>()
    };
    let before = state();
    assert!(a.run(&[VOLUME]).fails(0).contains("grdata is up with 3 bricks"));
    assert_eq!(a.run(&[VOLUME, "--quiet"]).fails(0), "");
    assert_eq!(state(), before);

    // Clients: through fstab, then one node dies.
    for machine in [b, c] {
        assert!(machine.sh("mount /grdata").code == 0 || machine.sh("mountpoint -q /grdata").code == 0);
        machine.run(&[FSTAB_SCRIPT]).ok();
    }
    b.sh("echo one >/grdata/one && sync").ok();
    until(20, "the file is on the other node", || match c.sh("cat /grdata/one").out.as_str() {
        "one\n" => Ok(()),
        other => Err(other.to_owned()),
    });
    a.sh("kill -9 $(pidof glusterd glusterfsd glusterfs)").ok();
    until(40, "writes go on with two of three", || {
        match b.sh("echo two >/grdata/two && cat /grdata/one /grdata/two") {
            said if said.code == 0 && said.out == "one\ntwo\n" => Ok(()),
            said => Err(said.to_string()),
        }
    });
    // Set-up from a degraded volume: nothing to do, and said so.
    start(a);
    until(60, "the brick comes back", || match a.run(&[VOLUME]) {
        said if said.err.contains("is up with 3 bricks") => Ok(()),
        said => Err(said.to_string()),
    });
    until(60, "the returned brick is healed", || match a.sh("cat /data/glusterfs/grdata/two").out.as_str() {
        "two\n" => Ok(()),
        other => Err(other.to_owned()),
    });
}

#[test]
fn old_files_are_moved_compared_and_kept() {
    let cluster = cluster(&["g1", "g2", "g3"], Replication::Copies(3));
    let [a, b, _] = &cluster.lab.machines[..] else { unreachable!() };
    a.sh("mkdir -p /grdata/sub/.hidden /grdata/empty; echo x >/grdata/.dot; echo 'a b' >'/grdata/sub/with space'; \
          ln -s .dot /grdata/link; printf 'n\\n' >'/grdata/sub/line\nfeed'; chmod 640 /grdata/.dot; chown 33:33 /grdata/sub; \
          head -c 3000000 /dev/urandom >/grdata/big; chmod 751 /grdata").ok();
    up(&cluster);
    let tool = move_script(&name("grdata"));
    // The mount must not hide the files, and says so.
    assert!(
        a.run(&[FSTAB_SCRIPT])
            .fails(0)
            .contains("/grdata holds files: it is mounted when they have been moved")
    );
    a.sh("! mountpoint -q /grdata").ok();
    let listing = "cd /grdata && find . -mindepth 1 -printf '%y %m %U:%G %l %p\\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum";
    let old = a.sh(listing).ok();

    // Somebody else's files in the volume: refused.
    b.sh("mount /grdata && touch /grdata/foreign").ok();
    assert!(a.run(&[&tool]).fails(4).contains("--set-aside"));
    b.sh("rm /grdata/foreign").ok();

    let said = a.run(&[&tool]);
    assert_eq!(said.code, 0, "{said}");
    assert!(said.err.contains("compared") && said.err.contains("/grdata.before-hagen"), "{said}");
    assert_eq!(
        a.sh("findmnt -rn -o FSTYPE,SOURCE --mountpoint /grdata").ok().trim(),
        "fuse.glusterfs g1:/grdata"
    );
    assert_eq!(a.sh(listing).ok(), old);
    assert_eq!(b.sh(listing).ok(), old, "the other node sees the same");
    assert_eq!(a.sh("cat /grdata.before-hagen/.dot; ls -A /run | grep hagen-move").fails(1), "x\n");
    assert!(a.run(&[&tool]).fails(0).contains("nothing to do"));

    // A second folder, on a node whose files are old: only put aside.
    b.sh("umount /grdata && echo stale >/grdata/stale").ok();
    b.lay(&render(&Glusterfs {
        server: None,
        setups: vec![],
        mounts: vec![ClientMount {
            moves: true,
            ..plan(&cluster, 1, Replication::Copies(3)).mounts[0].clone()
        }],
    }));
    b.sh("rm /etc/hagen/fstab.d/glusterfs.fstab").ok();
    b.run(&[&tool]).fails(4);
    b.run(&[&tool, "--set-aside"]).ok();
    assert_eq!(b.sh("cat /grdata.before-hagen/stale /grdata/.dot").ok(), "stale\nx\n");
}

#[test]
fn another_volume_of_that_name_and_unmounted_bricks_are_refused() {
    let cluster = cluster(&["g1", "g2"], Replication::TwoCopies);
    let [a, b] = &cluster.lab.machines[..] else { unreachable!() };
    start(a);
    start(b);
    // Nothing is mounted at /data: gluster's own check protects the other node, ours this one.
    assert!(a.run(&[VOLUME, "--wait", "5"]).fails(1).contains("nothing is mounted at /data"));
    a.run(&[BRICKS_SCRIPT, "--format"]).ok();
    // A blank disk is told, and waits for the operator.
    b.run(&[BRICKS_SCRIPT]).fails(0);
    b.sh("! mountpoint -q /data").ok();
    b.run(&[BRICKS_SCRIPT, "--format"]).ok();
    a.sh("gluster --mode=script peer probe g2").ok();
    until(30, "the peer is in", || match a.sh("gluster peer status").out {
        out if out.contains("Peer in Cluster (Connected)") => Ok(()),
        out => Err(out),
    });
    a.sh("mkdir -p /data/other; gluster --mode=script volume create grdata g1:/data/other/grdata").ok();
    let before = a.sh("gluster volume info grdata").ok();
    assert!(
        a.run(&[VOLUME, "--wait", "30"])
            .fails(4)
            .contains("other bricks and is left alone: g1:/data/other/grdata")
    );
    assert_eq!(a.sh("gluster volume info grdata").ok(), before);
    a.sh("gluster --mode=script volume delete grdata && rm -r /data/other").ok();

    a.run(&[VOLUME, "--wait", "60"]).ok();
    let info = a.sh("gluster volume info grdata").ok();
    assert!(info.contains("1 x 2 = 2") && info.contains("cluster.quorum-type: none"), "{info}");
    assert!(info.contains("cluster.server-quorum-type: none"), "{info}");
    // What the waiver is for: either half goes on alone.
    b.sh("mount /grdata && echo one >/grdata/one").ok();
    a.sh("kill -9 $(pidof glusterd glusterfsd glusterfs)").ok();
    until(40, "one of two goes on", || match b.sh("echo two >/grdata/two && cat /grdata/two") {
        said if said.code == 0 => Ok(()),
        said => Err(said.to_string()),
    });
}

#[test]
fn a_device_that_holds_anything_is_not_formatted() {
    let cluster = cluster(&["g1"], Replication::TwoCopies);
    let machine = &cluster.lab.machines[0];
    let device = &cluster.loops[0].0;
    assert!(machine.run(&[BRICKS_SCRIPT]).fails(0).contains("is blank"));
    // Without a signature, but not empty.
    machine.sh(&format!("printf secret | dd of={device} bs=1 seek=5000 conv=notrunc,fsync 2>/dev/null")).ok();
    assert!(machine.run(&[BRICKS_SCRIPT, "--format"]).fails(3).contains("unknown data"));
    assert!(machine.sh(&format!("dd if={device} bs=1 skip=5000 count=6 2>/dev/null")).ok() == "secret");
    machine.sh(&format!("mkfs.ext4 -q -F {device}")).ok();
    assert!(machine.run(&[BRICKS_SCRIPT, "--format"]).fails(3).contains("ext4"));
    machine.sh(&format!("wipefs -qa {device} && head -c 1048576 /dev/zero >{device}")).ok();
    machine.run(&[BRICKS_SCRIPT, "--format"]).ok();
    assert_eq!(machine.sh("findmnt -rn -o FSTYPE --mountpoint /data").ok(), "xfs\n");
    let before = machine.sh("cat /etc/fstab; blkid -p -o value -s UUID $(findmnt -rn -o SOURCE /data)").ok();
    machine.run(&[BRICKS_SCRIPT, "--format"]).ok();
    assert_eq!(
        machine.sh("cat /etc/fstab; blkid -p -o value -s UUID $(findmnt -rn -o SOURCE /data)").ok(),
        before
    );
    // Files that a mount would hide.
    machine.sh("umount /data && touch /data/hidden").ok();
    assert!(machine.run(&[BRICKS_SCRIPT]).fails(4).contains("would hide"));
}
