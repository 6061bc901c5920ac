//! The calls that book times which are held: one, or all of a visit (B5, B7).

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Booked, VisitData,
    holds::{Holder, find, read_references},
    said_of, said_of_all,
};
use crate::{
    account::family,
    appointment::{
        api::{ChangedAppointment, with_names},
        forms::MAX_REASON,
    },
    server::{
        AppState,
        api::{
            Answer, AppointmentInPath, Authenticated, Body, Done, Fault, RequestTexts, SentKey, done, made,
        },
        openapi::HOLDS,
    },
};
use engine::{
    account::{Caller, typed},
    booking,
    error::Field,
    idempotency::Key,
    visit::{self, MAX_SEGMENTS},
};

/// The patient, and the reason for the appointment.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "A cough"}))]
pub struct Confirmation {
    /// The reason for the appointment.
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
    /// The name of the patient: of the caller, or of somebody who shares the caller's phone.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// The patient: the caller, or one of the caller's family. Needed where the caller has one, unless `name` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// Whether it is for somebody else with the caller's phone, who is called `name` and not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    somebody_else: Option<bool>,
    /// Another appointment of the patient at that time, which is cancelled if, and only if, this one is booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead_of: Option<InsteadOf>,
}

/// An appointment that is given up, with the version that was read.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InsteadOf {
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(example = 3)]
    version: i32,
}

/// Books a time that is held.
///
/// A repeated request books once.
#[utoipa::path(
    post, path = "/v1/holds/{id}/submit", tag = HOLDS, request_body = Confirmation, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The reference or the id of a hold")),
    responses(
        (status = 201, description = "Booked: `pending` until the doctor answers, or `confirmed`", body = Done<ChangedAppointment>,
         headers(("Location" = String, description = "The path of the appointment"))),
        (status = 402, description = "`PAYMENT_REQUIRED`: it is paid before it is booked; use `POST holds/{id}/pay`"),
        (status = 409, description = "`BOOKING_FAILED`: the hold ran out and somebody else has the time, or the patient has another appointment then; `details` have `reason` and `alternatives`. `PHONE_SHARED`: it has to be said for whom of `details.patients` it is. `STALE_VERSION` of the appointment that is given up, `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
        (status = 422, description = "`VALIDATION_FAILED`; `INVALID_TRANSITION`: the other appointment can no longer be given up"),
    ),
)]
pub async fn submit_hold(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    AppointmentInPath(which): AppointmentInPath,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<Confirmation>,
) -> Answer {
    let holder = Holder::of(&caller)?;
    let reference = find(&state, caller.clone(), &holder, which).await?.reference;
    let key = sent.of(&caller, "confirm-hold", &(&reference, &request))?;
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    let whose = family::whose(request.patient_id, request.somebody_else)?;
    let name = holder.name(request.name.as_deref(), whose)?;
    let (patient_id, newcomer) = family::patient_of(&state, &caller, &name, whose, key.as_ref()).await?;
    let command = booking::Submit {
        reference,
        name,
        reason: reason.clone(),
        visitor: holder.visitor,
        patient_id,
        newcomer,
        booked_by: holder.patient_id,
        rules: state.config.rules.booking,
        instead_of: request.instead_of.map(|other| (other.reference, other.version)),
        key,
    };
    let booked = booking::submit(&state.database, command, state.now()).await?;
    let data = with_names(&state, &booked).await.because(&reason);
    let location = format!("/api/v1/appointments/{}", booked.id);
    Ok(made(texts, said_of(booked.status), &location, data))
}

