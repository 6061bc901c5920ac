//! An authenticator in software, which makes passkeys and answers with them (WebAuthn, without attestation).

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Somebody was there and has shown who they are.
const PRESENT_AND_VERIFIED: u8 = 0x05;
/// The data have a new key.
const HAS_KEY: u8 = 0x40;

pub struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    /// How often it has answered.
    counter: u32,
}

impl Authenticator {
    /// One with a key of its own.
    pub fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[number; 32]).unwrap(),
            id: vec![number; 16],
            counter: 0,
        }
    }

    /// The answer to options for a new passkey, at this origin.
    pub fn make(&self, options: &str, origin: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let client = client("webauthn.create", &options["publicKey"]["challenge"], origin);
        let host = options["publicKey"]["rp"]["id"].as_str().unwrap();
        let mut data = self.data(host, PRESENT_AND_VERIFIED | HAS_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // A COSE key: of two coordinates on P-256, for ES256.
        let point = self.key.verifying_key().to_sec1_bytes();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        let mut object = vec![0xa3];
        object.extend(text("fmt"));
        object.extend(text("none"));
        object.extend(text("attStmt"));
        object.push(0xa0);
        object.extend(text("authData"));
        object.extend([0x58, u8::try_from(data.len()).unwrap()]);
        object.extend(data);
        json!({
            "id": encoded(&self.id),
            "rawId": encoded(&self.id),
            "type": "public-key",
            "response": { "attestationObject": encoded(&object), "clientDataJSON": encoded(client.as_bytes()) },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    /// The answer to options for proving who one is, at this origin.
    pub fn answer(&mut self, options: &str, origin: &str) -> String {
        self.counter += 1;
        let options: Value = serde_json::from_str(options).unwrap();
        let client = client("webauthn.get", &options["publicKey"]["challenge"], origin);
        let data = self.data(
            options["publicKey"]["rpId"].as_str().unwrap(),
            PRESENT_AND_VERIFIED,
        );
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": encoded(&self.id),
            "rawId": encoded(&self.id),
            "type": "public-key",
            "response": {
                "authenticatorData": encoded(&data),
                "clientDataJSON": encoded(client.as_bytes()),
                "signature": encoded(signature.to_der().as_bytes()),
                "userHandle": null,
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    fn data(&self, host: &str, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(host.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }
}

/// What the browser says that it was asked.
fn client(kind: &str, challenge: &Value, origin: &str) -> String {
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false }).to_string()
}

/// A short text in CBOR.
fn text(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x60 + u8::try_from(text.len()).unwrap()];
    bytes.extend(text.as_bytes());
    bytes
}

/// Base 64 for URLs, without padding.
fn encoded(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let group = part
            .iter()
            .fold(0u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - part.len()));
        for at in 0..=part.len() {
            let six = usize::try_from(group >> (18 - 6 * at) & 63).unwrap();
            text.push(char::from(LETTERS[six]));
        }
    }
    text
}
