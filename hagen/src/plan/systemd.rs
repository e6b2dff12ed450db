//! Unit files and drop-ins under `/etc/systemd/system`, as values.
//!
//! Knows the form of a unit file and the few shapes that a plan needs; the meaning of directives is
//! systemd's (`systemd.unit(5)`, `systemd.service(5)`).

mod decide;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

pub use decide::{activate, decide};

use crate::os::Os;
use crate::spec::Name;

/// A full unit name such as `keepalived.service`: letters, digits and `:-_.@\`, with a known suffix,
/// at most 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitName(String);

/// The value of a directive: one line without control characters that does not end in `\`, which would
/// join the next line to it. A `%` begins a specifier; [`UnitValue::literal`] doubles it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitValue(String);

/// Why a text cannot stand in a unit file.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum UnitError {
    /// Not a full unit name.
    #[error("`{0}` is not a full unit name such as `keepalived.service`")]
    Name(String),
    /// A value that would not stay on its line.
    #[error("`{0}` has a control character or ends in a backslash")]
    Value(String),
    /// An argument that systemd would split or expand.
    #[error("the argument `{0}` has white space, quotes or characters that systemd expands")]
    Argument(String),
}

const SUFFIXES: [&str; 7] = [".service", ".target", ".mount", ".automount", ".socket", ".timer", ".path"];

impl FromStr for UnitName {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b":-_.@\\".contains(&b);
        let stem = SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix)).unwrap_or_default();
        if stem.is_empty() || text.len() > 255 || !text.bytes().all(plain) {
            return Err(UnitError::Name(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl UnitName {
    /// A name that is a constant of this program or of a proven system.
    pub(crate) fn fixed(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for UnitName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromStr for UnitValue {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        if text.chars().any(char::is_control) || text.ends_with('\\') {
            return Err(UnitError::Value(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl UnitValue {
    /// A text that means itself: `%` is doubled.
    ///
    /// # Errors
    /// When the text would not stay on its line.
    pub fn literal(text: &str) -> Result<Self, UnitError> {
        text.replace('%', "%%").parse()
    }

    /// A command line of plain words, for `ExecStart=` and its kin.
    ///
    /// # Errors
    /// When a word is empty or has a character that systemd would split on or expand.
    pub fn command(words: &[&str]) -> Result<Self, UnitError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+:@=,".contains(&b);
        match words.iter().find(|word| word.is_empty() || !word.bytes().all(plain)) {
            Some(word) => Err(UnitError::Argument((*word).to_owned())),
            None => Ok(Self(words.join(" "))),
        }
    }

    /// A command with a node's name as its argument: a name has no character that means anything here.
    pub(crate) fn of_name(command: &'static str, name: &Name) -> Self {
        Self(format!("{command} {name}"))
    }

    /// The text as it stands in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for UnitValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The unit files of one node that hagen itself brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Units {
    /// Whole units and drop-ins.
    pub files: Vec<UnitFile>,
}

/// A unit file, or a drop-in of a unit that a package brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitFile {
    /// The unit.
    pub unit: UnitName,
    /// Whether this is the whole unit or an addition to it.
    pub form: UnitForm,
    /// Why the file is there; one or more lines of comment.
    pub reason: String,
    /// Directives in the order of the file.
    pub directives: Vec<Directive>,
}

/// Whole or in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum UnitForm {
    /// `/etc/systemd/system/UNIT`.
    Whole,
    /// `/etc/systemd/system/UNIT.d/hagen.conf`.
    DropIn,
}

/// One directive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Directive {
    /// The section, without brackets.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// The value; an empty one resets a list.
    pub value: UnitValue,
}

impl Directive {
    /// A directive whose value is a constant of this program or already proven.
    pub fn new(section: &'static str, key: &'static str, value: UnitValue) -> Self {
        Self { section, key, value }
    }
}

/// A directive that is a constant of this program.
pub(crate) fn fixed(section: &'static str, key: &'static str, value: &str) -> Directive {
    Directive { section, key, value: UnitValue(value.to_owned()) }
}

impl UnitFile {
    /// A drop-in that keeps a daemon running for ever: it is started again after any end, two seconds
    /// later, without a limit on attempts; and it starts after the network has its addresses.
    pub fn keep_running(unit: UnitName, os: &Os) -> Self {
        // systemd before 230 spells the limit differently, in another section.
        let limit = if os.systemd().at_least((230, 0)) {
            fixed("Unit", "StartLimitIntervalSec", "0")
        } else {
            fixed("Service", "StartLimitInterval", "0")
        };
        let directives = vec![
            fixed("Unit", "Wants", "network-online.target"),
            fixed("Unit", "After", "network-online.target"),
            limit,
            fixed("Service", "Restart", "always"),
            fixed("Service", "RestartSec", "2"),
        ];
        let reason = "A node must not lose this service because of one failure: it is started again after any\n\
                      end, without a limit on attempts, and only once the interfaces have their addresses.";
        Self { unit, form: UnitForm::DropIn, reason: reason.to_owned(), directives }.sorted()
    }

    /// A drop-in that starts a unit after others and pulls them in; a failure of theirs does not hold
    /// it back.
    pub fn start_after(unit: UnitName, others: &[UnitName], reason: &str) -> Self {
        let list = UnitValue(others.iter().map(UnitName::as_str).collect::<Vec<_>>().join(" "));
        let directives =
            vec![Directive::new("Unit", "Wants", list.clone()), Directive::new("Unit", "After", list)];
        Self { unit, form: UnitForm::DropIn, reason: reason.to_owned(), directives }
    }

    /// A unit that runs one command to its end, at every boot before the given units.
    pub fn oneshot(unit: UnitName, description: UnitValue, command: UnitValue, before: &[UnitName]) -> Self {
        let mut directives = vec![Directive::new("Unit", "Description", description.clone())];
        if !before.is_empty() {
            let list = before.iter().map(UnitName::as_str).collect::<Vec<_>>().join(" ");
            directives.push(Directive::new("Unit", "Before", UnitValue(list)));
        }
        directives.extend([
            fixed("Service", "Type", "oneshot"),
            Directive::new("Service", "ExecStart", command),
            fixed("Install", "WantedBy", "multi-user.target"),
        ]);
        Self { unit, form: UnitForm::Whole, reason: description.0, directives }
    }

    /// Adds directives of another file for the same unit and form.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.reason = format!("{}\n{}", self.reason, other.reason);
        self.directives.extend(other.directives);
        self.sorted()
    }

    /// Brings the sections together: Unit, Service and others, Install; the order inside stays.
    fn sorted(mut self) -> Self {
        self.directives.sort_by_key(|directive| match directive.section {
            "Unit" => 0,
            "Install" => 2,
            _ => 1,
        });
        self
    }

    /// The absolute path of the file.
    pub fn path(&self) -> String {
        match self.form {
            UnitForm::Whole => format!("/etc/systemd/system/{}", self.unit),
            UnitForm::DropIn => format!("/etc/systemd/system/{}.d/hagen.conf", self.unit),
        }
    }
}
