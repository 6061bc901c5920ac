//! Deletes what has expired.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{factor, link, place, token::named::WAITS_MINUTES, tries};
use crate::{
    database::{Failure, Tx},
    time::plus_minutes,
};

/// The time for which the counters of rate limits are kept, in minutes: longer than any window.
const KEEP_COUNTERS_MINUTES: i64 = 7 * 24 * 60;

/// Deletes expired sessions, tokens and codes, and counters whose window is over. A token that its owner did not come to
/// look at can no longer be shown.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!("delete from sessions where expires_at <= $1", now.to_sqlx())
        .execute(&mut **tx)
        .await?;
    // What was typed into a form, and when: it is forgotten when it is no longer shown.
    sqlx::query!(
        "update sessions set typed_until = null,
                data = coalesce((select jsonb_object_agg(key, value) from jsonb_each(data)
                                 where not (jsonb_typeof(value) = 'object' and value ?| array['at', 'kept_at'])), '{}')
         where typed_until <= $1",
        now.to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    tries::tidy(tx, now).await?;
    link::tidy(tx, now).await?;
    factor::tidy(tx, now).await?;
    sqlx::query!(
        "delete from sign_in_places where seen_at <= $1",
        plus_minutes(now, -place::KEEP_MINUTES).to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from tokens where expires_at <= $1", now.to_sqlx())
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "update tokens set salt = null where salt is not null and made_at <= $1",
        plus_minutes(now, -WAITS_MINUTES).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from login_codes where expires_at <= $1", now.to_sqlx())
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "delete from rate_limits where window_starts_at <= $1",
        plus_minutes(now, -KEEP_COUNTERS_MINUTES).to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
