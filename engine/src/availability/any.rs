//! A service with any of the doctors who offer it: the free times.

use std::collections::BTreeMap;

use jiff::{Span, Timestamp, civil};
use sqlx::PgConnection;

use super::{
    Day, Except, Offering, Page, Slot, calendars, offerings_of_any, times::DAYS_PER_PAGE, window::Window,
};
use crate::{
    database::{Database, Failure},
    error::AppError,
    time::{self, Range},
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

pub(super) fn plus_days(date: civil::Date, days: i32) -> civil::Date {
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
            if offerings.is_empty() {
                return Err(AppError::NotFound.into());
            }
            // Where the window has nothing, it begins now, which is not when it begins elsewhere.
            let dates = offerings
                .iter()
                .zip(&ranges)
                .filter(|(_, range)| range.start < range.end)
                .map(|(one, range)| dates(one, range));
            let Some(dates) = dates.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else {
                return Ok(Vec::new());
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
