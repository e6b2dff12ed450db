//! Pairs of keepalived with the rendered files: who carries the VIP when a service, a process or a
//! password fails.

use std::num::NonZeroU16;
use std::path::Path;
use std::time::{Duration, Instant};

use ha_vrrp::Version;
use hagen::plan::haproxy::{Haproxy, Probe as Question};
use hagen::plan::keepalived::{
    Answer, Effect, Election, Instance, Keepalived, Member, Need, Pass, Start, TrackedScript, Transport,
};
use hagen::render;
use hagen::secret::Secret;
use tempfile::TempDir;

use super::drafts::{draft, every, haproxy_draft, http, instance, name, proxy, script, server, small};
use super::lab::{Daemon, Net, tool, until, write};

const VIP: &str = "10.88.0.100";
const VIP6: &str = "2001:db8:88::100";
/// Far above what any of it should take; the machine may be busy.
const LONG: Duration = Duration::from_secs(20);

/// One load balancer: a namespace with an interface `eth0`, keepalived, and the haproxy that it watches.
struct Node {
    net: Net,
    folder: TempDir,
    keepalived: Option<Daemon>,
    haproxy: Option<Daemon>,
}

impl Node {
    fn new(role: &str) -> Self {
        Self { net: Net::new(role), folder: TempDir::new().unwrap(), keepalived: None, haproxy: None }
    }

    fn number(&mut self, n: u8) {
        self.net.ip(&format!("addr add 10.88.0.{n}/24 dev eth0"));
        self.net.ip(&format!("-6 addr add fe80::{n}/64 dev eth0 nodad"));
    }

    /// Starts the service: a proxy whose only server is the health page itself, so that it is well.
    fn serve(&mut self) {
        use hagen::plan::haproxy::Standing::Active;
        let servers = vec![server("self", "127.0.0.1:8404", Active)];
        let web = proxy("web", "127.0.0.1:80", Question::Tcp, servers);
        let plan = Haproxy::new(haproxy_draft("127.0.0.1:8404".parse().unwrap(), vec![web])).unwrap();
        let config = self.folder.path().join("haproxy.cfg");
        write(&config, render::haproxy::render(&plan)[0].text(), 0o644);
        let mut command = self.net.command(&tool("haproxy", "haproxy"));
        command.args(["-db", "-f"]).arg(&config);
        self.haproxy = Some(Daemon::start(&mut command, &self.folder.path().join("haproxy.log")));
    }

    fn stop_serving(&mut self) {
        self.haproxy = None;
    }

    /// Starts keepalived with the rendered files at their real paths, in a private view of the disk.
    fn elect(&mut self, plan: &Keepalived) {
        let files = self.folder.path().join("files");
        for file in render::keepalived::render(plan) {
            write(&files.join(Path::new(&file.path).file_name().unwrap()), file.text(), file.entry.mode);
        }
        let private = "mount --make-rprivate / && mount -t tmpfs -o mode=0755 tmpfs /etc/keepalived \
                       && cp -p \"$1\"/* /etc/keepalived/ && mount -t tmpfs tmpfs /run \
                       && exec \"$2\" --dont-fork --log-console --log-detail --no-syslog";
        let mut command = self.net.command("unshare");
        command
            .args(["-m", "sh", "-c", private, "keepalived"])
            .arg(&files)
            .arg(tool("keepalived", "keepalived"));
        self.keepalived = Some(Daemon::start(&mut command, &self.folder.path().join("keepalived.log")));
    }

    fn carries(&self, address: &str) -> bool {
        self.net.has("eth0", address)
    }

    fn log(&self) -> String {
        self.keepalived.as_ref().map(Daemon::log).unwrap_or_default()
    }

    /// How often an instance has become Backup.
    fn became_backup(&self) -> usize {
        self.log().matches("Entering BACKUP STATE").count()
    }

    /// Dies: every process is gone at once, nothing is said or tidied up. The cable stays: pulling one
    /// end of a pair would take the carrier from the other node too, which no switch does.
    fn die(&mut self) {
        self.net.end_all("KILL");
    }
}

fn pair() -> (Node, Node) {
    let (mut first, mut second) = (Node::new("lb1"), Node::new("lb2"));
    first.net.cable("eth0", &second.net, "eth0");
    first.number(1);
    second.number(2);
    (first, second)
}

/// This node's part: VRRPv3 every 0.1 s by unicast; the health page is asked each second, two
/// failures count.
fn part(own: u8, other: u8, priorities: (u8, u8), change: impl FnOnce(&mut Instance)) -> Keepalived {
    let mut check =
        script("haproxy", Need::All, vec![http("127.0.0.1:8404", false, "/healthz", Answer::Success)]);
    check.interval_s = small(1);
    check.timeout_s = small(1);
    check.fall = small(2);
    let mut part = instance("eth0", &format!("10.88.0.{own}"), &[&format!("{VIP}/24")], "haproxy");
    part.advertisement = every(Version::V3, 10);
    part.priority = priorities.0.to_string().parse().unwrap();
    part.others = vec![Member {
        address: format!("10.88.0.{other}").parse().unwrap(),
        priority: priorities.1.to_string().parse().unwrap(),
    }];
    change(&mut part);
    Keepalived::new(draft(&format!("lb{own}"), vec![check], vec![part])).unwrap()
}

