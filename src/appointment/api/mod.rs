//! The calls for appointments: everybody has their own, by role (I4).

pub mod arrival;
pub mod last_change;
pub mod overdue;
pub mod search;
pub mod several;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::forms::MAX_REASON;
use crate::booking::api::alternatives::not_moved;
use crate::server::{
    AppState,
    api::{
        Answer, AppointmentInPath, Authenticated, Body, Done, Fault, IfMatch, Listed, Query, RequestTexts,
        SentKey, TimeInput, amount::Amount, bound, done, found, found_version, listed, number, page_of,
        paged, words,
    },
    openapi::APPOINTMENTS,
};
use engine::{
    account::{Caller, Role, storable, typed},
    appointment::{self, AppointmentName, Item, Order, Search, Status, Summary},
    availability::names,
    booking::{Reschedule, reschedule},
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Texts},
    time::{Bound, GivenTime},
};

/// An appointment after a change. Fields that never change are left out.
#[derive(Serialize, ToSchema)]
pub struct ChangedAppointment {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(value_type = String, example = "pending")]
    status: Status,
    /// The version, which every change increments.
    #[schema(example = 3)]
    version: i32,
    #[schema(example = 1)]
    doctor_id: i64,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// The key of the service.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(example = "video_consultation")]
    service: Option<String>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:20:00Z")]
    ends_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Asia/Jakarta")]
    time_zone: Option<String>,
    /// Whether staff overbooked the doctor.
    overbooked: bool,
    /// Since when the patient is here, if somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Timestamp>,
    /// The patient's reason, if the appointment was just booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "A cough")]
    reason: Option<String>,
}

impl ChangedAppointment {
    /// An appointment that a change would hit, as it is at this time.
    pub fn of(item: &Item, now: Timestamp) -> Self {
        Self {
            id: item.id,
            reference: item.reference.clone(),
            status: item.status_at(now),
            version: item.version,
            doctor_id: item.doctor_id,
            clinic_id: item.clinic_id,
            patient_id: item.patient_id,
            service: Some(item.service_key.clone()),
            starts_at: item.starts_at,
            ends_at: item.ends_at,
            time_zone: Some(item.zone_name.clone()),
            overbooked: item.overbooked,
            arrived_at: item.arrived_at,
            reason: None,
        }
    }

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
            arrived_at: summary.arrived_at,
            reason: None,
        }
    }

    /// Adds the reason that the patient gave.
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
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(value_type = String, example = "confirmed")]
    status: Status,
    /// The version, which every change increments.
    #[schema(example = 3)]
    version: i32,
    #[schema(example = 1)]
    doctor_id: i64,
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: String,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Harapan")]
    clinic_name: String,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    #[schema(example = "Dewi Lestari")]
    patient_name: Option<String>,
    #[schema(example = "+6281255500101")]
    patient_phone: Option<String>,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: String,
    #[schema(example = "Video consultation")]
    service_name: String,
    #[schema(example = "video")]
    mode: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:20:00Z")]
    ends_at: Timestamp,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    #[schema(example = "A cough")]
    reason: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    created_at: Timestamp,
    has_prescription: bool,
    is_rated: bool,
    overbooked: bool,
    /// Since when the patient is here, if somebody said so.
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Timestamp>,
    /// The id of the visit that the appointment belongs to.
    visit: Option<i64>,
    /// The id of the group session in which the appointment has seats.
    group_id: Option<i64>,
    /// The number of its seats there.
    seats: Option<i64>,
    /// The moment at which a request without an answer expires.
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_until: Option<Timestamp>,
    /// The statuses that the caller can give it now.
    #[schema(value_type = Vec<String>, example = json!(["in_progress", "cancelled"]))]
    next: Vec<Status>,
    /// The reason that was given when it was booked.
    price: Option<Amount>,
}

