use super::*;
use crate::plan::nginx::tests::everything;

fn text(draft: Draft) -> String {
    render(&Nginx::new(draft).unwrap())[0].text().to_owned()
}

#[test]
fn the_bootstrap_pair_and_the_apiservers() {
    insta::assert_snapshot!(text(everything()));
}

#[test]
fn a_built_in_module_is_not_loaded() {
    let mut draft = everything();
    draft.stream = StreamModule::BuiltIn;
    assert!(!text(draft).contains("include"));
}

#[test]
fn words_that_old_versions_lack_are_not_written_for_them() {
    let mut draft = everything();
    draft.version = crate::plan::nginx::NginxVersion::RHEL_8;
    assert!(!text(draft).contains("proxy_socket_keepalive"));
}
