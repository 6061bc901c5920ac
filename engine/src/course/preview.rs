//! Looking at a course before it is booked: which dates are free, and what could be had instead of the others. Nothing is
//! held; the booking asks again, under the locks.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::Pattern;
use crate::{
    account::{Caller, acquaintance::must_know},
    availability::{Calendar, Except, NotOffered, Offering, Patient, calendars_and_patient, offerings_of},
    booking::{
        Rules,
        book::must_be_theirs,
        limit,
        open::{Opened, refuse_too_many},
    },
    database::{Database, Failure},
    error::{AppError, Refusal},
    time::{self, Range},
};

/// The number of days before and after a date on which another time is sought.
const AROUND: i64 = 3;

/// The number of other times that are offered for a date.
const MAX_ALTERNATIVES: usize = 3;

/// A course that somebody asks about.
#[derive(Clone, Debug)]
pub struct Asks {
    /// The patient, a doctor with their own calendar, or an admin.
    pub caller: Caller,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub patient_id: i64,
    pub pattern: Pattern,
    pub rules: Rules,
}

/// The dates of a course, as they are now.
#[derive(Clone, Debug)]
pub struct Preview {
    pub offering: Offering,
    pub dates: Vec<Dated>,
    /// The refusal of the free dates, all together, by a limit of the patient; it is about the first one that is too many.
    pub limit: Option<AppError>,
}

/// A date of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    pub date: Date,
    /// `None` where the clock jumps over the time that day.
    pub starts_at: Option<Timestamp>,
    /// `None` where it is free.
    pub why: Option<Why>,
    /// The nearest free times instead, in their order; none where it is free.
    pub alternatives: Vec<Timestamp>,
}

/// The reason why a date of a course cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The clock of that day does not show the time.
    NoSuchTime,
    /// The doctor does not work then, or it is too soon or too far ahead.
    Closed,
    Taken,
    /// The patient is somewhere else.
    PatientBusy,
}

impl Why {
    /// The name for programs and texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoSuchTime => "no_such_time",
            Self::Closed => "slot_closed",
            Self::Taken => "slot_taken",
            Self::PatientBusy => "patient_overlap",
        }
    }
}

/// Looks at every date of a course.
///
/// # Errors
/// `NOT_FOUND` where nobody offers that, there is no such patient, or the caller has no business with them;
/// `VALIDATION_FAILED` for a pattern without dates or with too many.
pub async fn preview(database: &Database, asks: Asks, now: Timestamp) -> Result<Preview, AppError> {
    must_be_theirs(
        &asks.caller,
        asks.patient_id,
        asks.doctor_id,
        Some(asks.clinic_id),
    )?;
    let dates = asks.pattern.dates()?;
    database
        .read("course.preview", move |mut connection| async move {
            must_know(&mut connection, &asks.caller, asks.patient_id, now).await?;
            let is_there = sqlx::query_scalar!(
                r#"select exists (select from patients where id = $1 and active) as "is_there!""#,
                asks.patient_id,
            );
            if !is_there.fetch_one(&mut *connection).await? {
                return Err(AppError::NotFound.into());
            }
            let role = asks.caller.role();
            let mut offering = offerings_of(&mut connection, asks.doctor_id)
                .await?
                .into_iter()
                .find(|offering| {
                    offering.clinic_id == asks.clinic_id && offering.service_id == asks.service_id
                })
                .filter(|offering| offering.closed().is_none())
                .ok_or(AppError::NotFound)?;
            offering.rules = offering.rules.asked_of(role);
            let look = look(&mut connection, &asks, offering, &dates, now).await?;
            let free: Vec<Timestamp> = look
                .dates
                .iter()
                .filter(|dated| dated.why.is_none())
                .filter_map(|dated| dated.starts_at)
                .collect();
            let limit = limit_of(&mut connection, &asks, &look.offering, &free, now).await?;
            Ok(Preview { limit, ..look })
        })
        .await
}

