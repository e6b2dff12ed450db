use proptest::prelude::*;

use super::*;

#[test]
fn times() {
    for (text, ms, canonical) in [
        ("250ms", 250, "250ms"),
        ("2000ms", 2000, "2s"),
        ("90s", 90_000, "90s"),
        ("120s", 120_000, "2m"),
        ("60m", 3_600_000, "1h"),
        ("0ms", 0, "0s"),
    ] {
        let time: Millis = text.parse().unwrap();
        assert_eq!((time.get(), time.to_string().as_str()), (ms, canonical));
    }
    for text in ["", "5", "s", "1.5s", "-1s", "1d", "05s", "1 s", "1us"] {
        assert!(matches!(text.parse::<Millis>(), Err(MillisError::Form(_))), "{text:?}");
    }
    for text in ["4294967296ms", "1194h", "99999999999s"] {
        assert!(matches!(text.parse::<Millis>(), Err(MillisError::Long(_))), "{text:?}");
    }
}

#[test]
fn words_refuse_what_would_break_a_line() {
    for bad in ["", " ", "a b", "a\nb", "a\"b", "a;b", "a#b", "a$b", "a`b", "a'b", "a\\b", "ä"] {
        assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        assert!(bad.parse::<InterfaceName>().is_err(), "{bad:?}");
        assert!(format!("/{bad}").parse::<AbsolutePath>().is_err(), "{bad:?}");
        assert!(bad.parse::<HostName>().is_err(), "{bad:?}");
        assert!(bad.parse::<HttpPath>().is_err(), "{bad:?}");
    }
}

#[test]
fn names_and_hosts() {
    for good in ["a", "lb1", "0", "a.b-c", "x".repeat(192).as_str()] {
        assert!(good.parse::<Name>().is_ok(), "{good:?}");
    }
    for bad in ["-a", "a-", ".a", "A", "a_b", "x".repeat(193).as_str()] {
        assert!(bad.parse::<Name>().is_err(), "{bad:?}");
    }
    for good in ["eth0", "eno1.100", "br-lan", "ens192", "p1p1@if3", "a234567890bcdef"] {
        assert!(good.parse::<InterfaceName>().is_ok(), "{good:?}");
    }
    for bad in ["a234567890bcdefg", "eth/0", "eth 0"] {
        assert!(bad.parse::<InterfaceName>().is_err(), "{bad:?}");
    }
    for good in ["kubernetes.default.svc", "10.0.0.1", "2001:db8::1", "A1"] {
        assert!(good.parse::<HostName>().is_ok(), "{good:?}");
    }
    for bad in ["-a.b", "a..b", "a.", "a_b"] {
        assert!(bad.parse::<HostName>().is_err(), "{bad:?}");
    }
    for bad in ["/", "a/b", "/a//b", "/a/", "/a/../b", "/.", "//"] {
        assert!(bad.parse::<AbsolutePath>().is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn milliseconds_round_trip(n in any::<u32>()) {
        let time = Millis::new(n);
        prop_assert_eq!(time.to_string().parse::<Millis>(), Ok(time));
    }

    #[test]
    fn ranges_round_trip(a in any::<u16>(), b in any::<u16>()) {
        let range = PortRange::new(a, b);
        prop_assert_eq!(range.is_ok(), a >= 1024 && a <= b);
        if let Ok(range) = range {
            prop_assert_eq!(range.to_string().parse::<PortRange>(), Ok(range));
            prop_assert!(range.contains(a) && range.contains(b));
        }
    }

    #[test]
    fn ports_round_trip(n in any::<i64>()) {
        let text = n.to_string();
        prop_assert_eq!(text.parse::<ServicePort>().is_ok(), (1..=65_535).contains(&n));
    }
}
