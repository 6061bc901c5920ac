//! The list, when two records of one person become one.

use crate::{
    database::{Failure, Lock, OnConstraint, Tx, locking},
    error::AppError,
};

/// Moves what one record waits for to another one, with its offers, and answers with the ids of the entries. What both wait
/// for stays with the one that stays.
///
/// # Errors
/// `RECORDS_OVERLAP` where both have an offer at this moment.
pub(crate) async fn move_to(tx: &mut Tx, from: i64, into: i64) -> Result<Vec<i64>, Failure> {
    let moved = sqlx::query_scalar!(
        "update waitlist_entries as entries set patient_id = $2
         where patient_id = $1
           and not (state = 'waiting'
                    and exists (select from waitlist_entries as same
                                where same.patient_id = $2 and same.state in ('waiting', 'offered')
                                  and same.service_id = entries.service_id
                                  and same.doctor_id is not distinct from entries.doctor_id
                                  and same.clinic_id is not distinct from entries.clinic_id
                                  and same.instead_of is not distinct from entries.instead_of
                                  and same.group_id is not distinct from entries.group_id))
         returning id",
        from,
        into,
    );
    let moved = locking(Lock::Waitlist, moved.fetch_all(&mut **tx))
        .await
        .on_constraint("waitlist_entries_one_of_a_kind", AppError::RecordsOverlap)?;
    sqlx::query!(
        "update waitlist_offers set patient_id = $2 where entry_id = any($1)",
        &moved,
        into,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("waitlist_offers_one_of_a_person", AppError::RecordsOverlap)?;
    Ok(moved)
}

/// Moves entries back, with their offers, where they are still with the record that stayed.
///
/// # Errors
/// Those of the database.
pub(crate) async fn move_back(tx: &mut Tx, entries: &[i64], from: i64, into: i64) -> Result<(), Failure> {
    let back = sqlx::query!(
        "update waitlist_entries set patient_id = $1 where patient_id = $2 and id = any($3)",
        from,
        into,
        entries,
    );
    locking(Lock::Waitlist, back.execute(&mut **tx)).await?;
    sqlx::query!(
        "update waitlist_offers set patient_id = $1 where patient_id = $2 and entry_id = any($3)",
        from,
        into,
        entries,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
