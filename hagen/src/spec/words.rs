//! The small values of the document: names, ports, times, secrets by reference, selectors.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use crate::problem::{Problem, Span};
use crate::yaml::{Cx, Decode, Fields, Node, Schemas, Spanned, Value};
use crate::{choice, text_values};

macro_rules! text_newtype {
    ($(#[doc = $doc:literal])+ $name:ident, $check:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

fn label(text: &str) -> Result<(), String> {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if text.is_empty() || text.len() > 63 {
        return Err(format!("a name has 1 to 63 characters, this one {}", text.len()));
    }
    if !text.bytes().all(byte) || text.starts_with('-') || text.ends_with('-') {
        return Err("a name has lower-case letters, digits and inner hyphens only (RFC 1123)".into());
    }
    Ok(())
}

fn domain(text: &str) -> Result<(), String> {
    if text.len() > 253 || !text.contains('.') {
        return Err("a domain has at least two labels and at most 253 characters, without a final dot".into());
    }
    if text.parse::<IpAddr>().is_ok() {
        return Err("an address is not a domain".into());
    }
    text.split('.').try_for_each(label)
}

fn bounded(text: &str, max: usize, plain: fn(u8) -> bool, rule: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > max || !text.bytes().all(plain) {
        return Err(format!("1 to {max} characters: {rule}"));
    }
    Ok(())
}

text_newtype!(
    /// A name by RFC 1123: 1 to 63 lower-case letters, digits and inner hyphens.
    Name,
    label
);
text_newtype!(
    /// A domain of at least two labels, lower case, without the final dot; at most 253 characters.
    DomainName,
    domain
);
text_newtype!(
    /// A Linux interface name: 1 to 15 characters without `/` and white space.
    InterfaceName,
    |text| bounded(text, 15, |b| b.is_ascii_alphanumeric() || b"._-".contains(&b), "letters, digits and `._-`")
);
text_newtype!(
    /// An absolute path on a node, without `..`, white space or quotes; at most 200 characters.
    NodePath,
    |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+:@=,%".contains(&b);
        bounded(text, 200, plain, "an absolute path of letters, digits and `/._-+:@=,%`")?;
        if !text.starts_with('/') || text.split('/').any(|part| part == "..") {
            return Err("an absolute path without `..`".into());
        }
        Ok(())
    }
);
text_newtype!(
    /// A word without white space, quotes or control characters, such as a version, a user or an image
    /// reference; at most 255 characters.
    Word,
    |text| {
        let plain = |b: u8| b.is_ascii_graphic() && !b"\"'`\\$;&|<>(){}!*?#".contains(&b);
        bounded(text, 255, plain, "printable, without white space, quotes and shell characters")
    }
);
text_newtype!(
    /// One line of text without control characters; at most 500 bytes.
    Line,
    |text| {
        if text.is_empty() || text.len() > 500 || text.chars().any(char::is_control) {
            return Err("one line of 1 to 500 bytes without control characters".into());
        }
        Ok(())
    }
);
text_newtype!(
    /// A time zone of the tz database, such as `UTC` or `Asia/Shanghai`.
    TimeZone,
    |text| {
        bounded(text, 64, |b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b), "such as `UTC` or `Asia/Shanghai`")?;
        if text.split('/').any(str::is_empty) {
            return Err("such as `UTC` or `Asia/Shanghai`".into());
        }
        Ok(())
    }
);
text_newtype!(
    /// A MAC address, six lower-case octets: `52:54:00:12:34:56`.
    Mac,
    |text| {
        let octet = |o: &str| o.len() == 2 && o.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.split(':').count() != 6 || !text.split(':').all(octet) {
            return Err("six lower-case octets, such as `52:54:00:12:34:56`".into());
        }
        Ok(())
    }
);
text_newtype!(
    /// A UUID in lower case, such as Rainbond's host UUID.
    Uuid,
    |text| {
        let groups: Vec<&str> = text.split('-').collect();
        let sizes = [8, 4, 4, 4, 12];
        let hex = |g: &str| g.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if groups.len() != 5 || groups.iter().zip(sizes).any(|(g, n)| g.len() != n || !hex(g)) {
            return Err("five groups of lower-case hexadecimal digits, 8-4-4-4-12".into());
        }
        Ok(())
    }
);
text_newtype!(
    /// A time source for chrony: an address or a domain, optionally followed by `iburst`.
    NtpServer,
    |text| {
        let host = text.strip_suffix(" iburst").unwrap_or(text);
        if host.parse::<IpAddr>().is_ok() || domain(host).is_ok() || label(host).is_ok() {
            return Ok(());
        }
        Err("an address or a host name, optionally followed by ` iburst`".into())
    }
);
text_newtype!(
    /// A Kubernetes taint: `key=value:Effect` or `key:Effect`, effect `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    Taint,
    |text| {
        let Some((key, effect)) = text.rsplit_once(':') else {
            return Err("a taint is `key=value:NoSchedule`".into());
        };
        if !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
            return Err(format!("the effect `{effect}` is not NoSchedule, PreferNoSchedule or NoExecute"));
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-=".contains(&b);
        bounded(key, 317, plain, "letters, digits and `/._-`")
    }
);
text_newtype!(
    /// The key or value of a Kubernetes label: letters, digits, `-_./`; at most 317 characters.
    LabelText,
    |text| {
        if text.is_empty() {
            return Ok(());
        }
        bounded(text, 317, |b| b.is_ascii_alphanumeric() || b"/._-".contains(&b), "letters, digits and `/._-`")
    }
);
text_newtype!(
    /// An http or https URL without user, query or white space; at most 255 characters.
    Url,
    |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest else {
            return Err("a URL starts with `http://` or `https://`".into());
        };
        bounded(rest, 255, |b| b.is_ascii_alphanumeric() || b"/._-:[]%~".contains(&b), "host, port and path only")
    }
);
text_newtype!(
    /// A record name inside a zone: labels, `@` for the zone itself, `*` as first label for a wildcard.
    RecordName,
    |text| {
        if text == "@" || text == "*" {
            return Ok(());
        }
        text.strip_prefix("*.").unwrap_or(text).split('.').try_for_each(|part| {
            label(part.strip_prefix('_').unwrap_or(part))
        })
    }
);

