//! `--require SERVICE=N`: what must survive how many failures.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

use super::report::{Report, ServiceReport, Tolerance};
use super::service::ServiceId;
use crate::yaml::nearest;

/// What must survive how many failures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// An id such as `vip/api`, a kind such as `vip` for all of that kind, or `all`.
    pub service: String,
    /// How many failed nodes, whichever they are.
    pub failures: usize,
    /// A step by hand is accepted.
    pub by_hand: bool,
}

/// Why a requirement cannot be read or checked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RequirementError {
    /// It has another form.
    #[error("`{0}` is not SERVICE=N, such as `api=1`, `vip/api=1` or `bootstrap=1:by-hand`")]
    Form(String),
    /// The cluster has no such service.
    #[error("there is no service `{service}`; services: {known}")]
    Unknown {
        /// What was named.
        service: String,
        /// What there is.
        known: String,
    },
    /// The cluster has no such service, but one with a similar name.
    #[error("there is no service `{service}`; did you mean `{near}`?")]
    Near {
        /// What was named.
        service: String,
        /// What was probably meant.
        near: String,
    },
}

/// A requirement that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unmet {
    /// The service.
    pub service: ServiceId,
    /// How many failures it must survive.
    pub required: usize,
    /// A step by hand would have been accepted.
    pub by_hand: bool,
    /// How many it survives.
    pub survives: usize,
    /// Sets that stop it, in words.
    pub stops_with: Vec<String>,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.by_hand { ", a step by hand allowed" } else { "" };
        let Self { service, required, survives, .. } = self;
        let s = if *required == 1 { "" } else { "s" };
        write!(f, "{service} must survive any {required} failed node{s}{by}; it survives {survives}")?;
        match self.stops_with.first() {
            Some(set) => write!(f, ", not {set}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Requirement {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<Self, RequirementError> {
        let wrong = || RequirementError::Form(crate::yaml::short(text));
        let (service, number) = text.split_once('=').ok_or_else(wrong)?;
        let (number, by_hand) = match number.strip_suffix(":by-hand") {
            Some(number) => (number, true),
            None => (number, false),
        };
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-./".contains(&b);
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if service.is_empty() || !service.bytes().all(plain) || !digits {
            return Err(wrong());
        }
        let failures = number.parse().map_err(|_| wrong())?;
        Ok(Self { service: service.to_owned(), failures, by_hand })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_hand = if self.by_hand { ":by-hand" } else { "" };
        write!(f, "{}={}{by_hand}", self.service, self.failures)
    }
}

impl Report {
    /// The requirements that do not hold. They are checked exactly, also beyond [`Report::failures_max`].
    ///
    /// # Errors
    /// When one of them names no service.
    pub fn unmet(&self, requirements: &[Requirement]) -> Result<Vec<Unmet>, RequirementError> {
        let mut unmet = vec![];
        for requirement in requirements {
            let meant: Vec<&ServiceReport> = self.services.iter().filter(|s| requirement.means(s)).collect();
            if meant.is_empty() {
                return Err(self.unknown(&requirement.service));
            }
            for service in meant {
                let Tolerance { failures, .. } =
                    if requirement.by_hand { service.survives_by_hand } else { service.survives };
                if failures < requirement.failures {
                    unmet.push(Unmet {
                        service: service.service.clone(),
                        required: requirement.failures,
                        by_hand: requirement.by_hand,
                        survives: failures,
                        stops_with: service.stops(requirement.by_hand),
                    });
                }
            }
        }
        Ok(unmet)
    }

    fn unknown(&self, service: &str) -> RequirementError {
        let service = service.to_owned();
        let mut known: Vec<String> = self.services.iter().map(|s| s.service.to_string()).collect();
        known.extend(self.services.iter().map(|s| s.service.kind.to_owned()));
        known.sort();
        known.dedup();
        match nearest(&service, known.iter().map(String::as_str)) {
            Some(near) => RequirementError::Near { near: near.to_owned(), service },
            None => RequirementError::Unknown { service, known: known.join(", ") },
        }
    }
}

impl Requirement {
    fn means(&self, service: &ServiceReport) -> bool {
        let id = &service.service;
        self.service == "all" || self.service == id.kind || self.service == id.to_string()
    }
}

impl ServiceReport {
    fn stops(&self, by_hand: bool) -> Vec<String> {
        // The sets are those that stop it by itself; a step by hand may help after them.
        if by_hand && self.survives != self.survives_by_hand {
            return vec![];
        }
        self.first_stops_with.iter().map(|set| super::text::set(set)).collect()
    }
}
