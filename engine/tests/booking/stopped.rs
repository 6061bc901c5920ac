//! A doctor who stops taking bookings while people book.

use crate::support::{TestApp, VISIT, hold};
use engine::{
    booking,
    error::AppError,
    organisation::{SetActive, set_doctor_active},
};

#[tokio::test]
async fn a_doctor_who_stops_waits_for_a_booking_that_has_begun() {
    let app = TestApp::crowded().await;
    let doctor = app.doctors[0].id;
    // Somebody else is booking in the same hour, so this booking waits, with the doctor locked.
    let early = app.wanted(0, VISIT, app.slot(18));
    app.hold(1, app.wanted(0, VISIT, app.slot(19)), app.now)
        .await
        .unwrap();
    let mut other = app.database.pool().begin().await.unwrap();
    sqlx::query("select from calendar_hours for update")
        .execute(&mut *other)
        .await
        .unwrap();
    let (database, now) = (app.database.clone(), app.now);
    let booking = tokio::spawn(async move { booking::hold(&database, hold(2, early), now).await });
    app.until_waiting(1).await;
    let database = app.database.clone();
    let command = SetActive {
        caller: app.admin_caller(),
        doctor_id: doctor,
        active: false,
        version: 1,
        key: None,
    };
    let stopping = tokio::spawn(async move { set_doctor_active(&database, command, now).await.map(drop) });
    app.until_waiting(2).await;
    assert!(!stopping.is_finished());
    other.rollback().await.unwrap();
    booking.await.unwrap().unwrap();
    stopping.await.unwrap().unwrap();
    let late = app.hold(3, app.wanted(0, VISIT, app.slot(30)), app.now).await;
    assert_eq!(late, Err(AppError::NotFound));
}

#[tokio::test]
async fn a_booking_that_arrives_while_its_doctor_stops_is_refused() {
    let app = TestApp::crowded().await;
    let wanted = app.wanted(0, VISIT, app.slot(18));
    let mut stopping = app.database.pool().begin().await.unwrap();
    sqlx::query("update doctors set active = false where id = $1")
        .bind(app.doctors[0].id)
        .execute(&mut *stopping)
        .await
        .unwrap();
    let (database, now) = (app.database.clone(), app.now);
    let booking = tokio::spawn(async move { booking::hold(&database, hold(1, wanted), now).await });
    app.until_waiting(1).await;
    stopping.commit().await.unwrap();
    assert_eq!(booking.await.unwrap(), Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn every_hold_that_races_the_doctors_stop_is_made_or_refused() {
    let app = TestApp::crowded().await;
    let (doctor, now) = (app.doctors[0].id, app.now);
    let racers: Vec<_> = (0..25)
        .map(|number| {
            let database = app.database.clone();
            let command = SetActive {
                caller: app.admin_caller(),
                doctor_id: doctor,
                active: false,
                version: 1,
                key: None,
            };
            let wanted = app.wanted(0, VISIT, app.slot(2 * i64::try_from(number).unwrap()));
            async move {
                if number == 12 {
                    set_doctor_active(&database, command, now).await.map(drop)
                } else {
                    booking::hold(&database, hold(number, wanted), now)
                        .await
                        .map(drop)
                }
            }
        })
        .collect();
    let results = app.race(racers).await;
    results[12].unwrap();
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(()) | Err(AppError::NotFound))),
        "{results:?}"
    );
    let held = i64::try_from(results.iter().flatten().count()).unwrap() - 1;
    assert_eq!(app.count("select count(*) from appointments").await, held);
}
