//! Expiring holds and requests that have run out. Nothing depends on it: a lapsed time is free by comparison (B5); this
//! only makes the status say so.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Actor, Extra, Status, change, lock};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// Number of appointments that one transaction ends.
const MAX_BATCH: i64 = 100;

/// Ends holds and requests that have run out, and answers with how many; there may be more.
///
/// # Errors
/// Those of the database.
pub async fn expire(database: &Database, now: Timestamp) -> Result<usize, AppError> {
    database
        .write("appointment.expire", move |tx| attempt(tx, now))
        .await
}

async fn attempt(mut tx: Tx, now: Timestamp) -> Result<usize, Failure> {
    let sessions = lock_sessions(&mut tx, now).await?;
    // A locked one is left alone: the booking that takes its time ends it, too.
    let unlocked = sqlx::query_scalar!(
        "select id from appointments
         where status in ('held', 'pending') and not occupies(appointments, $1)
           and (group_id is null or patient_id is null or group_id = any($3))
         order by id
         limit $2
         for no key update skip locked",
        now.to_sqlx(),
        MAX_BATCH,
        &sessions,
    );
    let ids = locking(Lock::Appointments, unlocked.fetch_all(&mut *tx)).await?;
    let count = ids.len();
    for id in ids {
        let appointment = lock(&mut tx, id).await?;
        change(
            &mut tx,
            appointment,
            Status::Expired,
            Actor::SYSTEM,
            Extra::default(),
            now,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(count)
}

/// Locks the sessions whose seats were kept for somebody until now, before the appointments: what is freed is offered to the
/// next one. Whoever has one at this moment ends its holds that have run out, or leaves them to the next round.
async fn lock_sessions(tx: &mut Tx, now: Timestamp) -> Result<Vec<i64>, Failure> {
    let locked = sqlx::query_scalar!(
        "select id from groups
         where id in (select group_id from appointments
                      where status = 'held' and group_id is not null and patient_id is not null and held_until <= $1)
         order by id
         limit $2
         for no key update skip locked",
        now.to_sqlx(),
        MAX_BATCH,
    );
    Ok(locking(Lock::Groups, locked.fetch_all(&mut **tx)).await?)
}
