//! haproxy and nginx with real connections: balancing, losing a server, servers in reserve, source
//! ranges, one writer, and sharing a port with a server of the same node.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use hagen::plan::haproxy::{Balance, Draft, Haproxy, Probe, Standing, Status};
use hagen::plan::nginx::{self, Nginx};
use hagen::render;
use tempfile::TempDir;

use super::drafts::{haproxy_draft, name, nginx_draft, nginx_server, proxy, server};
use super::lab::{Daemon, Net, Server, free_address, get, output, text, tool, until, write};

const SOON: Duration = Duration::from_secs(10);

/// haproxy with a plan, in a folder of its own.
struct Running {
    daemon: Daemon,
    _folder: TempDir,
}

fn haproxy(draft: Draft) -> Running {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("haproxy.cfg");
    let plan = Haproxy::new(draft).unwrap();
    write(&config, render::haproxy::render(&plan)[0].text(), 0o644);
    let mut command = Command::new(tool("haproxy", "haproxy"));
    command.args(["-db", "-f"]).arg(&config);
    Running { daemon: Daemon::start(&mut command, &folder.path().join("log")), _folder: folder }
}

/// How often each server answers.
fn answers(address: SocketAddr, times: usize) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for _ in 0..times {
        *seen.entry(get(address).unwrap_or_else(|e| format!("({e})"))).or_insert(0) += 1;
    }
    seen
}

#[track_caller]
fn answered_by(address: SocketAddr, who: &[&str], running: &Daemon) {
    let want: Vec<&str> = who.to_vec();
    let mut last = BTreeMap::new();
    until(
        &format!("{address} is answered by {who:?}"),
        SOON,
        || {
            last = answers(address, 12);
            last.keys().map(String::as_str).eq(want.iter().copied())
        },
        || running.log(),
    );
}

fn healthz() -> Probe {
    Probe::Http { path: "/healthz".parse().unwrap(), status: Status::Ok, tls: None }
}

#[test]
fn haproxy_spreads_and_survives_losing_a_server() {
    let (one, two) = (Server::http("200 OK", "one"), Server::http("200 OK", "two"));
    let (front, health) = (free_address(), free_address());
    let servers = vec![
        server("one", &one.address.to_string(), Standing::Active),
        server("two", &two.address.to_string(), Standing::Active),
    ];
    let haproxy = haproxy(haproxy_draft(health, vec![proxy("web", &front.to_string(), healthz(), servers)]));
    answered_by(front, &["one", "two"], &haproxy.daemon);
    let shares = answers(front, 40);
    assert_eq!(shares, BTreeMap::from([("one".to_owned(), 20), ("two".to_owned(), 20)]), "round robin");
    drop(two);
    // From the first failed probes on no request is lost: redispatch covers what the probes do not know yet.
    answered_by(front, &["one"], &haproxy.daemon);
    drop(one);
    let curl = tool("curl", "curl");
    let status = |path: &str| {
        let url = format!("http://{health}{path}");
        let out = output(Command::new(&curl).args([
            "-s",
            "--noproxy",
            "*",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            &url,
        ]));
        text(&out.stdout)
    };
    until(
        "the health page tells that nobody is left",
        SOON,
        || status("/healthz") == "503",
        || haproxy.daemon.log(),
    );
    assert_eq!(status("/stats"), "200", "haproxy itself is alive");
    let _back = Server::http("200 OK", "one");
}

#[test]
fn haproxy_uses_the_reserve_only_when_it_must_and_returns() {
    let health = free_address();
    let front = free_address();
    let original = free_address();
    let reserve = Server::http("200 OK", "reserve");
    let servers = vec![
        server("original", &original.to_string(), Standing::Active),
        server("reserve", &reserve.address.to_string(), Standing::Backup),
    ];
    let haproxy =
        haproxy(haproxy_draft(health, vec![proxy("registry", &front.to_string(), healthz(), servers)]));
    answered_by(front, &["reserve"], &haproxy.daemon);
    // The original comes up at its own address: another haproxy that answers by itself.
    let folder = TempDir::new().unwrap();
    let mut second = answering(&folder, "original", &format!("bind {original}"), None);
    answered_by(front, &["original"], &haproxy.daemon);
    second.stop();
    answered_by(front, &["reserve"], &haproxy.daemon);
}

