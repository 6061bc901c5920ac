//! E-mail by SMTP.

use std::{
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use engine::notification::{Letter, Outcome, Sender, Sending, Trouble};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentDisposition, ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{AsyncSmtpTransportBuilder, PoolConfig, authentication::Credentials},
};
use tokio::time::timeout;

use crate::notification::{
    bounce::Bounces,
    settings::{Mail, SettingsError, Tls},
};

const CONNECTION_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest that a mail may take, from the first word to the last answer. The library gives a mail server all the time in
/// the world for an answer.
const MAIL_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_CONNECTIONS: u32 = 8;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

pub struct Smtp {
    builder: AsyncSmtpTransportBuilder,
    /// With its connections.
    transport: Mutex<Transport>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    bounces: Option<Bounces>,
}

impl Smtp {
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(mail: &Mail) -> Result<Self, SettingsError> {
        let failed =
            |error: lettre::transport::smtp::Error| SettingsError::Sender("e-mails", error.to_string());
        let builder = match mail.tls {
            Tls::Implicit => Transport::relay(&mail.host).map_err(failed)?,
            Tls::StartTls => Transport::starttls_relay(&mail.host).map_err(failed)?,
            Tls::None => Transport::builder_dangerous(&mail.host),
        };
        let builder = match &mail.account {
            Some((user, password)) => {
                builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()))
            }
            None => builder,
        };
        let pool = PoolConfig::new()
            .max_size(MAX_CONNECTIONS)
            .idle_timeout(IDLE_TIMEOUT);
        let builder = builder
            .port(mail.port)
            .timeout(Some(CONNECTION_TIMEOUT))
            .pool_config(pool);
        Ok(Self {
            transport: Mutex::new(builder.clone().build()),
            builder,
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            bounces: mail.bounces.clone(),
        })
    }

    /// Sends a mail within its time.
    async fn post(&self, message: Message) -> Outcome {
        let transport = self.lock().clone();
        let mut sending = pin!(transport.send(message));
        match timeout(MAIL_TIMEOUT, sending.as_mut()).await {
            Ok(Ok(_)) => Outcome::Sent { provider_id: None },
            Ok(Err(error)) => meaning(&error),
            Err(_) => {
                // The connection would be used for the next mail in the middle of this one, and the late answers to this one
                // would be taken for answers to that one. All connections are given up before it comes back to them.
                *self.lock() = self.builder.clone().build();
                transport.shutdown().await;
                Outcome::Later(Trouble::Unreachable)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Transport> {
        self.transport.lock().unwrap_or_else(PoisonError::into_inner)
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
            self.post(message).await
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
