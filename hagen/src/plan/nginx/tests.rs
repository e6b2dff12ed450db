use super::*;

pub(crate) fn server(address: &str, standing: Standing) -> Server {
    Server {
        address: address.parse().unwrap(),
        weight: NonZeroU16::MIN,
        max_fails: NonZeroU8::new(2).unwrap(),
        fail_timeout: Millis::seconds(10),
        standing,
    }
}

/// S0's alternative front of the bootstrap pair, and S4's apiservers.
pub(crate) fn everything() -> Draft {
    let proxy = |name: &str, listens: &[&str], balance, servers| Proxy {
        name: name.parse().unwrap(),
        protocol: Protocol::Tcp,
        connect: Millis::seconds(2),
        idle: Millis::new(24 * 3_600_000),
        listens: listens.iter().map(|a| a.parse().unwrap()).collect(),
        sources: Vec::new(),
        balance,
        servers,
    };
    let bootstrap = |name, port: u16| {
        proxy(
            name,
            &[&format!("172.30.41.190:{port}")],
            Balance::RoundRobin,
            vec![
                server(&format!("172.30.41.193:{port}"), Standing::Active),
                server(&format!("172.30.41.194:{port}"), Standing::Backup),
            ],
        )
    };
    let mut apiserver = proxy(
        "apiserver",
        &["[2001:db8::200]:6443", "172.29.1.200:6443", "127.0.0.1:16443"],
        Balance::LeastConnections,
        vec![server("172.29.1.122:9443", Standing::Active), server("[2001:db8::41]:9443", Standing::Active)],
    );
    apiserver.sources = vec!["172.29.0.0/16".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let by_source = proxy(
        "by-source",
        &["172.29.1.200:80"],
        Balance::Source,
        vec![server("172.29.1.41:80", Standing::Active), server("172.29.1.42:80", Standing::Active)],
    );
    let mut names = proxy(
        "dns",
        &["172.29.1.200:53"],
        Balance::RoundRobin,
        vec![server("172.29.1.41:53", Standing::Active)],
    );
    names.protocol = Protocol::Udp;
    names.idle = Millis::seconds(10);
    Draft {
        version: NginxVersion::DEBIAN_12,
        stream: StreamModule::Included(StreamModule::DEBIAN.parse().unwrap()),
        user: "www-data".parse().unwrap(),
        pid: "/run/nginx.pid".parse().unwrap(),
        health: "127.0.0.1:8405".parse().unwrap(),
        worker_connections: NonZeroU32::new(8192).unwrap(),
        descriptors_max: NonZeroU32::new(16_384).unwrap(),
        proxies: vec![
            bootstrap("registry", 443),
            bootstrap("charts", 8081),
            bootstrap("minio", 9000),
            bootstrap("minio-console", 9001),
            apiserver,
            by_source,
            names,
        ],
    }
}

fn errors(change: impl FnOnce(&mut Draft)) -> Vec<String> {
    let mut draft = everything();
    change(&mut draft);
    Nginx::new(draft).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_good_draft_is_good() {
    assert!(Nginx::new(everything()).is_ok());
    assert!(StreamModule::RED_HAT.parse::<AbsolutePath>().is_ok());
}

#[test]
fn drafts_that_cannot_work() {
    assert_eq!(errors(|d| d.proxies.clear()), ["0 proxies; 1 to 4096 are possible"]);
    assert_eq!(
        errors(|d| d.worker_connections = NonZeroU32::new(16_385).unwrap()),
        ["16385 connections of a worker need as many file descriptors, but 16384 are allowed"]
    );
    assert_eq!(
        errors(|d| d.proxies[1].listens = d.proxies[0].listens.clone()),
        ["address `172.30.41.190:443` is named twice"]
    );
    assert_eq!(
        errors(|d| d.health = "172.29.1.1:1".parse().unwrap()),
        ["the health address 172.29.1.1:1 is not on the loopback interface"]
    );
    let fault = |change: &dyn Fn(&mut Proxy)| errors(|d| change(&mut d.proxies[0]));
    assert_eq!(fault(&|p| p.listens.clear()), ["proxy `registry`: 0 addresses; 1 to 32 are possible"]);
    assert_eq!(fault(&|p| p.servers.clear()), ["proxy `registry`: 0 servers; 1 to 1024 are possible"]);
    assert_eq!(
        fault(&|p| p.servers[0].standing = Standing::Backup),
        ["proxy `registry`: every server is a backup"]
    );
    assert_eq!(
        fault(&|p| p.balance = Balance::Source),
        ["proxy `registry`: servers chosen by the client's address cannot be in reserve"]
    );
    assert_eq!(
        fault(&|p| p.servers[0].fail_timeout = Millis::new(1500)),
        ["proxy `registry`: a fail timeout of 1500ms is not a whole number of seconds"]
    );
    assert_eq!(
        fault(&|p| p.listens[0] = p.servers[0].address),
        ["proxy `registry`: 172.30.41.193:443 is answered here and is also a server"]
    );
    assert!(fault(&|p| p.listens[0] = "0.0.0.0:443".parse().unwrap())[0].contains("listen on the VIP only"));
}
