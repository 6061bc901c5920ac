//! Reading appointments: everybody sees their own, by role (I4).

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    Status,
    board::Search,
    found::Found,
    item::{Item, Row, booked_items, into_items, is_visible, items},
    spans::Spans,
};
use crate::{
    account::Caller,
    booking::reference,
    database::{Database, Failure},
    error::AppError,
    time::{self, Bound, GivenTime},
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
    database
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
        .await
}

/// One appointment by its id, for a caller who may see it.
///
/// # Errors
/// `NOT_FOUND`, also for an appointment of somebody else.
pub async fn find_by_id(database: &Database, caller: Caller, id: i64) -> Result<Item, AppError> {
    database
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
        .await
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
            let date = Bound::Date(date);
            let spans = Spans::of(&mut connection, None, Some(date.start()), Some(date.end())).await?;
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

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Soonest,
    Latest,
    /// In the order in which they were made.
    Oldest,
    Newest,
}

impl Order {
    const ALL: [Self; 4] = [Self::Soonest, Self::Latest, Self::Oldest, Self::Newest];

    /// As programs say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Soonest => "starts_at",
            Self::Latest => "-starts_at",
            Self::Oldest => "id",
            Self::Newest => "-id",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// The filter of a list of appointments for programs.
#[derive(Clone, Debug)]
pub struct Listing {
    pub status: Option<Status>,
    pub doctor_id: Option<i64>,
    pub patient_id: Option<i64>,
    pub clinic_id: Option<i64>,
    /// The name of the service for programs.
    pub service: Option<String>,
    pub search: Search,
    pub from: Option<GivenTime>,
    /// The first moment that no longer counts.
    pub until: Option<GivenTime>,
    pub order: Order,
    /// The start and the id of the last one that the caller has.
    pub after: Option<(Timestamp, i64)>,
    pub limit: i64,
}

/// The caller's appointments, by role: a patient's with the family's, a doctor's, or all of them.
///
/// # Errors
/// `INVALID_DATE_RANGE` where the range ends before it begins at each of the clinics.
pub async fn listing(
    database: &Database,
    caller: Caller,
    listing: Listing,
    now: Timestamp,
) -> Result<Vec<Item>, AppError> {
    let (own, of_doctor) = match caller {
        Caller::Doctor { doctor_id, .. } => (None, Some(doctor_id)),
        Caller::Patient { .. } => (Some(caller.patient_ids()), None),
        Caller::Admin { .. } => (None, None),
    };
    database
        .search("appointment.listing", move |mut tx| async move {
            let spans = Spans::of(&mut tx, listing.clinic_id, listing.from, listing.until).await?;
            let (after, after_id) = listing.after.unzip();
            let service_id = match &listing.service {
                None => None,
                Some(key) => {
                    let known = sqlx::query_scalar!("select id from services where key = $1", key)
                        .fetch_optional(&mut *tx)
                        .await?;
                    match known {
                        None => return Ok(Vec::new()),
                        known => known,
                    }
                }
            };
            let found = Found::of(&mut tx, &listing.search).await?;
            // One statement for each order, since each has an index that is in that order already. It is planned for what is
            // asked for, and a condition that is not asked for is none.
            macro_rules! rows {
                ($rest:literal) => {
                    booked_items!(
                        "($1::bigint[] is null or patient_id = any($1))
                         and ($2::bigint is null or doctor_id = $2)
                         and ($3::bigint is null or doctor_id = $3)
                         and ($4::text is null
                              or status = $4 and (status <> 'pending' or occupies(appointments, $5))
                              or $4 = 'expired' and status = 'pending' and not occupies(appointments, $5))
                         and ($6::timestamptz is null or starts_at >= $6)
                         and ($8::timestamptz is null or starts_at < $8)
                         and ($7::bigint[] is null
                              or starts_at >= ($9::timestamptz[])[array_position($7, clinic_id)]
                                 and starts_at < ($19::timestamptz[])[array_position($7, clinic_id)])
                         and ($13::bigint is null or patient_id = $13)
                         and ($14::bigint is null or clinic_id = $14)
                         and ($15::bigint is null or service_id = $15)
                         and ($16::bigint[] is null or patient_id = any($16) or appointments.id = any($17))
                         and ($18::text is null or patients.folded_name like containing($18)
                              or patients.phone like '%' || $20 || '%' or appointments.id = any($17)) " $rest,
                        own.as_deref(),
                        of_doctor,
                        listing.doctor_id,
                        listing.status.map(Status::as_str),
                        now.to_sqlx(),
                        spans.start() as _,
                        spans.clinics.as_deref(),
                        spans.end() as _,
                        &spans.first as _,
                        after.map(ToSqlx::to_sqlx) as _,
                        after_id,
                        listing.limit,
                        listing.patient_id,
                        listing.clinic_id,
                        service_id,
                        found.patients.as_deref(),
                        &found.appointments,
                        found.words.as_deref(),
                        &spans.last as _,
                        found.digits.as_deref()
                    )
                    .fetch_all(&mut *tx)
                    .await?
                };
            }
            into_items(match listing.order {
                Order::Soonest => rows!(
                    "and ($10::timestamptz is null or (starts_at, appointments.id) > ($10, $11))
                     order by starts_at, appointments.id limit $12"
                ),
                Order::Latest => rows!(
                    "and ($10::timestamptz is null or (starts_at, appointments.id) < ($10, $11))
                     order by starts_at desc, appointments.id desc limit $12"
                ),
                Order::Oldest => rows!(
                    "and ($10::timestamptz is null or appointments.id > $11)
                     order by appointments.id limit $12"
                ),
                Order::Newest => rows!(
                    "and ($10::timestamptz is null or appointments.id < $11)
                     order by appointments.id desc limit $12"
                ),
            })
        })
        .await
}
