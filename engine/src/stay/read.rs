//! Reading stays, each with what pages and programs show of it.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{Status, Stay, room_type::zone_of};
use crate::{
    account::{Caller, Role},
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::{Locale, Names},
    payment::terms::Terms,
    time::local_date,
};

/// A stay with its kind of rooms, its clinic and its patient.
#[derive(Clone, Debug)]
pub struct Item {
    pub stay: Stay,
    pub room_type_name: String,
    pub room_type_names: Names,
    pub clinic_name: String,
    pub clinic_phone: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub patient_name: Option<String>,
}

impl Item {
    /// The name of the kind of rooms that somebody with this language reads.
    pub fn room_type(&self, locale: Locale) -> &str {
        self.room_type_names.or(&self.room_type_name, locale)
    }

    /// The date of the clinic's calendar.
    pub fn today(&self, now: Timestamp) -> Date {
        local_date(now, &self.zone)
    }

    /// Whether its patient may cancel it.
    pub fn can_be_cancelled(&self, now: Timestamp) -> bool {
        self.stay.status == Status::Booked && self.stay.arrival >= self.today(now)
    }

    /// Whether its patient may change its nights.
    pub fn can_be_changed(&self, now: Timestamp) -> bool {
        match self.stay.status {
            Status::Booked => self.stay.arrival >= self.today(now),
            Status::Arrived => true,
            _ => false,
        }
    }

    /// Whether its people are still to come, or here.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        match self.stay.status {
            Status::Booked => self.stay.departure >= self.today(now),
            Status::Arrived => true,
            Status::Held => !self.stay.has_run_out(now),
            Status::Left | Status::Cancelled | Status::Lapsed => false,
        }
    }
}

/// A search for stays; whoever asks sees their own, by their role.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub status: Option<Status>,
    pub room_type_id: Option<i64>,
    pub clinic_id: Option<i64>,
    pub patient_id: Option<i64>,
    /// Stays that end after this date.
    pub from: Option<Date>,
    /// Stays that begin on this date at the latest.
    pub to: Option<Date>,
    /// The id of the last one that the caller has.
    pub before: Option<i64>,
    pub limit: i64,
}

/// What the statement filters by.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub search: Search,
    pub id: Option<i64>,
    pub reference: Option<String>,
    pub patient_ids: Option<Vec<i64>>,
    pub opened_since: Option<Timestamp>,
    pub clinic_ids: Option<Vec<i64>>,
    /// Without holds, and those that were given up.
    pub without_holds: bool,
}

impl Filter {
    /// The stays that this caller may know.
    fn of(caller: &Caller) -> Self {
        Self {
            patient_ids: match caller {
                Caller::Patient { .. } => Some(caller.patient_ids()),
                // Doctors have none.
                Caller::Doctor { .. } => Some(Vec::new()),
                Caller::Admin { .. } | Caller::Reception { .. } => None,
            },
            opened_since: caller.opened_since(),
            clinic_ids: caller.clinics().map(<[i64]>::to_vec),
            ..Self::default()
        }
    }
}

/// Searches stays, newest first.
///
/// # Errors
/// Those of the database.
pub async fn search(database: &Database, caller: &Caller, search: Search) -> Result<Vec<Item>, AppError> {
    let filter = Filter {
        search,
        ..Filter::of(caller)
    };
    items(database, filter).await
}

/// Finds a stay that this caller may know.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn stay(database: &Database, caller: &Caller, id: i64) -> Result<Item, AppError> {
    let filter = Filter {
        id: Some(id),
        ..Filter::of(caller)
    };
    one(database, filter).await
}

/// Finds the stay with this reference, if this caller may know it.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn stay_of_reference(
    database: &Database,
    caller: &Caller,
    reference: String,
) -> Result<Item, AppError> {
    let filter = Filter {
        reference: Some(reference),
        ..Filter::of(caller)
    };
    one(database, filter).await
}

async fn one(database: &Database, mut filter: Filter) -> Result<Item, AppError> {
    filter.search.limit = 1;
    items(database, filter).await?.pop().ok_or(AppError::NotFound)
}

/// Lists what these patients have booked, newest first, as far as this caller may know it.
///
/// # Errors
/// Those of the database.
pub async fn of_patients(
    database: &Database,
    caller: &Caller,
    patient_ids: Vec<i64>,
) -> Result<Vec<Item>, AppError> {
    let filter = Filter {
        search: Search {
            limit: MAX_LISTED,
            ..Search::default()
        },
        patient_ids: Some(patient_ids),
        opened_since: caller.opened_since(),
        clinic_ids: caller.clinics().map(<[i64]>::to_vec),
        without_holds: true,
        ..Filter::default()
    };
    items(database, filter).await
}

/// The most stays of patients that are listed.
const MAX_LISTED: i64 = 100;

