//! The third next available time: how long somebody waits who asks now. The first ones may be there by chance.

use jiff::{Timestamp, ToSpan};

use super::{Chosen, Filter, Period};
use crate::{
    account::Caller,
    availability::{Except, calendars, offerings_of_many},
    database::Database,
    error::AppError,
    time,
};

/// The most offerings that are looked at.
pub const MAX_WAITS: usize = 60;

/// How many days ahead are looked at.
const MAX_DAYS_AHEAD: i32 = 120;

/// The third free time of a service of a doctor at a clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub doctor: String,
    pub clinic: String,
    pub service: String,
    /// None where there are not three within the days that are looked at.
    pub starts_at: Option<Timestamp>,
    /// Days from today, on the clinic's calendar.
    pub days: Option<i32>,
}

/// Looks for the third free time of each service of each doctor that the caller sees, as it is at this moment.
///
/// # Errors
/// `NOT_FOUND` for patients and reception, and for what is not the caller's; those of the database.
pub async fn third_next(
    database: &Database,
    caller: &Caller,
    filter: Filter,
    now: Timestamp,
) -> Result<Vec<Wait>, AppError> {
    let today = time::local_date(now, &jiff::tz::TimeZone::UTC);
    let period = Period {
        first: today,
        last: today,
    };
    let chosen = Chosen::new(caller, period, filter)?;
    database
        .report("report.third_next", move |mut tx| async move {
            let doctors = sqlx::query_scalar!(
                "select id from doctors
                 where active and ($1::bigint is null or id = $1)
                   and exists (select from offers
                               where doctor_id = doctors.id and ($3::bigint[] is null or clinic_id = any($3))
                                 and ($4::bigint is null or service_id = $4))
                 order by name, id limit $2",
                chosen.doctor_id,
                i64::try_from(MAX_WAITS).unwrap_or(i64::MAX),
                chosen.clinics.as_deref(),
                chosen.service_id,
            )
            .fetch_all(&mut *tx)
            .await?;
            let mut offerings = offerings_of_many(&mut tx, &doctors).await?;
            offerings.retain(|offering| {
                let is_in = |clinics: &Vec<i64>| clinics.contains(&offering.clinic_id);
                offering.closed().is_none()
                    && chosen.clinics.as_ref().is_none_or(is_in)
                    && chosen.service_id.is_none_or(|id| id == offering.service_id)
            });
            offerings.truncate(MAX_WAITS);
            let last = today.saturating_add(MAX_DAYS_AHEAD.days());
            let first = today.saturating_sub(1.day());
            let calendars = calendars(&mut tx, &offerings, first, last, &Except::default(), now).await?;
            Ok(offerings
                .iter()
                .zip(&calendars)
                .map(|(offering, calendar)| {
                    let (today, horizon) = calendar.window();
                    let starts_at = today
                        .series(1.day())
                        .take_while(|day| *day <= horizon.min(last))
                        .flat_map(|day| calendar.day(day).slots)
                        .filter(|slot| slot.free)
                        .nth(2)
                        .map(|slot| slot.starts_at);
                    Wait {
                        doctor: offering.doctor_name.clone(),
                        clinic: offering.clinic_name.clone(),
                        service: offering.service_name.clone(),
                        days: starts_at.map(|at| (time::local_date(at, &offering.zone) - today).get_days()),
                        starts_at,
                    }
                })
                .collect())
        })
        .await
}
