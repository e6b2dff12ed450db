//! The whole letter: what is read, what is refused and where, and that writing and reading are inverse.

mod arbitrary;
mod refusals;

use proptest::prelude::*;

use super::*;

const FULL: &str = include_str!("tests/full.yaml");

fn parse(text: &str) -> Config {
    Config::parse(text).unwrap_or_else(|problems| panic!("{}", show(&problems)))
}

fn show(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("{p}\n")).collect()
}

#[test]
fn everything_can_be_said() {
    let config = parse(FULL);
    assert_eq!(config.groups.len(), 5);
    assert_eq!(config.services.len(), 5);
    let Owner::Vrrp(vrrp) = &config.groups[0].owner else { panic!("{:?}", config.groups[0].owner) };
    assert_eq!(vrrp.virtual_router_id.get(), 33);
    assert_eq!(vrrp.advertisement_interval.get(), 25);
    assert_eq!(vrrp.preempt_delay, Millis::seconds(30));
    let Owner::Vrrp(vrrp) = &config.groups[1].owner else { panic!("{:?}", config.groups[1].owner) };
    assert_eq!(vrrp.priority, ha_vrrp::RouterPriority::Owner);
    assert_eq!(vrrp.transport, Transport::Multicast);
    assert_eq!(config.services[2].port, ServicePort::Any);
    assert_eq!(config.services[0].backends[1].weight, 2);
    assert!(config.services[0].backends[0].local);
    let text = config.to_yaml().unwrap();
    assert_eq!(parse(&text), config);
}

#[test]
fn the_least_letter_gets_the_defaults() {
    let config = parse("apiVersion: ha-xdp/v1\nnode: lb1\n");
    assert_eq!(config.daemon, Daemon::default());
    assert_eq!(config.tables, Tables::default());
    assert_eq!(config.daemon.control_socket.as_str(), "/run/ha-xdp/control.sock");
    assert!(config.local_traffic.enabled);
}

#[test]
fn constants_are_what_they_claim() {
    for path in [PATH, Daemon::CONTROL_SOCKET, Daemon::PIN_PATH, LocalTraffic::CGROUP] {
        assert!(path.parse::<AbsolutePath>().is_ok(), "{path}");
    }
    assert_eq!(PortRange::new(32_768, 65_535), Ok(PortRange::UPPER_HALF));
    assert_eq!(StatusRange::new(200, 399), Ok(StatusRange::SUCCESS));
}

#[test]
fn a_letter_too_long_is_not_read() {
    let text = format!("# {}\napiVersion: ha-xdp/v1\nnode: lb1\n", "x".repeat(limits::FILE_BYTES_MAX));
    let problems = Config::parse(&text).unwrap_err();
    assert!(problems[0].message.contains("at most 16777216 are read"), "{}", show(&problems));
}

#[test]
fn the_largest_letter_is_read() {
    let mut text = String::from("apiVersion: ha-xdp/v1\nnode: lb1\ninterfaces: [{name: eth0}]\n");
    text += "tables: {maglevSlots: 1021}\ngroups:\n- {name: g, interface: eth0, addresses: [10.0.0.1/8], owner: always}\nservices:\n";
    for service in 0..64 {
        text += &format!(
            "- {{name: s{service}, address: 10.0.0.1, port: {}, protocol: tcp, forward: dsr, backends: [",
            service + 1
        );
        for backend in 0..1021 {
            text += &format!(
                "{{name: b{backend}, address: 10.1.{}.{}, weight: 3}},",
                backend / 250,
                backend % 250 + 1
            );
        }
        text += "]}\n";
    }
    let config = parse(&text);
    assert_eq!(config.services.iter().map(|s| s.backends.len()).sum::<usize>(), 64 * 1021);
    assert_eq!(parse(&config.to_yaml().unwrap()), config);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn reading_what_was_written_gives_the_same(document in arbitrary::document()) {
        let config = Config::new(document).map_err(|p| TestCaseError::fail(show(&p)))?;
        let text = config.to_yaml().map_err(|p| TestCaseError::fail(show(&p)))?;
        let read = Config::parse(&text).map_err(|p| TestCaseError::fail(show(&p)))?;
        prop_assert_eq!(read, config);
    }

    #[test]
    fn nothing_read_makes_it_panic(text in ".{0,200}") {
        let _ = Config::parse(&text);
    }

    /// A line cut out of, or doubled in, the full letter: read or refused, never a panic, and a refusal
    /// always says something.
    #[test]
    fn damaged_letters_are_refused_with_words(line in 0usize..140, double in any::<bool>()) {
        let mut lines: Vec<&str> = FULL.lines().collect();
        let at = line % lines.len();
        if double { lines.insert(at, lines[at]) } else { lines.remove(at); }
        match Config::parse(&lines.join("\n")) {
            Ok(config) => prop_assert!(Config::parse(&config.to_yaml().map_err(|p| TestCaseError::fail(show(&p)))?).is_ok()),
            Err(problems) => prop_assert!(problems.iter().all(|p| !p.message.is_empty())),
        }
    }
}
