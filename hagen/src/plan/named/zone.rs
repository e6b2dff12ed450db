//! A zone as declared, and the rules that BIND's own checks let through (DNS-3).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;

use serde::Serialize;
use thiserror::Error;

use super::DnsName;
use crate::spec;

/// A time to live or a timer of a zone, in seconds, at most 2³¹ − 1 (RFC 2181 §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ttl(u32);

/// A number of seconds beyond what RFC 2181 allows.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0} seconds; at most 2147483647 are allowed")]
pub struct TtlError(u64);

impl Ttl {
    /// From seconds.
    ///
    /// # Errors
    /// Above 2³¹ − 1.
    pub fn from_seconds(seconds: u64) -> Result<Self, TtlError> {
        match u32::try_from(seconds) {
            Ok(short @ ..=0x7fff_ffff) => Ok(Self(short)),
            _ => Err(TtlError(seconds)),
        }
    }

    /// In seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }
}

impl From<spec::Duration> for Ttl {
    /// A document's durations end at 52 weeks, far below the greatest time to live.
    fn from(duration: spec::Duration) -> Self {
        Self(u32::try_from(duration.as_secs_up()).unwrap_or(0x7fff_ffff).min(0x7fff_ffff))
    }
}

/// The start of authority of a zone (RFC 1035 §3.3.13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Soa {
    /// The server that holds the master copy (MNAME).
    pub primary: DnsName,
    /// The mail address of the person in charge, written as a domain (RNAME).
    pub hostmaster: DnsName,
    /// The revision of the document. What is published is never lower.
    pub serial: NonZeroU32,
    /// How often secondaries ask for changes.
    pub refresh: Ttl,
    /// How often they ask again after a failure.
    pub retry: Ttl,
    /// How long they answer without having reached the primary.
    pub expire: Ttl,
    /// How long the absence of a name is kept (RFC 2308 §4).
    pub negative_ttl: Ttl,
}

/// A zone as declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Zone {
    /// The zone's name.
    pub name: DnsName,
    /// The start of authority.
    pub soa: Soa,
    /// How long answers are kept when a record does not say otherwise.
    pub ttl: Ttl,
    /// All servers of the zone, the primary first.
    pub name_servers: Vec<DnsName>,
    /// Fixed records, sorted by owner.
    pub records: Vec<Record>,
    /// Records that are switched between targets, sorted by owner.
    pub switched: Vec<Switched>,
}

/// A record other than SOA and NS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Record {
    /// Whose record it is.
    pub owner: DnsName,
    /// How long answers are kept, instead of the zone's time.
    pub ttl: Option<Ttl>,
    /// Type and content.
    pub data: Data,
}

/// Type and content of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Data {
    /// A or AAAA.
    Address(IpAddr),
    /// CNAME.
    Alias(DnsName),
    /// PTR.
    Pointer(DnsName),
}

/// A name whose address is switched between declared targets: the fail-over of the bootstrap node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Switched {
    /// The name.
    pub owner: DnsName,
    /// How long answers are kept: the longest wait after a switch.
    pub ttl: Ttl,
    /// The targets, the declared active one first; at least two in a useful document. All have
    /// addresses of the same families.
    pub targets: Vec<Target>,
}

/// Where a switched name may point to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The node's name, as the operator types it.
    pub label: DnsName,
    /// Its IPv4 address.
    pub v4: Option<Ipv4Addr>,
    /// Its IPv6 address.
    pub v6: Option<Ipv6Addr>,
}

/// What is wrong with a set of zones, beyond what BIND checks.
#[derive(Clone, Debug, Error, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneProblem {
    /// A record stands in a zone that does not contain it.
    #[error("`{owner}` is outside the zone `{zone}`")]
    Outside {
        /// The record's owner.
        owner: DnsName,
        /// The zone.
        zone: DnsName,
    },
    /// The zone's own name points to this machine.
    #[error("the zone `{0}` itself points to a loopback address")]
    LoopbackApex(DnsName),
    /// A server of the zone has no address in any of the zones.
    #[error("the name server `{server}` of `{zone}` has no address record in the served zones")]
    ServerWithoutAddress {
        /// The zone.
        zone: DnsName,
        /// The server.
        server: DnsName,
    },
    /// The server of the SOA record is not among the zone's servers, or there is none.
    #[error("the primary `{primary}` of `{zone}` is not among its name servers")]
    PrimaryNotListed {
        /// The zone.
        zone: DnsName,
        /// The server of the SOA record.
        primary: DnsName,
    },
    /// An alias beside other data (RFC 1034 §3.6.2).
    #[error("`{0}` is an alias and has other records too")]
    AliasBesideData(DnsName),
    /// A PTR record whose owner is not a reverse name.
    #[error("`{0}` has a PTR record but is no reverse name of an address")]
    PointerOwner(DnsName),
    /// A PTR record whose target does not point back.
    #[error("the PTR record of {address} names `{target}`, which has not this address")]
    PointerMismatch {
        /// The address of the owner.
        address: IpAddr,
        /// The name it points to.
        target: DnsName,
    },
    /// The same name is switched and has fixed addresses, or is switched twice.
    #[error("`{0}` is switched and has other records too")]
    SwitchedBesideData(DnsName),
    /// No target, targets without address, or of different families.
    #[error("the switched name `{0}` needs targets that all have addresses of the same families")]
    SwitchedTargets(DnsName),
    /// Two zones of the same name.
    #[error("the zone `{0}` is declared twice")]
    DuplicateZone(DnsName),
}

