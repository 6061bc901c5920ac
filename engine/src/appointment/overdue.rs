//! Requests that fell due while nobody could answer them.
//!
//! After an outage, or in a copy that was restored from a backup, the clock says that thousands of requests have expired;
//! but nobody could be asked meanwhile. So a request that fell due in an outage is given the time that it missed. Where
//! still more are due at once than an installation ever sees, they are kept until an admin has decided.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use crate::{
    availability::tell_times_changed,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    idempotency::{self, Key},
    time::plus_minutes,
};

/// Minutes without a round of any worker that are an outage. A restart takes less.
const OUTAGE_MINUTES: i64 = 5;

/// Minutes that a request is kept for at a time, while an admin has not decided.
const KEPT_MINUTES: i64 = 60;

/// Minutes after the decision in which requests may expire, however many: those that were kept fall due one after the other.
const LET_GO_MINUTES: i64 = 2 * KEPT_MINUTES;

/// The number of requests that may be due at once, where nobody says another one.
pub const DUE_AT_ONCE: u32 = 500;

/// A round of a worker, as it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// What is due may expire.
    Usual,
    /// More requests are due than may expire without an admin; for the worker, nothing is to expire.
    HeldBack(HeldBack),
}

/// Requests that wait for the decision of an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldBack {
    pub since: Timestamp,
    /// The number of requests that are due or were kept.
    pub requests: i64,
}

/// Begins a round. It gives the requests that fell due in an outage the time that they missed, and keeps them all where more
/// than `at_once` are due; 0 is without limit.
///
/// # Errors
/// Those of the database.
pub async fn begin_round(database: &Database, at_once: u32, now: Timestamp) -> Result<Round, AppError> {
    database
        .write("appointment.begin_round", move |tx| attempt(tx, at_once, now))
        .await
}

async fn attempt(mut tx: Tx, at_once: u32, now: Timestamp) -> Result<Round, Failure> {
    let rounds = sqlx::query!(
        "select ended_at, held_back_since, let_go_until from worker_rounds where id = 1 for no key update"
    );
    let rounds = locking(Lock::WorkerRounds, rounds.fetch_one(&mut *tx)).await?;
    let missed = now.duration_since(rounds.ended_at.to_jiff());
    if missed >= SignedDuration::from_mins(OUTAGE_MINUTES) {
        make_up(&mut tx, rounds.ended_at.to_jiff(), missed, now).await?;
    }
    let is_let_go = rounds.let_go_until.is_some_and(|until| until.to_jiff() > now);
    let mut since = rounds.held_back_since.map(jiff_sqlx::Timestamp::to_jiff);
    if since.is_none() && !is_let_go && at_once > 0 && due(&mut tx, now).await? > i64::from(at_once) {
        since = Some(now);
    }
    let round = match since {
        Some(since) => {
            keep(&mut tx, now, plus_minutes(now, KEPT_MINUTES), now).await?;
            let requests = due(&mut tx, plus_minutes(now, KEPT_MINUTES)).await?;
            Round::HeldBack(HeldBack { since, requests })
        }
        None => Round::Usual,
    };
    sqlx::query!(
        "update worker_rounds set ended_at = greatest(ended_at, $1), held_back_since = $2 where id = 1",
        now.to_sqlx(),
        since.map(ToSqlx::to_sqlx) as _,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(round)
}

/// Gives the requests that fell due between the last round and now the time that they missed; at most up to their start.
async fn make_up(
    tx: &mut Tx,
    last: Timestamp,
    missed: SignedDuration,
    now: Timestamp,
) -> Result<(), Failure> {
    let seconds = missed.as_secs_f64();
    let given = sqlx::query_scalar!(
        "with due as (
             select id from appointments
             where status = 'pending' and answer_until > $1 and answer_until <= $2 and starts_at > $2
             order by id
             for no key update
         )
         update appointments
         set answer_until = least(answer_until + make_interval(secs => $3), starts_at)
         from due where appointments.id = due.id
         returning doctor_id",
        last.to_sqlx(),
        now.to_sqlx(),
        seconds,
    );
    let doctors = locking(Lock::Appointments, given.fetch_all(&mut **tx)).await?;
    tracing::warn!(
        minutes = missed.as_mins(),
        requests = doctors.len(),
        "no worker has made a round for long; requests that fell due meanwhile are given the time that they missed"
    );
    tell_times_changed(tx, doctors);
    Ok(())
}

