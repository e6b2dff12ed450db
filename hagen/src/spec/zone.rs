//! DNS zones and their records.

use std::net::IpAddr;

use super::*;
use crate::record;
use crate::yaml::{Map, Spanned};

record! {
    /// A DNS zone.
    pub struct Zone ("a zone") {
        /// The zone is served by a name server outside the cluster; nothing is rendered for it, and its
        /// names stay out of every `/etc/hosts`.
        external: bool = false,
        /// The node that holds the zone's master copy. Default: the first node with the role `dns`.
        primary: Option<Spanned<Name>>,
        /// Nodes that copy it. Default: the other nodes with the role `dns`.
        secondaries: Option<Vec<Spanned<Name>>>,
        /// Mail address of the person in charge, written as a domain. Default: `hostmaster.ZONE`.
        hostmaster: Option<DomainName>,
        /// How long answers are kept.
        ttl: Duration = Duration::from_secs(3600),
        /// How long answers about a switched record are kept: the longest wait after a switch.
        switched_ttl: Spanned<Duration> = Spanned::nowhere(Duration::from_secs(30)),
        /// SOA: how often secondaries ask for changes.
        refresh: Duration = Duration::from_secs(900),
        /// SOA: how often they ask again after a failure.
        retry: Duration = Duration::from_secs(300),
        /// SOA: how long they answer without having reached the primary.
        expire: Duration = Duration::from_secs(1_209_600),
        /// SOA: how long the absence of a name is kept.
        negative_ttl: Duration = Duration::from_secs(60),
        /// Serve the reverse zone of the records' addresses too.
        reverse: bool = true,
        /// The records. `ns` is added by itself when no record carries the name servers.
        records: Map<RecordName, Record>,
    }
}

record! {
    /// What a name of a zone points to: exactly one of `address`, `node`, `vip`, `cname` and `switch`.
    pub struct Record ("a record") {
        /// An address.
        address: Option<Spanned<IpAddr>>,
        /// The address of a node.
        node: Option<Spanned<Name>>,
        /// The address of a VIP.
        vip: Option<Spanned<Name>>,
        /// Another name.
        cname: Option<Spanned<DomainName>>,
        /// A record that is switched between nodes by hand or by the operator's tool: the candidates, the
        /// original first.
        switch: Option<Vec<Spanned<Name>>>,
        /// The candidate that a switched record points to now. Default: the first.
        active: Option<Spanned<Name>>,
        /// The name that the reverse zone gives for the address. Default: true for the first name of an address.
        ptr: Option<Spanned<bool>>,
        /// The owner label of the PTR record, when it is written out: checked against the address (DNS-3).
        ptr_owner: Option<Spanned<Word>>,
        /// How long answers are kept, instead of the zone's time.
        ttl: Option<Duration>,
    }
}
