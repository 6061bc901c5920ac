//! The signature of a phone agent: HMAC-SHA256 over the body as it was sent, followed by the moment in milliseconds.

use engine::account::secret::hex;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::notification::secret::Secret;

/// The header that has the signature: `v=<milliseconds>,d=<64 hexadecimal digits>`.
pub const HEADER: &str = "x-retell-signature";

/// The time for which a signature counts, before and after its moment, in milliseconds.
const TOLERANCE: u64 = 5 * 60 * 1000;

fn digest(key: &str, body: &[u8], at: i64) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(body);
    mac.update(at.to_string().as_bytes());
    Some(hex(&mac.finalize().into_bytes()))
}

/// Signs a body as the agent does at this moment.
pub fn sign(key: &Secret, body: &[u8], at: Timestamp) -> Option<String> {
    let at = at.as_millisecond();
    digest(key.reveal(), body, at).map(|digest| format!("v={at},d={digest}"))
}

/// Whether one of these keys has signed this body within the last minutes. All of them are tried, so that it takes as long
/// whichever it is.
pub fn is_signed(keys: &[Secret], signature: Option<&str>, body: &[u8], now: Timestamp) -> bool {
    let Some((at, sent)) = signature.and_then(parts) else {
        return false;
    };
    if now.as_millisecond().abs_diff(at) > TOLERANCE {
        return false;
    }
    keys.iter().fold(false, |is_signed, key| {
        // Comparing hashes takes as long wherever the two differ.
        let is_by_it = digest(key.reveal(), body, at)
            .is_some_and(|expected| Sha256::digest(expected) == Sha256::digest(sent));
        is_signed | is_by_it
    })
}

fn parts(signature: &str) -> Option<(i64, &str)> {
    let (at, sent) = signature.trim().split_once(',')?;
    let (at, sent) = (at.trim().strip_prefix("v=")?, sent.trim().strip_prefix("d=")?);
    Some((at.parse().ok()?, sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"checkout.session.completed"}"#;
    /// As the provider's own library signs it.
    const SIGNED: &str = "v=1700000000000,d=140af71df94cbfa80afade26744dd294be9a90472f0ab4331b5f746678c07816";

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    fn keys(names: &[&str]) -> Vec<Secret> {
        names.iter().map(|name| Secret::new(*name)).collect()
    }

    #[test]
    fn a_signature_is_that_of_the_providers_library() {
        let own = sign(&Secret::new("key_test"), BODY, at(1_700_000_000_000));
        assert_eq!(own.as_deref(), Some(SIGNED));
        assert!(is_signed(
            &keys(&["key_test"]),
            Some(SIGNED),
            BODY,
            at(1_700_000_000_000)
        ));
    }

    #[test]
    fn either_of_two_keys_counts_while_they_are_changed() {
        let now = at(1_700_000_000_000);
        for names in [["key_test", "new"], ["new", "key_test"]] {
            assert!(is_signed(&keys(&names), Some(SIGNED), BODY, now), "{names:?}");
        }
        assert!(!is_signed(&keys(&["new"]), Some(SIGNED), BODY, now));
        assert!(!is_signed(&[], Some(SIGNED), BODY, now));
    }

    #[test]
    fn a_signature_counts_for_five_minutes_both_ways() {
        for (offset, expected) in [
            (-300_001, false),
            (-300_000, true),
            (0, true),
            (300_000, true),
            (300_001, false),
        ] {
            let now = at(1_700_000_000_000 + offset);
            assert_eq!(
                is_signed(&keys(&["key_test"]), Some(SIGNED), BODY, now),
                expected,
                "{offset}"
            );
        }
    }

    #[test]
    fn whatever_is_changed_is_not_signed() {
        let now = at(1_700_000_000_000);
        let other_time = SIGNED.replace("v=1700000000000", "v=1700000000001");
        let other_digest = SIGNED.replace("d=1", "d=2");
        for signature in [
            None,
            Some(""),
            Some("v=1700000000000"),
            Some("d=140a,v=1700000000000"),
            Some("v=x,d=140a"),
            Some("v=99999999999999999999,d=140a"),
            Some(&other_time),
            Some(&other_digest),
            Some(SIGNED.trim_end_matches('6')),
        ] {
            assert!(
                !is_signed(&keys(&["key_test"]), signature, BODY, now),
                "{signature:?}"
            );
        }
        assert!(!is_signed(&keys(&["key_test"]), Some(SIGNED), b"{}", now));
    }
}
