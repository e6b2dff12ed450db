//! Packed payloads of bundles already written: the next bundle that carries one copies it.
//!
//! A payload is so read, hashed and compressed once for all nodes. The first bundle that holds it is itself
//! the store of the packed form; no other space is used.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use super::manifest::Digest;

/// Most bundles kept open to copy from. The oldest is let go; its payloads are then packed again.
const SOURCES_MAX: usize = 64;
/// Bytes copied at once.
const COPY_BYTES: usize = 256 * 1024;

/// Digest and size of a payload.
pub(crate) type Key = (Digest, u64);

/// Where a packed payload is.
#[derive(Clone, Debug)]
pub(crate) struct PackedRun {
    /// The bundle that holds it.
    pub(crate) file: Arc<File>,
    /// Offset of its first member.
    pub(crate) at: u64,
    /// Length of its members.
    pub(crate) bytes: u64,
    /// The digest for the manifest.
    pub(crate) packed: Digest,
}

impl PackedRun {
    /// Copies the members.
    pub(crate) fn copy(&self, output: &mut impl Write) -> io::Result<()> {
        let mut buffer = vec![0; COPY_BYTES];
        let mut done = 0;
        while done < self.bytes {
            let length = usize::try_from(self.bytes - done).map_or(COPY_BYTES, |left| left.min(COPY_BYTES));
            self.file.read_exact_at(&mut buffer[..length], self.at + done)?;
            output.write_all(&buffer[..length])?;
            done += length as u64;
        }
        Ok(())
    }
}

/// All packed payloads that can be copied.
#[derive(Debug, Default)]
pub(crate) struct PackedRuns {
    by_key: HashMap<Key, PackedRun>,
    sources: VecDeque<Arc<File>>,
}

impl PackedRuns {
    /// The packed form of a payload.
    pub(crate) fn get(&self, key: Key) -> Option<&PackedRun> {
        self.by_key.get(&key)
    }

    /// Adds what one bundle holds.
    pub(crate) fn adopt(&mut self, file: &Arc<File>, runs: Vec<(Key, PackedRun)>) {
        if runs.is_empty() {
            return;
        }
        self.by_key.extend(runs);
        self.sources.push_back(Arc::clone(file));
        if self.sources.len() > SOURCES_MAX
            && let Some(oldest) = self.sources.pop_front()
        {
            self.by_key.retain(|_, run| !Arc::ptr_eq(&run.file, &oldest));
        }
    }
}
