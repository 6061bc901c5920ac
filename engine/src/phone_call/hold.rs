//! Holding a time while the caller decides, as for a browser.

use super::{Answer, TimeSaid, work::Work};
use crate::{
    availability::{Offering, offered},
    booking::{self, Hold, Wanted},
    error::{AppError, Refusal},
    idempotency::{Key, KeyOwner},
};

/// Holds a time for the call. Another time that it holds is let go.
///
/// # Errors
/// `RATE_LIMITED`; those of the database.
pub(super) async fn hold(work: &Work<'_>, time: Option<Wanted>) -> Result<Answer, AppError> {
    let Some(wanted) = time.filter(|wanted| wanted.clinic_id == work.place.clinic_id) else {
        return Ok(Answer::NotFound);
    };
    let offering = offering_of(work, wanted).await?;
    if offering.as_ref().is_some_and(|it| it.paid_first().is_some()) {
        return Ok(Answer::PayFirst);
    }
    let visitor = work.open.visitor();
    let key = Key::derived(KeyOwner::Visitor(&visitor), "phone-hold", &wanted)?;
    let command = Hold {
        wanted,
        visitor,
        patient_id: None,
        address: work.open.subject(),
        holds_per_address: work.rules.limits.holds_per_address,
        rules: work.rules.booking,
        keeps: Vec::new(),
        key: Some(key),
    };
    match booking::hold(work.database, command, work.now).await {
        Ok(_) => {}
        Err(AppError::BookingFailed {
            reason: Refusal::SlotTaken | Refusal::SlotClosed | Refusal::HoldExpired,
            ..
        }) => return work.taken(wanted).await,
        Err(error) => return Err(error),
    }
    // It was offered a moment later than it was looked for.
    let offering = offering.ok_or(AppError::NotFound)?;
    Ok(Answer::Held {
        time: TimeSaid::new(&offering, wanted.starts_at(), work.locale),
        minutes: work.rules.booking.hold_minutes,
    })
}

async fn offering_of(work: &Work<'_>, wanted: Wanted) -> Result<Option<Offering>, AppError> {
    let mut offers = offered(work.database, Some(wanted.doctor_id)).await?.into_iter();
    Ok(offers.find(|offer| offer.at(wanted.starts_at()) == wanted))
}
