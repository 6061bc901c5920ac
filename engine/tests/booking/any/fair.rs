//! Many who do not mind which doctor they get, at once: they are spread evenly.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{book, turns};
use crate::support::{DOCTORS, TestApp, VISIT, hold};
use engine::{booking, error::AppError};

/// How many each of the doctors has, the fewest first.
async fn spread(app: &TestApp) -> Vec<i64> {
    sqlx::query_scalar(
        "select count(appointments.id) from doctors left join appointments on doctor_id = doctors.id
         where active group by doctors.id order by count(appointments.id)",
    )
    .fetch_all(&mut *app.spare().await)
    .await
    .unwrap()
}

async fn three_doctors(app: &TestApp) {
    app.sql("update doctors set active = id <> (select max(id) from doctors)")
        .await;
    app.open_hours().await;
}

/// All of them have looked before any of them has booked.
async fn all_at_once(app: &TestApp, slots: &[i64]) -> Vec<Result<i64, AppError>> {
    let now = app.now;
    let mut racers = Vec::new();
    for (patient_id, slot) in app.patients(slots.len()).await.into_iter().zip(slots) {
        let turns = turns(app, app.slot(*slot)).await;
        let (database, command) = (app.database.clone(), book(&turns, patient_id, None));
        racers.push(async move {
            let booked = booking::book_any(&database, turns, command, now).await;
            booked.map(|booked| booked.doctor_id)
        });
    }
    app.race_behind(DOCTORS, vec![racers]).await
}

async fn nine_over_three(slots: &[i64]) {
    let app = TestApp::crowded().await;
    three_doctors(&app).await;
    let results = all_at_once(&app, slots).await;
    let mut each: BTreeMap<i64, usize> = BTreeMap::new();
    for result in &results {
        *each.entry(*result.as_ref().unwrap()).or_default() += 1;
    }
    assert_eq!(
        each.values().copied().collect::<Vec<_>>(),
        [3, 3, 3],
        "{results:?}"
    );
    assert_eq!(spread(&app).await, [3, 3, 3]);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn nine_at_once_over_three_doctors_are_three_each() {
    nine_over_three(&[10, 12, 14, 16, 18, 20, 22, 24, 26]).await;
}

#[tokio::test]
async fn three_at_each_of_three_times_are_one_with_each_doctor() {
    nine_over_three(&[10, 10, 10, 12, 12, 12, 14, 14, 14]).await;
}

#[tokio::test]
async fn twelve_who_hold_at_once_are_three_with_each_of_four() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    let now = app.now;
    let mut racers = Vec::new();
    for number in 0..12 {
        let starts_at: Timestamp = app.slot(10 + 2 * i64::try_from(number).unwrap());
        let turns = turns(&app, starts_at).await;
        let (database, command) = (app.database.clone(), hold(number, turns.wanted));
        racers.push(async move { booking::hold_any(&database, turns, command, now).await });
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(spread(&app).await, [3, 3, 3, 3]);
    app.assert_sound().await;
}

/// A doctor whom others name meanwhile has fewer of those who do not mind.
#[tokio::test]
async fn those_who_name_a_doctor_count_for_the_turns_of_the_others() {
    let app = TestApp::crowded().await;
    three_doctors(&app).await;
    let named = app.patient(900).await;
    for slot in [30, 32] {
        app.books(named, app.wanted(0, VISIT, app.slot(slot)))
            .await
            .unwrap();
    }
    let results = all_at_once(&app, &[10, 12, 14, 16, 18, 20, 22]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(spread(&app).await, [3, 3, 3]);
    app.assert_sound().await;
}
