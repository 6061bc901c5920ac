//! Having an account looked at now.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::account::lock;
use crate::{account::Caller, database::Database, error::AppError, event::Event};

/// Has a worker look at an account now, also at one that was left alone or paused after failures.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn sync_now(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<(), AppError> {
    let caller = caller.clone();
    database
        .write("caldav.sync_now", move |mut tx| {
            let caller = caller.clone();
            async move {
                lock(&mut tx, &caller, id).await?;
                sqlx::query!(
                    "update calendar_accounts
                     set pull_at = $2, rest_until = null,
                         failures = case state when 'paused' then 0 else failures end,
                         failing_since = case state when 'paused' then null else failing_since end,
                         state = case state when 'paused' then 'active' else state end
                     where id = $1",
                    id,
                    now.to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                sqlx::query!(
                    "update calendar_jobs set due_at = $2
                     where id in (select id from calendar_jobs where account_id = $1 and due_at > $2
                                  order by appointment_id, action for no key update skip locked)",
                    id,
                    now.to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                tx.tell(Event::CalendarDue);
                tx.commit().await
            }
        })
        .await
}
