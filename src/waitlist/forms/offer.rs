//! Offering a time, or seats, to somebody whom the staff choose.

use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::base_of;
use crate::{account::guard, idempotency::forms::of_form, server::AppState, ui::redirect};
use engine::{
    account::storable,
    availability::names,
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    schedule::{clock, week::date},
    time, waitlist,
};

/// Under which name a session keeps what was typed to offer a time by hand.
pub(in crate::waitlist) const OFFER_FORM: &str = "waitlist-offer";

/// The form that offers a time by hand, as somebody filled it in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::waitlist) struct TypedOffer {
    pub entry: i64,
    pub offer: String,
    pub day: String,
    pub hours: String,
}

/// Offers a free time to somebody whom the staff choose.
#[server(prefix = "/form", endpoint = "offer-by-hand")]
pub async fn offer_by_hand(
    entry: i64,
    /// The doctor and the clinic, with a dash between them.
    #[server(default)]
    offer: String,
    #[server(default)] day: String,
    /// The time of the day.
    #[server(default)]
    hours: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller);
    let state = expect_context::<AppState>();
    let now = state.now();
    let malformed = |field| AppError::invalid(field, FieldProblem::Malformed);
    let sent = TypedOffer {
        entry,
        offer: storable(&offer),
        day: storable(&day),
        hours: storable(&hours),
    };
    let attempt = async {
        let place = offer
            .split_once('-')
            .and_then(|(doctor, clinic)| Some((doctor.parse::<i64>().ok()?, clinic.parse::<i64>().ok()?)));
        let (doctor_id, clinic_id) = place.ok_or(malformed(Field::Clinic))?;
        let view = waitlist::entry(&state.database, &caller, entry, now).await?;
        let (_, zone) = names(&state.database, clinic_id, view.service_id).await?;
        let zone = time::stored_zone(&zone).ok_or(AppError::Internal)?;
        let starts_at = first_of(&day, &hours, &zone)?;
        let command = waitlist::OfferByHand {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "offer-by-hand",
                &entry.to_string(),
                &(&offer, starts_at),
            )?,
            caller: caller.clone(),
            entry_id: entry,
            doctor_id,
            clinic_id,
            starts_at,
        };
        waitlist::offer_by_hand(&state.database, command, now).await
    };
    let offered = attempt.await;
    // Nothing is kept under the name of somebody who is not theirs.
    if offered != Err(AppError::NotFound) {
        guard::session()
            .settle_typed(OFFER_FORM, base.to_owned(), sent, &offered)
            .await?;
    }
    offered?;
    redirect(&format!("{base}?done=offer"));
    Ok(())
}

/// The first moment at which the clock of a place shows this.
fn first_of(day: &str, hours: &str, zone: &TimeZone) -> Result<Timestamp, AppError> {
    let minute = clock(hours)?;
    let first = time::first_instant(date(day)?, minute, zone);
    first.ok_or(AppError::invalid(Field::Hours, FieldProblem::Malformed))
}

/// Offers seats of a session to somebody whom the staff choose.
#[server(prefix = "/form", endpoint = "offer-seats-by-hand")]
pub async fn offer_seats(entry: i64, #[server(default)] key: String) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller);
    let state = expect_context::<AppState>();
    let command = waitlist::OfferSeats {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "offer-seats-by-hand",
            &entry.to_string(),
            &(),
        )?,
        caller,
        entry_id: entry,
    };
    waitlist::offer_seats_by_hand(&state.database, command, state.now()).await?;
    redirect(&format!("{base}?done=offer"));
    Ok(())
}
