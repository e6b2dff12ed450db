//! The fronts of the four systems, by hand, as plans.

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

use ha_vrrp::{AdvertisementInterval, Centiseconds, Version};
use ha_xdp_config::{Millis, Name};
use hagen::plan::{haproxy, keepalived, nginx};
use hagen::secret::Secret;
use keepalived::{
    Announce, Answer, Draft, Effect, Election, HttpProbe, Instance, KeepalivedVersion, Member, Need, Pass,
    Probe, Probes, Run, Script, Start, TrackedInterface, TrackedScript, Transport, UserName, VirtualAddress,
};

pub(super) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(super) fn small(n: u8) -> NonZeroU8 {
    NonZeroU8::new(n).unwrap()
}

/// A script with one second for each of at most three probes, run every three seconds.
pub(super) fn script(text: &str, need: Need, probes: Vec<Probe>) -> Script {
    Script {
        name: name(text),
        run: Run::Probes(Probes {
            purpose: format!("what `{text}` stands for"),
            need,
            list: probes,
            each_s: small(1),
        }),
        interval_s: small(3),
        timeout_s: small(3),
        fall: small(3),
        rise: small(2),
        user: UserName::root(),
    }
}

pub(super) fn http(address: &str, tls: bool, path: &str, answer: Answer) -> Probe {
    Probe::Http(HttpProbe { address: address.parse().unwrap(), tls, path: path.parse().unwrap(), answer })
}

fn members(list: &[(&str, u8)]) -> Vec<Member> {
    list.iter()
        .map(|(a, p)| Member { address: a.parse().unwrap(), priority: p.to_string().parse().unwrap() })
        .collect()
}

pub(super) fn every(version: Version, centiseconds: u16) -> AdvertisementInterval {
    AdvertisementInterval::new(version, Centiseconds::new(centiseconds)).unwrap()
}

/// A Backup that speaks VRRPv2 by unicast each second and never preempts.
pub(super) fn instance(interface: &str, source: &str, vips: &[&str], script: &str) -> Instance {
    let source: IpAddr = source.parse().unwrap();
    Instance {
        name: name(script),
        interface: interface.parse().unwrap(),
        virtual_router_id: "33".parse().unwrap(),
        priority: "120".parse().unwrap(),
        advertisement: every(Version::V2, 100),
        election: Election::NoPreempt,
        others: Vec::new(),
        transport: Transport::Unicast { source },
        pass: None,
        addresses: vips
            .iter()
            .map(|net| VirtualAddress { net: net.parse().unwrap(), interface: interface.parse().unwrap() })
            .collect(),
        track_scripts: vec![TrackedScript { name: name(script), effect: Effect::Fault }],
        track_interfaces: Vec::new(),
        notify: None,
    }
}

pub(super) fn draft(node: &str, scripts: Vec<Script>, instances: Vec<Instance>) -> Draft {
    Draft {
        version: KeepalivedVersion::DEBIAN_12,
        router_id: name(node),
        script_user: UserName::root(),
        late_interfaces: false,
        announce: Announce::default(),
        scripts,
        instances,
    }
}

fn readyz() -> Script {
    let probe = http("127.0.0.1:6443", true, "/readyz", Answer::SuccessOrDenied);
    script("apiserver", Need::All, vec![probe])
}

fn pass(text: &str) -> Option<Pass> {
    Some(Pass::new(&Secret::new(text)).unwrap())
}

