//! The making of the configuration from flags and file, with the defaults.

#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

use super::{
    super::{
        connection::{ConnectionLimits, Times},
        cors::origin,
        farewell::FarewellTimes,
    },
    Accounts, Config, ConfigError, Operation, Rules,
    flags::{File, Flags, read},
};
use crate::{
    hooks::retell::options::{PhoneOptions, PhoneSettings},
    notification::{options::Options, settings},
    payment::{options::Options as PaymentOptions, settings::Settings as Payments},
};
use engine::{
    account::{
        Country, Limits,
        factor::{Policy, seal::SecretKey},
        session::Lifetimes,
    },
    booking, consultation, database,
};

/// No program of a clinic comes near it.
const REQUESTS_PER_TOKEN: u32 = 12_000;

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

/// The key of every demo that has none of its own.
const DEMO_KEY: &str = "the key of a demo, which is no secret";

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

impl Config {
    /// Puts together what flags and file say.
    ///
    /// # Errors
    /// A file that is not there though it was named, or that has something in it that is not known.
    pub fn load(flags: Flags) -> Result<Self, ConfigError> {
        let path = flags.file();
        let (file, messages, phone, payments) = match &path {
            Some(path) => read(path)?,
            None => (
                File::default(),
                Options::default(),
                PhoneOptions::default(),
                PaymentOptions::default(),
            ),
        };
        let phone = PhoneSettings::of(flags.phone.or(phone), flags.demo || file.demo)
            .map_err(|(path, error)| ConfigError::Unreadable(path, error))?;
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
        let payments = flags.payments.or(payments);
        let payments = Payments::of(&payments, messages.public_url.as_ref())?;
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
        // What a demo keeps is nobody's secret, and a calendar can be linked in it.
        let secret_key = secret_key.or_else(|| {
            let is_demo = flags.demo || file.demo;
            is_demo.then(|| SecretKey::parse(DEMO_KEY)).flatten()
        });
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
            fhir_publish: flags.fhir_publish || file.fhir_publish,
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
                webhook_private: flags.webhook_private || file.webhook_private,
                caldav_private: flags.caldav_private || file.caldav_private,
                security_contact,
                direct_url: (flags.database_direct_url.or(file.database_direct_url))
                    .filter(|url| !url.is_empty()),
                backup_dir: (flags.backup_dir.or(file.backup_dir))
                    .filter(|path| !path.as_os_str().is_empty()),
                ..usual
            },
            accounts: Accounts {
                second_factor,
                secret_key,
            },
            log_json: flags.log_json || file.log_json,
            messages,
            phone,
            payments,
        })
    }
}
