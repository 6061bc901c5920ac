//! The forms that take seats: a patient's, and that of staff for a patient.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{SEATS, base, key_of, number};
use crate::{
    account::guard, appointment::forms::MAX_REASON, idempotency::forms::of_form, payment::way,
    server::AppState, ui::redirect,
};
use engine::{
    account::{Caller, required, storable, typed},
    error::{AppError, Field},
    group::{self, Take},
    idempotency::KeyOwner,
    payment::{self, StartSeats, Started},
};

const MAX_NAME: usize = 120;

/// The form of whoever takes seats, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::group) struct Wished {
    pub seats: String,
    pub patient: i64,
    pub name: String,
    pub reason: String,
}

/// Takes seats for a patient who has signed in, or for somebody who shares the phone.
#[server(prefix = "/form", endpoint = "take-seats")]
pub async fn take_seats(
    group: i64,
    #[server(default)] seats: String,
    #[server(default)] patient: i64,
    #[server(default)] name: String,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let wished = Wished {
        seats: storable(&seats),
        patient,
        name: storable(&name),
        reason: storable(&reason),
    };
    let attempt = async {
        let command = take_of(
            &state,
            &caller,
            (group, patient),
            "take-seats",
            [&seats, &name, &reason, &key],
        )?;
        group::take(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SEATS, group.to_string(), wished, &result)
        .await?;
    redirect(&format!("/appointments/{}/done", result?.appointment.reference));
    Ok(())
}

/// Goes to pay for seats, which are kept until then; they are booked when the money has come.
#[server(prefix = "/form", endpoint = "pay-for-seats")]
pub async fn pay_for_seats(
    group: i64,
    #[server(default)] seats: String,
    #[server(default)] patient: i64,
    #[server(default)] name: String,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let wished = Wished {
        seats: storable(&seats),
        patient,
        name: storable(&name),
        reason: storable(&reason),
    };
    let chosen = state.payments.chosen();
    let attempt = async {
        let command = StartSeats {
            take: take_of(
                &state,
                &caller,
                (group, patient),
                "pay-for-seats",
                [&seats, &name, &reason, &key],
            )?,
            provider: chosen.ok_or(AppError::Unavailable)?,
            locale: crate::ui::texts().locale(),
        };
        payment::start_seats(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SEATS, group.to_string(), wished, &result)
        .await?;
    if chosen.is_none() {
        redirect(&format!("/groups/{group}?pay=not-now"));
        return Ok(());
    }
    redirect(&match result? {
        Started::Booked { reference } => format!("/appointments/{reference}/done"),
        Started::Paying { payment_id } => way::by_form(&state, caller, payment_id).await?,
    });
    Ok(())
}

/// Reads what a patient has typed who takes seats, or goes to pay for them.
///
/// # Errors
/// `VALIDATION_FAILED`, `IDEMPOTENCY_CONFLICT`.
fn take_of(
    state: &AppState,
    caller: &Caller,
    (group, patient): (i64, i64),
    operation: &'static str,
    [seats, name, reason, key]: [&String; 4],
) -> Result<Take, AppError> {
    let has_name = caller.name().is_some() || Some(patient) != caller.patient_id();
    Ok(Take {
        key: of_form(
            KeyOwner::Caller(caller),
            key,
            None,
            operation,
            &format!("{group}-{patient}"),
            &(seats, name, reason),
        )?,
        group_id: group,
        patient_id: patient,
        seats: number(Field::Seats, seats)?,
        name: match has_name {
            true => None,
            false => Some(required(Field::Name, name, MAX_NAME)?),
        },
        reason: typed(Field::Reason, reason, MAX_REASON)?,
        rules: state.config.rules.booking,
        caller: caller.clone(),
    })
}

/// Takes seats for a patient, as the doctor of the session or the desk of its clinic.
#[server(prefix = "/form", endpoint = "seat-patient")]
pub async fn seat_patient(
    group: i64,
    #[server(default)] patient: i64,
    #[server(default)] seats: String,
    #[server(default)] reason: String,
    /// Whether the patient may have more of the service than its limits allow.
    #[server(default)]
    over_limit: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::staff().await?;
    let state = expect_context::<AppState>();
    let about = format!("{group}-{patient}");
    let wished = Wished {
        seats: storable(&seats),
        patient,
        name: String::new(),
        reason: storable(&reason),
    };
    let attempt = async {
        let command = Take {
            key: key_of(
                &caller,
                &key,
                "seat-patient",
                &about,
                &(&seats, &reason, over_limit),
            )?,
            group_id: group,
            patient_id: patient,
            seats: number(Field::Seats, &seats)?,
            name: None,
            reason: typed(Field::Reason, &reason, MAX_REASON)?,
            rules: state.config.rules.booking.with_limit_exceeded(over_limit),
            caller: caller.clone(),
        };
        group::take(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    guard::session()
        .settle_typed(SEATS, about.clone(), wished, &result)
        .await?;
    result?;
    redirect(&format!("{}/groups/{group}?saved=1", base(&caller)));
    Ok(())
}
