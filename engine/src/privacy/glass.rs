//! Breaking the glass: who has nothing to do with a patient looks all the same, for a day, and says why.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    account::{Caller, Phone, acquaintance::Sight, must_be_admin, note_by, required},
    audit::{self, Kind},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    time::plus_minutes,
};

/// The time for which it opens a patient, in minutes.
pub const OPEN_MINUTES: i64 = 24 * 60;

/// The length of the reason, in characters.
const MAX_WHY: usize = 500;

/// The command to look at a patient whom one has nothing to do with.
#[derive(Clone, Debug)]
pub struct BreakGlass {
    /// Somebody of staff.
    pub caller: Caller,
    /// The number by which they are known: all who share it are opened.
    pub phone: Phone,
    pub why: String,
}

/// Opens whom a phone number belongs to for a day to somebody of staff who has nothing to do with them. Why is kept, admins are shown it until one of them
/// has looked at it, and the patient sees who read their data. Answers with whom it opened.
///
/// # Errors
/// `NOT_FOUND` for who is no staff; `VALIDATION_FAILED` without a reason, and where nobody has the number.
pub async fn break_glass(
    database: &Database,
    command: BreakGlass,
    now: Timestamp,
) -> Result<Vec<i64>, AppError> {
    let sight = Sight::of(&command.caller)?;
    let why = required(Field::Reason, &command.why, MAX_WHY)?;
    let staff_id = sight.staff_id;
    let note = note_by(&command.caller, Kind::GlassBroken);
    let told = note.clone();
    let opened = database
        .write("privacy.break_glass", move |tx| {
            attempt(
                tx,
                staff_id,
                command.phone.clone(),
                why.clone(),
                note.clone(),
                now,
            )
        })
        .await?;
    for id in &opened {
        audit::tell(database, &told.clone().of_patient(*id));
    }
    Ok(opened)
}

async fn attempt(
    mut tx: Tx,
    staff_id: i64,
    phone: Phone,
    why: String,
    note: audit::Note,
    now: Timestamp,
) -> Result<Vec<i64>, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from patients where phone = $1 and active order by id for no key update",
        phone.as_str(),
    );
    let ids = locking(Lock::Patient, ids.fetch_all(&mut *tx)).await?;
    if ids.is_empty() {
        return Err(AppError::invalid(Field::Phone, FieldProblem::Unknown).into());
    }
    sqlx::query!(
        "insert into broken_glass (staff_id, patient_id, why, broken_at)
         select $1, id, $3, $4 from unnest($2::bigint[]) as id",
        staff_id,
        &ids,
        why,
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into acquaintances (staff_id, patient_id, since, until)
         select $1, id, $3, $4 from unnest($2::bigint[]) as id
         on conflict (staff_id, patient_id) do update set until = greatest(acquaintances.until, excluded.until)",
        staff_id,
        &ids,
        now.to_sqlx(),
        plus_minutes(now, OPEN_MINUTES).to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    for id in &ids {
        audit::write(&mut tx, &note.clone().of_patient(*id)).await?;
    }
    tx.commit().await?;
    Ok(ids)
}

/// A time that somebody looked all the same.
#[derive(Clone, Debug)]
pub struct Broken {
    pub id: i64,
    pub staff_name: String,
    pub patient_id: i64,
    pub why: String,
    pub broken_at: Timestamp,
    pub is_seen: bool,
}

/// Lists the latest times that somebody looked all the same, those that no admin has seen first.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics.
pub async fn broken(database: &Database, caller: &Caller, limit: i64) -> Result<Vec<Broken>, AppError> {
    must_be_admin(caller)?;
    database
        .read("privacy.broken", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select broken_glass.id, staff.name, patient_id, why, broken_at as "broken_at: jiff_sqlx::Timestamp",
                          seen_at is not null as "is_seen!"
                   from broken_glass join staff on staff.id = staff_id
                   order by seen_at is not null, broken_glass.id desc limit $1"#,
                limit,
            );
            Ok(rows
                .fetch_all(&mut *connection)
                .await?
                .into_iter()
                .map(|row| Broken {
                    id: row.id,
                    staff_name: row.name,
                    patient_id: row.patient_id,
                    why: row.why,
                    broken_at: row.broken_at.to_jiff(),
                    is_seen: row.is_seen,
                })
                .collect())
        })
        .await
}

/// Notes that an admin has looked at it. It can be repeated.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics.
pub async fn see(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<(), AppError> {
    must_be_admin(caller)?;
    let staff_id = caller.staff_id().ok_or(AppError::NotFound)?;
    database
        .write("privacy.see_broken", move |mut tx| async move {
            sqlx::query!(
                "update broken_glass set seen_at = $2, seen_by = $3 where id = $1 and seen_at is null",
                id,
                now.to_sqlx(),
                staff_id,
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await
        })
        .await
}
