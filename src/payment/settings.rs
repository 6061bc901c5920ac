//! How payments are taken, read from the options and checked: half of what a provider needs is an error at the start.

use std::path::PathBuf;

use engine::{account::link::PublicUrl, payment::Provider as Name};
use reqwest::Url;

use super::options::Options;
use crate::notification::{
    secret::{Secret, SecretError, text_of},
    settings::{filled, is_loopback},
};

/// How payments are taken by this installation.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The provider that takes new payments.
    pub chosen: Option<Name>,
    pub stripe: Option<Stripe>,
    pub midtrans: Option<Midtrans>,
}

/// The account at Stripe.
#[derive(Clone, Debug)]
pub struct Stripe {
    pub url: Url,
    pub key: Secret,
    /// Those by which events may be signed; without any, none are taken.
    pub webhook_secrets: Vec<Secret>,
}

impl Stripe {
    /// Whether money moves.
    pub fn is_live(&self) -> bool {
        self.key.reveal().contains("_live_")
    }
}

/// The account at Midtrans.
#[derive(Clone, Debug)]
pub struct Midtrans {
    /// The address of the hosted pages.
    pub pages: Url,
    /// The address of the questions about payments.
    pub api: Url,
    /// The one that is used, and those by which notifications may be signed besides.
    pub keys: Vec<Secret>,
    pub merchant: Option<String>,
}

/// What is wrong with the options about payments: one line for whoever starts the program.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{0} is set, and {1} is not: payments need both")]
    Missing(&'static str, &'static str),
    #[error("{0} is no provider of payments: JANJI_PAYMENTS is stripe or midtrans")]
    Provider(String),
    #[error(
        "both providers of payments are set up: say by JANJI_PAYMENTS which of them takes new payments, stripe or midtrans"
    )]
    Two,
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{0} is for tests, and names this machine alone, such as http://127.0.0.1:8420")]
    Url(&'static str),
    #[error("the provider of payments cannot be reached by TLS: {0}")]
    Client(String),
}

impl Settings {
    /// Checks the options. The public address is where a provider sends people back to.
    ///
    /// # Errors
    /// The first thing that is wrong or missing.
    pub fn of(options: &Options, public_url: Option<&PublicUrl>) -> Result<Self, SettingsError> {
        let (stripe, midtrans) = (stripe(options)?, midtrans(options)?);
        let chosen = match filled(options.payments.clone()).as_deref() {
            Some("stripe") if stripe.is_none() => {
                return Err(SettingsError::Missing(
                    "JANJI_PAYMENTS=stripe",
                    "JANJI_STRIPE_KEY",
                ));
            }
            Some("stripe") => Some(Name::Stripe),
            Some("midtrans") if midtrans.is_none() => {
                return Err(SettingsError::Missing(
                    "JANJI_PAYMENTS=midtrans",
                    "JANJI_MIDTRANS_SERVER_KEY",
                ));
            }
            Some("midtrans") => Some(Name::Midtrans),
            Some(other) => return Err(SettingsError::Provider(other.to_owned())),
            None => match (&stripe, &midtrans) {
                (Some(_), Some(_)) => return Err(SettingsError::Two),
                (Some(_), None) => Some(Name::Stripe),
                (None, Some(_)) => Some(Name::Midtrans),
                (None, None) => None,
            },
        };
        if chosen.is_some() && public_url.is_none() {
            return Err(SettingsError::Missing("JANJI_PAYMENTS", "JANJI_PUBLIC_URL"));
        }
        Ok(Self {
            chosen,
            stripe,
            midtrans,
        })
    }
}

fn stripe(options: &Options) -> Result<Option<Stripe>, SettingsError> {
    let key = secrets("JANJI_STRIPE_KEY", &options.stripe_key, &options.stripe_key_file)?;
    let webhook_secrets = secrets(
        "JANJI_STRIPE_WEBHOOK_SECRET",
        &options.stripe_webhook_secret,
        &options.stripe_webhook_secret_file,
    )?;
    let url = address("JANJI_STRIPE_URL", &options.stripe_url, "https://api.stripe.com")?;
    let Some(key) = key.into_iter().next() else {
        return match webhook_secrets.is_empty() && options.stripe_url.is_none() {
            true => Ok(None),
            false => Err(SettingsError::Missing(
                "JANJI_STRIPE_WEBHOOK_SECRET",
                "JANJI_STRIPE_KEY",
            )),
        };
    };
    Ok(Some(Stripe {
        url,
        key,
        webhook_secrets,
    }))
}

