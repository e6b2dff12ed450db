//! Document → [`Model`]: follows names, applies defaults, expands selections. A reference to nothing is a
//! problem (`REF-1`); the rest goes on without it, so that all problems are seen at once.

mod nodes;
mod platforms;
mod storage;
mod vips;
mod zones;

use std::collections::BTreeMap;

use super::*;
use crate::problem::{Problem, Span};
use crate::spec::{Name, Role, Selector};
use crate::yaml::{Spanned, nearest};

/// Resolves a document as far as it goes.
pub(super) fn resolve(document: Document) -> (Model, Problems) {
    let mut r = Resolver::default();
    let networks = nodes::networks(&document, &mut r);
    let nodes = nodes::nodes(&document, &networks, &mut r);
    let vips = vips::vips(&document, &networks, &nodes, &mut r);
    let zones = zones::zones(&document, &nodes, &vips, &mut r);
    let volumes = storage::volumes(&document, &nodes, &mut r);
    let databases = storage::databases(&document, &nodes, &vips, &mut r);
    let time = nodes::time(&document, &nodes);
    let resolvers = nodes::resolvers(&document, &nodes);
    let offline = nodes::offline(&document, &nodes, &mut r);
    let kubernetes = platforms::kubernetes(&document, &nodes, &vips, &mut r);
    let dce = platforms::dce(&document, &nodes, &zones, &vips, &mut r);
    let rainbond = platforms::rainbond(&document, &nodes, &vips, &volumes, &mut r);
    let cloudpods = platforms::cloudpods(&document, &nodes, &vips, &databases, &mut r);
    let model = Model {
        document,
        networks,
        nodes,
        vips,
        zones,
        volumes,
        databases,
        kubernetes,
        dce,
        rainbond,
        cloudpods,
        time,
        resolvers,
        offline,
        waived: vec![],
    };
    (model, r.problems)
}

#[derive(Default)]
struct Resolver {
    problems: Problems,
}

impl Resolver {
    fn error(&mut self, id: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::error(id, span, message).help(help));
    }

    /// Follows a name into a section, or reports it.
    fn follow<'m, T>(
        &mut self,
        what: &str,
        section: &str,
        name: &Spanned<Name>,
        map: &'m BTreeMap<Name, T>,
    ) -> Option<&'m T> {
        let found = map.get(&name.value);
        if found.is_none() {
            let help = match nearest(name.as_str(), map.keys().map(Name::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if map.is_empty() => format!("`{section}` is empty"),
                None => format!("`{section}` has {}", join(map.keys())),
            };
            self.error("REF-1", name.span, format!("there is no {what} `{name}`"), help);
        }
        found
    }

    /// The nodes that a selection means, with the place of each.
    fn select<'m>(
        &mut self,
        selector: &Spanned<Selector>,
        nodes: &'m BTreeMap<Name, Node>,
    ) -> Vec<(&'m Node, Span)> {
        match &selector.value {
            Selector::Role { role } => {
                let found: Vec<_> =
                    nodes.values().filter(|n| n.has(role.value)).map(|n| (n, role.span)).collect();
                if found.is_empty() {
                    let help = format!(
                        "give a node the role, or name the nodes: `[{}]`",
                        join(nodes.keys().take(3))
                    );
                    self.error("REF-1", role.span, format!("no node has the role `{role}`"), help);
                }
                found
            }
            Selector::Nodes(names) => {
                let mut found: Vec<(&Node, Span)> = vec![];
                for name in names {
                    let Some(node) = self.follow("node", "nodes", name, nodes) else { continue };
                    if found.iter().any(|(n, _)| n.name == node.name) {
                        self.error(
                            "REF-1",
                            name.span,
                            format!("the node `{name}` stands twice in one list"),
                            "keep one of the two",
                        );
                        continue;
                    }
                    found.push((node, name.span));
                }
                if names.is_empty() {
                    self.error("REF-1", selector.span, "an empty list of nodes", "name at least one node");
                }
                found
            }
        }
    }
}

/// Names with commas, at most eight of them.
fn join<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    let names: Vec<&str> = names.map(Name::as_str).take(9).collect();
    match names.len() {
        9 => format!("{}, …", names[..8].join(", ")),
        _ => names.join(", "),
    }
}

/// The names of the nodes with a role, in name order.
fn having(nodes: &BTreeMap<Name, Node>, role: Role) -> Vec<Name> {
    nodes.values().filter(|n| n.has(role)).map(|n| n.name.clone()).collect()
}
