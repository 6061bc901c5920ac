//! What happens because time passes. Nothing depends on it: a lapsed time is free by comparison (B5);
//! this only makes the status say so.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Actor, Extra, Status, change, lock};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
};

/// How many appointments one transaction ends.
const BATCH: i64 = 100;

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
    // What somebody is working on is left to them: whoever takes the time ends it, too.
    let ids = sqlx::query_scalar!(
        "select id from appointments
         where status in ('held', 'pending') and not occupies(appointments, $1)
         order by id
         limit $2
         for no key update skip locked",
        now.to_sqlx(),
        BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
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
