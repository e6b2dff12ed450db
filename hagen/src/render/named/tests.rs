use std::num::{NonZeroU16, NonZeroU32};

use super::*;
use crate::os::Os;
use crate::plan::named::*;

fn name(text: &str) -> DnsName {
    text.parse().unwrap()
}

fn ttl(seconds: u64) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

fn zone() -> Zone {
    let soa = Soa {
        primary: name("ns.tinder.example"),
        hostmaster: name("hostmaster.tinder.example"),
        serial: NonZeroU32::new(7).unwrap(),
        refresh: ttl(900),
        retry: ttl(300),
        expire: ttl(1_209_600),
        negative_ttl: ttl(60),
    };
    let target = |label, v4: &str, v6: &str| Target {
        label: name(label),
        v4: Some(v4.parse().unwrap()),
        v6: Some(v6.parse().unwrap()),
    };
    Zone {
        name: name("tinder.example"),
        soa,
        ttl: ttl(3600),
        name_servers: vec![name("ns.tinder.example")],
        records: vec![
            Record {
                owner: name("mail.tinder.example"),
                ttl: None,
                data: Data::Alias(name("ns.tinder.example")),
            },
            Record {
                owner: name("ns.tinder.example"),
                ttl: Some(ttl(60)),
                data: Data::Address("172.30.41.192".parse().unwrap()),
            },
        ],
        switched: vec![Switched {
            owner: name("www.tinder.example"),
            ttl: ttl(30),
            targets: vec![
                target("tinder-1", "172.30.41.193", "fd00::193"),
                target("tinder-2", "172.30.41.194", "fd00::194"),
            ],
        }],
    }
}

fn server(os: &str, foreign: Foreign, zones: Vec<ServedZone>) -> Named {
    let os = Os::builtin(os).unwrap();
    Named {
        paths: os.paths().named.clone(),
        words: RoleWords::of(os),
        listen: vec!["172.30.41.192".parse().unwrap()],
        port: NonZeroU16::new(53).unwrap(),
        clients: vec!["172.30.41.0/24".parse().unwrap()],
        foreign,
        zones,
    }
}

fn text_of(files: &[File], path: &str) -> String {
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text().to_owned()
}

#[test]
fn a_debian_primary() {
    let zones =
        vec![ServedZone::Primary { zone: zone(), secondaries: vec!["172.30.41.191".parse().unwrap()] }];
    let files = render(&server("debian-12", Foreign::Refuse, zones));
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/etc/bind/named.conf.options",
            "/etc/bind/named.conf.local",
            "/etc/hagen/dns/zones/tinder.example.zone",
            "/etc/hagen/dns/zones.list",
            "/etc/hagen/dns/switched.list",
            "/usr/local/sbin/hagen-dns-switch",
        ]
    );
    insta::assert_snapshot!("options", text_of(&files, "/etc/bind/named.conf.options"));
    insta::assert_snapshot!("local", text_of(&files, "/etc/bind/named.conf.local"));
    insta::assert_snapshot!("zone", text_of(&files, "/etc/hagen/dns/zones/tinder.example.zone"));
    insta::assert_snapshot!("switched", text_of(&files, "/etc/hagen/dns/switched.list"));
    insta::assert_snapshot!("zones-list", text_of(&files, "/etc/hagen/dns/zones.list"));
}

#[test]
fn a_centos_secondary_that_forwards() {
    let secondary =
        ServedZone::Secondary { name: name("tinder.example"), primary: "172.30.41.192".parse().unwrap() };
    let foreign = Foreign::Forward(vec!["10.1.1.1".parse().unwrap()]);
    let mut cfg = server("centos-7.9", foreign, vec![secondary]);
    cfg.listen = vec!["172.30.41.191".parse().unwrap(), "fd00::191".parse().unwrap()];
    cfg.port = NonZeroU16::new(5353).unwrap();
    let files = render(&cfg);
    insta::assert_snapshot!(text_of(&files, "/etc/named.conf"));
}
