//! The caller's own appointments, for who has said the code that was sent to the number.

use jiff::Timestamp;

use super::{
    Answer, Call, MAX_SAID, Own, Proof, TimeSaid,
    choose::{Meant, meant, refused},
    open::{Done, answered, keep, lock},
    prove::{Number, prove},
    work::{Work, is_closed},
};
use crate::{
    account::{Caller, Phone, find_caller, session::SignedIn},
    appointment::{ChangeStatus, Item, Status, Summary, change_status, of_patients},
    booking::{self, Reschedule, Wanted},
    database::{Failure, Tx},
    error::{AppError, Refusal},
    i18n::Locale,
    idempotency::{Key, KeyOwner},
    nobody::name_of,
};

/// What a caller may be told who has proved a number.
enum Opened {
    /// All of their appointments.
    Theirs(Caller, Vec<Item>),
    Not(Answer),
}

/// The appointments that are ahead.
///
/// # Errors
/// `RATE_LIMITED`; those of the database.
pub(super) async fn list(work: &Work<'_>, proof: &Proof) -> Result<Answer, AppError> {
    match open(work, proof).await? {
        Opened::Not(answer) => Ok(answer),
        Opened::Theirs(_, items) => Ok(Answer::Appointments {
            appointments: items
                .iter()
                .filter(|item| item.may_be_called_off(work.now))
                .take(MAX_SAID)
                .map(|item| own(item, work.locale, work.now))
                .collect(),
        }),
    }
}

/// Reads what the holder of a proved number and who shares it have, the earliest first.
async fn open(work: &Work<'_>, proof: &Proof) -> Result<Opened, AppError> {
    let number = match prove(work, proof).await? {
        Number::Theirs(number) => number,
        Number::Unknown(answer) => return Ok(Opened::Not(answer)),
    };
    let Some(caller) = caller_of(work, &number).await? else {
        return Ok(Opened::Not(match is_refused(work, &number).await? {
            true => Answer::Closed,
            false => Answer::Appointments {
                appointments: Vec::new(),
            },
        }));
    };
    let mut items = of_patients(work.database, caller.patient_ids(), caller.opened_since()).await?;
    items.sort_by_key(|item| (item.starts_at, item.id));
    Ok(Opened::Theirs(caller, items))
}

/// The holder of a number.
async fn caller_of(work: &Work<'_>, number: &Phone) -> Result<Option<Caller>, AppError> {
    let number = number.as_str().to_owned();
    let id = work
        .database
        .read("phone_call.holder", move |mut connection| async move {
            let id = sqlx::query_scalar!(
                "select id from patients where phone = $1 and holder_id is null and active",
                number,
            );
            Ok(id.fetch_optional(&mut *connection).await?)
        })
        .await?;
    match id {
        Some(id) => find_caller(work.database, SignedIn::Patient(id)).await,
        None => Ok(None),
    }
}

async fn is_refused(work: &Work<'_>, number: &Phone) -> Result<bool, AppError> {
    let number = number.clone();
    work.database
        .read("phone_call.is_closed", move |mut connection| async move {
            is_closed(&mut connection, &number).await
        })
        .await
}

fn own(item: &Item, locale: Locale, now: Timestamp) -> Own {
    Own {
        reference: item.reference.clone(),
        is_request: item.status_at(now) == Status::Pending,
        time: time_of(item, item.starts_at, locale),
    }
}

fn time_of(item: &Item, starts_at: Timestamp, locale: Locale) -> TimeSaid {
    TimeSaid {
        wanted: Wanted {
            doctor_id: item.doctor_id,
            clinic_id: item.clinic_id,
            service_id: item.service_id,
            starts_at: starts_at.as_second(),
        },
        doctor: name_of(item.doctor_id, item.doctor_name.clone()),
        service: item.service(locale).to_owned(),
        zone: item.zone_name.clone(),
    }
}

