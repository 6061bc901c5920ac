//! The call for the log of changes.

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
    error::AppError,
    monitoring::audit::{self, Change, Subject},
    time::{Bound, bound_in_zone},
};

/// A search for changes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `appointments`, `schedules`, `organisation` or `messages`, which is their texts; `appointments` by default.
    #[param(example = "appointments")]
    of: Option<String>,
    /// The id of the member of staff who made them.
    #[param(value_type = Option<i64>)]
    staff: Option<String>,
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

/// A change. Ids of other subjects are null.
#[derive(Serialize, ToSchema)]
pub struct AuditData {
    #[schema(example = 1)]
    id: i64,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    changed_at: Timestamp,
    /// For an appointment, its new status, `moved`, `arrived` or `arrival_taken_back`.
    #[schema(example = "confirmed")]
    what: String,
    /// The role: `visitor`, `patient`, `doctor`, `admin` or `system`; `staff` for subjects that only staff change.
    #[schema(example = "doctor")]
    changed_by_role: String,
    #[schema(example = 1)]
    staff_id: Option<i64>,
    staff_name: Option<String>,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    #[schema(example = 1)]
    appointment_id: Option<i64>,
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    #[schema(example = 1)]
    service_id: Option<i64>,
    /// The text of messages that was changed, and its language.
    #[schema(example = "confirmed.en")]
    message_text: Option<String>,
    /// The version after the change.
    #[schema(example = 3)]
    version: Option<i32>,
}

impl From<Change> for AuditData {
    fn from(change: Change) -> Self {
        Self {
            id: change.id,
            changed_at: change.changed_at,
            what: change.what,
            changed_by_role: change.actor,
            staff_id: change.staff_id,
            staff_name: change.staff_name,
            patient_id: change.patient_id,
            appointment_id: change.appointment_id,
            doctor_id: change.doctor_id,
            clinic_id: change.clinic_id,
            service_id: change.service_id,
            message_text: change.message_text,
            version: change.version,
        }
    }
}

/// Lists the changes in the whole organisation with their authors, newest first.
#[utoipa::path(
    get, path = "/v1/admin/changes", tag = WATCHING, params(Filter), security(("token" = ["read"])),
    responses(
        (status = 200, description = "A page of changes", body = Listed<AuditData>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the range ends before it begins"),
    ),
)]
pub async fn changes(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    only_admins(&caller)?;
    let limit = page_of(filter.limit.as_deref())?;
    let subject = match &filter.of {
        None => Subject::default(),
        Some(of) => Subject::parse(of).ok_or_else(|| Fault::malformed("of"))?,
    };
    let moment = |said| bound_in_zone(said, &TimeZone::UTC);
    let from = bound("from", filter.from.as_deref())?
        .map(Bound::start)
        .map(moment);
    let until = bound("to", filter.to.as_deref())?.map(Bound::end).map(moment);
    if matches!((from, until), (Some(from), Some(until)) if until <= from) {
        return Err(AppError::InvalidDateRange.into());
    }
    let wanted = audit::Wanted {
        subject,
        staff_id: number("staff", filter.staff.as_deref())?,
        from,
        until,
        before: number("cursor", filter.cursor.as_deref())?,
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let changes = audit::changes(&state.database, wanted).await?;
    let (changes, next) = paged(changes, limit, |last| last.id.to_string());
    Ok(listed(
        texts,
        changes.into_iter().map(AuditData::from).collect(),
        next,
    ))
}