impl AppointmentData {
    /// As it is at this moment, for somebody in this role, with the name of the service in this language.
    pub fn new(item: Item, role: Role, now: Timestamp, locale: Locale) -> Self {
        let status = item.status_at(now);
        let service_name = item.service(locale).to_owned();
        Self {
            status,
            next: item.steps(role, now),
            answer_until: item.answer_until.filter(|_| status == Status::Pending),
            group_id: item.group.as_ref().map(|group| group.id),
            seats: item.group.as_ref().map(|group| group.seats),
            id: item.id,
            reference: item.reference,
            version: item.version,
            doctor_id: item.doctor_id,
            doctor_name: item.doctor_name,
            clinic_id: item.clinic_id,
            clinic_name: item.clinic_name,
            patient_id: item.patient_id,
            patient_name: item.patient_name,
            patient_phone: item.patient_phone,
            service_name,
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
            arrived_at: item.arrived_at,
            visit: item.visit_id,
            price: item.price.as_ref().map(Amount::from),
        }
    }
}

/// A search for appointments.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    #[param(example = "confirmed")]
    status: Option<String>,
    /// The id of a doctor.
    #[param(value_type = Option<i64>)]
    doctor: Option<String>,
    /// The id of a patient.
    #[param(value_type = Option<i64>)]
    patient: Option<String>,
    /// The id of a clinic.
    #[param(value_type = Option<i64>)]
    clinic: Option<String>,
    /// The key of a service.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    service: Option<String>,
    /// A part of a patient's name or phone number (deprecated: it stands in the URL, which proxies and logs keep; use
    /// `POST appointments/search`), or the beginning of a reference or of its second half.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `starts_at`, `-starts_at` (latest first), `id` (oldest booking first) or `-id`; `starts_at` by default.
    #[param(example = "-id")]
    sort: Option<String>,
    /// A date, or a time: RFC 3339, or `2026-11-24 10:00:00` on the wall clock of each clinic.
    from: Option<String>,
    /// A date, which is included as a whole, or a time.
    to: Option<String>,
    /// The size of a page; 50 by default.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// Lists the caller's appointments in time order.
#[utoipa::path(
    get, path = "/v1/appointments", tag = APPOINTMENTS, params(Filter), security(("token" = ["read"])),
    responses(
        (status = 200, description = "A page of appointments", body = Listed<AppointmentData>),
        (status = 400, description = "`INVALID_DATE_RANGE`: the range ends before it begins"),
    ),
)]
pub async fn appointments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    Query(filter): Query<Filter>,
) -> Answer {
    found_appointments(&state, caller, texts, filter).await
}

/// A page of the caller's appointments that a search finds.
async fn found_appointments(state: &AppState, caller: Caller, texts: Texts, filter: Filter) -> Answer {
    let limit = page_of(filter.limit.as_deref())?;
    let order = match &filter.sort {
        None => Order::default(),
        Some(sort) => Order::parse(sort).ok_or_else(|| Fault::malformed("sort"))?,
    };
    let (from, to) = (
        bound("from", filter.from.as_deref())?,
        bound("to", filter.to.as_deref())?,
    );
    let wanted = appointment::Listing {
        status: filter.status.as_deref().map(status).transpose()?,
        doctor_id: number("doctor", filter.doctor.as_deref())?,
        patient_id: number("patient", filter.patient.as_deref())?,
        clinic_id: number("clinic", filter.clinic.as_deref())?,
        service: filter.service.map(|key| storable(&key)),
        search: Search::new(&words("q", filter.q.as_deref())?, state.config.rules.country),
        order,
        from: from.map(Bound::start),
        until: to.map(Bound::end),
        after: match &filter.cursor {
            Some(cursor) => Some(parse_cursor(cursor, order).ok_or_else(|| Fault::malformed("cursor"))?),
            None => None,
        },
        // One more shows whether there is another page.
        limit: limit + 1,
    };
    let (now, role) = (state.now(), caller.role());
    let items = appointment::listing(&state.database, caller, wanted, now).await?;
    let (items, next) = paged(items, limit, |last| cursor(last, order));
    let items = items
        .into_iter()
        .map(|item| AppointmentData::new(item, role, now, texts.locale()))
        .collect();
    Ok(listed(texts, items, next))
}

/// Returns the cursor of the page after this appointment; it is valid in this order only.
fn cursor(item: &Item, order: Order) -> String {
    format!("{}.{}.{}", order.name(), item.starts_at.as_microsecond(), item.id)
}