async fn look(
    connection: &mut sqlx::PgConnection,
    asks: &Asks,
    offering: Offering,
    dates: &[Date],
    now: Timestamp,
) -> Result<Preview, Failure> {
    let around = |date: Option<&Date>, days: i64| date.map(|date| date.saturating_add(days.days()));
    let (first, last) = around(dates.first(), -AROUND)
        .zip(around(dates.last(), AROUND))
        .ok_or(AppError::Internal)?;
    let patient = Patient {
        id: asks.patient_id,
        except: Vec::new(),
    };
    let one = std::slice::from_ref(&offering);
    let (mut calendars, elsewhere) = calendars_and_patient(
        connection,
        one,
        (first, last),
        &Except::default(),
        Some(&patient),
        now,
    )
    .await?;
    let calendar = calendars.pop().ok_or(AppError::Internal)?;
    let mut found: Vec<Dated> = dates
        .iter()
        .map(|date| judge(&calendar, &elsewhere, *date, asks.pattern.minute))
        .collect();
    let chosen: Vec<Range> = found
        .iter()
        .filter(|dated| dated.why.is_none())
        .filter_map(|dated| Some(calendar.rules.blocked(dated.starts_at?)))
        .collect();
    for dated in &mut found {
        if dated.why.is_some() {
            dated.alternatives = instead(&calendar, &elsewhere, &chosen, dated, asks.pattern.minute);
        }
    }
    Ok(Preview {
        offering,
        dates: found,
        limit: None,
    })
}

/// Whether a date can be had. Where an hour comes twice, its first time is meant.
fn judge(calendar: &Calendar, elsewhere: &[Range], date: Date, minute: i32) -> Dated {
    let starts_at = time::instants(date, minute, &calendar.zone).into_iter().next();
    let why = match starts_at.map(|starts_at| (starts_at, calendar.check(starts_at))) {
        None => Some(Why::NoSuchTime),
        Some((_, Err(NotOffered::Closed))) => Some(Why::Closed),
        Some((_, Err(NotOffered::Taken))) => Some(Why::Taken),
        Some((starts_at, Ok(()))) => is_elsewhere(calendar, elsewhere, starts_at).then_some(Why::PatientBusy),
    };
    Dated {
        date,
        starts_at,
        why,
        alternatives: Vec::new(),
    }
}

fn is_elsewhere(calendar: &Calendar, elsewhere: &[Range], starts_at: Timestamp) -> bool {
    let time = calendar.rules.time(starts_at);
    elsewhere.iter().any(|other| other.overlaps(time))
}

/// The nearest times around a date that are free, for the patient too, and apart from the dates that can be had.
fn instead(
    calendar: &Calendar,
    elsewhere: &[Range],
    chosen: &[Range],
    dated: &Dated,
    minute: i32,
) -> Vec<Timestamp> {
    let Some(wished) = dated
        .starts_at
        .or_else(|| time::first_instant(dated.date, minute, &calendar.zone))
    else {
        return Vec::new();
    };
    let mut free: Vec<Timestamp> = (-AROUND..=AROUND)
        .flat_map(|days| calendar.day(dated.date.saturating_add(days.days())).slots)
        .filter(|slot| slot.free)
        .map(|slot| slot.starts_at)
        .filter(|&starts_at| {
            let blocked = calendar.rules.blocked(starts_at);
            !is_elsewhere(calendar, elsewhere, starts_at)
                && !chosen.iter().any(|other| other.overlaps(blocked))
        })
        .collect();
    let distance = |at: &Timestamp| -> SignedDuration { at.duration_since(wished).abs() };
    free.sort_by_key(|at| (distance(at), *at));
    free.truncate(MAX_ALTERNATIVES);
    free.sort_unstable();
    free
}

/// The refusal of these times, all together, by a limit: of the service, or of what a patient may have open.
async fn limit_of(
    connection: &mut sqlx::PgConnection,
    asks: &Asks,
    offering: &Offering,
    free: &[Timestamp],
    now: Timestamp,
) -> Result<Option<AppError>, Failure> {
    let Some(first) = free.first() else {
        return Ok(None);
    };
    if let Some((place, refusal)) =
        limit::foreseen(connection, (&asks.caller, asks.patient_id), offering, free, now).await?
    {
        return Ok(free.get(place).map(|at| refusal.of(offering.at(*at))));
    }
    if asks.caller.role().is_staff() {
        return Ok(None);
    }
    let opened = Opened::of(free.iter().map(|_| offering.instant));
    let wanted = offering.at(*first);
    match refuse_too_many(connection, asks.patient_id, opened, asks.rules, wanted, now).await {
        Ok(()) => Ok(None),
        Err(Failure::Refused(
            error @ AppError::BookingFailed {
                reason: Refusal::TooManyOpen,
                ..
            },
        )) => Ok(Some(error)),
        Err(other) => Err(other),
    }
}
