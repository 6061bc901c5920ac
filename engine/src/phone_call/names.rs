//! Names that were only heard, until somebody has looked at how they are written.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    account::{
        Caller,
        acquaintance::{Sight, must_know},
        must_be_at_desk,
        reads::{self, What},
    },
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
};

/// Names that are listed at most.
const MOST: i64 = 100;

/// A patient whose name was heard in a call.
#[derive(Clone, Debug)]
pub struct HeardName {
    pub patient_id: i64,
    pub name: String,
    pub heard_at: Timestamp,
    /// The call in which it was heard.
    pub call_id: i64,
}

/// Lists whose name wants checking, the oldest first: for the desk, those of calls of its clinics. It is recorded.
///
/// # Errors
/// `NOT_FOUND` for who is not at the desk.
pub async fn names_to_check(
    database: &Database,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<HeardName>, AppError> {
    must_be_at_desk(caller)?;
    let sight = Sight::of(caller)?;
    let names = database
        .read("phone_call.names_to_check", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select patient_id, coalesce(name, '') as "name!", heard_at, phone_call_id
                   from phone_call_names as heard
                   join patients on patients.id = patient_id and active
                   join phone_calls on phone_calls.id = phone_call_id
                   where checked_at is null and ($1::bigint[] is null or clinic_id = any($1))
                   order by heard_at, patient_id limit $2"#,
                sight.clinics.as_deref(),
                MOST,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| HeardName {
                    patient_id: row.patient_id,
                    name: row.name,
                    heard_at: row.heard_at.to_jiff(),
                    call_id: row.phone_call_id,
                })
                .collect::<Vec<_>>())
        })
        .await?;
    let patients: Vec<i64> = names.iter().map(|heard| heard.patient_id).collect();
    reads::record(database, caller, What::List, patients, now).await;
    Ok(names)
}

/// Notes that a name is written as it should be. It can be repeated: the first one who looked is kept.
///
/// # Errors
/// `NOT_FOUND` for a patient whom the caller has nothing to do with, or whose name was not heard in a call.
pub async fn check_name(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<(), AppError> {
    must_be_at_desk(caller)?;
    let caller = caller.clone();
    database
        .write("phone_call.check_name", move |tx| {
            attempt(tx, caller.clone(), patient_id, now)
        })
        .await
}

async fn attempt(mut tx: Tx, caller: Caller, patient_id: i64, now: Timestamp) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where id = $1 and active for no key update",
        patient_id
    );
    locking(Lock::Patient, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    must_know(&mut tx, &caller, patient_id, now).await?;
    let checked = sqlx::query!(
        "update phone_call_names set checked_at = coalesce(checked_at, $2), checked_by = coalesce(checked_by, $3)
         where patient_id = $1",
        patient_id,
        now.to_sqlx(),
        caller.staff_id(),
    )
    .execute(&mut *tx)
    .await?;
    match checked.rows_affected() {
        0 => Err(AppError::NotFound.into()),
        _ => tx.commit().await,
    }
}
