//! The making of the configuration from flags and file, with the defaults.

#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

use axum::http::HeaderValue;

use super::{
    super::{
        connection::{ConnectionLimits, Times},
        cors::origin,
        farewell::FarewellTimes,
    },
    Accounts, Config, ConfigError, Operation, Rules,
    flags::{File, Flags, Said, read},
};
use crate::{
    hooks::retell::options::PhoneSettings, notification::settings, payment::settings::Settings as Payments,
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
    let video = filled(video_url)
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

/// The country of the clinic, by its letters or else by its calling code.
fn own_country(letters: Option<String>, code: Option<String>) -> Result<Country, ConfigError> {
    match (letters, code) {
        (Some(letters), _) => Country::parse(&letters).ok_or(ConfigError::Country(letters)),
        (None, Some(code)) => Country::of_calling_code(&code).ok_or(ConfigError::CountryCode(code)),
        (None, None) => Ok(Country::default()),
    }
}

fn origins(listed: Vec<String>) -> Result<Vec<HeaderValue>, ConfigError> {
    listed
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| origin(&text).ok_or(ConfigError::Origin(text)))
        .collect()
}

fn contact(given: Option<String>) -> Result<Option<String>, ConfigError> {
    match given.filter(|contact| !contact.is_empty()) {
        Some(contact) if !is_contact(&contact) => Err(ConfigError::SecurityContact(contact)),
        contact => Ok(contact),
    }
}

fn accounts(said: &File) -> Result<Accounts, ConfigError> {
    let second_factor = match &said.second_factor {
        Some(name) => Policy::parse(name.trim()).ok_or_else(|| ConfigError::SecondFactor(name.clone()))?,
        None => Policy::default(),
    };
    let secret_key = secret_key(said.secret_key.clone(), said.secret_key_file.clone())?;
    Ok(Accounts {
        second_factor,
        // What a demo keeps is nobody's secret, and a calendar can be linked in it.
        secret_key: secret_key.or_else(|| said.demo.then(|| SecretKey::parse(DEMO_KEY)).flatten()),
    })
}

fn database_settings(said: &File) -> database::Settings {
    let usual = database::Settings::default();
    database::Settings {
        pool_size: said.pool_size.unwrap_or(usual.pool_size).max(1),
        lock_timeout: said
            .lock_timeout_ms
            .map_or(usual.lock_timeout, Duration::from_millis),
        statement_timeout: said
            .statement_timeout_ms
            .map_or(usual.statement_timeout, Duration::from_millis),
        acquire_timeout: usual.acquire_timeout,
    }
}

fn booking_rules(said: &File) -> booking::Rules {
    booking::Rules {
        over_limit: false,
        hold_minutes: said.hold_minutes.unwrap_or(10).into(),
        answer_minutes: i64::from(said.answer_hours.unwrap_or(24)) * 60,
        open_requests: said.open_requests.unwrap_or(5),
        open_appointments: said.open_appointments.unwrap_or(10),
    }
}

fn limits(said: &File) -> Limits {
    Limits {
        codes_per_phone: said.otp_per_phone.unwrap_or(5),
        codes_per_address: said.otp_per_address.unwrap_or(30),
        codes_overall: said.otp_overall.unwrap_or(600),
        codes_per_prefix: said.otp_per_prefix.unwrap_or(100),
        sign_ins: said.sign_ins.unwrap_or(10),
        holds_per_address: said.holds_per_address.unwrap_or(60),
        phones_per_staff: said.phones_per_staff.unwrap_or(60),
        sessions_per_address: said.sessions_per_address.unwrap_or(300),
    }
}

