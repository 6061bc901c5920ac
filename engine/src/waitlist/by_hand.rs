//! Offering a time to somebody on the list whom the staff choose.

use jiff::Timestamp;

use super::{
    offer::NewOffer,
    pick::{Candidate, Picked},
    rules::{EntryState, Why, kept_by_hand},
};
use crate::{
    account::{Caller, acquaintance::must_know},
    booking::{Wanted, book::must_be_theirs, locks::Locks},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Key},
};

/// The command to offer a free time to somebody who waits.
#[derive(Clone, Debug)]
pub struct OfferByHand {
    /// A doctor with their own calendar, or somebody at the desk.
    pub caller: Caller,
    pub entry_id: i64,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub starts_at: Timestamp,
    pub key: Option<Key>,
}

/// Offers a free time to somebody, whoever waits longer. Whether it is what they wish for, the staff know best. Answers with
/// the id of the offer.
///
/// # Errors
/// `NOT_FOUND` for who is no staff, or not of this calendar, and for an entry that is not there; `VALIDATION_FAILED` where
/// the patient has another offer, or does not wait any more; `BOOKING_FAILED` where the time is not free, or the patient is
/// somewhere else then; `IDEMPOTENCY_CONFLICT`.
pub async fn offer_by_hand(
    database: &Database,
    command: OfferByHand,
    now: Timestamp,
) -> Result<i64, AppError> {
    if !command.caller.role().is_staff() {
        return Err(AppError::NotFound);
    }
    database
        .write("waitlist.offer_by_hand", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: OfferByHand, now: Timestamp) -> Result<i64, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let entry = sqlx::query!(
        "select patient_id, service_id, entries.doctor_id, entries.clinic_id, instead_of
         from waitlist_entries as entries where id = $1 and group_id is null",
        command.entry_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(AppError::NotFound)?;
    must_be_theirs(
        &command.caller,
        entry.patient_id,
        command.doctor_id,
        Some(command.clinic_id),
    )?;
    must_know(&mut tx, &command.caller, entry.patient_id, now).await?;
    // An appointment moves within the calendar that it is in.
    let is_elsewhere =
        entry.doctor_id != Some(command.doctor_id) || entry.clinic_id != Some(command.clinic_id);
    if entry.instead_of.is_some() && is_elsewhere {
        return Err(AppError::NotFound.into());
    }
    let wanted = Wanted {
        doctor_id: command.doctor_id,
        clinic_id: command.clinic_id,
        service_id: entry.service_id,
        starts_at: command.starts_at.as_second(),
    };
    let locks = Locks {
        patient_id: Some(entry.patient_id),
        by_staff: true,
        replaced_id: entry.instead_of,
        ..Locks::of(wanted)
    };
    let mut time = locks.take(&mut tx, now).await?.single()?;
    time.calendar.rules = time.calendar.rules.asked_of(command.caller.role());
    time.check()?;
    time.refuse_overlap()?;
    let state = sqlx::query_scalar!(
        "select state from waitlist_entries where id = $1 for no key update",
        command.entry_id,
    );
    let state = locking(Lock::Waitlist, state.fetch_one(&mut *tx)).await?;
    let has_offer = sqlx::query_scalar!(
        r#"select exists (select from waitlist_offers
                          where patient_id = $1 and state = 'offered') as "has_offer!""#,
        entry.patient_id,
    );
    let has_offer = has_offer.fetch_one(&mut *tx).await?;
    if EntryState::parse(&state) != Some(EntryState::Waiting) || has_offer {
        return Err(AppError::invalid(Field::Chosen, FieldProblem::Taken).into());
    }
    let picked = Picked {
        entry_id: command.entry_id,
        patient_id: entry.patient_id,
        place: 0,
    };
    let candidate = Candidate::of(&time.offering, wanted.starts_at());
    let offer = NewOffer {
        candidate: &candidate,
        hours: &time.hours,
        picked: &picked,
        until: kept_by_hand(wanted.starts_at(), &time.offering.zone, now),
        why: Why::ByHand,
        offered_by: command.caller.staff_id(),
    };
    let offer_id = offer.write(&mut tx, now).await?;
    idempotency::answer(&mut tx, key, &offer_id, &[]).await?;
    tx.commit().await?;
    Ok(offer_id)
}
