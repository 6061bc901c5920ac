//! What the desk of the demo has noted, and whom it has to call.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::Ids;
use crate::database::{Failure, Tx};

/// Notes about the first patients.
const NOTES: [&str; 2] = [
    "Hears badly on the left. Please speak clearly on the phone.",
    "Comes with her daughter, who translates.",
];

/// The number of calls on the list.
const CALLS: i64 = 3;

/// Writes cards of some patients, and the list of calls after the appointments that the first doctor has given up.
///
/// # Errors
/// Those of the database.
pub(super) async fn insert(tx: &mut Tx, ids: &Ids, now: Timestamp) -> Result<(), Failure> {
    let patients: Vec<i64> = ids.patients.iter().copied().take(NOTES.len()).collect();
    let notes: Vec<String> = NOTES.iter().map(|note| (*note).to_owned()).collect();
    sqlx::query!(
        "insert into patient_cards (patient_id, birthday, note, version, changed_at, changed_by)
         select patient_id, date '1984-05-17', note, 1, $3, $4
         from unnest($1::bigint[], $2::text[]) as card (patient_id, note)",
        &patients,
        &notes,
        now.to_sqlx(),
        ids.admin,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "with hit as (
             select id, doctor_id, clinic_id, starts_at, wall_time::date as day from appointments
             where status = 'cancelled' and patient_id is not null
               and doctor_id = (select doctor_id from appointments
                                where status = 'cancelled' and patient_id is not null order by id limit 1)
             order by starts_at desc limit $3),
         made as (
             insert into call_lists (doctor_id, clinic_id, why, first_day, last_day, made_by, made_at)
             select min(doctor_id), min(clinic_id), 'day_cancelled', min(day), max(day), $1, $2
             from hit having count(*) > 0 returning id)
         insert into calls (list_id, appointment_id, starts_at) select made.id, hit.id, hit.starts_at from made, hit",
        ids.admin,
        now.to_sqlx(),
        CALLS,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
