//! The password of VRRPv2 as keepalived can read it.

use ha_vrrp::{AuthPass, AuthPassError};
use serde::Serialize;
use thiserror::Error;

use crate::secret::Secret;

/// A password that the wire and keepalived's parser both carry unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Pass(Secret);

/// Why a secret is not such a password. None of the messages shows it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PassError {
    /// The wire cannot carry it.
    #[error(transparent)]
    Wire(#[from] AuthPassError),
    /// keepalived's parser would change it or end it.
    #[error(
        "byte {0} of the VRRP password is not a letter, digit or one of `.,_+=/:%^-`, which keepalived reads as something else"
    )]
    Byte(usize),
}

impl Pass {
    /// Proves a secret.
    ///
    /// # Errors
    /// When it is empty, longer than 8 bytes, or has a byte that keepalived treats specially: `"` and `\`
    /// quote, `#` and `!` begin comments, `$` and `~` substitute, `@` conditions, braces nest.
    pub fn new(secret: &Secret) -> Result<Self, PassError> {
        let pass: AuthPass = secret.expose().parse()?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".,_+=/:%^-".contains(&b);
        match pass.expose().bytes().position(|b| !plain(b)) {
            Some(at) => Err(PassError::Byte(at + 1)),
            None => Ok(Self(secret.clone())),
        }
    }

    /// The password itself, for the file of mode 0600.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}
