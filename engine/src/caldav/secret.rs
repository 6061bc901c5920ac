//! The password of an account elsewhere.

use crate::{
    account::factor::seal::{SecretKey, is_sealed_by_present, open, seal},
    error::AppError,
};

/// A password, as it is sent to the server that it is of.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Hides the password.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// For what a password is sealed: that of one doctor opens nothing of another's.
fn about(doctor_id: i64) -> String {
    format!("calendar of {doctor_id}")
}

impl Password {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The password itself, for whoever sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Seals the password of an account of this doctor. There is no account without a key of the installation.
    ///
    /// # Errors
    /// `INTERNAL`.
    pub(super) fn seal(&self, key: &SecretKey, doctor_id: i64) -> Result<String, AppError> {
        seal(Some(key), self.0.as_bytes(), &about(doctor_id))
    }

    /// Opens what [`Password::seal`] has made.
    ///
    /// # Errors
    /// `INTERNAL` where the key is missing or another one.
    pub(super) fn open(key: Option<&SecretKey>, stored: &str, doctor_id: i64) -> Result<Self, AppError> {
        let bytes = open(key, stored, &about(doctor_id))?;
        String::from_utf8(bytes).map(Self).map_err(|_| AppError::Internal)
    }
}

/// The password sealed anew, where it is not by the first key: so a key that was replaced is needed no more some time later.
pub(super) fn resealed(key: Option<&SecretKey>, stored: &str, doctor_id: i64) -> Option<String> {
    let key = key?;
    if is_sealed_by_present(key, stored, &about(doctor_id)) {
        return None;
    }
    let password = Password::open(Some(key), stored, doctor_id).ok()?;
    password.seal(key, doctor_id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_for_its_doctor_alone_and_is_sealed_anew_by_a_new_key() {
        let old = SecretKey::parse(&"a".repeat(32)).unwrap();
        let password = Password::new("geheim");
        let sealed = password.seal(&old, 1).unwrap();
        assert_eq!(Password::open(Some(&old), &sealed, 1), Ok(password.clone()));
        assert!(Password::open(Some(&old), &sealed, 2).is_err());
        assert_eq!(resealed(Some(&old), &sealed, 1), None);
        let both = SecretKey::parse(&format!("{}\n{}", "b".repeat(32), "a".repeat(32))).unwrap();
        let anew = resealed(Some(&both), &sealed, 1).unwrap();
        assert_eq!(
            Password::open(Some(&both.first()), &anew, 1),
            Ok(password.clone())
        );
        assert!(Password::open(Some(&old), &anew, 1).is_err());
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
