//! Holds that ran out long ago give back what nobody has wanted meanwhile.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use super::{book::release, lock::Stays, nights::lock_nights};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
};

/// The time for which a hold that has run out waits for its owner. It is in nobody's way: its rooms count as free.
const KEEP: SignedDuration = SignedDuration::from_hours(24);

/// The most holds that one round ends.
const MAX_BATCH: i64 = 100;

/// Ends holds that ran out long ago. Their rooms were free already; this keeps rows few.
///
/// # Errors
/// Those of the database.
pub async fn tidy(database: &Database, now: Timestamp) -> Result<(), AppError> {
    database.write("stay.tidy", move |tx| attempt(tx, now)).await
}

async fn attempt(mut tx: Tx, now: Timestamp) -> Result<(), Failure> {
    let old = now.checked_sub(KEEP).unwrap_or(now);
    let hold_ids = sqlx::query_scalar!(
        "select id from stays where status = 'held' and held_until <= $1 order by id limit $2",
        old.to_sqlx(),
        MAX_BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
    if hold_ids.is_empty() {
        return Ok(());
    }
    let stays = Stays {
        hold_ids,
        ..Stays::default()
    };
    let mut stays = stays.lock(&mut tx, now).await?;
    let locked = lock_nights(&mut tx, &stays.night_keys()).await?;
    release(&mut tx, &locked, &mut stays, now).await?;
    tx.commit().await
}
