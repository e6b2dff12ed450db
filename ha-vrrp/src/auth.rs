//! The clear-text password of VRRPv2 (RFC 2338 §5.3.6, type 1).
//!
//! It protects against a wrong configuration, not against a person: everybody on the network can read it.
//! Still it is never shown by `Debug`, and there is no `Display` and no serialisation.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The authentication data field has eight bytes.
pub const AUTH_PASS_BYTES_MAX: usize = 8;

/// A password of 1 to 8 printable ASCII bytes without white space.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthPass(String);

/// Why a text is not a VRRPv2 password. None of the messages shows the password.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AuthPassError {
    /// Nothing.
    #[error("a VRRP password must not be empty")]
    Empty,
    /// The rest would be ignored by some implementations and refused by others.
    #[error("a VRRP password has at most {AUTH_PASS_BYTES_MAX} bytes; this one has {0}")]
    Long(usize),
    /// White space, a control character or a letter outside ASCII.
    #[error("byte {0} of a VRRP password is not a printable ASCII character")]
    Byte(usize),
}

impl AuthPass {
    /// The password itself. Whoever calls this writes it only where a secret may stand.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The field on the wire: the password, filled up with zeros.
    pub fn field(&self) -> [u8; AUTH_PASS_BYTES_MAX] {
        let mut field = [0; AUTH_PASS_BYTES_MAX];
        for (to, from) in field.iter_mut().zip(self.0.bytes()) {
            *to = from;
        }
        field
    }
}

impl FromStr for AuthPass {
    type Err = AuthPassError;

    fn from_str(text: &str) -> Result<Self, AuthPassError> {
        if text.is_empty() {
            return Err(AuthPassError::Empty);
        }
        if let Some(at) = text.bytes().position(|b| !b.is_ascii_graphic()) {
            return Err(AuthPassError::Byte(at + 1));
        }
        if text.len() > AUTH_PASS_BYTES_MAX {
            return Err(AuthPassError::Long(text.len()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for AuthPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthPass(…)")
    }
}

#[cfg(test)]
mod tests;
