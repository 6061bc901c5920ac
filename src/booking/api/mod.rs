//! Booking, for programs.

pub mod alternatives;
pub mod holds;
pub mod pay;
pub mod submit;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::alternatives::{not_booked, visit_not_booked};
use crate::{
    account::family,
    appointment::{
        api::{ChangedAppointment, with_names},
        forms::MAX_REASON,
    },
    server::{
        AppState,
        api::{Answer, Authenticated, Body, Done, Fault, Id, RequestTexts, SentKey, TimeInput, done, made},
        openapi::APPOINTMENTS,
    },
};
use engine::{
    account::{Caller, family::Whose, typed},
    appointment::{InternalNote, Status, Summary},
    availability::{AnyDoctor, Asker, Except, Named, choose, in_turn},
    booking::{self, Wanted},
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
    idempotency::{Key, KeyOwner},
    time::GivenTime,
    visit::{self, MAX_SEGMENTS},
};

/// The name of the operation under an idempotency key.
pub(crate) const OPERATION: &str = "book";

/// A booking: a time, or the `segments` of a visit.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "doctor_id": 1, "scheduled_at": "2026-11-24T03:00:00Z", "type": "video_consultation", "reason": "A cough"
}))]
pub struct NewAppointment {
    /// The doctor. If it is missing, any doctor who offers the service; for doctors, their own calendar.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    scheduled_at: Option<TimeInput>,
    /// The key of a service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: Option<String>,
    /// The clinic; any clinic with the time if it is missing.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    /// The reason for the appointment.
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
    /// The id of a patient. For staff, and for patients who book for somebody who shares their phone.
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// Whether to book outside the doctor's free times. For staff, who give the cause as the `note`.
    #[serde(skip_serializing_if = "Option::is_none")]
    overbook: Option<bool>,
    /// With `overbook`, the cause: for staff alone, the patient never reads it. If it is missing, `reason` is the cause, and the
    /// appointment has no other reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    note: Option<String>,
    /// Whether the patient may have more of the service than its limits allow. For staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    exceed_limit: Option<bool>,
    /// Several appointments, all or none, in place of the fields of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<Vec<Segment>>,
}

/// An appointment of a visit.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    #[schema(example = 1)]
    doctor_id: i64,
    scheduled_at: TimeInput,
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: String,
    #[schema(example = 1)]
    clinic_id: Option<i64>,
}

/// A booking: one appointment, or several.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Booked {
    One(ChangedAppointment),
    Visit(VisitData),
}

/// A visit: several appointments that were booked together.
#[derive(Serialize, ToSchema)]
pub struct VisitData {
    /// The id of the visit.
    visit: i64,
    /// The appointments, in the order of the request.
    appointments: Vec<ChangedAppointment>,
}

impl VisitData {
    /// A visit all of whose appointments are of one service at one clinic.
    pub(crate) fn new(visit: &visit::Visit, names: (&str, &str), reason: &str) -> Self {
        let appointments = visit.appointments.iter();
        Self {
            visit: visit.id,
            appointments: appointments
                .map(|summary| ChangedAppointment::new(summary, Some(names)).because(reason))
                .collect(),
        }
    }
}

