//! The organisation, as admins see it.

use jiff::{Timestamp, ToSpan};

use super::{Clinic, Offer, Profile, Service, Subject, identity, logo};
use crate::{
    availability::{Except, Horizon, Offering, ServiceLimits, ServiceRules, calendars, offerings_of},
    database::{Database, Failure, Reader},
    error::AppError,
    i18n::Names,
    money::Price,
    payment::terms::{RefundRule, Terms, When},
    schedule::{LastChange, last_change},
    time,
};

/// The number of days in which the next times are sought.
const LOOK_AHEAD: i32 = 14;

/// The number of next times that are shown.
const MAX_NEXT: usize = 4;

/// A service or a clinic with its id and version.
#[derive(Clone, Debug)]
pub struct Versioned<T> {
    pub id: i64,
    pub version: i32,
    pub what: T,
    /// The number of doctors who offer the service or work at the clinic.
    pub doctors: i64,
    pub last_change: Option<LastChange>,
}

/// A doctor with profile, offers and next times.
#[derive(Clone, Debug)]
pub struct DoctorDetails {
    pub id: i64,
    pub version: i32,
    pub active: bool,
    pub profile: Profile,
    pub offers: Vec<Offer>,
    /// The next free times of each offer.
    pub next: Vec<Next>,
    pub last_change: Option<LastChange>,
}

/// The next free times of an offer.
#[derive(Clone, Debug)]
pub struct Next {
    pub offering: Offering,
    pub times: Vec<Timestamp>,
}

/// All services, those that can be booked first.
///
/// # Errors
/// Those of the database.
pub async fn services(database: &Database) -> Result<Vec<Versioned<Service>>, AppError> {
    database
        .read("organisation.services", |connection| {
            read_services(connection, None)
        })
        .await
}

/// # Errors
/// `NOT_FOUND`.
pub async fn service(database: &Database, id: i64) -> Result<Versioned<Service>, AppError> {
    database
        .read("organisation.service", move |connection| {
            read_services(connection, Some(id))
        })
        .await?
        .pop()
        .ok_or(AppError::NotFound)
}

async fn read_services(mut connection: Reader, id: Option<i64>) -> Result<Vec<Versioned<Service>>, Failure> {
    let rows = sqlx::query!(
        r#"select services.id, services.version, key, services.name, services.names, mode, duration_minutes, buffer_before_minutes,
                  buffer_after_minutes, slot_interval_minutes, notice_minutes, horizon_days, horizon_unit,
                  cutoff_minutes, instant, price_minor, currency, most_open, most_per_week, services.active,
                  pay_when, deposit_minor, refund_minutes, late_refund_percent,
                  (select count(distinct doctor_id) from offers where service_id = services.id) as "doctors!",
                  changed_at as "changed_at?", what as "what?", staff.name as "by?"
           from services
           left join organisation_changes as change
               on change.service_id = services.id and change.version = services.version
           left join staff on staff.id = staff_id
           where $1::bigint is null or services.id = $1
           order by not services.active, services.name, services.id"#,
        id,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Versioned {
            id: row.id,
            version: row.version,
            doctors: row.doctors,
            last_change: LastChange::of(row.changed_at, row.by, row.what, row.version),
            what: Service {
                key: row.key,
                name: row.name,
                names: Names::stored(Some(row.names)),
                mode: row.mode,
                rules: ServiceRules {
                    duration: row.duration_minutes.into(),
                    buffer_before: row.buffer_before_minutes.into(),
                    buffer_after: row.buffer_after_minutes.into(),
                    interval: row.slot_interval_minutes,
                    notice: row.notice_minutes.into(),
                    horizon: match row.horizon_unit.as_str() {
                        "working_days" => Horizon::WorkingDays(row.horizon_days),
                        _ => Horizon::CalendarDays(row.horizon_days),
                    },
                },
                cutoff_minutes: row.cutoff_minutes,
                instant: row.instant,
                limits: ServiceLimits {
                    open: row.most_open,
                    per_week: row.most_per_week,
                },
                price: Price::of(row.price_minor, row.currency),
                terms: Terms {
                    when: When::stored(row.pay_when.as_deref(), row.deposit_minor),
                    refund: RefundRule {
                        full_minutes: row.refund_minutes,
                        late_percent: row.late_refund_percent,
                    },
                },
                active: row.active,
            },
        })
        .collect())
}

