//! The worker's part of erasing: calls off what is ahead, waits until that has been told, and erases.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    called_off::{call_off, doer, of_records},
    erase::erase,
    people::records_of,
    preview::owed_of,
};
use crate::{
    account::Caller,
    audit::{self, Kind, Note},
    database::Database,
    error::AppError,
    time::plus_minutes,
};

/// The minutes between closing a record and erasing it. A request lasts seconds: whatever was let in before the record was closed
/// has come to its end by then.
pub const QUIET_MINUTES: i64 = 2;

/// The longest that an erasure waits for what is still to be told to its patient, in minutes: news are news for a day.
pub const MAX_WAIT_MINUTES: i64 = 24 * 60;

/// Erasures that one round looks at.
const MAX_BATCH: i64 = 100;

/// An erasure that is not done.
struct Open {
    id: i64,
    patient_id: i64,
    closed_at: Timestamp,
    doer: Caller,
    is_replayed: bool,
}

/// Goes on with the erasures that are not done, and answers how many are now.
///
/// # Errors
/// Those of the database.
pub async fn work(database: &Database, now: Timestamp) -> Result<usize, AppError> {
    let mut done = 0;
    for open in open(database).await? {
        match step(database, &open, now).await {
            Ok(is_done) => done += usize::from(is_done),
            Err(AppError::Unavailable) => return Err(AppError::Unavailable),
            // Another one does not wait for it.
            Err(error) => {
                tracing::warn!(%error, erasure.id = open.id, "an erasure could not be gone on with")
            }
        }
    }
    Ok(done)
}

async fn open(database: &Database) -> Result<Vec<Open>, AppError> {
    database
        .read("privacy.open", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select erasures.id, patient_id, requested_at as "requested_at: jiff_sqlx::Timestamp",
                          erasing_since as "erasing_since: jiff_sqlx::Timestamp", by_patient_id, by_staff_id
                   from erasures join patients on patients.id = patient_id and patients.created_at = patient_made_at
                   where erasures.erased_at is null
                     and not exists (select from legal_holds where legal_holds.patient_id = patients.id)
                   order by erasures.id limit $1"#,
                MAX_BATCH,
            );
            Ok(rows
                .fetch_all(&mut *connection)
                .await?
                .into_iter()
                .map(|row| Open {
                    id: row.id,
                    patient_id: row.patient_id,
                    closed_at: row.erasing_since.unwrap_or(row.requested_at).to_jiff(),
                    doer: doer(row.patient_id, row.by_patient_id, row.by_staff_id),
                    is_replayed: row.by_patient_id.is_none() && row.by_staff_id.is_none(),
                })
                .collect())
        })
        .await
}

/// Answers whether it is done.
async fn step(database: &Database, open: &Open, now: Timestamp) -> Result<bool, AppError> {
    let patient_id = open.patient_id;
    let records = database
        .read("privacy.records", move |mut connection| async move {
            records_of(&mut connection, patient_id).await
        })
        .await?;
    let doer = of_records(&open.doer, &records);
    let is_free = call_off(database, &doer, &records, now).await?;
    let is_quiet = plus_minutes(open.closed_at, QUIET_MINUTES) <= now;
    if !is_free || !is_quiet {
        return Ok(false);
    }
    let is_late = plus_minutes(open.closed_at, MAX_WAIT_MINUTES) <= now;
    if !open.is_replayed && !is_late && is_to_be_told(database, records.clone(), now).await? {
        return Ok(false);
    }
    // However long it takes: to a number that is gone, nobody pays back what they owe.
    if !open.is_replayed && is_owed(database, records).await? {
        return Ok(false);
    }
    let erased = erase(database, (open.id, patient_id), now).await?;
    if erased {
        let note = Note::new(Kind::PatientErased).by_system().of_patient(patient_id);
        audit::note(database, note.about("erased")).await;
    }
    Ok(erased)
}

/// Whether something is about to be said to the patient. What is due later, as a reminder, is of no use to them any more.
async fn is_to_be_told(database: &Database, records: Vec<i64>, now: Timestamp) -> Result<bool, AppError> {
    database
        .read("privacy.to_be_told", move |mut connection| async move {
            let is_any = sqlx::query_scalar!(
                r#"select exists (select from messages
                                  where patient_id = any($1) and state in ('due', 'claimed')
                                    and created_at >= (select min(erasing_since) from patients where id = any($1))
                                    and due_at <= $2 and not_after > $2) as "is_any!""#,
                &records,
                now.to_sqlx(),
            );
            Ok(is_any.fetch_one(&mut *connection).await?)
        })
        .await
}

/// Whether something is still to be paid back to the patient.
async fn is_owed(database: &Database, records: Vec<i64>) -> Result<bool, AppError> {
    database
        .read("privacy.owed", move |mut connection| async move {
            Ok(owed_of(&mut connection, &records).await? > 0)
        })
        .await
}
