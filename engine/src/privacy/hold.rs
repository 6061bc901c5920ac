//! Legal holds: everything of a patient is kept for now.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::people::records_of;
use crate::{
    account::{Caller, must_be_admin, note_by, required},
    audit::{self, Kind},
    database::{Database, Lock, locking},
    error::{AppError, Field},
};

/// The length of the reason, in characters.
const MAX_WHY: usize = 1000;

/// A legal hold.
#[derive(Clone, Debug)]
pub struct Hold {
    pub why: String,
    pub held_at: Timestamp,
    pub by: String,
}

/// Reads the legal hold of a patient, for admins of all clinics.
///
/// # Errors
/// `NOT_FOUND` for others.
pub async fn hold_of(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
) -> Result<Option<Hold>, AppError> {
    must_be_admin(caller)?;
    database
        .read("privacy.hold", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select why, held_at as "held_at: jiff_sqlx::Timestamp", staff.name
                   from legal_holds join staff on staff.id = by_staff_id where patient_id = $1"#,
                patient_id,
            );
            Ok(row.fetch_optional(&mut *connection).await?.map(|row| Hold {
                why: row.why,
                held_at: row.held_at.to_jiff(),
                by: row.name,
            }))
        })
        .await
}

/// The command to keep everything of a patient for now, or to end that.
#[derive(Clone, Debug)]
pub struct SetHold {
    pub caller: Caller,
    pub patient_id: i64,
    /// Why; `None` ends it.
    pub why: Option<String>,
}

/// Keeps everything of a patient for now, or ends that. It can be repeated. An erasure that is under way waits.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for a patient who is not there or erased; `VALIDATION_FAILED`.
pub async fn set_hold(database: &Database, command: SetHold, now: Timestamp) -> Result<(), AppError> {
    must_be_admin(&command.caller)?;
    let staff_id = command.caller.staff_id().ok_or(AppError::NotFound)?;
    let why = match &command.why {
        Some(why) => Some(required(Field::Reason, why, MAX_WHY)?),
        None => None,
    };
    let about = if why.is_some() { "held" } else { "hold ended" };
    let id = command.patient_id;
    let note = note_by(&command.caller, Kind::PatientErased)
        .of_patient(id)
        .about(about);
    let told = note.clone();
    database
        .write("privacy.set_hold", move |mut tx| {
            let (why, note) = (why.clone(), note.clone());
            async move {
                let locked = sqlx::query_scalar!(
                    "select id from patients where id = $1 and erased_at is null for no key update",
                    id
                );
                locking(Lock::Patient, locked.fetch_optional(&mut *tx))
                    .await?
                    .ok_or(AppError::NotFound)?;
                match why {
                    Some(why) => sqlx::query!(
                        "insert into legal_holds (patient_id, why, held_at, by_staff_id) values ($1, $2, $3, $4)
                         on conflict (patient_id) do update set why = excluded.why",
                        id,
                        why,
                        now.to_sqlx(),
                        staff_id,
                    )
                    .execute(&mut *tx)
                    .await?,
                    None => {
                        // A merge copied the one of a record that is a part of it by now.
                        let records = records_of(&mut tx, id).await?;
                        sqlx::query!("delete from legal_holds where patient_id = any($1)", &records)
                            .execute(&mut *tx)
                            .await?
                    }
                };
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}
