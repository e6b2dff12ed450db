//! Holds the body of a bundle, as it streams by, against the manifest: every byte is either what the manifest
//! demands or part of a named problem.

use sha2::{Digest as _, Sha256};

use super::layout::{self, Part, Run, Stretch};
use super::manifest::{Digest, FileRecord, Manifest, Mode};
use super::member::MemberFault;
use super::problem::{Fault, Problem, WHOLE};
use super::survey::Survey;
use super::ustar::{self, BLOCK, Header};

/// An unpacked member and the digest of its packed form, or why there is none.
pub(crate) type Member = Result<(Vec<u8>, [u8; 32]), MemberFault>;

/// Receives the content of every file in pieces.
pub(crate) type Sink<'a> = &'a mut (dyn FnMut(&FileRecord, &[u8]) + Send);

/// Whether reading on can tell more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walked {
    /// Yes.
    On,
    /// No.
    Enough,
}

/// The walk through one body.
pub(crate) struct Walk<'a> {
    manifest: &'a Manifest,
    sink: Sink<'a>,
    problems: Vec<Problem>,
    /// The stretch that the next byte belongs to, and those after it; none after the end.
    stretch: Option<Stretch>,
    stretches: Box<dyn Iterator<Item = Stretch> + Send + 'a>,
    /// The header that is being collected.
    block: Vec<u8>,
    content: Sha256,
    /// Set when the order of entries is not the manifest's: from there on only names are collected.
    survey: Option<Survey>,
    packing: Packing,
}

/// Follows how the body is cut into members.
struct Packing {
    runs: std::vec::IntoIter<Run>,
    run: Option<Run>,
    shared: Sha256,
    own: Sha256,
    /// A piece was not what is always cut; from there on pieces are not followed.
    lost: bool,
    /// Where that was, until it is said: not of the last member of an archive that is cut off.
    odd: Option<String>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(manifest: &'a Manifest, sink: Sink<'a>) -> Self {
        let mut stretches = Box::new(layout::stretches(manifest));
        let mut runs = layout::runs(manifest).into_iter();
        let run = runs.next();
        let packing =
            Packing { runs, run, shared: Sha256::new(), own: Sha256::new(), lost: false, odd: None };
        Self {
            manifest,
            sink,
            problems: vec![],
            stretch: stretches.next(),
            stretches,
            block: Vec::with_capacity(BLOCK),
            content: Sha256::new(),
            survey: None,
            packing,
        }
    }

    /// Takes the next member.
    pub(crate) fn member(&mut self, member: Member) -> Walked {
        self.say_odd();
        let here = self.here();
        if self.stretch.is_none() && self.survey.is_none() {
            self.problem(here, Fault::Trailing);
            return Walked::Enough;
        }
        let (content, sha256) = match member {
            Ok(member) => member,
            Err(fault) => {
                self.problem(here, Fault::Member(fault));
                return Walked::Enough;
            }
        };
        let before = self.problems.len();
        let walked = self.feed(&content);
        // Entries that are not as they should be explain other pieces; else the pieces are the problem.
        let explained = self.survey.is_some() || self.problems.len() > before;
        self.follow(&here, content.len(), sha256, explained);
        walked
    }

    /// Ends the walk and gives all problems. `complete` says that the input was read to its end.
    pub(crate) fn finish(mut self, complete: bool) -> Vec<Problem> {
        if self.stretch.is_none() {
            self.say_odd();
        }
        match self.survey.take() {
            Some(survey) => self.problems.extend(survey.conclude(self.manifest, complete)),
            None if complete && self.stretch.is_some() => self.problem(self.here(), Fault::Truncated),
            None if complete && self.problems.is_empty() => {
                let shared = Digest(self.packing.shared.clone().finalize().into());
                if shared != self.manifest.packed {
                    self.problem(WHOLE.to_owned(), Fault::Packed);
                }
            }
            None => {}
        }
        self.problems
    }

    fn say_odd(&mut self) {
        if let Some(place) = self.packing.odd.take() {
            self.problem(place, Fault::Pieces);
        }
    }

    fn problem(&mut self, path: String, fault: Fault) {
        self.problems.push(Problem::new(path, fault));
    }

    /// The file that the next byte belongs to.
    fn here(&self) -> String {
        match self.stretch {
            Some((Part::Header(at) | Part::Content(at) | Part::Padding(at), _)) => self.path(at),
            Some((Part::End, _)) | None => WHOLE.to_owned(),
        }
    }

    fn path(&self, at: usize) -> String {
        self.manifest.files[at].path.to_string()
    }

