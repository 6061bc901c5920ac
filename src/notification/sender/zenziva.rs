//! Zenziva: SMS and WhatsApp of an Indonesian gateway. It reports nothing afterwards.

use engine::notification::{Letter, Outcome, Sender, Sending, Trouble};
use reqwest::Client;

use super::gateway::{client, of_status, post, word};
use crate::notification::settings::{SettingsError, Zenziva};

pub struct Gateway {
    settings: Zenziva,
    client: Client,
}

impl Gateway {
    /// # Errors
    /// Where the client cannot be set up.
    pub fn new(settings: &Zenziva) -> Result<Self, SettingsError> {
        Ok(Self {
            settings: settings.clone(),
            client: client("JANJI_SMS=zenziva")?,
        })
    }

    fn address(&self) -> String {
        let base = self.settings.url.as_str().trim_end_matches('/');
        match self.settings.is_whatsapp {
            true => format!("{base}/wareguler/api/sendWA/"),
            false => format!("{base}/reguler/api/sendsms/"),
        }
    }
}

impl Sender for Gateway {
    fn name(&self) -> &'static str {
        match self.settings.is_whatsapp {
            true => "zenziva-whatsapp",
            false => "zenziva",
        }
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let text = letter.text();
            let form = [
                ("userkey", self.settings.userkey.as_str()),
                ("passkey", self.settings.passkey.reveal()),
                ("to", letter.recipient.as_str()),
                ("message", text.as_str()),
            ];
            let answer = match post(self.client.post(self.address()).form(&form)).await {
                Ok(answer) => answer,
                Err(outcome) => return outcome,
            };
            if !answer.status.is_success() {
                return of_status(answer.status);
            }
            // It answers 200 in any case, and says in the body whether it took the message.
            let said = word(answer.body.get("text")).unwrap_or_default().to_lowercase();
            match word(answer.body.get("status")).as_deref() {
                Some("1") => Outcome::Sent {
                    provider_id: word(answer.body.get("messageId")),
                },
                None => Outcome::Unsure,
                // Wrong keys, no credit, not active any more.
                Some(_)
                    if ["userkey", "passkey", "credit", "saldo", "expired"]
                        .iter()
                        .any(|word| said.contains(word)) =>
                {
                    Outcome::Later(Trouble::AccountRefused)
                }
                Some(_) => Outcome::Refused(Trouble::Refused),
            }
        })
    }
}
