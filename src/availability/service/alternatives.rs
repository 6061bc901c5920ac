//! What to offer instead of a time that is gone (B4).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use sqlx::PgConnection;

use super::{
    AnyDoctor, Except, Named, Offering, calendars, offerings_of, offerings_of_any, offerings_of_others,
};
use crate::{
    availability::Calendar,
    booking::Wanted,
    database::{Database, Failure},
    error::AppError,
    time,
};

/// Another time that can be had instead (B4).
#[derive(Clone, Debug)]
pub struct Alternative {
    pub offering: Offering,
    pub starts_at: Timestamp,
}

/// The nearest free times instead of one that is gone: of the same doctor, and the same time with
/// another doctor; of all doctors, where any of them would have done. At most three, from rows as they are now.
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
            let mut offerings = candidates(&mut connection, wanted).await?;
            let date = time::local_date(starts_at, &TimeZone::UTC);
            let around = |days: i32| date.saturating_add(jiff::Span::new().days(days));
            // The days next to it nearly always have enough; many who lose one race ask at once.
            let (first, last) = (around(-1), around(1));
            let near = calendars(&mut connection, &offerings, first, last, &except, now).await?;
            let same_time = same_time(wanted, &offerings, &near);
            let most = MOST - usize::from(same_time.is_some());
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

/// How many alternatives are offered.
const MOST: usize = 3;

/// Whatever is nearer than this is on the day itself or on the days next to it.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What was wanted, and the same with others.
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