/// Books a time, or all times of a visit.
///
/// A repeated request returns the same booking, also without a key.
#[utoipa::path(
    post, path = "/v1/appointments", tag = APPOINTMENTS, request_body = NewAppointment, security(("token" = ["book"])),
    responses(
        (status = 201, description = "Booked: `pending` until the doctor answers, or `confirmed`", body = Done<Booked>,
         headers(("Location" = String, description = "The path of the appointment"))),
        (status = 409, description = "`BOOKING_FAILED`: the time is not free, or a limit is reached; `details` have `reason`, `alternatives` and `again_at`. `PHONE_SHARED`: it has to be said for whom of `details.patients` it is. `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn book(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewAppointment>,
) -> Answer {
    let sent = sent.of(&caller, OPERATION, &request)?;
    let patient_id = match (&caller, request.patient_id) {
        (Caller::Patient { .. }, None) => {
            family::patient_of(&state, &caller, "", Whose::Unsaid, sent.as_ref())
                .await?
                .0
        }
        (Caller::Patient { .. }, named) if caller.acts_for(named) => named.ok_or(AppError::Forbidden)?,
        (Caller::Patient { .. }, _) => return Err(AppError::Forbidden.into()),
        (_, named) => named.ok_or_else(|| Fault::missing("patient_id"))?,
    };
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    let exceed_limit = request.exceed_limit == Some(true);
    if exceed_limit && !caller.role().is_staff() {
        return Err(AppError::Forbidden.into());
    }
    if let Some(segments) = request.segments {
        let single = [
            ("doctor_id", request.doctor_id.is_some()),
            ("scheduled_at", request.scheduled_at.is_some()),
            ("type", request.service.is_some()),
            ("clinic_id", request.clinic_id.is_some()),
            ("overbook", request.overbook.is_some()),
            ("note", request.note.is_some()),
        ];
        if let Some((name, _)) = single.into_iter().find(|(_, is_said)| *is_said) {
            return Err(Fault::malformed(name));
        }
        let whole = Whole {
            caller,
            sent,
            patient_id,
            reason,
            exceed_limit,
        };
        return visit(&state, texts, whole, segments).await;
    }
    let note = typed(
        Field::Note,
        request.note.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    let (reason, overbook) = match request.overbook {
        Some(true) if !caller.role().is_staff() => return Err(AppError::Forbidden.into()),
        Some(true) if !note.is_empty() => (reason, Some(note)),
        Some(true) if reason.is_empty() => return Err(Fault::missing("reason")),
        // It is staff's cause, not the patient's reason to come.
        Some(true) => (String::new(), Some(reason)),
        Some(false) | None if !note.is_empty() => return Err(Fault::malformed("note")),
        Some(false) | None => (reason, None),
    };
    let at = request
        .scheduled_at
        .ok_or_else(|| Fault::missing("scheduled_at"))?;
    // Whoever is at the desk of one clinic means that.
    let own = match caller.clinics() {
        Some([only]) => Some(*only),
        _ => None,
    };
    let order = Order {
        at: at.read("scheduled_at")?,
        service: request.service.ok_or_else(|| Fault::missing("type"))?,
        clinic_id: request.clinic_id.or(own),
        doctor_id: request.doctor_id.or(match &caller {
            Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
            Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => None,
        }),
        caller,
        sent,
        patient_id,
        reason: reason.clone(),
        overbook,
        exceed_limit,
    };
    let (booked, data) = match order.doctor_id {
        Some(doctor_id) => with_doctor(&state, doctor_id, order).await?,
        // Who has no time, and is given somebody all the same, has to be named.
        None if order.overbook.is_some() => return Err(Fault::missing("doctor_id")),
        None => with_any(&state, order).await?,
    };
    Ok(made(
        texts,
        said_of(booked.status),
        &format!("/api/v1/appointments/{}", booked.id),
        Booked::One(data.because(&reason)),
    ))
}

/// A request that can be read.
struct Order {
    caller: Caller,
    sent: Option<Key>,
    service: String,
    clinic_id: Option<i64>,
    doctor_id: Option<i64>,
    at: GivenTime,
    patient_id: i64,
    reason: String,
    /// Why the time is wanted even where the doctor has none, for staff alone.
    overbook: Option<String>,
    exceed_limit: bool,
}

impl Order {
    /// Makes the command, under the key that was sent, or else under the request itself.
    fn command(
        self,
        state: &AppState,
        wanted: Wanted,
        subject: &impl Serialize,
    ) -> Result<booking::Book, AppError> {
        let operation = match self.overbook {
            Some(_) => "overbook",
            None => OPERATION,
        };
        let key = match self.sent {
            Some(key) => key,
            None => {
                let words = [self.overbook.as_deref().unwrap_or_default(), &self.reason].concat();
                Key::derived(
                    KeyOwner::Caller(&self.caller),
                    operation,
                    &(subject, self.patient_id, words),
                )?
            }
        };
        Ok(booking::Book {
            caller: self.caller,
            wanted,
            patient_id: self.patient_id,
            reason: self.reason,
            overbook: self.overbook.map(InternalNote::new),
            rules: state.config.rules.booking.with_limit_exceeded(self.exceed_limit),
            key: Some(key),
        })
    }
}

/// A request for a visit, but for its parts.
struct Whole {
    caller: Caller,
    sent: Option<Key>,
    patient_id: i64,
    reason: String,
    exceed_limit: bool,
}

/// Books several appointments, all or none.
async fn visit(state: &AppState, texts: Texts, whole: Whole, segments: Vec<Segment>) -> Answer {
    // Nobody is made to look up what is refused.
    if segments.len() > MAX_SEGMENTS {
        return Err(AppError::invalid(Field::Segments, FieldProblem::TooLong).into());
    }
    let now = state.now();
    let (mut wanted, mut names) = (Vec::new(), Vec::new());
    for (place, segment) in segments.into_iter().enumerate() {
        let name = format!("segments[{place}].scheduled_at");
        let at = segment.scheduled_at.read(&name)?;
        let (offering, starts_at) = choose(
            &state.database,
            segment.doctor_id,
            segment.service,
            segment.clinic_id,
            at,
            now,
        )
        .await?
        .ok_or_else(|| Fault::malformed(&name))?;
        wanted.push(offering.at(starts_at));
        names.push((offering.service_key, offering.zone_name));
    }
    let key = match whole.sent {
        Some(key) => key,
        None => Key::derived(
            KeyOwner::Caller(&whole.caller),
            OPERATION,
            &(&wanted, whole.patient_id, whole.reason.as_str()),
        )?,
    };
    let asker = Asker::from(&whole.caller);
    let command = visit::BookVisit {
        caller: whole.caller,
        segments: wanted.clone(),
        patient_id: whole.patient_id,
        reason: whole.reason.clone(),
        rules: state.config.rules.booking.with_limit_exceeded(whole.exceed_limit),
        key: Some(key),
    };
    let booked = visit::book_visit(&state.database, command, now)
        .await
        .map_err(|error| visit_not_booked(error, asker, wanted))?;
    let appointments = booked.appointments.iter().zip(&names);
    let appointments = appointments
        .map(|(summary, (service, zone))| {
            ChangedAppointment::new(summary, Some((service, zone))).because(&whole.reason)
        })
        .collect();
    let message = said_of_all(&booked.appointments);
    let data = VisitData {
        visit: booked.id,
        appointments,
    };
    Ok(done(StatusCode::CREATED, texts, message, Booked::Visit(data)))
}

/// Returns the text about an appointment that was just booked.
fn said_of(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "api-booked",
        _ => "api-requested",
    }
}

/// Returns the text about several appointments that were just booked.
pub(crate) fn said_of_all(appointments: &[Summary]) -> &'static str {
    let first_open = appointments
        .iter()
        .find(|summary| summary.status != Status::Confirmed);
    said_of(first_open.map_or(Status::Confirmed, |summary| summary.status))
}

