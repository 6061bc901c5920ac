//! Reads what decides which times can be booked. Nothing here is ever cached (C6).

use std::collections::HashMap;

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{AnyDoctor, Calendar, Horizon, Hours, Named, Off, Plan, ServiceRules, TimeOff, Weekly, WhyNot};
use crate::{
    booking::Wanted,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    money::Price,
    time::{self, Range, plus_minutes},
};

/// How far around a range the starts of what is busy in it may lie: appointments are at most a day long, their
/// buffers at most a day each.
pub const MARGIN_MINUTES: i64 = 3 * 24 * 60;

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
    /// What programs call the service.
    pub service_key: String,
    pub service_name: String,
    pub service_active: bool,
    pub mode: String,
    pub rules: ServiceRules,
    /// Where it is said.
    pub price: Option<Price>,
    pub cutoff_minutes: i64,
    /// Booked at once, without waiting for the doctor's answer.
    pub instant: bool,
}

impl Offering {
    /// Why nobody can book it at all, where that is so.
    pub fn closed(&self) -> Option<WhyNot> {
        match (self.doctor_active, self.service_active) {
            (false, _) => Some(WhyNot::DoctorInactive),
            (true, false) => Some(WhyNot::ServiceInactive),
            (true, true) => None,
        }
    }

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
pub(super) struct Row {
    doctor_id: i64,
    doctor_name: String,
    doctor_active: bool,
    clinic_id: i64,
    clinic_name: String,
    clinic_address: String,
    time_zone: String,
    service_id: i64,
    service_key: String,
    service_name: String,
    service_active: bool,
    mode: String,
    duration_minutes: i32,
    buffer_before_minutes: i32,
    buffer_after_minutes: i32,
    slot_interval_minutes: i32,
    notice_minutes: i32,
    horizon_days: i32,
    horizon_unit: String,
    cutoff_minutes: i32,
    instant: bool,
    price_minor: Option<i64>,
    currency: Option<String>,
}

impl Row {
    fn into_offering(self) -> Result<Offering, Failure> {
        let zone = time::zone(&self.time_zone).ok_or_else(|| {
            tracing::error!(
                clinic.id = self.clinic_id,
                zone = self.time_zone,
                "unknown time zone"
            );
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
            service_key: self.service_key,
            service_name: self.service_name,
            service_active: self.service_active,
            mode: self.mode,
            rules: ServiceRules {
                duration: self.duration_minutes.into(),
                buffer_before: self.buffer_before_minutes.into(),
                buffer_after: self.buffer_after_minutes.into(),
                interval: self.slot_interval_minutes,
                notice: self.notice_minutes.into(),
                horizon: match self.horizon_unit.as_str() {
                    "working_days" => Horizon::WorkingDays(self.horizon_days),
                    _ => Horizon::CalendarDays(self.horizon_days),
                },
            },
            price: Price::of(self.price_minor, self.currency),
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
                      services.id as service_id, services.key as service_key, services.name as service_name,
                      services.active as service_active, services.mode,
                      duration_minutes, buffer_before_minutes, buffer_after_minutes, slot_interval_minutes,
                      notice_minutes, horizon_days, horizon_unit, cutoff_minutes, instant, price_minor, currency
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
    offerings_of_many(connection, &[doctor_id]).await
}

pub(super) async fn offerings_of_many(
    connection: &mut PgConnection,
    doctors: &[i64],
) -> Result<Vec<Offering>, Failure> {
    offerings!(
        "where doctors.id = any($1)
         order by doctors.id, clinics.id, services.id",
        doctors
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_offering)
    .collect()
}

/// Everything that can be booked with a doctor, or with all of them, by doctor.
///
/// # Errors
/// Those of the database.
pub async fn offered(database: &Database, doctor_id: Option<i64>) -> Result<Vec<Offering>, AppError> {
    database
        .read("availability.offered", move |mut connection| async move {
            offerings!(
                "where doctors.active and services.active and ($1::bigint is null or doctors.id = $1)
                 order by doctors.name, doctors.id, clinics.id, services.id",
                doctor_id
            )
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .map(Row::into_offering)
            .collect()
        })
        .await
}

/// A service with every active doctor who offers it, by clinic and doctor.
pub(super) async fn offerings_of_any(
    connection: &mut PgConnection,
    wanted: &AnyDoctor,
) -> Result<Vec<Offering>, Failure> {
    let (id, key) = match &wanted.service {
        Named::Id(id) => (Some(*id), None),
        // No service is called that, and the database would not even look.
        Named::Key(key) if key.contains('\0') => return Ok(Vec::new()),
        Named::Key(key) => (None, Some(key.as_str())),
    };
    offerings!(
        "where (services.id = $1 or services.key = $2) and ($3::bigint is null or clinics.id = $3)
           and doctors.active and services.active
         order by clinics.id, doctors.id",
        id,
        key,
        wanted.clinic_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_offering)
    .collect()
}

/// Each service that an active doctor offers, once.
pub(super) async fn offerings_of_services(
    connection: &mut PgConnection,
    clinic_id: Option<i64>,
) -> Result<Vec<Offering>, Failure> {
    offerings!(
        "where doctors.active and services.active
           and (offers.service_id, offers.clinic_id, offers.doctor_id) in (
               select distinct on (offers.service_id) offers.service_id, offers.clinic_id, offers.doctor_id
               from offers join doctors on doctors.id = offers.doctor_id
               where doctors.active and ($1::bigint is null or offers.clinic_id = $1)
               order by offers.service_id, offers.clinic_id, offers.doctor_id)
         order by services.id",
        clinic_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_offering)
    .collect()
}

/// The same service at the same place of other active doctors, and at other places where none is.
pub(super) async fn offerings_of_others(
    connection: &mut PgConnection,
    wanted: Wanted,
) -> Result<Vec<Offering>, Failure> {
    offerings!(
        "where offers.service_id = $1 and doctors.id <> $2 and doctors.active and services.active
           and (services.mode <> 'in_person' or clinics.id = $3)
         order by clinics.id <> $3, doctors.id
         limit 20",
        wanted.service_id,
        wanted.doctor_id,
        wanted.clinic_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::into_offering)
    .collect()
}

/// The offering that is wanted, with its doctor locked until the transaction ends: against being deactivated, and
/// against a change of what they offer and of what that is.
///
/// # Errors
/// `NOT_FOUND`, also for a doctor or a service that takes no bookings.
pub async fn lock_offering(tx: &mut Tx, wanted: Wanted) -> Result<Offering, Failure> {
    let locked = sqlx::query_scalar!("select id from doctors where id = $1 for share", wanted.doctor_id);
    locking(Lock::Doctor, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::NotFound)?;
    // Another statement: one that had waited for the lock itself would know of the doctor as they are now, and of
    // what they offer as it was before.
    let offering = offerings!(
        "where offers.doctor_id = $1 and offers.clinic_id = $2 and offers.service_id = $3",
        wanted.doctor_id,
        wanted.clinic_id,
        wanted.service_id
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::NotFound)?
    .into_offering()?;
    match offering.closed() {
        None => Ok(offering),
        Some(_) => Err(AppError::NotFound.into()),
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

pub(super) fn doctors_of(places: &[(i64, i64)]) -> Vec<i64> {
    let mut doctors: Vec<i64> = places.iter().map(|(doctor_id, _)| *doctor_id).collect();
    doctors.sort_unstable();
    doctors.dedup();
    doctors
}

/// The plans of doctors at clinics, as far as they are about these dates.
///
/// # Errors
/// Those of the database.
pub async fn plans(
    connection: &mut PgConnection,
    places: &[(i64, i64)],
    first: civil::Date,
    last: civil::Date,
) -> Result<HashMap<(i64, i64), Plan>, Failure> {
    Ok(read(connection, places, (first, last), None).await?.plans)
}

/// Which busy times are read: those that overlap a range, but for exceptions.
struct Busy<'a> {
    range: Range,
    except: &'a Except,
    now: Timestamp,
}

/// What is read of some doctors.
struct Known {
    /// By doctor and clinic.
    plans: HashMap<(i64, i64), Plan>,
    /// By doctor; one after the other, and none overlaps the next.
    busy: HashMap<i64, Vec<Range>>,
}

/// A part of what is known of a doctor: hours of the week or of a date that is an exception, time off, or everything
/// that is busy.
struct Part {
    kind: String,
    doctor_id: Option<i64>,
    clinic_id: Option<i64>,
    weekday: Option<i16>,
    from_minute: Option<i32>,
    until_minute: Option<i32>,
    /// Of hours, whether they are a break; of time off, whether it is yearly.
    flag: Option<bool>,
    first_day: Option<jiff_sqlx::Date>,
    last_day: Option<jiff_sqlx::Date>,
    busy_from: Option<Vec<jiff_sqlx::Timestamp>>,
    busy_until: Option<Vec<jiff_sqlx::Timestamp>>,
}

impl Part {
    fn hours(&self) -> Option<Hours> {
        let hours = self.from_minute.zip(self.until_minute);
        hours.map(|(from_minute, until_minute)| Hours {
            from_minute,
            until_minute,
        })
    }

    fn days(&self) -> (Option<civil::Date>, Option<civil::Date>) {
        let day = |date: Option<jiff_sqlx::Date>| date.map(jiff_sqlx::Date::to_jiff);
        (day(self.first_day), day(self.last_day))
    }

    /// Writes hours into the plan that they belong to.
    fn add_hours(&self, plan: &mut Plan) {
        let (is_break, (first_day, last_day)) = (self.flag == Some(true), self.days());
        let weekday = self.weekday.and_then(|weekday| i8::try_from(weekday).ok());
        let weekday = weekday.and_then(|weekday| civil::Weekday::from_monday_one_offset(weekday).ok());
        match (self.kind.as_str(), weekday, first_day, self.hours()) {
            ("week", Some(weekday), valid_from, Some(hours)) => plan.weekly.push(Weekly {
                weekday,
                hours,
                is_break,
                valid_from,
                valid_until: last_day,
            }),
            ("exception", _, Some(day), hours) => {
                let day = plan.exceptions.entry(day).or_default();
                if let Some(hours) = hours {
                    day.push(hours, is_break);
                }
            }
            _ => {}
        }
    }

    fn time_off(&self) -> Option<TimeOff> {
        let (first_day, last_day) = self.days();
        Some(TimeOff {
            kind: match self.doctor_id {
                Some(_) => Off::Absence,
                None => Off::Closure,
            },
            first_day: first_day?,
            last_day: last_day?,
            hours: self.hours(),
            yearly: self.flag == Some(true),
        })
    }
}

/// Reads the plans of doctors at clinics, as far as they are about these dates, and with them what is busy: in one
/// statement, however many there are.
///
/// # Errors
/// Those of the database.
async fn read(
    connection: &mut PgConnection,
    places: &[(i64, i64)],
    (first, last): (civil::Date, civil::Date),
    busy: Option<Busy<'_>>,
) -> Result<Known, Failure> {
    let doctors = doctors_of(places);
    let mut plans: HashMap<(i64, i64), Plan> = places.iter().map(|place| (*place, Plan::default())).collect();
    let mut taken: HashMap<i64, Vec<Range>> = HashMap::new();
    let range = busy.as_ref().map(|busy| busy.range);
    let except = busy.as_ref().map(|busy| busy.except);
    // Of an array, PostgreSQL knows the length when it plans for a value and not when it plans for all, and would plan
    // each time anew. Of what is selected from it, it never knows.
    let rows = sqlx::query_as!(
        Part,
        r#"with doctors as (select unnest($1::bigint[]) as id)
           select 'week' as "kind!", doctor_id, clinic_id, weekday, from_minute, until_minute, is_break as flag,
                  valid_from as first_day, valid_until as last_day,
                  null::timestamptz[] as "busy_from: Vec<jiff_sqlx::Timestamp>",
                  null::timestamptz[] as "busy_until: Vec<jiff_sqlx::Timestamp>"
           from working_hours
           where doctor_id = any(array(select id from doctors))
             and coalesce(valid_from <= $3, true) and coalesce(valid_until >= $2, true)
           union all
           select 'exception', doctor_id, clinic_id, null, from_minute, until_minute, is_break, day, day, null, null
           from plan_exceptions
           left join plan_exception_hours on exception_id = plan_exceptions.id
           where doctor_id = any(array(select id from doctors)) and day between $2 and $3
           union all
           select 'off', doctor_id, clinic_id, null, from_minute, until_minute, yearly, first_day, last_day, null, null
           from time_off
           where (doctor_id is null or doctor_id = any(array(select id from doctors)))
             and first_day <= $3 and (last_day >= $2 or yearly)
           union all
           select 'busy', doctors.id, null, null, null, null, null, null, null, busy_from, busy_until
           from doctors, lateral (
               select array_agg(blocks_from) as busy_from, array_agg(blocks_until) as busy_until
               from appointments
               where doctor_id = doctors.id
                 and starts_at >= $4 and starts_at < $5
                 and blocks_from < $7 and blocks_until > $6
                 and occupies(appointments, $8)
                 and appointments.id is distinct from $9
                 and (status <> 'held' or held_by is distinct from $10)) as appointments"#,
        &doctors,
        first.to_sqlx(),
        last.to_sqlx(),
        range.map(|range| plus_minutes(range.start, -MARGIN_MINUTES).to_sqlx()) as _,
        range.map(|range| plus_minutes(range.end, MARGIN_MINUTES).to_sqlx()) as _,
        range.map(|range| range.start.to_sqlx()) as _,
        range.map(|range| range.end.to_sqlx()) as _,
        busy.as_ref().map(|busy| busy.now.to_sqlx()) as _,
        except.and_then(|except| except.appointment_id),
        except.and_then(|except| except.holds_of.as_deref()),
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        match row.kind.as_str() {
            "busy" => {
                let (from, until) = (
                    row.busy_from.unwrap_or_default(),
                    row.busy_until.unwrap_or_default(),
                );
                let ranges = from.into_iter().zip(until);
                let ranges = ranges.map(|(from, until)| Range::new(from.to_jiff(), until.to_jiff()));
                let mut ranges: Vec<Range> = ranges.collect();
                merge(&mut ranges);
                taken.extend(row.doctor_id.map(|id| (id, ranges)));
            }
            "off" => {
                let off = row.time_off();
                for (&(doctor_id, clinic_id), plan) in &mut plans {
                    let is_theirs = row.doctor_id.is_none_or(|id| id == doctor_id)
                        && row.clinic_id.is_none_or(|id| id == clinic_id);
                    plan.time_off.extend(off.filter(|_| is_theirs));
                }
            }
            _ => {
                let place = row.doctor_id.zip(row.clinic_id);
                if let Some(plan) = place.and_then(|place| plans.get_mut(&place)) {
                    row.add_hours(plan);
                }
            }
        }
    }
    Ok(Known { plans, busy: taken })
}

/// The calendars of several offerings between two dates, in one statement however many there are.
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
    let places: Vec<(i64, i64)> = offerings
        .iter()
        .map(|offering| (offering.doctor_id, offering.clinic_id))
        .collect();
    let busy = Busy {
        range: window(offerings, first, last),
        except,
        now,
    };
    let known = read(connection, &places, (first, last), Some(busy)).await?;
    Ok(offerings
        .iter()
        .map(|offering| Calendar {
            closed: offering.closed(),
            zone: offering.zone.clone(),
            plan: known
                .plans
                .get(&(offering.doctor_id, offering.clinic_id))
                .cloned()
                .unwrap_or_default(),
            rules: offering.rules,
            busy: known.busy.get(&offering.doctor_id).cloned().unwrap_or_default(),
            now,
        })
        .collect())
}

/// What touches or overlaps becomes one: of who is booked out, little is left to compare times with.
pub(super) fn merge(ranges: &mut Vec<Range>) {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let is_one = next.start <= last.end;
        if is_one {
            last.end = last.end.max(next.end);
        }
        is_one
    });
}

/// What the times of these dates can block, wherever they are: from the first midnight to the last one, with what
/// hangs over.
pub(super) fn window(offerings: &[Offering], first: civil::Date, last: civil::Date) -> Range {
    let blocked = offerings.iter().filter_map(|offering| {
        let (rules, zone) = (&offering.rules, &offering.zone);
        let start = time::first_instant(first, 0, zone)?;
        let end = time::last_instant(last, 1440, zone)?;
        Some(Range::new(
            plus_minutes(start, -rules.buffer_before),
            plus_minutes(end, rules.duration + rules.buffer_after),
        ))
    });
    blocked
        .reduce(|one, other| Range::new(one.start.min(other.start), one.end.max(other.end)))
        // Past the last year that there is, nothing is offered.
        .unwrap_or(Range::new(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH))
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
    calendars(
        connection,
        std::slice::from_ref(offering),
        date,
        date,
        except,
        now,
    )
    .await?
    .pop()
    .ok_or(Failure::Refused(AppError::Internal))
}

/// What programs call a service, and the zone of a clinic.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn names(
    database: &Database,
    clinic_id: i64,
    service_id: i64,
) -> Result<(String, String), AppError> {
    database
        .read("availability.names", move |mut connection| async move {
            let row = sqlx::query!(
                "select key, time_zone from services, clinics where services.id = $1 and clinics.id = $2",
                service_id,
                clinic_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            Ok((row.key, row.time_zone))
        })
        .await
}
