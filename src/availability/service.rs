//! Reads what decides which times can be booked. Nothing here is ever cached (C6).

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Calendar, Day, Hours, Plan, ServiceRules};
use crate::{
    booking::Wanted,
    database::{Database, Failure, Tx},
    error::AppError,
    time::{self, Range, plus_minutes},
};

/// How far around a day its busy times are read: appointments are at most a day long, their buffers
/// at most a day each.
const MARGIN_MINUTES: i64 = 3 * 24 * 60;

/// A service of a doctor at a clinic: what a booking is about.
#[derive(Clone, Debug)]
pub struct Offering {
    pub doctor_id: i64,
    pub doctor_name: String,
    pub doctor_active: bool,
    pub clinic_id: i64,
    pub clinic_name: String,
    pub clinic_address: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub service_id: i64,
    pub service_name: String,
    pub mode: String,
    pub rules: ServiceRules,
    pub cutoff_minutes: i64,
    /// Booked at once, without waiting for the doctor's answer.
    pub instant: bool,
}

impl Offering {
    /// This offering at a time.
    pub fn at(&self, starts_at: Timestamp) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: starts_at.as_second(),
        }
    }
}

/// The columns of an offering, as every query of one selects them.
struct Row {
    doctor_id: i64,
    doctor_name: String,
    doctor_active: bool,
    clinic_id: i64,
    clinic_name: String,
    clinic_address: String,
    time_zone: String,
    service_id: i64,
    service_name: String,
    mode: String,
    duration_minutes: i32,
    buffer_before_minutes: i32,
    buffer_after_minutes: i32,
    slot_interval_minutes: i32,
    notice_minutes: i32,
    horizon_days: i32,
    cutoff_minutes: i32,
    instant: bool,
}

impl Row {
    fn into_offering(self) -> Result<Offering, Failure> {
        let zone = time::zone(&self.time_zone).ok_or_else(|| {
            tracing::error!(clinic.id = self.clinic_id, zone = self.time_zone, "unknown time zone");
            AppError::Internal
        })?;
        Ok(Offering {
            doctor_id: self.doctor_id,
            doctor_name: self.doctor_name,
            doctor_active: self.doctor_active,
            clinic_id: self.clinic_id,
            clinic_name: self.clinic_name,
            clinic_address: self.clinic_address,
            zone_name: self.time_zone,
            zone,
            service_id: self.service_id,
            service_name: self.service_name,
            mode: self.mode,
            rules: ServiceRules {
                duration: self.duration_minutes.into(),
                buffer_before: self.buffer_before_minutes.into(),
                buffer_after: self.buffer_after_minutes.into(),
                interval: self.slot_interval_minutes,
                notice: self.notice_minutes.into(),
                horizon_days: self.horizon_days,
            },
            cutoff_minutes: self.cutoff_minutes.into(),
            instant: self.instant,
        })
    }
}

/// Reads offerings: one list of columns and joins for every condition.
macro_rules! offerings {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select doctors.id as doctor_id, doctors.name as doctor_name, doctors.active as doctor_active,
                      clinics.id as clinic_id, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!", clinics.time_zone,
                      services.id as service_id, services.name as service_name, services.mode,
                      duration_minutes, buffer_before_minutes, buffer_after_minutes, slot_interval_minutes,
                      notice_minutes, horizon_days, cutoff_minutes, instant
               from offers
               join doctors on doctors.id = offers.doctor_id
               join clinics on clinics.id = offers.clinic_id
               join services on services.id = offers.service_id "# + $condition,
            $($argument),+
        )
    };
}

/// Everything a doctor offers, in the order of clinics and services.
///
/// # Errors
/// Those of the database.
pub async fn offerings_of(connection: &mut PgConnection, doctor_id: i64) -> Result<Vec<Offering>, Failure> {
    offerings!(
        "where doctors.id = $1
         order by clinics.id, services.id",
        doctor_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_offering)
    .collect()
}

/// The same service at the same place of other active doctors, and at other places where none is.
async fn offerings_of_others(connection: &mut PgConnection, wanted: Wanted) -> Result<Vec<Offering>, Failure> {
    offerings!(
        "where offers.service_id = $1 and doctors.id <> $2 and doctors.active
           and (services.mode <> 'in_person' or clinics.id = $3)
         order by clinics.id <> $3, doctors.id
         limit 20",
        wanted.service_id, wanted.doctor_id, wanted.clinic_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_offering)
    .collect()
}

