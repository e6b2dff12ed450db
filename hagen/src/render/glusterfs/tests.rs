use super::*;
use crate::cli::args::TopologyName::RainbondMinimal;
use crate::plan::Input;
use crate::plan::glusterfs::decide;
use crate::secret::Secrets;
use crate::topology::tests::example;

fn files(node: &str) -> Vec<File> {
    let topology = example(RainbondMinimal);
    let secrets = Secrets::placeholder(&topology.document);
    let node = topology.node(&node.parse().unwrap()).unwrap();
    render(&decide(&Input { topology: &topology, node, secrets: &secrets }).unwrap())
}

/// The files that are no scripts, one after the other, and the heads of scripts.
fn shown(files: &[File]) -> String {
    let text = |file: &File| match file.text().split_once("\n\n") {
        Some((head, _)) if file.entry.mode == 0o755 => head.to_owned(),
        _ => file.text().trim_end().to_owned(),
    };
    files.iter().map(|file| format!("==> {}\n{}\n", file.path, text(file))).collect()
}

#[test]
fn the_node_that_sets_the_volume_up() {
    insta::assert_snapshot!(shown(&files("compute01")));
}

#[test]
fn other_nodes_have_everything_but_the_volumes_script() {
    let (first, other) = (files("compute01"), files("manage01"));
    let paths = |files: &[File]| files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    let only: Vec<_> = paths(&first).into_iter().filter(|path| !paths(&other).contains(path)).collect();
    assert_eq!(
        only,
        [
            "/usr/local/sbin/hagen-gluster-volume-data",
            "/etc/systemd/system/hagen-gluster-volume-data.service",
            "/etc/systemd/system/hagen-gluster-volume-data.timer",
        ]
    );
    assert!(first.iter().all(|file| !file.entry.secret));
}

#[test]
fn bricks_that_share_a_disk_mount_it_once() {
    let topology = example(RainbondMinimal);
    let secrets = Secrets::placeholder(&topology.document);
    let node = topology.node(&"compute01".parse().unwrap()).unwrap();
    let mut cfg = decide(&Input { topology: &topology, node, secrets: &secrets }).unwrap();
    let bricks = &mut cfg.server.as_mut().unwrap().bricks;
    let mut second = bricks[0].clone();
    second.folder = "/data/more".parse().unwrap();
    bricks.push(second);
    let files = render(&cfg);
    let fragment = files.iter().find(|file| file.path.ends_with("/glusterfs.fstab")).unwrap();
    assert_eq!(fragment.text().lines().filter(|line| line.starts_with("/dev/vdb1")).count(), 1);
    let drop_in = files.iter().find(|file| file.path.ends_with("hagen.conf")).unwrap();
    assert!(drop_in.text().contains("\nWants=data.mount\nAfter=data.mount\n"), "{}", drop_in.text());
}
