//! What is seen before and after a merge.

use jiff::Timestamp;

use super::UNDO_MINUTES;
use crate::{
    account::{Caller, must_be_admin},
    appointment::{Item, of_patients},
    database::Database,
    desk::{
        card::{Card, card},
        patient::Person,
    },
    error::AppError,
    time::{Range, plus_minutes},
};

/// One of two records.
#[derive(Clone)]
pub struct Side {
    pub card: Card,
    pub created_at: Timestamp,
    /// The newest first.
    pub appointments: Vec<Item>,
}

/// Two appointments of the two records at the same time: as long as both stand, the records cannot become one.
#[derive(Clone)]
pub struct Overlap {
    pub stays: Item,
    pub goes: Item,
}

/// Two records, side by side.
pub struct Comparison {
    pub stays: Side,
    pub goes: Side,
    pub overlaps: Vec<Overlap>,
}

/// Compares two records. It is recorded that both were read.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for a patient who is not there.
pub async fn compare(
    database: &Database,
    caller: &Caller,
    stays: i64,
    goes: i64,
    now: Timestamp,
) -> Result<Comparison, AppError> {
    must_be_admin(caller)?;
    let stays = side(database, caller, stays, now).await?;
    let goes = side(database, caller, goes, now).await?;
    let stands = |item: &&Item| item.status_at(now).occupies();
    let range = |item: &Item| Range::new(item.starts_at, item.ends_at);
    let mut overlaps = Vec::new();
    for one in stays.appointments.iter().filter(stands) {
        for other in goes.appointments.iter().filter(stands) {
            if range(one).overlaps(range(other)) {
                overlaps.push(Overlap {
                    stays: one.clone(),
                    goes: other.clone(),
                });
            }
        }
    }
    Ok(Comparison {
        stays,
        goes,
        overlaps,
    })
}

async fn side(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<Side, AppError> {
    let card = card(database, caller, id, now).await?;
    let appointments = of_patients(database, vec![id], None).await?;
    let created_at = database
        .read("patients.created_at", move |mut connection| async move {
            let created_at = sqlx::query_scalar!(
                r#"select created_at as "at: jiff_sqlx::Timestamp" from patients where id = $1"#,
                id
            );
            let created_at = created_at.fetch_optional(&mut *connection).await?;
            Ok(created_at.ok_or(AppError::NotFound)?.to_jiff())
        })
        .await?;
    Ok(Side {
        card,
        created_at,
        appointments,
    })
}

/// The records that may be of the same person: the same phone, or the same name.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics.
pub async fn candidates(database: &Database, caller: &Caller, id: i64) -> Result<Vec<Person>, AppError> {
    must_be_admin(caller)?;
    database
        .read("patients.candidates", move |mut connection| async move {
            let rows = sqlx::query!(
                "select patients.id, patients.name, patients.phone
                 from patients join patients as own on own.id = $1
                 where patients.id <> own.id and patients.active
                   and (patients.phone = own.phone or patients.folded_name = own.folded_name)
                 order by patients.created_at, patients.id limit 20",
                id,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| Person {
                    id: row.id,
                    name: row.name,
                    phone: row.phone,
                })
                .collect())
        })
        .await
}

/// A merge into a record.
#[derive(Clone, Debug)]
pub struct MergeDone {
    pub id: i64,
    pub from_id: i64,
    /// The name of the record that went.
    pub from_name: Option<String>,
    pub by: String,
    pub at: Timestamp,
    pub is_undone: bool,
    /// Whether it can still be taken back.
    pub can_be_undone: bool,
}

/// Lists the merges into a record, the newest first, for admins, which is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn merges_of(database: &Database, into: i64, now: Timestamp) -> Result<Vec<MergeDone>, AppError> {
    database
        .read("patients.merges_of", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select patient_merges.id, from_id, patient_merges.before #>> '{from,name}' as from_name,
                          staff.name as by, merged_at as "merged_at: jiff_sqlx::Timestamp",
                          undone_at is not null as "is_undone!"
                   from patient_merges join staff on staff.id = merged_by
                   where into_id = $1 order by patient_merges.id desc limit 20"#,
                into,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| {
                    let at = row.merged_at.to_jiff();
                    MergeDone {
                        id: row.id,
                        from_id: row.from_id,
                        from_name: row.from_name,
                        by: row.by,
                        at,
                        is_undone: row.is_undone,
                        can_be_undone: !row.is_undone && plus_minutes(at, UNDO_MINUTES) > now,
                    }
                })
                .collect())
        })
        .await
}

/// The record that a record is part of, however many merges lie between; none where it is a record of its own.
///
/// # Errors
/// Those of the database.
pub async fn survivor(database: &Database, id: i64) -> Result<Option<i64>, AppError> {
    database
        .read("patients.survivor", move |mut connection| async move {
            let last = sqlx::query_scalar!(
                r#"with recursive trail (id, merged_into, steps) as (
                       select id, merged_into, 0 from patients where id = $1
                       union all
                       select patients.id, patients.merged_into, steps + 1
                       from patients join trail on patients.id = trail.merged_into where steps < 100)
                   select id as "id!" from trail where merged_into is null"#,
                id,
            );
            Ok(last
                .fetch_optional(&mut *connection)
                .await?
                .filter(|last| *last != id))
        })
        .await
}
