//! The forms that choose a time, which holds it, and hold it longer.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{
    is_bookable,
    parts::{add, kept},
    who::patient_of,
};
use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::Caller,
    appointment::{Item, Status},
    availability::{AnyDoctor, Except, Named, in_turn, is_free},
    booking::{self, Wanted},
    error::{AppError, Field, FieldProblem, Refusal},
    idempotency::{Key, KeyOwner},
    time::GivenTime,
};

/// Makes the command that holds a time for this browser, and for the patient who has signed in. Staff use their desk.
async fn holding(
    state: &AppState,
    caller: Option<&Caller>,
    visitor: Vec<u8>,
    wanted: Wanted,
    key: Option<Key>,
) -> Result<booking::Hold, AppError> {
    let patient_id = caller
        .map(|caller| caller.patient_id().ok_or(AppError::Forbidden))
        .transpose()?;
    Ok(booking::Hold {
        wanted,
        key,
        keeps: kept().await?,
        visitor,
        patient_id,
        address: guard::address(),
        holds_per_address: state.config.limits.holds_per_address,
        rules: state.config.rules.booking,
    })
}

/// Chooses a time, which holds it.
#[server(prefix = "/form", endpoint = "hold")]
pub async fn hold(
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    starts_at: i64,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    // public: a visitor may hold a time before signing in.
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let wanted = Wanted {
        doctor_id,
        clinic_id,
        service_id,
        starts_at,
    };
    let visitor = guard::session().visitor_or_new().await?;
    // The page has one key for all its times.
    let subject = starts_at.to_string();
    let key = of_form(
        KeyOwner::Visitor(&visitor),
        &key,
        Some(starts_at),
        "hold",
        &subject,
        &wanted,
    )?;
    let command = holding(&state, caller.as_ref(), visitor, wanted, key).await?;
    let reference = booking::hold(&state.database, command, state.now()).await?;
    lead_on(caller, &reference).await
}

/// Chooses a time with any doctor who offers the service: whoever's turn it is. Without a clinic, anywhere.
#[server(prefix = "/form", endpoint = "hold-any")]
pub async fn hold_any(
    service_id: i64,
    #[server(default)] clinic_id: Option<i64>,
    starts_at: i64,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    // public: a visitor may hold a time before signing in.
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let visitor = guard::session().visitor_or_new().await?;
    let key = of_form(
        KeyOwner::Visitor(&visitor),
        &key,
        Some(starts_at),
        "hold-any",
        &starts_at.to_string(),
        &(service_id, clinic_id),
    )?;
    let malformed = AppError::invalid(Field::StartsAt, FieldProblem::Malformed);
    let at = Timestamp::from_second(starts_at).map_err(|_| malformed)?;
    let any = AnyDoctor {
        service: Named::Id(service_id),
        clinic_id,
    };
    let except = Except {
        appointment_id: None,
        holds_of: guard::session().who_lets_go().await?,
    };
    let now = state.now();
    let patient_id = caller.as_ref().and_then(Caller::patient_id);
    let at = GivenTime::At(at);
    let turns = in_turn(&state.database, any, at, except, false, patient_id, now).await?;
    let turns = turns.ok_or(malformed)?;
    let command = holding(&state, caller.as_ref(), visitor, turns.wanted, key).await?;
    let reference = booking::hold_any(&state.database, turns, command, now).await?;
    lead_on(caller, &reference).await
}

/// To the next step after a time is held: who has signed in and said why they come goes straight on. What is held
/// together is held for as long again.
async fn lead_on(caller: Option<Caller>, reference: &str) -> Result<(), AppError> {
    let session = guard::session();
    session
        .keep(|draft| reference.clone_into(&mut draft.held))
        .await?;
    let draft = session.draft().await?;
    if !draft.parts.is_empty() {
        let state = expect_context::<AppState>();
        let visitor = session.visitor().await?.ok_or(AppError::NotFound)?;
        let (rules, now) = (state.config.rules.booking, state.now());
        for part in draft.parts.clone() {
            // One that has ended is told of on the page that sums everything up.
            let _ = booking::extend(&state.database, part, visitor.clone(), rules, now).await;
        }
        session.keep(|draft| add(&mut draft.parts, reference)).await?;
    }
    let knows_enough = match caller {
        Some(caller) => patient_of(&caller, &draft).await?.is_some(),
        None => false,
    };
    redirect(&match knows_enough {
        true => format!("/book/{reference}/check"),
        false => format!("/book/{reference}"),
    });
    Ok(())
}

/// Holds a time again whose hold has run out, before anybody is asked for more; the reference of the hold.
///
/// # Errors
/// `BOOKING_FAILED` where somebody else has the time by now.
pub(super) async fn hold_again(
    state: &AppState,
    caller: Option<&Caller>,
    item: Item,
) -> Result<String, AppError> {
    let now = state.now();
    let session = guard::session();
    if !is_bookable(item.status) || item.status_at(now) != Status::Expired {
        return Ok(item.reference);
    }
    let wanted = Wanted::from(&item);
    let visitor = session.visitor().await?.ok_or(AppError::NotFound)?;
    let except = Except {
        appointment_id: Some(item.id),
        holds_of: Some(visitor.clone()),
    };
    let reason = Refusal::HoldExpired;
    let gone = AppError::BookingFailed { reason, wanted };
    if !is_free(&state.database, wanted, except, now).await? {
        return Err(gone);
    }
    if !session.draft().await?.parts.is_empty() {
        // What is booked together is held together.
        return Ok(item.reference);
    }
    let command = holding(state, caller, visitor, wanted, None).await?;
    match booking::hold(&state.database, command, now).await {
        Ok(reference) => {
            session
                .keep(|draft| reference.clone_into(&mut draft.held))
                .await?;
            Ok(reference)
        }
        Err(AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            ..
        }) => Err(gone),
        // It can be booked without a hold.
        Err(AppError::RateLimited) => Ok(item.reference),
        Err(error) => Err(error),
    }
}

/// Extends a hold.
#[server(prefix = "/form", endpoint = "extend")]
pub async fn extend(reference: String) -> Result<(), AppError> {
    // public: the hold belongs to the visitor's own browser; the service checks that it does.
    let state = expect_context::<AppState>();
    let visitor = guard::session().visitor().await?.ok_or(AppError::NotFound)?;
    booking::extend(
        &state.database,
        reference,
        visitor,
        state.config.rules.booking,
        state.now(),
    )
    .await
}