/// All clinics, by name.
///
/// # Errors
/// Those of the database.
pub async fn clinics(database: &Database) -> Result<Vec<Versioned<Clinic>>, AppError> {
    database
        .read("organisation.clinics", |connection| {
            read_clinics(connection, None)
        })
        .await
}

/// # Errors
/// `NOT_FOUND`.
pub async fn clinic(database: &Database, id: i64) -> Result<Versioned<Clinic>, AppError> {
    database
        .read("organisation.clinic", move |connection| {
            read_clinics(connection, Some(id))
        })
        .await?
        .pop()
        .ok_or(AppError::NotFound)
}

async fn read_clinics(mut connection: Reader, id: Option<i64>) -> Result<Vec<Versioned<Clinic>>, Failure> {
    let rows = sqlx::query!(
        r#"select clinics.id, clinics.version, clinics.name, address, city, phone, time_zone,
                  (select count(distinct doctor_id) from offers where offers.clinic_id = clinics.id) as "doctors!",
                  changed_at as "changed_at?", what as "what?", staff.name as "by?"
           from clinics
           left join organisation_changes as change
               on change.clinic_id = clinics.id and change.version = clinics.version
           left join staff on staff.id = staff_id
           where $1::bigint is null or clinics.id = $1
           order by clinics.name, clinics.id"#,
        id,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Versioned {
            id: row.id,
            version: row.version,
            doctors: row.doctors,
            last_change: LastChange::of(row.changed_at, row.by, row.what, row.version),
            what: Clinic {
                name: row.name,
                address: row.address,
                city: row.city,
                phone: row.phone,
                time_zone: row.time_zone,
            },
        })
        .collect())
}

/// Returns the newest version and its author, for a change that came too late.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn newest(database: &Database, what: Subject) -> Result<(i32, Option<LastChange>), AppError> {
    let id = match what {
        Subject::Service(id) => {
            let seen = service(database, id).await?;
            return Ok((seen.version, seen.last_change));
        }
        Subject::Clinic(id) => {
            let seen = clinic(database, id).await?;
            return Ok((seen.version, seen.last_change));
        }
        Subject::Identity => {
            let seen = identity(database).await?;
            return Ok((seen.version, seen.last_change));
        }
        Subject::Logo => {
            let seen = logo(database).await?;
            return Ok((seen.version, seen.last_change));
        }
        Subject::Doctor(id) => id,
    };
    database
        .read("organisation.newest", move |mut connection| async move {
            let version = sqlx::query_scalar!("select version from doctors where id = $1", id)
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?;
            Ok((version, last_change(&mut connection, id, None).await?))
        })
        .await
}

/// A doctor, active or not.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn doctor_details(database: &Database, id: i64, now: Timestamp) -> Result<DoctorDetails, AppError> {
    database
        .read("organisation.doctor", move |connection| {
            read_doctor_details(connection, id, now)
        })
        .await
}

async fn read_doctor_details(
    mut connection: Reader,
    id: i64,
    now: Timestamp,
) -> Result<DoctorDetails, Failure> {
    let doctor = sqlx::query!(
        "select doctors.name, speciality, about, languages, doctors.active, version, email
         from doctors join staff on staff.id = staff_id where doctors.id = $1",
        id,
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or(AppError::NotFound)?;
    let offerings = offerings_of(&mut connection, id).await?;
    let offers = offerings
        .iter()
        .map(|offering| Offer {
            clinic_id: offering.clinic_id,
            service_id: offering.service_id,
        })
        .collect();
    // A day more on each side: today is not the same date everywhere.
    let today = time::local_date(now, &jiff::tz::TimeZone::UTC);
    let (first, last) = (
        today.saturating_sub(1.day()),
        today.saturating_add((LOOK_AHEAD + 1).days()),
    );
    let calendars = calendars(&mut connection, &offerings, first, last, &Except::default(), now).await?;
    let next = offerings
        .into_iter()
        .zip(calendars)
        .map(|(offering, calendar)| Next {
            times: first
                .series(1.day())
                .take_while(|date| *date <= last)
                .flat_map(|date| calendar.day(date).slots)
                .filter(|slot| slot.free)
                .map(|slot| slot.starts_at)
                .take(MAX_NEXT)
                .collect(),
            offering,
        })
        .collect();
    Ok(DoctorDetails {
        id,
        version: doctor.version,
        active: doctor.active,
        profile: Profile {
            name: doctor.name,
            speciality: doctor.speciality,
            about: doctor.about,
            languages: doctor.languages,
            email: doctor.email,
        },
        offers,
        next,
        last_change: last_change(&mut connection, id, None).await?,
    })
}
