//! Writing down how much of a day could be booked, when it has ended.

use jiff::{Timestamp, ToSpan, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    Chosen, Period,
    capacity::{Place, places, plans_of},
};
use crate::{
    database::{Database, Failure},
    error::AppError,
    time,
};

/// The most days that are made up for at once, after servers had stood still. What is older stays unknown.
const MAX_MISSED_DAYS: i32 = 31;

/// Writes down the days that have ended since the last time, of every doctor at every clinic. The first time it is yesterday:
/// nobody knows what plans were before. Servers that do it at once write the same.
///
/// # Errors
/// Those of the database.
pub async fn remember(database: &Database, now: Timestamp) -> Result<(), AppError> {
    let due = database
        .report("report.remember_due", move |mut tx| async move {
            due(&mut tx, now).await
        })
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    database
        .write("report.remember", move |mut tx| {
            let due = due.clone();
            async move {
                let column = |of: fn(&Ended) -> i64| -> Vec<i64> { due.iter().map(of).collect() };
                let days: Vec<_> = due.iter().map(|ended| ended.day.to_sqlx()).collect();
                sqlx::query!(
                    "insert into capacity_days (doctor_id, clinic_id, day, minutes, noted_at)
                     select doctor_id, clinic_id, day, minutes, $5
                     from unnest($1::bigint[], $2::bigint[], $3::date[], $4::bigint[])
                         as ended (doctor_id, clinic_id, day, minutes)
                     order by clinic_id, day, doctor_id
                     on conflict on constraint capacity_days_pkey do nothing",
                    &column(|ended| ended.doctor_id),
                    &column(|ended| ended.clinic_id),
                    &days as _,
                    &column(|ended| ended.minutes),
                    now.to_sqlx(),
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
}

/// A day of a doctor at a clinic that has ended.
#[derive(Clone, Copy, Debug)]
struct Ended {
    doctor_id: i64,
    clinic_id: i64,
    day: civil::Date,
    minutes: i64,
}

/// The days that have ended, and are not written down.
async fn due(connection: &mut PgConnection, now: Timestamp) -> Result<Vec<Ended>, Failure> {
    let rows = sqlx::query!(
        r#"select clinics.id, time_zone,
                  (select max(day) from capacity_days where clinic_id = clinics.id) as "last: jiff_sqlx::Date"
           from clinics"#,
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut due = Vec::new();
    for row in rows {
        let Some(zone) = time::stored_zone(&row.time_zone) else {
            continue;
        };
        let yesterday = time::local_date(now, &zone).saturating_sub(1.day());
        let oldest = yesterday.saturating_sub((MAX_MISSED_DAYS - 1).days());
        let first = match row.last {
            Some(last) => last.to_jiff().saturating_add(1.day()).max(oldest),
            None => yesterday,
        };
        let Some(period) = Period::new(first, yesterday) else {
            continue;
        };
        let chosen = Chosen {
            period,
            clinics: Some(vec![row.id]),
            doctor_id: None,
            service_id: None,
            by: None,
        };
        let places = places(connection, &chosen).await?;
        let plans = plans_of(connection, &places, period).await?;
        due.extend(places.iter().flat_map(|place: &Place| {
            let plan = plans.get(&(place.doctor_id, place.clinic_id));
            period.each().map(move |day| Ended {
                doctor_id: place.doctor_id,
                clinic_id: place.clinic_id,
                day,
                minutes: plan.map_or(0, |plan| place.minutes(plan, day)),
            })
        }));
    }
    Ok(due)
}
