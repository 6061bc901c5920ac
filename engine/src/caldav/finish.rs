//! What became of a job, written down by who has the account.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    claim::{Claimed, keep},
    decide::Job,
    note::{forget, lock_if_there},
    remote::{Failed, Put},
    rules::rest,
};
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
};

/// Notes what was written, and that the job is done, unless the appointment has changed since. Answers whether the account is
/// still this worker's.
///
/// # Errors
/// Those of the database.
pub(super) async fn put_is_done(
    database: &Database,
    claimed: &Claimed,
    job: Job,
    put: &Put,
    (href, etag): (String, Option<String>),
    now: Timestamp,
) -> Result<bool, AppError> {
    let (claimed, version) = (claimed.clone(), put.version);
    database
        .write("caldav.put_is_done", move |mut tx| {
            let (claimed, href, etag) = (claimed.clone(), href.clone(), etag.clone());
            async move {
                lock_if_there(&mut tx, job.appointment_id).await?;
                if !keep(&mut tx, &claimed, now).await? {
                    return Ok(false);
                }
                sqlx::query!(
                    "update calendar_events set href = $3, etag = $4, version = $5, written_at = $6
                     where account_id = $1 and appointment_id = $2",
                    claimed.id,
                    job.appointment_id,
                    href,
                    etag,
                    version,
                    now.to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                note_write(&mut tx, &claimed, job).await?;
                done(&mut tx, job).await?;
                tx.commit().await?;
                Ok(true)
            }
        })
        .await
}

/// Notes that an entry is no more. Answers whether the account is still this worker's.
///
/// # Errors
/// Those of the database.
pub(super) async fn delete_is_done(
    database: &Database,
    claimed: &Claimed,
    job: Job,
    and_again: bool,
    now: Timestamp,
) -> Result<bool, AppError> {
    let claimed = claimed.clone();
    database
        .write("caldav.delete_is_done", move |mut tx| {
            let claimed = claimed.clone();
            async move {
                lock_if_there(&mut tx, job.appointment_id).await?;
                if !keep(&mut tx, &claimed, now).await? {
                    return Ok(false);
                }
                note_delete(&mut tx, &claimed, job).await?;
                forget(&mut tx, &claimed, job.appointment_id, now).await?;
                if !and_again {
                    done(&mut tx, job).await?;
                }
                tx.commit().await?;
                Ok(true)
            }
        })
        .await
}

/// Notes that what is there is another by what we did.
async fn note_write(tx: &mut Tx, claimed: &Claimed, job: Job) -> Result<(), Failure> {
    sqlx::query!(
        "update calendar_collections set has_unseen_writes = true
         where id = (select collection_id from calendar_events where account_id = $1 and appointment_id = $2)
           and not has_unseen_writes",
        claimed.id,
        job.appointment_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes that something is no more by what we did. Nobody knows its name any more by which it would be missed, so all is listed
/// the next time: no token that is older than this is believed.
async fn note_delete(tx: &mut Tx, claimed: &Claimed, job: Job) -> Result<(), Failure> {
    sqlx::query!(
        "update calendar_collections set has_unseen_writes = true, sync_token = null
         where id = (select collection_id from calendar_events where account_id = $1 and appointment_id = $2)
           and not (has_unseen_writes and sync_token is null)",
        claimed.id,
        job.appointment_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A job that something happened to meanwhile is done again.
async fn done(tx: &mut Tx, job: Job) -> Result<(), Failure> {
    sqlx::query!(
        "delete from calendar_jobs where id = $1 and changes = $2",
        job.id,
        job.changes,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The attempts that are made at once when something else than what was known is found.
const AT_ONCE: i32 = 3;

/// Notes that a job was tried in vain: it is tried again later, or at once where only something else was found.
///
/// # Errors
/// Those of the database.
pub(super) async fn try_again(
    database: &Database,
    claimed: &Claimed,
    job: Job,
    failed: Option<Failed>,
    now: Timestamp,
) -> Result<bool, AppError> {
    let attempts = job.attempts.saturating_add(1);
    let due_at = match failed {
        None if attempts <= AT_ONCE => now,
        failed => rest(attempts, failed.and_then(|failed| failed.wait), now),
    };
    let trouble = failed.map_or("", |failed| failed.trouble.as_str());
    let claimed = claimed.clone();
    database
        .write("caldav.try_again", move |mut tx| {
            let claimed = claimed.clone();
            async move {
                if !keep(&mut tx, &claimed, now).await? {
                    return Ok(false);
                }
                // One to which something happened meanwhile is due as that says.
                sqlx::query!(
                    "update calendar_jobs set attempts = $2, due_at = $3, trouble = $4
                     where id = (select id from calendar_jobs where id = $1 and changes = $5 for no key update skip locked)",
                    job.id,
                    attempts,
                    due_at.to_sqlx(),
                    trouble,
                    job.changes,
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await?;
                Ok(true)
            }
        })
        .await
}
