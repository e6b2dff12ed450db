//! `cargo xtask demo`: the generator at work on the built-in example, step by step, with real commands.
//!
//! Installs nothing and needs no privilege.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::hagen::{Hagen, Profile};
use crate::shell;

/// Runs the verb.
pub(crate) fn run() -> Result<()> {
    shell::heading("building hagen");
    let hagen = Hagen::build(Profile::Dev)?;
    let folder = shell::fresh_folder("demo")?;
    let call = |args: &[&str]| {
        let mut command = hagen.command();
        command.args(args).current_dir(&folder);
        command
    };

    step("the built-in example `bootstrap-ha`: three nodes, one bundle each");
    show(&mut call(&["init", "--topology", "bootstrap-ha", "-o", "cluster.yaml"]))?;
    show(&mut call(&["check"]))?;
    show(&mut call(&["bundle", "-o", "bundles"]))?;
    let bundles = bundle_names(&folder.join("bundles"))?;
    let verify: Vec<&str> = ["verify"].into_iter().chain(bundles.iter().map(String::as_str)).collect();
    show(&mut call(&verify))?;

    step("the same document again gives the same bytes");
    quietly(&mut call(&["bundle", "-o", "again"]))?;
    for bundle in &bundles {
        let again = bundle.replacen("bundles/", "again/", 1);
        let (first, second) = (fs::read(folder.join(bundle))?, fs::read(folder.join(&again))?);
        ensure!(first == second, "{bundle} and {again} differ");
        println!("identical: {bundle} and {again}, {} bytes", first.len());
    }

    step("ordinary tools agree");
    let bundle = bundles.first().context("there is no bundle")?;
    fs::create_dir(folder.join("unpacked"))?;
    show(shell::command("tar").args(["-xzf", bundle, "-C", "unpacked"]).current_dir(&folder))?;
    let unpacked = unpacked_root(&folder.join("unpacked"))?;
    let relative = |path: &Path| path.strip_prefix(&folder).unwrap_or(path).to_path_buf();
    show(
        shell::command("sha256sum")
            .args(["--check", "--quiet", "--strict", "SHA256SUMS"])
            .current_dir(&unpacked),
    )?;

    step("one byte is changed");
    let victim = configuration_file(&unpacked)?;
    println!("(in {victim})");
    flip(&unpacked.join(&victim), 0)?;
    let told = refuse(call(&["verify"]).arg(relative(&unpacked)))?;
    ensure!(told.contains(&victim), "verify did not name {victim}");
    let archive = folder.join(bundle);
    flip(&archive, fs::metadata(&archive)?.len() / 2)?;
    refuse(&mut call(&["verify", bundle]))?;

    step("what the cluster survives");
    show(&mut call(&["survive"]))?;

    println!("\ndemo: {} bundles baked, verified and baked again with the same bytes;", bundles.len());
    println!("demo: a changed byte was found in a folder and in an archive;");
    println!("demo: everything lies in {}", folder.display());
    Ok(())
}

/// A heading between the parts.
fn step(text: &str) {
    println!("\n==> {text}");
}

/// Says a command, runs it on this terminal, and fails when it fails.
fn show(command: &mut Command) -> Result<()> {
    println!("$ {}", short(command));
    shell::run(command)
}

/// Says a command, runs it without its words, and fails when it fails.
fn quietly(command: &mut Command) -> Result<()> {
    println!("$ {}", short(command));
    shell::read(command).map(drop)
}

/// Says a command, runs it, and fails unless it ends with exit code 1 ("a check failed").
fn refuse(command: &mut Command) -> Result<String> {
    println!("$ {}", short(command));
    let output = shell::capture(command)?;
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    print!("{told}");
    ensure!(output.status.code() == Some(1), "`{}` ended with {}", shell::spell(command), output.status);
    println!("(exit code 1)");
    Ok(told)
}

/// A command with the program's name instead of its path.
fn short(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    shell::spell(command).replacen(&*command.get_program().to_string_lossy(), &program.to_string_lossy(), 1)
}

/// The bundles of a folder, as `bundles/NAME`, in name order.
fn bundle_names(folder: &Path) -> Result<Vec<String>> {
    let mut names = vec![];
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".tar.gz") {
            names.push(format!("bundles/{name}"));
        }
    }
    names.sort();
    ensure!(!names.is_empty(), "no bundles in {}", folder.display());
    Ok(names)
}

/// The folder that holds `SHA256SUMS`: an archive may have one folder around its content.
fn unpacked_root(folder: &Path) -> Result<std::path::PathBuf> {
    if folder.join("SHA256SUMS").is_file() {
        return Ok(folder.to_path_buf());
    }
    let mut inner = fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path());
    inner.find(|path| path.join("SHA256SUMS").is_file()).context("the archive has no SHA256SUMS")
}

/// The first configuration file of an unpacked bundle, by its list of digests.
fn configuration_file(unpacked: &Path) -> Result<String> {
    let sums = fs::read_to_string(unpacked.join("SHA256SUMS")).context("reading SHA256SUMS")?;
    let mut paths = sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path);
    let found = paths.find(|path| path.starts_with("rootfs/etc/"));
    found.map(str::to_owned).context("the bundle has no configuration file")
}

/// Changes one bit of a file.
fn flip(path: &Path, at: u64) -> Result<()> {
    let mut bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let at = usize::try_from(at)?;
    *bytes.get_mut(at).with_context(|| format!("{} has no byte {at}", path.display()))? ^= 1;
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}
