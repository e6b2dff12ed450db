//! Running one outside program: bounded in time and output, and if needed on a stage.
//!
//! Knows processes, not products. A program that is still running at its deadline is killed with all
//! its children; what it printed until then is kept.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ipnet::IpNet;
use thiserror::Error;

/// How long a tool may run when nothing else is said.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(60);
/// How much of each output stream is kept; the rest is read and dropped, so that no tool blocks.
pub const OUTPUT_BYTES_MAX: usize = 256 * 1024;
/// How much of a tool's words a message shows.
const TOLD_BYTES_MAX: usize = 4000;
/// Administrators' folders, which are often missing from a user's `PATH`.
const ADMIN_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// How to run a tool. `ToolOptions::default()` is: no input, here, [`TIMEOUT_DEFAULT`], on the host.
#[derive(Clone, Debug)]
pub struct ToolOptions {
    /// What the tool reads on stdin; nothing by default.
    pub stdin: Vec<u8>,
    /// The working folder; the caller's by default, `/` on a stage.
    pub cwd: Option<PathBuf>,
    /// Variables added to the environment. `LC_ALL=C` is always set.
    pub env: Vec<(String, String)>,
    /// After this time the tool and its children are killed.
    pub timeout: Duration,
    /// Where to run it; on the host by default.
    pub stage: Option<Stage>,
}

impl Default for ToolOptions {
    fn default() -> Self {
        Self { stdin: Vec::new(), cwd: None, env: Vec::new(), timeout: TIMEOUT_DEFAULT, stage: None }
    }
}

/// A private copy of this host in which a rendered root is laid over `/`, with an empty network.
///
/// The tool sees the rendered files at their real absolute paths, the programs and libraries of the
/// host, its own process ids, an empty `/run` and `/tmp`, and may write anywhere: everything it writes
/// goes to memory and is gone with it. Needs root or unprivileged user namespaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The folder that is laid over `/`.
    pub rootfs: PathBuf,
    /// Interfaces that exist besides `lo`.
    pub links: Vec<Link>,
}

/// An interface of a stage. It is up and leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name, 1 to 15 bytes.
    pub name: String,
    /// Its addresses, with the prefix of their subnet.
    pub addresses: Vec<IpNet>,
}

/// How a tool ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It was still running at the deadline and was killed.
    Deadline,
}

/// What a tool printed and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub end: End,
    /// Its stdout, at most [`OUTPUT_BYTES_MAX`] bytes.
    pub stdout: String,
    /// Its stderr, at most [`OUTPUT_BYTES_MAX`] bytes.
    pub stderr: String,
}

impl Output {
    /// Both streams and, when they are silent, the way it ended; for a message.
    pub fn told(&self) -> String {
        let mut text = [self.stderr.trim(), self.stdout.trim()].join("\n").trim().to_owned();
        if text.is_empty() {
            text = match self.end {
                End::Code(code) => format!("exit code {code} without a word"),
                End::Signal(signal) => format!("killed by signal {signal}"),
                End::Deadline => "still running at its deadline".to_owned(),
            };
        }
        if text.len() > TOLD_BYTES_MAX {
            let cut = (0..=TOLD_BYTES_MAX).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            text.truncate(cut);
            text.push('…');
        }
        text
    }
}

/// Why a tool could not be asked.
#[derive(Debug, Error)]
pub enum ToolError {
    /// It is neither in `PATH` nor in an administrators' folder.
    #[error("{0} is not installed")]
    Missing(String),
    /// The system refused to start it or to talk to it.
    #[error("running {program}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The stage could not be set up.
    #[error("{program} could not get a private copy of this host: {told}")]
    Stage {
        /// The program that was to run there.
        program: String,
        /// What the set-up said.
        told: String,
    },
}

/// The absolute path of a program: in `PATH`, then in the administrators' folders.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let runnable = |path: &PathBuf| {
        path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(runnable);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(ADMIN_FOLDERS.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(runnable)
}

/// Runs a program to its end or to its deadline.
///
/// # Errors
/// When the program is missing, cannot be started, or the stage cannot be set up. A program that runs
/// and fails is not an error here: see [`Output::end`].
pub fn run_tool<A: AsRef<OsStr>>(
    program: &str,
    args: &[A],
    options: &ToolOptions,
) -> Result<Output, ToolError> {
    let path = find_program(program).ok_or_else(|| ToolError::Missing(program.to_owned()))?;
    let start = |source| ToolError::Start { program: program.to_owned(), source };
    let args = args.iter().map(|arg| arg.as_ref().to_owned());
    let Some(stage) = &options.stage else {
        let mut command = Command::new(path);
        command.args(args);
        if let Some(cwd) = &options.cwd {
            command.current_dir(cwd);
        }
        return run(command, options).map_err(start);
    };
    let unshare = find_program("unshare").ok_or_else(|| ToolError::Missing("unshare".to_owned()))?;
    let mount_point = tempfile::Builder::new().prefix("hagen-stage-").tempdir().map_err(start)?;
    let mut command = Command::new(unshare);
    if std::fs::metadata("/proc/self").map_err(start)?.uid() != 0 {
        command.arg("--map-root-user");
    }
    command.args(["--mount", "--net", "--pid", "--fork", "--kill-child=KILL", "--", "/bin/sh", "-c"]);
    command.arg(STAGE_SCRIPT).arg("stage");
    command.arg(mount_point.path()).arg(&stage.rootfs).arg(stage_links(&stage.links));
    command.arg(options.cwd.as_deref().unwrap_or(Path::new("/"))).arg(path).args(args);
    let output = run(command, options).map_err(start)?;
    if mount_point.path().join("ready").exists() {
        Ok(output)
    } else {
        Err(ToolError::Stage { program: program.to_owned(), told: output.told() })
    }
}