fn midtrans(options: &Options) -> Result<Option<Midtrans>, SettingsError> {
    let keys = secrets(
        "JANJI_MIDTRANS_SERVER_KEY",
        &options.midtrans_server_key,
        &options.midtrans_server_key_file,
    )?;
    let merchant = filled(options.midtrans_merchant.clone());
    if keys.is_empty() {
        return match merchant {
            None => Ok(None),
            Some(_) => Err(SettingsError::Missing(
                "JANJI_MIDTRANS_MERCHANT",
                "JANJI_MIDTRANS_SERVER_KEY",
            )),
        };
    }
    let (pages, api) = match options.midtrans_sandbox {
        true => (
            "https://app.sandbox.midtrans.com",
            "https://api.sandbox.midtrans.com",
        ),
        false => ("https://app.midtrans.com", "https://api.midtrans.com"),
    };
    Ok(Some(Midtrans {
        pages: address("JANJI_MIDTRANS_URL", &options.midtrans_url, pages)?,
        api: address("JANJI_MIDTRANS_URL", &options.midtrans_url, api)?,
        keys,
        merchant,
    }))
}

/// The usual address of a provider, or another one on this machine: a key must not go elsewhere by a slip of the pen.
fn address(name: &'static str, other: &Option<String>, usual: &str) -> Result<Url, SettingsError> {
    let Some(other) = filled(other.clone()) else {
        return Url::parse(usual).map_err(|_| SettingsError::Url(name));
    };
    let url = Url::parse(&other).map_err(|_| SettingsError::Url(name))?;
    match url.scheme() == "http" && url.host_str().is_some_and(is_loopback) {
        true => Ok(url),
        false => Err(SettingsError::Url(name)),
    }
}

/// Secrets, from the option or from the file that another one names.
fn secrets(
    name: &'static str,
    value: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<Vec<Secret>, SettingsError> {
    let text = text_of(name, value, file)?.unwrap_or_default();
    let listed = text.split(|c: char| c == ',' || c.is_whitespace());
    Ok(listed
        .filter(|secret| !secret.is_empty())
        .map(Secret::new)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn settings(options: &Options) -> Result<Settings, String> {
        let url = PublicUrl::parse("https://clinic.example");
        Settings::of(options, url.as_ref()).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_key_there_is_no_provider() {
        let none = Settings::of(&Options::default(), None).unwrap();
        assert!(none.chosen.is_none() && none.stripe.is_none() && none.midtrans.is_none());
    }

    #[test]
    fn a_key_sets_a_provider_up_and_two_ask_which() {
        let stripe = Options {
            stripe_key: some("sk_test_1"),
            stripe_webhook_secret: some("whsec_new, whsec_old"),
            ..Options::default()
        };
        let read = settings(&stripe).unwrap();
        assert_eq!(read.chosen, Some(Name::Stripe));
        let account = read.stripe.unwrap();
        assert_eq!(account.webhook_secrets.len(), 2);
        assert!(!account.is_live());
        let both = Options {
            midtrans_server_key: some("SB-Mid-server-1"),
            ..stripe
        };
        assert!(settings(&both).unwrap_err().contains("JANJI_PAYMENTS"));
        let chosen = Options {
            payments: some("midtrans"),
            ..both
        };
        assert_eq!(settings(&chosen).unwrap().chosen, Some(Name::Midtrans));
    }

    #[test]
    fn what_is_half_set_up_is_named() {
        for (options, named) in [
            (
                Options {
                    payments: some("stripe"),
                    ..Options::default()
                },
                "JANJI_STRIPE_KEY",
            ),
            (
                Options {
                    payments: some("paypal"),
                    ..Options::default()
                },
                "paypal",
            ),
            (
                Options {
                    stripe_webhook_secret: some("whsec_1"),
                    ..Options::default()
                },
                "JANJI_STRIPE_KEY",
            ),
            (
                Options {
                    midtrans_merchant: some("G1"),
                    ..Options::default()
                },
                "JANJI_MIDTRANS_SERVER_KEY",
            ),
            (
                Options {
                    stripe_key: some("sk_live_1"),
                    stripe_url: some("https://evil.example"),
                    ..Options::default()
                },
                "JANJI_STRIPE_URL",
            ),
        ] {
            let error = settings(&options).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
        let stripe = Options {
            stripe_key: some("sk_live_1"),
            ..Options::default()
        };
        let error = Settings::of(&stripe, None).unwrap_err().to_string();
        assert!(error.contains("JANJI_PUBLIC_URL"), "{error}");
    }

    #[test]
    fn no_secret_is_shown() {
        let options = Options {
            stripe_key: some("sk_live_1"),
            stripe_webhook_secret: some("whsec_1"),
            midtrans_server_key: some("Mid-server-1"),
            payments: some("stripe"),
            ..Options::default()
        };
        let shown = format!("{:?} {:?}", settings(&options).unwrap(), options);
        for secret in ["sk_live_1", "whsec_1", "Mid-server-1"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
