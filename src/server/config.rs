//! The configuration: command line over environment over `Leptos.toml` over defaults.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::http::HeaderValue;
use clap::Args;
use serde::Deserialize;

use super::{
    connection::{ConnectionLimits, Times},
    cors::origin,
    farewell::FarewellTimes,
};
use crate::notification::{
    options::Options,
    settings::{self, SettingsError},
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

    /// Whom to tell of a security problem, for /.well-known/security.txt: mailto:… or https://…
    #[arg(long, env = "JANJI_SECURITY_CONTACT", value_name = "URI", global = true)]
    pub security_contact: Option<String>,

    /// Who has a second factor: off, optional, admins (they have to), or staff (all of them have to)
    #[arg(long, env = "JANJI_SECOND_FACTOR", value_name = "WHO", global = true)]
    pub second_factor: Option<String>,

    /// The key that seals secrets in the database, such as those of second factors: at least 32 characters
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
}

/// The table `[janji]` of the configuration file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct File {
    database_url: Option<String>,
    migrate_url: Option<String>,
    data_dir: Option<PathBuf>,
    addr: Option<SocketAddr>,
    demo: bool,
    pool_size: Option<u32>,
    lock_timeout_ms: Option<u64>,
    statement_timeout_ms: Option<u64>,
    hold_minutes: Option<u32>,
    answer_hours: Option<u32>,
    consultation_hours: Option<u32>,
    video_url: Option<String>,
    open_requests: Option<u32>,
    open_appointments: Option<u32>,
    country: Option<String>,
    country_code: Option<String>,
    otp_per_phone: Option<u32>,
    otp_per_address: Option<u32>,
    otp_overall: Option<u32>,
    otp_per_prefix: Option<u32>,
    code_countries: Vec<String>,
    sign_ins: Option<u32>,
    staff_idle_hours: Option<u32>,
    staff_session_days: Option<u32>,
    patient_idle_days: Option<u32>,
    patient_session_days: Option<u32>,
    holds_per_address: Option<u32>,
    phones_per_staff: Option<u32>,
    sessions_per_address: Option<u32>,
    requests_per_token: Option<u32>,
    cors_origins: Vec<String>,
    trust_proxy: bool,
    secure_cookies: bool,
    metrics_token: Option<String>,
    shutdown_pause: Option<u64>,
    drain: Option<u64>,
    connections: Option<usize>,
    connections_per_address: Option<usize>,
    header_timeout: Option<u64>,
    body_timeout: Option<u64>,
    idle_timeout: Option<u64>,
    expire_at_once: Option<u32>,
    security_contact: Option<String>,
    second_factor: Option<String>,
    secret_key: Option<String>,
    secret_key_file: Option<PathBuf>,
    log_json: bool,
}

/// The file as a whole; leptos reads its own table from the same one.
#[derive(Default, Deserialize)]
struct Document {
    #[serde(default)]
    janji: toml::Table,
}

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
    pub trust_proxy: bool,
    pub secure_cookies: bool,
    /// `None`: `/metrics` is for programs on this machine.
    pub metrics_token: Option<String>,
    pub operation: Operation,
    pub accounts: Accounts,
    pub log_json: bool,
    /// How messages leave.
    pub messages: settings::Settings,
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
    /// The URI in `security.txt`; without one there is none.
    pub security_contact: Option<String>,
}

impl Default for Operation {
    fn default() -> Self {
        Self {
            migrates: true,
            farewell: FarewellTimes::default(),
            connections: ConnectionLimits::default(),
            expire_at_once: DUE_AT_ONCE,
            security_contact: None,
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
    #[error(
        "{0} does not say who has a second factor: it is off, optional, admins or staff; check JANJI_SECOND_FACTOR"
    )]
    SecondFactor(String),
    #[error("the key of JANJI_SECRET_KEY has fewer than {MIN_KEY} characters")]
    SecretKey,
    #[error("{0} is not a contact, such as mailto:security@a.example")]
    SecurityContact(String),
}

/// No program of a clinic comes near it.
const REQUESTS_PER_TOKEN: u32 = 12_000;

