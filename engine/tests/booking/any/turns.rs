//! The order in which doctors are asked.

use jiff::Timestamp;

use super::{book_any, turns};
use crate::support::{INSTANT, TestApp, hold, patient_caller, refusal, visitor};
use engine::{
    availability::{Except, in_turn},
    booking,
    error::Refusal,
    idempotency::{Key, KeyOwner},
    time::GivenTime,
};

/// The places of the doctors in the fixture, in the order in which they are asked.
async fn order(app: &TestApp, starts_at: Timestamp) -> Vec<usize> {
    let place = |id: i64| app.doctors.iter().position(|doctor| doctor.id == id).unwrap();
    let doctors = turns(app, starts_at).await.doctors;
    doctors
        .iter()
        .map(|(offering, _)| place(offering.doctor_id))
        .collect()
}

#[tokio::test]
async fn doctors_are_asked_by_their_load_that_day_then_by_how_long_they_wait() {
    let app = TestApp::new().await;
    assert_eq!(
        order(&app, app.slot(20)).await,
        [0, 1, 2, 3],
        "by id, all else being equal"
    );
    let patients = app.patients(5).await;
    // Doctor 0 has two that day, doctor 1 one.
    app.confirmed(patients[0], 0, app.slot(2)).await;
    app.confirmed(patients[1], 0, app.slot(40)).await;
    app.confirmed(patients[2], 1, app.slot(4)).await;
    // Doctor 2 has one on the day before, and doctor 3 has never had any.
    app.confirmed(patients[3], 2, app.slot(30)).await;
    app.sql("update appointments set starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day',
                blocks_from = blocks_from - interval '1 day', blocks_until = blocks_until - interval '1 day'
             where doctor_id = (select max(id) - 1 from doctors)")
        .await;
    assert_eq!(order(&app, app.slot(20)).await, [3, 2, 1, 0]);
    // A doctor whose time is taken is not asked.
    app.confirmed(patients[4], 3, app.slot(20)).await;
    assert_eq!(order(&app, app.slot(20)).await, [2, 1, 0]);
    // A second question gets the same answer.
    assert_eq!(order(&app, app.slot(20)).await, [2, 1, 0]);
}

#[tokio::test]
async fn bookings_with_any_doctor_are_spread_evenly() {
    let app = TestApp::new().await;
    for (number, patient_id) in app.patients(12).await.into_iter().enumerate() {
        let at = app.slot(10 + i64::try_from(number).unwrap());
        book_any(&app, patient_id, at, None).await.unwrap();
    }
    assert_eq!(
        app.count(
            "select count(*) from (select doctor_id from appointments group by doctor_id having count(*) = 3) as even"
        )
        .await,
        4
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_replay_gets_the_same_doctor_even_when_no_other_is_free() {
    let app = TestApp::new().await;
    let ids = app.patients(5).await;
    let at = app.slot(10);
    let me = patient_caller(ids[0]);
    let key = || Some(Key::sent(KeyOwner::Caller(&me), "k", "test", &at).unwrap());
    let first = book_any(&app, ids[0], at, key()).await.unwrap();
    assert_eq!(book_any(&app, ids[0], at, key()).await.unwrap(), first);
    for id in &ids[1..4] {
        book_any(&app, *id, at, None).await.unwrap();
    }
    assert_eq!(book_any(&app, ids[0], at, key()).await.unwrap(), first);
    assert_eq!(
        refusal(&book_any(&app, ids[4], at, None).await),
        Some(Refusal::SlotTaken)
    );
    assert_eq!(app.count("select count(*) from appointments").await, 4);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_patient_who_is_busy_at_that_time_takes_no_doctor() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    app.confirmed(id, 0, app.slot(10)).await;
    assert_eq!(
        refusal(&book_any(&app, id, app.slot(10), None).await),
        Some(Refusal::PatientOverlap)
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}

#[tokio::test]
async fn a_visitor_may_hold_their_time_again_with_any_doctor() {
    let app = TestApp::new().await;
    app.sql("update doctors set active = id = (select min(id) from doctors)")
        .await;
    let held = app
        .hold(1, app.wanted(0, INSTANT, app.slot(10)), app.now)
        .await
        .unwrap();
    let except = Except {
        appointment_id: None,
        holds_of: Some(visitor(1)),
    };
    let any = app.any_doctor(INSTANT);
    let turns = in_turn(
        &app.database,
        any,
        GivenTime::At(app.slot(10)),
        except,
        false,
        None,
        app.now,
    )
    .await
    .unwrap()
    .unwrap();
    let command = hold(1, turns.wanted);
    let again = booking::hold_any(&app.database, turns, command, app.now)
        .await
        .unwrap();
    assert_ne!(held, again);
    assert_eq!(app.appointment(&held).await.0, "cancelled");
    app.assert_sound().await;
}
