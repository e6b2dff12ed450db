use proptest::prelude::*;

use super::*;
use crate::words::Priority;

fn interval(version: Version, centiseconds: u16) -> AdvertisementInterval {
    AdvertisementInterval::new(version, Centiseconds::new(centiseconds)).unwrap()
}

fn priority(number: u8) -> RouterPriority {
    Priority::new(number).map_or(RouterPriority::Owner, RouterPriority::Backup)
}

#[test]
fn times_are_written_with_their_unit() {
    for (text, centiseconds, canonical) in [
        ("1s", 100, "1s"),
        ("250ms", 25, "250ms"),
        ("3cs", 3, "30ms"),
        ("0s", 0, "0s"),
        ("1000ms", 100, "1s"),
    ] {
        let time: Centiseconds = text.parse().unwrap();
        assert_eq!((time.get(), time.to_string().as_str()), (centiseconds, canonical));
    }
    for text in ["", "1", "1m", "s", "1.5s", "-1s", "01s", "1 s", "1S", "99999999999999999999s"] {
        assert!(matches!(text.parse::<Centiseconds>(), Err(CentisecondsError::Form(_))), "{text:?}");
    }
    assert!(matches!("15ms".parse::<Centiseconds>(), Err(CentisecondsError::Fraction(_))));
    assert!(matches!("656s".parse::<Centiseconds>(), Err(CentisecondsError::Long(_))));
    assert!(matches!("9223372036854775807s".parse::<Centiseconds>(), Err(CentisecondsError::Long(_))));
}

#[test]
fn refusals_name_the_other_version() {
    let error = AdvertisementInterval::new(Version::V2, Centiseconds::new(10)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "VRRP version 2 advertises in whole seconds from 1s to 255s, not 100ms; version 3 can say 10ms to 40950ms"
    );
}

#[test]
fn skew_and_active_down_of_the_rfcs() {
    // RFC 9568 §6.1, 1 s and priority 100: 156/256 s; three intervals on top.
    let v3 = interval(Version::V3, 100);
    assert_eq!(skew_time(v3, priority(100)), Duration::from_micros(609_375));
    assert_eq!(active_down_interval(v3, priority(100)), Duration::from_micros(3_609_375));
    // The skew of version 3 shrinks with the interval: 0.1 s and priority 200 give 56/256 of 0.1 s.
    let fast = interval(Version::V3, 10);
    assert_eq!(skew_time(fast, priority(200)), Duration::from_micros(21_875));
    // RFC 3768 §6.1: version 2 skews by up to a second, even with an interval of five.
    let slow = interval(Version::V2, 500);
    assert_eq!(skew_time(slow, priority(100)), Duration::from_micros(609_375));
    assert_eq!(active_down_interval(slow, priority(100)), Duration::from_micros(15_609_375));
    // The address owner waits least, but still a little.
    assert_eq!(skew_time(v3, RouterPriority::Owner), Duration::from_nanos(3_906_250));
}

proptest! {
    #[test]
    fn centiseconds_round_trip(n in any::<u16>()) {
        let time = Centiseconds::new(n);
        prop_assert_eq!(time.to_string().parse::<Centiseconds>(), Ok(time));
        prop_assert_eq!(time.duration(), Duration::from_millis(u64::from(n) * 10));
    }

    #[test]
    fn intervals_fit_their_field(n in prop_oneof![any::<u16>(), 0..5000u16]) {
        let time = Centiseconds::new(n);
        let v2 = AdvertisementInterval::new(Version::V2, time);
        let v3 = AdvertisementInterval::new(Version::V3, time);
        prop_assert_eq!(v2.is_ok(), n > 0 && n % 100 == 0 && n <= 25_500);
        prop_assert_eq!(v3.is_ok(), (1..=4095).contains(&n));
    }

    /// Whatever the interval, two different priorities never have the same deadline.
    #[test]
    fn a_higher_priority_always_waits_less(n in 1..=4095u16, a in 1..=255u8, b in 1..=255u8) {
        prop_assume!(a != b);
        let (high, low) = (priority(a.max(b)), priority(a.min(b)));
        let v3 = interval(Version::V3, n);
        prop_assert!(active_down_interval(v3, high) < active_down_interval(v3, low));
        prop_assert!(skew_time(v3, low) < v3.duration());
        let v2 = interval(Version::V2, (n % 255 + 1) * 100);
        prop_assert!(active_down_interval(v2, high) < active_down_interval(v2, low));
        prop_assert!(skew_time(v2, low) < Duration::from_secs(1));
    }
}
