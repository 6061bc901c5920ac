//! A gateway that takes a message as JSON or as a form.

use engine::{
    account::secret::hex,
    notification::{Letter, Outcome, Sender, Sending},
};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, header::CONTENT_TYPE};
use sha2::Sha256;

use super::gateway::{client, of_status, post, word};
use crate::notification::settings::{HttpGateway, SettingsError};

pub struct Http {
    settings: HttpGateway,
    client: Client,
}

impl Http {
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(settings: &HttpGateway) -> Result<Self, SettingsError> {
        Ok(Self {
            settings: settings.clone(),
            client: client("JANJI_SMS=http")?,
        })
    }

    /// The body of a message, and its type.
    fn body(&self, letter: &Letter) -> (String, &'static str) {
        let is_json = self.settings.body.trim_start().starts_with('{');
        let quote: fn(&str) -> String = if is_json { in_json } else { in_form };
        let mut filled = String::new();
        let mut rest = self.settings.body.as_str();
        // One walk: what is filled in is not looked at again.
        while let Some(start) = rest.find('{') {
            let (before, after) = rest.split_at(start);
            filled.push_str(before);
            let gap = ["{to}", "{text}", "{id}"]
                .into_iter()
                .find(|gap| after.starts_with(gap));
            let value = match gap {
                Some("{to}") => quote(&letter.recipient),
                Some("{text}") => quote(&letter.text()),
                Some(_) => quote(&letter.name),
                None => "{".to_owned(),
            };
            filled.push_str(&value);
            rest = &after[gap.map_or(1, str::len)..];
        }
        filled.push_str(rest);
        let kind = match is_json {
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        (filled, kind)
    }
}

/// A text between the quotation marks of a template.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn in_form(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// The HMAC-SHA256 of a body, as hexadecimal digits.
fn signature(secret: &str, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body.as_bytes());
    Some(hex(&mac.finalize().into_bytes()))
}

impl Sender for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let (body, kind) = self.body(letter);
            let mut request = self
                .client
                .post(self.settings.url.clone())
                .header(CONTENT_TYPE, kind);
            if let Some((name, value)) = &self.settings.header {
                request = request.header(name, value.reveal());
            }
            let secret = self.settings.signing_secret.as_ref();
            if let Some(signature) = secret.and_then(|secret| signature(secret.reveal(), &body)) {
                request = request.header("X-Janji-Signature", signature);
            }
            let answer = match post(request.header("Idempotency-Key", &letter.name).body(body)).await {
                Ok(answer) => answer,
                Err(outcome) => return outcome,
            };
            if !answer.status.is_success() {
                return of_status(answer.status);
            }
            let id = self.settings.id.as_deref();
            Outcome::Sent {
                provider_id: id.and_then(|pointer| word(answer.body.pointer(pointer))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_stays_one_value() {
        assert_eq!(in_json("a \"b\" \\ {text}\n"), "a \\\"b\\\" \\\\ {text}\\n");
        assert_eq!(in_form("+62 8&to=1"), "%2B62%208%26to%3D1");
    }

    #[test]
    fn a_body_is_signed_as_rfc_4231_has_it() {
        assert_eq!(
            signature("Jefe", "what do ya want for nothing?").unwrap(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
