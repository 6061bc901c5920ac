//! One round of a worker: claim an account, do what is to be done there, read what has changed there, give it back.

use std::sync::Arc;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use metrics::counter;
use tokio::sync::Notify;

use super::{
    claim::{Claimed, claim},
    clock::{Clock, in_time},
    decide::{Job, Todo, decide, jobs},
    dispatch::Dispatch,
    elsewhere,
    finish::{delete_is_done, put_is_done, try_again},
    glance::glance,
    known::collections,
    pull::pull,
    remote::{Access, Failed, Remote, Written},
    rules::{MOST_REFUSALS, State, Trouble, UNLINK_ATTEMPTS, UNLINK_HOURS, rest},
};
use crate::{
    database::{Failure, Lock, Tx, locking},
    error::AppError,
    event::Event,
    time::plus_minutes,
    worker::Workers,
};

/// The minutes after which a server is asked again what has changed.
pub const PULL_MINUTES: i64 = 5;

/// The minutes after which an account that was unlinked is looked at again: nothing is asked there for that, and the worker may have
/// given back by then what was read from it.
const END_MINUTES: i64 = 1;

/// Accounts that one server works on at a time: a few servers that hang hold up no others.
const MOST_AT_ONCE: usize = 4;

/// The jobs of one round: then others have their turn.
const MOST_JOBS: i64 = 100;

/// Starts the workers.
pub fn start(dispatch: &Dispatch, wake_up: &Arc<Notify>) -> Workers {
    let mut workers = Workers::of(&dispatch.database);
    for _ in 0..MOST_AT_ONCE {
        let dispatch = dispatch.clone();
        workers.add("calendars elsewhere", wake_up.clone(), move || {
            let dispatch = dispatch.clone();
            async move { round(&dispatch, dispatch.database.now()).await }
        });
    }
    workers
}

/// Works on some account, and answers with how many that were: one or none.
///
/// # Errors
/// Those of the database. The account is free again when the claim ends.
pub async fn round(dispatch: &Dispatch, now: Timestamp) -> Result<usize, AppError> {
    let Some(claimed) = claim(&dispatch.database, &dispatch.remotes.kinds(), now).await? else {
        return Ok(0);
    };
    let clock = Clock::start(now);
    let end = work(dispatch, &claimed, clock).await?;
    report(dispatch, &claimed, end);
    if end != End::Lost {
        let (claimed, now) = (claimed.clone(), clock.now());
        let resealed = claimed.resealed(dispatch.secret_key.as_ref());
        let release = move |tx| release(tx, claimed.clone(), end, resealed.clone(), (clock.began(), now));
        dispatch.database.write("caldav.release", release).await?;
    }
    Ok(1)
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// All that was due was done; `pulled`: it was asked what has changed, and this went wrong with one calendar.
    Done {
        pulled: bool,
        trouble: Option<Trouble>,
    },
    Failed(Failed),
    /// Somebody else has the account by now.
    Lost,
}

fn report(dispatch: &Dispatch, claimed: &Claimed, end: End) {
    let (outcome, trouble) = match end {
        End::Done { trouble, .. } => ("done", trouble),
        End::Failed(failed) => ("failed", Some(failed.trouble)),
        End::Lost => ("lost", None),
    };
    let trouble = trouble.map_or("", Trouble::as_str);
    dispatch.database.statistics().record(|| {
        counter!("janji_calendar_rounds_total", "outcome" => outcome, "trouble" => trouble).increment(1);
    });
    match trouble {
        "" => tracing::debug!(
            calendar.account = claimed.id,
            outcome,
            "a calendar elsewhere was looked after"
        ),
        trouble => tracing::warn!(
            calendar.account = claimed.id,
            outcome,
            trouble,
            "a calendar elsewhere could not be looked after"
        ),
    }
}

