//! What the gateways to phones need.

use reqwest::Url;

use super::{SettingsError, filled, secret, url};
use crate::notification::{options::Options, secret::Secret};

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

pub(super) fn sms(options: &Options) -> Result<Option<Sms>, SettingsError> {
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
