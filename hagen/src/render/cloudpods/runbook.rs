//! The runbook, with the names and addresses of this platform.

use minijinja::{Environment, UndefinedBehavior, context};

use crate::plan::cloudpods::{Peer, Platform};

const TEMPLATE: &str = include_str!("runbook.md");

#[expect(clippy::expect_used, reason = "the template is a constant, and a test renders it with every branch")]
pub(super) fn text(p: &Platform) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let part = |peer: &Peer| match p.members.iter().find(|(name, _)| *name == peer.name) {
        Some((_, priority)) => format!("priority {priority}"),
        None => "no part".to_owned(),
    };
    let node = |peer: &Peer| context! { name => peer.name.as_str(), address => peer.address.to_string(), part => part(peer) };
    let names = |list: Vec<&str>| list.join(", ");
    let shared: Vec<&str> = p
        .database_nodes
        .iter()
        .filter(|n| p.controllers.iter().any(|c| c.name == **n))
        .map(|n| n.as_str())
        .collect();
    let priorities: Vec<String> =
        p.members.iter().map(|(name, priority)| format!("{name} {priority}")).collect();
    let values = context! {
        cluster => p.cluster.as_str(),
        vip => p.vip.to_string(),
        first => node(&p.first),
        controllers => p.controllers.iter().map(node).collect::<Vec<_>>(),
        hosts => p.hosts.iter().map(node).collect::<Vec<_>>(),
        database_nodes => names(p.database_nodes.iter().map(|n| n.as_str()).collect()),
        database_address => p.database.0.to_string(),
        database_is_vip => p.database.1,
        shared_database => names(shared),
        quorum => (p.controllers.len() / 2 + 1) as u64,
        priorities => priorities.join(", "),
        upgrade_user => p.upgrade_user.as_str(),
        ocboot_dir => p.ocboot_dir.as_str(),
    };
    let mut text = environment.render_str(TEMPLATE, values).expect("a constant template");
    text.push('\n');
    text
}
