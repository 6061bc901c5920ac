//! How messages leave, read from the options and checked: half of what a sender needs is an error at the start.

mod phones;
#[cfg(test)]
mod tests;

use std::{net::IpAddr, path::PathBuf};

use engine::{
    account::{Country, link::PublicUrl},
    notification,
};
use lettre::message::Mailbox;
use reqwest::Url;

use self::phones::sms;
pub use self::phones::{HttpGateway, Sms, Twilio, WhatsApp, Zenziva};
pub use super::secret::Secret;
use super::{
    bounce::{Bounces, MIN_SECRET},
    options::Options,
    secret::{SecretError, text_of},
};

/// How messages leave this installation.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The only source of links.
    pub public_url: Option<PublicUrl>,
    pub mail: Option<Mail>,
    pub sms: Option<Sms>,
    /// 0 is no limit.
    pub per_recipient: u32,
    pub sms_per_day: u32,
    /// The countries to whose phones messages go; `None` is all of them.
    pub countries: Option<Vec<Country>>,
}

/// The mail server.
#[derive(Clone, Debug)]
pub struct Mail {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub account: Option<(String, Secret)>,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// Where mails come back to; `None`: to where they come from.
    pub bounces: Option<Bounces>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// From STARTTLS on, or not at all.
    StartTls,
    /// Never, to this machine alone.
    None,
}

