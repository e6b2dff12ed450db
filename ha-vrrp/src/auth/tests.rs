use proptest::prelude::*;

use super::*;

#[test]
fn refusals() {
    assert_eq!("".parse::<AuthPass>(), Err(AuthPassError::Empty));
    assert_eq!("123456789".parse::<AuthPass>(), Err(AuthPassError::Long(9)));
    assert_eq!("a b".parse::<AuthPass>(), Err(AuthPassError::Byte(2)));
    assert_eq!("ab\n".parse::<AuthPass>(), Err(AuthPassError::Byte(3)));
    assert_eq!("é".parse::<AuthPass>(), Err(AuthPassError::Byte(1)));
}

#[test]
fn the_field_is_filled_with_zeros() {
    let pass: AuthPass = "1111".parse().unwrap();
    assert_eq!(&pass.field(), b"1111\0\0\0\0");
    assert_eq!(&"onecloud".parse::<AuthPass>().unwrap().field(), b"onecloud");
}

proptest! {
    #[test]
    fn debug_and_errors_never_show_it(text in "[!-~]{4,16}") {
        let shown = match text.parse::<AuthPass>() {
            Ok(pass) => format!("{pass:?}"),
            Err(error) => error.to_string(),
        };
        // Fixed texts, whatever the password was.
        let fixed = shown == "AuthPass(…)" || shown == AuthPassError::Long(text.len()).to_string();
        prop_assert!(fixed, "{}", shown);
    }

    #[test]
    fn accepted_is_what_the_field_can_hold(text in ".{0,10}") {
        let ok = text.parse::<AuthPass>().is_ok();
        let fits = (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        prop_assert_eq!(ok, fits);
    }
}