/// A server that answers every request with its name, at an address that must be known beforehand.
fn answering(folder: &TempDir, who: &str, bind: &str, net: Option<&Net>) -> Daemon {
    let config = folder.path().join(format!("{who}.cfg"));
    let text = format!(
        "defaults\n    mode http\n    timeout client 5s\n    timeout connect 5s\n    timeout server 5s\n\
         frontend f\n    {bind}\n    http-request return status 200 content-type text/plain string {who}\n"
    );
    write(&config, &text, 0o644);
    let program = tool("haproxy", "haproxy");
    let mut command = net.map_or_else(|| Command::new(&program), |net| net.command(&program));
    command.args(["-db", "-f"]).arg(&config);
    Daemon::start(&mut command, &folder.path().join(format!("{who}.log")))
}

const GREETING: &[u8] = b"\x4a\x00\x00\x00\x0a11.4.2-MariaDB\x00";

/// A connection that has been greeted through haproxy.
fn greeted(front: SocketAddr) -> Option<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&front, SOON).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let mut first = [0; 5];
    stream.read_exact(&mut first).ok()?;
    (first == GREETING[..5]).then_some(stream)
}

/// Whether a connection that stands on the reserve is ended when the preferred server comes back.
fn ended_when_the_preferred_returns(balance: Balance) -> bool {
    let (front, health) = (free_address(), free_address());
    let preferred = free_address();
    let second = Server::greeting(GREETING);
    let servers = vec![
        server("db1", &preferred.to_string(), Standing::Active),
        server("db2", &second.address.to_string(), Standing::Backup),
    ];
    let mut database = proxy("mariadb", &front.to_string(), Probe::MysqlGreeting, servers);
    database.balance = balance;
    let haproxy = haproxy(haproxy_draft(health, vec![database]));
    let mut held = None;
    let greets = || {
        held = greeted(front);
        held.is_some()
    };
    until("the reserve greets", SOON, greets, || haproxy.daemon.log());
    let mut stream = held.unwrap();
    let _first = Server::greeting_at(preferred, GREETING);
    let up = || haproxy.daemon.log().contains("Server mariadb/db1 is UP");
    until("the preferred one is used", SOON, up, || haproxy.daemon.log());
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    // The greeting's rest was read by nobody yet; then comes the end, or nothing.
    let end = stream.read_to_end(&mut Vec::new());
    !matches!(end, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock)
}

#[test]
fn haproxy_never_leaves_two_writers() {
    assert!(ended_when_the_preferred_returns(Balance::SingleWriter));
    assert!(!ended_when_the_preferred_returns(Balance::RoundRobin), "it would have ended in any case");
}

#[test]
fn a_database_that_greets_with_an_error_is_not_used() {
    let front = free_address();
    // "Too many connections": packet 0 begins with 0xff.
    let broken = Server::greeting(b"\x17\x00\x00\x00\xff\x10\x04Too many connections");
    let good = Server::greeting(GREETING);
    let servers = vec![
        server("broken", &broken.address.to_string(), Standing::Active),
        server("good", &good.address.to_string(), Standing::Backup),
    ];
    let proxy = proxy("mariadb", &front.to_string(), Probe::MysqlGreeting, servers);
    let haproxy = haproxy(haproxy_draft(free_address(), vec![proxy]));
    until("the good one answers", SOON, || greeted(front).is_some(), || haproxy.daemon.log());
}

#[test]
fn haproxy_turns_away_clients_outside_the_ranges() {
    let one = Server::http("200 OK", "one");
    let (open, closed) = (free_address(), free_address());
    let servers = vec![server("one", &one.address.to_string(), Standing::Active)];
    let mut in_range = proxy("open", &open.to_string(), Probe::Tcp, servers.clone());
    in_range.sources = vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.0/8".parse().unwrap()];
    let mut out_of_range = proxy("closed", &closed.to_string(), Probe::Tcp, servers);
    out_of_range.sources = vec!["10.0.0.0/8".parse().unwrap()];
    let haproxy = haproxy(haproxy_draft(free_address(), vec![in_range, out_of_range]));
    answered_by(open, &["one"], &haproxy.daemon);
    assert!(get(closed).is_err(), "{}", haproxy.daemon.log());
}

