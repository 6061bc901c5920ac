//! A service with any of the doctors who offer it: the free times, and the order in which doctors are asked.

use std::collections::{BTreeMap, HashMap};

use jiff::{Span, Timestamp, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    Day, Except, NotOffered, Offering, Page, Slot, calendars, offerings_of_any, times::DAYS_PER_PAGE,
    window::Window,
};
use crate::{
    booking::Wanted,
    database::{Database, Failure},
    error::{AppError, Refusal},
    time::{self, GivenTime, Range},
};

/// A service, with any doctor who offers it.
#[derive(Clone, Debug)]
pub struct AnyDoctor {
    pub service: Named,
    /// `None` for any clinic.
    pub clinic_id: Option<i64>,
}

/// The name of a service.
#[derive(Clone, Debug)]
pub enum Named {
    Id(i64),
    /// The name for programs.
    Key(String),
}

/// A time at a clinic, and the doctors who are free.
#[derive(Clone, Debug)]
pub struct AnyTime {
    /// Of the first of the doctors.
    pub offering: Offering,
    pub starts_at: Timestamp,
    /// By id; never empty.
    pub doctors: Vec<i64>,
}

/// Numbers of days that are read at a time. The first days nearly always have enough; the strides grow, so that a
/// question costs no more than so many of them.
const STRIDES: [i32; 5] = [1, 2, 4, 9, 48];

fn plus_days(date: civil::Date, days: i32) -> civil::Date {
    date.saturating_add(Span::new().days(days))
}

/// Looks at the days of all these offerings, from the first one to the last, with what each doctor offers: stride by
/// stride, until `look` has seen enough and says so. Answers with the last date that was looked at.
async fn day_by_day(
    connection: &mut PgConnection,
    offerings: &[Offering],
    (first, last): (civil::Date, civil::Date),
    except: &Except,
    now: Timestamp,
    mut look: impl FnMut(civil::Date, Vec<Day>) -> bool,
) -> Result<civil::Date, Failure> {
    let mut from = first;
    for days in STRIDES {
        let until = plus_days(from, days - 1).min(last);
        if from > until {
            break;
        }
        let calendars = calendars(connection, offerings, from, until, except, now).await?;
        while from <= until {
            let days = calendars.iter().map(|calendar| calendar.day(from)).collect();
            if look(from, days) {
                return Ok(from);
            }
            from = plus_days(from, 1);
        }
    }
    Ok(plus_days(from, -1))
}

/// The first free times of a service with any doctor in a range, in order and at most so many; each clinic's on its
/// own, since a time of another place is another one.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that; `INVALID_DATE_RANGE`.
pub async fn first_free(
    database: &Database,
    wanted: AnyDoctor,
    window: Window,
    most: usize,
    now: Timestamp,
) -> Result<Vec<AnyTime>, AppError> {
    database
        .read("availability.first_free", move |mut connection| async move {
            let offerings = offerings_of_any(&mut connection, &wanted).await?;
            let ranges: Vec<Range> = window
                .at(&offerings, now)?
                .into_iter()
                .map(|range| Range::new(range.start.max(now), range.end))
                .collect();
            let dates = |offering: &Offering, range: &Range| {
                let today = time::local_date(now, &offering.zone);
                let horizon = offering.rules.horizon.last_day(today);
                let date = |at| time::local_date(at, &offering.zone);
                (date(range.start), date(range.end).min(horizon))
            };
            let dates = offerings
                .iter()
                .zip(&ranges)
                .map(|(one, range)| dates(one, range));
            let Some(dates) = dates.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else {
                return Err(AppError::NotFound.into());
            };

            // By time and clinic: the place of the first offering that has it, and the doctors.
            let mut times: BTreeMap<(Timestamp, i64), (usize, Vec<i64>)> = BTreeMap::new();
            let look = |date: civil::Date, days: Vec<Day>| {
                for (place, (day, range)) in days.into_iter().zip(&ranges).enumerate() {
                    let offering = &offerings[place];
                    let inside = |slot: &Slot| {
                        slot.free && slot.starts_at >= range.start && slot.starts_at < range.end
                    };
                    for slot in day.slots.into_iter().filter(inside) {
                        let time = times.entry((slot.starts_at, offering.clinic_id));
                        time.or_insert((place, Vec::new())).1.push(offering.doctor_id);
                    }
                }
                // Where the day begins earlier, the next date may have times before the last ones of this.
                let tomorrow = plus_days(date, 1);
                let begins = |offering: &Offering| time::first_instant(tomorrow, 0, &offering.zone);
                let sure = offerings.iter().filter_map(begins).min();
                sure.is_some_and(|sure| times.range(..(sure, i64::MIN)).count() >= most)
            };
            day_by_day(&mut connection, &offerings, dates, &Except::default(), now, look).await?;
            Ok(times
                .into_iter()
                .take(most)
                .map(|((starts_at, _), (place, doctors))| AnyTime {
                    offering: offerings[place].clone(),
                    starts_at,
                    doctors,
                })
                .collect())
        })
        .await
}