/// A TCP or UDP port, 1 to 65535.
pub type Port = NonZeroU16;

/// A duration: a whole number and `ms`, `s`, `m`, `h`, `d` or `w`; at most ten years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    milliseconds: u64,
}

impl Duration {
    /// From milliseconds.
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self { milliseconds }
    }

    /// From seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self { milliseconds: seconds * 1000 }
    }

    /// Milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.milliseconds
    }

    /// Whole seconds, rounded up, so that a positive duration is never zero.
    pub const fn as_secs_up(self) -> u64 {
        self.milliseconds.div_ceil(1000)
    }
}

const UNITS: [(&str, u64); 6] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Ten years, in milliseconds.
const DURATION_MAX: u64 = 3650 * 86_400_000;

impl FromStr for Duration {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = UNITS.iter().find(|(u, _)| *u == unit).map(|(_, f)| *f);
        let milliseconds = number.parse::<u64>().ok().zip(factor).and_then(|(n, f)| n.checked_mul(f));
        match milliseconds {
            Some(milliseconds) if milliseconds <= DURATION_MAX => Ok(Self { milliseconds }),
            Some(_) => Err("longer than ten years".into()),
            None => Err("a duration is a whole number with a unit".into()),
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS
            .iter()
            .find(|(_, factor)| self.milliseconds >= *factor && self.milliseconds.is_multiple_of(*factor));
        let (name, factor) = unit.copied().unwrap_or(("s", 1000));
        write!(f, "{}{name}", self.milliseconds / factor)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

text_values! {
    Name => "a name such as `node-1`",
    DomainName => "a domain such as `tinder.example.com`",
    InterfaceName => "an interface name such as `eth0`",
    NodePath => "an absolute path such as `/data`",
    Word => "a word without spaces",
    Line => "one line of text",
    TimeZone => "a time zone such as `Asia/Shanghai`",
    Mac => "a MAC address such as `52:54:00:12:34:56`",
    Uuid => "a UUID in lower case",
    NtpServer => "an address or host name, such as `172.30.41.192` or `172.30.41.192 iburst`",
    Taint => "a taint such as `node.example.com/dedicated=true:NoSchedule`",
    LabelText => "a label of letters, digits and `/._-`",
    Url => "a URL such as `https://registry.example.com:5000`",
    RecordName => "a record name such as `www`, `@` or `*`",
    Duration => "a duration such as `500ms`, `30s`, `5m`, `1h` or `1d`",
    IpAddr => "an IP address such as `172.30.41.193`",
    Ipv4Addr => "an IPv4 address such as `172.30.41.193`",
    Ipv6Addr => "an IPv6 address such as `fd00::1`",
    IpNet => "a network in CIDR form such as `172.30.41.0/24`",
}

/// A secret by reference. Its value is read when a bundle is made, and written only into files that are
/// marked as secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretRef {
    /// The value of an environment variable of the machine where hagen runs.
    Env(String),
    /// The content of a file of the machine where hagen runs, without its last line feed; a relative
    /// path starts at the document's folder.
    File(String),
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretRef::Env(name) => write!(f, "environment variable {name}"),
            SecretRef::File(path) => write!(f, "file {path}"),
        }
    }
}

