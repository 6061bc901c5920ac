//! The signature of Stripe's events: `t=…,v1=…`, HMAC-SHA256 over the time and the body as it came.

use engine::account::secret::hex;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::notification::secret::Secret;

/// The seconds for which a signature holds, either way: clocks differ.
pub const TOLERANCE: i64 = 300;

fn mac(secret: &str, seconds: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// Signs a body the way Stripe does, as the demo's own provider has to.
pub fn sign(secret: &str, seconds: i64, body: &[u8]) -> String {
    let signature = mac(secret, &seconds.to_string(), body).map(|mac| hex(&mac.finalize().into_bytes()));
    format!("t={seconds},v1={}", signature.unwrap_or_default())
}

/// Whether one of these secrets has signed this body, not longer ago than a signature holds. Comparing takes as long wherever
/// two signatures differ.
pub fn is_genuine(header: &str, body: &[u8], secrets: &[Secret], now: Timestamp) -> bool {
    let mut seconds = None;
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" => seconds = Some(value),
            // While a secret is changed, there are two.
            "v1" => signatures.extend(bytes(value)),
            _ => {}
        }
    }
    let Some(seconds) = seconds else { return false };
    let is_recent = seconds
        .parse::<i64>()
        .is_ok_and(|seconds| now.as_second().abs_diff(seconds) <= TOLERANCE.unsigned_abs());
    is_recent
        && secrets.iter().any(|secret| {
            signatures.iter().any(|signature| {
                mac(secret.reveal(), seconds, body).is_some_and(|mac| mac.verify_slice(signature).is_ok())
            })
        })
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
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

    const BODY: &[u8] = br#"{"id":"evt_1","type":"checkout.session.completed"}"#;
    /// As the libraries of Stripe compute it.
    const PUBLISHED: &str = "749721cbedbfa4cc1aa6c9c2bec1edd93766a07906c9d9b3dbc7626e4e660caf";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn secrets(named: &[&str]) -> Vec<Secret> {
        named.iter().copied().map(Secret::new).collect()
    }

    #[test]
    fn a_body_is_signed_as_the_libraries_of_stripe_do_it() {
        let signed = sign("whsec_test", 1_700_000_000, BODY);
        assert_eq!(signed, format!("t=1700000000,v1={PUBLISHED}"));
        let one = secrets(&["whsec_test"]);
        assert!(is_genuine(&signed, BODY, &one, at(1_700_000_000)));
        // While it is changed, either of two holds, and so does either of two signatures.
        let two = secrets(&["whsec_new", "whsec_test"]);
        assert!(is_genuine(&signed, BODY, &two, at(1_700_000_299)));
        let twice = format!("t=1700000000,v1={},v1={PUBLISHED},v0=x", "0".repeat(64));
        assert!(is_genuine(&twice, BODY, &one, at(1_700_000_000)));
    }

    #[test]
    fn what_is_forged_old_or_of_another_secret_is_not_genuine() {
        let one = secrets(&["whsec_test"]);
        let now = at(1_700_000_000);
        let good = format!("t=1700000000,v1={PUBLISHED}");
        assert!(!is_genuine(&good, b"{}", &one, now));
        assert!(!is_genuine(&good, BODY, &secrets(&["whsec_other"]), now));
        assert!(!is_genuine(&good, BODY, &[], now));
        assert!(!is_genuine(&good, BODY, &one, at(1_700_000_301)));
        assert!(!is_genuine(&good, BODY, &one, at(1_699_999_699)));
        for header in [
            String::new(),
            "t=1700000000".to_owned(),
            format!("v1={PUBLISHED}"),
            format!("t=1700000001,v1={PUBLISHED}"),
            format!("t=x,v1={PUBLISHED}"),
            format!("t=-9223372036854775808,v1={PUBLISHED}"),
            format!("t=1700000000,v0={PUBLISHED}"),
            format!("t=1700000000,v1={}", &PUBLISHED[..62]),
            "t=1700000000,v1=".to_owned(),
            "t=1700000000,v1=zz".to_owned(),
            format!("t=1700000000,v1={}", "é".repeat(32)),
        ] {
            assert!(!is_genuine(&header, BODY, &one, now), "{header}");
        }
    }
}