/// The default path of the configuration file.
const FILE: &str = "Leptos.toml";

impl Flags {
    /// The file these flags point to; the default one need not exist.
    fn file(&self) -> Option<PathBuf> {
        self.config
            .clone()
            .or_else(|| Some(PathBuf::from(FILE)).filter(|file| file.exists()))
    }
}

impl Config {
    /// The address of this site, from which links in mails are made; without one there are none.
    pub fn public_url(&self) -> Option<&PublicUrl> {
        self.messages.public_url.as_ref()
    }

    /// Puts together what flags and file say.
    ///
    /// # Errors
    /// A file that is not there though it was named, or that has something in it that is not known.
    pub fn load(flags: Flags) -> Result<Self, ConfigError> {
        let path = flags.file();
        let (file, messages) = match &path {
            Some(path) => read(path)?,
            None => (File::default(), Options::default()),
        };
        let (defaults, usual) = (database::Settings::default(), Operation::default());
        let milliseconds = Duration::from_millis;
        let country = match (
            flags.country.or(file.country),
            flags.country_code.or(file.country_code),
        ) {
            (Some(letters), _) => Country::parse(&letters).ok_or(ConfigError::Country(letters))?,
            (None, Some(code)) => Country::of_calling_code(&code).ok_or(ConfigError::CountryCode(code))?,
            (None, None) => Country::default(),
        };
        let listed = match flags.code_countries.is_empty() {
            true => file.code_countries,
            false => flags.code_countries,
        };
        let code_countries = code_countries(listed, country, flags.demo || file.demo)?;
        let messages = settings::Settings::beside_codes(flags.messages.or(messages), &code_countries)?;
        let usual_lifetimes = Lifetimes::default();
        let minutes = |said: Option<u32>, filed: Option<u32>, unit: i64, usual: i64| {
            said.or(filed)
                .map_or(usual, |count| i64::from(count.max(1)) * unit)
        };
        let (an_hour, a_day) = (60, 24 * 60);
        let named = match flags.cors_origins.is_empty() {
            true => file.cors_origins,
            false => flags.cors_origins,
        };
        let cors_origins = named
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| origin(&text).ok_or(ConfigError::Origin(text)))
            .collect::<Result<_, _>>()?;
        let security_contact = flags
            .security_contact
            .or(file.security_contact)
            .filter(|contact| !contact.is_empty());
        if let Some(contact) = &security_contact
            && !is_contact(contact)
        {
            return Err(ConfigError::SecurityContact(contact.clone()));
        }
        let second_factor = match flags.second_factor.or(file.second_factor) {
            Some(name) => Policy::parse(name.trim()).ok_or(ConfigError::SecondFactor(name))?,
            None => Policy::default(),
        };
        let secret_key = secret_key(
            flags.secret_key.or(file.secret_key),
            flags.secret_key_file.or(file.secret_key_file),
        )?;
        Ok(Self {
            file: path,
            database_url: flags.database_url.or(file.database_url),
            migrate_url: flags
                .migrate_url
                .or(file.migrate_url)
                .filter(|url| !url.is_empty()),
            data_dir: flags
                .data_dir
                .or(file.data_dir)
                .unwrap_or_else(database::embedded::Cluster::default_data_dir),
            addr: flags.addr.or(file.addr),
            demo: flags.demo || file.demo,
            database: database::Settings {
                pool_size: flags
                    .pool_size
                    .or(file.pool_size)
                    .unwrap_or(defaults.pool_size)
                    .max(1),
                lock_timeout: flags
                    .lock_timeout_ms
                    .or(file.lock_timeout_ms)
                    .map_or(defaults.lock_timeout, milliseconds),
                statement_timeout: flags
                    .statement_timeout_ms
                    .or(file.statement_timeout_ms)
                    .map_or(defaults.statement_timeout, milliseconds),
                acquire_timeout: defaults.acquire_timeout,
            },
            rules: Rules {
                booking: booking::Rules {
                    over_limit: false,
                    hold_minutes: flags.hold_minutes.or(file.hold_minutes).unwrap_or(10).into(),
                    answer_minutes: i64::from(flags.answer_hours.or(file.answer_hours).unwrap_or(24)) * 60,
                    open_requests: flags.open_requests.or(file.open_requests).unwrap_or(5),
                    open_appointments: flags.open_appointments.or(file.open_appointments).unwrap_or(10),
                },
                consultation: consultation_rules(
                    flags.consultation_hours.or(file.consultation_hours),
                    flags.video_url.or(file.video_url),
                )?,
                country,
                code_countries,
            },
            limits: Limits {
                codes_per_phone: flags.otp_per_phone.or(file.otp_per_phone).unwrap_or(5),
                codes_per_address: flags.otp_per_address.or(file.otp_per_address).unwrap_or(30),
                codes_overall: flags.otp_overall.or(file.otp_overall).unwrap_or(600),
                codes_per_prefix: flags.otp_per_prefix.or(file.otp_per_prefix).unwrap_or(100),
                sign_ins: flags.sign_ins.or(file.sign_ins).unwrap_or(10),
                holds_per_address: flags.holds_per_address.or(file.holds_per_address).unwrap_or(60),
                phones_per_staff: flags.phones_per_staff.or(file.phones_per_staff).unwrap_or(60),
                sessions_per_address: (flags.sessions_per_address.or(file.sessions_per_address))
                    .unwrap_or(300),
            },
            lifetimes: Lifetimes {
                staff_idle: minutes(
                    flags.staff_idle_hours,
                    file.staff_idle_hours,
                    an_hour,
                    usual_lifetimes.staff_idle,
                ),
                staff: minutes(
                    flags.staff_session_days,
                    file.staff_session_days,
                    a_day,
                    usual_lifetimes.staff,
                ),
                patient_idle: minutes(
                    flags.patient_idle_days,
                    file.patient_idle_days,
                    a_day,
                    usual_lifetimes.patient_idle,
                ),
                patient: minutes(
                    flags.patient_session_days,
                    file.patient_session_days,
                    a_day,
                    usual_lifetimes.patient,
                ),
            },
            requests_per_token: flags
                .requests_per_token
                .or(file.requests_per_token)
                .unwrap_or(REQUESTS_PER_TOKEN),
            cors_origins,
            trust_proxy: flags.trust_proxy || file.trust_proxy,
            secure_cookies: flags.secure_cookies || file.secure_cookies,
            metrics_token: flags
                .metrics_token
                .or(file.metrics_token)
                .filter(|token| !token.is_empty()),
            operation: Operation {
                farewell: FarewellTimes {
                    pause: (flags.shutdown_pause.or(file.shutdown_pause))
                        .map_or(usual.farewell.pause, Duration::from_secs),
                    drain: (flags.drain.or(file.drain)).map_or(usual.farewell.drain, Duration::from_secs),
                },
                connections: ConnectionLimits {
                    overall: (flags.connections.or(file.connections)).unwrap_or(usual.connections.overall),
                    per_address: (flags.connections_per_address)
                        .or(file.connections_per_address)
                        .unwrap_or(usual.connections.per_address),
                    times: Times {
                        header: (flags.header_timeout.or(file.header_timeout))
                            .map_or(usual.connections.times.header, Duration::from_secs),
                        body: (flags.body_timeout.or(file.body_timeout))
                            .map_or(usual.connections.times.body, Duration::from_secs),
                        idle: (flags.idle_timeout.or(file.idle_timeout))
                            .map_or(usual.connections.times.idle, Duration::from_secs),
                        write: usual.connections.times.write,
                    },
                },
                expire_at_once: (flags.expire_at_once.or(file.expire_at_once))
                    .unwrap_or(usual.expire_at_once),
                security_contact,
                ..usual
            },
            accounts: Accounts {
                second_factor,
                secret_key,
            },
            log_json: flags.log_json || file.log_json,
            messages,
        })
    }
}

