//! A schedule as who plans it sees it.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{Booked, Dates, may_have_part_of, must_be_theirs_at, must_have_the_day};
use crate::{
    account::Caller,
    appointment::Appointment,
    availability::{Except, Hours, Offering, Plan, WhyNot, calendar_around, offerings_of, plans},
    caldav::busy::{Conflict, calendars_at, conflicts_in},
    database::{Database, Failure, Reader},
    error::AppError,
    i18n::Texts,
    text::isolated,
    time::{self, GivenTime},
};

/// Returns the schedule of a doctor, and the appointments that it no longer covers.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub doctor_id: i64,
    pub doctor: String,
    pub active: bool,
    pub version: i32,
    /// The clinics where the doctor offers something or has hours, by name.
    pub places: Vec<Place>,
    pub offerings: Vec<Offering>,
    /// The absences and closures that have not ended: absences first, then closures of the doctor's clinics.
    pub time_off: Vec<Off>,
    /// The appointments that need somebody's attention, in the order of their times.
    pub outside: Vec<Appointment>,
    /// The first of the coming appointments and sessions at times at which a calendar elsewhere has something, by time.
    pub busy_elsewhere: Vec<Conflict>,
    pub last_change: Option<LastChange>,
}

/// The hours of a doctor at a clinic.
#[derive(Clone, Debug)]
pub struct Place {
    pub clinic_id: i64,
    pub clinic: String,
    pub zone_name: String,
    pub zone: TimeZone,
    /// The week in the order of its days and times, and the exceptions from today on.
    pub plan: Plan,
    /// The notes of exceptions, by date.
    pub notes: BTreeMap<civil::Date, String>,
}

/// An absence, or a closure where it is nobody's.
#[derive(Clone, Debug)]
pub struct Off {
    pub id: i64,
    pub doctor_id: Option<i64>,
    /// The clinic; all clinics if it is missing.
    pub clinic_id: Option<i64>,
    pub clinic: Option<String>,
    pub dates: Dates,
}

/// The newest change of something: what somebody who comes too late is told.
#[derive(Clone, Debug)]
pub struct LastChange {
    pub at: Timestamp,
    pub by: String,
    pub what: String,
    /// The version after the change.
    pub version: i32,
}

impl LastChange {
    /// The change that made this version, where it is in the history.
    pub(crate) fn of(
        at: Option<jiff_sqlx::Timestamp>,
        by: Option<String>,
        what: Option<String>,
        version: i32,
    ) -> Option<Self> {
        Some(Self {
            at: at?.to_jiff(),
            by: by?,
            what: what?,
            version,
        })
    }
}

/// Returns the schedule of a doctor; for an admin of named clinics, what of it is of these, and what is of all clinics.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's.
pub async fn schedule(
    database: &Database,
    caller: Caller,
    doctor_id: i64,
    now: Timestamp,
) -> Result<Schedule, AppError> {
    may_have_part_of(&caller, doctor_id)?;
    database
        .read("schedule.read", move |connection| {
            read(connection, caller.clone(), doctor_id, now)
        })
        .await
}

/// The version of a doctor, for whoever may stop or cancel a day of theirs at this clinic.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's.
pub async fn version_for_the_day(
    database: &Database,
    caller: &Caller,
    doctor_id: i64,
    clinic_id: i64,
) -> Result<i32, AppError> {
    must_have_the_day(caller, doctor_id, clinic_id)?;
    database
        .read("schedule.version", move |mut connection| async move {
            let version =
                sqlx::query_scalar!("select version from doctors where id = $1 and id <> 0", doctor_id);
            let version = version.fetch_optional(&mut *connection).await?;
            Ok(version.ok_or(AppError::NotFound)?)
        })
        .await
}

