//! The list of times, and whether a time is in it.

use std::sync::Arc;

use jiff::{Timestamp, civil};
use sqlx::PgConnection;

use super::{
    Calendar, Day, Doctor, Except, NotOffered, Offering, calendar_around, calendars, directory, offerings_of,
    window::Window,
};
use crate::{
    account::Role,
    appointment::Appointment,
    booking::Wanted,
    database::{Database, Failure, Reader},
    error::AppError,
    time::{self, GivenTime},
};

/// Days with free times, a page of them.
#[derive(Clone, Debug)]
pub struct Page {
    pub offering: Offering,
    pub days: Vec<Day>,
    /// The first day of the page before and after this one.
    pub earlier: Option<civil::Date>,
    pub later: Option<civil::Date>,
}

pub(super) const DAYS_PER_PAGE: usize = 10;

/// The purpose of a list of times.
#[derive(Clone, Debug)]
pub enum For {
    /// A new appointment, for who may hold a time already.
    Booking { visitor: Option<Vec<u8>> },
    /// Staff book at zero notice.
    Desk,
    /// An appointment that is moved: it keeps its length, and its own time is no obstacle.
    Moving {
        appointment: Box<Appointment>,
        visitor: Option<Vec<u8>>,
        /// Who moves it: staff do so at zero notice.
        by: Role,
    },
}

impl For {
    fn except(&self) -> Except {
        match self {
            Self::Booking { visitor } => Except {
                appointment_id: None,
                holds_of: visitor.clone(),
            },
            Self::Desk => Except::default(),
            Self::Moving {
                appointment, visitor, ..
            } => Except {
                appointment_id: Some(appointment.id),
                holds_of: visitor.clone(),
            },
        }
    }
}

async fn offering_of(
    connection: &mut PgConnection,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
) -> Result<Offering, Failure> {
    offerings_of(connection, doctor_id)
        .await?
        .into_iter()
        .find(|offering| offering.clinic_id == clinic_id && offering.service_id == service_id)
        .ok_or(Failure::Refused(AppError::NotFound))
}

/// Whether this time is in the list right now.
///
/// # Errors
/// `NOT_FOUND` where nobody offers it.
pub async fn is_free(
    database: &Database,
    wanted: Wanted,
    except: Except,
    now: Timestamp,
) -> Result<bool, AppError> {
    database
        .read("availability.is_free", move |mut connection| async move {
            let offering = offering_of(
                &mut connection,
                wanted.doctor_id,
                wanted.clinic_id,
                wanted.service_id,
            )
            .await?;
            let starts_at = wanted.starts_at();
            let calendar = calendar_around(&mut connection, &offering, starts_at, &except, now).await?;
            Ok(calendar.check(starts_at).is_ok())
        })
        .await
}

/// The first time of today that staff can book for the wanted offering, whatever its time.
///
/// # Errors
/// `NOT_FOUND` where nobody offers it.
pub async fn first_free_today(
    connection: &mut PgConnection,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let offering = offering_of(connection, wanted.doctor_id, wanted.clinic_id, wanted.service_id).await?;
    let mut calendar = calendar_around(connection, &offering, now, &Except::default(), now).await?;
    calendar.rules = calendar.rules.asked_of(Role::Admin);
    let today = calendar.day(time::local_date(now, &offering.zone));
    Ok(today
        .slots
        .iter()
        .find(|slot| slot.free)
        .map(|slot| slot.starts_at))
}

/// The page of days with free times that has this date, or the first one; a doctor who takes no bookings has none.
///
/// # Errors
/// `NOT_FOUND` where the doctor does not offer that.
pub async fn page(
    database: &Database,
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    from: Option<civil::Date>,
    purpose: For,
    now: Timestamp,
) -> Result<Page, AppError> {
    let (offering, calendar) = database
        .read("availability.page", move |mut connection| async move {
            let offering = offering_of(&mut connection, doctor_id, clinic_id, service_id).await?;
            whole_calendar(&mut connection, offering, &purpose, now).await
        })
        .await?;
    Ok(turn(offering, &calendar, from))
}