fn parse_cursor(text: &str, order: Order) -> Option<(Timestamp, i64)> {
    let mut parts = text.split('.');
    let (name, starts_at, id) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || name != order.name() {
        return None;
    }
    let starts_at = Timestamp::from_microsecond(starts_at.parse().ok()?).ok()?;
    // Nothing is older, and the database has another first year than programs may name.
    (starts_at >= Timestamp::UNIX_EPOCH).then_some((starts_at, id.parse().ok()?))
}

fn status(text: &str) -> Result<Status, AppError> {
    Status::parse(text).ok_or(AppError::invalid(Field::Status, FieldProblem::Malformed))
}

/// Returns an appointment.
#[utoipa::path(
    get, path = "/v1/appointments/{id}", tag = APPOINTMENTS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The appointment", body = Done<AppointmentData>)),
)]
pub async fn appointment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let role = caller.role();
    let item = match which {
        AppointmentName::Id(id) => appointment::find_by_id(&state.database, caller, id).await?,
        AppointmentName::Reference(reference) => {
            appointment::find(&state.database, Some(caller), None, reference).await?
        }
    };
    let version = item.version;
    Ok(found_version(
        texts,
        AppointmentData::new(item, role, state.now(), texts.locale()),
        version,
    ))
}

/// A change of an appointment.
#[derive(Serialize, ToSchema)]
pub struct AppointmentChange {
    /// The version after the change.
    #[schema(example = 3)]
    version: i32,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    changed_at: Timestamp,
    /// Null for the first change.
    #[schema(value_type = Option<String>, example = "pending")]
    from: Option<Status>,
    /// The same as before if the appointment was moved.
    #[schema(value_type = String, example = "confirmed")]
    to: Status,
    #[schema(value_type = Option<String>, format = DateTime)]
    from_starts_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    to_starts_at: Timestamp,
    /// The role: `visitor`, `patient`, `doctor`, `admin` or `system`.
    #[schema(example = "doctor")]
    changed_by_role: &'static str,
    /// The name of the person who made the change, if there is one.
    changed_by: Option<String>,
    /// Whether an admin acted in place of the doctor.
    for_doctor: bool,
    #[schema(example = "A cough")]
    reason: String,
    /// Of a change that is about the arrival alone: whether it was said that the patient is here, or taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrived: Option<bool>,
    /// What staff noted for themselves, such as why the doctor was overbooked. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Whether staff let the patient have more of the service than its limits allow. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    over_limit: Option<bool>,
}

/// Lists all changes of an appointment, from its first hold or booking.
#[utoipa::path(
    get, path = "/v1/appointments/{id}/history", tag = APPOINTMENTS, security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id or the reference of an appointment")),
    responses((status = 200, description = "The changes, oldest first", body = Done<Vec<AppointmentChange>>)),
)]
pub async fn appointment_history(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    AppointmentInPath(which): AppointmentInPath,
) -> Answer {
    let role = caller.role();
    let history = appointment::history(&state.database, caller, which).await?;
    let changes: Vec<AppointmentChange> = history
        .changes
        .into_iter()
        .map(|change| AppointmentChange {
            version: change.version,
            changed_at: change.changed_at,
            from: change.from,
            to: change.to,
            from_starts_at: change.from_starts_at,
            to_starts_at: change.to_starts_at,
            changed_by_role: change.actor.as_str(),
            changed_by: change.actor_name,
            for_doctor: change.for_doctor,
            note: change
                .note
                .and_then(|note| note.for_staff(role).map(ToOwned::to_owned)),
            reason: change.reason,
            arrived: change.arrived,
            over_limit: role.is_staff().then_some(change.over_limit),
        })
        .collect();
    Ok(found(texts, changes))
}

/// A new status of an appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStatus {
    /// `confirmed`, `rejected`, `in_progress`, `completed`, `cancelled` or `no_show`.
    #[schema(example = "confirmed")]
    status: String,
    /// The version that the caller has read; the present one if it is missing.
    #[schema(example = 3)]
    version: Option<i32>,
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
}