/// Reads stays with what belongs to them, newest first.
pub(super) async fn items(database: &Database, filter: Filter) -> Result<Vec<Item>, AppError> {
    database.search("stay.items", move |tx| read(tx, filter)).await
}

async fn read(mut tx: Tx, filter: Filter) -> Result<Vec<Item>, Failure> {
    let Filter { search, .. } = filter;
    let rows = sqlx::query!(
        r#"select stays.id, reference, room_type_id, clinic_id, patient_id, arrival as "arrival: jiff_sqlx::Date",
                  departure as "departure: jiff_sqlx::Date", stays.rooms, status, held_until, total_minor,
                  stays.currency, stays.pay_when, pay_minor, stays.refund_minutes, stays.late_refund_percent, given_up_minor,
                  stays.version, stays.created_at, room_types.name as room_type_name, names, clinics.name as clinic_name,
                  clinics.phone as clinic_phone, time_zone, patients.name as "patient_name?"
           from stays
           join room_types on room_types.id = room_type_id
           join clinics on clinics.id = clinic_id
           join patients on patients.id = patient_id
           where ($1::bigint is null or stays.id = $1)
             and ($2::text is null or reference = $2)
             and ($3::bigint[] is null or patient_id = any($3))
             and ($4::timestamptz is null or stays.created_at >= $4)
             and ($5::bigint[] is null or clinic_id = any($5))
             and ($6::text is null or status = $6)
             and ($7::bigint is null or room_type_id = $7)
             and ($8::bigint is null or clinic_id = $8)
             and ($9::bigint is null or patient_id = $9)
             and ($10::date is null or departure > $10)
             and ($11::date is null or arrival <= $11)
             and ($12::bigint is null or stays.id < $12)
             -- A hold that was given up was never booked.
             and (not $13 or exists (select from stay_changes where stay_id = stays.id and to_status = 'booked'))
           order by stays.id desc
           limit $14"#,
        filter.id,
        filter.reference,
        filter.patient_ids.as_deref(),
        filter.opened_since.map(ToSqlx::to_sqlx) as _,
        filter.clinic_ids.as_deref(),
        search.status.map(Status::as_str),
        search.room_type_id,
        search.clinic_id,
        search.patient_id,
        search.from.map(ToSqlx::to_sqlx) as _,
        search.to.map(ToSqlx::to_sqlx) as _,
        search.before,
        filter.without_holds,
        search.limit,
    )
    .fetch_all(&mut *tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Item {
                stay: Stay {
                    id: row.id,
                    reference: row.reference,
                    room_type_id: row.room_type_id,
                    clinic_id: row.clinic_id,
                    patient_id: row.patient_id,
                    arrival: row.arrival.to_jiff(),
                    departure: row.departure.to_jiff(),
                    rooms: row.rooms,
                    status: Status::parse(&row.status).ok_or(AppError::Internal)?,
                    held_until: row.held_until.map(|until| until.to_jiff()),
                    total_minor: row.total_minor,
                    currency: row.currency,
                    first_minor: row.pay_minor,
                    terms: Terms::stored(
                        row.pay_when.as_deref(),
                        row.pay_minor,
                        row.refund_minutes,
                        row.late_refund_percent,
                    ),
                    given_up_minor: row.given_up_minor,
                    version: row.version,
                    created_at: row.created_at.to_jiff(),
                },
                room_type_name: row.room_type_name,
                room_type_names: Names::stored(Some(row.names)),
                clinic_name: row.clinic_name,
                clinic_phone: row.clinic_phone,
                zone: zone_of(&row.time_zone),
                zone_name: row.time_zone,
                patient_name: row.patient_name,
            })
        })
        .collect()
}

/// The last change of a stay, as whoever came too late is told.
#[derive(Clone, Debug)]
pub struct LastChange {
    pub status: Status,
    pub version: i32,
    pub changed_at: Timestamp,
    /// The name of a member of staff.
    pub changed_by: Option<String>,
    pub role: Role,
}

/// Finds the last change of a stay.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn last_change(database: &Database, stay_id: i64) -> Result<LastChange, AppError> {
    database
        .read("stay.last_change", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select to_status, version, changed_at, actor, staff.name as "by?"
                   from stay_changes left join staff on staff.id = staff_id
                   where stay_id = $1
                   order by version desc limit 1"#,
                stay_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            Ok(LastChange {
                status: Status::parse(&row.to_status).ok_or(AppError::Internal)?,
                version: row.version,
                changed_at: row.changed_at.to_jiff(),
                changed_by: row.by,
                role: Role::parse(&row.actor).ok_or(AppError::Internal)?,
            })
        })
        .await
}

/// The date of the calendar of a clinic.
pub(super) async fn today_at(tx: &mut Tx, clinic_id: i64, now: Timestamp) -> Result<Date, Failure> {
    let zone = sqlx::query_scalar!("select time_zone from clinics where id = $1", clinic_id)
        .fetch_one(&mut **tx)
        .await?;
    Ok(local_date(now, &zone_of(&zone)))
}
