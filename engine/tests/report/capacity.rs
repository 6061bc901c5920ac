//! How much could be booked: against arithmetic of the database's own, and as it was written down.

use engine::report::{Capacity, Filter, Period, remember, report};
use jiff::{ToSpan, civil::date};
use jiff_sqlx::ToSqlx;

use super::{YEAR, asked, period, year};
use crate::support::TestApp;

/// Ranges of time, added and taken away as sets.
const SECOND_COUNT: &str = "
with days as (
    select distinct o.doctor_id, o.clinic_id, c.time_zone, day::date as day
    from offers o join clinics c on c.id = o.clinic_id, generate_series($1::date, $2::date, '1 day') as day
    where coalesce(o.doctor_id = $3, true)),
said as (
    select d.*, h.from_minute, h.until_minute, h.is_break from days d
    join working_hours h on h.doctor_id = d.doctor_id and h.clinic_id = d.clinic_id and h.weekday = extract(isodow from d.day)
    where coalesce(h.valid_from <= d.day, true) and coalesce(h.valid_until >= d.day, true)
      and not exists (select from plan_exceptions e
                      where (e.doctor_id, e.clinic_id, e.day) = (d.doctor_id, d.clinic_id, d.day))
    union all
    select d.*, coalesce(t.from_minute, 0), coalesce(t.until_minute, 1440), true from days d
    join time_off t on coalesce(t.doctor_id = d.doctor_id, true) and coalesce(t.clinic_id = d.clinic_id, true)
    where case when t.yearly then to_char(d.day, 'MMDD') between to_char(t.first_day, 'MMDD') and to_char(t.last_day, 'MMDD')
               else d.day between t.first_day and t.last_day end),
ranges as (
    select doctor_id, clinic_id, day, is_break,
           tstzrange((day + make_interval(mins => from_minute)) at time zone time_zone,
                     (day + make_interval(mins => until_minute)) at time zone time_zone) as during
    from said),
open as (
    select doctor_id, clinic_id, day,
           range_agg(during) filter (where not is_break)
               - coalesce(range_agg(during) filter (where is_break), '{}') as during
    from ranges group by doctor_id, clinic_id, day)
select coalesce(sum(extract(epoch from upper(part) - lower(part)) / 60), 0)::bigint from open, unnest(during) as part";

async fn second_count(app: &TestApp, period: Period, doctor: Option<i64>) -> i64 {
    sqlx::query_scalar(SECOND_COUNT)
        .bind(period.first.to_sqlx())
        .bind(period.last.to_sqlx())
        .bind(doctor)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

async fn capacity(app: &TestApp, period: Period, doctor_id: Option<i64>) -> Capacity {
    let filter = Filter {
        doctor_id,
        ..Filter::default()
    };
    let report = report(&app.database, &app.admin_caller(), asked(period, filter), app.now)
        .await
        .unwrap();
    report.total.capacity.unwrap_or_default()
}

#[tokio::test]
async fn capacity_is_what_sets_of_ranges_say() {
    let app = year().await;
    for (period, doctor) in [
        (YEAR, None),
        (YEAR, Some(app.doctors[0].id)),
        // Nights in which an hour is missing, and comes twice.
        (
            period(date(2025, 3, 30), date(2025, 3, 30)),
            Some(app.doctors[3].id),
        ),
        (
            period(date(2025, 10, 26), date(2025, 10, 26)),
            Some(app.doctors[3].id),
        ),
        (period(date(2025, 5, 1), date(2025, 5, 2)), None),
        (period(date(2025, 6, 9), date(2025, 6, 11)), None),
        (period(date(2025, 12, 24), date(2025, 12, 27)), None),
    ] {
        let found = capacity(&app, period, doctor).await;
        assert_eq!(
            found.minutes,
            second_count(&app, period, doctor).await,
            "{period:?}"
        );
        assert_eq!(found.noted_days, 0, "{period:?}");
        assert!(found.planned_days > 0 || found.minutes == 0, "{period:?}");
    }
    let night = capacity(
        &app,
        period(date(2025, 10, 26), date(2025, 10, 26)),
        Some(app.doctors[3].id),
    )
    .await;
    assert_eq!(night.minutes, 7 * 60 - 30);
}

#[tokio::test]
async fn a_day_that_ended_is_as_it_was_whatever_becomes_of_the_plan() {
    let app = TestApp::new().await;
    let today = engine::time::local_date(app.now, &jiff::tz::TimeZone::UTC);
    let yesterday = today.saturating_sub(1.day());
    let both = period(yesterday, today);
    remember(&app.database, app.now).await.unwrap();
    assert_eq!(app.count("select count(*) from capacity_days").await, 4);
    app.sql("update working_hours set until_minute = 60").await;
    remember(&app.database, app.now).await.unwrap();
    let found = capacity(&app, both, Some(app.doctors[0].id)).await;
    let expected = Capacity {
        minutes: 1440 + 60,
        noted_days: 1,
        planned_days: 0,
    };
    assert_eq!(found, expected);
    // Servers stood still for two days.
    let later = engine::time::plus_minutes(app.now, 2 * 1440);
    remember(&app.database, later).await.unwrap();
    assert_eq!(app.count("select count(*) from capacity_days").await, 12);
    assert_eq!(
        app.count("select count(distinct day) from capacity_days where minutes = 60")
            .await,
        2
    );
}

#[tokio::test]
async fn servers_that_write_a_day_down_at_once_write_it_once() {
    let app = TestApp::crowded().await;
    let racers = (0..10)
        .map(|_| {
            let database = app.database.clone();
            let now = app.now;
            async move { remember(&database, now).await }
        })
        .collect();
    for result in app.race(racers).await {
        result.unwrap();
    }
    assert_eq!(app.count("select count(*) from capacity_days").await, 4);
}

#[tokio::test]
async fn a_doctor_who_has_gone_had_a_plan_until_then() {
    let app = TestApp::new().await;
    app.sql(
        "update doctors set active = false where id = (select min(id) from doctors);
         insert into organisation_changes (changed_at, staff_id, what, doctor_id, version)
         select '2025-03-11 12:00Z', (select min(id) from staff), 'doctor_deactivated', min(id), 2 from doctors",
    )
    .await;
    let march = period(date(2025, 3, 1), date(2025, 3, 31));
    assert_eq!(
        capacity(&app, march, Some(app.doctors[0].id)).await.minutes,
        10 * 1440
    );
    assert_eq!(
        capacity(&app, march, Some(app.doctors[1].id)).await.minutes,
        31 * 1440
    );
}
