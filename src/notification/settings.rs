//! How messages leave, read from the options and checked: half of what a sender needs is an error at the start.

use std::{net::IpAddr, path::PathBuf};

use engine::{
    account::{Country, link::PublicUrl},
    notification,
};
use lettre::message::Mailbox;
use reqwest::Url;

pub use super::secret::Secret;
use super::{
    bounce::{Bounces, MIN_SECRET},
    options::Options,
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

/// The gateway to phones.
#[derive(Clone, Debug)]
pub enum Sms {
    Http(HttpGateway),
    Twilio(Twilio),
    Zenziva(Zenziva),
    WhatsApp(WhatsApp),
}

#[derive(Clone, Debug)]
pub struct HttpGateway {
    pub url: Url,
    pub body: String,
    pub header: Option<(String, Secret)>,
    pub id: Option<String>,
    pub signing_secret: Option<Secret>,
    pub receipt_secret: Option<Secret>,
}

#[derive(Clone, Debug)]
pub struct Twilio {
    pub url: Url,
    pub account: String,
    pub token: Secret,
    pub from: String,
}

#[derive(Clone, Debug)]
pub struct Zenziva {
    pub url: Url,
    pub userkey: String,
    pub passkey: Secret,
    pub is_whatsapp: bool,
}

#[derive(Clone, Debug)]
pub struct WhatsApp {
    pub url: Url,
    pub number: String,
    pub token: Secret,
    pub secret: Option<Secret>,
    pub verify: Option<String>,
    pub templates: String,
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
    #[error("{0} and {0}_FILE are both set: one of them is enough")]
    Twice(&'static str),
    #[error("{0} names {1}, which cannot be read: {2}")]
    Unreadable(&'static str, PathBuf, std::io::Error),
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
            per_recipient: self.per_recipient,
            per_day: self.sms_per_day,
        }
    }
}

/// A value that is there: an empty variable is none.
fn filled(value: Option<String>) -> Option<String> {
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
    let text = match (filled(value.clone()), file) {
        (Some(_), Some(_)) => return Err(SettingsError::Twice(name)),
        (Some(text), None) => Some(text),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| SettingsError::Unreadable(name, file.clone(), error))?;
            filled(Some(text))
        }
        (None, None) => None,
    };
    Ok(text.map(Secret::new))
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
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

fn sms(options: &Options) -> Result<Option<Sms>, SettingsError> {
    let Some(gateway) = filled(options.sms.clone()) else {
        return match stray(options) {
            Some(name) => Err(SettingsError::NoGateway(name)),
            None => Ok(None),
        };
    };
    Ok(Some(match gateway.as_str() {
        "http" => Sms::Http(http(options)?),
        "twilio" => Sms::Twilio(twilio(options)?),
        "zenziva" => Sms::Zenziva(zenziva(options, false)?),
        "zenziva-whatsapp" => Sms::Zenziva(zenziva(options, true)?),
        "whatsapp" => Sms::WhatsApp(whatsapp(options)?),
        _ => return Err(SettingsError::Gateway(gateway)),
    }))
}

/// An option of a gateway, where no gateway is chosen.
fn stray(options: &Options) -> Option<&'static str> {
    let is_set = |value: &Option<String>| filled(value.clone()).is_some();
    [
        ("JANJI_SMS_URL", is_set(&options.sms_url)),
        ("JANJI_SMS_BODY", is_set(&options.sms_body)),
        ("JANJI_TWILIO_ACCOUNT", is_set(&options.twilio_account)),
        (
            "JANJI_TWILIO_TOKEN",
            is_set(&options.twilio_token) || options.twilio_token_file.is_some(),
        ),
        ("JANJI_ZENZIVA_USERKEY", is_set(&options.zenziva_userkey)),
        (
            "JANJI_ZENZIVA_PASSKEY",
            is_set(&options.zenziva_passkey) || options.zenziva_passkey_file.is_some(),
        ),
        ("JANJI_WHATSAPP_NUMBER", is_set(&options.whatsapp_number)),
        (
            "JANJI_WHATSAPP_TOKEN",
            is_set(&options.whatsapp_token) || options.whatsapp_token_file.is_some(),
        ),
    ]
    .into_iter()
    .find_map(|(name, is_set)| is_set.then_some(name))
}

/// The address of a gateway, which is its usual one unless another is set.
fn gateway_url(options: &Options, usual: &str) -> Result<Url, SettingsError> {
    let text = filled(options.sms_url.clone()).unwrap_or_else(|| usual.to_owned());
    url("JANJI_SMS_URL", &text)
}

const HTTP: &str = "JANJI_SMS=http";
const USUAL_BODY: &str = r#"{"to": "{to}", "text": "{text}", "id": "{id}"}"#;

