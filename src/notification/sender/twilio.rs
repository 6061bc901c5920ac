//! Twilio: SMS by its Messages resource, and the signature of what it reports.

use base64::{Engine, prelude::BASE64_STANDARD};
use engine::notification::{Letter, Outcome, Sender, Sending, Trouble};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use sha1::Sha1;

use super::gateway::{client, of_status, post, word};
use crate::notification::settings::{SettingsError, Twilio};

/// The path of what Twilio reports, below the public address.
pub const RECEIPTS: &str = "/hooks/sms/twilio";

/// The longest that Twilio keeps a message to try, in seconds.
const MAX_VALIDITY: i64 = 14_400;

pub struct Gateway {
    settings: Twilio,
    client: Client,
    /// Where receipts go: only to an address that Twilio can reach.
    receipts: Option<String>,
}

impl Gateway {
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(settings: &Twilio, public_url: Option<&str>) -> Result<Self, SettingsError> {
        Ok(Self {
            settings: settings.clone(),
            client: client("JANJI_SMS=twilio")?,
            receipts: public_url.map(|url| format!("{url}{RECEIPTS}")),
        })
    }

    fn address(&self) -> String {
        let base = self.settings.url.as_str().trim_end_matches('/');
        format!(
            "{base}/2010-04-01/Accounts/{}/Messages.json",
            self.settings.account
        )
    }
}

impl Sender for Gateway {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let from = match self.settings.from.starts_with("MG") {
                true => "MessagingServiceSid",
                false => "From",
            };
            let seconds = letter.minutes.saturating_mul(60).clamp(60, MAX_VALIDITY);
            let mut form = vec![
                ("To", letter.recipient.clone()),
                (from, self.settings.from.clone()),
                ("Body", letter.text()),
                ("ValidityPeriod", seconds.to_string()),
            ];
            form.extend(self.receipts.clone().map(|url| ("StatusCallback", url)));
            let request = self
                .client
                .post(self.address())
                .basic_auth(&self.settings.account, Some(self.settings.token.reveal()))
                .form(&form);
            let answer = match post(request).await {
                Ok(answer) => answer,
                Err(outcome) => return outcome,
            };
            if answer.status.is_success() {
                return Outcome::Sent {
                    provider_id: word(answer.body.get("sid")),
                };
            }
            match answer.body.get("code").and_then(serde_json::Value::as_i64) {
                Some(code) => of_code(code).unwrap_or_else(|| of_status(answer.status)),
                None => of_status(answer.status),
            }
        })
    }
}

/// The meaning of an error of Twilio.
fn of_code(code: i64) -> Option<Outcome> {
    Some(match code {
        // STOP was answered.
        21610 => Outcome::Refused(Trouble::OptedOut),
        // No phone, no mobile phone, or none that can be reached from there.
        21211 | 21214 | 21217 | 21614 => Outcome::Refused(Trouble::NoSuchRecipient),
        // No permission for the country.
        21408 => Outcome::Refused(Trouble::Country),
        20003 | 20005 | 30002 => Outcome::Later(Trouble::AccountRefused),
        20429 | 14107 | 30001 | 30022 => Outcome::Later(Trouble::RefusedForNow),
        _ => return None,
    })
}

/// The meaning of an error code in a receipt.
pub fn trouble_of(code: &str) -> Trouble {
    match code {
        "21610" => Trouble::OptedOut,
        "30003" | "30005" | "30006" => Trouble::NoSuchRecipient,
        _ => Trouble::Undelivered,
    }
}

/// The signature of a request of Twilio: the base64 of the HMAC-SHA1 of the address it was sent to, and of the names and
/// values of its form, sorted by name. `None` where there can be none.
pub fn signature(token: &str, url: &str, form: &[(String, String)]) -> Option<String> {
    let mut sorted = form.to_vec();
    sorted.sort();
    sorted.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).ok()?;
    mac.update(url.as_bytes());
    for (name, value) in &sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Twilio publishes it.
    #[test]
    fn a_signature_is_the_one_that_is_published() {
        let form = [
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &form).as_deref(),
            Some("RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        );
    }

    /// Computed by Twilio's own library.
    #[test]
    fn a_signature_is_the_one_of_the_vendor() {
        let form = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signed = signature("12345", "https://example.org/sms/status?x=1", &form);
        assert_eq!(signed.as_deref(), Some("nb6wX1SuPDdLPPk2C3KXY+RmY2I="));
        let mut turned = form.to_vec();
        turned.reverse();
        assert_eq!(
            signature("12345", "https://example.org/sms/status?x=1", &turned),
            signed
        );
        assert_ne!(
            signature("12346", "https://example.org/sms/status?x=1", &form),
            signed
        );
    }
}