/// An active doctor, with the page of the times of the chosen offering: the first one that fits.
///
/// # Errors
/// `NOT_FOUND` where there is no such doctor, or no such offer.
pub async fn doctor_with_page(
    database: &Database,
    doctor_id: i64,
    (clinic_id, service_id): (Option<i64>, Option<i64>),
    from: Option<civil::Date>,
    visitor: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<Arc<(Doctor, Page)>, AppError> {
    let operation = "availability.doctor_with_page";
    let about = format!("{doctor_id} {clinic_id:?} {service_id:?} {from:?}");
    // What is read for somebody who holds a time is not what others see.
    let is_for_all = visitor.is_none();
    let read = move |mut connection: Reader| async move {
        let doctor = directory::one(&mut connection, doctor_id).await?;
        let is_chosen = |offering: &&Offering| {
            clinic_id.is_none_or(|id| offering.clinic_id == id)
                && service_id.is_none_or(|id| offering.service_id == id)
        };
        let chosen = doctor.offerings.iter().find(is_chosen).cloned();
        let chosen = chosen.ok_or(AppError::NotFound)?;
        let purpose = For::Booking { visitor };
        let (offering, calendar) = whole_calendar(&mut connection, chosen, &purpose, now).await?;
        Ok((doctor, turn(offering, &calendar, from)))
    };
    match is_for_all {
        true => database.read_together(operation, about, read).await,
        false => database.read(operation, read).await.map(Arc::new),
    }
}

/// The calendar of an offering, as far ahead as it can be booked.
async fn whole_calendar(
    connection: &mut PgConnection,
    mut offering: Offering,
    purpose: &For,
    now: Timestamp,
) -> Result<(Offering, Calendar), Failure> {
    offering.rules = match purpose {
        For::Booking { .. } => offering.rules,
        For::Desk => offering.rules.asked_of(Role::Admin),
        For::Moving { appointment, by, .. } => offering
            .rules
            .of_appointment(appointment.time, appointment.blocked)
            .asked_of(*by),
    };
    let today = time::local_date(now, &offering.zone);
    let last = offering.rules.horizon.last_day(today);
    let one = std::slice::from_ref(&offering);
    let calendar = calendars(connection, one, today, last, &purpose.except(), now)
        .await?
        .pop()
        .ok_or(AppError::Internal)?;
    Ok((offering, calendar))
}

/// The page of a calendar that has this date, or the first one.
fn turn(offering: Offering, calendar: &Calendar, from: Option<civil::Date>) -> Page {
    let (first, last) = calendar.window();
    let mut days = first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last)
        .map(|date| calendar.day(date))
        .filter(|day| day.free() > 0)
        .peekable();
    // Days are looked at no further than the page goes, but for where the next one begins.
    let mut next_page = |earlier: Option<civil::Date>| {
        let page: Vec<Day> = days.by_ref().take(DAYS_PER_PAGE).collect();
        let later = days.peek().map(|day| day.date);
        (earlier, page, later)
    };
    let mut page = next_page(None);
    if let Some(from) = from {
        let is_it = |page: &[Day]| page.last().is_some_and(|day| day.date >= from);
        let mut turned = page.clone();
        while !is_it(&turned.1) && turned.2.is_some() {
            turned = next_page(turned.1.first().map(|day| day.date));
        }
        // Past the last page, it is the first one.
        if is_it(&turned.1) {
            page = turned;
        }
    }
    let (earlier, days, later) = page;
    Page {
        offering,
        days,
        earlier,
        later,
    }
}

