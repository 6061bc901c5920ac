//! Waiting for seats of classes, which have no doctor.

use engine::{
    appointment::Status,
    nobody::NOBODY,
    schedule::{Close, Dates, close, reopen},
    waitlist,
};

use super::{FAR, seated, session_of, waits_for};
use crate::{
    support::TestApp,
    waitlist::{change, clinic, is, lapse, state, waits},
};

/// The desk cancels an appointment: no doctor could.
async fn frees(app: &TestApp, reference: &str) {
    change(app, app.admin_caller(), reference, Status::Cancelled)
        .await
        .unwrap();
}

#[tokio::test]
async fn seats_in_another_class_at_that_time_are_no_answer_to_an_offer() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let class = session_of(&app, NOBODY, FAR, 1).await.id;
    let other = session_of(&app, NOBODY, FAR, 1).await.id;
    let seat = seated(&app, class, patients[0], 1).await;
    let entry = waits_for(&app, class, patients[1], 1, 1).await.id;
    frees(&app, &seat).await;
    assert_eq!(state(&app, entry).await, is("offered", "offered"));
    seated(&app, other, patients[1], 1).await;
    lapse(&app).await;
    assert_eq!(state(&app, entry).await.0, "waiting");
    let lapsed = "select count(*) from waitlist_offers where state = 'lapsed' and booked_id is null";
    assert_eq!(app.count(lapsed).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_closure_hits_classes_and_its_end_offers_their_seats() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let class = session_of(&app, NOBODY, FAR, 2).await.id;
    let first = seated(&app, class, patients[0], 1).await;
    let second = seated(&app, class, patients[2], 1).await;
    let entry = waits_for(&app, class, patients[1], 1, 1).await.id;
    let command = Close {
        caller: app.admin_caller(),
        clinic_id: Some(app.clinic),
        // Whatever day it is where the clinic is.
        dates: Dates {
            first_day: app.day(FAR - 48),
            last_day: app.day(FAR + 48),
            hours: None,
            yearly: false,
            note: String::new(),
        },
        key: None,
    };
    let closed = close(&app.database, command, app.now).await.unwrap();
    let hit: Vec<&str> = closed
        .no_longer_held
        .iter()
        .map(|one| one.reference.as_str())
        .collect();
    assert_eq!(hit, [&first, &second]);
    frees(&app, &first).await;
    assert_eq!(state(&app, entry).await, waits());
    reopen(&app.database, app.admin_caller(), closed.id, app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, entry).await, is("offered", "offered"));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_doctor_sees_who_waits_for_their_sessions_and_no_others() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let own = session_of(&app, app.doctors[0].id, FAR, 1).await;
    let class = session_of(&app, NOBODY, FAR, 1).await.id;
    seated(&app, own.id, patients[0], 1).await;
    // The doctor offers nothing of that service any more.
    sqlx::query("delete from offers where doctor_id = $1 and service_id = $2")
        .bind(own.doctor_id)
        .bind(own.service_id)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    let entry = waits_for(&app, own.id, patients[1], 1, 1).await.id;
    waits_for(&app, class, patients[1], 1, 2).await;
    for (doctor, expected) in [(0, vec![entry]), (1, Vec::new())] {
        let caller = app.doctor_caller(doctor);
        let seen = waitlist::list(&app.database, &caller, waitlist::Filter::default(), app.now).await;
        let seen: Vec<i64> = seen.unwrap().iter().map(|view| view.id).collect();
        assert_eq!(seen, expected);
    }
    app.assert_whole().await;
}
