//! A machine of its own for a script: a copy-on-write view of this machine's root, with its own mounts,
//! processes and network. Everything in it is gone when the value is dropped.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use hagen::tree::File;
use tempfile::TempDir;

/// Sets the stage up inside fresh namespaces, says `ready`, and waits to be killed.
const SET_UP: &str = r#"
set -eu
mount --make-rprivate /
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
for folder in dev sys; do mount --rbind "/$folder" "$1/root/$folder"; done
mount -t proc proc "$1/root/proc"
printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' >"$1/swaps"
mount --bind "$1/swaps" "$1/root/proc/swaps"
mount -t tmpfs tmpfs "$1/root/run"
mount -t tmpfs tmpfs "$1/root/tmp"
ip link set lo up
ip route add default dev lo
echo ready
exec sleep 1000000
"#;

/// The machine.
pub(crate) struct Stage {
    holder: Child,
    init: u32,
    servers: Vec<Child>,
    _folder: TempDir,
    root: String,
}

/// What a script said and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) said: String,
}

impl Stage {
    /// An empty stage whose loopback has the addresses.
    pub(crate) fn new(addresses: &[&str]) -> Self {
        let folder = TempDir::with_prefix("hagen-stage-").unwrap();
        let mut holder = Command::new("unshare")
            .args([
                "--mount",
                "--net",
                "--pid",
                "--uts",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                SET_UP,
                "stage",
            ])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare(1) of util-linux; these tests need root");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the stage was not set up; these tests need root and overlay mounts");
        let id = holder.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let init = children.trim().parse().unwrap();
        let root = folder.path().join("root").display().to_string();
        let stage = Self { holder, init, servers: vec![], _folder: folder, root };
        for address in addresses {
            stage.sh(&format!("ip addr add {address}/32 dev lo")).good();
        }
        stage.write("/etc/hosts", "127.0.0.1 localhost\n", 0o644);
        stage.write("/etc/resolv.conf", "nameserver 127.0.0.1\n", 0o644);
        stage
    }

    fn enter(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        let target = self.init.to_string();
        command
            .args(["--target", &target, "--mount", "--net", "--pid", "--uts", "chroot", &self.root, program]);
        command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("HOME", "/root").stdin(Stdio::null());
        command
    }

    /// Runs a program to its end.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        let Output { status, stdout, stderr } = self.enter(program).args(arguments).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        Ran { code: status.code().unwrap_or(-1), said }
    }

    /// Runs a line of shell.
    pub(crate) fn sh(&self, line: &str) -> Ran {
        self.run("sh", &["-c", line])
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str, mode: u32) {
        let line = r#"mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1""#;
        let mode = format!("{mode:o}");
        let mut child =
            self.enter("sh").args(["-c", line, "write", path, &mode]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{path} cannot be written");
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        let ran = self.run("cat", &[path]);
        assert_eq!(ran.code, 0, "{}", ran.said);
        ran.said
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.run("test", &["-e", path]).code == 0
    }

    /// Lays rendered files where they belong.
    pub(crate) fn lay(&self, files: &[File]) {
        for file in files {
            self.write(&file.path, file.text(), file.entry.mode);
        }
    }

    /// Starts a server that stays in the foreground, and waits until something listens on the TCP port.
    pub(crate) fn serve(
        &mut self,
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
        port: u16,
    ) {
        let mut command = self.enter(program);
        command.args(arguments).envs(environment.iter().copied());
        let log = format!("/var/tmp/{}-{port}.log", program.rsplit('/').next().unwrap());
        let out =
            std::fs::File::create(std::path::Path::new(&self.root).with_file_name("server.log")).unwrap();
        command.stdout(out.try_clone().unwrap()).stderr(out);
        self.servers.push(command.spawn().unwrap_or_else(|e| panic!("{program}: {e}")));
        let listens = format!("ss -ltn | awk 'NR > 1 {{ print $4 }}' | grep -q ':{port}$'");
        let end = Instant::now() + Duration::from_secs(30);
        while self.sh(&listens).code != 0 {
            let ended = self.servers.last_mut().and_then(|s| s.try_wait().unwrap());
            let text = std::fs::read_to_string(std::path::Path::new(&self.root).with_file_name("server.log"));
            assert!(ended.is_none(), "{program} ended: {}", text.unwrap_or_default());
            assert!(Instant::now() < end, "{program} does not listen on {port}; {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the servers that were started last.
    pub(crate) fn stop(&mut self, program: &str) {
        let end = Instant::now() + Duration::from_secs(10);
        // A server may start another worker between the two.
        while self.sh(&format!("pids=$(pidof {program}) || exit 1; kill -9 $pids; :")).code == 0 {
            assert!(Instant::now() < end, "{program} does not end");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Puts a program in the place of one that is not to be had: it writes its name and arguments to
    /// `/var/tmp/calls` and then runs the given shell.
    pub(crate) fn stand_in(&self, path: &str, body: &str) {
        let name = path.rsplit('/').next().unwrap();
        let text = format!("#!/bin/sh\necho \"{name} $*\" >>/var/tmp/calls\n{body}\n");
        self.write(path, &text, 0o755);
    }

    /// The calls of stand-ins since the last question.
    pub(crate) fn calls(&self) -> Vec<String> {
        let ran = self.sh("cat /var/tmp/calls 2>/dev/null; rm -f /var/tmp/calls");
        ran.said.lines().map(str::to_owned).collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The first process of the stage dies with its parent, and takes all others along.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Ran {
    /// The text, after a success.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{}", self.said);
        self.said
    }

    /// The text, after the exit code that tells of a failed check.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!(self.code, 1, "{}", self.said);
        self.said
    }
}