/// Keeps the requests that are due by a moment, and whose start is still ahead, until another one.
async fn keep(tx: &mut Tx, due_by: Timestamp, until: Timestamp, now: Timestamp) -> Result<(), Failure> {
    let kept = sqlx::query_scalar!(
        "with due as (
             select id from appointments
             where status = 'pending' and answer_until <= $1 and starts_at > $3
             order by id
             for no key update
         )
         update appointments set answer_until = greatest(answer_until, least($2, starts_at))
         from due where appointments.id = due.id
         returning doctor_id",
        due_by.to_sqlx(),
        until.to_sqlx(),
        now.to_sqlx(),
    );
    let doctors = locking(Lock::Appointments, kept.fetch_all(&mut **tx)).await?;
    tell_times_changed(tx, doctors);
    Ok(())
}

/// The number of requests that are due at this moment.
async fn due(tx: &mut Tx, at: Timestamp) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from appointments where status = 'pending' and answer_until <= $1"#,
        at.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(count)
}

/// The requests that wait for the decision of an admin, if there are any.
///
/// # Errors
/// Those of the database.
pub async fn held_back(database: &Database, now: Timestamp) -> Result<Option<HeldBack>, AppError> {
    database
        .read("appointment.held_back", move |mut connection| async move {
            let found = sqlx::query!(
                r#"select held_back_since,
                          (select count(*) from appointments
                           where status = 'pending' and answer_until <= $1) as "requests!"
                   from worker_rounds where id = 1 and held_back_since is not null"#,
                plus_minutes(now, KEPT_MINUTES).to_sqlx(),
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(found.and_then(|found| {
                Some(HeldBack {
                    since: found.held_back_since?.to_jiff(),
                    requests: found.requests,
                })
            }))
        })
        .await
}

/// The decision of an admin about the requests that were held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They expire as they fall due, which all of them do within the hour.
    Expire,
    /// They wait for their answer for so many minutes from now, and at most up to their start.
    Wait { minutes: i64 },
}

/// The most hours that doctors can be given: thirty days.
pub const MAX_GIVEN_HOURS: i64 = 720;

impl Decision {
    /// Gives doctors so many hours from now, from one to [`MAX_GIVEN_HOURS`]; `None` for others.
    pub fn wait(hours: i64) -> Option<Self> {
        (1..=MAX_GIVEN_HOURS)
            .contains(&hours)
            .then_some(Self::Wait { minutes: hours * 60 })
    }
}

/// Decides about the requests that were held back, and returns whether there still were any: somebody else may have
/// decided meanwhile. A replay under a key is given the first answer (B6).
///
/// # Errors
/// Those of the database, and of the key.
pub async fn decide(
    database: &Database,
    decision: Decision,
    key: Option<Key>,
    now: Timestamp,
) -> Result<bool, AppError> {
    database
        .write("appointment.decide", move |tx| {
            decision_attempt(tx, decision, key.clone(), now)
        })
        .await
}

async fn decision_attempt(
    mut tx: Tx,
    decision: Decision,
    key: Option<Key>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let let_go_until = match decision {
        Decision::Expire => Some(plus_minutes(now, LET_GO_MINUTES)),
        Decision::Wait { .. } => None,
    };
    let decided = sqlx::query!(
        "update worker_rounds set held_back_since = null, let_go_until = $1
         where id = 1 and held_back_since is not null",
        let_go_until.map(ToSqlx::to_sqlx) as _,
    );
    let decided = locking(Lock::WorkerRounds, decided.execute(&mut *tx)).await?;
    let is_decided = decided.rows_affected() > 0;
    // After the row of the rounds, by the order of locks: a twin that waited for it has changed nothing by now.
    if let Some(first) = idempotency::claim(&mut tx, key.as_ref(), now).await? {
        return Ok(first);
    }
    if let Decision::Wait { minutes } = decision
        && is_decided
    {
        keep(
            &mut tx,
            plus_minutes(now, KEPT_MINUTES),
            plus_minutes(now, minutes),
            now,
        )
        .await?;
    }
    idempotency::answer(&mut tx, key.as_ref(), &is_decided, &[]).await?;
    tx.commit().await?;
    Ok(is_decided)
}
