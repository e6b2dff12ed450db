//! `hagen bundle`.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::args::BundleArgs;
use super::document::{self, Proven};
use super::output::{Failure, print, print_json};
use crate::bake::bake;
use crate::bundle::payload::{Measured, PayloadError};
use crate::bundle::{BundleId, Draft, Options, Outcome, Press, SigningKey, Waiver, WriteError, Written};
use crate::offline::{self, OfflineError};
use crate::plan::Input;
use crate::secret::{SecretError, Secrets};
use crate::spec::Name;
use crate::topology::{Node, Topology};
use crate::tree::{Content, Entry, Payload, TreePath};
use crate::yaml::nearest;

pub(super) fn run(args: &BundleArgs) -> Result<(), Failure> {
    let Proven { folder, topology } = document::read_or_builtin(args.file.as_deref())?;
    let nodes = select(args, &topology)?;
    let secrets = Secrets::read(&topology.document, &folder).map_err(|errors| missing_secrets(&errors))?;
    let key = args.key.as_deref().map(|path| SigningKey::read(path, password));
    let key = key.transpose().map_err(|e| Failure::Input(chain(&e)))?;
    let shipments = shipments(&topology, &folder, &nodes)?;
    let id = identity(&topology, &secrets, &shipments)?;

    let bar = progress(&nodes, &shipments);
    let advance = |bytes: u64| bar.inc(bytes);
    let options = Options { force: args.force, key: key.as_ref(), threads: None, progress: &advance };
    let press = Press::open(&args.output, options).map_err(write_failure)?;
    nodes.par_iter().try_for_each(|node| {
        let draft = draft(&topology, node, &secrets, &shipments, id)?;
        press.write(&draft).map_err(write_failure)
    })?;
    let written = press.publish().map_err(write_failure)?;
    bar.finish_and_clear();
    if args.json { print_json(&written.iter().map(json).collect::<Vec<_>>()) } else { print(&text(&written)) }
}

/// The environment variable that holds the password of an encrypted signing key.
const PASSWORD_VARIABLE: &str = "MINISIGN_PASSWORD";

/// The password of an encrypted signing key: from the environment, else asked for on the terminal.
fn password() -> io::Result<String> {
    match env::var(PASSWORD_VARIABLE) {
        Ok(password) => Ok(password),
        Err(env::VarError::NotPresent) => {
            let prompt = format!("Password of the signing key (or set {PASSWORD_VARIABLE}): ");
            rpassword::prompt_password(prompt)
        }
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidInput, error)),
    }
}

/// The nodes that `--role` and `--node` ask for; all without either.
fn select<'t>(args: &BundleArgs, topology: &'t Topology) -> Result<Vec<&'t Node>, Failure> {
    for name in &args.node {
        if !topology.nodes.keys().any(|n| n.as_str() == name) {
            let near = nearest(name, topology.nodes.keys().map(Name::as_str));
            let known = || topology.nodes.keys().take(8).map(Name::as_str).collect::<Vec<_>>().join(", ");
            let hint = near.map_or_else(|| format!("nodes: {}", known()), |n| format!("did you mean `{n}`?"));
            return Err(Failure::Input(format!("there is no node `{name}`; {hint}")));
        }
    }
    let wanted = |node: &&Node| {
        (args.node.is_empty() || args.node.iter().any(|n| n == node.name.as_str()))
            && (args.role.is_empty() || args.role.iter().any(|r| node.has(*r)))
    };
    let nodes: Vec<&Node> = topology.nodes.values().filter(wanted).collect();
    if nodes.is_empty() {
        let roles = args.role.iter().map(|r| format!("`{r}`")).collect::<Vec<_>>().join(" or ");
        return Err(Failure::Input(format!("no node has the role {roles}")));
    }
    Ok(nodes)
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

fn missing_secrets(errors: &[SecretError]) -> Failure {
    let lines: Vec<String> = errors.iter().map(|e| format!("  {}", chain(e))).collect();
    let what = if errors.len() == 1 { "a secret" } else { "secrets" };
    Failure::Input(format!("{what} of the document cannot be used:\n{}", lines.join("\n")))
}

/// The difference between a mistake of the operator and a machine that fails is the exit code.
fn write_failure(error: WriteError) -> Failure {
    match error {
        WriteError::Exists(_) | WriteError::Busy(_) => Failure::Input(error.to_string()),
        WriteError::Output { .. } | WriteError::Twice(_) | WriteError::Seal(_) => {
            Failure::Environment(error.into())
        }
    }
}

/// What became of a bundle's place, as a word.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "created",
        Outcome::Unchanged => "unchanged",
        Outcome::Replaced => "replaced",
    }
}

/// The payloads of one entry of `offline.files`, ready for every node that gets them.
struct Shipment<'t> {
    file: &'t crate::topology::OfflineFile,
    entries: Vec<(TreePath, u32, Payload)>,
}

