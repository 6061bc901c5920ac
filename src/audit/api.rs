//! The call for the security log.

use axum::extract::State;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::server::{
    AppState,
    api::{
        Answer, Authenticated, Fault, Listed, Query, RequestTexts, bound, listed, number, only_admins,
        page_of, paged,
    },
    openapi::WATCHING,
};
use engine::{
    audit::{self, Entry, Kind, Search},
    error::AppError,
    time::{Bound, bound_in_zone},
};

/// A search in the security log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `sign_in`, `sign_in_failed`, `code_failed`, `sign_out`, `denied`, `limit_hit`, `factor_changed`,
    /// `password_changed`, `role_changed`, `account_changed`, `patient_given`, `token_made`, `token_revoked`, `webhook_changed`, `calendar_changed`,
    /// `export`, `patient_opened`, `patient_changed`, `patients_merged`, `patient_erased`, `glass_broken` or `copy_released`; all by default.
    #[param(example = "denied")]
    kind: Option<String>,
    /// A date or a time; in UTC without a zone.
    from: Option<String>,
    /// A date, which is included as a whole, or a time.
    to: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A security note. Ids that do not apply are null.
#[derive(Serialize, ToSchema)]
pub struct SecurityNote {
    #[schema(example = 1)]
    id: i64,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    noted_at: Timestamp,
    #[schema(example = "patient_opened")]
    kind: String,
    /// The role of who did it: `visitor`, `patient`, `doctor`, `admin` or `system`.
    #[schema(example = "doctor")]
    by_role: String,
    #[schema(example = 1)]
    by_staff_id: Option<i64>,
    by_staff_name: Option<String>,
    #[schema(example = 1)]
    by_patient_id: Option<i64>,
    /// The account of staff that it was about.
    #[schema(example = 1)]
    staff_id: Option<i64>,
    staff_name: Option<String>,
    /// The patient whom it was about.
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// One word about it, such as the name of a limit.
    #[schema(example = "/v1/patients/{id}")]
    about: String,
    /// The network address that it came from; empty where there is none.
    #[schema(example = "203.0.113.7")]
    address: String,
}

impl From<Entry> for SecurityNote {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            noted_at: entry.noted_at,
            kind: entry.kind,
            by_role: entry.actor,
            by_staff_id: entry.by_staff_id,
            by_staff_name: entry.by_staff_name,
            by_patient_id: entry.by_patient_id,
            staff_id: entry.staff_id,
            staff_name: entry.staff_name,
            patient_id: entry.patient_id,
            about: entry.about,
            address: entry.address,
        }
    }
}

/// Lists the security log, newest first.
///
/// It has sign-ins, refusals, exceeded limits, changed passwords, factors, roles and accounts, tokens, exports, and
/// patients who were given to doctors, opened by staff, changed or merged.
#[utoipa::path(
    get, path = "/v1/admin/security", tag = WATCHING, params(Filter), security(("token" = ["read"])),
    responses(
        (status = 200, description = "A page of notes", body = Listed<SecurityNote>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the range ends before it begins"),
    ),
)]
pub async fn security_notes(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    only_admins(&caller)?;
    let limit = page_of(filter.limit.as_deref())?;
    let kind = match &filter.kind {
        None => None,
        Some(kind) => Some(Kind::parse(kind).ok_or_else(|| Fault::malformed("kind"))?),
    };
    let moment = |said| bound_in_zone(said, &TimeZone::UTC);
    let from = bound("from", filter.from.as_deref())?
        .map(Bound::start)
        .map(moment);
    let until = bound("to", filter.to.as_deref())?.map(Bound::end).map(moment);
    if matches!((from, until), (Some(from), Some(until)) if until <= from) {
        return Err(AppError::InvalidDateRange.into());
    }
    let search = Search {
        kind,
        from,
        until,
        before: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let entries = audit::entries(&state.database, search).await?;
    let (entries, next) = paged(entries, limit, |last| last.id.to_string());
    Ok(listed(
        texts,
        entries.into_iter().map(SecurityNote::from).collect(),
        next,
    ))
}
