//! What to offer instead of a time that is gone (B4).

use std::collections::BTreeMap;

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{Except, Offering, calendars, offerings_of, offerings_of_others};
use crate::{availability::Calendar, booking::Wanted, database::Database, error::AppError, time};

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
                    offering.clinic_id == wanted.clinic_id && offering.service_id == wanted.service_id
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
                nearest.insert(
                    (distance, -slot.starts_at.as_second()),
                    (offering, slot.starts_at),
                );
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
        .map(|(offering, starts_at)| Alternative {
            offering: offering.clone(),
            starts_at,
        })
        .collect()
}