/// Every kind of keepalived.conf that hagen bakes, with a name for the failure message.
pub(super) fn keepalived() -> Vec<(&'static str, Draft)> {
    let mut s4 = instance("ens192", "172.29.1.122", &["172.29.1.200/24"], "apiserver");
    s4.others = members(&[("172.29.1.41", 110), ("172.29.1.42", 100)]);
    s4.pass = pass("1111");
    s4.track_scripts[0].effect = Effect::Drop(small(30));
    let s4 = draft("dev3", vec![readyz()], vec![s4]);

    let mut old = s4.clone();
    old.version = KeepalivedVersion::CENTOS_7;
    old.announce = Announce { repeat: small(1), delay_s: 0, refresh_s: 0 };

    let mut sample = instance("ens192", "10.0.0.1", &["10.0.0.100/32"], "apiserver");
    sample.priority = "101".parse().unwrap();
    sample.others = members(&[("10.0.0.2", 100)]);
    sample.election = Election::Preempt { start: Start::Active };
    sample.track_scripts[0].effect = Effect::Drop(small(2));
    let sample = draft("cp1", vec![readyz()], vec![sample]);

    let alive = script("haproxy", Need::All, vec![Probe::Tcp("127.0.0.1:8404".parse().unwrap())]);
    let mut bootstrap = instance("eth0", "172.30.41.193", &["172.30.41.190/24"], "haproxy");
    bootstrap.advertisement = every(Version::V3, 25);
    bootstrap.transport = Transport::Multicast { source: "172.30.41.193".parse().unwrap() };
    bootstrap.others = members(&[("172.30.41.194", 100)]);
    bootstrap.track_interfaces =
        vec![TrackedInterface { name: "eth1".parse().unwrap(), effect: Effect::Drop(small(50)) }];
    let ports = [443, 8081, 9000, 9001].map(|p| Probe::Tcp(SocketAddr::from(([127, 0, 0, 1], p))));
    let mut services = script("bootstrap-services", Need::All, ports.to_vec());
    services.interval_s = small(5);
    services.timeout_s = small(5);
    bootstrap
        .track_scripts
        .push(TrackedScript { name: name("bootstrap-services"), effect: Effect::Drop(small(40)) });
    let bootstrap = draft("tinder1", vec![alive, services], vec![bootstrap]);

    let ports = [10002, 80, 443].map(|p| Probe::Tcp(SocketAddr::from(([127, 0, 0, 1], p))));
    let gateway = script("rbd-lb", Need::Any, ports.to_vec());
    let mut rainbond = instance("ens6f0", "10.141.161.107", &["10.141.161.106/24"], "rbd-lb");
    rainbond.virtual_router_id = "51".parse().unwrap();
    rainbond.others = members(&[("10.141.161.108", 50)]);
    rainbond.pass = pass("rbd.2026");
    rainbond.election = Election::PreemptAfter { delay_s: NonZeroU16::new(60).unwrap() };
    let rainbond = draft("compute01", vec![gateway], vec![rainbond]);

    vec![
        ("kubeadm, three nodes with a password", s4),
        ("the same for CentOS 7", old),
        ("kubeadm, the upstream sample", sample),
        ("bootstrap pair, version 3 at 0.25 s by multicast", bootstrap),
        ("Rainbond, preempting after a minute", rainbond),
        ("Cloudpods, two virtual routers on a late bridge", cloudpods()),
        ("IPv4 and IPv6 with one id", dual_stack()),
    ]
}

fn cloudpods() -> Draft {
    let option_file = Some("/etc/hagen/monitor.cnf".parse().unwrap());
    let address = "127.0.0.1:3306".parse().unwrap();
    let database = keepalived::MariaDbProbe { address, option_file };
    let database = script("mariadb", Need::All, vec![Probe::MariaDb(database)]);
    let mut platform_check = readyz();
    platform_check.name = name("platform");
    platform_check.user = "nobody".parse().unwrap();
    let mut db = instance("br0", "192.168.199.98", &["192.168.199.97/24"], "mariadb");
    db.virtual_router_id = "99".parse().unwrap();
    db.others = members(&[("192.168.199.99", 99)]);
    db.pass = pass("onecloud");
    let mut platform = instance("br0", "192.168.199.98", &["192.168.199.96/24"], "platform");
    platform.virtual_router_id = "100".parse().unwrap();
    platform.others = members(&[("192.168.199.99", 99), ("192.168.199.100", 98)]);
    platform.track_scripts.push(TrackedScript { name: name("dns"), effect: Effect::Drop(small(60)) });
    let dns = script("dns", Need::Any, vec![Probe::Process(name("named"))]);
    let mut draft = draft("node1", vec![database, platform_check, dns], vec![db, platform]);
    draft.late_interfaces = true;
    draft
}

fn dual_stack() -> Draft {
    let mut four = instance("eth0", "10.0.0.1", &["10.0.0.100/24", "10.0.0.101/24"], "haproxy");
    four.others = members(&[("10.0.0.2", 100)]);
    four.advertisement = every(Version::V3, 10);
    let mut six = instance("eth0", "fe80::1", &["fe80::100/64", "2001:db8::100/64"], "haproxy");
    six.name = name("haproxy-6");
    six.others = members(&[("fe80::2", 100)]);
    six.advertisement = every(Version::V3, 4095);
    let probe = http("[::1]:8404", false, "/healthz", Answer::Success);
    draft("lb1", vec![script("haproxy", Need::All, vec![probe])], vec![four, six])
}

