//! What is done with an appointment in a calendar elsewhere: decided under its lock, by how it is then.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    claim::{Claimed, keep},
    note::{body, forget, is_there, lock_if_there},
    remote::{Place, Put},
};
use crate::{
    appointment::Appointment,
    database::{Database, Failure, Tx},
    error::AppError,
};

/// Something that is to be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub id: i64,
    pub appointment_id: i64,
    /// Of how many changes it is.
    pub changes: i32,
    pub attempts: i32,
}

/// What a job came to.
#[derive(Clone, Debug)]
pub(super) enum Todo {
    /// All is as it should be.
    Nothing,
    Put(Put),
    /// `and_again`: it is written to another calendar then.
    Delete {
        place: Place,
        and_again: bool,
    },
    /// The account is somebody else's by now.
    Lost,
}

/// The jobs of an account that are due, the oldest first.
///
/// # Errors
/// Those of the database.
pub(super) async fn jobs(
    database: &Database,
    claimed: &Claimed,
    now: Timestamp,
    most: i64,
) -> Result<Vec<Job>, AppError> {
    let id = claimed.id;
    database
        .read("caldav.jobs", move |mut connection| async move {
            let jobs = sqlx::query_as!(
                Job,
                "select id, appointment_id, changes, attempts from calendar_jobs
                 where account_id = $1 and due_at <= $2 order by due_at, id limit $3",
                id,
                now.to_sqlx(),
                most,
            );
            Ok(jobs.fetch_all(&mut *connection).await?)
        })
        .await
}

/// Decides what a job comes to, and notes the name that an entry gets before anybody writes it.
///
/// # Errors
/// Those of the database.
pub(super) async fn decide(
    database: &Database,
    claimed: &Claimed,
    job: Job,
    origin: Option<String>,
    now: Timestamp,
) -> Result<Todo, AppError> {
    let claimed = claimed.clone();
    database
        .write("caldav.decide", move |tx| {
            attempt(tx, claimed.clone(), job, origin.clone(), now)
        })
        .await
}

/// An appointment there, as it is known here.
struct Known {
    collection_id: Option<i64>,
    href: String,
    etag: Option<String>,
    is_gone: bool,
}

async fn attempt(
    mut tx: Tx,
    claimed: Claimed,
    job: Job,
    origin: Option<String>,
    now: Timestamp,
) -> Result<Todo, Failure> {
    let appointment = lock_if_there(&mut tx, job.appointment_id).await?;
    if !keep(&mut tx, &claimed, now).await? {
        return Ok(Todo::Lost);
    }
    let known = sqlx::query_as!(
        Known,
        r#"select collection_id, href, etag, gone_at is not null as "is_gone!"
           from calendar_events where account_id = $1 and appointment_id = $2"#,
        claimed.id,
        job.appointment_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let written = sqlx::query!(
        "select id, href from calendar_collections where account_id = $1 and is_written",
        claimed.id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let present = appointment.filter(|one| is_there(one, &claimed, now));
    let todo = match (present, known, written) {
        // What was deleted there waits for the doctor's answer, until there is nothing to answer any more.
        (None, Some(known), _) if known.is_gone => {
            forget(&mut tx, &claimed, job.appointment_id, now).await?;
            Todo::Nothing
        }
        (Some(_), Some(known), _) if known.is_gone => Todo::Nothing,
        (None, Some(known), _) => delete(known, job, false),
        (Some(_), Some(known), written) if known.collection_id != written.as_ref().map(|one| one.id) => {
            delete(known, job, written.is_some())
        }
        // What is over was never written, and is not written any more.
        (Some(appointment), None, Some(_)) if appointment.time.end <= now => Todo::Nothing,
        (Some(appointment), known, Some(written)) => {
            let to = (written.id, written.href);
            put(&mut tx, &claimed, &appointment, known, to, origin, now).await?
        }
        (None, None, _) | (Some(_), _, None) => Todo::Nothing,
    };
    if matches!(todo, Todo::Nothing) {
        sqlx::query!("delete from calendar_jobs where id = $1", job.id)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(todo)
}

fn delete(known: Known, job: Job, and_again: bool) -> Todo {
    Todo::Delete {
        place: Place {
            appointment_id: job.appointment_id,
            href: known.href,
            etag: known.etag,
        },
        and_again,
    }
}

async fn put(
    tx: &mut Tx,
    claimed: &Claimed,
    appointment: &Appointment,
    known: Option<Known>,
    (collection_id, collection): (i64, String),
    origin: Option<String>,
    now: Timestamp,
) -> Result<Todo, Failure> {
    let Some((name, body)) = body(tx, claimed, appointment.id, origin, now).await? else {
        return Ok(Todo::Nothing);
    };
    let (href, etag) = match known {
        Some(known) => (known.href, known.etag),
        None => {
            let href = format!("{collection}{name}");
            sqlx::query!(
                "insert into calendar_events (account_id, appointment_id, collection_id, href) values ($1, $2, $3, $4)",
                claimed.id,
                appointment.id,
                collection_id,
                href,
            )
            .execute(&mut **tx)
            .await?;
            (href, None)
        }
    };
    Ok(Todo::Put(Put {
        appointment_id: appointment.id,
        version: appointment.version,
        collection,
        href,
        etag,
        starts_at: appointment.time.start,
        ends_at: appointment.time.end,
        body,
    }))
}
