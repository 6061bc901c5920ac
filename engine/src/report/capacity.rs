//! How much could be booked: the minutes of plans, as they were where that was written down.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{By, Capacity, Chosen, Period, table::Table};
use crate::{
    availability::{Plan, plans},
    database::Failure,
    time,
};

/// A doctor at a clinic.
pub(super) struct Place {
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub zone: TimeZone,
    /// The first day on which the doctor took no bookings any more; none where they do.
    until: Option<civil::Date>,
}

/// The places that a plan is kept for: those of doctors who take bookings, or did on the first of these days.
pub(super) async fn places(connection: &mut PgConnection, chosen: &Chosen) -> Result<Vec<Place>, Failure> {
    let rows = sqlx::query!(
        r#"select doctors.id as doctor_id, clinics.id as clinic_id, time_zone, doctors.active,
                  (select max(changed_at) from organisation_changes
                   where organisation_changes.doctor_id = doctors.id and what = 'doctor_deactivated')
                      as "closed_at: jiff_sqlx::Timestamp"
           from (select doctor_id, clinic_id from working_hours
                 union select doctor_id, clinic_id from plan_exceptions) as planned
           join doctors on doctors.id = planned.doctor_id
           join clinics on clinics.id = planned.clinic_id
           where ($1::bigint[] is null or clinics.id = any($1)) and ($2::bigint is null or doctors.id = $2)
           order by clinics.id, doctors.id"#,
        chosen.clinics.as_deref(),
        chosen.doctor_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let zone = time::stored_zone(&row.time_zone)?;
            let closed_on = row.closed_at.map(|at| time::local_date(at.to_jiff(), &zone));
            let until = match row.active {
                true => None,
                // Without a history of it, nobody knows how long there was a plan.
                false => Some(closed_on.unwrap_or(civil::Date::MIN)),
            };
            let is_in_time = until.is_none_or(|until| until > chosen.period.first);
            is_in_time.then_some(Place {
                doctor_id: row.doctor_id,
                clinic_id: row.clinic_id,
                zone,
                until,
            })
        })
        .collect())
}

impl Place {
    /// The minutes of a day, by the plan as it stands.
    pub fn minutes(&self, plan: &Plan, day: civil::Date) -> i64 {
        if self.until.is_some_and(|until| until <= day) {
            return 0;
        }
        let open = plan.open_on(day, &self.zone);
        open.iter()
            .map(|range| (range.end.as_second() - range.start.as_second()) / 60)
            .sum()
    }
}

/// The plans of places for a period.
pub(super) async fn plans_of(
    connection: &mut PgConnection,
    places: &[Place],
    period: Period,
) -> Result<HashMap<(i64, i64), Plan>, Failure> {
    let ids: Vec<(i64, i64)> = places
        .iter()
        .map(|place| (place.doctor_id, place.clinic_id))
        .collect();
    plans(connection, &ids, period.first, period.last).await
}

/// Adds the minutes that could be booked. Days that have been are as they were written down; where they were not, and for days
/// to come, the plan as it stands says it.
pub(super) async fn capacity(
    connection: &mut PgConnection,
    chosen: &Chosen,
    table: &mut Table,
    now: Timestamp,
) -> Result<(), Failure> {
    let places = places(connection, chosen).await?;
    let plans = plans_of(connection, &places, chosen.period).await?;
    let noted = noted(connection, chosen).await?;
    let mut days: BTreeMap<(i64, i64), Capacity> = BTreeMap::new();
    for ((doctor_id, clinic_id, _), minutes) in &noted {
        let capacity = days.entry((*doctor_id, *clinic_id)).or_default();
        capacity.minutes += minutes;
        capacity.noted_days += i64::from(*minutes > 0);
    }
    for place in &places {
        let key = (place.doctor_id, place.clinic_id);
        let Some(plan) = plans.get(&key) else {
            continue;
        };
        let today = time::local_date(now, &place.zone);
        let capacity = days.entry(key).or_default();
        for day in chosen.period.each() {
            if noted.contains_key(&(place.doctor_id, place.clinic_id, day)) {
                continue;
            }
            let minutes = place.minutes(plan, day);
            capacity.minutes += minutes;
            // A plan for days to come is what is known of them.
            capacity.planned_days += i64::from(minutes > 0 && day < today);
        }
    }
    for ((doctor_id, clinic_id), of_place) in days {
        let key = match chosen.by {
            Some(By::Doctor) => Some(doctor_id.to_string()),
            Some(By::Clinic) => Some(clinic_id.to_string()),
            Some(By::Service | By::Channel) | None => None,
        };
        for (is_total, key) in [(true, None), (false, key)] {
            let capacity = table.figures(is_total, key).capacity.get_or_insert_default();
            capacity.minutes += of_place.minutes;
            capacity.noted_days += of_place.noted_days;
            capacity.planned_days += of_place.planned_days;
        }
    }
    Ok(())
}

/// The minutes that were written down, by doctor, clinic and day.
async fn noted(
    connection: &mut PgConnection,
    chosen: &Chosen,
) -> Result<HashMap<(i64, i64, civil::Date), i64>, Failure> {
    let rows = sqlx::query!(
        r#"select doctor_id, clinic_id, day as "day: jiff_sqlx::Date", minutes
           from capacity_days
           where day between $1 and $2
             and ($3::bigint[] is null or clinic_id = any($3)) and ($4::bigint is null or doctor_id = $4)"#,
        chosen.period.first.to_sqlx() as _,
        chosen.period.last.to_sqlx() as _,
        chosen.clinics.as_deref(),
        chosen.doctor_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let key = (row.doctor_id, row.clinic_id, row.day.to_jiff());
            (key, i64::from(row.minutes))
        })
        .collect())
}
