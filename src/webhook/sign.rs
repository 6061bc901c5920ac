//! Signatures as Standard Webhooks has them, so that every language has somebody who can verify them.

use base64::{Engine, prelude::BASE64_STANDARD};
use engine::webhook::{Request, SigningSecret};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The beginning of a secret, by which scanners of source text know what it is.
const PREFIX: &str = "whsec_";

/// A secret as its owner is told it.
pub fn written(secret: &SigningSecret) -> String {
    format!("{PREFIX}{}", BASE64_STANDARD.encode(secret.bytes()))
}

/// The value of `webhook-signature`: one signature by each secret that is good.
pub fn signatures(request: &Request) -> String {
    let signed = format!("{}.{}.{}", request.name, request.timestamp, request.body);
    let each: Vec<String> = (request.secrets.iter())
        .filter_map(|secret| one(secret.bytes(), &signed))
        .collect();
    each.join(" ")
}

fn one(secret: &[u8], signed: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(signed.as_bytes());
    Some(format!(
        "v1,{}",
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn a_request_is_signed_as_the_specification_has_it() {
        let secret = BASE64_STANDARD
            .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .unwrap();
        let signed = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(
            one(&secret, signed).unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
