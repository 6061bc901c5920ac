//! The configuration: command line over environment over `Leptos.toml` over defaults.

mod flags;
mod load;

use std::{net::SocketAddr, path::PathBuf};

use axum::http::HeaderValue;

pub use self::flags::Flags;
use super::{connection::ConnectionLimits, farewell::FarewellTimes};
use crate::{
    hooks::retell::options::PhoneSettings,
    notification::settings::{self, SettingsError},
    payment::settings::{Settings as Payments, SettingsError as PaymentError},
};
use engine::{
    account::{
        Country, Limits, Phone,
        factor::{
            Policy,
            seal::{MIN_KEY, SecretKey},
        },
        link::PublicUrl,
        session::Lifetimes,
    },
    appointment::DUE_AT_ONCE,
    booking, consultation, database,
    error::{AppError, Field, FieldProblem},
};

/// The configuration of this installation.
#[derive(Clone, Debug)]
pub struct Config {
    /// The configuration file, where there is one: leptos reads its own part of it.
    pub file: Option<PathBuf>,
    /// `None`: Janji runs its own PostgreSQL in `data_dir`.
    pub database_url: Option<String>,
    /// `None`: one role serves and changes the tables; in Janji's own PostgreSQL there are two.
    pub migrate_url: Option<String>,
    pub data_dir: PathBuf,
    /// `None`: what leptos's part of the file says.
    pub addr: Option<SocketAddr>,
    pub demo: bool,
    pub database: database::Settings,
    pub rules: Rules,
    pub limits: Limits,
    pub lifetimes: Lifetimes,
    /// In a minute; 0 is without limit.
    pub requests_per_token: u32,
    /// The origins whose pages may call the API, as browsers write them.
    pub cors_origins: Vec<HeaderValue>,
    /// Whether all times are published to everybody.
    pub fhir_publish: bool,
    pub trust_proxy: bool,
    pub secure_cookies: bool,
    /// `None`: `/metrics` is for programs on this machine.
    pub metrics_token: Option<String>,
    pub operation: Operation,
    pub accounts: Accounts,
    pub log_json: bool,
    /// How messages leave.
    pub messages: settings::Settings,
    /// How calls of phone agents are taken.
    pub phone: PhoneSettings,
    /// How payments are taken.
    pub payments: Payments,
}

/// Accounts, and the mails about them.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    pub second_factor: Policy,
    /// What seals secrets in the database; without it they are kept as they are.
    pub secret_key: Option<SecretKey>,
}

/// Starting, stopping, and what is asked about in between.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Whether the server brings the tables up to date when it starts.
    pub migrates: bool,
    pub farewell: FarewellTimes,
    pub connections: ConnectionLimits,
    /// The number of requests that may expire at once without an admin; 0 is without limit.
    pub expire_at_once: u32,
    /// Whether webhooks may go to addresses that are not public, and by HTTP.
    pub webhook_private: bool,
    /// Whether calendars elsewhere may be at addresses that are not public, and by HTTP.
    pub caldav_private: bool,
    /// The URI in `security.txt`; without one there is none.
    pub security_contact: Option<String>,
    /// PostgreSQL itself, where the database is reached through a pooler that lends a connection for one transaction.
    pub direct_url: Option<String>,
    /// The folder of daily backups, where one was named.
    pub backup_dir: Option<PathBuf>,
}

impl Default for Operation {
    fn default() -> Self {
        Self {
            migrates: true,
            farewell: FarewellTimes::default(),
            connections: ConnectionLimits::default(),
            expire_at_once: DUE_AT_ONCE,
            webhook_private: false,
            caldav_private: false,
            security_contact: None,
            direct_url: None,
            backup_dir: None,
        }
    }
}

/// The rules of bookings that the organisation chose.
#[derive(Clone, Debug)]
pub struct Rules {
    pub booking: booking::Rules,
    pub consultation: consultation::Rules,
    /// The country of phone numbers that are typed without a country code.
    pub country: Country,
    /// The countries to whose numbers codes are sent; `None` is all of them.
    pub code_countries: Option<Vec<Country>>,
}

impl Rules {
    /// Refuses a phone to which no codes are sent.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn check_country(&self, phone: &Phone) -> Result<(), AppError> {
        match &self.code_countries {
            Some(countries) if !phone.is_of(countries) => {
                Err(AppError::invalid(Field::Phone, FieldProblem::Abroad))
            }
            _ => Ok(()),
        }
    }
}

/// The configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the file {0} cannot be read: {1}")]
    Unreadable(PathBuf, String),
    #[error("the configuration file {0} is wrong: {1}")]
    Wrong(PathBuf, String),
    #[error("{0} is not a country of two letters, such as ID")]
    Country(String),
    #[error("{0} is not a country calling code, such as +62")]
    CountryCode(String),
    #[error("{0} is not an origin, such as https://a.example")]
    Origin(String),
    #[error("a text consultation can stay open for at most {most} hours after its appointment, and not for {0}", most = consultation::MAX_OPEN_HOURS)]
    ConsultationHours(u32),
    #[error("{0} is no pattern of video links, such as https://meet.example/{{room}}: {1}")]
    VideoUrl(String, consultation::PatternError),
    #[error(transparent)]
    Messages(#[from] SettingsError),
    #[error(transparent)]
    Payments(#[from] PaymentError),
    #[error(
        "{0} does not say who has a second factor: it is off, optional, admins or staff; check JANJI_SECOND_FACTOR"
    )]
    SecondFactor(String),
    #[error("the key of JANJI_SECRET_KEY has fewer than {MIN_KEY} characters")]
    SecretKey,
    #[error("{0} is not a contact, such as mailto:security@a.example")]
    SecurityContact(String),
}

impl Config {
    /// The address of this site, from which links in mails are made; without one there are none.
    pub fn public_url(&self) -> Option<&PublicUrl> {
        self.messages.public_url.as_ref()
    }

    /// The folder of daily backups: the one that was named, or that of the database that Janji runs itself. Without one, somebody
    /// else's program makes them.
    pub fn backup_folder(&self) -> Option<PathBuf> {
        let own = || (self.database_url.is_none() && !self.demo).then(|| self.data_dir.join("backups"));
        self.operation.backup_dir.clone().or_else(own)
    }
}
