//! The options on the command line, in the environment and in the file.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Deserialize;

use super::ConfigError;
use crate::{
    hooks::retell::options::PhoneOptions, notification::options::Options,
    payment::options::Options as PaymentOptions,
};

/// The options on the command line and in the environment.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// The configuration file; its table [janji] has the same names as these options
    #[arg(long, env = "JANJI_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,

    /// Use this PostgreSQL instead of one that Janji runs itself
    #[arg(
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub database_url: Option<String>,

    /// The same database for the role that owns its tables: it brings them up to date, and the role of --database-url serves
    #[arg(
        long,
        env = "JANJI_MIGRATE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub migrate_url: Option<String>,

    /// PostgreSQL itself, where --database-url is a pooler that lends a connection for one transaction, such as PgBouncer with
    /// pool_mode = transaction: tables are brought up to date and backed up there
    #[arg(
        long,
        env = "JANJI_DATABASE_DIRECT_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub database_direct_url: Option<String>,

    /// The directory of daily backups, of which seven are kept; without it, only a PostgreSQL that Janji runs itself is backed up,
    /// to the directory backups beside it
    #[arg(long, env = "JANJI_BACKUP_DIR", value_name = "DIR", global = true)]
    pub backup_dir: Option<PathBuf>,

    /// The directory of the PostgreSQL that Janji runs itself
    #[arg(long, env = "JANJI_DATA_DIR", value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,

    /// The address and port to listen on
    #[arg(long, env = "JANJI_ADDR", value_name = "IP:PORT", global = true)]
    pub addr: Option<SocketAddr>,

    /// Fill an empty database with demo data, and show the messages that would be sent on /demo/messages
    #[arg(long, env = "JANJI_DEMO", global = true)]
    pub demo: bool,

    /// Connections to the database
    #[arg(long, env = "JANJI_POOL_SIZE", value_name = "N", global = true)]
    pub pool_size: Option<u32>,

    /// The time that a statement waits for a lock
    #[arg(long, env = "JANJI_LOCK_TIMEOUT_MS", value_name = "MS", global = true)]
    pub lock_timeout_ms: Option<u64>,

    /// The time that a statement may take
    #[arg(long, env = "JANJI_STATEMENT_TIMEOUT_MS", value_name = "MS", global = true)]
    pub statement_timeout_ms: Option<u64>,

    /// The time for which a chosen time is held
    #[arg(long, env = "JANJI_HOLD_MINUTES", value_name = "MIN", global = true)]
    pub hold_minutes: Option<u32>,

    /// The time after which an unanswered request expires
    #[arg(long, env = "JANJI_ANSWER_HOURS", value_name = "H", global = true)]
    pub answer_hours: Option<u32>,

    /// The hours for which a text consultation stays open after its appointment, at most 720
    #[arg(long, env = "JANJI_CONSULTATION_HOURS", value_name = "H", global = true)]
    pub consultation_hours: Option<u32>,

    /// The links of video consultations, such as https://meet.example/{room}: {room} becomes a secret of each appointment;
    /// without it, there are none
    #[arg(long, env = "JANJI_VIDEO_URL", value_name = "URL", global = true)]
    pub video_url: Option<String>,

    /// Requests that a patient may have open at once; 0 is no limit
    #[arg(long, env = "JANJI_OPEN_REQUESTS", value_name = "N", global = true)]
    pub open_requests: Option<u32>,

    /// Requests and appointments together that a patient may have ahead; 0 is no limit
    #[arg(long, env = "JANJI_OPEN_APPOINTMENTS", value_name = "N", global = true)]
    pub open_appointments: Option<u32>,

    /// The country of phone numbers that are typed without a country code, as two letters
    #[arg(long, env = "JANJI_COUNTRY", value_name = "COUNTRY", global = true)]
    pub country: Option<String>,

    /// The same by its calling code, such as +62; `--country` comes before it
    #[arg(long, env = "JANJI_COUNTRY_CODE", value_name = "CODE", global = true)]
    pub country_code: Option<String>,

    /// The countries to whose phone numbers codes are sent, as two letters, separated by commas; without any, the one of
    /// `--country`; * is all of them
    #[arg(
        long = "code-countries",
        env = "JANJI_CODE_COUNTRIES",
        value_name = "COUNTRY",
        value_delimiter = ',',
        global = true
    )]
    pub code_countries: Vec<String>,

    /// Codes per phone number in 15 minutes; 0 is no limit
    #[arg(long, env = "JANJI_OTP_PER_PHONE", value_name = "N", global = true)]
    pub otp_per_phone: Option<u32>,

    /// Codes per address in 15 minutes; 0 is no limit
    #[arg(long, env = "JANJI_OTP_PER_ADDRESS", value_name = "N", global = true)]
    pub otp_per_address: Option<u32>,

    /// Codes altogether in 15 minutes; 0 is no limit
    #[arg(long, env = "JANJI_OTP_OVERALL", value_name = "N", global = true)]
    pub otp_overall: Option<u32>,

    /// Codes to numbers of the same ten thousand in 15 minutes, for phones that nobody is known by; 0 is no limit
    #[arg(long, env = "JANJI_OTP_PER_PREFIX", value_name = "N", global = true)]
    pub otp_per_prefix: Option<u32>,

    /// Wrong passwords per account and address before the next ones are slowed down; 0: they never are
    #[arg(long, env = "JANJI_SIGN_INS", value_name = "N", global = true)]
    pub sign_ins: Option<u32>,

    /// The hours without a request after which staff are signed out
    #[arg(long, env = "JANJI_STAFF_IDLE_HOURS", value_name = "H", global = true)]
    pub staff_idle_hours: Option<u32>,

    /// The days after which staff sign in again
    #[arg(long, env = "JANJI_STAFF_SESSION_DAYS", value_name = "D", global = true)]
    pub staff_session_days: Option<u32>,

    /// The days without a request after which patients are signed out
    #[arg(long, env = "JANJI_PATIENT_IDLE_DAYS", value_name = "D", global = true)]
    pub patient_idle_days: Option<u32>,

    /// The days after which patients sign in again
    #[arg(long, env = "JANJI_PATIENT_SESSION_DAYS", value_name = "D", global = true)]
    pub patient_session_days: Option<u32>,

    /// Holds per address in 15 minutes by people who have not signed in; 0 is no limit
    #[arg(long, env = "JANJI_HOLDS_PER_ADDRESS", value_name = "N", global = true)]
    pub holds_per_address: Option<u32>,

    /// Phone numbers by which a member of staff finds or adds patients in 15 minutes; 0 is no limit
    #[arg(long, env = "JANJI_PHONES_PER_STAFF", value_name = "N", global = true)]
    pub phones_per_staff: Option<u32>,
    /// New browser sessions per address in 15 minutes; 0 is no limit
    #[arg(long, env = "JANJI_SESSIONS_PER_ADDRESS", value_name = "N", global = true)]
    pub sessions_per_address: Option<u32>,

    /// Requests of each token in a minute, on each server; 0: no limit
    #[arg(long, env = "JANJI_REQUESTS_PER_TOKEN", value_name = "N", global = true)]
    pub requests_per_token: Option<u32>,

    /// An origin, such as https://a.example, whose pages may call the API from a browser; repeat it, or separate
    /// several by commas
    #[arg(
        long = "cors-origin",
        env = "JANJI_CORS_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ',',
        global = true
    )]
    pub cors_origins: Vec<String>,

    /// Publish all clinics, schedules and times, free and busy, to everybody at /fhir/r4/$bulk-publish
    #[arg(long, env = "JANJI_FHIR_PUBLISH", global = true)]
    pub fhir_publish: bool,

    /// Take the caller's address from X-Forwarded-For; use it only behind a proxy that sets it
    #[arg(long, env = "JANJI_TRUST_PROXY", global = true)]
    pub trust_proxy: bool,

    /// Send cookies over HTTPS only; use it whenever Janji is reached by HTTPS
    #[arg(long, env = "JANJI_SECURE_COOKIES", global = true)]
    pub secure_cookies: bool,

    /// The bearer token for /metrics; without one, only programs on this machine can read it
    #[arg(
        long,
        env = "JANJI_METRICS_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        global = true
    )]
    pub metrics_token: Option<String>,

    /// The seconds between SIGTERM, from which on /readyz says 503, and the end of new requests: as long as a load balancer
    /// takes to notice
    #[arg(long, env = "JANJI_SHUTDOWN_PAUSE", value_name = "S", global = true)]
    pub shutdown_pause: Option<u64>,

    /// The seconds in which requests that are under way may come to their end, once no more are taken
    #[arg(long, env = "JANJI_DRAIN", value_name = "S", global = true)]
    pub drain: Option<u64>,

    /// Open connections of all clients; 0: no limit
    #[arg(long, env = "JANJI_CONNECTIONS", value_name = "N", global = true)]
    pub connections: Option<usize>,

    /// Open connections of one address; 0: no limit. Behind a proxy that --trust-proxy names, this is the proxy's to limit
    #[arg(long, env = "JANJI_CONNECTIONS_PER_ADDRESS", value_name = "N", global = true)]
    pub connections_per_address: Option<usize>,

    /// The seconds in which the headers of a request must have come
    #[arg(long, env = "JANJI_HEADER_TIMEOUT", value_name = "S", global = true)]
    pub header_timeout: Option<u64>,

    /// The seconds in which the body of a request must have come
    #[arg(long, env = "JANJI_BODY_TIMEOUT", value_name = "S", global = true)]
    pub body_timeout: Option<u64>,

    /// The seconds for which a connection may wait for its next request; longer than the proxy keeps one
    #[arg(long, env = "JANJI_IDLE_TIMEOUT", value_name = "S", global = true)]
    pub idle_timeout: Option<u64>,

    /// The number of requests for appointments that may expire at once without the decision of an admin; 0: no limit
    #[arg(long, env = "JANJI_EXPIRE_AT_ONCE", value_name = "N", global = true)]
    pub expire_at_once: Option<u32>,

    /// Let webhooks go to addresses that are not public, and by http: only where their receivers are in the clinic's own network
    #[arg(long, env = "JANJI_WEBHOOK_PRIVATE", global = true)]
    pub webhook_private: bool,

    /// Let calendars elsewhere be at addresses that are not public, and by http: only where their servers are in the clinic's own
    /// network
    #[arg(long, env = "JANJI_CALDAV_PRIVATE", global = true)]
    pub caldav_private: bool,

    /// Whom to tell of a security problem, for /.well-known/security.txt: mailto:… or https://…
    #[arg(long, env = "JANJI_SECURITY_CONTACT", value_name = "URI", global = true)]
    pub security_contact: Option<String>,

    /// Who has a second factor: off, optional, admins (they have to), or staff (all of them have to)
    #[arg(long, env = "JANJI_SECOND_FACTOR", value_name = "WHO", global = true)]
    pub second_factor: Option<String>,

    /// The key that seals secrets in the database, such as those of second factors: at least 32 characters; after it,
    /// each on a line of its own, those that it replaced
    #[arg(
        long,
        env = "JANJI_SECRET_KEY",
        value_name = "KEY",
        hide_env_values = true,
        global = true
    )]
    pub secret_key: Option<String>,

    /// The file that has this key
    #[arg(long, env = "JANJI_SECRET_KEY_FILE", value_name = "FILE", global = true)]
    pub secret_key_file: Option<PathBuf>,

    /// Log lines as JSON
    #[arg(long, env = "JANJI_LOG_JSON", global = true)]
    pub log_json: bool,

    #[command(flatten)]
    pub messages: Options,

    #[command(flatten)]
    pub phone: PhoneOptions,

    #[command(flatten)]
    pub payments: PaymentOptions,
}

