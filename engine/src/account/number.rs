//! Phone numbers that change hands. An operator gives a number that was given up to somebody else, who then receives its codes.
//!
//! A clinic may say for how many days its own word counts that a number is a patient's. Where that was longer ago, or never, a
//! code alone opens what was booked since then: nobody gets a number within so few days of its last use. What is older opens
//! again when the clinic has confirmed the number, which takes somebody who asks for it: who arrives may have given it up. A
//! confirmation is of one number; another one of the same holder begins without.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Caller, must_be_admin, note_of};
use crate::{
    audit::{self, Kind},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
};

/// The most days for which a confirmation can count.
pub const MAX_DAYS: i32 = 366;

/// The days for which a confirmation of a number counts; 0 where a code opens everything.
///
/// # Errors
/// Those of the database.
pub async fn number_days(database: &Database) -> Result<i32, AppError> {
    database
        .read("account.number_days", |mut connection| async move {
            Ok(sqlx::query_scalar!("select number_days from organisation")
                .fetch_one(&mut *connection)
                .await?)
        })
        .await
}

/// Changes for how many days a confirmation counts; 0 is for ever. It can be repeated.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics; `VALIDATION_FAILED` for more than a year.
pub async fn set_number_days(database: &Database, caller: &Caller, days: i32) -> Result<(), AppError> {
    must_be_admin(caller)?;
    if !(0..=MAX_DAYS).contains(&days) {
        return Err(AppError::invalid(Field::Days, FieldProblem::Malformed));
    }
    let note = note_of(Some(caller), Kind::AccountChanged).about("number days");
    let told = note.clone();
    database
        .write("account.set_number_days", move |mut tx| {
            let note = note.clone();
            async move {
                sqlx::query!("update organisation set number_days = $1", days)
                    .execute(&mut *tx)
                    .await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// The last time that the clinic made sure whose a number is.
#[derive(Clone, Debug)]
pub struct Confirmed {
    pub at: Timestamp,
    /// The name of who of the staff did.
    pub by: String,
}

/// When the number of a patient was confirmed last, if it ever was, and whether a code alone opens everything.
///
/// # Errors
/// Those of the database.
pub async fn confirmed(database: &Database, patient_id: i64) -> Result<(Option<Confirmed>, bool), AppError> {
    database
        .read("account.number_confirmed", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select confirmed_at as "confirmed_at?", staff.name as "by?",
                          opened_since(patients.id) is null as "is_open!"
                   from patients
                   left join number_confirmations as last
                       on last.patient_id = coalesce(holder_id, patients.id) and last.phone = patients.phone
                   left join staff on staff.id = staff_id
                   where patients.id = $1"#,
                patient_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            let last = row
                .confirmed_at
                .zip(row.by)
                .map(|(at, by)| Confirmed { at: at.to_jiff(), by });
            Ok((last, row.is_open))
        })
        .await
}

/// Confirms for an admin that the number of a patient is theirs, who sees everything again. Of a family, it is the number
/// of its holder. It can be repeated.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics, and where there is no such patient.
pub async fn confirm_number(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    must_be_admin(caller)?;
    let staff_id = caller.staff_id().ok_or(AppError::NotFound)?;
    let note = note_of(Some(caller), Kind::AccountChanged)
        .about("number confirmed")
        .of_patient(patient_id);
    let told = note.clone();
    database
        .write("account.confirm_number", move |mut tx| {
            let note = note.clone();
            async move {
                let written = sqlx::query!(
                    "insert into number_confirmations (patient_id, phone, confirmed_at, staff_id)
                     select coalesce(holder_id, id), phone, $2, $3 from patients where id = $1
                     on conflict (patient_id) do update
                     set confirmed_at = case number_confirmations.phone when excluded.phone
                                        then greatest(number_confirmations.confirmed_at, excluded.confirmed_at)
                                        else excluded.confirmed_at end,
                         phone = excluded.phone, staff_id = excluded.staff_id",
                    patient_id,
                    now.to_sqlx(),
                    staff_id,
                )
                .execute(&mut *tx)
                .await?;
                if written.rows_affected() == 0 {
                    return Err(AppError::NotFound.into());
                }
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Forgets that the numbers of these patients were confirmed: the numbers are others now.
///
/// # Errors
/// Those of the database.
pub(crate) async fn forget_confirmations(tx: &mut Tx, patient_ids: &[i64]) -> Result<(), Failure> {
    sqlx::query!(
        "delete from number_confirmations where patient_id = any($1)",
        patient_ids,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
