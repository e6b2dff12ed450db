//! Plans of the examples' nodes.

use hagen::plan::Input;
use hagen::plan::{cloudpods, dce, rainbond};
use hagen::secret::Secrets;
use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::tree::File;
use hagen::yaml::{Cx, Decode as _, parse};

pub(crate) const BOOTSTRAP: &str = include_str!("../../../../hagen/examples/bootstrap-ha/cluster.yaml");
pub(crate) const FULL_DCE: &str = include_str!("../../../../hagen/src/render/dce/full.yaml");
pub(crate) const RAINBOND: &str = include_str!("../../../../hagen/examples/rainbond-minimal/cluster.yaml");
pub(crate) const CLOUDPODS_3: &str = include_str!("../../../../hagen/examples/cloudpods-3/cluster.yaml");
pub(crate) const CLOUDPODS_4: &str = include_str!("../../../../hagen/examples/cloudpods-4/cluster.yaml");
pub(crate) const CLOUDPODS_5: &str = include_str!("../../../../hagen/examples/cloudpods-5/cluster.yaml");

/// A document that keeps every rule.
#[track_caller]
pub(crate) fn prove(text: &str) -> (Topology, Secrets) {
    let node = parse(text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    let mut cx = Cx::default();
    let document = Document::decode(&node, &mut cx);
    assert!(!cx.problems.has_errors(), "{:#?}\n{text}", cx.problems);
    let document = document.unwrap();
    let secrets = Secrets::placeholder(&document);
    let (topology, problems) = Topology::prove(document);
    (topology.unwrap_or_else(|| panic!("{problems:#?}\n{text}")), secrets)
}

/// What the three products put on a node.
pub(crate) fn files(text: &str, node: &str) -> Vec<File> {
    let (topology, secrets) = prove(text);
    files_of(&topology, &secrets, node)
}

pub(crate) fn files_of(topology: &Topology, secrets: &Secrets, node: &str) -> Vec<File> {
    let node = topology.node(&node.parse().unwrap()).unwrap();
    let input = Input { topology, node, secrets };
    let mut files = vec![];
    files.extend(dce::decide(&input).iter().flat_map(hagen::render::dce::render));
    files.extend(rainbond::decide(&input).iter().flat_map(hagen::render::rainbond::render));
    files.extend(cloudpods::decide(&input).iter().flat_map(hagen::render::cloudpods::render));
    files
}

/// The files of every node of every sample.
pub(crate) fn all() -> Vec<File> {
    let mut files = vec![];
    for text in [BOOTSTRAP, FULL_DCE, RAINBOND, CLOUDPODS_3, CLOUDPODS_4, CLOUDPODS_5] {
        let (topology, secrets) = prove(text);
        for node in topology.nodes.keys() {
            files.extend(files_of(&topology, &secrets, node.as_str()));
        }
    }
    files
}

/// One file of a list.
#[track_caller]
pub(crate) fn one<'f>(files: &'f [File], path: &str) -> &'f File {
    files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no {path}"))
}
