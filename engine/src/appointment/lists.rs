//! Reading appointments: everybody sees their own, by role (I4).

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    item::{Item, Row, booked_items, into_items, is_visible, items},
    search::{Found, Search},
    spans::Spans,
};
use crate::{
    account::{
        Caller,
        reads::{self, What},
    },
    booking::reference,
    database::{Database, Failure},
    error::AppError,
    time,
};

/// One appointment, for who may see it.
///
/// # Errors
/// `NOT_FOUND`, also for an appointment of somebody else.
pub async fn find(
    database: &Database,
    caller: Option<Caller>,
    visitor: Option<Vec<u8>>,
    said: String,
) -> Result<Item, AppError> {
    let reader = caller.clone();
    let item = database
        .read("appointment.find", move |mut connection| async move {
            let reference = reference::read(&said).ok_or(AppError::NotFound)?;
            let item = items!("where reference = $1", reference)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?
                .into_item()?;
            if is_visible(&item, caller.as_ref(), visitor.as_deref()) {
                Ok(item)
            } else {
                Err(AppError::NotFound.into())
            }
        })
        .await?;
    if let Some(reader) = reader {
        reads::record(
            database,
            &reader,
            What::Appointment,
            item.patient_id,
            database.now(),
        )
        .await;
    }
    Ok(item)
}

