//! Secrets in two halves: the database keeps one, and only the caller has the other. So what was made can be told again to
//! whoever it was made for, while nobody who reads the database can put it together.

use sha2::{Digest, Sha256};

/// The half that only the caller has, and the database but a hash of: the token of a program, the session of a browser.
#[derive(Clone)]
pub struct Holder(Vec<u8>);

impl Holder {
    pub fn new(of_the_caller: impl Into<Vec<u8>>) -> Self {
        Self(of_the_caller.into())
    }

    /// Returns the digest that an idempotency key stores.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }

    /// The secret that this half and a salt are together: SHA-256, in 64 digits.
    pub fn secret(&self, salt: &str) -> String {
        // A salt is as long as any other: no two pairs are the same bytes.
        hex(&Sha256::new().chain_update(salt).chain_update(&self.0).finalize())
    }
}

/// Hides the value, which is as secret as its source.
impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holder(…)")
    }
}

/// Writes bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_takes_both_halves() {
        let (one, other) = (Holder::new("janji_1"), Holder::new("janji_2"));
        let secret = one.secret("a");
        assert_eq!(secret.len(), 64);
        assert_eq!(one.secret("a"), secret);
        assert_ne!(other.secret("a"), secret);
        assert_ne!(one.secret("b"), secret);
        assert!(!format!("{one:?}").contains("janji_1"));
    }
}
