//! What the products in front of a VIP share: the document's words in the letter's, the addresses on
//! the loopback interface where balancers tell how they are, and how far a failure lowers a priority.

use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU8;
use std::str::FromStr;

use ha_vrrp::{AdvertisementInterval, Centiseconds, Priority, Version, VirtualRouterId};
use ha_xdp_config::{AbsolutePath, HttpPath, InterfaceName, Millis, Name};
use ipnet::IpNet;

use super::Input;
use crate::os;
use crate::spec::{self, Balancer, Duration, NodePath, Word};
use crate::topology::{Backend, Database, Service, Vip, VipMember};

/// Where haproxy tells how it is, on the loopback address of each VIP.
const HAPROXY_HEALTH_PORT: u16 = 8404;
/// Where nginx tells that it runs.
const NGINX_HEALTH_PORT: u16 = 8405;

/// A text whose type in the document is narrower than the wanted one.
#[expect(
    clippy::unwrap_used,
    reason = "every value of the document's type is one of this; a test tries many"
)]
fn wider<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A name of the document.
pub(super) fn name(name: &spec::Name) -> Name {
    wider(name.as_str())
}

/// The name of a service of a VIP. A name of the document has no dot, so no two services share one.
pub(super) fn service_name(vip: &Vip, service: &Service) -> Name {
    wider(&format!("{}.{}", vip.name, service.name))
}

/// The name of a part of a service.
pub(super) fn part_name(vip: &Vip, service: &Service, part: &'static str) -> Name {
    wider(&format!("{}.{}.{part}", vip.name, service.name))
}

/// An interface of the document.
pub(super) fn interface(name: &spec::InterfaceName) -> InterfaceName {
    wider(name.as_str())
}

/// A path of HTTP.
pub(super) fn http_path(path: &NodePath) -> HttpPath {
    wider(path.as_str())
}

/// The path of a file, without needless components. `/` is no file: nothing is found at `/dev/null`.
pub(super) fn file(path: &NodePath) -> AbsolutePath {
    let parts = path.as_str().split('/').filter(|part| !matches!(*part, "" | "."));
    let plain: String = parts.map(|part| format!("/{part}")).collect();
    wider(if plain.is_empty() { "/dev/null" } else { &plain })
}

/// A word that stands in this program.
pub(super) fn word<T: FromStr<Err: Debug>>(text: &'static str) -> T {
    wider(text)
}

/// A word of the table of systems, which is proven by tests.
pub(super) fn told<T: FromStr<Err: Debug>>(text: &'static str) -> T {
    wider(text)
}

/// A file of a folder, named after something of the document.
pub(super) fn below(folder: &'static str, file: &str) -> AbsolutePath {
    wider(&format!("{folder}/{file}"))
}

/// A duration; 49 days at most, which is for ever here.
pub(super) fn millis(duration: Duration) -> Millis {
    Millis::new(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX))
}

/// A number of answers in a row.
pub(super) fn streak(number: u8) -> NonZeroU8 {
    NonZeroU8::new(number).unwrap_or(NonZeroU8::MIN)
}

/// The numbers of a version; what is missing is 0.
pub(super) fn numbers(version: &os::Version) -> (u8, u8, u8) {
    numbers_of(&version.to_string()).unwrap_or_default()
}

/// The version in the tag of an image, `haproxy:2.8` or `keepalived:v2.0.25`.
pub(super) fn image_version(image: &Word) -> Option<(u8, u8, u8)> {
    let (_, tag) = image.as_str().rsplit_once(':')?;
    numbers_of(tag.strip_prefix('v').unwrap_or(tag))
}

fn numbers_of(text: &str) -> Option<(u8, u8, u8)> {
    let plain = text.split(|c: char| c != '.' && !c.is_ascii_digit()).next()?;
    let mut parts = plain.split('.').map(|part| part.parse().ok());
    let mut next = || parts.next().flatten();
    let major = next()?;
    Some((major, next().unwrap_or(0), next().unwrap_or(0)))
}

/// The VIPs that the node may carry and that this balancer serves, in name order.
pub(super) fn balanced<'t>(input: &Input<'t>, balancer: Balancer) -> impl Iterator<Item = &'t Vip> {
    input.topology.vips_on(&input.node.name).filter(move |vip| vip.balancer == balancer)
}

