//! The list of times, and whether a time is in it.

use jiff::{Timestamp, civil};
use sqlx::PgConnection;

use super::{Day, Except, NotOffered, Offering, calendar_around, calendars, offerings_of};
use crate::{
    account::Role,
    appointment::Appointment,
    booking::Wanted,
    database::{Database, Failure},
    error::AppError,
    time::{self, Bound, Said},
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

/// What a list of times is for.
#[derive(Clone, Debug)]
pub enum For {
    /// A new appointment, for who may hold a time already.
    Booking { visitor: Option<Vec<u8>> },
    /// Likewise, for staff to book.
    Desk,
    /// An appointment that is moved: it keeps its length, and its own time is no obstacle.
    Moving {
        appointment: Box<Appointment>,
        visitor: Option<Vec<u8>>,
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
            Self::Moving { appointment, visitor } => Except {
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

/// The first time of today that staff can book with what is wanted, at whatever time, if there is one.
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
            let mut offering = offering_of(&mut connection, doctor_id, clinic_id, service_id).await?;
            offering.rules = match &purpose {
                For::Booking { .. } => offering.rules,
                For::Desk => offering.rules.asked_of(Role::Admin),
                For::Moving { appointment, .. } => {
                    offering.rules.of_visit(appointment.visit, appointment.blocked)
                }
            };
            let today = time::local_date(now, &offering.zone);
            let last = offering.rules.horizon.last_day(today);
            let calendar = calendars(
                &mut connection,
                std::slice::from_ref(&offering),
                today,
                last,
                &purpose.except(),
                now,
            )
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
        .and_then(|from| {
            pages
                .iter()
                .position(|page| page.last().is_some_and(|day| day.date >= from))
        })
        .unwrap_or(0);
    let first_day = |index: usize| pages.get(index).and_then(|page| page.first()).map(|day| day.date);
    Ok(Page {
        earlier: index.checked_sub(1).and_then(first_day),
        later: first_day(index + 1),
        days: pages.get(index).map(|page| page.to_vec()).unwrap_or_default(),
        offering,
    })
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
    at: Said,
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

/// What a doctor offers under this key, by clinic.
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
/// `NOT_FOUND` where the doctor takes no bookings, or does not offer that.
pub async fn free(
    database: &Database,
    doctor_id: i64,
    service_key: String,
    clinic_id: Option<i64>,
    (from, to): (Bound, Bound),
    now: Timestamp,
) -> Result<Vec<Free>, AppError> {
    let read = database.read("availability.free", move |mut connection| async move {
        let offerings = offerings_by_key(&mut connection, doctor_id, &service_key, clinic_id).await?;
        if offerings.iter().any(|offering| offering.closed().is_some()) {
            return Err(AppError::NotFound.into());
        }
        let ranges: Vec<_> = offerings
            .iter()
            .map(|offering| {
                let range = time::Range::new(
                    time::bound_in_zone(from.start(), &offering.zone),
                    time::bound_in_zone(to.end(), &offering.zone),
                );
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