/// The clinic where a doctor offers a service at this time: the first one whose plan has the time, or the first one
/// at all, whose answer then says why not. Nobody has looked whether the time is free. `None` where there is no
/// such time on the wall clock of any.
///
/// # Errors
/// `NOT_FOUND` where the doctor does not offer that.
pub async fn choose(
    database: &Database,
    doctor_id: i64,
    service_key: String,
    clinic_id: Option<i64>,
    at: GivenTime,
    now: Timestamp,
) -> Result<Option<(Offering, Timestamp)>, AppError> {
    database
        .read("availability.choose", move |mut connection| async move {
            let offerings = offerings_by_key(&mut connection, doctor_id, &service_key, clinic_id).await?;
            let mut candidates: Vec<_> = offerings
                .into_iter()
                .filter_map(|offering| {
                    let starts_at = at.in_zone(&offering.zone)?;
                    Some((offering, starts_at))
                })
                .collect();
            if candidates.is_empty() {
                return Ok(None);
            }
            let mut chosen = 0;
            if candidates.len() > 1 {
                for (index, (offering, starts_at)) in candidates.iter().enumerate() {
                    let mut calendar =
                        calendar_around(&mut connection, offering, *starts_at, &Except::default(), now)
                            .await?;
                    // Of whom notice is asked, the booking itself decides.
                    calendar.rules.notice = 0;
                    if calendar.check(*starts_at) != Err(NotOffered::Closed) {
                        chosen = index;
                        break;
                    }
                }
            }
            Ok(Some(candidates.swap_remove(chosen)))
        })
        .await
}

/// The offerings of a doctor with this key, by clinic.
async fn offerings_by_key(
    connection: &mut PgConnection,
    doctor_id: i64,
    service_key: &str,
    clinic_id: Option<i64>,
) -> Result<Vec<Offering>, Failure> {
    let offerings: Vec<Offering> = offerings_of(connection, doctor_id)
        .await?
        .into_iter()
        .filter(|offering| {
            offering.service_key == service_key && clinic_id.is_none_or(|id| offering.clinic_id == id)
        })
        .collect();
    if offerings.is_empty() {
        return Err(AppError::NotFound.into());
    }
    Ok(offerings)
}

/// Free times of an offering, in order.
#[derive(Clone, Debug)]
pub struct Free {
    pub offering: Offering,
    pub times: Vec<Timestamp>,
}

/// The free times of a service of a doctor in a range of time, by clinic.
///
/// # Errors
/// `NOT_FOUND` where the doctor takes no bookings, or does not offer that; `INVALID_DATE_RANGE`.
pub async fn free(
    database: &Database,
    doctor_id: i64,
    service_key: String,
    clinic_id: Option<i64>,
    window: Window,
    now: Timestamp,
) -> Result<Vec<Free>, AppError> {
    let read = database.read("availability.free", move |mut connection| async move {
        let offerings = offerings_by_key(&mut connection, doctor_id, &service_key, clinic_id).await?;
        if offerings.iter().any(|offering| offering.closed().is_some()) {
            return Err(AppError::NotFound.into());
        }
        let ranges: Vec<_> = offerings
            .iter()
            .zip(window.at(&offerings, now)?)
            .map(|(offering, range)| {
                let today = time::local_date(now, &offering.zone);
                let horizon = offering.rules.horizon.last_day(today);
                let first = time::local_date(range.start, &offering.zone).max(today);
                let last = time::local_date(range.end, &offering.zone).min(horizon);
                (range, first, last)
            })
            .collect();
        let (Some(first), Some(last)) = (
            ranges.iter().map(|(_, first, _)| *first).min(),
            ranges.iter().map(|(_, _, last)| *last).max(),
        ) else {
            return Ok((offerings, ranges, Vec::new()));
        };
        let calendars = calendars(&mut connection, &offerings, first, last, &Except::default(), now).await?;
        Ok((offerings, ranges, calendars))
    });
    let (offerings, ranges, calendars) = read.await?;
    Ok(offerings
        .into_iter()
        .zip(ranges)
        .zip(calendars)
        .map(|((offering, (range, first, last)), calendar)| Free {
            times: first
                .series(jiff::Span::new().days(1))
                .take_while(|date| *date <= last)
                .flat_map(|date| calendar.day(date).slots)
                .filter(|slot| slot.free && slot.starts_at >= range.start && slot.starts_at < range.end)
                .map(|slot| slot.starts_at)
                .collect(),
            offering,
        })
        .collect())
}
