//! Alternatives to a time that is gone (B4).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use sqlx::PgConnection;

use super::{
    AnyDoctor, Calendar, Except, Named, Offering, calendars, offerings_of, offerings_of_any,
    offerings_of_many, offerings_of_others,
};
use crate::{
    account::{Caller, Role},
    booking::Wanted,
    database::{Database, Failure},
    error::AppError,
    time,
};

/// Another time that can be booked instead (B4).
#[derive(Clone, Debug)]
pub struct Alternative {
    pub offering: Offering,
    pub starts_at: Timestamp,
}

/// Whoever asks for another time: what somebody else could book is none to them, and what is at a clinic that is not theirs is
/// not named to them.
#[derive(Clone, Debug)]
pub struct Asker {
    role: Role,
    /// The doctor with whom alone they can book.
    doctor_id: Option<i64>,
    /// The clinics at which alone they can book.
    clinics: Option<Vec<i64>>,
}

impl Asker {
    pub const PATIENT: Self = Self {
        role: Role::Patient,
        doctor_id: None,
        clinics: None,
    };

    pub fn role(&self) -> Role {
        self.role
    }

    fn may_book(&self, offering: &Offering) -> bool {
        let is_theirs = self.doctor_id.is_none_or(|id| id == offering.doctor_id);
        let clinics = self.clinics.as_ref();
        is_theirs && clinics.is_none_or(|clinics| clinics.contains(&offering.clinic_id))
    }
}

impl From<&Caller> for Asker {
    fn from(caller: &Caller) -> Self {
        Self {
            role: caller.role(),
            doctor_id: match caller {
                Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
                Caller::Patient { .. } | Caller::Admin { .. } | Caller::Reception { .. } => None,
            },
            clinics: caller.clinics().map(<[i64]>::to_vec),
        }
    }
}

/// The nearest free times instead of one that is gone: of the same doctor, and the same time with
/// another doctor; of all doctors, where any of them would have done. At most three, from rows as they are now, of
/// those that whoever asks can book.
///
/// # Errors
/// Those of the database.
pub async fn alternatives(
    database: &Database,
    wanted: Wanted,
    except: Except,
    asker: Asker,
    now: Timestamp,
) -> Result<Vec<Alternative>, AppError> {
    let starts_at = wanted.starts_at();
    database
        .read("availability.alternatives", move |mut connection| async move {
            let mut offerings = candidates(&mut connection, wanted).await?;
            offerings.retain(|offering| asker.may_book(offering));
            for offering in &mut offerings {
                offering.rules = offering.rules.asked_of(asker.role);
            }
            let date = time::local_date(starts_at, &TimeZone::UTC);
            let around = |days: i32| date.saturating_add(jiff::Span::new().days(days));
            // The days next to it nearly always have enough; many who lose one race ask at once.
            let (first, last) = (around(-1), around(1));
            let near = calendars(&mut connection, &offerings, first, last, &except, now).await?;
            let same_time = same_time(wanted, &offerings, &near);
            let most = MAX_ALTERNATIVES - usize::from(same_time.is_some());
            let mut nearest = nearest(wanted, &offerings, &near, first, last, most);
            let is_near = |free: &Alternative| free.starts_at.duration_since(starts_at).abs() <= A_DAY;
            if nearest.len() < most || !nearest.iter().all(is_near) {
                let (first, last) = (around(-7), around(14));
                offerings.retain(|offering| is_wanted(wanted, offering));
                let far = calendars(&mut connection, &offerings, first, last, &except, now).await?;
                nearest = self::nearest(wanted, &offerings, &far, first, last, most);
            }
            nearest.extend(same_time);
            Ok(nearest)
        })
        .await
}

/// The nearest moments at which a whole visit can be booked instead (B7): all of its segments as far from each other as they
/// were wanted, each with its doctor. At most three, from rows as they are now, of those that whoever asks can book.
///
/// # Errors
/// Those of the database.
pub async fn visits_instead(
    database: &Database,
    segments: Vec<Wanted>,
    asker: Asker,
    now: Timestamp,
) -> Result<Vec<Vec<Alternative>>, AppError> {
    database
        .read("availability.visits_instead", move |mut connection| async move {
            let doctors: Vec<i64> = segments.iter().map(|wanted| wanted.doctor_id).collect();
            let all = offerings_of_many(&mut connection, &doctors).await?;
            let mut offerings: Vec<Offering> = Vec::new();
            for wanted in &segments {
                let is_it = |offering: &&Offering| offering.at(wanted.starts_at()) == *wanted;
                match all.iter().find(is_it).filter(|offering| asker.may_book(offering)) {
                    Some(offering) => {
                        let mut offering = offering.clone();
                        offering.rules = offering.rules.asked_of(asker.role);
                        offerings.push(offering);
                    }
                    None => return Ok(Vec::new()),
                }
            }
            let dates = |wanted: &Wanted| time::local_date(wanted.starts_at(), &TimeZone::UTC);
            let dates = segments.iter().map(dates);
            let (Some(first), Some(last)) = (dates.clone().min(), dates.max()) else {
                return Ok(Vec::new());
            };
            let mut found = Vec::new();
            for (before, after) in [(-1, 1), (-7, 14)] {
                let days = |days: i32| jiff::Span::new().days(days);
                let (first, last) = (
                    first.saturating_add(days(before)),
                    last.saturating_add(days(after)),
                );
                let calendars =
                    calendars(&mut connection, &offerings, first, last, &Except::default(), now).await?;
                found = shifted(&segments, &offerings, &calendars, first, last);
                if found.len() == MAX_ALTERNATIVES {
                    break;
                }
            }
            Ok(found)
        })
        .await
}