async fn read(
    mut connection: Reader,
    caller: Caller,
    doctor_id: i64,
    now: Timestamp,
) -> Result<Schedule, Failure> {
    let doctor = sqlx::query!(
        "select name, active, version from doctors where id = $1 and id <> 0",
        doctor_id
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or(AppError::NotFound)?;
    let last_change = last_change(&mut connection, doctor_id, caller.clinics()).await?;
    // A day ago it was no later date than today anywhere.
    let yesterday = time::local_date(now, &TimeZone::UTC).saturating_sub(1.day());
    let booked = Booked::of(&mut connection, &[doctor_id], now).await?;
    let ids = booked.outside(&mut connection).await?;
    let mut outside = booked.appointments;
    let is_seen = |clinic_id| !caller.is_kept_from(clinic_id);
    outside.retain(|appointment| ids.contains(&appointment.id) && is_seen(appointment.clinic_id));
    let mut busy_elsewhere = conflicts_in(&mut connection, doctor_id, now).await?;
    busy_elsewhere.retain(|conflict| is_seen(conflict.clinic_id));
    let mut places = places(&mut connection, doctor_id, yesterday).await?;
    places.retain(|place| is_seen(place.clinic_id));
    // A doctor of other clinics is none of the business of who is of named ones.
    if places.is_empty() && caller.clinics().is_some() {
        return Err(AppError::NotFound.into());
    }
    let mut offerings = offerings_of(&mut connection, doctor_id).await?;
    offerings.retain(|offering| is_seen(offering.clinic_id));
    let mut time_off = time_off(&mut connection, Some(doctor_id), yesterday).await?;
    time_off.retain(|off| off.clinic_id.is_none_or(is_seen));
    Ok(Schedule {
        doctor_id,
        doctor: doctor.name,
        active: doctor.active,
        version: doctor.version,
        places,
        offerings,
        time_off,
        outside,
        busy_elsewhere,
        last_change,
    })
}

/// The newest change of a doctor: of their schedule, or of how they are described. Whoever is of named clinics is told of no
/// change at other ones.
///
/// # Errors
/// Those of the database.
pub async fn last_change(
    connection: &mut Reader,
    doctor_id: i64,
    clinics: Option<&[i64]>,
) -> Result<Option<LastChange>, Failure> {
    let row = sqlx::query!(
        r#"select changed_at as "changed_at!", staff.name, what as "what!", version as "version!"
           from (select changed_at, staff_id, what, version from schedule_changes
                 where doctor_id = $1 and ($2::bigint[] is null or clinic_id is null or clinic_id = any($2))
                 union all
                 select changed_at, staff_id, what, version from organisation_changes where doctor_id = $1) as change
           join staff on staff.id = staff_id
           order by version desc limit 1"#,
        doctor_id,
        clinics,
    )
    .fetch_optional(&mut **connection)
    .await?;
    Ok(row.map(|row| LastChange {
        at: row.changed_at.to_jiff(),
        by: row.name,
        what: row.what,
        version: row.version,
    }))
}

async fn places(connection: &mut Reader, doctor_id: i64, from: civil::Date) -> Result<Vec<Place>, Failure> {
    let clinics = sqlx::query!(
        "select id, name, time_zone from clinics
         where id in (select clinic_id from offers where doctor_id = $1
                      union select clinic_id from working_hours where doctor_id = $1)
         order by name, id",
        doctor_id,
    )
    .fetch_all(&mut **connection)
    .await?;
    let mut notes: BTreeMap<i64, BTreeMap<civil::Date, String>> = BTreeMap::new();
    for row in sqlx::query!(
        "select clinic_id, day, note from plan_exceptions where doctor_id = $1 and day >= $2",
        doctor_id,
        from.to_sqlx() as _,
    )
    .fetch_all(&mut **connection)
    .await?
    {
        let of_clinic = notes.entry(row.clinic_id).or_default();
        of_clinic.insert(row.day.to_jiff(), row.note);
    }
    let keys: Vec<(i64, i64)> = clinics.iter().map(|clinic| (doctor_id, clinic.id)).collect();
    let mut plans = plans(connection, &keys, from, civil::Date::MAX).await?;
    clinics
        .into_iter()
        .map(|clinic| {
            let mut plan = plans.remove(&(doctor_id, clinic.id)).unwrap_or_default();
            plan.weekly.sort_by_key(|weekly| {
                let weekday = weekly.weekday.to_monday_zero_offset();
                (weekday, weekly.hours.from_minute, weekly.valid_from)
            });
            Ok(Place {
                clinic_id: clinic.id,
                clinic: clinic.name,
                zone: time::shown_zone(&clinic.time_zone),
                zone_name: clinic.time_zone,
                plan,
                notes: notes.remove(&clinic.id).unwrap_or_default(),
            })
        })
        .collect()
}

/// Absences of a doctor and the closures that concern them; without a doctor, every closure.
pub(super) async fn time_off(
    connection: &mut Reader,
    doctor_id: Option<i64>,
    from: civil::Date,
) -> Result<Vec<Off>, Failure> {
    let rows = sqlx::query!(
        r#"select time_off.id, doctor_id, clinic_id, clinics.name as "clinic?", first_day, last_day, from_minute,
                  until_minute, yearly, note
           from time_off left join clinics on clinics.id = clinic_id
           where (last_day >= $2 or yearly)
             and (doctor_id = $1
                  or doctor_id is null
                     and ($1::bigint is null
                          or clinic_id is null
                          or clinic_id in (select clinic_id from offers where offers.doctor_id = $1)))
           order by doctor_id is null, first_day, time_off.id"#,
        doctor_id,
        from.to_sqlx() as _,
    )
    .fetch_all(&mut **connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Off {
            id: row.id,
            doctor_id: row.doctor_id,
            clinic_id: row.clinic_id,
            clinic: row.clinic,
            dates: Dates {
                first_day: row.first_day.to_jiff(),
                last_day: row.last_day.to_jiff(),
                hours: row
                    .from_minute
                    .zip(row.until_minute)
                    .map(|(from_minute, until_minute)| Hours {
                        from_minute,
                        until_minute,
                    }),
                yearly: row.yearly,
                note: row.note,
            },
        })
        .collect())
}

