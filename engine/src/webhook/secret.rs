//! The secret with which the requests of a webhook are signed.

use rand::RngExt;

use crate::{
    account::factor::seal::{SecretKey, open, seal},
    error::AppError,
};

/// The bytes of a secret.
const LENGTH: usize = 32;

/// A secret that a webhook and Janji share.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; LENGTH]);

/// Hides the secret.
impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// For what a secret is sealed: that of one owner opens nothing of another's.
fn about(staff_id: i64) -> String {
    format!("webhook of {staff_id}")
}

impl SigningSecret {
    pub(super) fn random() -> Self {
        Self(rand::rng().random())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Seals the secret of a webhook of this owner.
    ///
    /// # Errors
    /// `INTERNAL`.
    pub(super) fn seal(&self, key: Option<&SecretKey>, staff_id: i64) -> Result<String, AppError> {
        seal(key, &self.0, &about(staff_id))
    }

    /// Opens what [`SigningSecret::seal`] has made.
    ///
    /// # Errors
    /// `INTERNAL` where the key is missing or another one.
    pub(super) fn open(key: Option<&SecretKey>, stored: &str, staff_id: i64) -> Result<Self, AppError> {
        let bytes = open(key, stored, &about(staff_id))?;
        bytes.try_into().map(Self).map_err(|_| AppError::Internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_owner_alone() {
        let key = SecretKey::parse(&"a".repeat(32));
        let secret = SigningSecret::random();
        let sealed = secret.seal(key.as_ref(), 1).unwrap();
        assert_eq!(SigningSecret::open(key.as_ref(), &sealed, 1), Ok(secret.clone()));
        assert!(SigningSecret::open(key.as_ref(), &sealed, 2).is_err());
        assert_ne!(SigningSecret::random(), secret);
        assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
    }
}
