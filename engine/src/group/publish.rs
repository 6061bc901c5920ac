//! Publishing a session, or what is left of its series: from then on its doctor is occupied and seats can be taken.

use jiff::Timestamp;

use super::{
    Group, State,
    lock::{LockedGroup, lock_all, peek_rest, zone_of},
    must_plan,
    occupy::{lock_doctor, lock_hours, occupy, tell_published},
};
use crate::{
    account::Caller,
    appointment::{Actor, lock_in_the_way},
    availability::hours::LockedHours,
    database::{Database, Failure, Tx},
    error::AppError,
    idempotency::{self, Key},
};

/// A draft that becomes open.
#[derive(Clone, Debug)]
pub struct Publish {
    /// Its doctor, or an admin.
    pub caller: Caller,
    pub group_id: i64,
    /// The version that the caller was looking at; `None` accepts any.
    pub version: Option<i32>,
    /// Whether the drafts of its series that come after it are published with it.
    pub with_rest: bool,
    /// The key under which a replay is given the first answer (B6).
    pub key: Option<Key>,
}

/// Publishes a session: all that is meant, or nothing. A second request changes nothing.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's to plan; `STALE_VERSION` where somebody changed or cancelled it since;
/// `BOOKING_FAILED` about the first session whose doctor has something else then, or is away; `IDEMPOTENCY_CONFLICT`.
pub async fn publish(database: &Database, command: Publish, now: Timestamp) -> Result<Group, AppError> {
    database
        .write("group.publish", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: Publish, now: Timestamp) -> Result<Group, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let mut seen = peek_rest(&mut tx, command.group_id, command.with_rest).await?;
    let own = seen.iter().find(|group| group.id == command.group_id);
    let own = own.ok_or(AppError::NotFound)?.clone();
    must_plan(&command.caller, own.doctor_id)?;
    seen.retain(|group| group.state == State::Draft || group.id == own.id);
    let zone = zone_of(&mut tx, own.clinic_id).await?;
    lock_doctor(&mut tx, own.doctor_id, own.clinic_id, own.service_id).await?;
    let times = seen.iter().map(|group| (group.doctor_id, group.time()));
    let hours = lock_hours(&mut tx, times).await?;
    let ids: Vec<i64> = seen.iter().map(|group| group.id).collect();
    let locked = lock_all(&mut tx, &ids).await?;
    let named = locked.iter().find(|group| group.id == own.id);
    let named = named.ok_or(AppError::NotFound)?;
    if let Some(done) = must_be_draft(named, &command)? {
        return Ok(done);
    }
    let (drafts, hours) = drafts(&locked, seen, hours)?;
    let ids: Vec<i64> = drafts.iter().map(|group| group.id).collect();
    sqlx::query!(
        "update groups set state = 'published', version = version + 1 where id = any($1)",
        &ids,
    )
    .execute(&mut *tx)
    .await?;
    let published: Vec<Group> = drafts
        .into_iter()
        .map(|group| Group {
            state: State::Published,
            version: group.version + 1,
            ..group
        })
        .collect();
    let lapsed = lock_in_the_way(&mut tx, &hours, None, None, &[], now).await?;
    let actor = Actor::from(&command.caller);
    occupy(&mut tx, &published, &hours, lapsed, (&zone, actor), now).await?;
    tell_published(&mut tx, &published);
    let made: Vec<_> = published.iter().map(Group::made).collect();
    let own = published.into_iter().find(|group| group.id == own.id);
    let own = own.ok_or(AppError::Internal)?;
    idempotency::answer(&mut tx, key, &own, &made).await?;
    tx.commit().await?;
    Ok(own)
}

/// Checks that the session is the draft that the caller saw. Answers with it where the second of two clicks finds it published.
fn must_be_draft(named: &Group, command: &Publish) -> Result<Option<Group>, AppError> {
    match named.state {
        State::Draft if command.version.is_none_or(|seen| seen == named.version) => Ok(None),
        State::Published
            if command
                .version
                .is_none_or(|seen| seen.saturating_add(1) == named.version) =>
        {
            Ok(Some(named.clone()))
        }
        _ => Err(AppError::StaleGroup),
    }
}

/// The drafts among the locked sessions, with their hours. The hours are those of the times that were seen before the lock.
fn drafts(
    locked: &[LockedGroup],
    seen: Vec<Group>,
    hours: Vec<LockedHours>,
) -> Result<(Vec<Group>, Vec<LockedHours>), AppError> {
    let mut drafts = (Vec::new(), Vec::new());
    // Sessions without a doctor have none.
    let mut hours = hours.into_iter();
    for seen in seen {
        let hours = hours.next();
        let Some(now) = locked.iter().find(|group| group.id == seen.id) else {
            continue;
        };
        if now.state != State::Draft {
            continue;
        }
        if now.time() != seen.time() {
            // Moved meanwhile: the hours of its time now are not locked.
            return Err(AppError::StaleGroup);
        }
        drafts.0.push(Group::clone(now));
        drafts.1.extend(hours);
    }
    Ok(drafts)
}
