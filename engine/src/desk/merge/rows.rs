//! Locking the records of a merge, and reading and writing what is kept of them.

use jiff_sqlx::ToSqlx;

use super::Kept;
use crate::{
    database::{Failure, Lock, OnConstraint, Tx, locking},
    error::AppError,
};

/// A record, locked.
#[derive(Debug)]
pub(super) struct Record {
    pub kept: Kept,
    pub active: bool,
    pub merged_into: Option<i64>,
}

/// Locks two records, and with them who holds or shares their phones, by id: nobody is booked, signs in for the first time
/// or joins a family meanwhile. What only names them, as the history of an appointment that its patient cancels, does not wait:
/// it has the appointment, which a merge locks after them. Then it reads the two.
///
/// # Errors
/// `NOT_FOUND`.
pub(super) async fn lock_both(tx: &mut Tx, ids: [i64; 2]) -> Result<[Record; 2], Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients
         where id = any($1) or holder_id = any($1)
            or id in (select holder_id from patients where id = any($1))
         order by id for no key update",
        &ids[..],
    );
    locking(Lock::Patient, locked.fetch_all(&mut **tx)).await?;
    let [one, other] = ids;
    Ok([read(tx, one).await?, read(tx, other).await?])
}

/// Reads a record under its lock.
pub(super) async fn read(tx: &mut Tx, id: i64) -> Result<Record, Failure> {
    let row = sqlx::query!(
        r#"select name, phone, holder_id, email, email_confirmed_at as "confirmed_at: jiff_sqlx::Timestamp", locale,
                  wants_reminders, active, merged_into,
                  birthday as "birthday: jiff_sqlx::Date", coalesce(note, '') as "note!",
                  coalesce(version, 0) as "version!"
           from patients left join patient_cards on patient_id = id where id = $1"#,
        id,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::NotFound)?;
    Ok(Record {
        kept: Kept {
            id,
            name: row.name,
            phone: row.phone,
            holder_id: row.holder_id,
            email: row.email,
            email_confirmed_at: row.confirmed_at.map(jiff_sqlx::Timestamp::to_jiff),
            locale: row.locale,
            wants_reminders: row.wants_reminders,
            birthday: row.birthday.map(jiff_sqlx::Date::to_jiff),
            note: row.note,
            version: row.version,
        },
        active: row.active,
        merged_into: row.merged_into,
    })
}

/// Writes the name and the contact of a record; the phone and the family are written elsewhere.
pub(super) async fn write_person(tx: &mut Tx, kept: &Kept) -> Result<(), Failure> {
    sqlx::query!(
        "update patients set name = $2, email = $3, email_confirmed_at = $4, locale = $5, wants_reminders = $6
         where id = $1",
        kept.id,
        kept.name,
        kept.email,
        kept.email_confirmed_at.map(ToSqlx::to_sqlx) as _,
        kept.locale,
        kept.wants_reminders,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts a record under the phone of a holder.
pub(super) async fn share_phone(tx: &mut Tx, id: i64, holder_id: i64) -> Result<(), Failure> {
    sqlx::query!(
        "update patients set holder_id = holders.id, phone = holders.phone,
                name = coalesce(patients.name, holders.name, patients.phone)
         from patients as holders where patients.id = $1 and holders.id = $2",
        id,
        holder_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Makes a record the holder of a phone, if nobody else holds it. Who shares it follows. `taken` is for somebody who signs in
/// with the phone at this moment, which ends the transaction.
pub(super) async fn hold_phone(tx: &mut Tx, id: i64, phone: &str, taken: AppError) -> Result<bool, Failure> {
    let held = sqlx::query!(
        "update patients set holder_id = null, phone = $2
         where id = $1
           and not exists (select from patients as others
                           where others.phone = $2 and others.holder_id is null and others.id <> $1)",
        id,
        phone,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("patients_holder_phone_key", taken)?;
    Ok(held.rows_affected() > 0)
}

/// Writes into the ledger of a merge that these rows moved.
pub(super) async fn note_moved(
    tx: &mut Tx,
    merge_id: i64,
    kind: &'static str,
    ids: &[String],
) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into patient_merge_rows (merge_id, kind, row_id) select $1, $2, id from unnest($3::text[]) as id",
        merge_id,
        kind,
        ids,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The numbers of the rows of one kind in the ledger of a merge.
pub(super) async fn moved(tx: &mut Tx, merge_id: i64, kind: &'static str) -> Result<Vec<i64>, Failure> {
    let ids = sqlx::query_scalar!(
        r#"select row_id::bigint as "id!" from patient_merge_rows where merge_id = $1 and kind = $2 order by 1"#,
        merge_id,
        kind,
    );
    Ok(ids.fetch_all(&mut **tx).await?)
}

/// Ids as the ledger has them.
pub(super) fn texts(ids: Vec<i64>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}
