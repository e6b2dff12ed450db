//! What a payload costs: one bundle against the ordinary tools, and many bundles that share it.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::table::Row;
use super::{Bench, document};
use crate::meter::{Reading, measure, median, seconds};
use crate::shell;

const FILES: u64 = 64;
/// Wall time against the ordinary tools.
const RATIO_MAX: f64 = 1.1;
const PEAK_MAX_KIB: u64 = 64 << 10;
/// Nodes that share a payload.
const SHARING: usize = 20;

/// One bundle with a large payload of files that do not compress.
pub(super) fn one(bench: &Bench, mib: u64) -> Result<Vec<Row>> {
    shell::heading(&format!("one bundle with {mib} MiB of payload, in turn with tar, pigz and sha256sum"));
    prepare(bench, mib, 5, noise)?;
    let (mut ours, mut theirs) = (vec![], vec![]);
    for round in 0..bench.rounds {
        let cost = measure(&bundle(bench, &["cp-1"])?)?;
        let reference = measure(&ordinary_tools(bench)?)?;
        eprintln!(
            "round {}: hagen {:.2} s, {} MiB; ordinary tools {:.2} s",
            round + 1,
            seconds(cost.wall),
            cost.peak_kib >> 10,
            seconds(reference.wall)
        );
        ours.push(cost);
        theirs.push(reference);
    }
    let (Some(wall), Some(reference)) = (median(&walls(&ours)), median(&walls(&theirs))) else {
        return Ok(vec![]);
    };
    let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| seconds(a.wall) / seconds(b.wall)).collect();
    let ratio = median_ratio(&ratios);
    let peak_kib = ours.iter().map(|cost| cost.peak_kib).max().unwrap_or(0);
    let spread: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    Ok(vec![
        Row {
            what: format!(
                "bundle with {mib} MiB of incompressible payload, against `tar \\| pigz` and `sha256sum`"
            ),
            measured: format!(
                "{:.2} s against {:.2} s: {ratio:.2} (pairs: {})",
                seconds(wall),
                seconds(reference),
                spread.join(", ")
            ),
            promise: format!("at most {RATIO_MAX}"),
            kept: ratio <= RATIO_MAX,
        },
        Row {
            what: "its peak memory, the largest of all runs".into(),
            measured: format!("{:.1} MiB", peak_kib as f64 / 1024.0),
            promise: format!("under {} MiB", PEAK_MAX_KIB >> 10),
            kept: peak_kib < PEAK_MAX_KIB,
        },
    ])
}

/// The bundles of many nodes that carry the same payload, against the bundle of one.
///
/// The payload is of a kind that packs to a hundredth: so the bytes that were read tell how often the payload
/// itself was read, also where its packed form is copied from one bundle to the next.
pub(super) fn shared(bench: &Bench, mib: u64) -> Result<Vec<Row>> {
    shell::heading(&format!("{SHARING} bundles that share {mib} MiB of payload, in turn with one"));
    prepare(bench, mib, SHARING + 5, repetition)?;
    let workers: Vec<String> = (0..SHARING).map(|number| format!("worker-{number:04}")).collect();
    let workers: Vec<&str> = workers.iter().map(String::as_str).collect();
    let (mut one, mut many) = (vec![], vec![]);
    for round in 0..bench.rounds {
        let single = measure(&bundle(bench, &workers[..1])?)?;
        let all = measure(&bundle(bench, &workers)?)?;
        for (cost, nodes) in [(single, 1), (all, SHARING)] {
            eprintln!(
                "round {}: {nodes} nodes: {:.2} s, {} MiB read, {} MiB memory",
                round + 1,
                seconds(cost.wall),
                cost.read_bytes >> 20,
                cost.peak_kib >> 10
            );
        }
        one.push(single);
        many.push(all);
    }
    let wall = |costs: &[Reading]| seconds(median(&walls(costs)).unwrap_or_default());
    let times = |costs: &[Reading]| {
        let read = median(&costs.iter().map(|cost| cost.read_bytes).collect::<Vec<_>>()).unwrap_or(0);
        read as f64 / (mib << 20) as f64
    };
    Ok(vec![Row {
        what: format!("{SHARING} bundles that share a payload of {mib} MiB, against one bundle with it"),
        measured: format!(
            "{:.2} s against {:.2} s: {:.1} times; the payload's size read {:.2} times against {:.2} times",
            wall(&many),
            wall(&one),
            wall(&many) / wall(&one),
            times(&many),
            times(&one)
        ),
        promise: "the payload is not read again for another node".into(),
        kept: times(&many) - times(&one) < 0.5,
    }])
}

fn walls(costs: &[Reading]) -> Vec<Duration> {
    costs.iter().map(|cost| cost.wall).collect()
}

fn median_ratio(ratios: &[f64]) -> f64 {
    let mut sorted = ratios.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

/// Writes a file of about that size, different for every seed, the same in every run.
type Filler = fn(path: &Path, seed: u64, size: u64) -> Result<()>;

/// A payload and a document of `nodes` nodes that carries it.
fn prepare(bench: &Bench, mib: u64, nodes: usize, fill: Filler) -> Result<()> {
    let payload = shell::fresh_folder("bench/payload")?;
    for number in 0..FILES {
        let path = payload.join(format!("file-{number:02}.img"));
        fill(&path, number + 1, (mib << 20) / FILES)
            .with_context(|| format!("writing {}", path.display()))?;
    }
    let document = bench.folder.join("payload.yaml");
    fs::write(&document, document::kubeadm(nodes, &document::with_payload("payload")))
        .with_context(|| format!("writing {}", document.display()))
}

/// Bytes that do not compress: Marsaglia's xorshift64*.
fn noise(path: &Path, seed: u64, size: u64) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for _ in 0..size / 8 {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        file.write_all(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes())?;
    }
    file.flush()?;
    Ok(())
}

/// Bytes that compress very well: one page, again and again.
fn repetition(path: &Path, seed: u64, size: u64) -> Result<()> {
    let page = format!("{seed:016}").repeat(256);
    let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    for _ in 0..size / page.len() as u64 {
        file.write_all(page.as_bytes())?;
    }
    file.flush()?;
    Ok(())
}

fn bundle(bench: &Bench, nodes: &[&str]) -> Result<Command> {
    let out = shell::fresh_folder("bench/out")?;
    let mut command = bench.hagen.command();
    command.arg("bundle").arg("-f").arg(bench.folder.join("payload.yaml")).arg("-o").arg(out.join("bundles"));
    for node in nodes {
        command.args(["--node", node]);
    }
    Ok(command)
}

/// What an administrator would type for the same: a digest of every file, and an archive.
fn ordinary_tools(bench: &Bench) -> Result<Command> {
    let out = shell::fresh_folder("bench/out")?;
    let cores = bench.cores;
    let script = format!(
        "find payload -type f | LC_ALL=C sort | xargs -n 4 -P {cores} sha256sum > {0}/SHA256SUMS && \
         tar --sort=name -cf - payload | pigz -p {cores} > {0}/payload.tar.gz",
        out.display()
    );
    let mut bash = shell::command("bash");
    bash.args(["-eo", "pipefail", "-c", &script]).current_dir(&bench.folder);
    Ok(bash)
}