/// The offering that is wanted, with its doctor locked against being deactivated until the
/// transaction ends.
///
/// # Errors
/// `NOT_FOUND`, also for a doctor who is not active.
pub async fn lock_offering(tx: &mut Tx, wanted: Wanted) -> Result<Offering, Failure> {
    let offering = offerings!(
        "where offers.doctor_id = $1 and offers.clinic_id = $2 and offers.service_id = $3
         for share of doctors",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::NotFound)?
    .into_offering()?;
    if offering.doctor_active {
        Ok(offering)
    } else {
        Err(AppError::NotFound.into())
    }
}

/// Whose appointments do not count as busy.
#[derive(Clone, Debug, Default)]
pub struct Except {
    /// The appointment that is being moved. It keeps the length and buffers that it was made with.
    pub appointment_id: Option<i64>,
    /// SHA-256 of a visitor's token: who holds a time may choose it again.
    pub holds_of: Option<Vec<u8>>,
}

/// The calendars of several offerings between two dates, in four statements however many there are.
///
/// # Errors
/// Those of the database.
pub async fn calendars(
    connection: &mut PgConnection,
    offerings: &[Offering],
    first: civil::Date,
    last: civil::Date,
    except: &Except,
    now: Timestamp,
) -> Result<Vec<Calendar>, Failure> {
    let doctors: Vec<i64> = offerings.iter().map(|offering| offering.doctor_id).collect();
    let mut plans: HashMap<(i64, i64), Plan> = HashMap::new();

    for row in sqlx::query!(
        "select doctor_id, clinic_id, weekday, from_minute, until_minute
         from working_hours where doctor_id = any($1)",
        &doctors,
    )
    .fetch_all(&mut *connection)
    .await?
    {
        let Ok(weekday) = civil::Weekday::from_monday_one_offset(i8::try_from(row.weekday).unwrap_or(0)) else {
            continue;
        };
        plans
            .entry((row.doctor_id, row.clinic_id))
            .or_default()
            .weekly
            .push((
                weekday,
                Hours { from_minute: row.from_minute, until_minute: row.until_minute },
            ));
    }

    for row in sqlx::query!(
        r#"select doctor_id, clinic_id, day, from_minute as "from_minute?", until_minute as "until_minute?"
           from plan_exceptions
           left join plan_exception_hours on exception_id = plan_exceptions.id
           where doctor_id = any($1) and day between $2 and $3"#,
        &doctors,
        first.to_sqlx(),
        last.to_sqlx(),
    )
    .fetch_all(&mut *connection)
    .await?
    {
        let hours = plans
            .entry((row.doctor_id, row.clinic_id))
            .or_default()
            .exceptions
            .entry(row.day.to_jiff())
            .or_default();
        if let (Some(from_minute), Some(until_minute)) = (row.from_minute, row.until_minute) {
            hours.push(Hours { from_minute, until_minute });
        }
    }

    let utc = |date: civil::Date| {
        date.to_zoned(TimeZone::UTC)
            .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
    };
    let mut busy: HashMap<i64, Vec<Range>> = HashMap::new();
    for row in sqlx::query!(
        "select doctor_id, blocks_from, blocks_until from appointments
         where doctor_id = any($1)
           and starts_at >= $2 and starts_at < $3
           and occupies(appointments, $4)
           and id is distinct from $5
           and (status <> 'held' or held_by is distinct from $6)",
        &doctors,
        plus_minutes(utc(first), -MARGIN_MINUTES).to_sqlx(),
        plus_minutes(utc(last), MARGIN_MINUTES).to_sqlx(),
        now.to_sqlx(),
        except.appointment_id,
        except.holds_of.as_deref(),
    )
    .fetch_all(&mut *connection)
    .await?
    {
        busy.entry(row.doctor_id)
            .or_default()
            .push(Range::new(row.blocks_from.to_jiff(), row.blocks_until.to_jiff()));
    }

    Ok(offerings
        .iter()
        .map(|offering| Calendar {
            zone: offering.zone.clone(),
            plan: plans
                .get(&(offering.doctor_id, offering.clinic_id))
                .cloned()
                .unwrap_or_default(),
            rules: offering.rules,
            busy: busy.get(&offering.doctor_id).cloned().unwrap_or_default(),
            now,
        })
        .collect())
}

/// The calendar that decides about one time of one offering.
///
/// # Errors
/// Those of the database.
pub async fn calendar_around(
    connection: &mut PgConnection,
    offering: &Offering,
    starts_at: Timestamp,
    except: &Except,
    now: Timestamp,
) -> Result<Calendar, Failure> {
    let date = time::local_date(starts_at, &offering.zone);
    calendars(connection, std::slice::from_ref(offering), date, date, except, now)
        .await?
        .pop()
        .ok_or(Failure::Refused(AppError::Internal))
}

/// Days with free times, a page of them.
#[derive(Clone, Debug)]
pub struct Page {
    pub offering: Offering,
    pub days: Vec<Day>,
    /// The first day of the page before and after this one.
    pub earlier: Option<civil::Date>,
    pub later: Option<civil::Date>,
}

const DAYS_PER_PAGE: usize = 10;

/// The page of days with free times that has this date, or the first one.
///
/// # Errors
/// `NOT_FOUND` where the doctor does not offer that, or is not active.
pub async fn page(
    database: &Database,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    from: Option<civil::Date>,
    except: Except,
    now: Timestamp,
) -> Result<Page, AppError> {
    let (offering, calendar) = database
        .read("availability.page", move |mut connection| async move {
            let offering = offerings_of(&mut connection, doctor_id)
                .await?
                .into_iter()
                .find(|offering| offering.clinic_id == clinic_id && offering.service_id == service_id)
                .filter(|offering| offering.doctor_active)
                .ok_or(AppError::NotFound)?;
            let today = time::local_date(now, &offering.zone);
            let last = today.saturating_add(jiff::Span::new().days(offering.rules.horizon_days));
            let calendar = calendars(&mut connection, std::slice::from_ref(&offering), today, last, &except, now)
                .await?
                .pop()
                .ok_or(AppError::Internal)?;
            Ok((offering, calendar))
        })
        .await?;
    let (first, last) = calendar.window();
    let days: Vec<Day> = first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last)
        .map(|date| calendar.day(date))
        .filter(|day| day.free() > 0)
        .collect();
    let pages: Vec<&[Day]> = days.chunks(DAYS_PER_PAGE).collect();
    let index = from
        .and_then(|from| pages.iter().position(|page| page.last().is_some_and(|day| day.date >= from)))
        .unwrap_or(0);
    let first_day = |index: usize| pages.get(index).and_then(|page| page.first()).map(|day| day.date);
    Ok(Page {
        earlier: index.checked_sub(1).and_then(first_day),
        later: first_day(index + 1),
        days: pages.get(index).map(|page| page.to_vec()).unwrap_or_default(),
        offering,
    })
}