/// The reason why a time is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub why: WhyNot,
    /// The calendars elsewhere that have something then, by name, where it is that.
    pub calendars: Vec<String>,
}

impl Reason {
    /// The reason in a sentence.
    pub fn sentence(&self, texts: Texts) -> String {
        let key = format!("why-{}", self.why.name());
        match self.calendars.is_empty() {
            true => texts.text(&key),
            false => {
                let names: Vec<_> = self.calendars.iter().map(|name| isolated(name)).collect();
                texts.with(&key, &[("calendars", names.join(", ").into())])
            }
        }
    }
}

impl From<WhyNot> for Reason {
    fn from(why: WhyNot) -> Self {
        Self {
            why,
            calendars: Vec::new(),
        }
    }
}

/// Why a time is not offered: the first reason, or none where it is.
///
/// # Errors
/// `NOT_FOUND` for what is not the caller's.
pub async fn why_not(
    database: &Database,
    caller: Caller,
    doctor_id: i64,
    (clinic_id, service_id): (i64, i64),
    at: GivenTime,
    now: Timestamp,
) -> Result<Option<Reason>, AppError> {
    must_be_theirs_at(&caller, doctor_id, Some(clinic_id))?;
    database
        .read("schedule.why_not", move |mut connection| async move {
            let offering = offerings_of(&mut connection, doctor_id)
                .await?
                .into_iter()
                .find(|offering| offering.clinic_id == clinic_id && offering.service_id == service_id);
            let Some(offering) = offering else {
                return Ok(Some(WhyNot::NotOfferedHere.into()));
            };
            let Some(starts_at) = at.in_zone(&offering.zone) else {
                return Ok(Some(WhyNot::NoSuchTime.into()));
            };
            let nobody = Except::default();
            let calendar = calendar_around(&mut connection, &offering, starts_at, &nobody, now).await?;
            let mut reason = calendar.why_not(starts_at).map(Reason::from);
            if let Some(reason) = reason
                .as_mut()
                .filter(|reason| reason.why == WhyNot::BusyElsewhere)
            {
                let blocked = offering.rules.blocked(starts_at);
                reason.calendars = calendars_at(&mut connection, doctor_id, blocked).await?;
            }
            Ok(reason)
        })
        .await
}
