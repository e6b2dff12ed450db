//! Order, bounds and early ends.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Squares of 0..n on so many threads, the consumer failing at one result.
fn squares(threads: usize, n: usize, fail_at: Option<usize>) -> Result<Vec<usize>, String> {
    let mut seen = vec![];
    ordered(
        threads,
        |emit| (0..n).try_for_each(&mut *emit).or(Ok(())),
        || (),
        |(), item: usize| item * item,
        |square| {
            if Some(seen.len()) == fail_at {
                return Err(format!("at {square}"));
            }
            seen.push(square);
            Ok(())
        },
    )?;
    Ok(seen)
}

#[test]
fn results_come_in_order_on_any_number_of_threads() {
    let expected = (0..1000).map(|n| n * n).collect::<Vec<_>>();
    for threads in [0, 1, 2, 3, 8, 100] {
        assert_eq!(squares(threads, 1000, None).unwrap(), expected);
    }
}

#[test]
fn the_consumers_error_ends_everything() {
    for threads in [1, 2, 7] {
        assert_eq!(squares(threads, 100_000, Some(5)), Err("at 25".to_owned()));
    }
}

#[test]
fn the_producers_error_comes_after_what_it_made() {
    for threads in [1, 3] {
        let mut seen = 0;
        let end = ordered(
            threads,
            |emit| {
                (0..10).try_for_each(&mut *emit).map_err(|_| "stopped")?;
                Err("disk")
            },
            || (),
            |(), item: usize| item,
            |_| {
                seen += 1;
                Ok(())
            },
        );
        assert_eq!((end, seen), (Err("disk"), 10));
    }
}

#[test]
fn no_more_than_a_few_items_are_under_way() {
    let (made, eaten, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = 3;
    ordered::<_, _, _, ()>(
        threads,
        |emit| {
            for n in 0..2000_usize {
                let ahead = made.fetch_add(1, Ordering::SeqCst) + 1 - eaten.load(Ordering::SeqCst);
                most.fetch_max(ahead, Ordering::SeqCst);
                if emit(n).is_err() {
                    break;
                }
            }
            Ok(())
        },
        || (),
        |(), n| n,
        |_| {
            eaten.fetch_add(1, Ordering::SeqCst);
            Ok(())
        },
    )
    .unwrap();
    // 2 per thread promised, one in the consumer's hands, one in the producer's.
    assert!(most.load(Ordering::SeqCst) <= 2 * threads + 3, "{most:?}");
}
