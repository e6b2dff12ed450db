//! The first boot of a node: what a NoCloud seed tells cloud-init.
//!
//! The seed only brings the node on the network, lets the operator in and starts `hagen-first-boot`;
//! everything else is the bundle's.

use serde::Serialize;

use super::Input;
use super::activation::Parts;
use super::named::DnsName;
use super::network::{self, Network};
use super::systemd::{Directive, UnitFile, UnitForm, UnitName, UnitValue, fixed};
use crate::os::{Component, Family};
use crate::spec::{Line, Name, TimeZone, Word};

/// Finds the node's bundle and applies it.
pub const FIRST_BOOT_PATH: &str = "/usr/local/sbin/hagen-first-boot";

/// The unit that runs it.
pub const FIRST_BOOT_UNIT: &str = "hagen-first-boot.service";

/// Made when a bundle has been applied for the first time; later ones are the operator's.
pub const APPLIED_MARK: &str = "/var/lib/hagen/applied";

/// The first boot of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CloudInit {
    /// The node's name; it becomes the host name and names the bundle.
    pub node: Name,
    /// The fully qualified name, where the cloud-init of the system does not make it the host name.
    pub fqdn: Option<DnsName>,
    /// Time zone of the node.
    pub time_zone: TimeZone,
    /// Who may log in.
    pub login: Login,
    /// The interfaces.
    pub network: Network,
    /// Keys that only a newer cloud-init knows may be used (22.1 or later).
    pub modern: bool,
}

/// Who may log in with which keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// The account, made with the right to become root when it is not root.
    pub user: Word,
    /// Lines of `authorized_keys` (`sshd(8)`).
    pub keys: Vec<Line>,
}

/// Kinds of public keys that OpenSSH knows.
const KEY_TYPES: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

impl Login {
    /// Whether at least one line holds what looks like a public key. Only then logging in by password is
    /// switched off: nobody may be locked out by a line that is none.
    pub fn has_key(&self) -> bool {
        let is_key =
            |kind: &str, key: &str| KEY_TYPES.contains(&kind) && key.starts_with("AAAA") && key.len() >= 64;
        self.keys.iter().any(|line| {
            let words: Vec<&str> = line.as_str().split(' ').collect();
            words.windows(2).any(|pair| is_key(pair[0], pair[1]))
        })
    }
}

impl CloudInit {
    /// The unit that applies the bundle: at first boot, and at every boot until it has been applied once.
    pub fn first_boot(&self) -> UnitFile {
        let directives = vec![
            fixed("Unit", "Description", "Apply the bundle of this node"),
            fixed("Unit", "ConditionPathExists", &format!("!{APPLIED_MARK}")),
            fixed("Unit", "Wants", "network-online.target"),
            fixed("Unit", "After", "local-fs.target network-online.target"),
            fixed("Service", "Type", "oneshot"),
            Directive::new("Service", "ExecStart", UnitValue::of_name(FIRST_BOOT_PATH, &self.node)),
            // Installing packages takes as long as it takes.
            fixed("Service", "TimeoutStartSec", "0"),
            fixed("Service", "StandardOutput", "journal+console"),
            fixed("Service", "StandardError", "journal+console"),
            fixed("Install", "WantedBy", "multi-user.target"),
        ];
        let reason = "Runs until a bundle has been applied once; later bundles are applied by the operator.";
        let unit = UnitName::fixed(FIRST_BOOT_UNIT);
        UnitFile { unit, form: UnitForm::Whole, reason: reason.to_owned(), directives }
    }
}

/// The seed of the node.
pub fn decide(input: &Input) -> Option<CloudInit> {
    let (topology, node) = (input.topology, input.node);
    let modern = node.os.has_version(Component::CloudInit, (22, 1));
    // On Red Hat an older cloud-init makes the long name the host name, which is not the node's name.
    let short = modern || node.os.family() == Family::Debian;
    let domain = topology.resolvers.search.first().filter(|_| short);
    Some(CloudInit {
        node: node.name.clone(),
        fqdn: domain.and_then(|domain| DnsName::from(domain).child(node.name.as_str()).ok()),
        time_zone: topology.document.time_zone.clone(),
        login: Login { user: node.ssh.user.clone(), keys: node.ssh.authorized_keys.clone() },
        network: network::decide(input)?,
        modern,
    })
}

/// The seed does its work before there is a bundle.
pub fn activate(_: &CloudInit, _: &Input, _: &mut Parts) {}