/// The cancellation of a visit.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
    /// The id of an appointment of the visit: those before it stay. All that is left of the visit if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_appointment: Option<i64>,
}

/// Cancels the appointments of a visit that are still ahead, all or none.
#[utoipa::path(
    post, path = "/v1/visits/{id}/cancel", tag = APPOINTMENTS, request_body = Cancellation, security(("token" = ["book"])),
    params(("id" = i64, Path, description = "The id of a visit")),
    responses(
        (status = 200, description = "Cancelled", body = Done<VisitData>),
        (status = 422, description = "`INVALID_TRANSITION`: one of the appointments can no longer be cancelled; `VALIDATION_FAILED`"),
    ),
)]
pub async fn cancel_visit(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Cancellation>,
) -> Answer {
    let key = sent.of(&caller, "cancel-visit", &(id, &request))?;
    let reason = typed(Field::Reason, &request.reason.unwrap_or_default(), MAX_REASON)?;
    let database = &state.database;
    let now = state.now();
    let visit = match request.from_appointment {
        Some(first) => visit::cancel_rest(database, caller, id, first, reason, key, now).await?,
        None => visit::cancel_visit(database, caller, id, reason, key, now).await?,
    };
    let mut appointments = Vec::new();
    for summary in &visit.appointments {
        appointments.push(with_names(&state, summary).await);
    }
    let data = VisitData {
        visit: visit.id,
        appointments,
    };
    Ok(done(StatusCode::OK, texts, "api-changed", data))
}

/// Books with this doctor.
async fn with_doctor(
    state: &AppState,
    doctor_id: i64,
    order: Order,
) -> Result<(Summary, ChangedAppointment), Fault> {
    let now = state.now();
    let (offering, starts_at) = choose(
        &state.database,
        doctor_id,
        order.service.clone(),
        order.clinic_id,
        order.at,
        now,
    )
    .await?
    .ok_or_else(|| Fault::malformed("scheduled_at"))?;
    let wanted = offering.at(starts_at);
    let caller = order.caller.clone();
    let command = order.command(state, wanted, &wanted)?;
    let booked = booking::book(&state.database, command, now)
        .await
        .map_err(|error| not_booked(error, &caller))?;
    let names = (offering.service_key.as_str(), offering.zone_name.as_str());
    let data = ChangedAppointment::new(&booked, Some(names));
    Ok((booked, data))
}

/// Books with whoever offers the service and is free, in turn.
async fn with_any(state: &AppState, order: Order) -> Result<(Summary, ChangedAppointment), Fault> {
    let now = state.now();
    let wanted = AnyDoctor {
        service: Named::Key(order.service.clone()),
        clinic_id: order.clinic_id,
    };
    let is_staff = order.caller.role().is_staff();
    let turns = in_turn(
        &state.database,
        wanted,
        order.at,
        Except::default(),
        is_staff,
        Some(order.patient_id),
        now,
    )
    .await?
    .ok_or_else(|| Fault::malformed("scheduled_at"))?;
    let wanted = turns.wanted;
    let caller = order.caller.clone();
    let command = order.command(state, wanted, &wanted)?;
    let booked = booking::book_any(&state.database, turns, command, now)
        .await
        .map_err(|error| not_booked(error, &caller))?;
    let data = with_names(state, &booked).await;
    Ok((booked, data))
}
