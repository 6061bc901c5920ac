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
    // A locked one is left alone: the booking that takes its time ends it, too.
    let unlocked = sqlx::query_scalar!(
        "select id from appointments
         where status in ('held', 'pending') and not occupies(appointments, $1)
         order by id
         limit $2
         for no key update skip locked",
        now.to_sqlx(),
        MAX_BATCH,
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