async fn work(dispatch: &Dispatch, claimed: &Claimed, clock: Clock) -> Result<End, AppError> {
    let failed = |trouble: Trouble| Ok(End::Failed(trouble.into()));
    // The log says which key is missing.
    let Ok(access) = claimed.access(dispatch.secret_key.as_ref()) else {
        return failed(Trouble::Sealed);
    };
    let Some(remote) = dispatch.remotes.of(claimed.kind) else {
        return failed(Trouble::NotFound);
    };
    let due = jobs(&dispatch.database, claimed, clock.now(), MOST_JOBS).await?;
    for job in due {
        match do_job(dispatch, claimed, (remote.as_ref(), &access), job, clock).await? {
            Done::Yes => {}
            Done::Failed(failed) => return Ok(End::Failed(failed)),
            Done::Lost => return Ok(End::Lost),
        }
    }
    let mut trouble = None;
    let is_pulled = claimed.is_pull_due && claimed.state == State::Active;
    if is_pulled {
        let there = (remote.as_ref(), &access);
        let collections = collections(&dispatch.database, claimed).await?;
        let glance = match glance(&dispatch.database, claimed, there, &collections, clock).await? {
            Ok(glance) => glance,
            Err(failed) => return Ok(End::Failed(failed)),
        };
        for collection in &collections {
            if glance.is_unchanged(collection, clock.now()) {
                continue;
            }
            let read = pull(dispatch, claimed, there, (collection, &glance), clock);
            match read.await? {
                Ok(()) => {}
                Err(failed) if failed.trouble.is_of_the_account() => return Ok(End::Failed(failed)),
                // The others are read all the same.
                Err(failed) => trouble = Some(failed.trouble),
            }
        }
    }
    Ok(End::Done {
        pulled: is_pulled,
        trouble,
    })
}

/// Whether the round goes on after a job.
enum Done {
    Yes,
    Failed(Failed),
    Lost,
}

async fn do_job(
    dispatch: &Dispatch,
    claimed: &Claimed,
    (remote, access): (&dyn Remote, &Access),
    job: Job,
    clock: Clock,
) -> Result<Done, AppError> {
    let database = &dispatch.database;
    let held = |held| match held {
        true => Done::Yes,
        false => Done::Lost,
    };
    let failed = match decide(database, claimed, job, dispatch.origin.clone(), clock.now()).await? {
        Todo::Lost => return Ok(Done::Lost),
        Todo::Nothing => return Ok(Done::Yes),
        Todo::Delete { place, and_again } => match in_time(remote.delete(access, &place)).await {
            Ok(()) => {
                let done = delete_is_done(database, claimed, job, and_again, clock.now()).await?;
                return Ok(held(done));
            }
            Err(failed) => failed,
        },
        Todo::Put(put) => match in_time(remote.put(access, &put)).await {
            Ok(Written::Done { href, etag }) => {
                let done = put_is_done(database, claimed, job, &put, (href, etag), clock.now()).await?;
                return Ok(held(done));
            }
            Ok(Written::Other(entry)) => {
                elsewhere::changed(dispatch, claimed, job.appointment_id, &entry, clock.now()).await?;
                return Ok(held(try_again(database, claimed, job, None, clock.now()).await?));
            }
            Ok(Written::Gone) => {
                elsewhere::gone(dispatch, claimed, job.appointment_id, clock.now()).await?;
                return Ok(Done::Yes);
            }
            Err(failed) => failed,
        },
    };
    if failed.trouble.is_of_the_account() {
        return Ok(Done::Failed(failed));
    }
    Ok(held(
        try_again(database, claimed, job, Some(failed), clock.now()).await?,
    ))
}