impl Target {
    /// Its addresses.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.v4.map(IpAddr::V4).into_iter().chain(self.v6.map(IpAddr::V6))
    }
}

/// All problems of the zones that the cluster serves, sorted. The zones belong together: name servers
/// and pointers of one may be names of another.
pub fn check(zones: &[Zone]) -> Vec<ZoneProblem> {
    let mut problems = BTreeSet::new();
    let mut addresses: BTreeMap<&DnsName, BTreeSet<IpAddr>> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for zone in zones {
        if !names.insert(&zone.name) {
            problems.insert(ZoneProblem::DuplicateZone(zone.name.clone()));
        }
        for record in &zone.records {
            if let Data::Address(address) = record.data {
                addresses.entry(&record.owner).or_default().insert(address);
            }
        }
        for switched in &zone.switched {
            let all = switched.targets.iter().flat_map(Target::addresses);
            addresses.entry(&switched.owner).or_default().extend(all);
        }
    }
    for zone in zones {
        zone_problems(zone, &addresses, &mut problems);
    }
    problems.into_iter().collect()
}

fn zone_problems(
    zone: &Zone,
    addresses: &BTreeMap<&DnsName, BTreeSet<IpAddr>>,
    problems: &mut BTreeSet<ZoneProblem>,
) {
    if !zone.name_servers.contains(&zone.soa.primary) {
        let primary = zone.soa.primary.clone();
        problems.insert(ZoneProblem::PrimaryNotListed { zone: zone.name.clone(), primary });
    }
    for server in zone.name_servers.iter().filter(|server| !addresses.contains_key(server)) {
        let (zone, server) = (zone.name.clone(), server.clone());
        problems.insert(ZoneProblem::ServerWithoutAddress { zone, server });
    }
    let owners = zone.records.iter().map(|r| &r.owner).chain(zone.switched.iter().map(|s| &s.owner));
    for owner in owners.filter(|owner| !owner.is_within(&zone.name)) {
        problems.insert(ZoneProblem::Outside { owner: owner.clone(), zone: zone.name.clone() });
    }
    let apex = addresses.get(&zone.name).into_iter().flatten();
    if apex.into_iter().any(IpAddr::is_loopback) {
        problems.insert(ZoneProblem::LoopbackApex(zone.name.clone()));
    }
    let records_of = |owner: &DnsName| zone.records.iter().filter(|r| r.owner == *owner).count();
    for record in &zone.records {
        match &record.data {
            Data::Alias(_) if records_of(&record.owner) > 1 || record.owner == zone.name => {
                problems.insert(ZoneProblem::AliasBesideData(record.owner.clone()));
            }
            Data::Pointer(target) => match record.owner.reversed_address() {
                None => {
                    problems.insert(ZoneProblem::PointerOwner(record.owner.clone()));
                }
                Some(address) if !addresses.get(target).is_some_and(|known| known.contains(&address)) => {
                    problems.insert(ZoneProblem::PointerMismatch { address, target: target.clone() });
                }
                Some(_) => {}
            },
            Data::Alias(_) | Data::Address(_) => {}
        }
    }
    for switched in &zone.switched {
        let twice = zone.switched.iter().filter(|other| other.owner == switched.owner).count() > 1;
        if twice || records_of(&switched.owner) > 0 {
            problems.insert(ZoneProblem::SwitchedBesideData(switched.owner.clone()));
        }
        let families = |target: &Target| (target.v4.is_some(), target.v6.is_some());
        let first = switched.targets.first().map(families);
        let same = switched.targets.iter().all(|target| Some(families(target)) == first);
        if !same || matches!(first, None | Some((false, false))) {
            problems.insert(ZoneProblem::SwitchedTargets(switched.owner.clone()));
        }
    }
}