fn http(options: &Options) -> Result<HttpGateway, SettingsError> {
    let text = filled(options.sms_url.clone()).ok_or(SettingsError::Missing(HTTP, "JANJI_SMS_URL"))?;
    let body = filled(options.sms_body.clone()).unwrap_or_else(|| USUAL_BODY.to_owned());
    if !body.contains("{to}") || !body.contains("{text}") {
        return Err(SettingsError::Body);
    }
    let header = match secret("JANJI_SMS_HEADER", &options.sms_header, &options.sms_header_file)? {
        Some(header) => {
            let (name, value) = header.reveal().split_once(':').ok_or(SettingsError::Header)?;
            let (name, value) = (name.trim(), value.trim());
            http::HeaderName::try_from(name).map_err(|_| SettingsError::Header)?;
            http::HeaderValue::try_from(value).map_err(|_| SettingsError::Header)?;
            Some((name.to_owned(), Secret::new(value)))
        }
        None => None,
    };
    Ok(HttpGateway {
        url: url("JANJI_SMS_URL", &text)?,
        body,
        header,
        id: filled(options.sms_id.clone()),
        signing_secret: secret(
            "JANJI_SMS_SIGNING_SECRET",
            &options.sms_signing_secret,
            &options.sms_signing_secret_file,
        )?,
        receipt_secret: secret(
            "JANJI_SMS_RECEIPT_SECRET",
            &options.sms_receipt_secret,
            &options.sms_receipt_secret_file,
        )?,
    })
}

fn twilio(options: &Options) -> Result<Twilio, SettingsError> {
    let missing = |name| SettingsError::Missing("JANJI_SMS=twilio", name);
    Ok(Twilio {
        url: gateway_url(options, "https://api.twilio.com")?,
        account: filled(options.twilio_account.clone()).ok_or(missing("JANJI_TWILIO_ACCOUNT"))?,
        token: secret(
            "JANJI_TWILIO_TOKEN",
            &options.twilio_token,
            &options.twilio_token_file,
        )?
        .ok_or(missing("JANJI_TWILIO_TOKEN"))?,
        from: filled(options.twilio_from.clone()).ok_or(missing("JANJI_TWILIO_FROM"))?,
    })
}

fn zenziva(options: &Options, is_whatsapp: bool) -> Result<Zenziva, SettingsError> {
    let missing = |name| SettingsError::Missing("JANJI_SMS=zenziva", name);
    Ok(Zenziva {
        url: gateway_url(options, "https://console.zenziva.net")?,
        userkey: filled(options.zenziva_userkey.clone()).ok_or(missing("JANJI_ZENZIVA_USERKEY"))?,
        passkey: secret(
            "JANJI_ZENZIVA_PASSKEY",
            &options.zenziva_passkey,
            &options.zenziva_passkey_file,
        )?
        .ok_or(missing("JANJI_ZENZIVA_PASSKEY"))?,
        is_whatsapp,
    })
}