fn consultation_rules(
    hours: Option<u32>,
    video_url: Option<String>,
) -> Result<consultation::Rules, ConfigError> {
    let hours = hours.unwrap_or(consultation::OPEN_HOURS);
    if hours > consultation::MAX_OPEN_HOURS {
        return Err(ConfigError::ConsultationHours(hours));
    }
    let video = video_url
        .filter(|url| !url.is_empty())
        .map(|url| consultation::Pattern::parse(&url).map_err(|error| ConfigError::VideoUrl(url, error)))
        .transpose()?;
    Ok(consultation::Rules {
        open_minutes: i64::from(hours) * 60,
        video,
    })
}

/// The countries to whose numbers codes are sent: that of the clinic, unless others are listed. The demo sends nothing, so it
/// lets everybody in who tries it.
fn code_countries(
    listed: Vec<String>,
    own: Country,
    is_demo: bool,
) -> Result<Option<Vec<Country>>, ConfigError> {
    let listed: Vec<String> = listed
        .into_iter()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    if listed.is_empty() {
        return Ok((!is_demo).then(|| vec![own]));
    }
    if listed.iter().any(|text| text == "*") {
        return Ok(None);
    }
    let countries: Result<_, _> = listed
        .into_iter()
        .map(|letters| Country::parse(&letters).ok_or(ConfigError::Country(letters)))
        .collect();
    countries.map(Some)
}

