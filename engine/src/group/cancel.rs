//! Cancelling a session, or what is left of its series, with all its seats.

use jiff::Timestamp;

use super::{
    Group, State,
    lock::{LockedGroup, lock_all, lock_between, peek_rest},
    must_plan,
    seats::end_kept,
};
use crate::{
    account::Caller,
    appointment::{Actor, Appointment, Extra, Status, change, lock_group, release_hold},
    database::{Database, Failure, Tx},
    error::AppError,
    event::Event,
    idempotency::{self, Key},
    time::Range,
};

/// A session that does not take place.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// Its doctor, or an admin.
    pub caller: Caller,
    pub group_id: i64,
    /// The version that the caller was looking at; `None` accepts any.
    pub version: Option<i32>,
    /// Whether the sessions of its series that come after it are cancelled with it.
    pub with_rest: bool,
    /// The reason, which those who have seats are told.
    pub reason: String,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Cancels a session that is not over, and every seat in it: each patient is told once. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's to plan; `STALE_VERSION` where somebody changed it since, or it is over;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn cancel(database: &Database, command: Cancel, now: Timestamp) -> Result<Group, AppError> {
    database
        .write("group.cancel", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Cancel, now: Timestamp) -> Result<Group, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let seen = peek_rest(&mut tx, command.group_id, command.with_rest).await?;
    let ids: Vec<i64> = seen.iter().map(|group| group.id).collect();
    let locked = lock_all(&mut tx, &ids).await?;
    let own = locked.iter().find(|group| group.id == command.group_id);
    let own = Group::clone(own.ok_or(AppError::NotFound)?);
    must_plan(&command.caller, own.doctor_id)?;
    if own.state == State::Cancelled
        && command
            .version
            .is_none_or(|seen| seen.saturating_add(1) == own.version)
    {
        // The second of two clicks.
        return Ok(own);
    }
    let is_seen = command.version.is_none_or(|seen| seen == own.version);
    if !is_seen || own.state == State::Cancelled || own.ends_at <= now {
        return Err(AppError::StaleGroup.into());
    }
    let coming = locked
        .iter()
        .filter(|group| group.state != State::Cancelled && group.ends_at > now);
    let coming: Vec<i64> = coming.map(|group| group.id).collect();
    end_appointments(&mut tx, &coming, &command, now).await?;
    tell_cancelled(&mut tx, &coming);
    sqlx::query!(
        "update groups set state = 'cancelled', version = version + 1 where id = any($1)",
        &coming,
    )
    .execute(&mut *tx)
    .await?;
    let cancelled = Group {
        state: State::Cancelled,
        version: own.version + 1,
        ..own
    };
    idempotency::answer(&mut tx, key, &cancelled, &[cancelled.made()]).await?;
    tx.commit().await?;
    Ok(cancelled)
}

/// Tells that sessions do not take place.
fn tell_cancelled(tx: &mut Tx, groups: &[i64]) {
    for group_id in groups {
        tx.tell(Event::GroupCancelled { group_id: *group_id });
    }
}

/// Cancels the seats that are booked or kept for somebody, and gives the times of the doctors back. Who is being seen, or was, stays.
async fn end_appointments(
    tx: &mut Tx,
    groups: &[i64],
    command: &Cancel,
    now: Timestamp,
) -> Result<(), Failure> {
    let actor = Actor::from(&command.caller);
    for appointment in lock_group(tx, groups).await? {
        match (appointment.patient_id, appointment.status) {
            (None, _) => release_hold(tx, appointment, actor, now).await?,
            (Some(_), _) if appointment.is_kept_seats() => end_kept(tx, appointment, now).await?,
            (Some(_), Status::Pending | Status::Confirmed) => {
                let extra = Extra {
                    reason: command.reason.clone(),
                    with_its_group: true,
                    ..Extra::default()
                };
                change(tx, appointment, Status::Cancelled, actor, extra, now).await?;
            }
            (Some(_), _) => {}
        }
    }
    Ok(())
}

/// The sessions of a day that is cancelled, locked before its appointments.
#[derive(Debug)]
pub struct GroupsOfDay(Vec<LockedGroup>);

impl GroupsOfDay {
    /// Locks the sessions of a doctor at a clinic that begin in this range.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn lock(tx: &mut Tx, doctor_id: i64, clinic_id: i64, range: Range) -> Result<Self, Failure> {
        lock_between(tx, doctor_id, clinic_id, range).await.map(Self)
    }

    /// Whether an appointment has seats in one of them.
    pub fn has(&self, appointment: &Appointment) -> bool {
        self.0.iter().any(|group| appointment.group_id == Some(group.id))
    }

    /// Cancels them, and gives their time back. Their seats have been cancelled with the other appointments of the day.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn cancel(self, tx: &mut Tx, actor: Actor, now: Timestamp) -> Result<(), Failure> {
        let ids: Vec<i64> = self.0.iter().map(|group| group.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        for appointment in lock_group(tx, &ids).await? {
            if appointment.patient_id.is_none() {
                release_hold(tx, appointment, actor, now).await?;
            } else if appointment.is_kept_seats() {
                end_kept(tx, appointment, now).await?;
            }
        }
        tell_cancelled(tx, &ids);
        sqlx::query!(
            "update groups set state = 'cancelled', version = version + 1 where id = any($1)",
            &ids,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
