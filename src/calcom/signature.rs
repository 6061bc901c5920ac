//! The signature of what Cal.com posts: HMAC-SHA256 over the body as it was sent, in hexadecimal digits.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that has it. Where the webhook has no secret there, it says so in words, which is no signature.
pub const HEADER: &str = "x-cal-signature-256";

/// Whether this secret has signed this body. Comparing takes as long wherever two signatures differ.
pub fn is_signed(secret: &[u8], signature: Option<&str>, body: &[u8]) -> bool {
    let Some(signature) = signature.and_then(bytes) else {
        return false;
    };
    // An empty secret would make everybody a signer.
    !secret.is_empty()
        && Hmac::<Sha256>::new_from_slice(secret).is_ok_and(|mut mac| {
            mac.update(body);
            mac.verify_slice(&signature).is_ok()
        })
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.trim();
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"triggerEvent":"BOOKING_CREATED","createdAt":"2026-11-30T02:00:00.000Z","payload":{"uid":"u1"}}"#;
    /// As `createHmac("sha256", "hook_test").update(body).digest("hex")` of Node signs it.
    const SIGNED: &str = "80972b6c459656043a7dd7e7a47e32f840c88c124c062a3608561fd10609773b";

    #[test]
    fn a_signature_is_that_of_the_senders_library() {
        assert!(is_signed(b"hook_test", Some(SIGNED), BODY));
        assert!(is_signed(b"hook_test", Some(&SIGNED.to_uppercase()), BODY));
    }

    #[test]
    fn whatever_is_changed_or_missing_is_not_signed() {
        for (secret, signature) in [
            (&b"other"[..], Some(SIGNED)),
            (b"hook_test", None),
            (b"hook_test", Some("")),
            (b"hook_test", Some("no-secret-provided")),
            (b"hook_test", Some(&SIGNED[..62])),
            (b"", Some(SIGNED)),
        ] {
            assert!(!is_signed(secret, signature, BODY), "{signature:?}");
        }
        assert!(!is_signed(b"hook_test", Some(SIGNED), b"{}"));
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(BODY);
        let signature = engine::account::secret::hex(&mac.finalize().into_bytes());
        assert!(!is_signed(b"", Some(&signature), BODY));
    }
}