/// The table `[janji]` of the configuration file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct File {
    pub database_url: Option<String>,
    pub migrate_url: Option<String>,
    pub database_direct_url: Option<String>,
    pub backup_dir: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub addr: Option<SocketAddr>,
    pub demo: bool,
    pub pool_size: Option<u32>,
    pub lock_timeout_ms: Option<u64>,
    pub statement_timeout_ms: Option<u64>,
    pub hold_minutes: Option<u32>,
    pub answer_hours: Option<u32>,
    pub consultation_hours: Option<u32>,
    pub video_url: Option<String>,
    pub open_requests: Option<u32>,
    pub open_appointments: Option<u32>,
    pub country: Option<String>,
    pub country_code: Option<String>,
    pub otp_per_phone: Option<u32>,
    pub otp_per_address: Option<u32>,
    pub otp_overall: Option<u32>,
    pub otp_per_prefix: Option<u32>,
    pub code_countries: Vec<String>,
    pub sign_ins: Option<u32>,
    pub staff_idle_hours: Option<u32>,
    pub staff_session_days: Option<u32>,
    pub patient_idle_days: Option<u32>,
    pub patient_session_days: Option<u32>,
    pub holds_per_address: Option<u32>,
    pub phones_per_staff: Option<u32>,
    pub sessions_per_address: Option<u32>,
    pub requests_per_token: Option<u32>,
    pub cors_origins: Vec<String>,
    pub fhir_publish: bool,
    pub trust_proxy: bool,
    pub secure_cookies: bool,
    pub metrics_token: Option<String>,
    pub shutdown_pause: Option<u64>,
    pub drain: Option<u64>,
    pub connections: Option<usize>,
    pub connections_per_address: Option<usize>,
    pub header_timeout: Option<u64>,
    pub body_timeout: Option<u64>,
    pub idle_timeout: Option<u64>,
    pub expire_at_once: Option<u32>,
    pub webhook_private: bool,
    pub caldav_private: bool,
    pub security_contact: Option<String>,
    pub second_factor: Option<String>,
    pub secret_key: Option<String>,
    pub secret_key_file: Option<PathBuf>,
    pub log_json: bool,
}