/// Another time that can be had instead (B4).
#[derive(Clone, Debug)]
pub struct Alternative {
    pub offering: Offering,
    pub starts_at: Timestamp,
}

/// The nearest free times instead of one that is gone: of the same doctor, and the same time with
/// another doctor. At most three, from rows as they are now.
///
/// # Errors
/// Those of the database.
pub async fn alternatives(
    database: &Database,
    wanted: Wanted,
    except: Except,
    now: Timestamp,
) -> Result<Vec<Alternative>, AppError> {
    let starts_at = wanted.starts_at();
    database
        .read("availability.alternatives", move |mut connection| async move {
            let mut offerings: Vec<Offering> = offerings_of(&mut connection, wanted.doctor_id)
                .await?
                .into_iter()
                .filter(|offering| {
                    offering.clinic_id == wanted.clinic_id
                        && offering.service_id == wanted.service_id
                        && offering.doctor_active
                })
                .collect();
            offerings.extend(offerings_of_others(&mut connection, wanted).await?);
            let date = time::local_date(starts_at, &TimeZone::UTC);
            let around = |days: i32| date.saturating_add(jiff::Span::new().days(days));
            let (first, last) = (around(-7), around(14));
            let calendars = calendars(&mut connection, &offerings, first, last, &except, now).await?;
            Ok(choose(wanted, &offerings, &calendars, first, last))
        })
        .await
}

/// One with another doctor at the same time, where there is one; the rest of the three nearest of the
/// same doctor.
fn choose(
    wanted: Wanted,
    offerings: &[Offering],
    calendars: &[Calendar],
    first: civil::Date,
    last: civil::Date,
) -> Vec<Alternative> {
    let starts_at = wanted.starts_at();
    let mut nearest = BTreeMap::new();
    let mut same_time = None;
    for (offering, calendar) in offerings.iter().zip(calendars) {
        if offering.doctor_id == wanted.doctor_id {
            let free = first
                .series(jiff::Span::new().days(1))
                .take_while(|date| *date <= last)
                .flat_map(|date| calendar.day(date).slots)
                .filter(|slot| slot.free);
            for slot in free {
                let distance = (slot.starts_at.as_second() - starts_at.as_second()).abs();
                // Of two that are equally near, the later one: who wanted 10:00 can make 10:30.
                nearest.insert((distance, -slot.starts_at.as_second()), (offering, slot.starts_at));
            }
        } else if same_time.is_none() && calendar.check(starts_at).is_ok() {
            same_time = Some((offering, starts_at));
        }
    }
    let of_same_doctor = 3 - usize::from(same_time.is_some());
    nearest
        .into_values()
        .take(of_same_doctor)
        .chain(same_time)
        .map(|(offering, starts_at)| Alternative { offering: offering.clone(), starts_at })
        .collect()
}
