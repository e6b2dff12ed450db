use std::collections::BTreeMap;
use std::num::NonZeroU32;

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> DnsName {
    text.parse().unwrap()
}

fn ttl(seconds: u64) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

fn soa() -> Soa {
    Soa {
        primary: name("ns.example.org"),
        hostmaster: name("hostmaster.example.org"),
        serial: NonZeroU32::new(7).unwrap(),
        refresh: ttl(900),
        retry: ttl(300),
        expire: ttl(1_209_600),
        negative_ttl: ttl(60),
    }
}

fn address(owner: &str, address: &str) -> Record {
    Record { owner: name(owner), ttl: None, data: Data::Address(address.parse().unwrap()) }
}

fn target(label: &str, v4: &str) -> Target {
    Target { label: name(label), v4: Some(v4.parse().unwrap()), v6: None }
}

fn forward(records: Vec<Record>) -> Zone {
    let mut all = vec![address("ns.example.org", "10.0.0.192")];
    all.extend(records);
    Zone {
        name: name("example.org"),
        soa: soa(),
        ttl: ttl(3600),
        name_servers: vec![name("ns.example.org")],
        records: all,
        switched: Vec::new(),
    }
}

#[test]
fn names_that_could_break_a_file_are_refused() {
    for bad in
        ["", ".", "a..b", "a.", ".a", "A.b", "a b", "a\nb", "a;b", "a\"b", "-a", "a-", "a.*", "é.b", "a.(b"]
    {
        assert!(bad.parse::<DnsName>().is_err(), "{bad:?}");
    }
    assert!(
        ["a".repeat(64).as_str(), &"a.".repeat(127).repeat(2)].iter().all(|t| t.parse::<DnsName>().is_err())
    );
    for good in ["a", "*.a.b", "_sip._tcp.example.org", "1.0.10.in-addr.arpa", &"a".repeat(63)] {
        assert_eq!(good.parse::<DnsName>().unwrap().as_str(), good);
    }
}

#[test]
fn names_know_their_zone() {
    let zone = name("example.org");
    assert_eq!(name("example.org").below(&zone), Some("@"));
    assert_eq!(name("www.example.org").below(&zone), Some("www"));
    assert_eq!(name("a.b.example.org").below(&zone), Some("a.b"));
    assert_eq!(name("badexample.org").below(&zone), None, "a suffix is not a subdomain");
    assert_eq!(name("org").below(&zone), None);
}

#[test]
fn reverse_zones_end_at_labels_and_do_not_reach_beyond_the_network() {
    for (address, network, zone) in [
        ("172.30.41.193", "172.30.41.0/24", "41.30.172.in-addr.arpa"),
        ("172.30.41.193", "172.30.0.0/16", "30.172.in-addr.arpa"),
        ("172.30.41.193", "172.0.0.0/8", "172.in-addr.arpa"),
        ("172.30.41.193", "172.30.40.0/23", "41.30.172.in-addr.arpa"),
        ("172.30.41.193", "172.30.32.0/20", "41.30.172.in-addr.arpa"),
        ("172.30.41.193", "172.16.0.0/12", "30.172.in-addr.arpa"),
        ("172.30.41.193", "172.30.41.192/26", "41.30.172.in-addr.arpa"),
        ("172.30.41.193", "172.30.41.193/32", "41.30.172.in-addr.arpa"),
        ("10.0.0.1", "0.0.0.0/0", "10.in-addr.arpa"),
        ("fd00:1:2:3::a", "fd00:1:2:3::/64", "3.0.0.0.2.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa"),
        ("fd00:1:2:3::a", "fd00:1:2::/46", "2.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa"),
        ("fd00::a", "fd00::8/126", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"),
    ] {
        let found = reverse_zone_of(address.parse().unwrap(), network.parse().unwrap());
        assert_eq!(found.as_str(), zone, "{address} in {network}");
    }
}

#[test]
fn zones_of_several_domains_share_a_reverse_zone() {
    let pointers = BTreeMap::from([
        ("10.0.0.193".parse().unwrap(), name("tinder-1.example.org")),
        ("10.0.0.194".parse().unwrap(), name("api.example.net")),
        ("10.0.1.5".parse().unwrap(), name("worker.example.org")),
        ("192.0.2.9".parse().unwrap(), name("outside.example.org")),
    ]);
    let networks = ["10.0.0.0/23".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    let zones = reverse_zones(&pointers, &networks, &soa(), ttl(3600), &[name("ns.example.org")]);
    let shape: Vec<_> = zones
        .iter()
        .map(|z| (z.name.as_str(), z.records.iter().map(|r| r.owner.as_str()).collect()))
        .collect();
    let expected: [(&str, Vec<&str>); 3] = [
        ("0.0.10.in-addr.arpa", vec!["193.0.0.10.in-addr.arpa", "194.0.0.10.in-addr.arpa"]),
        ("1.0.10.in-addr.arpa", vec!["5.1.0.10.in-addr.arpa"]),
        ("2.0.192.in-addr.arpa", vec!["9.2.0.192.in-addr.arpa"]),
    ];
    assert_eq!(shape, expected);
}

#[test]
fn the_seeds_defects_are_all_found() {
    let mut zone = forward(vec![address("example.org", "127.0.0.1"), address("example.org", "::1")]);
    zone.name_servers.push(name("example.org"));
    zone.soa.primary = name("tinder.example.org");
    let wrong = Record {
        owner: name("201.0.0.10.in-addr.arpa"),
        ttl: None,
        data: Data::Pointer(name("ns.example.org")),
    };
    let local = Record { owner: name("41.in-addr.arpa"), ttl: None, data: Data::Pointer(name("localhost")) };
    let reverse = Zone {
        name: name("0.0.10.in-addr.arpa"),
        soa: soa(),
        ttl: ttl(1),
        name_servers: vec![name("ns2.example.org")],
        records: vec![wrong, local],
        switched: vec![],
    };
    let told: Vec<String> = check(&[zone.clone(), reverse]).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "`41.in-addr.arpa` is outside the zone `0.0.10.in-addr.arpa`",
            "the zone `example.org` itself points to a loopback address",
            "the name server `ns2.example.org` of `0.0.10.in-addr.arpa` has no address record in the served zones",
            "the primary `ns.example.org` of `0.0.10.in-addr.arpa` is not among its name servers",
            "the primary `tinder.example.org` of `example.org` is not among its name servers",
            "`41.in-addr.arpa` has a PTR record but is no reverse name of an address",
            "the PTR record of 10.0.0.201 names `ns.example.org`, which has not this address",
        ]
    );
}

