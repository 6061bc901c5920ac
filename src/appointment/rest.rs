//! Appointments, for programs: everybody has their own, by role (I4).

use axum::{extract::State, http::StatusCode};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Status, Which,
    api::MOST_REASON,
    service::{self, Item, Summary},
};
use crate::{
    account::typed,
    availability::service::names,
    booking::service::{Reschedule, reschedule},
    error::{AppError, Field, Problem},
    i18n::Texts,
    money::rest::Amount,
    server::{
        AppState,
        openapi::APPOINTMENTS,
        rest::{
            Answer, Asked, Authenticated, Body, Done, Fault, Listed, SentKey, bound, done, found, listed,
            number,
        },
    },
    time::{Bound, Said, bound_in_zone},
};

/// How many appointments a page of the list has at most, and where nothing is said.
const MOST_PER_PAGE: i64 = 200;
const PER_PAGE: i64 = 50;

/// An appointment as the answer to a change says it; what it does not say, never changes.
#[derive(Serialize, ToSchema)]
pub struct ChangedAppointment {
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(value_type = String, example = "pending")]
    status: Status,
    /// Counts changes.
    version: i32,
    doctor_id: i64,
    clinic_id: i64,
    patient_id: Option<i64>,
    /// The key of the service.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    /// Staff booked it although the doctor had no such time.
    overbooked: bool,
    /// Why the patient comes, where it was just booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl ChangedAppointment {
    /// `names` are the key of the service and the zone of the clinic.
    pub fn new(summary: &Summary, names: Option<(&str, &str)>) -> Self {
        Self {
            id: summary.id,
            reference: summary.reference.clone(),
            status: summary.status,
            version: summary.version,
            doctor_id: summary.doctor_id,
            clinic_id: summary.clinic_id,
            patient_id: summary.patient_id,
            service: names.map(|(service, _)| service.to_owned()),
            starts_at: summary.starts_at,
            ends_at: summary.ends_at,
            time_zone: names.map(|(_, zone)| zone.to_owned()),
            overbooked: summary.overbooked,
            reason: None,
        }
    }

    /// With what the patient said.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self {
            reason: Some(reason.to_owned()),
            ..self
        }
    }
}

/// An appointment.
#[derive(Serialize, ToSchema)]
pub struct AppointmentData {
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(value_type = String, example = "confirmed")]
    status: Status,
    /// Counts changes.
    version: i32,
    doctor_id: i64,
    doctor_name: String,
    clinic_id: i64,
    clinic_name: String,
    patient_id: Option<i64>,
    patient_name: Option<String>,
    /// The key of the service.
    #[serde(rename = "type")]
    service: String,
    mode: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    reason: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    has_prescription: bool,
    is_rated: bool,
    overbooked: bool,
    /// The id of the visit that it is a part of.
    visit: Option<i64>,
    /// What was said when it was booked.
    price: Option<Amount>,
}

fn of_item(item: Item, now: Timestamp) -> AppointmentData {
    AppointmentData {
        status: item.status_at(now),
        id: item.id,
        reference: item.reference,
        version: item.version,
        doctor_id: item.doctor_id,
        doctor_name: item.doctor_name,
        clinic_id: item.clinic_id,
        clinic_name: item.clinic_name,
        patient_id: item.patient_id,
        patient_name: item.patient_name,
        service: item.service_key,
        mode: item.mode,
        starts_at: item.starts_at,
        ends_at: item.ends_at,
        time_zone: item.zone_name,
        reason: item.reason,
        created_at: item.created_at,
        has_prescription: item.has_prescription,
        is_rated: item.is_rated,
        overbooked: item.overbooked,
        visit: item.visit_id,
        price: item.price.as_ref().map(Amount::from),
    }
}

