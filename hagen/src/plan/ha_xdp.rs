//! ha-xdp on one node: its letter, and the secret files that the letter names.
//!
//! The letter is proven by the code that the daemon itself uses; here it is only joined with its secrets.

mod decide;

use std::collections::BTreeMap;

use ha_vrrp::{AuthPass, AuthPassError};
use ha_xdp_config::{AbsolutePath, Config, Document, Owner, Problem};
use serde::Serialize;
use thiserror::Error;

use crate::secret::Secret;

pub use decide::{activate, decide};

/// Digits of a key for sharing flow state: 32 bytes in hexadecimal.
pub const SYNC_KEY_DIGITS: usize = 64;

/// What ha-xdp gets on one node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HaXdp {
    config: Config,
    text: String,
    secrets: BTreeMap<String, Secret>,
}

/// One thing that is wrong with it.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum HaXdpError {
    /// The letter contradicts itself.
    #[error("letter to ha-xdp: {0}")]
    Letter(Problem),
    /// The letter names a secret file that nobody brings.
    #[error("the letter to ha-xdp names `{0}`, but there is no secret for it")]
    NoSecret(AbsolutePath),
    /// A secret that the letter does not name.
    #[error("the secret for `{0}` is in no letter to ha-xdp")]
    Unnamed(AbsolutePath),
    /// A VRRP password that the wire cannot carry.
    #[error("`{path}`: {why}")]
    Pass {
        /// The file.
        path: AbsolutePath,
        /// What is wrong.
        why: AuthPassError,
    },
    /// A key of another form.
    #[error("`{0}`: a key for sharing flow state has {SYNC_KEY_DIGITS} lower-case hexadecimal digits")]
    Key(AbsolutePath),
}

/// What a secret file is for.
enum Use {
    Pass,
    Key,
}

impl HaXdp {
    /// Proves the letter and joins it with the secrets, which are given by the path that the letter names.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn new(document: Document, secrets: BTreeMap<AbsolutePath, Secret>) -> Result<Self, Vec<HaXdpError>> {
        let config = Config::new(document)
            .map_err(|problems| problems.into_iter().map(HaXdpError::Letter).collect::<Vec<_>>())?;
        let uses = uses(&config);
        let mut errors: Vec<HaXdpError> = Vec::new();
        for (path, purpose) in &uses {
            match secrets.get(path) {
                None => errors.push(HaXdpError::NoSecret(path.clone())),
                Some(secret) => errors.extend(fault(path, purpose, secret)),
            }
        }
        errors.extend(secrets.keys().filter(|p| !uses.contains_key(*p)).cloned().map(HaXdpError::Unnamed));
        if !errors.is_empty() {
            return Err(errors);
        }
        let text = config
            .to_yaml()
            .map_err(|problems| problems.into_iter().map(HaXdpError::Letter).collect::<Vec<_>>())?;
        let secrets = secrets.into_iter().map(|(path, secret)| (path.to_string(), secret)).collect();
        Ok(Self { config, text, secrets })
    }

    /// The letter as YAML, which was read back and proven to be the same letter.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The letter.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The secret files by path.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.secrets.iter().map(|(path, secret)| (path.as_str(), secret))
    }
}

/// Every secret file that a letter names.
fn uses(config: &Config) -> BTreeMap<AbsolutePath, Use> {
    let passes = config.groups.iter().filter_map(|group| match &group.owner {
        Owner::Vrrp(vrrp) => vrrp.pass_file.clone().map(|path| (path, Use::Pass)),
        Owner::External | Owner::Always => None,
    });
    let key = config.sync.iter().map(|sync| (sync.key_file.clone(), Use::Key));
    passes.chain(key).collect()
}

fn fault(path: &AbsolutePath, purpose: &Use, secret: &Secret) -> Option<HaXdpError> {
    let value = secret.expose();
    match purpose {
        Use::Pass => value.parse::<AuthPass>().err().map(|why| HaXdpError::Pass { path: path.clone(), why }),
        Use::Key => {
            let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            let fine = value.len() == SYNC_KEY_DIGITS && value.bytes().all(digit);
            (!fine).then(|| HaXdpError::Key(path.clone()))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
