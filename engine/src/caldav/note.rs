//! What is noted of an appointment in a calendar elsewhere, and what its doctor is told: always under the lock of the appointment.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    claim::Claimed,
    rules::{Question, State},
};
use crate::{
    account::Role,
    appointment::{Appointment, Locked, Status, lock},
    database::{Failure, Tx},
    error::AppError,
    event::Event,
    i18n::Texts,
    ical::{
        event_of,
        ics::{Telling, entry},
    },
};

/// Locks an appointment, where there is one.
pub(super) async fn lock_if_there(tx: &mut Tx, id: i64) -> Result<Option<Locked<Appointment>>, Failure> {
    match lock(tx, id).await {
        Ok(appointment) => Ok(Some(appointment)),
        Err(Failure::Refused(AppError::NotFound)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether an appointment is one that a calendar of this account has.
pub(super) fn is_there(appointment: &Appointment, claimed: &Claimed, now: Timestamp) -> bool {
    claimed.state == State::Active
        && appointment.doctor_id == claimed.doctor_id
        && appointment.group_id.is_none()
        && appointment.status.occupies()
        && appointment.status != Status::Held
        && !appointment.has_run_out(now)
}

/// The entry of an appointment, as it is to be there; none for what nobody has booked.
///
/// # Errors
/// Those of the database.
pub(super) async fn body(
    tx: &mut Tx,
    claimed: &Claimed,
    appointment_id: i64,
    origin: Option<String>,
    now: Timestamp,
) -> Result<Option<(String, String)>, Failure> {
    let Some((event, installation)) = event_of(&mut *tx, appointment_id).await? else {
        return Ok(None);
    };
    let telling = Telling {
        role: Role::Doctor,
        details: claimed.details,
        texts: Texts::of(claimed.language),
        origin,
        installation,
    };
    let name = format!("{}-{}.ics", event.reference, telling.installation);
    Ok(Some((name, entry(&event, &telling, now))))
}

/// Forgets that an appointment was there, and what its doctor was asked about that.
pub(super) async fn forget(
    tx: &mut Tx,
    claimed: &Claimed,
    appointment_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    settle(tx, claimed.id, appointment_id, now).await?;
    sqlx::query!(
        "delete from calendar_events where account_id = $1 and appointment_id = $2",
        claimed.id,
        appointment_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Has an entry written again. Of a locked appointment.
pub(super) async fn write_again(
    tx: &mut Tx,
    claimed: &Claimed,
    appointment_id: i64,
    action: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into calendar_jobs (account_id, appointment_id, action, due_at) values ($1, $2, $3, $4)
         on conflict on constraint calendar_jobs_once do update set
             changes = calendar_jobs.changes + 1, due_at = least(calendar_jobs.due_at, excluded.due_at)",
        claimed.id,
        appointment_id,
        action,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Tells the doctor of something, or asks.
pub(super) async fn tell(
    tx: &mut Tx,
    claimed: &Claimed,
    appointment_id: i64,
    (question, wanted, because): (Question, Option<Timestamp>, &str),
    now: Timestamp,
) -> Result<(), Failure> {
    let asked = sqlx::query_scalar!(
        "insert into calendar_questions (account_id, doctor_id, appointment_id, kind, wanted_start, because, made_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (account_id, appointment_id) where kind = 'deleted' and settled_at is null do nothing
         returning id",
        claimed.id,
        claimed.doctor_id,
        appointment_id,
        question.as_str(),
        wanted.map(ToSqlx::to_sqlx) as _,
        because,
        now.to_sqlx(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(question_id) = asked.filter(|_| question == Question::Deleted) {
        tx.tell(Event::CalendarAsked { question_id });
    }
    Ok(())
}

/// Ends the question of what becomes of an appointment that was deleted there, where there is one.
pub(super) async fn settle(
    tx: &mut Tx,
    account_id: i64,
    appointment_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "update calendar_questions set answer = 'over', settled_at = $3
         where account_id = $1 and appointment_id = $2 and kind = 'deleted' and settled_at is null",
        account_id,
        appointment_id,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