    /// Takes bytes of the archive.
    fn feed(&mut self, mut bytes: &[u8]) -> Walked {
        while !bytes.is_empty() {
            if let Some(survey) = &mut self.survey {
                let walked = survey.feed(bytes);
                return if survey.is_beyond(self.manifest) { Walked::Enough } else { walked };
            }
            let Some((part, left)) = self.stretch else {
                self.problem(WHOLE.to_owned(), Fault::Trailing);
                return Walked::Enough;
            };
            let length = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
            let (now, later) = bytes.split_at(length);
            bytes = later;
            let left = left - length as u64;
            self.stretch = Some((part, left));
            self.take(part, now, left == 0);
            if left == 0 && self.survey.is_none() {
                self.stretch = self.stretches.next();
            }
        }
        Walked::On
    }

    /// Takes bytes of one stretch; `last` says that they complete it.
    fn take(&mut self, part: Part, bytes: &[u8], last: bool) {
        match part {
            Part::Header(at) => {
                self.block.extend_from_slice(bytes);
                if last {
                    self.header(at);
                }
            }
            Part::Content(at) => {
                let file = &self.manifest.files[at];
                self.content.update(bytes);
                (self.sink)(file, bytes);
                if last {
                    self.content_ends(at);
                }
            }
            Part::Padding(at) => {
                if bytes.iter().any(|byte| *byte != 0) {
                    self.problem(self.path(at), Fault::Padding);
                }
            }
            Part::End => self.end(bytes),
        }
    }

    /// Compares a header with the one that must stand here.
    fn header(&mut self, at: usize) {
        let file = &self.manifest.files[at];
        let expected = ustar::header(&file.path, file.mode.0, file.size);
        let found = block(&self.block);
        self.block.clear();
        if file.size == 0 {
            // No content will come to close it.
            self.content_ends(at);
        }
        let Some(field) = ustar::difference(&found, &expected) else { return };
        let Some(foreign) = ustar::foreign(&found) else {
            if found == [0; BLOCK] {
                self.stretch = None;
                self.survey = Some(Survey::ended(at));
            } else {
                self.problem(self.path(at), Fault::HeaderDamaged);
            }
            return;
        };
        let same_shape = foreign.path == file.path.as_str() && foreign.size == Some(file.size);
        if same_shape && foreign.kind == "file" {
            let fault = match foreign.mode.map(Mode) {
                Some(mode) if field == "mode" => Fault::Mode { found: mode, expected: file.mode },
                _ => Fault::Header(field),
            };
            self.problem(self.path(at), fault);
        } else {
            self.survey = Some(Survey::begin(at, &foreign));
        }
    }

    /// Compares a content with its digest.
    fn content_ends(&mut self, at: usize) {
        let file = &self.manifest.files[at];
        let found = Digest(self.content.finalize_reset().into());
        if found != file.sha256 {
            let expected = file.sha256;
            self.problem(self.path(at), Fault::Content { found, expected });
        }
    }

    /// Takes bytes of the two zero blocks; something else there may be one more entry.
    fn end(&mut self, bytes: &[u8]) {
        let missing = BLOCK - self.block.len();
        self.block.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        if bytes.iter().all(|byte| *byte == 0) && self.block.iter().all(|byte| *byte == 0) {
            return;
        }
        if self.block.len() == BLOCK {
            match ustar::foreign(&block(&self.block)) {
                Some(foreign) => {
                    let mut survey = Survey::begin(self.manifest.files.len(), &foreign);
                    survey.feed(&bytes[bytes.len().min(missing)..]);
                    self.survey = Some(survey);
                }
                None => self.problem(WHOLE.to_owned(), Fault::Padding),
            }
        }
    }

    /// Follows how the body is cut into members, and compares the digests of the packed data.
    fn follow(&mut self, here: &str, length: usize, sha256: [u8; 32], explained: bool) {
        if self.packing.lost {
            return;
        }
        let expected = self.packing.run.map_or(0, |run| Run::next_member(run.bytes));
        if length != expected {
            self.packing.lost = true;
            self.packing.odd = (!explained).then(|| here.to_owned());
            return;
        }
        let Some(run) = &mut self.packing.run else { return };
        run.bytes -= length as u64;
        let (ended, payload) = (run.bytes == 0, run.payload);
        match payload {
            None => self.packing.shared.update(sha256),
            Some(_) => self.packing.own.update(sha256),
        }
        if ended {
            self.packing.run = self.packing.runs.next();
        }
        if let (true, Some(at)) = (ended, payload) {
            let found = Digest(self.packing.own.finalize_reset().into());
            if self.manifest.files[at].packed != Some(found) && !explained {
                self.problem(self.path(at), Fault::Packed);
            }
        }
    }
}

/// A collected block.
fn block(bytes: &[u8]) -> Header {
    bytes.first_chunk().copied().unwrap_or([0; BLOCK])
}
