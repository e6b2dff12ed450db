//! What entries there are in an archive whose order is not the manifest's: read leniently, only to name what
//! was added, removed, doubled or moved.

use std::collections::HashSet;

use super::manifest::{FILES_MAX, Manifest, Mode};
use super::problem::{Fault, Problem};
use super::ustar::{self, BLOCK, Foreign};
use super::walk::Walked;

/// Most entries that are looked at.
const ENTRIES_MAX: usize = 2 * FILES_MAX;
/// Bytes that are looked at beyond what the manifest lists.
const SLACK_BYTES: u64 = 16 * 1024 * 1024;

/// The survey of the rest of an archive.
pub(crate) struct Survey {
    /// Index in the manifest of the entry where the order was left.
    at: usize,
    entries: Vec<Foreign>,
    /// Content and padding to pass over.
    skip: u64,
    block: Vec<u8>,
    bytes: u64,
    /// Nothing more can be told.
    ended: bool,
    /// The end of the archive was seen, so what was not seen is missing.
    whole: bool,
}

impl Survey {
    /// Begins at an entry that should not stand here.
    pub(crate) fn begin(at: usize, found: &Foreign) -> Self {
        let mut survey = Self {
            at,
            entries: vec![],
            skip: 0,
            block: Vec::with_capacity(BLOCK),
            bytes: 0,
            ended: false,
            whole: false,
        };
        survey.entry(found.clone());
        survey
    }

    /// The archive's end stands where an entry should.
    pub(crate) fn ended(at: usize) -> Self {
        Self { at, entries: vec![], skip: 0, block: vec![], bytes: 0, ended: true, whole: true }
    }

    /// Takes bytes of the archive.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Walked {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() && !self.ended {
            let skip = usize::try_from(self.skip).map_or(bytes.len(), |skip| skip.min(bytes.len()));
            self.skip -= skip as u64;
            bytes = &bytes[skip..];
            let take = bytes.len().min(BLOCK - self.block.len());
            self.block.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if let Some(header) = self.block.first_chunk::<BLOCK>() {
                match ustar::foreign(header) {
                    Some(found) => self.entry(found),
                    None => {
                        self.ended = true;
                        self.whole = *header == [0; BLOCK];
                    }
                }
                self.block.clear();
            }
        }
        if self.ended { Walked::Enough } else { Walked::On }
    }

    fn entry(&mut self, found: Foreign) {
        let size = found.size.unwrap_or(u64::MAX);
        self.skip = size.saturating_add(ustar::padding(size) as u64);
        self.entries.push(found);
        self.ended |= self.entries.len() >= ENTRIES_MAX;
    }

    /// Whether so much has been looked at that the manifest cannot explain it.
    pub(crate) fn is_beyond(&self, manifest: &Manifest) -> bool {
        u128::from(self.bytes) > manifest.content_bytes() + u128::from(SLACK_BYTES)
    }

    /// What is wrong. Files are missing only when everything that is there was seen.
    pub(crate) fn conclude(self, manifest: &Manifest, complete: bool) -> Vec<Problem> {
        let mut problems = vec![];
        let mut seen: HashSet<&str> =
            manifest.files[..self.at].iter().map(|file| file.path.as_str()).collect();
        for entry in &self.entries {
            let path = entry.path.as_str();
            let fault = match manifest.file(path) {
                None => Some(Fault::Added(entry.kind)),
                Some(_) if !seen.insert(path) => Some(Fault::Twice),
                Some(_) if entry.kind != "file" => Some(Fault::Kind(entry.kind)),
                Some(file) if entry.size != Some(file.size) => {
                    Some(Fault::Size { found: entry.size.unwrap_or(u64::MAX), expected: file.size })
                }
                Some(file) => match entry.mode.map(Mode) {
                    Some(mode) if mode == file.mode => None,
                    Some(found) => Some(Fault::Mode { found, expected: file.mode }),
                    None => Some(Fault::HeaderDamaged),
                },
            };
            problems.extend(fault.map(|fault| Problem::new(path, fault)));
        }
        if complete || self.whole {
            let missing = manifest.files.iter().filter(|file| !seen.contains(file.path.as_str()));
            problems.extend(missing.map(|file| Problem::new(file.path.as_str(), Fault::Missing)));
        }
        if problems.is_empty() {
            // Nothing is added, missing or changed, so the entry that stands here stands too early.
            let path = self.entries.first().map_or_else(String::new, |entry| entry.path.clone());
            problems.push(Problem::new(path, Fault::Order));
        }
        problems
    }
}