#[track_caller]
fn moves(what: &str, to: &Node, from: &Node, address: &str) -> Duration {
    let start = Instant::now();
    until(
        what,
        LONG,
        || to.carries(address) && !from.carries(address),
        || format!("--- to\n{}\n--- from\n{}", to.log(), from.log()),
    );
    start.elapsed()
}

#[test]
fn a_dead_service_gives_the_vip_away_and_it_stays_there() {
    let (mut first, mut second) = pair();
    first.serve();
    second.serve();
    first.elect(&part(1, 2, (200, 100), |_| {}));
    moves("the first takes the VIP", &first, &second, VIP);
    second.elect(&part(2, 1, (100, 200), |_| {}));
    until("the second stands by", LONG, || second.became_backup() > 0, || second.log());
    assert!(first.carries(VIP) && !second.carries(VIP));

    first.stop_serving();
    let gap = moves("the VIP leaves the node without a service", &second, &first, VIP);
    // Two failures a second apart, one advertisement with priority 0, one skew.
    assert!(gap < Duration::from_secs(8), "{gap:?}");

    let before = first.became_backup();
    first.serve();
    until("the first is well again", LONG, || first.became_backup() > before, || first.log());
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(1500) {
        assert!(second.carries(VIP) && !first.carries(VIP), "it must not preempt\n{}", first.log());
        std::thread::sleep(Duration::from_millis(50));
    }

    second.die();
    let start = Instant::now();
    until("the first takes over from the dead", LONG, || first.carries(VIP), || first.log());
    // Three intervals and the skew are 0.32 s; the rest is for a busy machine.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}

#[test]
fn a_drop_moves_the_vip_of_both_families_and_preemption_brings_it_back() {
    let (mut first, mut second) = pair();
    let dual = |own: u8, other: u8, priorities| {
        let plan = part(own, other, priorities, |p| {
            p.election = Election::Preempt { start: Start::Backup };
            p.track_scripts = vec![TrackedScript { name: name("haproxy"), effect: Effect::Drop(small(120)) }];
        });
        let mut draft = (*plan).clone();
        let mut six = draft.instances[0].clone();
        six.name = name("haproxy-6");
        six.transport = Transport::Unicast { source: format!("fe80::{own}").parse().unwrap() };
        six.others[0].address = format!("fe80::{other}").parse().unwrap();
        let at = |net: String| hagen::plan::keepalived::VirtualAddress {
            net: net.parse().unwrap(),
            interface: "eth0".parse().unwrap(),
        };
        six.addresses = vec![at("fe80::100/64".to_owned()), at(format!("{VIP6}/64"))];
        draft.instances.push(six);
        Keepalived::new(draft).unwrap()
    };
    first.serve();
    second.serve();
    first.elect(&dual(1, 2, (200, 100)));
    second.elect(&dual(2, 1, (100, 200)));
    for vip in [VIP, VIP6, "fe80::100"] {
        moves("the first takes the VIPs", &first, &second, vip);
    }
    first.stop_serving();
    for vip in [VIP, VIP6, "fe80::100"] {
        moves("the drop gives the VIPs away", &second, &first, vip);
    }
    first.serve();
    for vip in [VIP, VIP6, "fe80::100"] {
        moves("the first preempts", &first, &second, vip);
    }
}

#[test]
fn preemption_waits_for_its_delay() {
    let (mut first, mut second) = pair();
    let delay_s = NonZeroU16::new(3).unwrap();
    first.serve();
    second.serve();
    second.elect(&part(2, 1, (100, 200), |_| {}));
    moves("the second is alone", &second, &first, VIP);
    let start = Instant::now();
    first.elect(&part(1, 2, (200, 100), |p| p.election = Election::PreemptAfter { delay_s }));
    moves("the first preempts", &first, &second, VIP);
    assert!(start.elapsed() >= Duration::from_secs(3), "it came after {:?}", start.elapsed());
}

/// The password is really sent and really compared: with two different ones, both are Active.
#[test]
fn a_wrong_password_splits_the_pair() {
    let with = |own, other, priorities, pass: &'static str| {
        part(own, other, priorities, |p| {
            p.advertisement = every(Version::V2, 100);
            p.pass = Some(Pass::new(&Secret::new(pass)).unwrap());
        })
    };
    let (mut first, mut second) = pair();
    first.serve();
    second.serve();
    first.elect(&with(1, 2, (200, 100), "onecloud"));
    moves("the first takes the VIP", &first, &second, VIP);
    second.elect(&with(2, 1, (100, 200), "onec1oud"));
    until("both are Active", LONG, || second.carries(VIP) && first.carries(VIP), || second.log());
    second.keepalived = None;
    second.elect(&with(2, 1, (100, 200), "onecloud"));
    until("the second understands", LONG, || second.became_backup() > 0, || second.log());
    // Longer than three intervals of one second and the skew.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(4500) {
        assert!(first.carries(VIP) && !second.carries(VIP), "{}", second.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}
