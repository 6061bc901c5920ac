//! Booking in a call: the patient, the appointment, its history, its message and the answer, all or nothing.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    Answer, BookTime, Call, MAX_NAME, MAX_NOTE, TimeSaid,
    open::{Done, Open, answered, keep, lock},
    prove::{Number, number_of},
    work::{Work, is_closed},
};
use crate::{
    account::{
        Caller, Phone,
        family::{Newcomer, Whose},
        typed,
    },
    appointment::{Status, Summary},
    booking::{
        self, Book, Wanted,
        book::{insert, must_be_paid_by_hand},
        limit::Asked,
        locks::{LockedTime, Locks},
        open::{Opened, refuse_too_many},
    },
    database::{Failure, Tx},
    error::{AppError, Field, Refusal},
    i18n::Locale,
    text,
};

/// A booking that can be tried again from its start.
#[derive(Clone)]
struct Attempt {
    call: Call,
    step_id: i64,
    wanted: Wanted,
    number: Phone,
    name: String,
    reason: String,
    whose: Whose,
    confirm_second: bool,
    rules: booking::Rules,
    locale: Locale,
}

/// Books a time for whoever has the number of the caller.
///
/// # Errors
/// Those of the database.
pub(super) async fn book(work: &Work<'_>, command: &BookTime) -> Result<Answer, AppError> {
    let Some(wanted) = command
        .time
        .filter(|wanted| wanted.clinic_id == work.place.clinic_id)
    else {
        return Ok(Answer::NotFound);
    };
    let number = match number_of(work, &command.proof).await? {
        Number::Theirs(number) => number,
        Number::Unknown(answer) => return Ok(answer),
    };
    let Ok(name) = typed(Field::Name, &command.name, MAX_NAME) else {
        return Ok(Answer::NameMissing);
    };
    let attempt = Attempt {
        call: work.call.clone(),
        step_id: work.step_id,
        wanted,
        number,
        name,
        reason: text::line(&command.reason).chars().take(MAX_NOTE).collect(),
        whose: match command.is_new_person {
            true => Whose::SomebodyElse,
            false => Whose::Unsaid,
        },
        confirm_second: command.confirm_second,
        rules: work.rules.booking,
        locale: work.locale,
    };
    let now = work.now;
    let booked = work
        .database
        .write("phone_call.book", move |tx| try_to_book(tx, attempt.clone(), now))
        .await;
    match booked {
        Err(AppError::BookingFailed { reason, .. }) => match reason {
            Refusal::SlotTaken | Refusal::SlotClosed | Refusal::HoldExpired => work.taken(wanted).await,
            Refusal::PatientOverlap => Ok(Answer::Overlap),
            Refusal::TooManyOpen | Refusal::TooManyOfService { .. } | Refusal::TooManyInWeek { .. } => {
                Ok(Answer::TooMany)
            }
        },
        // Nobody offers it any more.
        Err(AppError::NotFound) => work.taken(wanted).await,
        Err(AppError::PhoneShared) => Ok(Answer::WhoFor),
        Err(AppError::PaymentRequired) => Ok(Answer::PayFirst),
        Err(AppError::ValidationFailed {
            field: Field::Name, ..
        }) => Ok(Answer::NameMissing),
        other => other,
    }
}

async fn try_to_book(mut tx: Tx, attempt: Attempt, now: Timestamp) -> Result<Answer, Failure> {
    let open = lock(&mut tx, &attempt.call, now).await?;
    if let Some(first) = answered(&mut tx, attempt.step_id).await? {
        return Ok(first);
    }
    if !attempt.confirm_second && has_booked(&mut tx, open.id, now).await? {
        return Ok(Answer::Second);
    }
    if is_closed(&mut tx, &attempt.number).await? {
        return Ok(Answer::Closed);
    }
    let named = named(&mut tx, &attempt.number).await?;
    let (time, summary, patient_id) = write(&mut tx, &open, &attempt, now).await?;
    if !attempt.name.is_empty() && !named.contains(&patient_id) {
        note_name(&mut tx, patient_id, open.id, now).await?;
    }
    let done = Done {
        step_id: attempt.step_id,
        answer: Answer::Booked {
            time: TimeSaid::new(&time.offering, summary.starts_at, attempt.locale),
            reference: summary.reference,
            is_request: summary.status == Status::Pending,
        },
        change: Some((summary.id, summary.version)),
    };
    keep(&mut tx, &done).await?;
    tx.commit().await?;
    Ok(done.answer)
}

/// Locks, checks and inserts, as for any booking.
async fn write(
    tx: &mut Tx,
    open: &Open,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<(LockedTime, Summary, i64), Failure> {
    let newcomer = Newcomer::ByPhone {
        phone: attempt.number.clone(),
        name: attempt.name.clone(),
        whose: attempt.whose,
    };
    let visitor = open.visitor();
    let locks = Locks {
        // What the call holds is no obstacle, and ends.
        visitor: Some(&visitor),
        newcomer: Some(&newcomer),
        ..Locks::of(attempt.wanted)
    };
    let locked = locks.take(tx, now).await?;
    let patient_id = locked.patient_id.ok_or(AppError::Internal)?;
    let caller = Caller::Patient {
        id: patient_id,
        name: None,
        family: Vec::new(),
        opened_since: None,
    };
    let time = locked.single()?;
    must_be_paid_by_hand(&caller, &time)?;
    time.check()?;
    time.refuse_overlap()?;
    let opened = Opened::of([time.offering.instant]);
    refuse_too_many(tx, patient_id, opened, attempt.rules, attempt.wanted, now).await?;
    let asked = Asked {
        patient_id,
        // The number is not proved: nobody learns by it what its patient has.
        caller: None,
        rules: attempt.rules,
        times: vec![&time],
        moved: None,
    };
    let exceeds = asked.check(tx, now).await?;
    let command = Book {
        caller,
        wanted: attempt.wanted,
        patient_id,
        reason: attempt.reason.clone(),
        overbook: None,
        rules: attempt.rules,
        key: None,
    };
    let summary = insert(tx, &time, &command, None, now).await?;
    exceeds.record(tx, std::slice::from_ref(&summary)).await?;
    Ok((time, summary, patient_id))
}

/// Whether something was booked in this call that still has its time.
async fn has_booked(connection: &mut PgConnection, call_id: i64, now: Timestamp) -> Result<bool, Failure> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from phone_call_steps
                          join appointments on appointments.id = appointment_id
                          where phone_call_id = $1 and outcome = 'booked' and occupies(appointments, $2)) as "has!""#,
        call_id,
        now.to_sqlx(),
    );
    Ok(has.fetch_one(connection).await?)
}

/// Those with this number whose name is known.
async fn named(connection: &mut PgConnection, number: &Phone) -> Result<Vec<i64>, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from patients where phone = $1 and name is not null",
        number.as_str(),
    );
    Ok(ids.fetch_all(connection).await?)
}

/// Notes that a name was only heard.
async fn note_name(tx: &mut Tx, patient_id: i64, call_id: i64, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "insert into phone_call_names (patient_id, phone_call_id, heard_at) values ($1, $2, $3)
         on conflict on constraint phone_call_names_pkey do nothing",
        patient_id,
        call_id,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