/// Arguments: mount point, rootfs, links, working folder, program, its arguments.
/// The copy is an overlay: the rendered root over the host's `/`, with a memory file system on top.
const STAGE_SCRIPT: &str = r#"set -eu
at=$1 rootfs=$2 links=$3 cwd=$4
shift 4
mkdir "$at/m"
mount -t tmpfs -o mode=0755 tmpfs "$at/m"
mkdir "$at/m/rendered" "$at/m/upper" "$at/m/work" "$at/m/root"
chmod 0755 "$at/m/rendered"
cp -R --preserve=mode "$rootfs/." "$at/m/rendered/"
mount -t overlay overlay -o "lowerdir=$at/m/rendered:/,upperdir=$at/m/upper,workdir=$at/m/work" "$at/m/root"
mount -t proc proc "$at/m/root/proc" 2>/dev/null || mount --rbind /proc "$at/m/root/proc"
for folder in dev sys; do mount --rbind "/$folder" "$at/m/root/$folder"; done
mount -t tmpfs -o mode=1777 tmpfs "$at/m/root/tmp"
mount -t tmpfs -o mode=0755 tmpfs "$at/m/root/run"
ip link set lo up
peer=0
for word in $links; do
    case $word in
    link:*)
        name=${word#link:}
        peer=$((peer + 1))
        ip link add "$name" type veth peer name "hagen-p$peer"
        ip link set "hagen-p$peer" up
        ip link set "$name" up ;;
    *:*) ip -6 addr add "$word" dev "$name" nodad ;;
    *) ip addr add "$word" dev "$name" ;;
    esac
done
: >"$at/ready"
exec chroot "$at/m/root" /bin/sh -c 'cd "$1" && shift && exec "$@"' stage "$cwd" "$@"
"#;

fn stage_links(links: &[Link]) -> String {
    let words = links.iter().flat_map(|link| {
        std::iter::once(format!("link:{}", link.name)).chain(link.addresses.iter().map(IpNet::to_string))
    });
    words.collect::<Vec<_>>().join(" ")
}

fn run(mut command: Command, options: &ToolOptions) -> io::Result<Output> {
    let deadline = Instant::now() + options.timeout;
    command.envs(options.env.iter().map(|(key, value)| (key, value))).env("LC_ALL", "C");
    // A group of its own, so that the deadline reaches the children too.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn()?;
    let input = options.stdin.clone();
    if let Some(mut pipe) = child.stdin.take() {
        // A tool that does not read its input closes the pipe; that is its right.
        thread::spawn(move || drop(pipe.write_all(&input)));
    }
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let end = wait(&mut child, deadline)?;
    // A child that keeps the pipe open after the end of its parent must not hold us.
    let grace = Instant::now() + Duration::from_secs(2);
    let text = |from: Option<mpsc::Receiver<Vec<u8>>>| {
        let mut bytes = Vec::new();
        while let Some(more) = from
            .as_ref()
            .and_then(|pipe| pipe.recv_timeout(grace.saturating_duration_since(Instant::now())).ok())
        {
            let room = OUTPUT_BYTES_MAX - bytes.len();
            bytes.extend_from_slice(&more[..more.len().min(room)]);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ok(Output { end, stdout: text(stdout), stderr: text(stderr) })
}

/// Reads a pipe to its end; sends at most [`OUTPUT_BYTES_MAX`] bytes and drops the rest.
fn collect(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        let mut sent = 0;
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if sent < OUTPUT_BYTES_MAX {
                sent += count;
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        }
    });
    receiver
}

fn wait(child: &mut Child, deadline: Instant) -> io::Result<End> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(end_of(status));
        }
        if Instant::now() >= deadline {
            kill_group(child);
            child.kill()?;
            child.wait()?;
            return Ok(End::Deadline);
        }
        thread::sleep(pause.min(deadline.saturating_duration_since(Instant::now())));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

fn end_of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or(0)),
    }
}

/// Kills the group that the child leads; the group's id is the child's, and the child is not yet
/// reaped, so the id cannot belong to anyone else.
fn kill_group(child: &Child) {
    let group = OsString::from(format!("-{}", child.id()));
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill -s KILL -- \"$1\"", "kill"])
        .arg(group)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // The child itself is killed by its handle in any case.
    drop(kill.status());
}

#[cfg(test)]
mod tests;