/// The whole of it, begun at the free times of its first part between these dates, the nearest first.
fn shifted(
    segments: &[Wanted],
    offerings: &[Offering],
    calendars: &[Calendar],
    first: civil::Date,
    last: civil::Date,
) -> Vec<Vec<Alternative>> {
    let (Some(start), Some(calendar)) = (segments.first(), calendars.first()) else {
        return Vec::new();
    };
    let starts = first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last)
        .flat_map(|date| calendar.day(date).slots)
        .filter(|slot| slot.free);
    let mut shifts: Vec<i64> = starts
        .map(|slot| slot.starts_at.as_second() - start.starts_at)
        .filter(|shift| *shift != 0)
        .collect();
    shifts.sort_by_key(|shift| (shift.abs(), -shift));
    let at = |wanted: &Wanted, shift: i64| Timestamp::from_second(wanted.starts_at + shift).ok();
    let fits = |shift: i64| {
        let mut parts = segments.iter().zip(offerings).zip(calendars);
        parts.all(|((wanted, offering), calendar)| {
            at(wanted, shift).is_some_and(|starts_at| {
                // Busy times are known for these dates alone.
                let date = time::local_date(starts_at, &offering.zone);
                first <= date && date <= last && calendar.check(starts_at).is_ok()
            })
        })
    };
    shifts
        .into_iter()
        .filter(|shift| fits(*shift))
        .take(MAX_ALTERNATIVES)
        .map(|shift| {
            let parts = segments.iter().zip(offerings);
            parts
                .filter_map(|(wanted, offering)| {
                    Some(Alternative {
                        offering: offering.clone(),
                        starts_at: at(wanted, shift)?,
                    })
                })
                .collect()
        })
        .collect()
}

/// Number of alternatives that are offered.
const MAX_ALTERNATIVES: usize = 3;

/// Distance of a time that is on the day itself or on the days next to it.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// The wanted offering, and the same service of other doctors.
async fn candidates(connection: &mut PgConnection, wanted: Wanted) -> Result<Vec<Offering>, Failure> {
    if wanted.doctor_id == Wanted::ANY {
        let any = AnyDoctor {
            service: Named::Id(wanted.service_id),
            clinic_id: (wanted.clinic_id != Wanted::ANY).then_some(wanted.clinic_id),
        };
        return offerings_of_any(connection, &any).await;
    }
    let mut offerings: Vec<Offering> = offerings_of(connection, wanted.doctor_id)
        .await?
        .into_iter()
        .filter(|offering| offering.clinic_id == wanted.clinic_id && offering.service_id == wanted.service_id)
        .collect();
    offerings.extend(offerings_of_others(connection, wanted).await?);
    Ok(offerings)
}

/// Whether it is with the doctor who was wanted.
fn is_wanted(wanted: Wanted, offering: &Offering) -> bool {
    wanted.doctor_id == Wanted::ANY || offering.doctor_id == wanted.doctor_id
}

/// The same time with another doctor, where there is one.
fn same_time(wanted: Wanted, offerings: &[Offering], calendars: &[Calendar]) -> Option<Alternative> {
    let starts_at = wanted.starts_at();
    offerings
        .iter()
        .zip(calendars)
        .find(|(offering, calendar)| !is_wanted(wanted, offering) && calendar.check(starts_at).is_ok())
        .map(|(offering, _)| Alternative {
            offering: offering.clone(),
            starts_at,
        })
}

/// The nearest free times of the same doctor, the nearest first.
fn nearest(
    wanted: Wanted,
    offerings: &[Offering],
    calendars: &[Calendar],
    first: civil::Date,
    last: civil::Date,
    most: usize,
) -> Vec<Alternative> {
    let starts_at = wanted.starts_at();
    let mut nearest = BTreeMap::new();
    for (offering, calendar) in offerings.iter().zip(calendars) {
        if !is_wanted(wanted, offering) {
            continue;
        }
        let free = first
            .series(jiff::Span::new().days(1))
            .take_while(|date| *date <= last)
            .flat_map(|date| calendar.day(date).slots)
            .filter(|slot| slot.free);
        for slot in free {
            let distance = (slot.starts_at.as_second() - starts_at.as_second()).abs();
            // Of two that are equally near, the later one: who wanted 10:00 can make 10:30.
            nearest
                .entry((distance, -slot.starts_at.as_second()))
                .or_insert((offering, slot.starts_at));
        }
    }
    nearest
        .into_values()
        .take(most)
        .map(|(offering, starts_at)| Alternative {
            offering: offering.clone(),
            starts_at,
        })
        .collect()
}
