//! Bundles a folder of payload for some nodes, and says how long it took and how much memory it needed.
//!
//! `cargo run --release --example press -- FOLDER OUTPUT [NODES]`; `FOLDER` may be `-` for none.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use hagen::bundle::payload::Measured;
use hagen::bundle::{BundleId, Draft, Options, Press};
use hagen::plan::activation::Activation;
use hagen::tree::{Content, Entry, File, Tree, TreePath};

fn main() -> Result<()> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let [folder, output, nodes @ ..] = &*arguments else { anyhow::bail!("FOLDER OUTPUT [NODES]") };
    let nodes = nodes.first().map_or(Ok(1), |nodes| nodes.parse::<usize>())?;
    let start = Instant::now();
    let payload = match folder.as_str() {
        "-" => vec![],
        folder => Measured::default().folder(Path::new(folder))?,
    };
    println!("measured {} files in {:?}", payload.len(), start.elapsed());
    let press = Press::open(Path::new(output), Options::default())?;
    let write = |node: usize| {
        let mut tree = Tree::default();
        for n in 0..60 {
            let text = format!("# file {n} of node {node}\n").repeat(20);
            tree.place("rootfs", File::config("example", format!("/etc/example/{n}"), text))?;
        }
        for (path, payload) in &payload {
            let content = Content::Payload(payload.clone());
            let entry = Entry { mode: 0o644, secret: false, origin: "payload".to_owned(), content };
            tree.insert(TreePath::under("packages", path.as_str())?, entry)?;
        }
        let id = BundleId::of(&node.to_le_bytes(), b"");
        let (node, waivers, activation) = (format!("node{node}"), vec![], Activation::default());
        press.write(&Draft { node, id, waivers, tree, activation }).context("writing a bundle")
    };
    rayon::iter::ParallelIterator::try_for_each(
        rayon::iter::IntoParallelIterator::into_par_iter(0..nodes),
        write,
    )?;
    println!("written after {:?}", start.elapsed());
    let written = press.publish()?;
    println!("published {} bundles after {:?}", written.len(), start.elapsed());
    let status = std::fs::read_to_string("/proc/self/status")?;
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(())
}
