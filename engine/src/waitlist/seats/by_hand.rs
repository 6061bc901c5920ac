//! Offering seats to somebody on the list whom the staff choose.

use jiff::Timestamp;

use super::{offer::NewSeatOffer, pick::PickedParty};
use crate::{
    account::{Caller, acquaintance::must_know},
    booking::{book::must_be_theirs, locks::lock_patient},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem, Refusal},
    group::Session,
    idempotency::{self, Key},
    waitlist::{
        pick::{Picked, is_still_fit},
        rules::{EntryState, Why, kept_by_hand},
    },
};

/// The command to offer free seats to somebody who waits for them.
#[derive(Clone, Debug)]
pub struct OfferSeats {
    /// The doctor of the session, or somebody at its desk.
    pub caller: Caller,
    pub entry_id: i64,
    pub key: Option<Key>,
}

/// Offers as many seats as somebody waits for, whoever waits longer. Answers with the id of the offer.
///
/// # Errors
/// `NOT_FOUND` for who is no staff, or not of this session, and for an entry that is not about one; `VALIDATION_FAILED` where the
/// patient has another offer, or does not wait any more; `INSUFFICIENT_INVENTORY` where fewer seats are left; `BOOKING_FAILED`
/// where the session takes no bookings, or the patient is somewhere else then; `IDEMPOTENCY_CONFLICT`.
pub async fn offer_seats_by_hand(
    database: &Database,
    command: OfferSeats,
    now: Timestamp,
) -> Result<i64, AppError> {
    if !command.caller.role().is_staff() {
        return Err(AppError::NotFound);
    }
    database
        .write("waitlist.offer_seats_by_hand", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: OfferSeats, now: Timestamp) -> Result<i64, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let entry = sqlx::query!(
        r#"select patient_id, group_id as "group_id!", seats as "seats!" from waitlist_entries
           where id = $1 and group_id is not null"#,
        command.entry_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::NotFound)?;
    let session = Session::lock(&mut tx, entry.group_id).await?;
    must_be_theirs(
        &command.caller,
        entry.patient_id,
        session.doctor_id,
        Some(session.clinic_id),
    )?;
    let patient_id = lock_patient(&mut tx, entry.patient_id, true).await?;
    must_know(&mut tx, &command.caller, patient_id, now).await?;
    if !session.takes_bookings(&mut tx, now).await? {
        return Err(Refusal::SlotClosed.of(session.wanted()).into());
    }
    let seats = session.claim(&mut tx, patient_id, entry.seats, now).await?;
    let state = sqlx::query_scalar!(
        "select state from waitlist_entries where id = $1 for no key update",
        command.entry_id,
    );
    let state = locking(Lock::Waitlist, state.fetch_one(&mut *tx)).await?;
    let has_offer = sqlx::query_scalar!(
        r#"select exists (select from waitlist_offers
                          where patient_id = $1 and state = 'offered') as "has_offer!""#,
        patient_id,
    );
    let has_offer = has_offer.fetch_one(&mut *tx).await?;
    if EntryState::parse(&state) != Some(EntryState::Waiting) || has_offer {
        return Err(AppError::invalid(Field::Chosen, FieldProblem::Taken).into());
    }
    let party = PickedParty {
        picked: Picked {
            entry_id: command.entry_id,
            patient_id,
            place: 0,
        },
        seats: entry.seats,
    };
    if !is_still_fit(&mut tx, &party.picked, session.time(), now).await? {
        return Err(Refusal::PatientOverlap.of(session.wanted()).into());
    }
    let offer = NewSeatOffer {
        session: &session,
        party: &party,
        seats: &seats,
        until: kept_by_hand(session.starts_at, session.zone(), now),
        why: Why::ByHand,
        offered_by: command.caller.staff_id(),
    };
    // The part of the list comes last, and what it writes belongs to this transaction already.
    let part = tx.new_part().await?;
    let written = offer.write(&mut tx, now).await;
    let offer_id = part.settle(&mut tx, written).await??;
    idempotency::answer(&mut tx, key, &offer_id, &[]).await?;
    tx.commit().await?;
    Ok(offer_id)
}
