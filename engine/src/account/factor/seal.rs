//! Secrets that the program has to read again, such as those of apps: sealed by the key of this installation (AES-256-GCM),
//! where it has one, so that a copy of the database does not tell them.

use std::sync::Arc;

use aes_gcm::{
    Aes256Gcm, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use rand::RngExt;
use sha2::{Digest, Sha256};

use crate::{account::secret::hex, error::AppError};

/// The characters that a key has at least.
pub const MIN_KEY: usize = 32;

/// How a sealed secret begins, and one that is not sealed.
const SEALED: &str = "1:";
const OPEN: &str = "0:";

/// The bytes of a nonce.
const NONCE: usize = 12;

/// The key of this installation. After it, there may be keys that it had before: the first one seals, and all of them open.
#[derive(Clone)]
pub struct SecretKey(Arc<[[u8; 32]]>);

/// Hides the key.
impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    /// Reads keys of at least [`MIN_KEY`] characters, one in a line, the present one first.
    pub fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys = lines.map(|line| (line.chars().count() >= MIN_KEY).then(|| Sha256::digest(line).into()));
        let keys: Vec<[u8; 32]> = keys.collect::<Option<_>>()?;
        (!keys.is_empty()).then(|| Self(keys.into()))
    }

    /// The present key alone.
    pub fn first(&self) -> Self {
        Self(self.0.iter().take(1).copied().collect())
    }

    fn ciphers(&self) -> impl Iterator<Item = Aes256Gcm> {
        self.0
            .iter()
            .map(|key| Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)))
    }
}

/// Seals a secret, for what `about` says and nothing else.
///
/// # Errors
/// `INTERNAL`.
pub fn seal(key: Option<&SecretKey>, plain: &[u8], about: &str) -> Result<String, AppError> {
    let Some(key) = key else {
        return Ok(format!("{OPEN}{}", hex(plain)));
    };
    let nonce: [u8; NONCE] = rand::rng().random();
    let payload = Payload {
        msg: plain,
        aad: about.as_bytes(),
    };
    let cipher = key.ciphers().next().ok_or(AppError::Internal)?;
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| AppError::Internal)?;
    Ok(format!("{SEALED}{}{}", hex(&nonce), hex(&sealed)))
}

/// Opens what [`seal`] has made.
///
/// # Errors
/// `INTERNAL` where the key is missing or another one.
pub fn open(key: Option<&SecretKey>, stored: &str, about: &str) -> Result<Vec<u8>, AppError> {
    opened(key, stored, about).ok_or_else(|| {
        if !stored.starts_with(OPEN) {
            tracing::error!(
                "a sealed secret cannot be opened: JANJI_SECRET_KEY is missing, or is not the one that it was sealed with"
            );
        }
        AppError::Internal
    })
}

/// Whether a secret is sealed by the present key, and not by one that was replaced.
pub fn is_sealed_by_present(key: &SecretKey, stored: &str, about: &str) -> bool {
    stored.starts_with(SEALED) && opened(Some(&key.first()), stored, about).is_some()
}

fn opened(key: Option<&SecretKey>, stored: &str, about: &str) -> Option<Vec<u8>> {
    if let Some(plain) = stored.strip_prefix(OPEN) {
        return unhex(plain);
    }
    let bytes = stored.strip_prefix(SEALED).and_then(unhex)?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    key?.ciphers().find_map(|cipher| {
        let payload = Payload {
            msg: sealed,
            aad: about.as_bytes(),
        };
        cipher.decrypt(&Nonce::from(nonce), payload).ok()
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_with_its_key_and_for_its_purpose_alone() {
        let (key, other) = (
            SecretKey::parse(&"a".repeat(32)).unwrap(),
            SecretKey::parse(&"b".repeat(32)).unwrap(),
        );
        let sealed = seal(Some(&key), b"secret", "totp 1").unwrap();
        assert!(!sealed.contains(&hex(b"secret")));
        assert_eq!(open(Some(&key), &sealed, "totp 1"), Ok(b"secret".to_vec()));
        for (key, about) in [(Some(&key), "totp 2"), (Some(&other), "totp 1"), (None, "totp 1")] {
            assert_eq!(open(key, &sealed, about), Err(AppError::Internal));
        }
        assert_ne!(seal(Some(&key), b"secret", "totp 1").unwrap(), sealed);
        // Without a key it is kept as it is, and can be read after there is one.
        let plain = seal(None, b"secret", "totp 1").unwrap();
        assert_eq!(open(Some(&key), &plain, "totp 1"), Ok(b"secret".to_vec()));
        for broken in ["", "2:00", "1:00", "0:0", "0:zz", "1:é"] {
            assert!(open(Some(&key), broken, "totp 1").is_err(), "{broken}");
        }
        assert!(SecretKey::parse("short").is_none());
    }

    #[test]
    fn a_key_that_was_replaced_opens_and_seals_no_more() {
        let (old, new) = ("a".repeat(32), "b".repeat(32));
        let before = SecretKey::parse(&old).unwrap();
        let both = SecretKey::parse(&format!("{new}\n\n {old}\n")).unwrap();
        let sealed = seal(Some(&before), b"secret", "x").unwrap();
        assert_eq!(open(Some(&both), &sealed, "x"), Ok(b"secret".to_vec()));
        let anew = seal(Some(&both), b"secret", "x").unwrap();
        assert_eq!(open(Some(&both.first()), &anew, "x"), Ok(b"secret".to_vec()));
        assert!(open(Some(&before), &anew, "x").is_err());
        assert!(SecretKey::parse(&format!("{new}\nshort")).is_none());
        assert!(SecretKey::parse(" \n").is_none());
    }
}
