use proptest::prelude::*;

use super::*;

#[test]
fn messages_say_what_to_write() {
    let say = |r: Result<RouterPriority, PriorityError>| r.map_err(|e| e.to_string());
    assert_eq!(
        say("0".parse()),
        Err("priority 0 is what a node sends when it gives up; write 1..=254".to_owned())
    );
    assert_eq!(
        say("255".parse()),
        Err("priority 255 is for the address owner; write 1..=254, or `owner`".to_owned())
    );
    assert_eq!(say("300".parse()), Err("priority `300` is not in 1..=254".to_owned()));
    assert_eq!(say("owner".parse()), Ok(RouterPriority::Owner));
    assert_eq!("256".parse::<VirtualRouterId>().unwrap_err().to_string(), {
        "virtual router id `256` is not in 1..=255"
    });
    assert_eq!("1".parse::<Version>().unwrap_err().to_string(), "VRRP version `1` is not 2 or 3");
}

#[test]
fn only_plain_decimals_are_numbers() {
    for text in ["", "+1", "-1", "01", "1 ", " 1", "0x1", "1.0", "٣", "99999999999999999999"] {
        assert!(text.parse::<VirtualRouterId>().is_err(), "{text:?}");
        assert!(text.parse::<Priority>().is_err(), "{text:?}");
    }
}

#[test]
fn tracking_never_lowers_to_the_priority_that_gives_up() {
    assert_eq!(Priority::DEFAULT.get(), 100);
    assert_eq!(Priority::DEFAULT.lowered_by(2).get(), 98);
    assert_eq!(Priority::DEFAULT.lowered_by(255).get(), 1);
}

#[test]
fn families_follow_the_address() {
    assert_eq!(Family::of("192.0.2.1".parse().unwrap()), Family::V4);
    assert_eq!(Family::of("fe80::1".parse().unwrap()).to_string(), "IPv6");
}

proptest! {
    #[test]
    fn ids_are_exactly_1_to_255(n in prop_oneof![any::<i64>(), -3..300i64]) {
        let id = VirtualRouterId::try_from(n);
        prop_assert_eq!(id.is_ok(), (1..=255).contains(&n));
        if let Ok(id) = id {
            prop_assert_eq!(i64::from(id.get()), n);
            prop_assert_eq!(id.to_string().parse::<VirtualRouterId>(), Ok(id));
        }
    }

    #[test]
    fn priorities_are_exactly_1_to_254(n in prop_oneof![any::<i64>(), -3..300i64]) {
        let priority = Priority::try_from(n);
        prop_assert_eq!(priority.is_ok(), (1..=254).contains(&n));
        if let Ok(priority) = priority {
            prop_assert_eq!(priority.to_string().parse::<Priority>(), Ok(priority));
            prop_assert!(RouterPriority::from(priority) < RouterPriority::Owner);
        }
    }

    #[test]
    fn lowering_never_raises(n in 1u8..=254, drop in any::<u8>()) {
        let priority = Priority::new(n).unwrap();
        let lowered = priority.lowered_by(drop);
        prop_assert!(lowered <= priority);
        prop_assert_eq!(u16::from(lowered.get()), (i32::from(n) - i32::from(drop)).max(1) as u16);
    }
}
