//! The marked block of `/etc/fstab`: made, changed, emptied, and never at the cost of other lines.

use hagen::plan::glusterfs::{ClientMount, FSTAB_SCRIPT, Glusterfs};
use hagen::render::glusterfs::render;

use super::lab::{Lab, Machine};

const FOREIGN: &str =
    "# the node's own\nUUID=0a1b\t/\text4\terrors=remount-ro\t0 1\n\ntmpfs /scratch tmpfs size=1m 0 0\n";

fn lay(machine: &Machine, mounts: &[(&str, &str)]) {
    let mount = |(volume, place): &(&str, &str)| ClientMount {
        volume: volume.parse().unwrap(),
        servers: vec!["nowhere".parse().unwrap()],
        mount_point: place.parse().unwrap(),
        serves: false,
        moves: false,
    };
    machine.lay(&render(&Glusterfs {
        server: None,
        setups: vec![],
        mounts: mounts.iter().map(mount).collect(),
    }));
}

#[test]
fn other_lines_are_never_touched() {
    let lab = Lab::new(&["n1"]);
    let machine = &lab.machines[0];
    // Mounting is not what this is about.
    machine.write("/usr/bin/mount", "#!/bin/sh\nexit 32\n", 0o755);
    machine.write("/etc/fstab", FOREIGN.trim_end(), 0o640);
    machine.sh("chown 0:6 /etc/fstab").ok();
    lay(machine, &[("one", "/one"), ("two", "/two")]);
    machine.run(&[FSTAB_SCRIPT]).ok();
    let text = machine.sh("cat /etc/fstab").ok();
    let (before, block) =
        text.split_once("# BEGIN hagen: generated from cluster.yaml, change it there\n").unwrap();
    assert_eq!(before, FOREIGN);
    let lines: Vec<&str> = block.lines().collect();
    assert!(
        lines[0].starts_with("nowhere:/one\t/one\tglusterfs\t") && lines[0].contains("_netdev"),
        "{block}"
    );
    assert_eq!((lines.len(), lines[2]), (3, "# END hagen"));
    assert_eq!(
        machine.sh("stat -c '%a %u:%g' /etc/fstab; cat /etc/fstab.before-hagen").ok(),
        format!("640 0:6\n{}", FOREIGN.trim_end())
    );

    // Lines that somebody adds behind the block stay, too; a second run writes nothing.
    machine.sh("echo 'tmpfs /more tmpfs defaults 0 0' >>/etc/fstab").ok();
    let before = machine.sh("stat -c '%i %Y' /etc/fstab; cat /etc/fstab").ok();
    assert!(machine.run(&[FSTAB_SCRIPT]).fails(0).contains("nothing to change"));
    assert_eq!(machine.sh("stat -c '%i %Y' /etc/fstab; cat /etc/fstab").ok(), before);

    // A mount less, and then none.
    machine.sh("rm /etc/hagen/fstab.d/*").ok();
    lay(machine, &[("two", "/two")]);
    machine.run(&[FSTAB_SCRIPT]).ok();
    let text = machine.sh("cat /etc/fstab").ok();
    assert!(
        !text.contains("/one") && text.contains("nowhere:/two") && text.contains("tmpfs /more"),
        "{text}"
    );
    machine.sh("rm /etc/hagen/fstab.d/*").ok();
    machine.run(&[FSTAB_SCRIPT]).ok();
    assert_eq!(
        machine.sh("cat /etc/fstab; ls /etc/fstab.*").ok(),
        format!("{FOREIGN}tmpfs /more tmpfs defaults 0 0\n/etc/fstab.before-hagen\n")
    );
}

#[test]
fn what_would_be_lost_or_hidden_is_refused() {
    let lab = Lab::new(&["n1"]);
    let machine = &lab.machines[0];
    machine.write("/etc/fstab", FOREIGN, 0o644);
    let refused = |told: &str| {
        let before = machine.sh("cat /etc/fstab").ok();
        let said = machine.run(&[FSTAB_SCRIPT]).fails(4);
        assert!(said.contains(told), "{said}");
        assert_eq!(
            machine
                .sh("cat /etc/fstab; ls /etc/fstab?*")
                .fails(2)
                .lines()
                .take(before.lines().count())
                .collect::<Vec<_>>(),
            before.lines().collect::<Vec<_>>()
        );
    };
    // A line of the node's own for the same place, but not one that is a comment.
    lay(machine, &[("scratch", "/scratch")]);
    refused("mounts /scratch already");
    machine.write("/etc/fstab", &FOREIGN.replace("tmpfs /scratch", "#tmpfs /scratch"), 0o644);
    machine.sh("mkdir -p /scratch && touch /scratch/file").ok();
    refused("/scratch holds files, which a mount would hide");
    machine.sh("rm /scratch/file && mount -t tmpfs other /scratch").ok();
    refused("/scratch is a mount of something else: other tmpfs");
    machine.sh("umount /scratch").ok();
    machine.write("/etc/fstab", &format!("{FOREIGN}# END hagen\n"), 0o644);
    refused("repair it by hand");
}