/// Which appointments are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    #[param(example = "confirmed")]
    status: Option<String>,
    /// The id of a doctor.
    #[param(value_type = Option<i64>)]
    doctor: Option<String>,
    /// A date, or a time: RFC 3339, or `2026-11-24 10:00:00` on the wall clock of each clinic.
    from: Option<String>,
    /// A date, which counts as a whole, or a time.
    to: Option<String>,
    /// How many at most; 50 where nothing is said.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The caller's appointments in time order.
#[utoipa::path(
    get, path = "/v1/appointments", tag = APPOINTMENTS, params(Filter), security(("token" = [])),
    responses(
        (status = 200, description = "A page of appointments", body = Listed<AppointmentData>),
        (status = 400, description = "`INVALID_DATE_RANGE`: it ends before it begins"),
    ),
)]
pub async fn appointments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    texts: Texts,
    Asked(filter): Asked<Filter>,
) -> Answer {
    let limit = number("limit", filter.limit.as_deref())?.unwrap_or(PER_PAGE);
    if !(1..=MOST_PER_PAGE).contains(&limit) {
        return Err(Fault::malformed("limit"));
    }
    let (from, to) = (
        bound("from", filter.from.as_deref())?,
        bound("to", filter.to.as_deref())?,
    );
    if let (Some(from), Some(to)) = (from, to)
        && bound_in_zone(to.end(), &TimeZone::UTC) <= bound_in_zone(from.start(), &TimeZone::UTC)
    {
        return Err(AppError::InvalidDateRange.into());
    }
    let wanted = service::Listing {
        status: filter.status.as_deref().map(status).transpose()?,
        doctor_id: number("doctor", filter.doctor.as_deref())?,
        from: from.map(Bound::start),
        until: to.map(Bound::end),
        after: match &filter.cursor {
            Some(cursor) => Some(parse_cursor(cursor).ok_or_else(|| Fault::malformed("cursor"))?),
            None => None,
        },
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let now = Timestamp::now();
    let mut items = service::listing(&state.database, caller, wanted, now).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let there_are_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| there_are_more).map(cursor);
    let items = items.into_iter().map(|item| of_item(item, now)).collect();
    Ok(listed(texts, items, next))
}

/// Where the page after this appointment begins.
fn cursor(item: &Item) -> String {
    format!("{}-{}", item.starts_at.as_microsecond(), item.id)
}

fn parse_cursor(text: &str) -> Option<(Timestamp, i64)> {
    let (starts_at, id) = text.split_once('-')?;
    let starts_at = Timestamp::from_microsecond(starts_at.parse().ok()?).ok()?;
    Some((starts_at, id.parse().ok()?))
}

fn status(text: &str) -> Result<Status, AppError> {
    Status::parse(text).ok_or(AppError::invalid(Field::Status, Problem::Malformed))
}

/// One appointment.
#[utoipa::path(
    get, path = "/v1/appointments/{id}", tag = APPOINTMENTS, security(("token" = [])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The appointment", body = Done<AppointmentData>)),
)]
pub async fn appointment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    texts: Texts,
    which: Which,
) -> Answer {
    let item = match which {
        Which::Id(id) => service::find_by_id(&state.database, caller, id).await?,
        Which::Reference(reference) => service::find(&state.database, Some(caller), None, reference).await?,
    };
    Ok(found(texts, of_item(item, Timestamp::now())))
}

/// What an appointment shall become.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStatus {
    /// `confirmed`, `rejected`, `in_progress`, `completed`, `cancelled` or `no_show`.
    #[schema(example = "confirmed")]
    status: String,
    /// The version that the caller has read; without one, it is about what is there now.
    version: Option<i32>,
    reason: Option<String>,
}