/// Confirms, rejects, starts, completes, cancels or misses an appointment.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/status", tag = APPOINTMENTS, request_body = NewStatus, security(("token" = ["book"])),
    params(IfMatch, ("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Changed", body = Done<ChangedAppointment>),
        (status = 409, description = "`STALE_VERSION`: somebody changed it before, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: not possible from its status, which is in `details`; `VALIDATION_FAILED`"),
    ),
)]
pub async fn change_status(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewStatus>,
) -> Answer {
    let key = sent.of(&caller, "change-status", &(named(&which), &request))?;
    let command = appointment::ChangeStatus {
        caller,
        which,
        to: status(&request.status)?,
        version: seen.or(request.version)?,
        reason: typed(Field::Reason, &request.reason.unwrap_or_default(), MAX_REASON)?,
        key,
    };
    let changed = appointment::change_status(&state.database, command, state.now()).await?;
    let data = with_names(&state, &changed).await;
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// Returns the part of the path that an idempotency key stores.
fn named(which: &AppointmentName) -> String {
    match which {
        AppointmentName::Id(id) => id.to_string(),
        AppointmentName::Reference(reference) => reference.clone(),
    }
}

/// Makes a [`ChangedAppointment`], looking up its names.
pub(crate) async fn with_names(state: &AppState, summary: &Summary) -> ChangedAppointment {
    let names = names(&state.database, summary.clinic_id, summary.service_id).await;
    // It was done, and that is what the answer is about.
    let names = names.as_ref().ok();
    ChangedAppointment::new(summary, names.map(|(key, zone)| (key.as_str(), zone.as_str())))
}

/// A new time of an appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTime {
    scheduled_at: TimeInput,
    /// The version that the caller has read; the present one if it is missing.
    #[schema(example = 3)]
    version: Option<i32>,
    /// Whether the patient may have more of the service in that week than its limit allows. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    exceed_limit: Option<bool>,
}

/// Moves an appointment to another time.
#[utoipa::path(
    post, path = "/v1/appointments/{id}/reschedule", tag = APPOINTMENTS, request_body = NewTime,
    security(("token" = ["book"])),
    params(IfMatch, ("id" = String, Path, description = "The id or the reference of an appointment")),
    responses(
        (status = 200, description = "Moved", body = Done<ChangedAppointment>),
        (status = 409, description = "`BOOKING_FAILED`: the time is not free, and the appointment was not moved; `details.alternatives`. `STALE_VERSION`, `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`INVALID_TRANSITION`: the appointment can no longer be moved; `VALIDATION_FAILED`"),
    ),
)]
pub async fn move_to(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    seen: IfMatch,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewTime>,
) -> Answer {
    let key = sent.of(&caller, "reschedule", &(named(&which), &request))?;
    let exceed_limit = request.exceed_limit == Some(true);
    if exceed_limit && !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    let said = request.scheduled_at.read("scheduled_at")?;
    let starts_at = match said {
        GivenTime::At(at) => at,
        GivenTime::Local(_) => {
            // The clinic of an appointment does not change.
            let seen = appointment::look_up(&state.database, caller.clone(), which.clone()).await?;
            said.in_zone(&seen.zone)
                .ok_or_else(|| Fault::malformed("scheduled_at"))?
        }
    };
    let command = Reschedule {
        caller: caller.clone(),
        which: which.clone(),
        version: seen.or(request.version)?,
        starts_at,
        visitor: None,
        rules: state.config.rules.booking.with_limit_exceeded(exceed_limit),
        key,
    };
    match reschedule(&state.database, command, state.now()).await {
        Ok(moved) => {
            let data = with_names(&state, &moved).await;
            Ok(done(StatusCode::OK, texts, "api-moved", data))
        }
        Err(error @ AppError::BookingFailed { .. }) => {
            let seen = appointment::look_up(&state.database, caller.clone(), which).await?;
            Err(not_moved(error, &caller, seen.id))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_continues_in_the_same_order() {
        let at: Timestamp = "2026-11-24T10:00:00.123456Z".parse().unwrap();
        let micros = at.as_microsecond();
        assert_eq!(
            parse_cursor(&format!("-id.{micros}.7"), Order::Newest),
            Some((at, 7))
        );
        assert_eq!(parse_cursor(&format!("-id.{micros}.7"), Order::Soonest), None);
        for text in [
            "",
            ".",
            "7",
            "starts_at.7",
            "starts_at.a.b",
            "starts_at.1.2.3",
            "starts_at.99999999999999999999.1",
            "starts_at.9223372036854775807.1",
            "starts_at.-300000000000000000.1",
        ] {
            assert_eq!(parse_cursor(text, Order::Soonest), None, "{text}");
        }
    }
}
