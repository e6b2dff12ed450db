//! Work on many cores, results in order, memory bounded.
//!
//! One producer, some workers, one consumer on the calling thread. What is under way at once is bounded by
//! the number of threads, never by the number of items.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// More threads than this gain nothing against the disk, and each holds a compressor and a few chunks.
const THREADS_MAX: usize = 16;

/// The consumer failed and wants nothing more; the producer returns.
#[derive(Debug)]
pub(crate) struct Stopped;

/// Takes items from `produce`, puts each through `work`, and hands the results to `consume` in the order of
/// production. With one thread everything happens on the calling thread.
///
/// The consumer's error comes first: the producer then stops because of it.
pub(crate) fn ordered<I, O, S, E>(
    threads: usize,
    produce: impl FnOnce(&mut dyn FnMut(I) -> Result<(), Stopped>) -> Result<(), E> + Send,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I) -> O + Sync,
    mut consume: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send,
    O: Send,
    E: Send,
{
    if threads <= 1 {
        let (mut state, mut failed) = (state(), None);
        let produced = produce(&mut |item| {
            consume(work(&mut state, item)).map_err(|error| {
                failed = Some(error);
                Stopped
            })
        });
        return failed.map_or(produced, Err);
    }
    let threads = threads.min(THREADS_MAX);
    let (jobs, queue) = sync_channel::<(I, SyncSender<O>)>(threads);
    let (promises, results) = sync_channel::<Receiver<O>>(2 * threads);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut state = state();
                while let Some((item, done)) = next(&queue) {
                    // Nobody waits for the result when the consumer has failed.
                    let _ = done.send(work(&mut state, item));
                }
            });
        }
        let producer = scope.spawn(move || {
            produce(&mut |item| {
                let (done, result) = sync_channel(1);
                promises.send(result).map_err(|_| Stopped)?;
                jobs.send((item, done)).map_err(|_| Stopped)
            })
        });
        let consumed = results.iter().map_while(|result| result.recv().ok()).try_for_each(&mut consume);
        drop(results);
        let produced = match producer.join() {
            Ok(produced) => produced,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        consumed.and(produced)
    })
}

/// The next job; `None` when the producer is done. A poisoned lock means that a worker panicked: stop too.
fn next<J>(queue: &Mutex<Receiver<J>>) -> Option<J> {
    queue.lock().ok()?.recv().ok()
}

/// How many threads this machine gives.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests;
