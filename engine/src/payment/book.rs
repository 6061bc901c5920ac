//! Booking what was paid: the held time, also where the hold ran out and the time is still free.

use jiff::Timestamp;

use super::{
    PaymentFact, PaymentState, Settled, Why, pay_back,
    row::{Payment, Promised, give_up_open, of_appointment, promised, read, write_paid},
};
use crate::{
    appointment::{self, Actor, Appointment, AppointmentName, Status, peek},
    booking::{
        Rules,
        locks::Locks,
        submit::{self, Booking},
    },
    database::{Failure, Tx},
    error::{AppError, Refusal},
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
    let payment = read(tx, payment_id).await?;
    let found = peek(tx, &AppointmentName::Id(payment.appointment_id)).await?;
    match found.status {
        Status::Held | Status::Expired if found.group_id.is_none() => {
            book_held(tx, payment_id, fact, &found, rules, now).await
        }
        _ => accept(tx, payment_id, fact, now).await,
    }
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
    let was = promised(tx, own.id).await?;
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
        false => move_there(tx, payment, booked.id, &was).await?,
    };
    write_paid(tx, &payment, fact, PaymentState::Paid, now).await?;
    give_up_open(tx, own_id, now).await?;
    Ok(Settled::Booked {
        appointment_id: booked.id,
    })
}

/// The hold had been ended, and another one took its place: it has what was promised with the first one, and its payment.
async fn move_there(
    tx: &mut Tx,
    payment: Payment,
    appointment_id: i64,
    was: &Promised,
) -> Result<Payment, Failure> {
    sqlx::query!(
        "update appointments
         set price_minor = was.price_minor, currency = was.currency, pay_when = was.pay_when, pay_minor = was.pay_minor,
             refund_minutes = was.refund_minutes, late_refund_percent = was.late_refund_percent
         from appointments as was
         where appointments.id = $1 and was.id = $2",
        appointment_id,
        payment.appointment_id,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update payments set appointment_id = $2 where id = $1",
        payment.id,
        appointment_id,
    )
    .execute(&mut **tx)
    .await?;
    debug_assert!(
        was.first.is_some(),
        "only what is paid first is held until it is paid"
    );
    Ok(Payment {
        appointment_id,
        ..payment
    })
}

/// Takes money for something that is not held any more.
async fn accept(
    tx: &mut Tx,
    payment_id: i64,
    fact: &PaymentFact,
    now: Timestamp,
) -> Result<Settled, Failure> {
    let seen = read(tx, payment_id).await?;
    let own = appointment::lock(tx, seen.appointment_id).await?;
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
    let others = of_appointment(tx, own.id).await?;
    let paid: i64 = (others.iter())
        .filter(|other| other.state == PaymentState::Paid)
        .map(|other| other.price.minor)
        .sum();
    let lives = own.status.occupies() && own.status != Status::Held;
    if !lives {
        return Err(AppError::NotFound.into());
    }
    let price = promised(tx, own.id).await?.price;
    let is_open = price.is_some_and(|price| {
        price.currency == payment.price.currency && paid + payment.price.minor <= price.minor
    });
    // A deposit is paid once; the rest is the desk's to take.
    if paid > 0 || !is_open {
        return pay_back::write(tx, payment, fact, Why::Twice, now).await;
    }
    write_paid(tx, payment, fact, PaymentState::Paid, now).await?;
    give_up_open(tx, own.id, now).await?;
    Ok(Settled::Booked {
        appointment_id: own.id,
    })
}