fn whatsapp(options: &Options) -> Result<WhatsApp, SettingsError> {
    let missing = |name| SettingsError::Missing("JANJI_SMS=whatsapp", name);
    let secret_of_app = secret(
        "JANJI_WHATSAPP_SECRET",
        &options.whatsapp_secret,
        &options.whatsapp_secret_file,
    )?;
    let verify = filled(options.whatsapp_verify.clone());
    if verify.is_some() && secret_of_app.is_none() {
        return Err(SettingsError::Missing(
            "JANJI_WHATSAPP_VERIFY",
            "JANJI_WHATSAPP_SECRET",
        ));
    }
    Ok(WhatsApp {
        url: gateway_url(options, "https://graph.facebook.com/v23.0")?,
        number: filled(options.whatsapp_number.clone()).ok_or(missing("JANJI_WHATSAPP_NUMBER"))?,
        token: secret(
            "JANJI_WHATSAPP_TOKEN",
            &options.whatsapp_token,
            &options.whatsapp_token_file,
        )?
        .ok_or(missing("JANJI_WHATSAPP_TOKEN"))?,
        secret: secret_of_app,
        verify,
        templates: filled(options.whatsapp_templates.clone()).unwrap_or_else(|| "janji_".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn refused(options: Options) -> String {
        Settings::of(options).unwrap_err().to_string()
    }

    #[test]
    fn nothing_is_a_configuration_without_senders() {
        let settings = Settings::of(Options::default()).unwrap();
        assert!(settings.mail.is_none() && settings.sms.is_none() && settings.public_url.is_none());
    }

    #[test]
    fn half_a_configuration_is_one_line_that_names_what_is_missing() {
        for (options, missing) in [
            (
                Options {
                    smtp_host: some("mail.example"),
                    ..Options::default()
                },
                "JANJI_MAIL_FROM",
            ),
            (
                Options {
                    smtp_host: some("mail.example"),
                    mail_from: some("a@clinic.example"),
                    smtp_user: some("a"),
                    ..Options::default()
                },
                "JANJI_SMTP_PASSWORD",
            ),
            (
                Options {
                    smtp_host: some("mail.example"),
                    mail_from: some("a@clinic.example"),
                    bounce_address: some("bounces@clinic.example"),
                    ..Options::default()
                },
                "JANJI_BOUNCE_SECRET",
            ),
            (
                Options {
                    smtp_host: some("mail.example"),
                    mail_from: some("a@clinic.example"),
                    bounce_address: some("bounces@clinic.example"),
                    bounce_secret: some("short"),
                    ..Options::default()
                },
                "at least 16",
            ),
            (
                Options {
                    smtp_host: some("mail.example"),
                    mail_from: some("a@clinic.example"),
                    bounce_address: some("a+b@clinic.example"),
                    bounce_secret: some("a secret of some length"),
                    ..Options::default()
                },
                "no address such as bounces@clinic.example",
            ),
            (
                Options {
                    bounce_address: some("bounces@clinic.example"),
                    bounce_secret: some("a secret of some length"),
                    ..Options::default()
                },
                "JANJI_SMTP_HOST",
            ),
            (
                Options {
                    sms: some("twilio"),
                    twilio_account: some("AC1"),
                    twilio_from: some("+15005550006"),
                    ..Options::default()
                },
                "JANJI_TWILIO_TOKEN",
            ),
            (
                Options {
                    twilio_account: some("AC1"),
                    ..Options::default()
                },
                "JANJI_SMS",
            ),
            (
                Options {
                    sms: some("http"),
                    ..Options::default()
                },
                "JANJI_SMS_URL",
            ),
            (
                Options {
                    sms: some("pigeon"),
                    ..Options::default()
                },
                "zenziva-whatsapp",
            ),
        ] {
            let line = refused(options);
            assert!(line.contains(missing) && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn nothing_goes_in_the_open_to_another_machine() {
        let plain = |host: &str| Options {
            smtp_host: some(host),
            smtp_tls: some("none"),
            mail_from: some("Clinic <a@clinic.example>"),
            ..Options::default()
        };
        assert!(refused(plain("mail.example")).contains("in the open"));
        assert_eq!(
            Settings::of(plain("127.0.0.1")).unwrap().mail.unwrap().tls,
            Tls::None
        );
        let http = |url: &str| Options {
            sms: some("http"),
            sms_url: some(url),
            ..Options::default()
        };
        assert!(refused(http("http://gateway.example/send")).contains("JANJI_SMS_URL"));
        assert!(Settings::of(http("http://127.0.0.1:8080/send")).is_ok());
        for url in [
            "http://clinic.example",
            "https://clinic.example/janji",
            "clinic.example",
        ] {
            let options = Options {
                public_url: some(url),
                ..Options::default()
            };
            assert!(refused(options).contains("JANJI_PUBLIC_URL"), "{url}");
        }
    }

    #[test]
    fn the_port_says_how_a_connection_is_encrypted() {
        for (port, tls) in [
            (None, Tls::Implicit),
            (Some(465), Tls::Implicit),
            (Some(587), Tls::StartTls),
        ] {
            let options = Options {
                smtp_host: some("mail.example"),
                smtp_port: port,
                mail_from: some("a@clinic.example"),
                ..Options::default()
            };
            assert_eq!(Settings::of(options).unwrap().mail.unwrap().tls, tls);
        }
    }

    #[test]
    fn messages_go_where_codes_go_unless_other_countries_are_listed() {
        let country = |letters: &str| Country::parse(letters).unwrap();
        let own = Some(vec![country("ID")]);
        for (listed, expected) in [
            (None, own.clone()),
            (some(" "), own.clone()),
            (some("SG, DE"), Some(vec![country("SG"), country("DE")])),
            (some("*"), None),
        ] {
            let options = Options {
                sms_countries: listed.clone(),
                ..Options::default()
            };
            let settings = Settings::beside_codes(options, &own).unwrap();
            assert_eq!(settings.countries, expected, "{listed:?}");
        }
        let wrong = Options {
            sms_countries: some("ID,nowhere"),
            ..Options::default()
        };
        assert!(refused(wrong).starts_with("nowhere is no country"));
    }

    #[test]
    fn a_secret_comes_from_one_place() {
        let options = Options {
            smtp_host: some("mail.example"),
            mail_from: some("a@clinic.example"),
            smtp_user: some("a"),
            smtp_password: some("b"),
            smtp_password_file: Some(PathBuf::from("/nowhere")),
            ..Options::default()
        };
        let only_file = Options {
            smtp_password: None,
            ..options.clone()
        };
        assert!(refused(options).contains("one of them"));
        assert!(refused(only_file).contains("/nowhere"));
        assert_eq!(format!("{:?}", Secret::new("b")), "Secret(…)");
    }
}
