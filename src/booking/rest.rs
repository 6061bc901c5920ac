//! Booking, for programs.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Wanted, service};
use crate::{
    account::{Caller, typed},
    appointment::{
        Status,
        api::MOST_REASON,
        rest::{of_summary, with_names},
        service::Summary,
    },
    availability::service::{AnyDoctor, Except, Named, choose, in_turn},
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
    /// Without one, any doctor will do who offers the service; of a doctor, their own calendar.
    doctor_id: Option<i64>,
    scheduled_at: String,
    /// The key of a service.
    #[serde(rename = "type")]
    service: String,
    /// Without one, any clinic will do that has the time.
    clinic_id: Option<i64>,
    /// Why the patient comes.
    reason: Option<String>,
    /// For staff to say.
    patient_id: Option<i64>,
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
    let reason = typed(
        Field::Reason,
        request.reason.as_deref().unwrap_or_default(),
        MOST_REASON,
    )?;
    let order = Order {
        at: Said::parse(&request.scheduled_at).ok_or_else(|| Fault::malformed("scheduled_at"))?,
        doctor_id: request.doctor_id.or(match &caller {
            Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
            Caller::Patient { .. } | Caller::Admin { .. } => None,
        }),
        caller,
        sent,
        patient_id,
        reason: reason.clone(),
        request,
    };
    let (booked, mut data) = match order.doctor_id {
        Some(doctor_id) => with_doctor(&state, doctor_id, order).await?,
        None => with_any(&state, order).await?,
    };
    let message = match booked.status {
        Status::Confirmed => "api-booked",
        _ => "api-requested",
    };
    data["reason"] = reason.into();
    Ok(made(
        texts,
        message,
        &format!("/api/v1/appointments/{}", booked.id),
        data,
    ))
}

/// A request that can be read.
struct Order {
    caller: Caller,
    sent: Option<Key>,
    request: NewAppointment,
    doctor_id: Option<i64>,
    at: Said,
    patient_id: i64,
    reason: String,
}

impl Order {
    /// What is to be booked, under the key that was sent, or where none was, under the request itself.
    fn command(
        self,
        state: &AppState,
        wanted: Wanted,
        subject: &impl Serialize,
    ) -> Result<service::Book, AppError> {
        let key = match self.sent {
            Some(key) => key,
            None => Key::derived(
                Whose::Caller(&self.caller),
                OPERATION,
                &(subject, self.patient_id, self.reason.as_str()),
            )?,
        };
        Ok(service::Book {
            caller: self.caller,
            wanted,
            patient_id: self.patient_id,
            reason: self.reason,
            answer_minutes: state.config.rules.answer_minutes,
            key: Some(key),
        })
    }
}

/// Books with this doctor.
async fn with_doctor(state: &AppState, doctor_id: i64, order: Order) -> Result<(Summary, Value), Fault> {
    let now = Timestamp::now();
    let (offering, starts_at) = choose(
        &state.database,
        doctor_id,
        order.request.service.clone(),
        order.request.clinic_id,
        order.at,
        now,
    )
    .await?
    .ok_or_else(|| Fault::malformed("scheduled_at"))?;
    let wanted = offering.at(starts_at);
    let command = order.command(state, wanted, &wanted)?;
    let booked = service::book(&state.database, &state.live, command, now).await?;
    let data = of_summary(&booked, &offering.service_key, &offering.zone_name);
    Ok((booked, data))
}

/// Books with whoever offers the service and is free, in turn.
async fn with_any(state: &AppState, order: Order) -> Result<(Summary, Value), Fault> {
    let now = Timestamp::now();
    let wanted = AnyDoctor {
        service: Named::Key(order.request.service.clone()),
        clinic_id: order.request.clinic_id,
    };
    let is_staff = order.caller.role().is_staff();
    let turns = in_turn(
        &state.database,
        wanted,
        order.at,
        Except::default(),
        is_staff,
        now,
    )
    .await?
    .ok_or_else(|| Fault::malformed("scheduled_at"))?;
    let wanted = turns.wanted;
    let command = order.command(state, wanted, &wanted)?;
    let booked = service::book_any(&state.database, &state.live, turns, command, now).await?;
    let data = with_names(state, &booked).await;
    Ok((booked, data))
}
