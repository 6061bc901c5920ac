//! What somebody did to an entry of ours in a calendar elsewhere.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    claim::{Claimed, keep},
    dispatch::Dispatch,
    entry::Read,
    note::{body, forget, is_there, lock_if_there, settle, tell, write_again},
    remote::Entry,
    rules::Question,
};
use crate::{
    account::Role,
    appointment::{Appointment, AppointmentName},
    booking::reschedule::{Promise, Reschedule, move_in},
    database::{Failure, Tx},
    error::AppError,
};

/// What an entry that was found asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Nothing more: it is written down.
    Noted,
    /// To move the appointment, which is in this version, to this time.
    Move(Timestamp, i32),
    /// Something that cannot be.
    Refused(Option<Timestamp>, AppError),
}

/// Looks at an entry of ours that is not as it is known. One that is as we wrote it is noted; one that was moved is a move of the
/// appointment, by the rules and locks of everybody; whatever else was changed is written anew.
///
/// # Errors
/// Those of the database.
pub(super) async fn changed(
    dispatch: &Dispatch,
    claimed: &Claimed,
    appointment_id: i64,
    entry: &Entry,
    now: Timestamp,
) -> Result<(), AppError> {
    let wish = {
        let (claimed, entry, origin) = (claimed.clone(), entry.clone(), dispatch.origin.clone());
        let judge = move |tx| {
            judge(
                tx,
                claimed.clone(),
                appointment_id,
                entry.clone(),
                origin.clone(),
                now,
            )
        };
        dispatch.database.write("caldav.judge", judge).await?
    };
    let (wanted, error) = match wish {
        Wish::Noted => return Ok(()),
        Wish::Refused(wanted, error) => (wanted, error),
        Wish::Move(wanted, version) => {
            let command = Reschedule {
                caller: claimed.doctor.clone(),
                which: AppointmentName::Id(appointment_id),
                version: Some(version),
                starts_at: wanted,
                visitor: None,
                rules: dispatch.rules,
                key: None,
            };
            let (claimed, entry) = (claimed.clone(), entry.clone());
            let moving = move |tx| move_here(tx, claimed.clone(), command.clone(), entry.clone(), now);
            match dispatch.database.write("caldav.move", moving).await {
                Ok(()) => return Ok(()),
                Err(error) if is_of_the_database(error) => return Err(error),
                Err(error) => (Some(wanted), error),
            }
        }
    };
    let (claimed, entry) = (claimed.clone(), entry.clone());
    let refuse = move |tx| {
        refuse(
            tx,
            claimed.clone(),
            appointment_id,
            entry.clone(),
            (wanted, error),
            now,
        )
    };
    dispatch.database.write("caldav.refuse", refuse).await
}

/// Whether it says nothing of the move: it is tried again.
fn is_of_the_database(error: AppError) -> bool {
    error.is_transient() || matches!(error, AppError::Unavailable | AppError::Internal)
}

/// Looks at the entry under the lock of its appointment.
async fn judge(
    mut tx: Tx,
    claimed: Claimed,
    appointment_id: i64,
    entry: Entry,
    origin: Option<String>,
    now: Timestamp,
) -> Result<Wish, Failure> {
    let appointment = lock_if_there(&mut tx, appointment_id).await?;
    if !keep(&mut tx, &claimed, now).await? {
        return Ok(Wish::Noted);
    }
    let Some(appointment) = appointment.filter(|one| is_there(one, &claimed, now)) else {
        // It is about to be taken out, as it is.
        note(&mut tx, &claimed, appointment_id, (&entry, None), now).await?;
        write_again(&mut tx, &claimed, appointment_id, "delete", now).await?;
        tx.commit().await?;
        return Ok(Wish::Noted);
    };
    let zone = appointment.zone.clone();
    let found = Read::of(&entry.body, &zone);
    let known = sqlx::query_scalar!(
        "select version from calendar_events where account_id = $1 and appointment_id = $2",
        claimed.id,
        appointment_id,
    )
    .fetch_optional(&mut *tx)
    .await?
    .flatten();
    // The version that we wrote, which may be later than what we know: an answer may have been lost.
    let written = found.version.or(known);
    let before = match written {
        Some(version) => start_in(&mut tx, appointment_id, version).await?,
        None => None,
    };
    let before = before.unwrap_or(appointment.time.start);
    let wish = wish(&appointment, &found, before);
    if wish != Wish::Noted {
        return Ok(wish);
    }
    let wanted = body(&mut tx, &claimed, appointment_id, origin, now).await?;
    let wanted = wanted.map(|(_, body)| Read::of(&body, &TimeZone::UTC));
    let is_as_wanted = written == Some(appointment.version)
        && wanted.is_some_and(|wanted| found.start == wanted.start && found.says_as(&wanted));
    note(
        &mut tx,
        &claimed,
        appointment_id,
        (&entry, written.filter(|_| is_as_wanted)),
        now,
    )
    .await?;
    if !is_as_wanted {
        write_again(&mut tx, &claimed, appointment_id, "put", now).await?;
    }
    tx.commit().await?;
    Ok(Wish::Noted)
}

