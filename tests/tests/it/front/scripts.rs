//! The check scripts: clean for shellcheck, and right about live, dead, silent and denying servers with
//! whichever tools a node has.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hagen::plan::keepalived::{Answer, Keepalived, MariaDbProbe, Need, Probe};
use hagen::render;
use tempfile::TempDir;

use super::drafts::{self, draft, http, instance, script};
use super::lab::{Daemon, Server, free_address, output, run, text, tool, until, write};

#[test]
fn every_script_is_clean_for_shellcheck() {
    let shellcheck = tool("shellcheck", "shellcheck");
    let mut scripts = 0;
    for (case, draft) in drafts::keepalived() {
        let files = render::keepalived::render(&Keepalived::new(draft).unwrap());
        for file in files.iter().filter(|f| f.path.ends_with(".sh")) {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("check.sh");
            write(&path, file.text(), 0o755);
            let mut command = Command::new(&shellcheck);
            command.args(["--shell=sh", "--severity=style"]).arg(&path);
            let found = output(&mut command);
            assert!(found.status.success(), "{case}: {}\n{}", file.path, text(&found.stdout));
            scripts += 1;
        }
    }
    assert!(scripts >= 10, "only {scripts} scripts were looked at");
}

/// A rendered script in a folder of its own.
struct Check {
    folder: TempDir,
    text: String,
}

impl Check {
    fn new(need: Need, probes: Vec<Probe>) -> Self {
        let mut instance = instance("eth0", "10.0.0.1", &["10.0.0.100/24"], "probe");
        instance.others = vec![hagen::plan::keepalived::Member {
            address: "10.0.0.2".parse().unwrap(),
            priority: "1".parse().unwrap(),
        }];
        let plan = Keepalived::new(draft("node", vec![script("probe", need, probes)], vec![instance]));
        let files = render::keepalived::render(&plan.unwrap());
        Self { folder: TempDir::new().unwrap(), text: files[1].text().to_owned() }
    }

    /// Runs it as keepalived does.
    fn run(&self) -> Result<(), String> {
        self.go(&self.text, "sh")
    }

    /// Runs it on a node that has these tools only.
    fn run_with(&self, tools: &[&str]) -> Result<(), String> {
        self.run_with_in("sh", tools)
    }

    fn run_with_in(&self, shell: &str, tools: &[&str]) -> Result<(), String> {
        let bin = self.folder.path().join(format!("bin-{}", tools.join("-")));
        let _ = std::fs::create_dir(&bin);
        for name in tools {
            let from = tool(name, "curl wget bash coreutils netcat-openbsd sysvinit-utils mariadb-client");
            let _ = symlink(from, bin.join(name));
        }
        let path = self.text.lines().find(|l| l.starts_with("PATH=")).unwrap();
        self.go(&self.text.replace(path, &format!("PATH={}", bin.display())), shell)
    }

