//! WhatsApp Cloud: messages by templates that the clinic has had approved, one for each kind and language.

use engine::notification::{Kind, Letter, Outcome, Sender, Sending, Trouble};
use reqwest::Client;
use serde_json::{Value, json};

use super::gateway::{client, of_status, post, word};
use crate::notification::settings::{SettingsError, WhatsApp};

pub struct Gateway {
    settings: WhatsApp,
    client: Client,
}

impl Gateway {
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(settings: &WhatsApp) -> Result<Self, SettingsError> {
        Ok(Self {
            settings: settings.clone(),
            client: client("JANJI_SMS=whatsapp")?,
        })
    }

    fn address(&self) -> String {
        let base = self.settings.url.as_str().trim_end_matches('/');
        format!("{base}/{}/messages", self.settings.number)
    }

    fn body(&self, letter: &Letter) -> Value {
        let text = |value: &str| json!({"type": "text", "text": value});
        let links = letter.links.iter().map(|link| link.address.as_str());
        let values: Vec<Value> = (letter.values.iter().map(String::as_str))
            .chain(links)
            .map(text)
            .collect();
        let mut components = Vec::new();
        if !values.is_empty() {
            components.push(json!({"type": "body", "parameters": values}));
        }
        // A template for codes has a button that copies the code.
        if let (Kind::Code, Some(code)) = (letter.kind, letter.values.first()) {
            components.push(json!({
                "type": "button", "sub_type": "url", "index": "0", "parameters": [text(code)],
            }));
        }
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": letter.recipient.trim_start_matches('+'),
            "type": "template",
            "template": {
                "name": format!("{}{}", self.settings.templates, letter.kind.as_str()),
                "language": {"code": letter.locale.code()},
                "components": components,
            },
            "biz_opaque_callback_data": letter.name,
        })
    }
}

impl Sender for Gateway {
    fn name(&self) -> &'static str {
        "whatsapp"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let request = self
                .client
                .post(self.address())
                .bearer_auth(self.settings.token.reveal())
                .json(&self.body(letter));
            let answer = match post(request).await {
                Ok(answer) => answer,
                Err(outcome) => return outcome,
            };
            if answer.status.is_success() {
                return Outcome::Sent {
                    provider_id: word(answer.body.pointer("/messages/0/id")),
                };
            }
            match answer.body.pointer("/error/code").and_then(Value::as_i64) {
                Some(code) => of_code(code).unwrap_or_else(|| of_status(answer.status)),
                None => of_status(answer.status),
            }
        })
    }
}

/// The meaning of an error of WhatsApp.
fn of_code(code: i64) -> Option<Outcome> {
    Some(match code {
        0 | 3 | 10 | 190 | 131031 | 131042 | 131045 => Outcome::Later(Trouble::AccountRefused),
        4 | 80007 | 130429 | 131016 | 131048 | 131056 => Outcome::Later(Trouble::RefusedForNow),
        132000..=132069 => Outcome::Refused(Trouble::NoTemplate),
        131050 => Outcome::Refused(Trouble::OptedOut),
        131026 | 131030 => Outcome::Refused(Trouble::NoSuchRecipient),
        _ => return None,
    })
}

/// The meaning of an error in a receipt.
pub fn trouble_of(code: i64) -> Trouble {
    match of_code(code) {
        Some(Outcome::Refused(trouble)) => trouble,
        _ => Trouble::Undelivered,
    }
}
