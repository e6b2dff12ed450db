//! The checks: what is asked, how often, and how many answers in a row change the mind.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU8;
use std::str::FromStr;

use ha_xdp_config::{AbsolutePath, HttpPath, Name};
use serde::Serialize;
use thiserror::Error;

use super::SCRIPT_DIR;

/// Probes of one script: each may take its time, one after the other.
pub const PROBES_PER_SCRIPT_MAX: usize = 64;

/// A check script and how keepalived runs it (`vrrp_script`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Script {
    /// Its name.
    pub name: Name,
    /// What is run.
    pub run: Run,
    /// Seconds from one run to the next.
    pub interval_s: NonZeroU8,
    /// Seconds after which keepalived kills a run; at most the interval, at least what the probes may take.
    pub timeout_s: NonZeroU8,
    /// Failures in a row before the check counts as failed.
    pub fall: NonZeroU8,
    /// Successes in a row before it counts as well again.
    pub rise: NonZeroU8,
    /// Who runs it.
    pub user: UserName,
}

/// What a check runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Run {
    /// A script that is rendered here, `check_NAME.sh`.
    Probes(Probes),
    /// A program that somebody else brings.
    Command {
        /// The program.
        program: AbsolutePath,
        /// Its arguments.
        arguments: Vec<Name>,
    },
}

/// Questions of a rendered script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Probes {
    /// What it stands for, for the person who reads the script.
    pub purpose: String,
    /// Whether all probes must succeed, or one.
    pub need: Need,
    /// What is asked, in order.
    pub list: Vec<Probe>,
    /// Seconds that one probe may take.
    pub each_s: NonZeroU8,
}

impl Script {
    /// The program and its arguments, as keepalived runs it.
    pub fn command(&self) -> String {
        match &self.run {
            Run::Probes(_) => self.path(),
            Run::Command { program, arguments } => {
                let arguments = arguments.iter().map(|a| format!(" {a}")).collect::<String>();
                format!("{program}{arguments}")
            }
        }
    }

    /// Where a rendered script lies on the node.
    pub fn path(&self) -> String {
        format!("{SCRIPT_DIR}/check_{}.sh", self.name.as_str().replace(['-', '.'], "_"))
    }

    /// The longest time from a failure to the moment when it counts, in seconds.
    pub fn detection_s(&self) -> u16 {
        u16::from(self.interval_s.get()) * u16::from(self.fall.get()) + u16::from(self.timeout_s.get())
    }
}

/// How many probes must succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Need {
    /// Every one.
    All,
    /// At least one.
    Any,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Probe {
    /// Does this address accept connections?
    Tcp(SocketAddr),
    /// Does this path answer?
    Http(HttpProbe),
    /// Does MariaDB answer, and to writers?
    MariaDb(MariaDbProbe),
    /// Does a process of this name run? Weaker than asking what it serves, and a process inside a
    /// container counts too.
    Process(Name),
}

/// A path over HTTP or HTTPS. Certificates are not judged: the script asks this node itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpProbe {
    /// The address and port.
    pub address: SocketAddr,
    /// Over TLS.
    pub tls: bool,
    /// The path.
    pub path: HttpPath,
    /// What counts as healthy.
    pub answer: Answer,
}

/// Which answers count as healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Answer {
    /// 200 to 399.
    Success,
    /// Also 401 and 403: it works, but tells strangers nothing (an apiserver without anonymous access,
    /// a registry).
    SuccessOrDenied,
    /// Whatever is HTTP.
    Any,
}

/// MariaDB. Without an option file it is only asked whether it is alive, which needs no password:
/// `mariadb-admin ping` succeeds even when it is denied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MariaDbProbe {
    /// The address and port.
    pub address: SocketAddr,
    /// An option file with a user that may log in. With it a query must be answered, and the server must
    /// not be read-only.
    pub option_file: Option<AbsolutePath>,
}

/// The name of a user of the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UserName(String);

/// A text that is no user name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{0:?} is not a user name (a lower-case letter or `_`, then lower-case letters, digits, `_` and `-`; at most 32 bytes)"
)]
pub struct UserNameError(String);

impl UserName {
    /// The super-user.
    pub fn root() -> Self {
        Self("root".to_owned())
    }
}

impl FromStr for UserName {
    type Err = UserNameError;

    fn from_str(text: &str) -> Result<Self, UserNameError> {
        let first = |b: u8| b.is_ascii_lowercase() || b == b'_';
        let later = |b: u8| first(b) || b.is_ascii_digit() || b == b'-';
        let fine = text.len() <= 32 && text.bytes().next().is_some_and(first) && text.bytes().all(later);
        if fine { Ok(Self(text.to_owned())) } else { Err(UserNameError(text.to_owned())) }
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
