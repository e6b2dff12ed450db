use super::prove::ProxyFault;
use super::*;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn small(n: u8) -> NonZeroU8 {
    NonZeroU8::new(n).unwrap()
}

pub(crate) fn server(text: &str, address: &str, standing: Standing) -> Server {
    Server {
        name: name(text),
        address: address.parse().unwrap(),
        weight: 100,
        standing,
        connections_max: None,
    }
}

pub(crate) fn check(probe: Probe) -> Check {
    Check {
        probe,
        port: None,
        timeout: Millis::seconds(2),
        interval: Millis::seconds(2),
        rise: small(2),
        fall: small(3),
        when_down: WhenDown::Cut,
    }
}

fn page(text: &str, address: &str, watches: &[&str]) -> HealthPage {
    HealthPage {
        name: name(text),
        address: address.parse().unwrap(),
        watches: watches.iter().map(|w| name(w)).collect(),
    }
}

fn binds(addresses: &[&str]) -> Vec<Bind> {
    addresses.iter().map(|a| Bind::from(a.parse::<SocketAddr>().unwrap())).collect()
}

/// S4's apiservers, the bootstrap registry with its backup, and a database with one writer.
pub(crate) fn everything() -> Draft {
    let readyz =
        Probe::Http { path: "/readyz".parse().unwrap(), status: Status::Ok, tls: Some(Trust::Unverified) };
    Draft {
        version: HaproxyVersion::DEBIAN_12,
        process: Process::Service {
            user: "haproxy".parse().unwrap(),
            group: "haproxy".parse().unwrap(),
            chroot: "/var/lib/haproxy".parse().unwrap(),
            stats_socket: "/run/haproxy/admin.sock".parse().unwrap(),
        },
        connections_max: NonZeroU32::new(8000).unwrap(),
        descriptors_max: NonZeroU32::new(20_000).unwrap(),
        timeouts: Timeouts::default(),
        health: vec![
            page("apiserver", "127.0.0.1:8404", &["apiserver", "gateway"]),
            page("registry", "127.0.0.2:8404", &["registry", "mariadb"]),
        ],
        proxies: vec![
            Proxy {
                name: name("apiserver"),
                binds: binds(&["172.29.1.200:6443", "127.0.0.1:6443"]),
                connect: Millis::seconds(5),
                idle: Millis::seconds(3600),
                sources: vec!["172.29.0.0/16".parse().unwrap(), "127.0.0.0/8".parse().unwrap()],
                balance: Balance::LeastConnections,
                check: Check { when_down: WhenDown::Keep, ..check(readyz) },
                servers: vec![
                    server("dev3", "172.29.1.122:9443", Standing::Active),
                    server("dev6", "172.29.1.41:9443", Standing::Active),
                    server("dev7", "[2001:db8::42]:9443", Standing::Active),
                ],
            },
            Proxy {
                name: name("registry"),
                binds: binds(&["[::]:8443", "0.0.0.0:8443"]),
                connect: Millis::seconds(5),
                idle: Millis::seconds(3600),
                sources: Vec::new(),
                balance: Balance::Source,
                check: check(Probe::Http {
                    path: "/v2/".parse().unwrap(),
                    status: Status::OkOrDenied,
                    tls: Some(Trust::Unverified),
                }),
                servers: vec![
                    server("original", "172.30.41.193:443", Standing::Active),
                    server("backup", "172.30.41.194:443", Standing::Backup),
                ],
            },
            Proxy {
                name: name("mariadb"),
                binds: binds(&["192.168.199.97:3306"]),
                connect: Millis::seconds(5),
                idle: Millis::seconds(3600),
                sources: Vec::new(),
                balance: Balance::SingleWriter,
                check: check(Probe::MysqlGreeting),
                servers: vec![
                    Server {
                        connections_max: NonZeroU16::new(900),
                        ..server("db1", "192.168.199.98:3306", Standing::Active)
                    },
                    server("db2", "192.168.199.99:3306", Standing::Backup),
                ],
            },
            Proxy {
                name: name("gateway"),
                binds: binds(&["172.29.1.200:80"]),
                connect: Millis::seconds(5),
                idle: Millis::seconds(3600),
                sources: Vec::new(),
                balance: Balance::RoundRobin,
                check: check(Probe::Tcp),
                servers: vec![server("compute01", "10.141.161.107:80", Standing::Active)],
            },
        ],
    }
}

