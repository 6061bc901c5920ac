//! The first free times of a service with any doctor.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil};

use crate::support::{TestApp, VISIT};
use engine::{
    availability::{AnyTime, Window, first_free, page_of_any},
    time::{Bound, GivenTime, plus_minutes},
};

async fn first_times(app: &TestApp, most: usize) -> Vec<AnyTime> {
    let at = |minutes| Some(Bound::Time(GivenTime::At(plus_minutes(app.now, minutes))));
    let range = Window {
        from: at(0),
        to: at(30 * 24 * 60),
    };
    first_free(&app.database, app.any_doctor(VISIT), range, most, app.now)
        .await
        .unwrap()
}

/// Books everybody out for ten days, but for one time of the third doctor in the eighth night.
async fn book_everybody_out(app: &TestApp) {
    app.sql(
        "insert into patients (phone, name) select '+62812444' || lpad(n::text, 5, '0'), 'P' from generate_series(1, 4) n;
         insert into appointments (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
             blocks_from, blocks_until, duration_minutes, mode)
         select 'R' || d.id || '-' || n, d.id, 1, 1,
                (select id from patients order by phone limit 1 offset d.id - (select min(id) from doctors)),
                'confirmed', at, at + interval '30 minutes', at, at + interval '30 minutes', 30, 'in_person'
         from doctors d, generate_series(0, 10 * 48 - 1) n,
              lateral (select date_trunc('day', now(), 'UTC') + n * interval '30 minutes' as at) t
         where not (n = 8 * 48 + 3 and d.id = (select min(id) + 2 from doctors))",
    )
    .await;
}

#[tokio::test]
async fn the_first_free_times_name_every_doctor_who_is_free_then() {
    let app = TestApp::new().await;
    let ids: Vec<i64> = app.doctors.iter().map(|doctor| doctor.id).collect();
    book_everybody_out(&app).await;
    let times = first_times(&app, 3).await;
    let midnight = Timestamp::from_second(app.now.as_second().div_euclid(86_400) * 86_400).unwrap();
    let at = |number: i64| plus_minutes(midnight, 30 * number);
    let found: Vec<(Timestamp, Vec<i64>)> = times
        .into_iter()
        .map(|time| (time.starts_at, time.doctors))
        .collect();
    assert_eq!(
        found,
        [
            (at(8 * 48 + 3), vec![ids[2]]),
            (at(480), ids.clone()),
            (at(481), ids.clone()),
        ]
    );
}

#[tokio::test]
async fn the_page_of_any_doctor_lists_free_times_by_day() {
    let app = TestApp::new().await;
    book_everybody_out(&app).await;
    let page = page_of_any(&app.database, app.services[VISIT], None, None, None, app.now)
        .await
        .unwrap();
    assert!(page.anywhere);
    let days: Vec<usize> = page.times.days.iter().map(|day| day.free()).collect();
    assert_eq!(days, [1, 48, 48, 48, 48, 48, 48, 48, 48, 48]);
    assert_eq!(page.times.earlier, None);
    let next = page.times.days[9].date.saturating_add(jiff::Span::new().days(1));
    assert_eq!(page.times.later, Some(next));
    let next_page = page_of_any(
        &app.database,
        app.services[VISIT],
        None,
        Some(next),
        None,
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(next_page.times.days[0].date, next);
    assert!(next_page.times.earlier.is_some());
    let last = page_of_any(
        &app.database,
        app.services[VISIT],
        None,
        Some(civil::date(9999, 12, 31)),
        None,
        app.now,
    )
    .await
    .unwrap();
    assert!(last.times.days.is_empty());
    assert_eq!(last.times.later, None);
}

/// Adds a clinic in another time zone, where the first doctor works, too.
async fn add_clinic_in_another_zone(app: &TestApp) {
    app.sql(
        "insert into clinics (name, address, city, phone, time_zone)
         values ('East', 'Street 2', 'Town', '+1 555 0101', 'Asia/Jakarta');
         insert into offers select min(doctors.id), max(clinics.id), 1 from doctors, clinics;
         insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
         select min(doctors.id), max(clinics.id), 1, 0, 1440 from doctors, clinics;",
    )
    .await;
}

#[tokio::test]
async fn a_page_lists_the_times_of_clinics_in_one_time_zone() {
    let app = TestApp::new().await;
    add_clinic_in_another_zone(&app).await;
    let page = page_of_any(&app.database, app.services[VISIT], None, None, None, app.now)
        .await
        .unwrap();
    assert!(!page.anywhere);
    assert_eq!(page.places.len(), 2);
    assert_eq!(page.times.offering.clinic_id, app.clinic);
}

#[tokio::test]
async fn the_list_for_programs_spans_time_zones() {
    let app = TestApp::new().await;
    add_clinic_in_another_zone(&app).await;
    let times = first_times(&app, 500).await;
    let clinics: BTreeSet<i64> = times.iter().map(|time| time.offering.clinic_id).collect();
    assert_eq!(clinics.len(), 2);
    assert!(
        times
            .windows(2)
            .all(|pair| pair[0].starts_at <= pair[1].starts_at)
    );
}
