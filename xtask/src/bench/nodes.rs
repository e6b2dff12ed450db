//! What nodes cost: checking documents of many, and making a bundle for each.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::table::Row;
use super::{Bench, document};
use crate::meter::{measure, median, seconds};
use crate::shell;

/// Sizes of the documents that show how the cost grows.
const SIZES: [usize; 5] = [100, 200, 400, 800, 1600];
/// The size that the promises are about.
const NODES: usize = 1000;
const CHECK_MAX: Duration = Duration::from_millis(300);
const BUNDLES_MAX: Duration = Duration::from_secs(10);
/// Linear growth from the first size to the last is 16; noise and caches are allowed half as much again.
const GROWTH_SLACK: f64 = 1.5;

/// `hagen check` of one large document, and of documents that double.
pub(super) fn check(bench: &Bench) -> Result<Vec<Row>> {
    shell::heading("check of documents of many nodes");
    let sizes: Vec<usize> = SIZES.into_iter().chain([NODES]).collect();
    let mut walls = vec![vec![]; sizes.len()];
    for round in 0..bench.rounds {
        for (walls, nodes) in walls.iter_mut().zip(&sizes) {
            let wall = measure(&check_command(bench, *nodes)?)?.wall;
            eprintln!("round {}: {nodes} nodes: {} ms", round + 1, wall.as_millis());
            walls.push(wall);
        }
    }
    let medians: Vec<Duration> = walls.iter().filter_map(|walls| median(walls)).collect();
    let (Some(first), Some(last), Some(large)) =
        (medians.first(), medians.get(SIZES.len() - 1), medians.last())
    else {
        return Ok(vec![]);
    };
    let milliseconds = |wall: &Duration| format!("{:.0}", seconds(*wall) * 1000.0);
    let series: Vec<String> = medians.iter().take(SIZES.len()).map(milliseconds).collect();
    let (growth, linear) = (seconds(*last) / seconds(*first), (SIZES[SIZES.len() - 1] / SIZES[0]) as f64);
    Ok(vec![
        Row {
            what: format!("`check` of {NODES} nodes"),
            measured: format!("{} ms", milliseconds(large)),
            promise: format!("under {} ms", CHECK_MAX.as_millis()),
            kept: *large < CHECK_MAX,
        },
        Row {
            what: "`check` of 100, 200, 400, 800, 1600 nodes".into(),
            measured: format!(
                "{} ms: {growth:.1} times the time for {linear:.0} times the nodes",
                series.join(", ")
            ),
            promise: format!("linear: at most {:.0} times", linear * GROWTH_SLACK),
            kept: growth <= linear * GROWTH_SLACK,
        },
    ])
}

fn check_command(bench: &Bench, nodes: usize) -> Result<Command> {
    let path = bench.folder.join(format!("{nodes}.yaml"));
    fs::write(&path, document::kubeadm(nodes, "")).with_context(|| format!("writing {}", path.display()))?;
    let mut command = bench.hagen.command();
    command.arg("check").arg("-f").arg(path);
    Ok(command)
}

/// All bundles of a large document.
pub(super) fn bundles(bench: &Bench) -> Result<Vec<Row>> {
    shell::heading(&format!("all bundles of {NODES} nodes"));
    let sizes = [NODES / 4, NODES];
    let mut walls = vec![vec![]; sizes.len()];
    let mut peak_kib = 0;
    for round in 0..bench.rounds {
        for (walls, nodes) in walls.iter_mut().zip(sizes) {
            let path = bench.folder.join(format!("{nodes}.yaml"));
            fs::write(&path, document::kubeadm(nodes, ""))?;
            let out = shell::fresh_folder("bench/out")?;
            let mut command = bench.hagen.command();
            command.arg("bundle").arg("-f").arg(path).arg("-o").arg(out.join("bundles"));
            let cost = measure(&command)?;
            let made = fs::read_dir(out.join("bundles"))?.filter_map(Result::ok);
            let made = made.filter(|e| e.file_name().to_string_lossy().ends_with(".tar.gz")).count();
            ensure!(made == nodes, "{made} bundles for {nodes} nodes");
            eprintln!(
                "round {}: {nodes} bundles: {:.2} s, {} MiB",
                round + 1,
                seconds(cost.wall),
                cost.peak_kib >> 10
            );
            walls.push(cost.wall);
            peak_kib = peak_kib.max(cost.peak_kib);
        }
    }
    let medians: Vec<Duration> = walls.iter().filter_map(|walls| median(walls)).collect();
    let [quarter, all] = medians[..] else { return Ok(vec![]) };
    Ok(vec![Row {
        what: format!("all {NODES} bundles without payload"),
        measured: format!(
            "{:.2} s ({:.2} s for {}), peak memory {} MiB",
            seconds(all),
            seconds(quarter),
            sizes[0],
            peak_kib >> 10
        ),
        promise: format!("under {} s", BUNDLES_MAX.as_secs()),
        kept: all < BUNDLES_MAX,
    }])
}
