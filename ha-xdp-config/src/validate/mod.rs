//! Finds every contradiction in a document. One file per part of the letter.

mod daemon;
mod groups;
mod services;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;
use std::num::NonZeroU8;

use ipnet::IpNet;

use crate::document::Document;
use crate::limits::{PROBE_INTERVAL_MS_MAX, PROBE_INTERVAL_MS_MIN, PROBE_STREAK_MAX, PROBLEMS_MAX};
use crate::problem::Problem;
use crate::words::Millis;

/// Every contradiction, in the order of the document, at most [`PROBLEMS_MAX`].
pub(crate) fn problems(document: &Document) -> Vec<Problem> {
    let mut found = Findings::default();
    daemon::check(document, &mut found);
    groups::check(document, &mut found);
    services::check(document, &mut found);
    found.0
}

/// The problems so far.
#[derive(Default)]
struct Findings(Vec<Problem>);

impl Findings {
    /// Notes a problem, unless there are too many already.
    fn add(&mut self, path: impl Display, message: impl Into<String>, help: impl Into<String>) {
        if self.0.len() < PROBLEMS_MAX {
            let (path, message, help) = (path.to_string(), message.into(), help.into());
            self.0.push(Problem { path, position: None, message, help });
        }
    }

    /// Notes a list that is longer than its bound.
    fn bound(&mut self, path: impl Display, what: &str, len: usize, most: usize) {
        if len > most {
            self.add(path, format!("{len} {what}; at most {most} are allowed"), "");
        }
    }

    /// Notes a number outside its range.
    fn range<N: PartialOrd + Display>(&mut self, path: impl Display, value: N, least: N, most: N) {
        if value < least || most < value {
            self.add(path, format!("{value} is not in {least}..={most}"), "");
        }
    }
}

/// Notes values that occur twice in a list, each at its second place.
fn unique<T: Ord + Display>(found: &mut Findings, what: &str, items: impl IntoIterator<Item = (String, T)>) {
    let mut seen = BTreeSet::new();
    for (path, item) in items {
        if seen.contains(&item) {
            found.add(path, format!("{what} `{item}` is named twice"), "");
        } else {
            seen.insert(item);
        }
    }
}

/// Why an address can never be one machine's.
fn not_a_host(address: IpAddr) -> Option<&'static str> {
    match address {
        a if a.is_unspecified() => Some("the unspecified address"),
        a if a.is_multicast() => Some("a multicast address"),
        a if a.is_loopback() => Some("a loopback address"),
        IpAddr::V4(a) if a.is_broadcast() => Some("the broadcast address"),
        IpAddr::V4(a) if a.octets()[0] == 0 || a.octets()[0] >= 240 => Some("a reserved address"),
        IpAddr::V6(a) if a.to_ipv4_mapped().is_some() => Some("an IPv4 address in IPv6 form"),
        _ => None,
    }
}

/// Notes ranges that have host bits, are of the wrong family, or occur twice.
fn ranges(found: &mut Findings, path: &str, ranges: &[IpNet], family_of: Option<IpAddr>) {
    for (i, range) in ranges.iter().enumerate() {
        if range.trunc() != *range {
            let help = format!("write `{}`", range.trunc());
            found.add(format!("{path}[{i}]"), format!("`{range}` has bits behind its prefix"), help);
        }
        if family_of.is_some_and(|a| a.is_ipv4() != range.addr().is_ipv4()) {
            found.add(format!("{path}[{i}]"), format!("`{range}` is not of the VIP's family"), "");
        }
    }
    unique(found, "range", ranges.iter().enumerate().map(|(i, r)| (format!("{path}[{i}]"), r.trunc())));
}

/// Notes times and streaks of a probe that are out of bounds or out of order.
fn timing(
    found: &mut Findings,
    path: &str,
    interval: Millis,
    timeout: Millis,
    rise: NonZeroU8,
    fall: NonZeroU8,
) {
    let (least, most) = (Millis::new(PROBE_INTERVAL_MS_MIN), Millis::new(PROBE_INTERVAL_MS_MAX));
    found.range(format!("{path}.interval"), interval, least, most);
    found.range(format!("{path}.timeout"), timeout, Millis::new(10), most);
    if timeout > interval {
        let message = format!("{timeout} is longer than the interval of {interval}");
        found.add(format!("{path}.timeout"), message, "an answer must come before the next question");
    }
    found.range(format!("{path}.rise"), rise.get(), 1, PROBE_STREAK_MAX);
    found.range(format!("{path}.fall"), fall.get(), 1, PROBE_STREAK_MAX);
}