/// What an entry asks for that was written when its appointment began at `before`.
fn wish(appointment: &Appointment, found: &Read, before: Timestamp) -> Wish {
    let malformed = AppError::InvalidDateRange;
    match found.start {
        // A text may be what was changed, beside.
        Some(start) if start == before || start == appointment.time.start => Wish::Noted,
        None => Wish::Refused(None, malformed),
        Some(start) if found.repeats => Wish::Refused(Some(start), malformed),
        // It was moved here as well, and that came first.
        Some(start) if appointment.time.start != before => Wish::Refused(
            Some(start),
            AppError::StaleVersion {
                appointment_id: appointment.id,
                to: None,
            },
        ),
        Some(start) => Wish::Move(start, appointment.version),
    }
}

/// When an appointment began in one of its versions.
async fn start_in(tx: &mut Tx, appointment_id: i64, version: i32) -> Result<Option<Timestamp>, Failure> {
    let start = sqlx::query_scalar!(
        "select to_starts_at from appointment_changes where appointment_id = $1 and version = $2",
        appointment_id,
        version,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(start.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Moves the appointment, and tells its doctor so. The listener has it written with its new version.
async fn move_here(
    mut tx: Tx,
    claimed: Claimed,
    command: Reschedule,
    entry: Entry,
    now: Timestamp,
) -> Result<(), Failure> {
    let promise = Promise {
        since: None,
        by: Role::Doctor,
    };
    let moved = move_in(&mut tx, &command, promise, now).await?;
    note(&mut tx, &claimed, moved.id, (&entry, None), now).await?;
    tell(
        &mut tx,
        &claimed,
        moved.id,
        (Question::Moved, Some(command.starts_at), ""),
        now,
    )
    .await?;
    tx.commit().await
}

/// Has the entry written back, and tells the doctor why.
async fn refuse(
    mut tx: Tx,
    claimed: Claimed,
    appointment_id: i64,
    entry: Entry,
    (wanted, error): (Option<Timestamp>, AppError),
    now: Timestamp,
) -> Result<(), Failure> {
    lock_if_there(&mut tx, appointment_id).await?;
    if !keep(&mut tx, &claimed, now).await? {
        return Ok(());
    }
    note(&mut tx, &claimed, appointment_id, (&entry, None), now).await?;
    let because = match error {
        AppError::BookingFailed { reason, .. } => reason.code(),
        error => error.code(),
    };
    tell(
        &mut tx,
        &claimed,
        appointment_id,
        (Question::Refused, wanted, because),
        now,
    )
    .await?;
    write_again(&mut tx, &claimed, appointment_id, "put", now).await?;
    tx.commit().await
}

/// Notes what is there now. Of a locked appointment.
async fn note(
    tx: &mut Tx,
    claimed: &Claimed,
    appointment_id: i64,
    (entry, version): (&Entry, Option<i32>),
    now: Timestamp,
) -> Result<(), Failure> {
    sqlx::query!(
        "update calendar_events
         set href = $3, etag = $4, gone_at = null, version = coalesce($5, version),
             written_at = case when $5::integer is null then written_at else $6 end
         where account_id = $1 and appointment_id = $2",
        claimed.id,
        appointment_id,
        entry.href,
        entry.etag,
        version,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    // It is there again.
    settle(tx, claimed.id, appointment_id, now).await
}

/// Looks after an entry of ours that is no more. Of an appointment that is still ahead or under way, its doctor is asked what
/// becomes of it; what is over or called off is forgotten.
///
/// # Errors
/// Those of the database.
pub(super) async fn gone(
    dispatch: &Dispatch,
    claimed: &Claimed,
    appointment_id: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    let claimed = claimed.clone();
    dispatch
        .database
        .write("caldav.gone", move |tx| {
            attempt_gone(tx, claimed.clone(), appointment_id, now)
        })
        .await
}

async fn attempt_gone(
    mut tx: Tx,
    claimed: Claimed,
    appointment_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let appointment = lock_if_there(&mut tx, appointment_id).await?;
    if !keep(&mut tx, &claimed, now).await? {
        return Ok(());
    }
    let is_ahead = appointment
        .is_some_and(|one| is_there(&one, &claimed, now) && one.status.is_open() && one.time.end > now);
    if !is_ahead {
        forget(&mut tx, &claimed, appointment_id, now).await?;
        return tx.commit().await;
    }
    let noted = sqlx::query!(
        "update calendar_events set gone_at = $3, etag = null
         where account_id = $1 and appointment_id = $2 and gone_at is null",
        claimed.id,
        appointment_id,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    if noted.rows_affected() > 0 {
        tell(
            &mut tx,
            &claimed,
            appointment_id,
            (Question::Deleted, None, ""),
            now,
        )
        .await?;
        // It is not written as long as nobody has answered.
        sqlx::query!(
            "delete from calendar_jobs where account_id = $1 and appointment_id = $2 and action = 'put'",
            claimed.id,
            appointment_id,
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}
