//! Plans and busy times of doctors, read together. Nothing here is ever cached (C6).

use std::collections::HashMap;

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{Calendar, Hours, Off, Offering, Plan, TimeOff, Weekly};
use crate::{
    database::Failure,
    error::AppError,
    time::{self, Range, plus_minutes},
};

/// Minutes around a range in which the busy times of the range may start: appointments are at most a day long, their
/// buffers at most a day each.
pub const MARGIN_MINUTES: i64 = 3 * 24 * 60;

/// Appointments that do not count as busy.
#[derive(Clone, Debug, Default)]
pub struct Except {
    /// The appointment that is being moved. It keeps the length and buffers that it was made with.
    pub appointment_id: Option<i64>,
    /// SHA-256 of a visitor's token, who may choose a held time again.
    pub holds_of: Option<Vec<u8>>,
}

fn doctors_of(places: &[(i64, i64)]) -> Vec<i64> {
    let mut doctors: Vec<i64> = places.iter().map(|(doctor_id, _)| *doctor_id).collect();
    doctors.sort_unstable();
    doctors.dedup();
    doctors
}

/// The plans of doctors at clinics for these dates.
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

/// The busy times to read: those that overlap a range, but for exceptions.
struct Busy<'a> {
    range: Range,
    except: &'a Except,
    patient: Option<&'a Patient>,
    now: Timestamp,
}

/// A patient whose own appointments are read together with the doctors' busy times.
#[derive(Clone, Debug)]
pub struct Patient {
    pub id: i64,
    /// The ids of appointments that do not count.
    pub except: Vec<i64>,
}

/// The plans and busy times of some doctors.
struct PlansAndBusy {
    /// By doctor and clinic.
    plans: HashMap<(i64, i64), Plan>,
    /// By doctor; one after the other, and none overlaps the next.
    busy: HashMap<i64, Vec<Range>>,
    /// The same by calendars elsewhere.
    busy_elsewhere: HashMap<i64, Vec<Range>>,
    /// The times of the patient's appointments, without holds.
    elsewhere: Vec<Range>,
}

/// A row about a doctor: hours of the week or of an exceptional date, time off, or all busy times, here or elsewhere; or about a
/// patient, all appointments.
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

    fn ranges(&self) -> Vec<Range> {
        let (from, until) = (self.busy_from.iter().flatten(), self.busy_until.iter().flatten());
        from.zip(until)
            .map(|(from, until)| Range::new(from.to_jiff(), until.to_jiff()))
            .collect()
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

/// Reads the plans of doctors at clinics for these dates, and their busy times: in one statement, however many doctors
/// there are.
///
/// # Errors
/// Those of the database.
async fn read(
    connection: &mut PgConnection,
    places: &[(i64, i64)],
    (first, last): (civil::Date, civil::Date),
    busy: Option<Busy<'_>>,
) -> Result<PlansAndBusy, Failure> {
    let doctors = doctors_of(places);
    let mut plans: HashMap<(i64, i64), Plan> = places.iter().map(|place| (*place, Plan::default())).collect();
    let (mut taken, mut taken_elsewhere, mut elsewhere) = (HashMap::new(), HashMap::new(), Vec::new());
    let range = busy.as_ref().map(|busy| busy.range);
    let except = busy.as_ref().map(|busy| busy.except);
    let patient = busy.as_ref().and_then(|busy| busy.patient);
    // PostgreSQL knows the length of an array when it plans for a value, and assumes ten elements when it plans for all.
    // So it would find the plan for a value cheaper each time, and plan each time. It never knows the length of an array
    // that is selected.
    let rows = sqlx::query_as!(
        Part,
        r#"with doctors as (select unnest(array(select unnest($1::bigint[]))) as id)
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
                 and (status <> 'held' or held_by is distinct from $10)) as appointments
           union all
           select 'busy elsewhere', doctors.id, null, null, null, null, null, null, null, busy_from, busy_until
           from doctors, lateral (
               select array_agg(lower(span)) as busy_from, array_agg(upper(span)) as busy_until
               from external_busy
               where doctor_id = doctors.id and $6::timestamptz is not null and span && tstzrange($6, greatest($6, $7))) as elsewhere
           where busy_from is not null
           union all
           select 'elsewhere', null, null, null, null, null, null, null, null, array_agg(starts_at), array_agg(ends_at)
           from appointments
           where patient_id = $11
             and starts_at >= $4 and starts_at < $7 and ends_at > $6
             and status <> 'held' and occupies(appointments, $8)
             and id <> all($12)"#,
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
        patient.map(|patient| patient.id),
        patient.map_or(&[][..], |patient| &patient.except),
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        match row.kind.as_str() {
            "busy" => {
                let mut ranges = row.ranges();
                merge(&mut ranges);
                taken.extend(row.doctor_id.map(|id| (id, ranges)));
            }
            "busy elsewhere" => taken_elsewhere.extend(row.doctor_id.map(|id| (id, row.ranges()))),
            "elsewhere" => elsewhere = row.ranges(),
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
    Ok(PlansAndBusy {
        plans,
        busy: taken,
        busy_elsewhere: taken_elsewhere,
        elsewhere,
    })
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
    let (calendars, _) =
        calendars_and_patient(connection, offerings, (first, last), except, None, now).await?;
    Ok(calendars)
}

/// The calendars of several offerings between two dates, and the times of a patient's appointments around these dates, in
/// one statement.
///
/// # Errors
/// Those of the database.
pub async fn calendars_and_patient(
    connection: &mut PgConnection,
    offerings: &[Offering],
    (first, last): (civil::Date, civil::Date),
    except: &Except,
    patient: Option<&Patient>,
    now: Timestamp,
) -> Result<(Vec<Calendar>, Vec<Range>), Failure> {
    let places: Vec<(i64, i64)> = offerings
        .iter()
        .map(|offering| (offering.doctor_id, offering.clinic_id))
        .collect();
    let busy = Busy {
        range: window(offerings, first, last),
        except,
        patient,
        now,
    };
    let known = read(connection, &places, (first, last), Some(busy)).await?;
    let calendars = offerings
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
            busy_elsewhere: known
                .busy_elsewhere
                .get(&offering.doctor_id)
                .cloned()
                .unwrap_or_default(),
            now,
        })
        .collect();
    Ok((calendars, known.elsewhere))
}

/// Merges ranges that touch or overlap, so that a full day is compared with few of them.
fn merge(ranges: &mut Vec<Range>) {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let is_one = next.start <= last.end;
        if is_one {
            last.end = last.end.max(next.end);
        }
        is_one
    });
}

/// The range that the times of these dates can block, in any zone: from the first midnight to the last one, with buffers.
fn window(offerings: &[Offering], first: civil::Date, last: civil::Date) -> Range {
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
