use super::*;
use crate::cli::args::TopologyName::{KubeadmStacked, RainbondMinimal};
use crate::cli::init::document;
use crate::plan::Input;
use crate::plan::activation::{Parts, RunBy};
use crate::secret::Secrets;
use crate::topology::Topology;
use crate::topology::tests::{edited, prove, proven};

fn decided(topology: &Topology, node: &str) -> Option<Glusterfs> {
    let secrets = Secrets::placeholder(&topology.document);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    decide(&Input { topology, node, secrets: &secrets })
}

#[test]
fn rainbonds_volume_is_set_up_once_and_mounted_everywhere() {
    let t = proven(document(RainbondMinimal));
    let [manage, c1, c2] = ["manage01", "compute01", "compute02"].map(|node| decided(&t, node).unwrap());
    assert_eq!((manage.setups.len(), c1.setups.len(), c2.setups.len()), (0, 1, 0));
    let setup = &c1.setups[0];
    assert_eq!(setup.replication, Replication::Arbiter);
    let bricks: Vec<String> = setup.bricks.iter().map(|b| format!("{}:{}", b.node, b.folder)).collect();
    assert_eq!(
        bricks,
        ["compute01:/data/glusterfs", "compute02:/data/glusterfs", "manage01:/data/glusterfs"]
    );
    assert_eq!(setup.options["auth.allow"], "10.141.161.105,10.141.161.107,10.141.161.108");
    assert_eq!(setup.options["cluster.quorum-type"], "auto");
    assert_eq!(setup.options["cluster.server-quorum-type"], "server");
    assert_eq!(setup.options["network.ping-timeout"], "10");
    // Each node asks itself first, and then every other one.
    let line = |cfg: &Glusterfs| cfg.mounts[0].fstab().to_string();
    assert_eq!(
        line(&c2),
        "compute02:/data\t/grdata\tglusterfs\tdefaults,_netdev,x-systemd.automount,\
         x-systemd.after=glusterd.service,backup-volfile-servers=compute01:manage01,use-readdirp=no,\
         log-level=WARNING,log-file=/var/log/glusterfs/data.log\t0 0"
    );
    assert!(line(&c1).starts_with("compute01:/data\t") && line(&c1).contains("servers=compute02:manage01,"));
    assert!(line(&manage).starts_with("manage01:/data\t"));
    let brick = &manage.server.as_ref().unwrap().bricks[0];
    assert_eq!(
        brick.fstab().unwrap().to_string(),
        "/dev/vdb1\t/data\txfs\tdefaults,noatime,inode64,nofail,x-systemd.device-timeout=30s\t0 0"
    );
    assert!([&manage, &c1, &c2].iter().all(|cfg| cfg.mounts[0].moves));
    assert_eq!(decided(&proven(document(KubeadmStacked)), "dev3"), None);
}

#[test]
fn two_copies_need_the_waiver_and_go_on_alone() {
    let line =
        "    arbiter: manage01                          # names only, as the third voice: no split brain\n";
    let two = edited(RainbondMinimal, &[(line, "")]);
    assert!(prove(&two).0.is_none());
    let waived = format!("{two}\nwaivers: [{{id: QR-3, reason: a test}}]\n");
    let setup = decided(&proven(&waived), "compute01").unwrap().setups.remove(0);
    assert_eq!(setup.replication, Replication::TwoCopies);
    assert_eq!(
        (setup.replication.words().as_str(), setup.replication.shape(2).as_str()),
        ("replica 2", "1 x 2 = 2")
    );
    // Quorum would stop the volume with its first brick.
    assert_eq!(setup.options["cluster.quorum-type"], "none");
    assert_eq!(setup.options["cluster.server-quorum-type"], "none");
}

#[test]
fn options_of_the_description_win() {
    let options =
        "    mount: /grdata\n    options: {network.ping-timeout: '42', cluster.lookup-optimize: 'off'}\n";
    let text = edited(RainbondMinimal, &[("    mount: /grdata\n", options)]);
    let setup = decided(&proven(&text), "compute01").unwrap().setups.remove(0);
    assert_eq!(setup.options["network.ping-timeout"], "42");
    assert_eq!(setup.options["cluster.lookup-optimize"], "off");
}

#[test]
fn shapes_are_those_that_gluster_prints() {
    assert_eq!(Replication::Arbiter.shape(6), "2 x (2 + 1) = 6");
    assert_eq!(Replication::Copies(3).shape(3), "1 x 3 = 3");
    assert_eq!(Replication::Copies(4).words(), "replica 4");
}

#[test]
fn what_touches_old_files_or_disks_is_the_operators() {
    let t = proven(document(RainbondMinimal));
    let secrets = Secrets::placeholder(&t.document);
    let node = t.node(&"compute01".parse().unwrap()).unwrap();
    let input = Input { topology: &t, node, secrets: &secrets };
    let mut parts = Parts::default();
    activate(&decide(&input).unwrap(), &input, &mut parts);
    let activation = parts.into_activation();
    let scripts: Vec<_> = activation.scripts.iter().map(|s| (s.path.as_str(), s.run)).collect();
    assert_eq!(
        scripts,
        [
            (BRICKS_SCRIPT, RunBy::Apply),
            ("/usr/local/sbin/hagen-gluster-volume-data", RunBy::Apply),
            (FSTAB_SCRIPT, RunBy::Apply),
            ("/usr/local/sbin/hagen-gluster-move-data", RunBy::Operator),
        ]
    );
    let units: Vec<_> = activation.units.iter().map(|u| u.name.as_str()).collect();
    assert_eq!(units, ["glusterd.service", "hagen-gluster-volume-data.timer"]);
}

#[test]
fn devices_are_named_as_fstab_names_them() {
    for (path, source) in [
        ("/dev/vdb1", "/dev/vdb1"),
        ("/dev/disk/by-label/brick", "LABEL=brick"),
        ("/dev/disk/by-uuid/0a-1b", "UUID=0a-1b"),
        ("/dev/disk/by-id/virtio-1", "/dev/disk/by-id/virtio-1"),
    ] {
        let device = Device::new(&path.parse().unwrap());
        assert_eq!((device.source().as_str(), device.path().as_str()), (source, path));
    }
}

#[test]
fn names_of_units_follow_systemds_rules() {
    for (path, unit) in [
        ("/", "-.mount"),
        ("/data", "data.mount"),
        ("/srv/brick-1/", "srv-brick\\x2d1.mount"),
        ("//srv//a", "srv-a.mount"),
        ("/.hidden", "\\x2ehidden.mount"),
        ("/a.b:c_d", "a.b:c_d.mount"),
        ("/a,b=c@d%e+f", "a\\x2cb\\x3dc\\x40d\\x25e\\x2bf.mount"),
    ] {
        assert_eq!(unit_name(&path.parse().unwrap(), "mount"), unit);
    }
}
