//! Booking a visit that was paid: all of its appointments or none, also where a hold ran out and its time is still free.

use jiff::Timestamp;

use super::{
    PaymentFact, PaymentState, Settled, Subject, accept,
    moved::{move_there, promise},
    page::lock_page,
    row::{Payment, give_up_open, on_page, promised, write_paid},
    subject::Standing,
};
use crate::{
    appointment::{Actor, Appointment, AppointmentName, Locked, Status, Summary, peek},
    booking::{
        Rules,
        locks::{LockedTime, Locks},
        submit::{self, Booking},
    },
    database::{Failure, Tx},
    error::{AppError, Refusal},
    visit::{self, Part},
};

fn is_held(status: Status) -> bool {
    matches!(status, Status::Held | Status::Expired)
}

/// Books all appointments that a page is for, or says that what is booked already is paid.
///
/// # Errors
/// Refusals of a booking, with which all of the money goes back.
pub(super) async fn book(
    tx: &mut Tx,
    paid: &Payment,
    fact: &PaymentFact,
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let mut seen = Vec::with_capacity(paid.parts.len());
    for id in &paid.parts {
        seen.push(peek(tx, &AppointmentName::Id(*id)).await?);
    }
    if !seen.iter().all(|part| is_held(part.status)) {
        return without_holds(tx, paid.id, fact, now).await;
    }
    let locks = Locks {
        patient_id: seen.first().and_then(|part| part.patient_id),
        ..Locks::of_held(&seen)
    };
    let mut parts: Vec<Part> = Vec::with_capacity(seen.len());
    for mut time in locks.take(tx, now).await?.times {
        let own = time.take_appointment()?;
        parts.push((time, own));
    }
    let page = on_page(tx, paid.id).await?;
    if page.iter().any(|payment| payment.state.is_paid()) {
        return Ok(Settled::Known);
    }
    if !parts.iter().all(|(_, own)| is_held(own.status)) {
        // Another payment has booked it meanwhile, or a part was let go.
        return without_holds(tx, paid.id, fact, now).await;
    }
    book_held(tx, parts, &page, fact, rules, now).await
}

/// Books parts that are held, or were.
async fn book_held(
    tx: &mut Tx,
    mut parts: Vec<Part>,
    page: &[Payment],
    fact: &PaymentFact,
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let booked_by = page.first().and_then(|payment| payment.started_by);
    let first = parts
        .first()
        .map(|(_, own)| (own.patient_id, own.held_by.clone()));
    let (Some(booked_by), Some((Some(patient_id), Some(visitor)))) = (booked_by, first) else {
        return Err(AppError::NotFound.into());
    };
    for (time, own) in &mut parts {
        if own.patient_id != Some(patient_id) {
            // It is held for somebody else by now.
            return Err(Refusal::HoldExpired.of(time.wanted).into());
        }
        // The promise of the moment when the time was chosen stands, also where the money took longer than the hold.
        time.calendar.now = own.created_at;
        submit::check(tx, time, own, now).await?;
        time.refuse_overlap()?;
    }
    let mut booked = Vec::with_capacity(parts.len());
    let mut held = Vec::with_capacity(parts.len());
    for (time, own) in parts {
        held.push(own.id);
        let was = promised(tx, Subject::Appointment(own.id)).await?;
        let booking = Booking {
            visitor: &visitor,
            patient_id,
            booked_by: Actor::patient(booked_by),
            complaint: &was.reason,
            rules,
        };
        booked.push(book_part(tx, &time, own, &booking, (page, fact), now).await?);
    }
    for id in held {
        give_up_open(tx, Subject::Appointment(id), now).await?;
    }
    let subject = booked.first().map(|part| Subject::Appointment(part.id));
    visit::insert(tx, patient_id, booked, now).await?;
    Ok(Settled::Booked {
        subject: subject.ok_or(AppError::Internal)?,
    })
}

/// Books a part, and writes that its share is paid, where it has one.
async fn book_part(
    tx: &mut Tx,
    time: &LockedTime,
    own: Locked<Appointment>,
    booking: &Booking<'_>,
    (page, fact): (&[Payment], &PaymentFact),
    now: Timestamp,
) -> Result<Summary, Failure> {
    let from = own.id;
    let booked = submit::write(tx, time, own, booking, now).await?;
    let share = page
        .iter()
        .find(|payment| payment.subject == Subject::Appointment(from));
    let is_moved = booked.id != from;
    match share {
        Some(share) => {
            let share = match is_moved {
                true => move_there(tx, share.clone(), (from, booked.id)).await?,
                false => share.clone(),
            };
            write_paid(tx, &share, fact, PaymentState::Paid, now).await?;
        }
        None if is_moved => promise(tx, (from, booked.id)).await?,
        None => {}
    }
    Ok(booked)
}

/// Takes money for a visit that is not held any more: for what is booked and not paid yet. What was paid already is paid back; and
/// where a part is not booked, all of it is.
async fn without_holds(
    tx: &mut Tx,
    page_id: i64,
    fact: &PaymentFact,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let page = lock_page(tx, page_id, now).await?;
    if page.is_paid() {
        return Ok(Settled::Known);
    }
    if page
        .subjects
        .values()
        .any(|standing| *standing != Standing::Booked)
    {
        return Err(AppError::NotFound.into());
    }
    let mut settled = Settled::GoesBack;
    for (payment, standing) in &page.all {
        let taken = accept::take(tx, payment, fact, (payment.subject, *standing), now).await?;
        if let Settled::Booked { .. } = taken {
            settled = taken;
        }
    }
    Ok(settled)
}