/// What is wrong with the options about messages: one line for whoever starts the program.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{0} is set, and {1} is not: messages need both")]
    Missing(&'static str, &'static str),
    #[error("{0} is set without a gateway that uses it: set JANJI_SMS")]
    NoGateway(&'static str),
    #[error("{0} is no gateway: JANJI_SMS is http, twilio, zenziva, zenziva-whatsapp or whatsapp")]
    Gateway(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{0} is no address of e-mail")]
    Address(&'static str),
    #[error(
        "JANJI_BOUNCE_ADDRESS is no address such as bounces@clinic.example: before the @ it has at most 16 characters and no plus \
         sign"
    )]
    BounceAddress,
    #[error("JANJI_BOUNCE_SECRET has at least {MIN_SECRET} characters")]
    ShortSecret,
    #[error("{0} is no country: JANJI_SMS_COUNTRIES has two letters for each, such as ID,SG, or *")]
    Country(String),
    #[error("JANJI_SMTP_TLS is implicit, starttls or none")]
    Tls,
    #[error(
        "JANJI_SMTP_TLS=none is for a mail server on this machine alone: passwords and messages would go in the open"
    )]
    PlainAway,
    #[error("{0} is no address such as https://clinic.example; http is for this machine alone")]
    Url(&'static str),
    #[error("JANJI_SMS_HEADER is no header such as \"Authorization: Bearer …\"")]
    Header,
    #[error("JANJI_SMS_BODY needs {{to}} and {{text}}")]
    Body,
    #[error("the sender of {0} cannot be set up: {1}")]
    Sender(&'static str, String),
}

/// So many within a day are no mistake of a patient.
const PER_RECIPIENT: u32 = 30;
const SMS_PER_DAY: u32 = 5000;

impl Settings {
    /// Checks the options.
    ///
    /// # Errors
    /// The first thing that is wrong or missing.
    pub fn of(options: Options) -> Result<Self, SettingsError> {
        let public_url = match filled(options.public_url.clone()) {
            Some(text) => Some(origin("JANJI_PUBLIC_URL", &text)?),
            None => None,
        };
        Ok(Self {
            public_url,
            mail: mail(&options)?,
            per_recipient: options.messages_per_recipient.unwrap_or(PER_RECIPIENT),
            sms_per_day: options.sms_per_day.unwrap_or(SMS_PER_DAY),
            sms: sms(&options)?,
            countries: countries(&options)?.flatten(),
        })
    }

    /// Checks the options of a server, whose messages go where its codes go, unless other countries are listed.
    ///
    /// # Errors
    /// The first thing that is wrong or missing.
    pub fn beside_codes(
        options: Options,
        code_countries: &Option<Vec<Country>>,
    ) -> Result<Self, SettingsError> {
        let listed = countries(&options)?;
        Ok(Self {
            countries: listed.unwrap_or_else(|| code_countries.clone()),
            ..Self::of(options)?
        })
    }

    /// What the outbox has to know.
    pub fn for_outbox(&self) -> notification::Settings {
        notification::Settings {
            public_url: self.public_url.as_ref().map(ToString::to_string),
            from_address: self.mail.as_ref().map(|mail| mail.from.email.to_string()),
            is_whatsapp: matches!(
                &self.sms,
                Some(
                    Sms::WhatsApp(_)
                        | Sms::Zenziva(Zenziva {
                            is_whatsapp: true,
                            ..
                        })
                )
            ),
            per_recipient: self.per_recipient,
            per_day: self.sms_per_day,
        }
    }
}

/// A value that is there: an empty variable is none.
pub(crate) fn filled(value: Option<String>) -> Option<String> {
    value
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// The countries that are listed; `Some(None)` is all of them, and `None` where nothing is said.
fn countries(options: &Options) -> Result<Option<Option<Vec<Country>>>, SettingsError> {
    let Some(text) = filled(options.sms_countries.clone()) else {
        return Ok(None);
    };
    let listed: Vec<&str> = text.split(',').map(str::trim).collect();
    if listed.contains(&"*") {
        return Ok(Some(None));
    }
    let read = listed
        .into_iter()
        .filter(|letters| !letters.is_empty())
        .map(|letters| Country::parse(letters).ok_or_else(|| SettingsError::Country(letters.to_owned())));
    read.collect::<Result<Vec<_>, _>>()
        .map(|listed| Some(Some(listed)))
}

/// A secret, from the option or from the file that another one names.
fn secret(
    name: &'static str,
    value: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<Option<Secret>, SettingsError> {
    Ok(text_of(name, value, file)?.map(Secret::new))
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An address of the web. What goes to another machine is encrypted.
fn url(name: &'static str, text: &str) -> Result<Url, SettingsError> {
    let url = Url::parse(text).map_err(|_| SettingsError::Url(name))?;
    let is_fine = match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => is_loopback(host),
        _ => false,
    };
    match is_fine {
        true => Ok(url),
        false => Err(SettingsError::Url(name)),
    }
}

/// A scheme and a host, without a path.
fn origin(name: &'static str, text: &str) -> Result<PublicUrl, SettingsError> {
    let url = url(name, text)?;
    match url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty()
    {
        true => PublicUrl::parse(&url.origin().ascii_serialization()).ok_or(SettingsError::Url(name)),
        false => Err(SettingsError::Url(name)),
    }
}

fn mailbox(name: &'static str, text: &str) -> Result<Mailbox, SettingsError> {
    text.parse().map_err(|_| SettingsError::Address(name))
}

fn mail(options: &Options) -> Result<Option<Mail>, SettingsError> {
    let (host, from) = (
        filled(options.smtp_host.clone()),
        filled(options.mail_from.clone()),
    );
    let password = secret(
        "JANJI_SMTP_PASSWORD",
        &options.smtp_password,
        &options.smtp_password_file,
    )?;
    let user = filled(options.smtp_user.clone());
    let (host, from) = match (host, from) {
        (Some(host), Some(from)) => (host, from),
        (Some(_), None) => return Err(SettingsError::Missing("JANJI_SMTP_HOST", "JANJI_MAIL_FROM")),
        (None, Some(_)) => return Err(SettingsError::Missing("JANJI_MAIL_FROM", "JANJI_SMTP_HOST")),
        (None, None) if user.is_some() => {
            return Err(SettingsError::Missing("JANJI_SMTP_USER", "JANJI_SMTP_HOST"));
        }
        (None, None) if password.is_some() => {
            return Err(SettingsError::Missing("JANJI_SMTP_PASSWORD", "JANJI_SMTP_HOST"));
        }
        (None, None) if filled(options.bounce_address.clone()).is_some() => {
            return Err(SettingsError::Missing("JANJI_BOUNCE_ADDRESS", "JANJI_SMTP_HOST"));
        }
        (None, None) => return Ok(None),
    };
    let account = match (user, password) {
        (Some(user), Some(password)) => Some((user, password)),
        (Some(_), None) => return Err(SettingsError::Missing("JANJI_SMTP_USER", "JANJI_SMTP_PASSWORD")),
        (None, Some(_)) => return Err(SettingsError::Missing("JANJI_SMTP_PASSWORD", "JANJI_SMTP_USER")),
        (None, None) => None,
    };
    let is_here = is_loopback(&host);
    let port = options.smtp_port.unwrap_or(if is_here { 25 } else { 465 });
    let tls = match filled(options.smtp_tls.clone()).as_deref() {
        Some("implicit") => Tls::Implicit,
        Some("starttls") => Tls::StartTls,
        Some("none") if !is_here => return Err(SettingsError::PlainAway),
        Some("none") => Tls::None,
        Some(_) => return Err(SettingsError::Tls),
        None if port == 465 => Tls::Implicit,
        None if is_here => Tls::None,
        None => Tls::StartTls,
    };
    Ok(Some(Mail {
        host,
        port,
        tls,
        account,
        from: mailbox("JANJI_MAIL_FROM", &from)?,
        reply_to: match filled(options.mail_reply_to.clone()) {
            Some(text) => Some(mailbox("JANJI_MAIL_REPLY_TO", &text)?),
            None => None,
        },
        bounces: bounces(options)?,
    }))
}

fn bounces(options: &Options) -> Result<Option<Bounces>, SettingsError> {
    let secret = secret(
        "JANJI_BOUNCE_SECRET",
        &options.bounce_secret,
        &options.bounce_secret_file,
    )?;
    let (address, secret) = match (filled(options.bounce_address.clone()), secret) {
        (Some(address), Some(secret)) => (address, secret),
        (Some(_), None) => {
            return Err(SettingsError::Missing(
                "JANJI_BOUNCE_ADDRESS",
                "JANJI_BOUNCE_SECRET",
            ));
        }
        (None, Some(_)) => {
            return Err(SettingsError::Missing(
                "JANJI_BOUNCE_SECRET",
                "JANJI_BOUNCE_ADDRESS",
            ));
        }
        (None, None) => return Ok(None),
    };
    if secret.reveal().len() < MIN_SECRET {
        return Err(SettingsError::ShortSecret);
    }
    let address = address.parse().map_err(|_| SettingsError::BounceAddress)?;
    Bounces::new(&address, secret)
        .map(Some)
        .ok_or(SettingsError::BounceAddress)
}