/// LB-1: the balancer binds only the VIP, which this node does not carry, and the server the node's own
/// address, both on one port.
#[test]
fn haproxy_and_a_server_share_a_port_on_one_node() {
    let net = Net::new("lb");
    net.ip("link add eth0 type veth peer name up0");
    net.ip("addr add 10.77.0.1/24 dev eth0");
    net.ip("link set up0 up");
    net.ip("link set eth0 up");
    let folder = TempDir::new().unwrap();
    let _own = answering(&folder, "own", "bind 10.77.0.1:6443", Some(&net));
    let servers = vec![server("own", "10.77.0.1:6443", Standing::Active)];
    let mut apiserver = proxy("apiserver", "10.77.0.100:6443", Probe::Tcp, servers);
    apiserver.binds.push("127.0.0.1:6443".parse::<SocketAddr>().unwrap().into());
    let plan = Haproxy::new(haproxy_draft("127.0.0.1:8404".parse().unwrap(), vec![apiserver])).unwrap();
    let config = folder.path().join("haproxy.cfg");
    write(&config, render::haproxy::render(&plan)[0].text(), 0o644);
    let start = || {
        let mut command = net.command(&tool("haproxy", "haproxy"));
        command.args(["-db", "-f"]).arg(&config);
        Daemon::start(&mut command, &folder.path().join("log"))
    };
    let ask = |address: &str| ask_in(&net, &format!("{address}:6443"));
    // Without non-local binding it cannot even start: the plan must ask for the parameter.
    let without = start();
    until("haproxy gives up", SOON, || without.log().contains("cannot bind socket"), || without.log());
    drop(without);
    net.sysctl("net/ipv4/ip_nonlocal_bind", "1");
    let haproxy = start();
    until("the loopback front answers", SOON, || ask("127.0.0.1") == "own", || haproxy.log());
    // The VIP arrives: no reload, it is answered at once.
    net.ip("addr add 10.77.0.100/24 dev eth0");
    assert_eq!(ask("10.77.0.100"), "own", "{}", haproxy.log());
}

#[test]
fn nginx_spreads_and_falls_back_to_the_reserve() {
    let net = Net::new("nginx");
    let folder = TempDir::new().unwrap();
    let mut original = answering(&folder, "original", "bind 127.0.0.1:8001", Some(&net));
    let _reserve = answering(&folder, "reserve", "bind 127.0.0.1:8002", Some(&net));
    // One failed connection would keep nginx away from the original for ten seconds.
    for port in [8001, 8002] {
        let up = || ask_in(&net, &format!("127.0.0.1:{port}")) != "";
        until("the servers answer", SOON, up, || original.log());
    }
    let front = nginx::Proxy {
        name: name("registry"),
        protocol: nginx::Protocol::Tcp,
        connect: ha_xdp_config::Millis::seconds(2),
        idle: ha_xdp_config::Millis::seconds(60),
        listens: vec!["127.0.0.1:443".parse().unwrap(), "[::1]:443".parse().unwrap()],
        sources: vec!["127.0.0.0/8".parse().unwrap()],
        balance: nginx::Balance::RoundRobin,
        servers: vec![
            nginx_server("127.0.0.1:8001", nginx::Standing::Active),
            nginx_server("127.0.0.1:8002", nginx::Standing::Backup),
        ],
    };
    let plan = Nginx::new(nginx_draft(vec![front])).unwrap();
    let config = folder.path().join("nginx.conf");
    write(&config, render::nginx::render(&plan)[0].text(), 0o644);
    let private = "mount --make-rprivate / && mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log/nginx \
                   && exec \"$1\" -g 'daemon off;' -c \"$2\"";
    let mut command = net.command("unshare");
    command.args(["-m", "sh", "-c", private, "nginx", &tool("nginx", "nginx-light")]).arg(path(&config));
    let nginx = Daemon::start(&mut command, &folder.path().join("nginx.log"));
    let ask = |host: &str| ask_in(&net, &format!("{host}:443"));
    until("nginx answers", SOON, || ask("127.0.0.1") == "original", || nginx.log());
    assert_eq!(ask("[::1]"), "", "not of an allowed range");
    original.stop();
    // No probes: the connection that fails is the one that finds out, and it is served all the same.
    assert_eq!(ask("127.0.0.1"), "reserve", "{}", nginx.log());
}

/// What a server inside a namespace says; nothing when it does not answer.
fn ask_in(net: &Net, address: &str) -> String {
    let url = format!("http://{address}/");
    let out = output(net.command("curl").args(["-gs", "--noproxy", "*", "--max-time", "5", &url]));
    text(&out.stdout)
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