/// One appointment by its id, for a caller who may see it.
///
/// # Errors
/// `NOT_FOUND`, also for an appointment of somebody else.
pub async fn find_by_id(database: &Database, caller: Caller, id: i64) -> Result<Item, AppError> {
    let reader = caller.clone();
    let item = database
        .read("appointment.find_by_id", move |mut connection| async move {
            let item = items!("where appointments.id = $1", id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?
                .into_item()?;
            if is_visible(&item, Some(&caller), None) {
                Ok(item)
            } else {
                Err(AppError::NotFound.into())
            }
        })
        .await?;
    reads::record(
        database,
        &reader,
        What::Appointment,
        item.patient_id,
        database.now(),
    )
    .await;
    Ok(item)
}

/// The appointments of these patients, newest first, without holds that came to nothing.
///
/// # Errors
/// Those of the database.
pub async fn of_patients(database: &Database, patient_ids: Vec<i64>) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.of_patients", move |mut connection| async move {
            into_items(
                booked_items!(
                    "patient_id = any($1)
                     order by starts_at desc, appointments.id desc limit 200",
                    &patient_ids
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// These appointments, by time. Whether the caller may see them is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn of_ids(database: &Database, ids: Vec<i64>) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.of_ids", move |mut connection| async move {
            into_items(
                items!(
                    "where appointments.id = any($1) order by starts_at, appointments.id",
                    &ids
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// The appointments of a visit of a patient (B7), in their order.
///
/// # Errors
/// Those of the database.
pub async fn of_visit(database: &Database, patient_id: i64, visit_id: i64) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.of_visit", move |mut connection| async move {
            into_items(
                items!(
                    "where visit_id = $1 and patient_id = $2 order by segment",
                    visit_id,
                    patient_id
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// A patient's appointments with one doctor, newest first.
///
/// # Errors
/// Those of the database.
pub async fn of_patient_with_doctor(
    connection: &mut PgConnection,
    patient_id: i64,
    doctor_id: i64,
) -> Result<Vec<Item>, Failure> {
    into_items(
        booked_items!(
            "patient_id = $1 and doctor_id = $2
             order by starts_at desc, appointments.id desc limit 200",
            patient_id,
            doctor_id
        )
        .fetch_all(connection)
        .await?,
    )
}

/// The requests that wait for a doctor's answer and still can have one, the most urgent first.
///
/// # Errors
/// Those of the database.
pub async fn requests(database: &Database, doctor_id: i64, now: Timestamp) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.requests", move |mut connection| async move {
            into_items(
                items!(
                    "where doctor_id = $1 and status = 'pending' and occupies(appointments, $2)
                     order by answer_until, appointments.id limit 200",
                    doctor_id,
                    now.to_sqlx()
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// A doctor's appointments whose date at their clinic is this one, in time order, with the requests
/// for it. Appointments that are not going to happen are left out.
///
/// # Errors
/// Those of the database.
pub async fn day_sheet(
    database: &Database,
    doctor_id: i64,
    date: civil::Date,
    now: Timestamp,
) -> Result<Vec<Item>, AppError> {
    database
        .read("appointment.day_sheet", move |mut connection| async move {
            let Some(spans) = Spans::of_dates(&mut connection, None, Some(date), Some(date)).await? else {
                return Ok(Vec::new());
            };
            into_items(
                items!(
                    "where doctor_id = $1
                       and starts_at >= $2 and starts_at < $4
                       and exists (
                           select from unnest($5::bigint[], $6::timestamptz[], $7::timestamptz[])
                                       as span (clinic, first, last)
                           where clinic = clinic_id and starts_at >= first and starts_at < last)
                       and status <> 'held' and occupies(appointments, $3)
                     order by starts_at, appointments.id",
                    doctor_id,
                    spans.start() as _,
                    now.to_sqlx(),
                    spans.end() as _,
                    spans.clinics.as_deref(),
                    &spans.first as _,
                    &spans.last as _
                )
                .fetch_all(&mut *connection)
                .await?,
            )
        })
        .await
}

/// The first of a doctor's appointments and requests after this moment.
///
/// # Errors
/// Those of the database.
pub async fn next_of_doctor(
    database: &Database,
    doctor_id: i64,
    after: Timestamp,
    now: Timestamp,
) -> Result<Option<Item>, AppError> {
    database
        .read("appointment.next_of_doctor", move |mut connection| async move {
            items!(
                "where doctor_id = $1 and starts_at > $2
                   and status in ('pending', 'confirmed') and occupies(appointments, $3)
                 order by starts_at, appointments.id limit 1",
                doctor_id,
                after.to_sqlx(),
                now.to_sqlx()
            )
            .fetch_optional(&mut *connection)
            .await?
            .map(Row::into_item)
            .transpose()
        })
        .await
}

/// A doctor's appointments that a search is after, newest first.
///
/// # Errors
/// Those of the database.
pub async fn search_of_doctor(
    database: &Database,
    doctor_id: i64,
    search: Search,
) -> Result<Vec<Item>, AppError> {
    database
        .search("appointment.search_of_doctor", move |mut tx| async move {
            let found = Found::of(&mut tx, &search).await?;
            into_items(
                booked_items!(
                    "doctor_id = $1
                     and ($2::bigint[] is null or patient_id = any($2) or appointments.id = any($3))
                     and ($4::text is null or patients.folded_name like containing($4)
                          or patients.phone like '%' || $5 || '%' or appointments.id = any($3))
                     order by starts_at desc, appointments.id desc limit 50",
                    doctor_id,
                    found.patients.as_deref(),
                    &found.appointments,
                    found.words.as_deref(),
                    found.digits.as_deref()
                )
                .fetch_all(&mut *tx)
                .await?,
            )
        })
        .await
}

/// A clinic where a doctor works.
#[derive(Clone, Debug)]
pub struct Place {
    pub clinic_id: i64,
    pub clinic_name: String,
    pub zone_name: String,
    pub zone: TimeZone,
}

/// The clinics of a doctor, the one with the longest hours first.
///
/// # Errors
/// Those of the database.
pub async fn places(database: &Database, doctor_id: i64) -> Result<Vec<Place>, AppError> {
    database
        .read("appointment.places", move |mut connection| async move {
            sqlx::query!(
                "select clinics.id, clinics.name, clinics.time_zone from clinics
                 where id in (select clinic_id from offers where doctor_id = $1
                              union select clinic_id from working_hours where doctor_id = $1)
                 order by (select coalesce(sum(greatest(until_minute - from_minute, 0)), 0) from working_hours
                           where doctor_id = $1 and clinic_id = clinics.id) desc, clinics.id",
                doctor_id,
            )
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .map(|row| {
                Ok(Place {
                    clinic_id: row.id,
                    clinic_name: row.name,
                    zone: time::shown_zone(&row.time_zone),
                    zone_name: row.time_zone,
                })
            })
            .collect()
        })
        .await
}
