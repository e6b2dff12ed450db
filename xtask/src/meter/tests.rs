use super::{bytes_read_so_far, median};
use crate::shell;

#[test]
fn a_median_is_a_value_that_was_measured() {
    assert_eq!(median::<u8>(&[]), None);
    assert_eq!(median(&[3]), Some(3));
    assert_eq!(median(&[9, 1]), Some(1));
    assert_eq!(median(&[5, 1, 9]), Some(5));
}

#[test]
fn the_bytes_that_a_child_reads_are_counted() {
    let before = bytes_read_so_far().expect("the kernel counts");
    shell::capture(shell::command("head").args(["-c", "8388608", "/dev/zero"])).expect("head runs");
    let read = bytes_read_so_far().expect("the kernel counts") - before;
    assert!(read >= 8 << 20, "{read} bytes");
}
