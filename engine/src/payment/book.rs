//! Booking what was paid: the held time, also where the hold ran out and the time is still free.

use jiff::Timestamp;

use super::{
    PaymentFact, PaymentState, Settled, Subject, accept, book_rooms, book_visit,
    moved::move_there,
    row::{Payment, give_up_open, promised, read, write_paid},
    subject::Standing,
};
use crate::{
    account::Caller,
    appointment::{self, Actor, Appointment, AppointmentName, Status, peek},
    booking::{
        Rules, Wanted,
        locks::Locks,
        submit::{self, Booking},
    },
    database::{Failure, Tx},
    error::{AppError, Refusal},
    group::Kept,
};

/// Books what a payment is for, or says that what is booked already is paid.
///
/// # Errors
/// `BOOKING_FAILED` and other refusals of a booking, with which the money goes back.
pub(super) async fn book(
    tx: &mut Tx,
    payment_id: i64,
    fact: &PaymentFact,
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let seen = read(tx, payment_id).await?;
    if !seen.parts.is_empty() {
        return book_visit::book(tx, &seen, fact, rules, now).await;
    }
    let appointment_id = match seen.subject {
        Subject::Appointment(id) => id,
        Subject::Stay(id) => return book_rooms::book(tx, (payment_id, id), fact, now).await,
    };
    let found = peek(tx, &AppointmentName::Id(appointment_id)).await?;
    match (found.status, found.group_id) {
        (Status::Held | Status::Expired, None) => book_held(tx, payment_id, fact, &found, rules, now).await,
        (Status::Held | Status::Expired, Some(group_id)) => {
            book_seats(tx, payment_id, fact, (&found, group_id), rules, now).await
        }
        _ => without_hold(tx, payment_id, fact, now).await,
    }
}

/// Books seats that were kept for whoever pays; where their hold has ended, as many others while there are some.
async fn book_seats(
    tx: &mut Tx,
    payment_id: i64,
    fact: &PaymentFact,
    (found, group_id): (&Appointment, i64),
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let started_by = read(tx, payment_id).await?.started_by;
    let (Some(patient_id), Some(started_by)) = (found.patient_id, started_by) else {
        return Err(AppError::NotFound.into());
    };
    let was = promised(tx, Subject::Appointment(found.id)).await?;
    let payer = Caller::Patient {
        id: started_by,
        name: None,
        family: vec![patient_id],
        opened_since: None,
    };
    let kept = Kept {
        caller: &payer,
        group_id,
        patient_id,
        seats: seats_of(tx, found.id).await?,
        wanted: Wanted::from(found),
        hold_id: found.id,
        complaint: &was.reason,
        rules,
    };
    let booked = kept.book(tx, now).await?;
    // The hold is locked by now.
    let payment = read(tx, payment_id).await?;
    if payment.state.is_paid() {
        // It was taken meanwhile: nothing is booked by it once more.
        return Err(AppError::NotFound.into());
    }
    let payment = match booked.id == found.id {
        true => payment,
        false => move_there(tx, payment, (found.id, booked.id)).await?,
    };
    let own = appointment::lock(tx, booked.id).await?;
    let settled = take_for(tx, &payment, fact, &own, now).await?;
    give_up_open(tx, Subject::Appointment(found.id), now).await?;
    Ok(settled)
}

/// How many seats an appointment has, or had.
async fn seats_of(tx: &mut Tx, appointment_id: i64) -> Result<i32, Failure> {
    let seats = sqlx::query_scalar!(
        r#"select count(*)::integer as "seats!" from group_seats where appointment_id = $1"#,
        appointment_id,
    );
    Ok(seats.fetch_one(&mut **tx).await?)
}

async fn book_held(
    tx: &mut Tx,
    payment_id: i64,
    fact: &PaymentFact,
    found: &Appointment,
    rules: Rules,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let locks = Locks {
        patient_id: found.patient_id,
        ..Locks::of_held(std::slice::from_ref(found))
    };
    let mut time = locks.take(tx, now).await?.single()?;
    let own = time.take_appointment()?;
    let payment = read(tx, payment_id).await?;
    if payment.state.is_paid() {
        return Ok(Settled::Known);
    }
    if !matches!(own.status, Status::Held | Status::Expired) {
        // Another payment has booked it meanwhile, or it was let go.
        return take_for(tx, &payment, fact, &own, now).await;
    }
    let (Some(visitor), Some(patient_id), Some(booked_by)) =
        (own.held_by.clone(), own.patient_id, payment.started_by)
    else {
        return Err(Refusal::HoldExpired.of(time.wanted).into());
    };
    // The promise of the moment when the time was chosen stands, also where the money took longer than the hold.
    time.calendar.now = own.created_at;
    submit::check(tx, &mut time, &own, now).await?;
    time.refuse_overlap()?;
    let was = promised(tx, Subject::Appointment(own.id)).await?;
    let own_id = own.id;
    let booking = Booking {
        visitor: &visitor,
        patient_id,
        booked_by: Actor::patient(booked_by),
        complaint: &was.reason,
        rules,
    };
    let booked = submit::write(tx, &time, own, &booking, now).await?;
    let payment = match booked.id == own_id {
        true => payment,
        false => move_there(tx, payment, (own_id, booked.id)).await?,
    };
    write_paid(tx, &payment, fact, PaymentState::Paid, now).await?;
    give_up_open(tx, Subject::Appointment(own_id), now).await?;
    Ok(Settled::Booked {
        subject: Subject::Appointment(booked.id),
    })
}

/// Takes money for something that is not held any more.
async fn without_hold(
    tx: &mut Tx,
    payment_id: i64,
    fact: &PaymentFact,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let Subject::Appointment(seen) = read(tx, payment_id).await?.subject else {
        return Err(AppError::Internal.into());
    };
    let own = appointment::lock(tx, seen).await?;
    let payment = read(tx, payment_id).await?;
    if payment.state.is_paid() {
        return Ok(Settled::Known);
    }
    take_for(tx, &payment, fact, &own, now).await
}

/// What is booked and not paid yet is paid by it. What was paid already is paid back, and so is what lives no more.
async fn take_for(
    tx: &mut Tx,
    payment: &Payment,
    fact: &PaymentFact,
    own: &Appointment,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let subject = Subject::Appointment(own.id);
    accept::take(
        tx,
        payment,
        fact,
        (subject, Standing::of_appointment(own.status)),
        now,
    )
    .await
}