    fn go(&self, text: &str, shell: &str) -> Result<(), String> {
        let path = self.folder.path().join("check_probe.sh");
        write(&path, text, 0o755);
        let shell = tool(shell, "dash bash busybox");
        let mut command = Command::new(&shell);
        if shell.ends_with("busybox") {
            command.arg("sh");
        }
        // A proxy of the environment must not be asked.
        command.arg(&path).env("http_proxy", "http://127.0.0.1:1").env("https_proxy", "http://127.0.0.1:1");
        let output = output(&mut command);
        match output.status.code() {
            Some(0) => Ok(()),
            Some(1) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            other => panic!("exit code {other:?}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

fn ask(address: SocketAddr, path: &str, answer: Answer) -> Check {
    Check::new(Need::All, vec![http(&address.to_string(), false, path, answer)])
}

#[test]
fn an_open_port_is_told_from_a_closed_one() {
    let live = Server::http("200 OK", "");
    let dead = free_address();
    let open = Check::new(Need::All, vec![Probe::Tcp(live.address)]);
    let closed = Check::new(Need::All, vec![Probe::Tcp(dead)]);
    for tools in [&["bash", "timeout"][..], &["bash"], &["nc", "timeout"], &["nc"]] {
        assert_eq!(open.run_with(tools), Ok(()), "{tools:?}");
        assert_eq!(
            closed.run_with(tools),
            Err(format!("check_probe.sh: {dead} accepts no connection")),
            "{tools:?}"
        );
    }
    assert_eq!(open.run(), Ok(()));
    // Without a tool nothing is known, and that is not well.
    assert_eq!(
        open.run_with(&[]),
        Err("check_probe.sh: neither bash nor nc is here to open a connection".to_owned())
    );
}

#[test]
fn every_shell_runs_them_alike() {
    let live = Server::http("200 OK", "");
    let good = ask(live.address, "/", Answer::Success);
    let bad = ask(free_address(), "/", Answer::Success);
    for shell in ["dash", "bash", "busybox"] {
        assert_eq!(good.run_with_in(shell, &["curl", "bash", "timeout"]), Ok(()), "{shell}");
        assert!(bad.run_with_in(shell, &["curl", "bash", "timeout"]).is_err(), "{shell}");
    }
}

#[test]
fn answers_are_told_apart() {
    for (status, success, denied, any) in [
        ("200 OK", true, true, true),
        ("204 No Content", true, true, true),
        ("401 Unauthorized", false, true, true),
        ("403 Forbidden", false, true, true),
        ("404 Not Found", false, false, true),
        ("500 Internal Server Error", false, false, true),
        ("503 Service Unavailable", false, false, true),
    ] {
        let server = Server::http(status, "x");
        for (answer, good) in
            [(Answer::Success, success), (Answer::SuccessOrDenied, denied), (Answer::Any, any)]
        {
            let check = ask(server.address, "/readyz?verbose=1&x=%20", answer);
            assert_eq!(check.run_with(&["curl"]).is_ok(), good, "curl: {status} {answer:?}");
            // wget cannot tell 403 from 500, so it is strict there.
            let good = good && !(status.starts_with("403") && answer == Answer::SuccessOrDenied);
            assert_eq!(check.run_with(&["wget", "timeout"]).is_ok(), good, "wget: {status} {answer:?}");
        }
    }
}

#[test]
fn without_an_http_tool_the_port_decides() {
    let server = Server::http("500 Internal Server Error", "");
    let live = ask(server.address, "/", Answer::Success);
    assert_eq!(live.run_with(&["bash", "timeout"]), Ok(()));
    assert!(ask(free_address(), "/", Answer::Success).run_with(&["bash", "timeout"]).is_err());
}

#[test]
fn what_is_dead_or_silent_is_found_out_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_address = silent.local_addr().unwrap();
    // An address without a host: packets to it are lost.
    let nowhere: SocketAddr = "192.0.2.1:9".parse().unwrap();
    for address in [silent_address, free_address(), nowhere] {
        for tools in [&["curl"][..], &["wget", "timeout"], &["bash", "timeout"]] {
            let check = ask(address, "/", Answer::Any);
            let start = Instant::now();
            let result = check.run_with(tools);
            let only_open = address == silent_address && tools[0] == "bash";
            assert_eq!(result.is_ok(), only_open, "{address} {tools:?}");
            assert!(start.elapsed() < Duration::from_secs(3), "{address} {tools:?}: {:?}", start.elapsed());
        }
    }
}

#[test]
fn all_and_any() {
    let live = Server::http("200 OK", "");
    let probes = vec![Probe::Tcp(free_address()), Probe::Tcp(live.address)];
    assert_eq!(Check::new(Need::Any, probes.clone()).run(), Ok(()));
    assert!(Check::new(Need::All, probes.clone()).run().is_err());
    drop(live);
    assert_eq!(Check::new(Need::Any, probes).run(), Err("check_probe.sh: none of 2 answers".to_owned()));
}

#[test]
fn https_of_a_certificate_that_nobody_knows() {
    let folder = TempDir::new().unwrap();
    let openssl = tool("openssl", "openssl");
    run(Command::new(&openssl)
        .current_dir(&folder)
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=kubernetes", "-keyout", "key.pem", "-out", "cert.pem"]));
    write(&folder.path().join("readyz"), "ok", 0o644);
    let address = free_address();
    let mut server = Daemon::start(
        Command::new(&openssl)
            .current_dir(&folder)
            .args(["s_server", "-WWW", "-cert", "cert.pem", "-key", "key.pem", "-quiet", "-accept"])
            .arg(address.port().to_string()),
        &folder.path().join("log"),
    );
    let check =
        |path: &str| Check::new(Need::All, vec![http(&address.to_string(), true, path, Answer::Success)]);
    let ready = check("/readyz");
    let limit = Duration::from_secs(10);
    until("openssl s_server answers", limit, || ready.run_with(&["curl"]).is_ok(), || server.log());
    assert_eq!(ready.run_with(&["wget", "timeout"]), Ok(()));
    // s_server answers what it does not have with 200 too, and closes: only plain HTTP is not TLS.
    let plain = Check::new(Need::All, vec![http(&address.to_string(), false, "/readyz", Answer::Any)]);
    assert!(plain.run_with(&["curl"]).is_err());
    server.stop();
    assert!(ready.run().is_err());
}

#[test]
fn a_process_is_found_by_its_name() {
    let folder = TempDir::new().unwrap();
    // The kernel keeps 15 bytes of a name.
    let name = format!("hgf{}", std::process::id());
    let program: PathBuf = folder.path().join(&name);
    std::fs::copy(tool("sleep", "coreutils"), &program).unwrap();
    let check = Check::new(Need::All, vec![Probe::Process(drafts::name(&name))]);
    for tools in [&["pidof"][..], &[]] {
        assert!(check.run_with(tools).is_err(), "{tools:?}");
        let mut process = Daemon::start(Command::new(&program).arg("60"), &folder.path().join("log"));
        until("the process runs", Duration::from_secs(5), || check.run_with(tools).is_ok(), String::new);
        process.stop();
        assert_eq!(check.run_with(tools), Err(format!("check_probe.sh: {name} does not run")), "{tools:?}");
    }
}

/// A MariaDB of its own, with a user that may ask whether it takes writes.
struct MariaDb {
    daemon: Daemon,
    address: SocketAddr,
    folder: TempDir,
}

impl MariaDb {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let datadir = format!("--datadir={}", at("data"));
        run(Command::new(tool("mariadb-install-db", "mariadb-server-core"))
            .args([
                "--no-defaults",
                "--user=root",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ])
            .arg(&datadir));
        let address = free_address();
        let daemon = Daemon::start(
            Command::new(tool("mariadbd", "mariadb-server-core"))
                .args(["--no-defaults", "--user=root", "--skip-name-resolve", "--bind-address=127.0.0.1"])
                .arg(&datadir)
                .arg(format!("--port={}", address.port()))
                .arg(format!("--socket={}", at("s")))
                .arg(format!("--pid-file={}", at("pid"))),
            &folder.path().join("log"),
        );
        let database = Self { daemon, address, folder };
        let limit = Duration::from_secs(60);
        until("MariaDB is up", limit, || database.sql("SELECT 1").is_ok(), || database.daemon.log());
        database.sql("CREATE USER monitor@127.0.0.1 IDENTIFIED BY 'pw'").unwrap();
        write(&database.option_file(), "[client]\nuser=monitor\npassword=pw\n", 0o600);
        database
    }

    fn option_file(&self) -> PathBuf {
        // The plan's paths have no unusual bytes; neither has a temporary folder.
        self.folder.path().join("monitor.cnf")
    }

    fn sql(&self, statement: &str) -> Result<(), String> {
        let socket: &Path = &self.folder.path().join("s");
        let mut client = Command::new(tool("mariadb", "mariadb-client"));
        client.args(["--no-defaults", "--user=root", "-e", statement, "--socket"]).arg(socket);
        let output = output(&mut client);
        if output.status.success() { Ok(()) } else { Err(text(&output.stderr)) }
    }
}

#[test]
fn mariadb_answers_takes_writes_or_is_dead() {
    let mut database = MariaDb::start();
    let address = database.address;
    let option_file: Option<ha_xdp_config::AbsolutePath> =
        Some(database.option_file().to_str().unwrap().parse().unwrap());
    let probe =
        |option_file| Check::new(Need::All, vec![Probe::MariaDb(MariaDbProbe { address, option_file })]);
    let (writes, alive) = (probe(option_file), probe(None));
    assert_eq!(writes.run(), Ok(()));
    assert_eq!(alive.run(), Ok(()), "a ping that is denied is an answer");
    assert_eq!(alive.run_with(&["mariadb-admin", "timeout"]), Ok(()));
    assert_eq!(alive.run_with(&["bash", "timeout"]), Ok(()));
    database.sql("SET GLOBAL read_only = 1").unwrap();
    assert_eq!(
        writes.run(),
        Err(format!("check_probe.sh: MariaDB at {address} does not answer, or is read-only"))
    );
    assert_eq!(alive.run(), Ok(()));
    database.sql("SET GLOBAL read_only = 0").unwrap();
    assert_eq!(writes.run(), Ok(()));
    database.daemon.stop();
    for check in [&writes, &alive] {
        assert!(check.run().is_err());
    }
    assert!(alive.run_with(&["bash", "timeout"]).is_err());
}