#[test]
fn aliases_and_switched_names_stand_alone() {
    let alias =
        Record { owner: name("www.example.org"), ttl: None, data: Data::Alias(name("ns.example.org")) };
    assert_eq!(check(&[forward(vec![alias.clone()])]), []);
    let both = forward(vec![alias.clone(), address("www.example.org", "10.0.0.1")]);
    assert_eq!(check(&[both]), [ZoneProblem::AliasBesideData(name("www.example.org"))]);

    let switched = |owner: &str, targets| Switched { owner: name(owner), ttl: ttl(30), targets };
    let two = vec![target("tinder-1", "10.0.0.193"), target("tinder-2", "10.0.0.194")];
    let mut zone = forward(vec![]);
    zone.switched = vec![switched("example.org", two.clone())];
    assert_eq!(check(&[zone.clone()]), [], "the zone's own name may be switched");
    zone.records.push(alias);
    zone.switched = vec![
        switched("*.example.org", two.clone()), // a wildcard may be switched
        switched("a.example.org", vec![]),
        switched("b.example.org", vec![two[0].clone(), Target { v4: None, ..two[1].clone() }]),
        switched("www.example.org", two),
    ];
    assert_eq!(
        check(&[zone]),
        [
            ZoneProblem::SwitchedBesideData(name("www.example.org")),
            ZoneProblem::SwitchedTargets(name("a.example.org")),
            ZoneProblem::SwitchedTargets(name("b.example.org")),
        ]
    );
}

proptest! {
    #[test]
    fn a_reverse_name_gives_its_address_back_and_lies_in_its_zone(
        bits: u128, v4: bool, prefix in 0u8..=128,
    ) {
        let address = if v4 { IpAddr::V4((bits as u32).into()) } else { IpAddr::V6(bits.into()) };
        let owner = DnsName::reverse_of(address);
        prop_assert_eq!(owner.reversed_address(), Some(address));
        let prefix = if v4 { prefix % 33 } else { prefix };
        let network = IpNet::new(address, prefix).unwrap();
        let zone = reverse_zone_of(address, network);
        prop_assert!(owner.is_within(&zone) && owner != zone);
        prop_assert!(zone.as_str().parse::<DnsName>().is_ok());
    }

    #[test]
    fn merged_reverse_zones_pass_the_check(hosts in proptest::collection::btree_map(any::<u32>(), 0u16..50, 1..40)) {
        let usable = |ip: &u32| !std::net::Ipv4Addr::from(*ip).is_loopback();
        let hosts: BTreeMap<IpAddr, DnsName> = hosts
            .into_iter()
            .filter(|(ip, _)| usable(ip))
            .map(|(ip, host)| (IpAddr::V4(ip.into()), name(&format!("h{host}.example.org"))))
            .collect();
        let records = hosts
            .iter()
            .map(|(ip, host)| Record { owner: host.clone(), ttl: None, data: Data::Address(*ip) })
            .collect();
        let servers = [name("ns.example.org")];
        let mut zones = vec![forward(records)];
        zones.extend(reverse_zones(&hosts, &["0.0.0.0/5".parse().unwrap()], &soa(), ttl(60), &servers));
        prop_assert_eq!(check(&zones), vec![]);
    }
}