/// Gives an account back, if it is still this worker's. One that was unlinked is no more once nothing of ours is there.
async fn release(
    mut tx: Tx,
    claimed: Claimed,
    end: End,
    resealed: Option<String>,
    (began, now): (Timestamp, Timestamp),
) -> Result<(), Failure> {
    let held = sqlx::query!(
        "select state, failures, failing_since from calendar_accounts where id = $1 and claimed_by = $2 for no key update",
        claimed.id,
        claimed.claim,
    );
    let Some(held) = locking(Lock::CalendarAccounts, held.fetch_optional(&mut *tx)).await? else {
        return Ok(());
    };
    let is_ending = held.state == State::Ending.as_str();
    let since = held.failing_since.map_or(now, jiff_sqlx::Timestamp::to_jiff);
    let (failures, failed) = match end {
        End::Failed(failed) => (held.failures.saturating_add(1), Some(failed)),
        End::Done { .. } | End::Lost => (0, None),
    };
    let is_locked_out =
        failures >= MOST_REFUSALS && failed.is_some_and(|one| one.trouble == Trouble::Unauthorized);
    if is_ending && (is_locked_out || is_over(&mut tx, &claimed, failed.map(|_| since), now).await?) {
        sqlx::query!("delete from calendar_accounts where id = $1", claimed.id)
            .execute(&mut *tx)
            .await?;
        return tx.commit().await;
    }
    let (pulled, trouble) = match end {
        End::Done { pulled, trouble } => (pulled, trouble),
        End::Failed(failed) => (false, Some(failed.trouble)),
        End::Lost => (false, None),
    };
    let rest_until = failed.map(|failed| rest(failures, failed.wait, now).to_sqlx());
    let minutes = if is_ending { END_MINUTES } else { PULL_MINUTES };
    let next = plus_minutes(now, minutes).to_sqlx();
    sqlx::query!(
        "update calendar_accounts
         set claimed_by = null, claimed_until = null, trouble = $2, failures = $3,
             failing_since = case when $3 > 0 then $4::timestamptz end, rest_until = $5,
             -- A look that was asked for since this one began may be about something that it has not seen.
             pull_at = case when $6 and pull_at <= $13 then $7 else pull_at end,
             pulled_at = case when $8 then $9 else pulled_at end,
             state = case when state = 'active' and $10 then 'paused' else state end,
             secret = case when secret = $11 then coalesce($12, secret) else secret end
         where id = $1",
        claimed.id,
        trouble.map_or("", Trouble::as_str),
        failures,
        since.to_sqlx() as _,
        rest_until as _,
        pulled || is_ending,
        next as _,
        pulled && trouble.is_none(),
        now.to_sqlx() as _,
        is_locked_out,
        claimed.secret,
        resealed,
        began.to_sqlx() as _,
    )
    .execute(&mut *tx)
    .await?;
    if held.state == State::Active.as_str() && is_locked_out {
        tx.tell(Event::CalendarPaused {
            account_id: claimed.id,
        });
    }
    tx.commit().await
}

/// Whether an account that was unlinked is over: nothing of ours is there any more that can be taken out, and nothing from there
/// here, or it has failed for too long.
async fn is_over(
    tx: &mut Tx,
    claimed: &Claimed,
    failing: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, Failure> {
    if failing.is_some_and(|since| since <= plus_minutes(now, -60 * UNLINK_HOURS)) {
        tracing::warn!(
            calendar.account = claimed.id,
            "a calendar elsewhere that was unlinked could not be reached: what was written there stays"
        );
        return Ok(true);
    }
    let is_clear = sqlx::query_scalar!(
        r#"select not exists (select from calendar_events
                              where account_id = $1
                                -- What the server does not let us take out, whatever else it does.
                                and not exists (select from calendar_jobs
                                                where calendar_jobs.account_id = $1
                                                  and calendar_jobs.appointment_id = calendar_events.appointment_id
                                                  and attempts >= $2))
              -- Those who wait for the times are told when they are given back.
              and not exists (select from external_items
                              join calendar_collections on calendar_collections.id = collection_id
                              where account_id = $1) as "is_clear!""#,
        claimed.id,
        UNLINK_ATTEMPTS,
    );
    Ok(is_clear.fetch_one(&mut **tx).await?)
}
