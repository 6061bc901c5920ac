//! The ledger of who was erased, and its second application: to a database that was restored from before.

use std::fmt::Write;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    people::{must_still_be, records_of},
    request::close,
};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
};

/// An erasure of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub certificate: String,
    pub patient_id: i64,
    /// When the record was made: a restored database counts its ids again, and another person may have this one by now.
    pub patient_made_at: Timestamp,
    pub requested_at: Timestamp,
}

/// Lists all erasures, also those under way, oldest first. Each is followed by the records that had become a part of it: in a
/// copy from before a merge, they are somebody by themselves.
///
/// # Errors
/// Those of the database.
pub async fn ledger(database: &Database) -> Result<Vec<Entry>, AppError> {
    database
        .read("privacy.ledger", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"with recursive parts as (
                       select erasures.id as erasure_id, certificate, requested_at, part.id, part.created_at
                       from erasures
                       join patients as whole on whole.id = patient_id and whole.created_at = patient_made_at
                       join patients as part on part.merged_into = whole.id
                       union
                       select erasure_id, certificate, requested_at, patients.id, patients.created_at
                       from parts join patients on patients.merged_into = parts.id),
                   entries as (
                       select id as erasure_id, 0::bigint as part_id, certificate, patient_id, patient_made_at, requested_at
                       from erasures
                       union all
                       select erasure_id, id, certificate || '-' || id, id, created_at, requested_at from parts)
                   select certificate as "certificate!", patient_id as "patient_id!",
                          patient_made_at as "patient_made_at!: jiff_sqlx::Timestamp",
                          requested_at as "requested_at!: jiff_sqlx::Timestamp"
                   from entries order by erasure_id, part_id"#
            );
            Ok(rows
                .fetch_all(&mut *connection)
                .await?
                .into_iter()
                .map(|row| Entry {
                    certificate: row.certificate,
                    patient_id: row.patient_id,
                    patient_made_at: row.patient_made_at.to_jiff(),
                    requested_at: row.requested_at.to_jiff(),
                })
                .collect())
        })
        .await
}

/// Writes the ledger as lines, one for each erasure.
pub fn to_text(entries: &[Entry]) -> String {
    entries.iter().fold(String::new(), |mut text, entry| {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{} {} {} {}",
            entry.certificate, entry.patient_id, entry.patient_made_at, entry.requested_at
        );
        text
    })
}

/// Reads what [`to_text`] writes.
///
/// # Errors
/// `VALIDATION_FAILED` for a line that is none.
pub fn of_text(text: &str) -> Result<Vec<Entry>, AppError> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [certificate, patient_id, made_at, requested_at] = words[..] else {
                return None;
            };
            Some(Entry {
                certificate: certificate.to_owned(),
                patient_id: patient_id.parse().ok()?,
                patient_made_at: made_at.parse().ok()?,
                requested_at: requested_at.parse().ok()?,
            })
        })
        .collect::<Option<_>>()
        .ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))
}

/// Applies a ledger again: closes the records that this database still has, under their old certificates, and answers how many
/// these are. The worker erases them as any others, but waits for no message: they were told before. It can be repeated.
///
/// # Errors
/// Those of the database.
pub async fn replay(database: &Database, entries: Vec<Entry>, now: Timestamp) -> Result<usize, AppError> {
    let mut closed = 0;
    for entry in entries {
        let patient_id = entry.patient_id;
        let is_closed = database
            .write("privacy.replay", move |tx| close_again(tx, entry.clone(), now))
            .await?;
        if is_closed {
            let note = Note::new(Kind::PatientErased).by_system().of_patient(patient_id);
            audit::note(database, note.about("applied again")).await;
            closed += 1;
        }
    }
    Ok(closed)
}

async fn close_again(mut tx: Tx, entry: Entry, now: Timestamp) -> Result<bool, Failure> {
    let records = records_of(&mut tx, entry.patient_id).await?;
    let locked = sqlx::query!(
        r#"select id, created_at as "made_at: jiff_sqlx::Timestamp", erasing_since is not null as "is_closed!"
           from patients where id = any($1) order by id for no key update"#,
        &records,
    );
    let locked = locking(Lock::Patient, locked.fetch_all(&mut *tx)).await?;
    must_still_be(&mut tx, &records, entry.patient_id).await?;
    let is_same = locked.iter().any(|record| {
        record.id == entry.patient_id
            && !record.is_closed
            && record.made_at.to_jiff() == entry.patient_made_at
    });
    if !is_same {
        return Ok(false);
    }
    sqlx::query!(
        "insert into erasures (certificate, patient_id, patient_made_at, requested_at) values ($1, $2, $3, $4)
         on conflict on constraint erasures_of_one_record do nothing",
        entry.certificate,
        entry.patient_id,
        entry.patient_made_at.to_sqlx(),
        entry.requested_at.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    close(&mut tx, &records, now).await?;
    tx.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_back() {
        let entry = Entry {
            certificate: "K7QM-4D2P-K7QM-4D2P".to_owned(),
            patient_id: 17,
            patient_made_at: Timestamp::from_microsecond(1_700_000_000_123_456).unwrap_or_default(),
            requested_at: Timestamp::UNIX_EPOCH,
        };
        let ledger = vec![entry.clone(), entry];
        assert_eq!(of_text(&to_text(&ledger)), Ok(ledger));
        assert_eq!(of_text("\n"), Ok(vec![]));
        assert!(of_text("K7QM-4D2P 17").is_err());
    }
}
