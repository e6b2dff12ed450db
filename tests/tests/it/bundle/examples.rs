//! The bundles of every example hold, and their `apply` lays them, twice, and takes them back.

use std::fs;
use std::path::Path;

use hagen::bake::bake;
use hagen::bundle::{BundleId, Draft};
use hagen::plan::Input;
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::verify::verify;
use hagen::yaml::{Cx, Decode as _, parse};

use super::lab::{SHELLS, apply, in_memory, ok, picture, unpacked};

/// Drafts of all nodes of all examples, with stand-ins for secrets.
fn drafts() -> Vec<(String, Draft)> {
    let mut drafts = vec![];
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hagen/examples");
    for case in fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(text) = fs::read_to_string(case.join("cluster.yaml")) else { continue };
        let document = Document::decode(&parse(&text).unwrap(), &mut Cx::default()).unwrap();
        let topology = Topology::prove(document).0.unwrap();
        let secrets = Secrets::placeholder(&topology.document);
        for node in topology.nodes.values() {
            let baked = bake(&Input { topology: &topology, node, secrets: &secrets }).unwrap();
            let (tree, activation) = (baked.tree, baked.activation);
            let id = BundleId::of(text.as_bytes(), b"");
            let draft = Draft { node: node.name.to_string(), id, waivers: vec![], tree, activation };
            drafts.push((format!("{}/{}", case.file_name().unwrap().display(), node.name), draft));
        }
    }
    drafts
}

#[test]
fn they_hold_and_their_scripts_do_what_they_say() {
    let drafts = drafts();
    assert!(drafts.len() > 20, "{} nodes", drafts.len());
    for ((name, draft), shell) in drafts.iter().zip(SHELLS.iter().cycle()) {
        let (_folder, bundle) = unpacked(draft);
        verify(&bundle, None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let system = in_memory();
        let root = system.path();
        let run = |more: &[&str]| {
            ok(&mut apply(shell, &bundle, &[&["--root", root.to_str().unwrap()], more].concat()))
        };
        run(&[]);
        let laid = picture(root, true);
        for (path, entry) in draft.tree.iter().filter(|(path, _)| path.as_str().starts_with("rootfs/")) {
            let about = &laid[path.as_str().strip_prefix("rootfs/").unwrap()];
            assert!(about.starts_with(&format!("file {:o} 0:0", entry.mode)), "{name}: {path}: {about}");
        }
        let again = run(&[]);
        assert!(again.contains("nothing to change"), "{name}: {again}");
        assert_eq!(picture(root, true), laid, "{name}");
        run(&["--rollback"]);
        let mut left = picture(root, true);
        left.retain(|path, _| !["var", "var/lib"].contains(&path.as_str()));
        // systemctl leaves the folders of the links that it made and removed.
        left.retain(|path, about| !(path.starts_with("etc") && about.starts_with("folder")));
        assert!(left.is_empty(), "{name}: {left:?}");
    }
}
