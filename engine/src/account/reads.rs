//! The record of who of the staff has read data of which patient, for admins (I4).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Caller, note_by};
use crate::{
    audit::{self, Kind, Note},
    database::Database,
    error::AppError,
};

/// What was read of a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Name and phone number.
    Patient,
    /// Who has a phone number that was typed.
    Phone,
    /// An appointment.
    Appointment,
    /// The visits to a doctor, a prescription or a text consultation.
    History,
    /// The patient as one of many in a list.
    List,
}

impl What {
    pub fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Phone => "phone",
            Self::Appointment => "appointment",
            Self::History => "history",
            Self::List => "list",
        }
    }

    /// The time for which one row is enough, as PostgreSQL names it.
    fn period(self) -> &'static str {
        match self {
            Self::List => "day",
            _ => "hour",
        }
    }
}

/// Records that this caller reads data of these patients, and notes in the security log whose data was opened by itself.
/// Patients who read their own leave no record.
///
/// What was read is answered even where the record cannot be written, as while the database takes no writes: the log has it
/// then.
pub async fn record(
    database: &Database,
    caller: &Caller,
    what: What,
    patients: impl IntoIterator<Item = i64>,
    now: Timestamp,
) {
    let Some(staff_id) = caller.staff_id() else {
        return;
    };
    let mut ids: Vec<i64> = patients.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let recorded = match missing(database, staff_id, what, ids.clone(), now).await {
        Ok(missing) if missing.is_empty() => Ok(()),
        Ok(missing) => write(database, caller, staff_id, what, missing, now).await,
        Err(error) => Err(error),
    };
    if let Err(error) = recorded {
        tracing::error!(
            %error, staff.id = staff_id, what = what.name(), patient.ids = ?ids,
            "that a member of staff read data of patients could not be recorded"
        );
    }
}

/// Records that this caller reads what belongs to these appointments.
pub async fn record_of_appointments(
    database: &Database,
    caller: &Caller,
    what: What,
    appointment_ids: Vec<i64>,
    now: Timestamp,
) {
    if caller.staff_id().is_none() {
        return;
    }
    let patients = database
        .read("reads.patients", move |mut connection| async move {
            let ids = sqlx::query_scalar!(
                r#"select distinct patient_id as "id!" from appointments
                   where id = any($1) and patient_id is not null"#,
                &appointment_ids,
            );
            Ok(ids.fetch_all(&mut *connection).await?)
        })
        .await;
    match patients {
        Ok(patients) => record(database, caller, what, patients, now).await,
        Err(error) => tracing::error!(%error, "that data of patients was read could not be recorded"),
    }
}

/// Finds those of whom there is no record for this hour or day yet: most pages are read again and again.
async fn missing(
    database: &Database,
    staff_id: i64,
    what: What,
    ids: Vec<i64>,
    now: Timestamp,
) -> Result<Vec<i64>, AppError> {
    if ids.is_empty() {
        return Ok(ids);
    }
    database
        .read("reads.missing", move |mut connection| async move {
            let missing = sqlx::query_scalar!(
                r#"select asked.id as "id!" from unnest($1::bigint[]) as asked (id)
                   where not exists (
                       select from patient_reads
                       where patient_id = asked.id and staff_id = $2 and what = $3
                         and period = date_trunc($4, $5::timestamptz, 'UTC'))"#,
                &ids,
                staff_id,
                what.name(),
                what.period(),
                now.to_sqlx(),
            );
            Ok(missing.fetch_all(&mut *connection).await?)
        })
        .await
}

async fn write(
    database: &Database,
    caller: &Caller,
    staff_id: i64,
    what: What,
    ids: Vec<i64>,
    now: Timestamp,
) -> Result<(), AppError> {
    let notes: Vec<Note> = match what {
        // Whoever looks at a list has opened nobody.
        What::List => Vec::new(),
        _ => ids.iter().map(|id| opened(caller, *id, what)).collect(),
    };
    let told = notes.clone();
    database
        .write("reads.record", move |mut tx| {
            let (ids, notes) = (ids.clone(), notes.clone());
            async move {
                sqlx::query!(
                    "insert into patient_reads (period, staff_id, patient_id, what, read_at)
                     select date_trunc($4, $5::timestamptz, 'UTC'), $2, id, $3, $5
                     from unnest($1::bigint[]) as id
                     on conflict on constraint patient_reads_once_key do nothing",
                    &ids,
                    staff_id,
                    what.name(),
                    what.period(),
                    now.to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                for note in &notes {
                    audit::write(&mut tx, note).await?;
                }
                tx.commit().await
            }
        })
        .await?;
    for note in &told {
        audit::tell(database, note);
    }
    Ok(())
}

fn opened(caller: &Caller, patient_id: i64, what: What) -> Note {
    note_by(caller, Kind::PatientOpened)
        .of_patient(patient_id)
        .about(what.name())
}

/// A record of what somebody read.
#[derive(Clone, Debug)]
pub struct Read {
    pub id: i64,
    /// When it was read first in its hour, or in its day where it was a list.
    pub read_at: Timestamp,
    pub staff_id: i64,
    pub staff_name: String,
    pub what: String,
}

/// Lists who has read data of a patient, newest first; for admins, which is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(
    database: &Database,
    patient_id: i64,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Read>, AppError> {
    database
        .read("reads.of_patient", move |mut connection| async move {
            let rows = sqlx::query!(
                "select patient_reads.id, read_at, staff_id, staff.name as staff_name, what
                 from patient_reads join staff on staff.id = staff_id
                 where (patient_id = $1 or patient_id in (select id from patients where merged_into = $1))
                   and ($2::bigint is null or patient_reads.id < $2)
                 order by patient_reads.id desc limit $3",
                patient_id,
                before,
                limit,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Read {
                    id: row.id,
                    read_at: row.read_at.to_jiff(),
                    staff_id: row.staff_id,
                    staff_name: row.staff_name,
                    what: row.what,
                })
                .collect())
        })
        .await
}