/// The file as a whole; leptos reads its own table from the same one.
#[derive(Default, Deserialize)]
struct Document {
    #[serde(default)]
    janji: toml::Table,
}

/// The default path of the configuration file.
pub(super) const FILE: &str = "Leptos.toml";

/// Options of [`Flags`] over those of [`File`], by their names: what is said there, or else in the file; of switches, what is on
/// in either; of lists, the one that is not empty.
macro_rules! over {
    ($flags:ident, $file:ident, options: [$($option:ident)*], switches: [$($switch:ident)*], lists: [$($list:ident)*]) => {
        File {
            $($option: $flags.$option.or($file.$option),)*
            $($switch: $flags.$switch || $file.$switch,)*
            $($list: if $flags.$list.is_empty() { $file.$list } else { $flags.$list },)*
        }
    };
}

impl Flags {
    /// The file these flags point to; the default one need not exist.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.config
            .clone()
            .or_else(|| Some(PathBuf::from(FILE)).filter(|file| file.exists()))
    }

    /// What is said on the command line and in the environment over what is said in the file.
    pub(super) fn over(self, said: Said) -> Said {
        let file = said.general;
        Said {
            general: over!(
                self, file,
                options: [
                    database_url migrate_url database_direct_url backup_dir data_dir addr pool_size lock_timeout_ms
                    statement_timeout_ms hold_minutes answer_hours consultation_hours video_url open_requests
                    open_appointments country country_code otp_per_phone otp_per_address otp_overall otp_per_prefix
                    sign_ins staff_idle_hours staff_session_days patient_idle_days patient_session_days
                    holds_per_address phones_per_staff sessions_per_address requests_per_token metrics_token
                    shutdown_pause drain connections connections_per_address header_timeout body_timeout
                    idle_timeout expire_at_once security_contact second_factor secret_key secret_key_file
                ],
                switches: [demo fhir_publish trust_proxy secure_cookies webhook_private caldav_private log_json],
                lists: [code_countries cors_origins]
            ),
            messages: self.messages.or(said.messages),
            phone: self.phone.or(said.phone),
            payments: self.payments.or(said.payments),
        }
    }
}

/// All that is said about the configuration.
#[derive(Default)]
pub(super) struct Said {
    pub general: File,
    pub messages: Options,
    pub phone: PhoneOptions,
    pub payments: PaymentOptions,
}

pub(super) fn read(path: &Path) -> Result<Said, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable(path.to_owned(), error.to_string()))?;
    let wrong = |error: toml::de::Error| ConfigError::Wrong(path.to_owned(), error.message().to_owned());
    let mut table = toml::from_str::<Document>(&text).map_err(wrong)?.janji;
    Ok(Said {
        messages: Options::take_from(&mut table).map_err(wrong)?,
        phone: PhoneOptions::take_from(&mut table).map_err(wrong)?,
        payments: PaymentOptions::take_from(&mut table).map_err(wrong)?,
        // What is left.
        general: table.try_into().map_err(wrong)?,
    })
}