/// Where the balancer of a VIP tells how it is on this node. Each VIP that haproxy serves has a loopback
/// address of its own, so that one port is enough.
pub(super) fn health(input: &Input<'_>, vip: &Vip) -> SocketAddr {
    if vip.balancer == Balancer::Nginx {
        return SocketAddr::from((Ipv4Addr::LOCALHOST, NGINX_HEALTH_PORT));
    }
    let index = balanced(input, vip.balancer).take_while(|other| other.name != vip.name).count();
    let host = u8::try_from(index % 250).unwrap_or(0) + 1;
    let subnet = u8::try_from(index / 250).unwrap_or(u8::MAX);
    SocketAddr::from((Ipv4Addr::new(127, 0, subnet, host), HAPROXY_HEALTH_PORT))
}

/// The addresses of a VIP as a virtual router announces them. IPv6 begins with a link-local one
/// (RFC 9568 §5.2.9): that of the virtual router's own MAC address, 00-00-5E-00-02-ID (§7.3).
pub(super) fn addresses(vip: &Vip, id: VirtualRouterId) -> Vec<IpNet> {
    let net = IpNet::new(vip.address, vip.prefix_len).unwrap_or_else(|_| IpNet::from(vip.address));
    match vip.address {
        IpAddr::V4(_) => vec![net],
        IpAddr::V6(_) => {
            let own = Ipv6Addr::new(0xfe80, 0, 0, 0, 0x0200, 0x5eff, 0xfe00, 0x0200 | u16::from(id.get()));
            let link_local = IpNet::new(own.into(), 64).unwrap_or_else(|_| IpNet::from(IpAddr::from(own)));
            vec![link_local, net]
        }
    }
}

/// The virtual router id; the rule VRID-1 holds.
pub(super) fn router_id(vrrp: &spec::Vrrp) -> VirtualRouterId {
    wider(&vrrp.virtual_router_id.to_string())
}

/// The priority of a member; the rule VRRP-1 holds.
pub(super) fn priority(member: &VipMember) -> Priority {
    wider(&member.priority.to_string())
}

/// How often the Active node advertises; the rule VRRP-3 holds.
#[expect(clippy::unwrap_used, reason = "the rule VRRP-3 holds in every topology, and cannot be waived")]
pub(super) fn advertisement(vrrp: &spec::Vrrp) -> AdvertisementInterval {
    let version = if vrrp.version.value == 2 { Version::V2 } else { Version::V3 };
    let centiseconds = u16::try_from(vrrp.advertisement_interval.as_millis() / 10).unwrap_or(u16::MAX);
    AdvertisementInterval::new(version, Centiseconds::new(centiseconds)).unwrap()
}

/// By how much a failure lowers the priority: one more than what lies between the highest and the lowest
/// member, so that a failed node falls below every healthy one (VRRP-4).
pub(super) fn drop(vip: &Vip) -> NonZeroU8 {
    let priorities = vip.members.iter().map(|m| m.priority);
    let (most, least) = (priorities.clone().max().unwrap_or(1), priorities.min().unwrap_or(1));
    NonZeroU8::MIN.saturating_add(most - least)
}

/// An address of a backend in the family of another address; packets are not translated between families.
pub(super) fn address_like(input: &Input<'_>, backend: &Backend, like: IpAddr) -> Option<IpAddr> {
    let node = input.topology.node(&backend.node);
    let more = node.into_iter().flat_map(|n| n.addresses.iter().map(IpNet::addr));
    std::iter::once(backend.address).chain(more).find(|a| a.is_ipv4() == like.is_ipv4())
}

/// The other members of a VIP.
pub(super) fn others<'t>(input: &Input<'t>, vip: &'t Vip) -> impl Iterator<Item = &'t VipMember> {
    let own = &input.node.name;
    vip.members.iter().filter(move |m| m.node != *own)
}

/// The database whose clients use this service.
pub(super) fn database<'t>(input: &Input<'t>, vip: &Vip, service: &Service) -> Option<&'t Database> {
    let databases = &input.topology.databases;
    databases.values().find(|d| d.vip.as_ref() == Some(&vip.name) && d.port == service.port)
}

/// A decision that does not hold is a mistake of this program, and worse than none.
#[cold]
pub(super) fn mistaken<E: std::fmt::Display>(product: &str, errors: &[E]) -> ! {
    let list: String = errors.iter().map(|e| format!("\n  {e}")).collect();
    panic!("hagen decided a configuration of {product} that cannot work; please report it:{list}")
}

#[cfg(test)]
mod tests;
