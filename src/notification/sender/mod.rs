//! The ways out of the house: e-mail, and the gateways to phones.

mod countries;
mod demo;
mod gateway;
mod http;
mod smtp;
pub mod twilio;
pub mod whatsapp;
mod zenziva;

use std::sync::Arc;

use engine::{
    account::link::PublicUrl,
    notification::{Channel, Sender, Senders},
};

use self::{countries::Within, smtp::Smtp};
use super::settings::{Settings, SettingsError, Sms};

/// Sets up the senders. In the demo nothing leaves the house, whatever is configured.
///
/// # Errors
/// One line for whoever starts the program.
pub fn senders(settings: &Settings, is_demo: bool) -> Result<Senders, SettingsError> {
    // The first of several says it, and they all say the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if is_demo {
        let demo: Arc<dyn Sender> = Arc::new(demo::Demo);
        return Ok(Senders {
            sms: Some(demo.clone()),
            email: Some(demo),
            is_demo,
        });
    }
    let email: Option<Arc<dyn Sender>> = match &settings.mail {
        Some(mail) => Some(Arc::new(Smtp::new(mail)?)),
        None => None,
    };
    let sms: Option<Arc<dyn Sender>> = match &settings.sms {
        Some(Sms::Http(gateway)) => Some(Arc::new(http::Http::new(gateway)?)),
        Some(Sms::Twilio(twilio)) => Some(Arc::new(twilio::Gateway::new(
            twilio,
            settings.public_url.as_ref().map(PublicUrl::as_str),
        )?)),
        Some(Sms::Zenziva(zenziva)) => Some(Arc::new(zenziva::Gateway::new(zenziva)?)),
        Some(Sms::WhatsApp(whatsapp)) => Some(Arc::new(whatsapp::Gateway::new(whatsapp)?)),
        None => None,
    };
    let sms = sms.map(|sender| -> Arc<dyn Sender> {
        match &settings.countries {
            Some(countries) => Arc::new(Within::new(sender, countries.clone())),
            None => sender,
        }
    });
    Ok(Senders { sms, email, is_demo })
}

/// The sentence about senders that are not there; `None` where messages leave.
pub fn about_missing(senders: &Senders) -> Option<&'static str> {
    let is_there = |channel| senders.of(channel).is_some();
    match (is_there(Channel::Sms), is_there(Channel::Email)) {
        (true, _) => None,
        (false, true) => Some(
            "no gateway to phones is configured: nobody can sign in by a code, and patients without an e-mail address are told \
             nothing; set JANJI_SMS",
        ),
        (false, false) => Some(
            "no sender of messages is configured: nobody can sign in by a code, and no patient is told anything; set JANJI_SMS, \
             and JANJI_SMTP_HOST for e-mails",
        ),
    }
}