/// Confirms, rejects, starts, completes, cancels or misses an appointment.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/status", tag = APPOINTMENTS, request_body = NewStatus, security(("token" = [])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Changed", body = Done<ChangedAppointment>),
        (status = 409, description = "`STALE_VERSION`: somebody was there before, as `details` tell; \
                                      `IDEMPOTENCY_CONFLICT`; or one to send again"),
        (status = 422, description = "`INVALID_TRANSITION`: not possible from its status, which `details` tell; \
                                      `VALIDATION_FAILED`"),
    ),
)]
pub async fn change_status(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    which: Which,
    sent: SentKey,
    texts: Texts,
    Body(request): Body<NewStatus>,
) -> Answer {
    let key = sent.of(&caller, "change-status", &(named(&which), &request))?;
    let command = service::ChangeStatus {
        caller,
        which,
        to: status(&request.status)?,
        version: request.version,
        reason: typed(Field::Reason, &request.reason.unwrap_or_default(), MOST_REASON)?,
        key,
    };
    let changed = service::change_status(&state.database, &state.live, command, Timestamp::now()).await?;
    let data = with_names(&state, &changed).await;
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// What an idempotency key remembers of the path.
fn named(which: &Which) -> String {
    match which {
        Which::Id(id) => id.to_string(),
        Which::Reference(reference) => reference.clone(),
    }
}

/// As [`ChangedAppointment::new`], of what nobody has looked up the names of.
pub(crate) async fn with_names(state: &AppState, summary: &Summary) -> ChangedAppointment {
    let names = names(&state.database, summary.clinic_id, summary.service_id).await;
    // It was done, and that is what the answer is about.
    let names = names.as_ref().ok();
    ChangedAppointment::new(summary, names.map(|(key, zone)| (key.as_str(), zone.as_str())))
}

/// When an appointment shall be.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTime {
    /// RFC 3339, or a time on the wall clock of the clinic.
    #[schema(example = "2026-11-24 10:00:00")]
    scheduled_at: String,
    /// The version that the caller has read; without one, it is about what is there now.
    version: Option<i32>,
}

/// Moves an appointment to another time.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/reschedule", tag = APPOINTMENTS, request_body = NewTime,
    security(("token" = [])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Moved", body = Done<ChangedAppointment>),
        (status = 409, description = "`BOOKING_FAILED`: the time cannot be had, and it is where it was; \
                                      `details.alternatives`. `STALE_VERSION`, `IDEMPOTENCY_CONFLICT`; or one to send again"),
        (status = 422, description = "`INVALID_TRANSITION`: it cannot be moved any more; `VALIDATION_FAILED`"),
    ),
)]
pub async fn move_to(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    which: Which,
    sent: SentKey,
    texts: Texts,
    Body(request): Body<NewTime>,
) -> Answer {
    let key = sent.of(&caller, "reschedule", &(named(&which), &request))?;
    let said = Said::parse(&request.scheduled_at).ok_or_else(|| Fault::malformed("scheduled_at"))?;
    let starts_at = match said {
        Said::At(at) => at,
        Said::Local(_) => {
            // The clinic of an appointment does not change.
            let seen = service::look_up(&state.database, caller.clone(), which.clone()).await?;
            said.in_zone(&seen.zone)
                .ok_or_else(|| Fault::malformed("scheduled_at"))?
        }
    };
    let command = Reschedule {
        caller: caller.clone(),
        which: which.clone(),
        version: request.version,
        starts_at,
        visitor: None,
        key,
    };
    match reschedule(&state.database, &state.live, command, Timestamp::now()).await {
        Ok(moved) => {
            let data = with_names(&state, &moved).await;
            Ok(done(StatusCode::OK, texts, "api-moved", data))
        }
        Err(error @ AppError::BookingFailed { .. }) => {
            let seen = service::look_up(&state.database, caller, which).await?;
            Err(Fault::from(error).moving(seen.id))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_where_it_was_made() {
        let at: Timestamp = "2026-11-24T10:00:00.123456Z".parse().unwrap();
        assert_eq!(
            parse_cursor(&format!("{}-{}", at.as_microsecond(), 7)),
            Some((at, 7))
        );
        for text in [
            "",
            "-",
            "7",
            "a-b",
            "-1-2-3",
            "99999999999999999999-1",
            "9223372036854775807-1",
        ] {
            assert_eq!(parse_cursor(text), None, "{text}");
        }
    }
}
