//! Hearing that something became of a booking.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    event::Event,
};

/// The age of an event that is still heard, in minutes. Events that were heard are remembered for longer, so that none is heard
/// twice.
pub const MAX_AGE_MINUTES: i64 = 24 * 60;

/// How far ahead the clock of an account elsewhere may be, in minutes.
const MAX_AHEAD_MINUTES: i64 = 5;

/// Where events that were heard are remembered.
const SOURCE: &str = "calcom";

/// A sign that something became of a booking, of which the signature was checked.
#[derive(Clone, Debug)]
pub struct Sign {
    pub account_id: i64,
    /// A name that no other event of the account has.
    pub event_id: String,
    /// When it happened.
    pub at: Timestamp,
}

/// What became of a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// The account is looked at now.
    Heard,
    /// It was heard before: nothing happens.
    Known,
    /// It is of another time: somebody plays back what they have recorded.
    Stale,
    /// There is no such account any more.
    Nobody,
}

/// Hears a sign, once: the account is looked at as soon as a worker is free.
///
/// # Errors
/// Those of the database: nothing was written then.
pub async fn heard(database: &Database, sign: Sign, now: Timestamp) -> Result<Hearing, AppError> {
    let age = now.duration_since(sign.at);
    if age > SignedDuration::from_mins(MAX_AGE_MINUTES) || age < SignedDuration::from_mins(-MAX_AHEAD_MINUTES)
    {
        return Ok(Hearing::Stale);
    }
    database
        .write("calcom.heard", move |tx| attempt(tx, sign.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, sign: Sign, now: Timestamp) -> Result<Hearing, Failure> {
    let claimed = sqlx::query!(
        "insert into provider_events (source, event_id, received_at) values ($1, $2, $3) on conflict do nothing",
        SOURCE,
        format!("{} {}", sign.account_id, sign.event_id),
        now.to_sqlx(),
    );
    // A twin waits here until the first one has committed.
    let claimed = locking(Lock::IdempotencyKey, claimed.execute(&mut *tx)).await?;
    if claimed.rows_affected() == 0 {
        return Ok(Hearing::Known);
    }
    // A look that is under way may have come too early: it leaves what is due after its beginning.
    let woken = sqlx::query!(
        "update calendar_accounts set pull_at = $2
         where id = $1 and kind = 'calcom' and state in ('active', 'paused', 'choosing')",
        sign.account_id,
        now.to_sqlx(),
    );
    let woken = locking(Lock::CalendarAccounts, woken.execute(&mut *tx)).await?;
    if woken.rows_affected() == 0 {
        return Ok(Hearing::Nobody);
    }
    tx.tell(Event::CalendarDue);
    tx.commit().await?;
    Ok(Hearing::Heard)
}
