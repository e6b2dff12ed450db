//! The first boot of a node: what a NoCloud seed tells cloud-init.
//!
//! The seed only brings the node on the network, lets the operator in and starts `hagen-first-boot`;
//! everything else is the bundle's.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::named::DnsName;
use super::network::Network;
use super::systemd::{Directive, UnitError, UnitFile, UnitForm, UnitName, UnitValue, fixed};

/// Finds the node's bundle and applies it.
pub const FIRST_BOOT_PATH: &str = "/usr/local/sbin/hagen-first-boot";

/// The unit that runs it.
pub const FIRST_BOOT_UNIT: &str = "hagen-first-boot.service";

/// Made when a bundle has been applied for the first time; later ones are the operator's.
pub const APPLIED_MARK: &str = "/var/lib/hagen/applied";

/// The first boot of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CloudInit {
    node: DnsName,
    fqdn: Option<DnsName>,
    time_zone: TimeZone,
    login: Login,
    network: Network,
    first_boot: UnitFile,
}

/// Who may log in with which keys. With at least one key, logging in by password over SSH is off; with
/// none, the image's own setting stays, so that nobody is locked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// The account, made with the right to become root when it is not root.
    pub user: UserName,
    /// Public keys.
    pub keys: Vec<AuthorizedKey>,
}

/// A time zone of the tz database such as `Asia/Shanghai`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

/// The name of an account: 1 to 32 bytes, a lower-case letter or `_`, then letters, digits, `_` and `-`
/// (`useradd(8)`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(String);

/// A public key in the one-line form of OpenSSH (`sshd(8)`, AUTHORIZED_KEYS), without options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizedKey(String);

/// Why a text cannot stand in a seed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SeedError {
    /// A node's name that is not one label.
    #[error("`{0}` is not a host name of one label")]
    Node(DnsName),
    /// Not a time zone.
    #[error("`{0}` is not a time zone such as `UTC` or `Asia/Shanghai`")]
    TimeZone(String),
    /// Not an account.
    #[error("`{0}` is not the name of an account")]
    User(String),
    /// Not a public key.
    #[error("`{0}` is not a public key such as `ssh-ed25519 AAAA… name`")]
    Key(String),
}

const KEY_TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

impl FromStr for TimeZone {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_+-".contains(&b);
        let part = |part: &str| !part.is_empty() && part.bytes().all(plain);
        if text.len() > 64 || !text.split('/').all(part) {
            return Err(SeedError::TimeZone(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for UserName {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        let first = |b: &u8| b.is_ascii_lowercase() || *b == b'_';
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
        if text.len() > 32 || !text.as_bytes().first().is_some_and(first) || !text.bytes().all(plain) {
            return Err(SeedError::User(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for AuthorizedKey {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        let mut words = text.splitn(3, ' ');
        let (kind, key) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
        let known = KEY_TYPES.contains(&kind) && key.starts_with("AAAA") && key.bytes().all(base64);
        if !known || text.len() > 16_000 || text.chars().any(char::is_control) {
            let start: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(SeedError::Key(start));
        }
        Ok(Self(text.to_owned()))
    }
}

impl CloudInit {
    /// The first boot of a node whose name, one label by RFC 1123, becomes the host name and names its
    /// bundle. The fully qualified name is given only where the system's cloud-init does not make it
    /// the host name.
    ///
    /// # Errors
    /// When the node's name is not one label.
    pub fn new(
        node: DnsName,
        fqdn: Option<DnsName>,
        time_zone: TimeZone,
        login: Login,
        network: Network,
    ) -> Result<Self, SeedError> {
        if node.as_str().contains(['.', '*', '_']) {
            return Err(SeedError::Node(node));
        }
        let first_boot = first_boot(&node).map_err(|_| SeedError::Node(node.clone()))?;
        Ok(Self { node, fqdn, time_zone, login, network, first_boot })
    }

    /// The host name.
    pub fn node(&self) -> &DnsName {
        &self.node
    }

    /// The fully qualified name.
    pub fn fqdn(&self) -> Option<&DnsName> {
        self.fqdn.as_ref()
    }

    /// Time zone of the node.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// Who may log in.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The interfaces.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The unit that applies the bundle: at first boot, and at every boot until it has been applied once.
    pub fn first_boot(&self) -> &UnitFile {
        &self.first_boot
    }
}

fn first_boot(node: &DnsName) -> Result<UnitFile, UnitError> {
    let directives = vec![
        fixed("Unit", "Description", "Apply the bundle of this node"),
        Directive::new("Unit", "ConditionPathExists", format!("!{APPLIED_MARK}").parse()?),
        fixed("Unit", "Wants", "network-online.target"),
        fixed("Unit", "After", "local-fs.target network-online.target"),
        fixed("Service", "Type", "oneshot"),
        Directive::new("Service", "ExecStart", UnitValue::command(&[FIRST_BOOT_PATH, node.as_str()])?),
        // Installing packages takes as long as it takes.
        fixed("Service", "TimeoutStartSec", "0"),
        fixed("Service", "StandardOutput", "journal+console"),
        fixed("Service", "StandardError", "journal+console"),
        fixed("Install", "WantedBy", "multi-user.target"),
    ];
    let reason = "Runs until a bundle has been applied once; later bundles are applied by the operator.";
    let unit = UnitName::fixed(FIRST_BOOT_UNIT);
    Ok(UnitFile { unit, form: UnitForm::Whole, reason: reason.to_owned(), directives })
}

macro_rules! text {
    ($($name:ident),*) => {$(
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

text!(TimeZone, UserName, AuthorizedKey);
