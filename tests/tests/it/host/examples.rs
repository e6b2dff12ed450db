//! The host's part of documents made by chance: no plan has a problem. The judges are asked in `documents`.

use hagen::plan::{Input, chrony, cloud_init, hosts, named, network, resolv, sysctl, systemd};
use hagen::render;
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::{Node, Topology};
use hagen::tree::{File, Tree};
use hagen::yaml::{Cx, Decode as _, parse};
use proptest::prelude::*;
use tests::documents::documents;

fn prove(text: &str) -> (Topology, Secrets) {
    let node = parse(text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    let mut cx = Cx::default();
    let document = Document::decode(&node, &mut cx).unwrap_or_else(|| panic!("{:#?}\n{text}", cx.problems));
    let secrets = Secrets::placeholder(&document);
    let (topology, problems) = Topology::prove(document);
    (topology.unwrap_or_else(|| panic!("{problems:#?}\n{text}")), secrets)
}

/// Decides and spells one node; every plan is free of problems.
fn node(topology: &Topology, secrets: &Secrets, node: &Node) -> Tree {
    let input = Input { topology, node, secrets };
    let mut tree = Tree::default();
    let mut place = |folder: &str, files: Vec<File>| {
        for file in files {
            tree.place(folder, file).unwrap();
        }
    };
    if let Some(decided) = named::decide(&input) {
        let zones: Vec<_> = named::cluster_zones(topology).into_iter().map(|served| served.zone).collect();
        assert_eq!(named::check(&zones), []);
        place("rootfs", render::named::render(&decided));
    }
    let names = hosts::decide(&input).unwrap();
    assert_eq!(names.problems(), []);
    place("rootfs", render::hosts::render(&names));
    let interfaces = network::decide(&input).unwrap();
    assert_eq!(interfaces.problems(), []);
    place("rootfs", render::network::render(&interfaces));
    if let Some(kernel) = sysctl::decide(&input) {
        assert_eq!(kernel.agree(), Ok(()));
        place("rootfs", render::sysctl::render(&kernel));
    }
    place("rootfs", resolv::decide(&input).iter().flat_map(render::resolv::render).collect());
    place("rootfs", chrony::decide(&input).iter().flat_map(render::chrony::render).collect());
    place("rootfs", render::systemd::render(&systemd::decide(&input).unwrap()));
    place("cloud-init", render::cloud_init::render(&cloud_init::decide(&input).unwrap()));
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_sound_document_has_a_sound_host_part(text in documents()) {
        let (topology, secrets) = prove(&text);
        for one in topology.nodes.values() {
            node(&topology, &secrets, one);
        }
    }
}