/// A page of days on which any doctor is free.
#[derive(Clone, Debug)]
pub struct AnyPage {
    /// Where the service is offered: an offering of each clinic.
    pub places: Vec<Offering>,
    /// Whether the times are those of all places.
    pub anywhere: bool,
    /// Its offering is that of some doctor at the place.
    pub times: Page,
}

/// The days from this date on with times at which any doctor is free, for who may hold a time already. Times of several
/// clinics are in one list only where all of them have the same clock.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that.
pub async fn page_of_any(
    database: &Database,
    service_id: i64,
    clinic_id: Option<i64>,
    from: Option<civil::Date>,
    visitor: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<AnyPage, AppError> {
    database
        .read("availability.page_of_any", move |mut connection| async move {
            let wanted = AnyDoctor {
                service: Named::Id(service_id),
                clinic_id: None,
            };
            let mut offerings = offerings_of_any(&mut connection, &wanted).await?;
            let mut places = offerings.clone();
            places.dedup_by_key(|offering| offering.clinic_id);
            let first = places.first().ok_or(AppError::NotFound)?;
            let one_clock = places.iter().all(|place| place.zone_name == first.zone_name);
            let clinic_id = clinic_id.or((!one_clock).then_some(first.clinic_id));
            offerings.retain(|offering| clinic_id.is_none_or(|id| offering.clinic_id == id));
            let offering = offerings.first().cloned().ok_or(AppError::NotFound)?;

            let today = time::local_date(now, &offering.zone);
            let horizon = offering.rules.horizon.last_day(today);
            let first = from.unwrap_or(today).max(today);
            let except = Except {
                appointment_id: None,
                holds_of: visitor,
            };
            let mut days: Vec<Day> = Vec::new();
            let look = |date: civil::Date, of_each: Vec<Day>| {
                let mut slots: BTreeMap<Timestamp, bool> = BTreeMap::new();
                for slot in of_each.into_iter().flat_map(|day| day.slots) {
                    *slots.entry(slot.starts_at).or_default() |= slot.free;
                }
                let slots = slots
                    .into_iter()
                    .map(|(starts_at, free)| Slot { starts_at, free });
                let day = Day {
                    date,
                    slots: slots.collect(),
                };
                if day.free() > 0 {
                    days.push(day);
                }
                // One more shows where the next page begins.
                days.len() > DAYS_PER_PAGE
            };
            let seen = day_by_day(&mut connection, &offerings, (first, horizon), &except, now, look).await?;
            let later = match days.get(DAYS_PER_PAGE) {
                Some(day) => Some(day.date),
                None => Some(plus_days(seen, 1)).filter(|next| *next <= horizon),
            };
            days.truncate(DAYS_PER_PAGE);
            let a_page = i32::try_from(DAYS_PER_PAGE).unwrap_or(i32::MAX);
            Ok(AnyPage {
                places,
                anywhere: clinic_id.is_none(),
                times: Page {
                    offering,
                    days,
                    earlier: (first > today).then(|| plus_days(first, -a_page).max(today)),
                    later,
                },
            })
        })
        .await
}

/// A service at a clinic, with some doctor; at the first one, where it may be anywhere.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that.
pub async fn place(database: &Database, wanted: AnyDoctor) -> Result<Offering, AppError> {
    database
        .read("availability.place", move |mut connection| async move {
            let offerings = offerings_of_any(&mut connection, &wanted).await?;
            Ok(offerings.into_iter().next().ok_or(AppError::NotFound)?)
        })
        .await
}

/// The doctors who can be booked at a time, in the order in which they are asked.
#[derive(Clone, Debug)]
pub struct Turns {
    /// The time that is refused when nobody is left.
    pub wanted: Wanted,
    /// The reason where nobody is free to begin with.
    pub reason: Refusal,
    pub doctors: Vec<(Offering, Timestamp)>,
}

/// The doctors who have this time free, in turn: those with the fewest appointments on that day first; of those, those
/// who have been without one for the longest; of those, the one with the lowest id. `None` where there is no such time on the wall clock of any clinic.
///
/// It is computed from committed data, and promises nothing: the booking itself looks again, under its
/// locks.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that.
pub async fn in_turn(
    database: &Database,
    wanted: AnyDoctor,
    at: GivenTime,
    except: Except,
    without_notice: bool,
    now: Timestamp,
) -> Result<Option<Turns>, AppError> {
    database
        .read("availability.in_turn", move |mut connection| async move {
            let mut offerings = offerings_of_any(&mut connection, &wanted).await?;
            let service_id = offerings.first().ok_or(AppError::NotFound)?.service_id;
            offerings.retain(|offering| at.in_zone(&offering.zone).is_some());
            let starts: Vec<Timestamp> = offerings
                .iter()
                .filter_map(|offering| at.in_zone(&offering.zone))
                .collect();
            let Some(&starts_at) = starts.first() else {
                return Ok(None);
            };
            let dates = offerings.iter().zip(&starts);
            let dates = dates.map(|(offering, starts_at)| time::local_date(*starts_at, &offering.zone));
            let (first, last) = dates.fold((civil::Date::MAX, civil::Date::MIN), |(first, last), date| {
                (first.min(date), last.max(date))
            });
            let mut calendars = calendars(&mut connection, &offerings, first, last, &except, now).await?;
            let mut reason = Refusal::SlotClosed;
            let mut doctors: Vec<(Offering, Timestamp)> = Vec::new();
            for ((offering, starts_at), calendar) in offerings.into_iter().zip(starts).zip(&mut calendars) {
                if without_notice {
                    calendar.rules.notice = 0;
                }
                match calendar.check(starts_at) {
                    Ok(()) => doctors.push((offering, starts_at)),
                    Err(NotOffered::Taken) => reason = Refusal::SlotTaken,
                    Err(NotOffered::Closed) => {}
                }
            }
            // A doctor who works at several clinics then counts at the first.
            doctors.sort_by_key(|(offering, _)| (offering.doctor_id, offering.clinic_id));
            doctors.dedup_by_key(|(offering, _)| offering.doctor_id);
            let loads = loads(&mut connection, &doctors, now).await?;
            doctors
                .sort_by_key(|(offering, _)| (loads.get(&offering.doctor_id).copied(), offering.doctor_id));
            Ok(Some(Turns {
                wanted: Wanted {
                    doctor_id: Wanted::ANY,
                    clinic_id: wanted.clinic_id.unwrap_or(Wanted::ANY),
                    service_id,
                    starts_at: starts_at.as_second(),
                },
                reason,
                doctors,
            }))
        })
        .await
}

/// The number of appointments of each doctor on the day of the time, and the start of the last one before it.
async fn loads(
    connection: &mut PgConnection,
    doctors: &[(Offering, Timestamp)],
    now: Timestamp,
) -> Result<HashMap<i64, (i64, Option<Timestamp>)>, Failure> {
    let midnight = |offering: &Offering, starts_at: Timestamp, days: i32| {
        let date = plus_days(time::local_date(starts_at, &offering.zone), days);
        time::first_instant(date, 0, &offering.zone)
            .unwrap_or(starts_at)
            .to_sqlx()
    };
    let ids: Vec<i64> = doctors.iter().map(|(offering, _)| offering.doctor_id).collect();
    let times: Vec<_> = doctors.iter().map(|(_, starts_at)| starts_at.to_sqlx()).collect();
    let days: Vec<_> = doctors.iter().map(|(one, at)| midnight(one, *at, 0)).collect();
    let ends: Vec<_> = doctors.iter().map(|(one, at)| midnight(one, *at, 1)).collect();
    let rows = sqlx::query!(
        r#"select wanted.doctor_id as "doctor_id!",
                  (select count(*) from appointments
                   where appointments.doctor_id = wanted.doctor_id
                     and starts_at >= wanted.day and starts_at < wanted.next_day
                     and occupies(appointments, $5)) as "count!",
                  (select max(starts_at) from appointments
                   where appointments.doctor_id = wanted.doctor_id and starts_at < wanted.at
                     and occupies(appointments, $5)) as "last?"
           from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
                as wanted (doctor_id, at, day, next_day)"#,
        &ids,
        &times as _,
        &days as _,
        &ends as _,
        now.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.doctor_id,
                (row.count, row.last.map(jiff_sqlx::Timestamp::to_jiff)),
            )
        })
        .collect())
}