/// Finds and measures every payload once, whatever the number of nodes.
fn shipments<'t>(
    topology: &'t Topology,
    folder: &Path,
    nodes: &[&Node],
) -> Result<Vec<Shipment<'t>>, Failure> {
    let measured = Measured::default();
    let wanted = topology.offline.iter().filter(|f| nodes.iter().any(|n| f.nodes.contains(&n.name)));
    wanted
        .map(|file| {
            let source = folder.join(&file.source);
            let alone = source.is_file();
            let found = offline::find(&source).map_err(offline_failure)?;
            let entries = found
                .par_iter()
                .map(|found| {
                    let below = match &file.target {
                        None => format!("packages/{}", found.relative),
                        Some(target) if alone => format!("rootfs{target}"),
                        Some(target) => {
                            format!("rootfs{}/{}", target.as_str().trim_end_matches('/'), found.relative)
                        }
                    };
                    let path = TreePath::new(&below)
                        .map_err(|e| Failure::Input(format!("`{}`: {e}", found.path.display())))?;
                    let payload = measured.measure(&found.path).map_err(payload_failure)?;
                    Ok((path, found.mode, payload))
                })
                .collect::<Result<Vec<_>, Failure>>()?;
            Ok(Shipment { file, entries })
        })
        .collect()
}

fn offline_failure(error: OfflineError) -> Failure {
    Failure::Input(chain(&error))
}

fn payload_failure(error: PayloadError) -> Failure {
    Failure::Input(chain(&error))
}

/// Identity of the inputs: the document with its defaults, the values of its secrets by digest, and the
/// digests of what is shipped.
fn identity(topology: &Topology, secrets: &Secrets, shipments: &[Shipment<'_>]) -> Result<BundleId, Failure> {
    let document = serde_json::to_vec(&topology.document).map_err(|e| Failure::Environment(e.into()))?;
    let mut expanded = Sha256::digest(&document).to_vec();
    expanded.extend(secrets.digest());
    let mut lock = Sha256::new();
    let entries: BTreeMap<_, _> =
        shipments.iter().flat_map(|s| &s.entries).map(|(path, _, p)| (path.as_str(), p)).collect();
    for (path, payload) in entries {
        lock.update(path.as_bytes());
        lock.update([0]);
        lock.update(payload.size.to_be_bytes());
        lock.update(payload.sha256);
    }
    Ok(BundleId::of(&expanded, &lock.finalize()))
}

fn draft(
    topology: &Topology,
    node: &Node,
    secrets: &Secrets,
    shipments: &[Shipment<'_>],
    id: BundleId,
) -> Result<Draft, Failure> {
    let baked = bake(&Input { topology, node, secrets }).map_err(|e| Failure::Environment(e.into()))?;
    let mut tree = baked.tree;
    for shipment in shipments.iter().filter(|s| s.file.nodes.contains(&node.name)) {
        for (path, mode, payload) in &shipment.entries {
            let content = Content::Payload(payload.clone());
            let entry = Entry { mode: *mode, secret: false, origin: "payload".into(), content };
            tree.insert(path.clone(), entry).map_err(|e| Failure::Input(format!("offline.files: {e}")))?;
        }
    }
    let waivers =
        topology.waived.iter().map(|w| Waiver { rule: w.id.clone(), reason: w.reason.clone() }).collect();
    Ok(Draft { node: node.name.to_string(), id, waivers, tree, activation: baked.activation })
}

/// A bar over the bytes of all payloads, on a terminal and only when there is something to wait for.
fn progress(nodes: &[&Node], shipments: &[Shipment<'_>]) -> ProgressBar {
    let carried = |s: &Shipment<'_>| nodes.iter().filter(|n| s.file.nodes.contains(&n.name)).count() as u64;
    let bytes = |s: &Shipment<'_>| s.entries.iter().map(|(_, _, p)| p.size).sum::<u64>();
    let total: u64 = shipments.iter().map(|s| carried(s) * bytes(s)).sum();
    if total < 64 << 20 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn json(written: &Written) -> serde_json::Value {
    json!({
        "node": written.node,
        "id": written.id.to_string(),
        "path": written.path,
        "bytes": written.bytes,
        "outcome": word(written.outcome),
    })
}

fn text(written: &[Written]) -> String {
    let width = written.iter().map(|w| w.node.len()).max().unwrap_or(0);
    let line = |w: &Written| {
        format!("{:<width$}  {:>12} bytes  {:<9}  {}\n", w.node, w.bytes, word(w.outcome), w.path.display())
    };
    let id = written.first().map(|w| format!("bundle id {}\n", w.id)).unwrap_or_default();
    id + &written.iter().map(line).collect::<String>()
}
