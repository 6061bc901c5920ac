//! E-mail by SMTP.

use std::time::Duration;

use engine::notification::{Letter, Outcome, Sender, Sending, Trouble};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentDisposition, ContentType, HeaderName, HeaderValue},
    },
};
use tokio::time::timeout;

use super::connections::Connections;
use crate::notification::{
    bounce::Bounces,
    settings::{Mail, SettingsError},
};

/// The longest that a mail may take, from the first word to the last answer.
const MAIL_TIMEOUT: Duration = Duration::from_secs(30);

pub struct Smtp {
    connections: Connections,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    bounces: Option<Bounces>,
}

impl Smtp {
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(mail: &Mail) -> Result<Self, SettingsError> {
        let connections = Connections::new(mail);
        Ok(Self {
            connections: connections.map_err(|error| SettingsError::Sender("e-mails", error.to_string()))?,
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            bounces: mail.bounces.clone(),
        })
    }

    /// Sends a mail within its time.
    async fn post(&self, message: &Message) -> Outcome {
        let mail = message.formatted();
        match timeout(MAIL_TIMEOUT, self.connections.send(message.envelope(), &mail)).await {
            Ok(Ok(())) => Outcome::Sent { provider_id: None },
            Ok(Err(error)) => meaning(&error),
            Err(_) => Outcome::Later(Trouble::Unreachable),
        }
    }

    /// A mail, as RFC 5322 has it.
    fn message(&self, letter: &Letter) -> Option<Message> {
        let to: Address = letter.recipient.parse().ok()?;
        let domain = self.from.email.domain();
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(&letter.subject)
            .message_id(Some(format!("<{}.janji@{domain}>", letter.name)));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        if let Some(bounces) = &self.bounces {
            let from = bounces.return_path(&letter.name)?;
            builder = builder.envelope(Envelope::new(Some(from), vec![to]).ok()?);
        }
        let mut message = builder.multipart(content(letter)?).ok()?;
        let mut header = |name: &'static str, value: String| {
            let name = HeaderName::new_from_ascii_str(name);
            message.headers_mut().insert_raw(HeaderValue::new(name, value));
        };
        // Nobody's holiday answers it. Calendars take nothing from a mail that says by RFC 3834 that a program sent it.
        match letter.calendars.first() {
            None => header("Auto-Submitted", "auto-generated".to_owned()),
            Some(_) => header("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()),
        }
        if let Some(address) = &letter.unsubscribe {
            header("List-Unsubscribe", format!("<{address}>"));
            header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned());
        }
        Some(message)
    }
}

/// The text, the same as HTML, and what a calendar program takes from it.
fn content(letter: &Letter) -> Option<MultiPart> {
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::plain(letter.text()))
        .singlepart(SinglePart::html(html(letter)));
    let Some(first) = letter.calendars.first() else {
        return Some(parts);
    };
    let method = first.method.as_str();
    let inline = ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}")).ok()?;
    let parts = parts.singlepart(SinglePart::builder().header(inline).body(first.text.clone()));
    // Of a visit, each appointment has a file: a request has one event (RFC 5546, 3.2.2).
    let mut content = MultiPart::mixed().multipart(parts);
    for (index, calendar) in letter.calendars.iter().enumerate() {
        let name = match index {
            0 => "appointment.ics".to_owned(),
            index => format!("appointment-{}.ics", index + 1),
        };
        let file = ContentType::parse(&format!("application/ics; name=\"{name}\"")).ok()?;
        let attachment = SinglePart::builder()
            .header(file)
            .header(ContentDisposition::attachment(&name))
            .body(calendar.text.clone());
        content = content.singlepart(attachment);
    }
    Some(content)
}

/// The text in the look of the pages, without anything that is fetched.
fn html(letter: &Letter) -> String {
    let paragraphs: String = (letter.paragraphs.iter())
        .map(|text| format!("<p style=\"margin:0 0 16px\">{}</p>", escaped(text)))
        .collect();
    let links: String = (letter.links.iter())
        .map(|link| {
            format!(
                "<p style=\"margin:0 0 16px\"><a href=\"{}\" style=\"display:inline-block;padding:12px 20px;\
                 border-radius:8px;background:#0b5c55;color:#ffffff;text-decoration:none;font-weight:600\">{}</a></p>",
                escaped(&link.address),
                escaped(&link.label)
            )
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"margin:0;padding:24px;background:#f5f7f6;color:#17201e;\
         font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif\">\
         <div style=\"max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-radius:12px\">{}{}</div>\
         </body></html>",
        letter.locale.code(),
        escaped(&letter.subject),
        paragraphs,
        links
    )
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

impl Sender for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let Some(message) = self.message(letter) else {
                return Outcome::Refused(Trouble::NoSuchRecipient);
            };
            self.post(&message).await
        })
    }
}

/// The meaning of a failure. A mail that may have arrived is sent again: it has the same name, so programs show it once.
fn meaning(error: &lettre::transport::smtp::Error) -> Outcome {
    let Some(code) = error.status().map(u16::from) else {
        return Outcome::Later(Trouble::Unreachable);
    };
    match code {
        // Who sends is not known, or not well enough.
        530 | 534 | 535 | 538 => Outcome::Later(Trouble::AccountRefused),
        // The enhanced status says that it is the address (RFC 3463).
        550..=553 if error.to_string().contains("5.1.") => Outcome::Refused(Trouble::NoSuchRecipient),
        400..=499 => Outcome::Later(Trouble::RefusedForNow),
        _ => Outcome::Refused(Trouble::Refused),
    }
}