impl Decode for SecretRef {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        const HELP: &str = "write `{env: NAME}` or `{file: PATH}`, and keep the value out of the document";
        if let Value::Scalar { .. } = node.value {
            cx.problems
                .push(Problem::error("SEC-1", node.span, "a literal secret in the document").help(HELP));
            return None;
        }
        let mut fields = Fields::open(node, cx, "a secret reference")?;
        let env = fields.take::<Option<String>>(cx, "env", None)?;
        let file = fields.take::<Option<String>>(cx, "file", None)?;
        fields.close(cx);
        match (env, file) {
            (Some(env), None)
                if !env.is_empty()
                    && env.len() <= 255
                    && env.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
            {
                Some(SecretRef::Env(env))
            }
            (None, Some(file)) if !file.is_empty() && file.len() <= 1000 && !file.contains('\0') => {
                Some(SecretRef::File(file))
            }
            _ => {
                cx.problems.push(
                    Problem::error("DOC-4", node.span, "expected exactly one of `env` and `file`").help(HELP),
                );
                None
            }
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        schemas.named("SecretRef", |_| {
            json!({
                "description": "A secret by reference; its value never stands in the document.",
                "oneOf": [
                    {"type": "object", "required": ["env"], "additionalProperties": false, "properties": {"env": {"type": "string", "description": "Name of an environment variable where hagen runs."}}},
                    {"type": "object", "required": ["file"], "additionalProperties": false, "properties": {"file": {"type": "string", "description": "Path of a file where hagen runs."}}},
                ]
            })
        })
    }
}

choice! {
    /// What a node does. A node may have several roles.
    pub enum Role {
        /// The DCE 5.0 bootstrap node (registry, chart and file service of the installer).
        Bootstrap = "bootstrap",
        /// The standby of the bootstrap node, reached when the DNS record is switched to it.
        BackupBootstrap = "backup-bootstrap",
        /// Name server for the cluster's zones.
        Dns = "dns",
        /// Load balancer in front of the apiservers or gateways; may carry VIPs.
        Lb = "lb",
        /// Kubernetes control plane.
        ControlPlane = "control-plane",
        /// Kubernetes worker.
        Worker = "worker",
        /// Member of an etcd cluster of its own, outside the control plane.
        Etcd = "etcd",
        /// Rainbond management node.
        Manage = "manage",
        /// Rainbond compute node with gateway (rbd-lb) and rbd-dns.
        Compute = "compute",
        /// MariaDB server.
        Database = "database",
        /// GlusterFS server.
        Storage = "storage",
        /// The Cloudpods node from which the others are installed.
        FirstNode = "first-node",
        /// Cloudpods controller.
        Controller = "controller",
        /// Cloudpods host agent (moves the node's address to the bridge `br0`).
        Host = "host",
    }
}

/// Which nodes are meant: all nodes of a role, or nodes by name in the given order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Selector {
    /// `{role: lb}`: all nodes with that role, in name order.
    Role {
        /// The role.
        role: Spanned<Role>,
    },
    /// `[node-1, node-2]`.
    Nodes(Vec<Spanned<Name>>),
}

impl Decode for Selector {
    fn decode(node: &Node, cx: &mut Cx) -> Option<Self> {
        let value = match &node.value {
            Value::Seq(_) => Selector::Nodes(Decode::decode(node, cx)?),
            Value::Scalar { .. } => Selector::Nodes(vec![Decode::decode(node, cx)?]),
            Value::Map(_) => {
                let mut fields = Fields::open(node, cx, "a selection of nodes")?;
                let role = fields.take(cx, "role", None);
                fields.close(cx);
                Selector::Role { role: role? }
            }
            Value::Null => {
                cx.wrong(node, "node names or `{role: ROLE}`");
                return None;
            }
        };
        Some(value)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let role = Role::schema(schemas);
        schemas.named("Selector", |_| {
            json!({
                "description": "Nodes by name, in order, or all nodes of a role.",
                "oneOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}},
                    {"type": "object", "required": ["role"], "additionalProperties": false, "properties": {"role": role}},
                ]
            })
        })
    }
}

/// The place of a value that came from a default: the start of the document.
pub const NOWHERE: Span = Span { start: 0, end: 0 };

/// The value of a text that stands in this program, for defaults.
#[expect(clippy::unwrap_used, reason = "the texts are constants, and a test decodes every default")]
pub(crate) fn fixed<T: FromStr>(text: &'static str) -> T
where
    T::Err: fmt::Debug,
{
    text.parse().unwrap()
}
