//! Processes, namespaces and small servers that end with the test, also when it fails.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The path of a tool; a test whose tool is missing fails.
#[track_caller]
pub(super) fn tool(name: &str, package: &str) -> String {
    let path = hagen::judge::find_program(name);
    let path = path.unwrap_or_else(|| panic!("`{name}` is missing: apt-get install {package}"));
    path.to_string_lossy().into_owned()
}

/// Runs a command to its end; it must succeed.
#[track_caller]
pub(super) fn run(command: &mut Command) -> String {
    let output = output(command);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
    out
}

/// Runs a command to its end.
#[track_caller]
pub(super) fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Waits for a condition; panics with what was waited for, and what `tell` says, at the deadline.
#[track_caller]
pub(super) fn until(
    what: &str,
    deadline: Duration,
    mut holds: impl FnMut() -> bool,
    tell: impl FnOnce() -> String,
) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < deadline, "waited {deadline:?} in vain: {what}\n{}", tell());
        thread::sleep(Duration::from_millis(20));
    }
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map(|a| a.port()).unwrap()
}

/// A free address on the loopback interface.
pub(super) fn free_address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_port()))
}

/// Writes a file with its mode, and the folders above it.
pub(super) fn write(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A daemon that ends with the test; its words go to a file.
pub(super) struct Daemon {
    child: Child,
    log: std::path::PathBuf,
}

impl Daemon {
    #[track_caller]
    pub(super) fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::create(log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        Self { child, log: log.to_owned() }
    }

    /// What it said so far.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Asks it to end, and waits; after five seconds it is killed.
    pub(super) fn stop(&mut self) {
        signal(self.child.id(), "TERM");
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if start.elapsed() > Duration::from_secs(5) {
                let _ = self.child.kill();
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sends a signal to one process of ours.
pub(super) fn signal(pid: u32, name: &str) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$1\" \"$2\" 2>/dev/null", "kill", name, &pid.to_string()]);
    let _ = kill.status();
}

/// A network namespace of this test.
pub(super) struct Net {
    pub(super) name: String,
}

impl Net {
    pub(super) fn new(role: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hgf{}-{}-{role}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run(Command::new("ip").args(["netns", "add", &name]));
        let net = Self { name };
        net.ip("link set lo up");
        net
    }

    /// A command that runs inside.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// `ip …` inside.
    #[track_caller]
    pub(super) fn ip(&self, words: &str) -> String {
        run(Command::new("ip").args(["-n", &self.name]).args(words.split_whitespace()))
    }

    /// Whether an address is on an interface inside.
    pub(super) fn has(&self, interface: &str, address: &str) -> bool {
        let out = output(Command::new("ip").args(["-n", &self.name, "-o", "addr", "show", "dev", interface]));
        text(&out.stdout).split_whitespace().any(|w| w.split('/').next() == Some(address))
    }

    /// A cable between two namespaces.
    pub(super) fn cable(&self, interface: &str, other: &Self, other_interface: &str) {
        self.ip(&format!("link add {interface} type veth peer name {other_interface} netns {}", other.name));
        self.ip(&format!("link set {interface} up"));
        other.ip(&format!("link set {other_interface} up"));
    }

    /// A kernel parameter inside.
    pub(super) fn sysctl(&self, path: &str, value: &str) {
        let line = format!("echo {value} >/proc/sys/{path}");
        run(self.command("sh").args(["-c", &line]));
    }

    /// Ends every process inside, by its id.
    pub(super) fn end_all(&self, name: &str) {
        let pids = output(Command::new("ip").args(["netns", "pids", &self.name]));
        for pid in text(&pids.stdout).split_whitespace().filter_map(|p| p.parse().ok()) {
            signal(pid, name);
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        self.end_all("KILL");
        let _ = output(Command::new("ip").args(["netns", "del", &self.name]));
    }
}

/// Any free port of the loopback interface.
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A server on the loopback interface that answers every connection with one text and closes.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Answers HTTP requests with a status and a body.
    pub(super) fn http(status: &str, body: &str) -> Self {
        let answer =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        Self::new(LOOPBACK, true, answer.into_bytes())
    }

    /// Says something at once, without being asked, and stays connected.
    pub(super) fn greeting(bytes: &[u8]) -> Self {
        Self::greeting_at(LOOPBACK, bytes)
    }

    /// The same at an address that is known beforehand.
    pub(super) fn greeting_at(address: SocketAddr, bytes: &[u8]) -> Self {
        Self::new(address, false, bytes.to_vec())
    }

    fn new(address: SocketAddr, asked: bool, answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let answer = answer.clone();
                thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                    if asked {
                        let mut request = [0; 4096];
                        if !matches!(stream.read(&mut request), Ok(1..)) {
                            return;
                        }
                    }
                    let _ = stream.write_all(&answer);
                    if asked {
                        // Closing with unread bytes would be a reset, which takes the answer back.
                        let _ = stream.shutdown(std::net::Shutdown::Write);
                    } else {
                        // Who greets stays, until the other side goes.
                        let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
                    }
                    let _ = stream.read_to_end(&mut Vec::new());
                });
            }
        });
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The body of the answer to `GET /`, or the reason why there is none.
pub(super) fn get(address: SocketAddr) -> Result<String, String> {
    let wait = Duration::from_secs(5);
    let mut stream = TcpStream::connect_timeout(&address, wait).map_err(|e| e.to_string())?;
    stream.set_read_timeout(Some(wait)).map_err(|e| e.to_string())?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").map_err(|e| e.to_string())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|e| e.to_string())?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    body.ok_or_else(|| format!("no answer but {answer:?}"))
}
