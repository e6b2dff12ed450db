//! From `image.yaml` to a proven [`Os`]: unknown keys refused, every problem reported at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use super::{Component, Family, NetworkStyle, Os, Paths, Provision, Resolver, Version};

/// Why a text is not an [`Os`].
#[derive(Debug, Error)]
pub enum OsError {
    /// Not YAML, or not of the form.
    #[error("reading image.yaml of `{id}`")]
    Form {
        /// The folder's name.
        id: String,
        /// What the reader says, with line and column.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The form holds, the content does not.
    #[error("image.yaml of `{id}`: {}", .problems.join("; "))]
    Content {
        /// The folder's name.
        id: String,
        /// Everything that is wrong.
        problems: Vec<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    name: String,
    family: Family,
    version: Version,
    kernel: Version,
    systemd: Version,
    network: NetworkStyle,
    resolver: Resolver,
    components: BTreeMap<Component, Provision>,
    paths: Paths,
}

impl Os {
    /// Reads an `image.yaml` that stands in the folder `id`.
    ///
    /// # Errors
    /// When the text is not of the form, or its content is incomplete or inconsistent.
    pub fn parse(id: &str, text: &str) -> Result<Self, OsError> {
        let raw: Raw = serde_saphyr::from_str(text)
            .map_err(|error| OsError::Form { id: id.to_owned(), source: error.to_string().into() })?;
        let problems = problems(id, &raw);
        if !problems.is_empty() {
            return Err(OsError::Content { id: id.to_owned(), problems });
        }
        let Raw { id, name, family, version, kernel, systemd, network, resolver, components, paths } = raw;
        Ok(Self { id, name, family, version, kernel, systemd, network, resolver, components, paths })
    }
}

fn problems(id: &str, raw: &Raw) -> Vec<String> {
    let mut problems = Vec::new();
    if raw.id != id {
        problems.push(format!("the id is `{}`, the folder `{id}`", raw.id));
    }
    for component in Component::ALL {
        let wanted = component != Component::Netplan || raw.network == NetworkStyle::Netplan;
        if wanted != raw.components.contains_key(&component) {
            problems
                .push(format!("{component:?} is {}", if wanted { "missing" } else { "not for this system" }));
        }
    }
    for (component, provision) in &raw.components {
        problems.extend(provision_problems(*component, provision));
    }
    for path in paths(&raw.paths) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
        if !path.starts_with('/') || path.ends_with('/') || !path.bytes().all(plain) {
            problems.push(format!("`{path}` is not an absolute path of letters, digits and `/._-`"));
        }
    }
    if raw.paths.named.options.is_some() != raw.paths.named.zones.is_some() {
        problems.push("named has only one of `options` and `zones`".to_owned());
    }
    problems
}

fn provision_problems(component: Component, provision: &Provision) -> Vec<String> {
    let mut problems = Vec::new();
    let sorted = provision.packages.windows(2).all(|pair| pair[0] < pair[1]);
    if provision.packages.is_empty() || !sorted {
        problems.push(format!("packages of {component:?} are empty or not sorted"));
    }
    let plain = |text: &str, more: &[u8]| {
        let byte = |b: u8| b.is_ascii_alphanumeric() || more.contains(&b);
        !text.is_empty() && text.bytes().all(byte)
    };
    for package in provision.packages.iter().chain([&provision.repository]) {
        if !plain(package, b"+-.") {
            problems.push(format!("`{package}` of {component:?} is not a package or repository name"));
        }
    }
    for unit in &provision.units {
        if !plain(unit, b"-_.@:") || !unit.ends_with(".service") {
            problems.push(format!("`{unit}` of {component:?} is not a full unit name"));
        }
    }
    problems
}

fn paths(paths: &Paths) -> Vec<&str> {
    let Paths { chrony, haproxy, keepalived, mariadb, named, nginx, trust_anchors } = paths;
    let mut all: Vec<&str> = vec![
        &chrony.config,
        &chrony.drift,
        &chrony.keys,
        &haproxy.config,
        &keepalived.config,
        &mariadb.main,
        &mariadb.folder,
        &mariadb.data,
        &mariadb.socket,
        &mariadb.pid,
        &mariadb.log_folder,
        &named.main,
        &named.live,
        &named.working,
        &nginx.config,
        &nginx.modules,
        &nginx.pid,
        &trust_anchors.folder,
        &trust_anchors.update,
    ];
    all.extend(named.options.as_deref());
    all.extend(named.zones.as_deref());
    all
}