/// Cancels an appointment of the caller.
///
/// # Errors
/// `INVALID_TRANSITION`, `RATE_LIMITED`; those of the database.
pub(super) async fn cancel(work: &Work<'_>, appointment: &str, proof: &Proof) -> Result<Answer, AppError> {
    let (caller, items) = match open(work, proof).await? {
        Opened::Not(answer) => return Ok(answer),
        Opened::Theirs(caller, items) => (caller, items),
    };
    let item = match meant(work, &items, appointment).await? {
        Meant::This(item) => item,
        Meant::Answered(first) => return Ok(first),
        Meant::Nothing => return Ok(Answer::NotFound),
    };
    let command = ChangeStatus {
        key: Some(key(work, &caller, "phone-cancel", &item.reference)?),
        caller,
        which: item.reference.as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
    };
    // Asked also where it is cancelled: by a copy of this step, whose answer is that of all.
    let changed = match change_status(work.database, command, work.now).await {
        Ok(changed) => changed,
        Err(error) => return refused(work, item, error).await,
    };
    let answer = Answer::Cancelled {
        time: time_of(item, item.starts_at, work.locale),
    };
    keep_answer(work, answer, &changed).await
}

/// Moves an appointment of the caller to another time of the same doctor.
///
/// # Errors
/// `INVALID_TRANSITION`, `RATE_LIMITED`; those of the database.
pub(super) async fn move_to(
    work: &Work<'_>,
    appointment: &str,
    time: Option<Wanted>,
    proof: &Proof,
) -> Result<Answer, AppError> {
    let (caller, items) = match open(work, proof).await? {
        Opened::Not(answer) => return Ok(answer),
        Opened::Theirs(caller, items) => (caller, items),
    };
    let Some(wanted) = time else {
        return Ok(Answer::NotFound);
    };
    let item = match meant(work, &items, appointment).await? {
        Meant::This(item) => item,
        Meant::Answered(first) => return Ok(first),
        Meant::Nothing => return Ok(Answer::NotFound),
    };
    let own = time_of(item, item.starts_at, work.locale).wanted;
    let to = Wanted {
        starts_at: wanted.starts_at,
        ..own
    };
    if to != wanted {
        // A time of somebody else, or of something else: it would have to be booked, and this one cancelled.
        return Ok(Answer::NotFound);
    }
    let command = Reschedule {
        key: Some(key(work, &caller, "phone-move", &(&item.reference, wanted))?),
        caller,
        which: item.reference.as_str().into(),
        version: None,
        starts_at: wanted.starts_at(),
        visitor: Some(work.open.visitor()),
        rules: work.rules.booking,
    };
    let moved = match booking::reschedule(work.database, command, work.now).await {
        Ok(moved) => moved,
        Err(AppError::BookingFailed { reason, .. }) => {
            return match reason {
                Refusal::SlotTaken | Refusal::SlotClosed | Refusal::HoldExpired => work.taken(wanted).await,
                Refusal::PatientOverlap => Ok(Answer::Overlap),
                _ => Ok(Answer::TooMany),
            };
        }
        Err(error) => return refused(work, item, error).await,
    };
    let answer = Answer::Moved {
        time: time_of(item, moved.starts_at, work.locale),
        is_request: moved.status == Status::Pending,
    };
    keep_answer(work, answer, &moved).await
}

/// The key of this step: whatever is sent again changes nothing again.
fn key(
    work: &Work<'_>,
    caller: &Caller,
    operation: &'static str,
    request: &impl serde::Serialize,
) -> Result<Key, AppError> {
    let sent = format!("phone-call-step-{}", work.step_id);
    Key::sent(KeyOwner::Caller(caller), &sent, operation, request)
}

async fn keep_answer(work: &Work<'_>, answer: Answer, changed: &Summary) -> Result<Answer, AppError> {
    let done = Done {
        step_id: work.step_id,
        answer,
        change: Some((changed.id, changed.version)),
    };
    let (call, now) = (work.call.clone(), work.now);
    work.database
        .write("phone_call.keep", move |tx| {
            write_answer(tx, call.clone(), done.clone(), now)
        })
        .await
}

async fn write_answer(mut tx: Tx, call: Call, done: Done, now: Timestamp) -> Result<Answer, Failure> {
    lock(&mut tx, &call, now).await?;
    if let Some(first) = answered(&mut tx, done.step_id).await? {
        return Ok(first);
    }
    keep(&mut tx, &done).await?;
    tx.commit().await?;
    Ok(done.answer)
}