/// Books a time that is held, under its old name: use `POST holds/{id}/submit`, which is the same call. A key that was
/// sent to one of the two is known to the other.
#[utoipa::path(
    post, path = "/v1/holds/{id}/confirm", tag = HOLDS, request_body = Confirmation, security(("token" = ["book"])),
    params(("id" = String, Path, description = "The reference or the id of a hold")),
    responses(
        (status = 201, description = "Booked, as by `POST holds/{id}/submit`", body = Done<ChangedAppointment>,
         headers(("Location" = String, description = "The path of the appointment"))),
        (status = 409, description = "As of `POST holds/{id}/submit`"),
        (status = 422, description = "As of `POST holds/{id}/submit`"),
    ),
)]
#[deprecated = "use POST holds/{id}/submit"]
pub async fn confirm_hold(
    state: State<AppState>,
    caller: Authenticated,
    which: AppointmentInPath,
    sent: SentKey,
    texts: RequestTexts,
    body: Body<Confirmation>,
) -> Answer {
    // public: the same call asks who it is.
    submit_hold(state, caller, which, sent, texts, body).await
}

/// The held times of a visit.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVisit {
    /// The references of the holds, in the order of the appointments of the visit.
    #[schema(min_items = 2, max_items = 8, example = json!(["K7QM-4D2P", "M3XH-9RTB"]))]
    holds: Vec<String>,
    /// The reason for the appointment.
    #[schema(max_length = 500, example = "A cough")]
    reason: Option<String>,
    /// The name of the patient: of the caller, or of somebody who shares the caller's phone.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// The patient: the caller, or one of the caller's family. Needed where the caller has one, unless `name` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// Whether it is for somebody else with the caller's phone, who is called `name` and not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    somebody_else: Option<bool>,
}

/// What a request for a visit wants to be booked.
///
/// # Errors
/// `VALIDATION_FAILED`, `PHONE_SHARED`; `FORBIDDEN` for staff.
pub(super) async fn visit_of(
    state: &AppState,
    caller: &Caller,
    request: &NewVisit,
    key: Option<Key>,
) -> Result<visit::SubmitVisit, Fault> {
    let holder = Holder::of(caller)?;
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MAX_REASON,
    )?;
    match request.holds.len() {
        0 | 1 => return Err(Fault::malformed("holds")),
        2..=MAX_SEGMENTS => {}
        _ => return Err(Fault::too_long("holds")),
    }
    let references = read_references("holds", &request.holds)?;
    let whose = family::whose(request.patient_id, request.somebody_else)?;
    let name = holder.name(request.name.as_deref(), whose)?;
    let (patient_id, newcomer) = family::patient_of(state, caller, &name, whose, key.as_ref()).await?;
    Ok(visit::SubmitVisit {
        references,
        name,
        reason,
        visitor: holder.visitor,
        patient_id,
        newcomer,
        booked_by: holder.patient_id,
        rules: state.config.rules.booking,
        key,
    })
}

/// Books all held times of a visit, or none of them.
///
/// To book several times without holding them first, use `POST appointments` with `segments`.
#[utoipa::path(
    post, path = "/v1/visits", tag = HOLDS, request_body = NewVisit, security(("token" = ["book"])),
    responses(
        (status = 201, description = "All times are booked", body = Done<Booked>),
        (status = 402, description = "`PAYMENT_REQUIRED`: one of them is paid before it is booked; use `POST visits/pay`"),
        (status = 409, description = "`BOOKING_FAILED`: one of the times is no longer free; `PHONE_SHARED`: it has to be said for whom of `details.patients` it is; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn confirm_holds(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    Body(request): Body<NewVisit>,
) -> Answer {
    let key = sent.of(&caller, "confirm-holds", &request)?;
    let command = visit_of(&state, &caller, &request, key).await?;
    let reason = command.reason.clone();
    let visit = visit::submit_visit(&state.database, command, state.now()).await?;
    let mut appointments = Vec::new();
    for summary in &visit.appointments {
        appointments.push(with_names(&state, summary).await.because(&reason));
    }
    let message = said_of_all(&visit.appointments);
    let data = VisitData {
        visit: visit.id,
        appointments,
    };
    Ok(done(StatusCode::CREATED, texts, message, Booked::Visit(data)))
}
