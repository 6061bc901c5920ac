//! The calls for the integrity of the database (C5).

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::{
    AppState,
    api::{Answer, Authenticated, Done, RequestTexts, done, found, only_admins},
    openapi::WATCHING,
};
use engine::{i18n::Texts, monitoring::verify::Report};

/// The report of a check of the database.
#[derive(Serialize, ToSchema)]
pub struct IntegrityReport {
    /// Whether every rule is kept.
    sound: bool,
    /// The moment that was checked.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    checked_at: Timestamp,
    took_ms: u64,
    appointments: i64,
    changes: i64,
    doctors: i64,
    patients: i64,
    /// All rules, kept or broken.
    rules: Vec<RuleData>,
}

/// A rule, and how often it is broken.
#[derive(Serialize, ToSchema)]
pub struct RuleData {
    #[schema(example = "doctor_double_booked")]
    name: &'static str,
    /// The rule in a sentence.
    rule: String,
    broken: i64,
    /// The rows of the first violations, by ids and references.
    rows: Vec<String>,
}

impl IntegrityReport {
    fn new(report: &Report, texts: Texts) -> Self {
        let rules = report.findings.iter().map(|finding| RuleData {
            name: finding.rule.name(),
            rule: finding.rule.sentence(texts),
            broken: finding.total,
            rows: finding.rows.clone(),
        });
        Self {
            sound: report.is_sound(),
            checked_at: report.checked_at,
            took_ms: u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
            appointments: report.appointments,
            changes: report.changes,
            doctors: report.doctors,
            patients: report.patients,
            rules: rules.collect(),
        }
    }
}

/// Returns the report of the last check of the database, which one of the servers checks every hour.
#[utoipa::path(
    get, path = "/v1/admin/integrity", tag = WATCHING, security(("token" = ["read"])),
    responses((status = 200, description = "The report of the last check", body = Done<IntegrityReport>)),
)]
pub async fn integrity(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    let report = match state.integrity.latest(&state.database).await? {
        Some(report) => report,
        None => state.integrity.check(&state.database).await?,
    };
    Ok(found(texts, IntegrityReport::new(&report, texts)))
}

/// Checks the database and returns the report.
///
/// The check reads one moment of the live database and blocks nobody. Where it takes long, the answer is
/// `TRANSACTION_TIMEOUT`; it goes on, and `GET` has its report later.
#[utoipa::path(
    post, path = "/v1/admin/integrity", tag = WATCHING, security(("token" = ["read"])),
    responses((status = 200, description = "The report of this check", body = Done<IntegrityReport>)),
)]
pub async fn check_integrity(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    let report = state.integrity.check(&state.database).await?;
    Ok(done(
        StatusCode::OK,
        texts,
        "api-checked",
        IntegrityReport::new(&report, texts),
    ))
}