pub(super) fn server(text: &str, address: &str, standing: haproxy::Standing) -> haproxy::Server {
    haproxy::Server {
        name: name(text),
        address: address.parse().unwrap(),
        weight: 100,
        standing,
        connections_max: None,
    }
}

/// A proxy whose servers are asked every 200 ms; two failures count.
pub(super) fn proxy(
    text: &str,
    bind: &str,
    probe: haproxy::Probe,
    servers: Vec<haproxy::Server>,
) -> haproxy::Proxy {
    haproxy::Proxy {
        name: name(text),
        binds: vec![bind.parse::<SocketAddr>().unwrap().into()],
        connect: Millis::seconds(5),
        idle: Millis::seconds(3600),
        sources: Vec::new(),
        balance: haproxy::Balance::RoundRobin,
        check: haproxy::Check {
            probe,
            port: None,
            timeout: Millis::seconds(2),
            interval: Millis::new(200),
            rise: small(2),
            fall: small(2),
            when_down: haproxy::WhenDown::Cut,
        },
        servers,
    }
}

pub(super) fn haproxy_draft(health: SocketAddr, proxies: Vec<haproxy::Proxy>) -> haproxy::Draft {
    let watches = proxies.iter().map(|p| p.name.clone()).collect();
    let health = vec![haproxy::HealthPage { name: name("vip"), address: health, watches }];
    haproxy::Draft {
        version: haproxy::HaproxyVersion::DEBIAN_12,
        process: haproxy::Process::Container,
        connections_max: NonZeroU32::new(4000).unwrap(),
        descriptors_max: NonZeroU32::new(20_000).unwrap(),
        timeouts: haproxy::Timeouts::default(),
        health,
        proxies,
    }
}

