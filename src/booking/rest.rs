//! Booking, for programs.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::service;
use crate::{
    account::{Caller, typed},
    appointment::{Status, api::MOST_REASON, rest::of_summary},
    availability::service::choose,
    error::{AppError, Field},
    i18n::Texts,
    idempotency::{Key, Whose},
    server::{
        AppState,
        rest::{Answer, Authenticated, Body, Fault, SentKey, made},
    },
    time::Said,
};

/// What the operation is called under an idempotency key.
const OPERATION: &str = "book";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewAppointment {
    doctor_id: i64,
    scheduled_at: String,
    /// The key of a service.
    #[serde(rename = "type")]
    service: String,
    /// Needed only where the doctor offers it at several clinics at the same time.
    clinic_id: Option<i64>,
    /// Why the patient comes.
    reason: Option<String>,
    /// For staff to say.
    patient_id: Option<i64>,
    /// Also where the doctor has no time then, for staff alone (B13); the reason says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    overbook: Option<bool>,
}

/// Books a time (B1). Who sends the same again is given the same booking, also without a key (B6).
pub async fn book(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    sent: SentKey,
    texts: Texts,
    Body(request): Body<NewAppointment>,
) -> Answer {
    let sent = sent.of(&caller, OPERATION, &request)?;
    let patient_id = match (&caller, request.patient_id) {
        (Caller::Patient { id, .. }, named) if named.is_none_or(|named| named == *id) => *id,
        (Caller::Patient { .. }, _) => return Err(AppError::Forbidden.into()),
        (_, named) => named.ok_or_else(|| Fault::missing("patient_id"))?,
    };
    let reason = typed(Field::Reason, &request.reason.unwrap_or_default(), MOST_REASON)?;
    let overbook = match request.overbook {
        Some(true) if !caller.role().is_staff() => return Err(AppError::Forbidden.into()),
        Some(true) if reason.is_empty() => return Err(Fault::missing("reason")),
        Some(true) => Some(reason.clone()),
        Some(false) | None => None,
    };
    let at = Said::parse(&request.scheduled_at).ok_or_else(|| Fault::malformed("scheduled_at"))?;
    let now = Timestamp::now();
    let (offering, starts_at) = choose(
        &state.database,
        request.doctor_id,
        request.service,
        request.clinic_id,
        at,
        now,
    )
    .await?
    .ok_or_else(|| Fault::malformed("scheduled_at"))?;
    let wanted = offering.at(starts_at);
    let key = match sent {
        Some(key) => key,
        None => {
            let operation = match overbook {
                Some(_) => "overbook",
                None => OPERATION,
            };
            Key::derived(
                Whose::Caller(&caller),
                operation,
                &(wanted, patient_id, reason.as_str()),
            )?
        }
    };
    let command = service::Book {
        caller,
        wanted,
        patient_id,
        reason: reason.clone(),
        overbook,
        answer_minutes: state.config.rules.answer_minutes,
        key: Some(key),
    };
    let booked = service::book(&state.database, &state.live, command, now).await?;
    let message = match booked.status {
        Status::Confirmed => "api-booked",
        _ => "api-requested",
    };
    let mut data = of_summary(&booked, &offering.service_key, &offering.zone_name);
    data["reason"] = reason.into();
    Ok(made(
        texts,
        message,
        &format!("/api/v1/appointments/{}", booked.id),
        data,
    ))
}
