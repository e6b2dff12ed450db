use super::Count;

#[test]
fn results_of_all_binaries_are_added() {
    let mut count = Count::default();
    for line in [
        "running 3 tests",
        "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s",
        "test judges::haproxy ... FAILED",
        "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.25s",
    ] {
        count.read(line);
    }
    assert_eq!((count.passed, count.failed, count.skipped), (7, 3, 1));
}
