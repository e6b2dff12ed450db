//! Small machines inside this one: each has its own network, processes, host name and private copy of `/`,
//! so that rendered files lie at their real paths and real daemons run at theirs.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hagen::tree::File;

/// A segment with machines on it; everything is gone when it is dropped.
pub(super) struct Lab {
    /// The machines, in order.
    pub(super) machines: Vec<Machine>,
    hub: String,
}

/// One machine.
pub(super) struct Machine {
    /// Its host name.
    pub(super) name: String,
    /// Its address in the segment, a /24.
    pub(super) address: Ipv4Addr,
    holder: Child,
    init: u32,
    netns: String,
}

/// What a command said.
#[derive(Debug)]
pub(super) struct Said {
    /// Its exit code; -1 when a signal ended it.
    pub(super) code: i32,
    /// Its stdout.
    pub(super) out: String,
    /// Its stderr.
    pub(super) err: String,
}

impl Said {
    /// The stdout of a command that must succeed.
    #[track_caller]
    pub(super) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self}");
        self.out
    }

    /// A command that must end with this code; both streams.
    #[track_caller]
    pub(super) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self}");
        self.out + &self.err
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}\nstdout: {}\nstderr: {}", self.code, self.out, self.err)
    }
}

/// Runs a command on the host that must succeed.
#[track_caller]
pub(super) fn host(argv: &[&str]) -> String {
    said(Command::new(argv[0]).args(&argv[1..])).ok()
}

#[track_caller]
fn said(command: &mut Command) -> Said {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Fails the test, with a hint, when a program is missing.
#[track_caller]
pub(super) fn need(program: &str, package: &str) {
    let found = said(Command::new("sh").args(["-c", &format!("command -v {program}")]));
    assert_eq!(found.code, 0, "{program} is needed and not installed: apt-get install {package}");
}

/// Waits until a condition holds; fails the test at the deadline with what the condition said last.
#[track_caller]
pub(super) fn until(seconds: u64, what: &str, mut condition: impl FnMut() -> Result<(), String>) {
    let end = Instant::now() + Duration::from_secs(4 * seconds);
    loop {
        match condition() {
            Ok(()) => return,
            Err(last) => assert!(Instant::now() < end, "{what}: not after four times {seconds} s; {last}"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Lab {
    /// Starts machines with these names at 10.77.0.1, 10.77.0.2, …
    #[track_caller]
    pub(super) fn new(names: &[&str]) -> Self {
        static LABS: AtomicU32 = AtomicU32::new(0);
        assert_eq!(
            host(&["id", "-u"]).trim(),
            "0",
            "these tests make network and mount namespaces: run as root"
        );
        need("ip", "iproute2");
        need("nsenter", "util-linux");
        let lab = format!("hgd{}x{}", std::process::id(), LABS.fetch_add(1, Ordering::Relaxed));
        host(&["ip", "netns", "add", &lab]);
        let mut this = Self { machines: Vec::new(), hub: lab.clone() };
        host(&["ip", "-n", &lab, "link", "add", "seg", "type", "bridge"]);
        host(&["ip", "-n", &lab, "link", "set", "seg", "up"]);
        for (at, name) in (1u8..).zip(names) {
            this.machines.push(Machine::start(&lab, at, name));
        }
        let names: String = this.machines.iter().map(|m| format!("{} {}\n", m.address, m.name)).collect();
        for machine in &this.machines {
            machine.write("/etc/hosts", &format!("127.0.0.1 localhost\n{names}"), 0o644);
        }
        this
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.machines.clear();
        let _ = Command::new("ip").args(["netns", "del", &self.hub]).status();
    }
}

/// Makes the private copy of `/` and stays as the first process, which collects orphans.
const HOLDER: &str = r#"
set -e
t=$(mktemp -d)
mount -t tmpfs -o size=4g tmpfs "$t"
mkdir "$t/upper" "$t/work" "$t/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$t/upper,workdir=$t/work" "$t/root"
mount -t proc proc "$t/root/proc"
mount --rbind /dev "$t/root/dev"
mount --rbind /sys "$t/root/sys"
mount -t tmpfs tmpfs "$t/root/run"
mount -t tmpfs tmpfs "$t/root/tmp"
hostname "$1"
cd "$t/root"
mkdir -p run/old run/lock run/mysqld
chmod 1777 run/lock
pivot_root . run/old
umount -l /run/old
ip link set lo up
echo ready
while :; do sleep 1; done
"#;

impl Machine {
    fn start(hub: &str, at: u8, name: &str) -> Self {
        let netns = format!("{hub}m{at}");
        let address = Ipv4Addr::new(10, 77, 0, at);
        host(&["ip", "netns", "add", &netns]);
        let port = format!("p{at}");
        host(&[
            "ip", "link", "add", &port, "netns", hub, "type", "veth", "peer", "name", "eth0", "netns", &netns,
        ]);
        host(&["ip", "-n", hub, "link", "set", &port, "master", "seg", "up"]);
        host(&["ip", "-n", &netns, "address", "add", &format!("{address}/24"), "dev", "eth0"]);
        host(&["ip", "-n", &netns, "link", "set", "eth0", "up"]);
        let mut holder = Command::new("nsenter")
            .arg(format!("--net=/run/netns/{netns}"))
            .args([
                "unshare",
                "--mount",
                "--pid",
                "--uts",
                "--ipc",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                HOLDER,
            ])
            .args(["holder", name])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let unshare = holder.id();
        let children =
            fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).unwrap_or_default();
        let init = children.trim().parse();
        let mut machine = Self { name: name.to_owned(), address, holder, init: 0, netns };
        assert_eq!(line, "ready\n", "the machine {name} did not start");
        machine.init = init.expect("the first process of the machine");
        machine
    }

    /// A command on this machine, stopped after two minutes.
    pub(super) fn command(&self, argv: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        let init = self.init.to_string();
        command
            .args(["-t", &init, "-m", "-n", "-p", "-u", "-i", "-r", "-w", "--", "timeout", "-k", "5", "480"]);
        command
            .args(argv)
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("LC_ALL", "C");
        command
    }

    /// Runs a program.
    #[track_caller]
    pub(super) fn run(&self, argv: &[&str]) -> Said {
        said(&mut self.command(argv))
    }

    /// Runs shell code.
    #[track_caller]
    pub(super) fn sh(&self, code: &str) -> Said {
        self.run(&["sh", "-c", code])
    }

    /// Where a path of this machine is seen from outside.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }

    /// Writes one file.
    #[track_caller]
    pub(super) fn write(&self, path: &str, text: &str, mode: u32) {
        let target = self.path(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut file = fs::File::create(&target).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.set_permissions(fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Lays rendered files, as a bundle does.
    #[track_caller]
    pub(super) fn lay(&self, files: &[File]) {
        for file in files {
            self.write(&file.path, file.text(), file.entry.mode);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Killing the first process of its pid namespace ends every process on the machine.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
        let _ = Command::new("ip").args(["netns", "del", &self.netns]).status();
    }
}
