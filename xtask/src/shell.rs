//! Running programs in the workspace: where it is, which cargo, and errors that name the command.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo builds, and where the verbs keep what may be thrown away.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// A program that runs in the workspace's folder without an input.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The command as a person would type it.
pub(crate) fn spell(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs a command that shares this terminal, and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting `{}`", spell(command)))?;
    ensure!(status.success(), "`{}` ended with {status}", spell(command));
    Ok(())
}

/// Runs a command to its end and hands over all it said, whatever its exit code.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    command.output().with_context(|| format!("starting `{}`", spell(command)))
}

/// The standard output of a command that succeeds.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = capture(command)?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{}` ended with {}\n{told}", spell(command), output.status);
    String::from_utf8(output.stdout).with_context(|| format!("reading the output of `{}`", spell(command)))
}

/// The places where programs are looked for: PATH, and the administrator's folders that it may lack.
pub(crate) fn search_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    for extra in ["/usr/local/sbin", "/usr/sbin", "/sbin"] {
        if !folders.iter().any(|folder| folder == Path::new(extra)) {
            folders.push(extra.into());
        }
    }
    folders
}

/// Whether a program of that name is installed.
pub(crate) fn has_program(name: &str) -> bool {
    search_path().iter().any(|folder| folder.join(name).is_file())
}

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// Whether this is a build machine, where nothing may be left out.
pub(crate) fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// A heading between the steps of a verb, on stderr.
pub(crate) fn heading(text: &str) {
    eprintln!("\n==> {text}");
}

/// An empty folder below `target/xtask/`; what an earlier run left there is removed.
pub(crate) fn fresh_folder(name: &str) -> Result<PathBuf> {
    let folder = target().join("xtask").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    Ok(folder)
}