fn errors(change: impl FnOnce(&mut Draft)) -> Vec<String> {
    let mut draft = everything();
    change(&mut draft);
    Haproxy::new(draft).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_good_draft_is_good() {
    assert!(Haproxy::new(everything()).is_ok());
}

#[test]
fn processes_that_cannot_start() {
    assert_eq!(
        errors(|d| {
            d.proxies.clear();
            d.health.iter_mut().for_each(|p| p.watches.clear());
        }),
        ["0 proxies; 1 to 4096 are possible"]
    );
    assert_eq!(
        errors(|d| d.connections_max = NonZeroU32::new(10_000).unwrap()),
        ["10000 connections need 20100 file descriptors, but 20000 are allowed"]
    );
    assert_eq!(
        errors(|d| d.health[0].address = "0.0.0.0:8404".parse().unwrap()),
        ["the health address 0.0.0.0:8404 is not on the loopback interface"]
    );
    assert_eq!(errors(|d| d.health.clear()), ["there is no health page"]);
    assert_eq!(
        errors(|d| d.health[0].watches[0] = name("other")),
        ["the health page `apiserver` watches `other`, which is not there"]
    );
    let old = errors(|d| {
        d.process = Process::Container;
        d.version = HaproxyVersion::CENTOS_7;
    });
    assert_eq!(old, ["haproxy 1.5 cannot log to standard output, so it cannot run in a container"]);
}

#[test]
fn proxies_that_cannot_work() {
    let twice = errors(|d| {
        d.health[1].watches.clear();
        d.proxies[1].name = name("apiserver");
    });
    assert_eq!(twice, ["proxy `apiserver` is named twice"]);
    let twice = errors(|d| d.proxies[1].binds[0] = d.health[0].address.into());
    assert_eq!(twice, ["address `127.0.0.1:8404` is named twice"]);
    let twice = errors(|d| d.proxies[1].servers[1].name = name("original"));
    assert_eq!(twice, ["server `registry/original` is named twice"]);
    let twice = errors(|d| d.proxies[1].servers[1].address = d.proxies[1].servers[0].address);
    assert_eq!(twice, ["server `registry/172.30.41.193:443` is named twice"]);
    let fault = |change: &dyn Fn(&mut Proxy)| errors(|d| change(&mut d.proxies[3]));
    assert_eq!(fault(&|p| p.binds.clear()), ["proxy `gateway`: 0 addresses; 1 to 32 are possible"]);
    assert_eq!(
        fault(&|p| p.servers.clear()),
        [
            "proxy `gateway`: 0 servers; 1 to 1024 are possible",
            "proxy `gateway`: no active server has a weight"
        ]
    );
    assert_eq!(fault(&|p| p.servers[0].weight = 0), ["proxy `gateway`: no active server has a weight"]);
    assert_eq!(fault(&|p| p.servers[0].weight = 257), ["proxy `gateway`: weight 257 is more than 256"]);
    assert_eq!(
        fault(&|p| p.servers[0].standing = Standing::Backup),
        ["proxy `gateway`: no active server has a weight"]
    );
    assert_eq!(
        fault(&|p| p.idle = Millis::new(u32::MAX)),
        ["proxy `gateway`: 4294967295ms is not in 1ms..=2147483647ms"]
    );
    assert_eq!(
        fault(&|p| p.check.interval = Millis::new(0)),
        ["proxy `gateway`: 0s is not in 1ms..=2147483647ms"]
    );
    assert_eq!(
        fault(&|p| p.sources = vec!["10.0.0.1/8".parse().unwrap()]),
        ["proxy `gateway`: `10.0.0.1/8` has bits behind its prefix"]
    );
    assert_eq!(
        fault(&|p| p.binds[0].address = "10.141.161.107:80".parse().unwrap()),
        ["proxy `gateway`: 10.141.161.107:80 is answered here and is also a server"]
    );
    assert_eq!(
        fault(&|p| p.binds[0].address = "0.0.0.0:80".parse().unwrap()),
        [
            "proxy `gateway`: 0.0.0.0:80 would take port 80 of every address of this node, also of a server here; bind the VIP only"
        ]
    );
    let fault = errors(|d| d.proxies[3].binds[0].address.set_port(0));
    assert_eq!(
        fault,
        [ProxyFault::Port("172.29.1.200:0".parse().unwrap())].map(|f| format!("proxy `gateway`: {f}"))
    );
    assert_eq!(HaproxyError::Proxies(0).to_string(), "0 proxies; 1 to 4096 are possible");
}