/// Every kind of haproxy.cfg that hagen bakes.
pub(super) fn haproxy() -> Vec<(&'static str, haproxy::Draft)> {
    use haproxy::Standing::{Active, Backup};
    let health: SocketAddr = "127.0.0.1:8404".parse().unwrap();
    let https = |path: &str, status| haproxy::Probe::Http {
        path: path.parse().unwrap(),
        status,
        tls: Some(haproxy::Trust::Unverified),
    };
    let service = haproxy::Process::Service {
        user: "haproxy".parse().unwrap(),
        group: "haproxy".parse().unwrap(),
        chroot: "/var/lib/haproxy".parse().unwrap(),
        stats_socket: "/run/haproxy/admin.sock".parse().unwrap(),
    };
    let apiservers = vec![
        server("dev3", "172.29.1.122:9443", Active),
        server("dev6", "172.29.1.41:9443", Active),
        server("dev7", "172.29.1.42:9443", Active),
    ];
    let mut apiserver =
        proxy("apiserver", "172.29.1.200:6443", https("/readyz", haproxy::Status::Ok), apiservers);
    apiserver.balance = haproxy::Balance::LeastConnections;
    apiserver.check.when_down = haproxy::WhenDown::Keep;
    apiserver.sources = vec!["172.29.0.0/16".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    let mut kubeadm = haproxy_draft(health, vec![apiserver.clone()]);
    kubeadm.process = service.clone();

    let pair = |text: &str, port: u16, probe| {
        let servers = vec![
            server("original", &format!("172.30.41.193:{port}"), Active),
            server("backup", &format!("172.30.41.194:{port}"), Backup),
        ];
        proxy(text, &format!("172.30.41.190:{port}"), probe, servers)
    };
    let live = haproxy::Probe::Http {
        path: "/minio/health/live".parse().unwrap(),
        status: haproxy::Status::Ok,
        tls: None,
    };
    let mut bootstrap = haproxy_draft(
        health,
        vec![
            pair("registry", 443, https("/v2/", haproxy::Status::OkOrDenied)),
            pair("charts", 8081, haproxy::Probe::Tcp),
            pair("minio", 9000, live),
            pair("minio-console", 9001, haproxy::Probe::Tcp),
        ],
    );
    bootstrap.process = service.clone();
    let mut centos = bootstrap.clone();
    centos.version = haproxy::HaproxyVersion::CENTOS_7;

    let gateways = [80, 443, 6060, 7070, 8443].map(|port: u16| {
        let servers = vec![
            server("compute01", &format!("10.141.161.107:{port}"), Active),
            server("compute02", &format!("[2001:db8::108]:{port}"), Active),
        ];
        let mut gateway = proxy(
            &format!("gateway-{port}"),
            &format!("[2001:db8::106]:{port}"),
            haproxy::Probe::Tcp,
            servers,
        );
        gateway.balance = haproxy::Balance::Source;
        gateway
    });
    let mut rainbond = haproxy_draft(health, gateways.to_vec());
    rainbond.process = service.clone();

    let databases =
        vec![server("db1", "192.168.199.98:3306", Active), server("db2", "192.168.199.99:3306", Backup)];
    let mut database = proxy("mariadb", "192.168.199.97:3306", haproxy::Probe::MysqlGreeting, databases);
    database.balance = haproxy::Balance::SingleWriter;
    let mut cloudpods = haproxy_draft(health, vec![database, apiserver.clone()]);
    cloudpods.process = service;

    let mut pod = haproxy_draft(health, vec![apiserver]);
    pod.version = haproxy::HaproxyVersion::KUBEADM_IMAGE;
    vec![
        ("kubeadm", kubeadm),
        ("bootstrap pair", bootstrap),
        ("bootstrap pair on CentOS 7", centos),
        ("Rainbond gateways", rainbond),
        ("Cloudpods", cloudpods),
        ("static pod", pod),
    ]
}

pub(super) fn nginx_server(address: &str, standing: nginx::Standing) -> nginx::Server {
    nginx::Server {
        address: address.parse().unwrap(),
        weight: NonZeroU16::MIN,
        max_fails: small(1),
        fail_timeout: Millis::seconds(10),
        standing,
    }
}

pub(super) fn nginx_draft(proxies: Vec<nginx::Proxy>) -> nginx::Draft {
    nginx::Draft {
        version: nginx::NginxVersion::DEBIAN_12,
        stream: nginx::StreamModule::Included(nginx::StreamModule::DEBIAN.parse().unwrap()),
        user: "www-data".parse().unwrap(),
        pid: "/run/nginx.pid".parse().unwrap(),
        health: "127.0.0.1:8405".parse().unwrap(),
        worker_connections: NonZeroU32::new(1024).unwrap(),
        descriptors_max: NonZeroU32::new(2048).unwrap(),
        proxies,
    }
}

/// Every kind of nginx.conf that hagen bakes.
pub(super) fn nginx() -> Vec<(&'static str, nginx::Draft)> {
    use nginx::Standing::{Active, Backup};
    let pair = |text: &str, port: u16| nginx::Proxy {
        name: name(text),
        protocol: nginx::Protocol::Tcp,
        connect: Millis::seconds(2),
        idle: Millis::seconds(3600),
        listens: vec![format!("172.30.41.190:{port}").parse().unwrap()],
        sources: Vec::new(),
        balance: nginx::Balance::RoundRobin,
        servers: vec![
            nginx_server(&format!("172.30.41.193:{port}"), Active),
            nginx_server(&format!("172.30.41.194:{port}"), Backup),
        ],
    };
    let bootstrap =
        vec![pair("registry", 443), pair("charts", 8081), pair("minio", 9000), pair("minio-console", 9001)];
    let apiserver = nginx::Proxy {
        name: name("apiserver"),
        protocol: nginx::Protocol::Tcp,
        connect: Millis::seconds(2),
        idle: Millis::seconds(3600),
        listens: vec![
            "172.29.1.200:6443".parse().unwrap(),
            "[2001:db8::200]:6443".parse().unwrap(),
            "127.0.0.1:16443".parse().unwrap(),
        ],
        sources: vec!["172.29.0.0/16".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        balance: nginx::Balance::LeastConnections,
        servers: vec![nginx_server("172.29.1.122:9443", Active), nginx_server("[2001:db8::41]:9443", Active)],
    };
    let mut by_source = pair("gateway", 80);
    by_source.balance = nginx::Balance::Source;
    by_source.servers[1].standing = Active;
    let mut red_hat = nginx_draft(bootstrap.clone());
    red_hat.version = nginx::NginxVersion::RHEL_8;
    red_hat.stream = nginx::StreamModule::Included(nginx::StreamModule::RED_HAT.parse().unwrap());
    red_hat.user = "nginx".parse().unwrap();
    vec![
        ("bootstrap pair", nginx_draft(bootstrap)),
        ("bootstrap pair on RHEL 8", red_hat),
        ("apiservers and gateways", nginx_draft(vec![apiserver, by_source])),
    ]
}