fn lifetimes(said: &File) -> Lifetimes {
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    let usual = Lifetimes::default();
    let minutes = |count: Option<u32>, unit: i64, usual: i64| {
        count.map_or(usual, |count| i64::from(count.max(1)) * unit)
    };
    Lifetimes {
        staff_idle: minutes(said.staff_idle_hours, HOUR, usual.staff_idle),
        staff: minutes(said.staff_session_days, DAY, usual.staff),
        patient_idle: minutes(said.patient_idle_days, DAY, usual.patient_idle),
        patient: minutes(said.patient_session_days, DAY, usual.patient),
    }
}

fn connection_limits(said: &File) -> ConnectionLimits {
    let usual = ConnectionLimits::default();
    let seconds = |count: Option<u64>, usual: Duration| count.map_or(usual, Duration::from_secs);
    ConnectionLimits {
        overall: said.connections.unwrap_or(usual.overall),
        per_address: said.connections_per_address.unwrap_or(usual.per_address),
        times: Times {
            header: seconds(said.header_timeout, usual.times.header),
            body: seconds(said.body_timeout, usual.times.body),
            idle: seconds(said.idle_timeout, usual.times.idle),
            write: usual.times.write,
        },
    }
}

fn operation(said: &File) -> Result<Operation, ConfigError> {
    let usual = Operation::default();
    let seconds = |count: Option<u64>, usual: Duration| count.map_or(usual, Duration::from_secs);
    Ok(Operation {
        farewell: FarewellTimes {
            pause: seconds(said.shutdown_pause, usual.farewell.pause),
            drain: seconds(said.drain, usual.farewell.drain),
        },
        connections: connection_limits(said),
        expire_at_once: said.expire_at_once.unwrap_or(usual.expire_at_once),
        webhook_private: said.webhook_private,
        caldav_private: said.caldav_private,
        security_contact: contact(said.security_contact.clone())?,
        direct_url: filled(said.database_direct_url.clone()),
        backup_dir: said
            .backup_dir
            .clone()
            .filter(|path| !path.as_os_str().is_empty()),
        ..usual
    })
}

/// A setting that is empty was not made.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

impl Config {
    /// Puts together what flags and file say.
    ///
    /// # Errors
    /// A file that is not there though it was named, or that has something in it that is not known.
    pub fn load(flags: Flags) -> Result<Self, ConfigError> {
        let path = flags.file();
        let filed = match &path {
            Some(path) => read(path)?,
            None => Said::default(),
        };
        let said = flags.over(filed);
        let phone = PhoneSettings::of(said.phone, said.general.demo)
            .map_err(|(path, error)| ConfigError::Unreadable(path, error))?;
        let (given_messages, given_payments, said) = (said.messages, said.payments, said.general);
        let (database, operation, accounts) = (database_settings(&said), operation(&said)?, accounts(&said)?);
        let (limits, lifetimes, booking) = (limits(&said), lifetimes(&said), booking_rules(&said));
        let country = own_country(said.country, said.country_code)?;
        let code_countries = code_countries(said.code_countries, country, said.demo)?;
        let messages = settings::Settings::beside_codes(given_messages, &code_countries)?;
        let payments = Payments::of(&given_payments, messages.public_url.as_ref())?;
        Ok(Self {
            file: path,
            database_url: said.database_url,
            migrate_url: filled(said.migrate_url),
            data_dir: said
                .data_dir
                .unwrap_or_else(database::embedded::Cluster::default_data_dir),
            addr: said.addr,
            demo: said.demo,
            database,
            rules: Rules {
                booking,
                consultation: consultation_rules(said.consultation_hours, said.video_url)?,
                country,
                code_countries,
            },
            limits,
            lifetimes,
            requests_per_token: said.requests_per_token.unwrap_or(REQUESTS_PER_TOKEN),
            cors_origins: origins(said.cors_origins)?,
            fhir_publish: said.fhir_publish,
            trust_proxy: said.trust_proxy,
            secure_cookies: said.secure_cookies,
            metrics_token: filled(said.metrics_token),
            operation,
            accounts,
            log_json: said.log_json,
            messages,
            phone,
            payments,
        })
    }
}