/// The key that was given, or that a file has. An empty one is none.
fn secret_key(given: Option<String>, file: Option<PathBuf>) -> Result<Option<SecretKey>, ConfigError> {
    let filled = |text: &String| !text.trim().is_empty();
    let text = match (
        given.filter(filled),
        file.filter(|path| !path.as_os_str().is_empty()),
    ) {
        (Some(text), _) => Some(text),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(&path);
            Some(text.map_err(|error| ConfigError::Unreadable(path, error.to_string()))?)
        }
        (None, None) => None,
    };
    text.map(|text| SecretKey::parse(&text).ok_or(ConfigError::SecretKey))
        .transpose()
}

/// Whether this can stand in a line of `security.txt`.
fn is_contact(text: &str) -> bool {
    ["mailto:", "https://", "tel:"]
        .into_iter()
        .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn read(path: &Path) -> Result<(File, Options), ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable(path.to_owned(), error.to_string()))?;
    let wrong = |error: toml::de::Error| ConfigError::Wrong(path.to_owned(), error.message().to_owned());
    let mut table = toml::from_str::<Document>(&text).map_err(wrong)?.janji;
    let messages = Options::take_from(&mut table).map_err(wrong)?;
    Ok((table.try_into().map_err(wrong)?, messages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consultations_stay_open_for_a_day_and_have_no_video_unless_that_is_said() {
        let usual = consultation_rules(None, Some(String::new())).unwrap();
        assert_eq!((usual.open_minutes, usual.video), (24 * 60, None));
        let url = || Some("https://meet.example/{room}".to_owned());
        let chosen = consultation_rules(Some(0), url()).unwrap();
        assert_eq!((chosen.open_minutes, chosen.video.is_some()), (0, true));
        assert!(consultation_rules(Some(720), None).is_ok());
        assert!(consultation_rules(Some(721), None).is_err());
        let wrong = consultation_rules(None, Some("http://meet.example/{room}".to_owned()));
        assert_eq!(
            wrong.unwrap_err().to_string(),
            "http://meet.example/{room} is no pattern of video links, such as https://meet.example/{room}: \
             it must begin with https://, and a host must follow"
        );
    }

    #[test]
    fn codes_go_to_the_country_of_the_clinic_and_in_the_demo_to_all() {
        let own = Country::parse("ID").unwrap();
        let singapore = Country::parse("SG").unwrap();
        let listed = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (countries, is_demo, expected) in [
            (vec![], false, Some(vec![own])),
            (vec![], true, None),
            (listed("*"), false, None),
            (listed(" SG"), true, Some(vec![singapore])),
            (listed("ID SG"), false, Some(vec![own, singapore])),
        ] {
            let found = code_countries(countries.clone(), own, is_demo).ok();
            assert_eq!(found, Some(expected), "{countries:?} {is_demo}");
        }
        assert!(code_countries(listed("nowhere"), own, true).is_err());
    }
}
