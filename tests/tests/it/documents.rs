//! Any document that passes `check` renders, and every judge accepts what is rendered.

use hagen::spec::Document;
use hagen::topology::Topology;
use hagen::yaml::{Cx, Decode as _, parse};
use proptest::prelude::*;
use tests::documents::documents;

fn prove(text: &str) -> Topology {
    let node = parse(text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    let mut cx = Cx::default();
    let document = Document::decode(&node, &mut cx);
    assert!(!cx.problems.has_errors(), "{:#?}\n{text}", cx.problems);
    let (topology, problems) = Topology::prove(document.unwrap());
    topology.unwrap_or_else(|| panic!("{problems:#?}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn generated_documents_are_sound(text in documents()) {
        prove(&text);
    }
}
