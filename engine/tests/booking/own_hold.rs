//! Patients who hold a time, and book it by another way.

use crate::support::{
    DOCTORS, INSTANT, RULES, TestApp, VISIT, answer_within, hold, one_winner, patient_caller, refusal,
};
use engine::{
    appointment::Summary,
    availability::{Except, in_turn},
    booking::{self, Book, Hold, Reschedule, Wanted},
    error::{AppError, Refusal},
    time::GivenTime,
    visit::{BookVisit, book_visit},
};

fn holding(patient_id: i64, visitor: usize, wanted: Wanted) -> Hold {
    Hold {
        patient_id: Some(patient_id),
        ..hold(visitor, wanted)
    }
}

fn outright(patient_id: i64, wanted: Wanted) -> Book {
    Book {
        caller: patient_caller(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    }
}

async fn held(app: &TestApp, patient_id: i64, wanted: Wanted) -> String {
    booking::hold(&app.database, holding(patient_id, 1, wanted), app.now)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_time_that_the_patient_holds_is_booked_outright() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    for (slot, by_staff) in [(10, false), (20, true)] {
        let wanted = app.wanted(0, VISIT, app.slot(slot));
        let reference = held(&app, me, wanted).await;
        let mut command = outright(me, wanted);
        if by_staff {
            command.caller = app.admin_caller();
        }
        let booked = booking::book(&app.database, command, app.now).await.unwrap();
        assert_eq!(booked.starts_at, app.slot(slot));
        assert_eq!(app.appointment(&reference).await.0, "cancelled");
        assert!(!app.is_free(wanted).await);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_time_that_somebody_else_holds_is_taken() {
    let app = TestApp::new().await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    let wanted = app.wanted(0, VISIT, app.slot(10));
    let reference = held(&app, other, wanted).await;
    let refused = booking::book(&app.database, outright(me, wanted), app.now).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken));
    // Nor does a hold of the patient with another doctor end by it.
    let elsewhere = app.wanted(1, VISIT, app.slot(20));
    let mine = booking::hold(&app.database, holding(me, 2, elsewhere), app.now)
        .await
        .unwrap();
    let here = app.wanted(0, VISIT, app.slot(20));
    booking::book(&app.database, outright(me, here), app.now)
        .await
        .unwrap();
    for reference in [reference, mine] {
        assert_eq!(app.appointment(&reference).await.0, "held");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn held_times_are_booked_as_a_visit_moved_to_and_held_elsewhere() {
    let app = TestApp::crowded().await;
    let me = app.patient(1).await;
    let segments = vec![
        app.wanted(0, INSTANT, app.slot(10)),
        app.wanted(1, INSTANT, app.slot(12)),
    ];
    for (visitor, wanted) in segments.iter().enumerate() {
        booking::hold(&app.database, holding(me, visitor, *wanted), app.now)
            .await
            .unwrap();
    }
    let visit = BookVisit {
        caller: patient_caller(me),
        segments,
        patient_id: me,
        reason: String::new(),
        rules: answer_within(60),
        key: None,
    };
    let visit = book_visit(&app.database, visit, app.now).await.unwrap();
    let target = app.wanted(0, INSTANT, app.slot(30));
    held(&app, me, target).await;
    // On another device.
    let again = booking::hold(&app.database, holding(me, 7, target), app.now)
        .await
        .unwrap();
    let to = Reschedule {
        caller: patient_caller(me),
        which: visit.appointments[0].reference.clone().into(),
        version: None,
        starts_at: app.slot(30),
        visitor: None,
        rules: RULES,
        key: None,
    };
    booking::reschedule(&app.database, to, app.now).await.unwrap();
    assert_eq!(app.appointment(&again).await.0, "cancelled");
    assert_eq!(
        app.count("select count(*) from appointments where status = 'held'")
            .await,
        0
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn any_doctor_is_the_one_with_whom_the_patient_holds_the_time() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    held(&app, me, app.wanted(2, VISIT, app.slot(10))).await;
    let turns = in_turn(
        &app.database,
        app.any_doctor(VISIT),
        GivenTime::At(app.slot(10)),
        Except::default(),
        false,
        Some(me),
        app.now,
    )
    .await
    .unwrap()
    .unwrap();
    let command = outright(me, turns.wanted);
    let booked = booking::book_any(&app.database, turns, command, app.now)
        .await
        .unwrap();
    assert_eq!(booked.doctor_id, app.doctors[2].id);
    assert_eq!(
        app.count("select count(*) from appointments where occupies(appointments, now())")
            .await,
        1
    );
    app.assert_sound().await;
}

/// The holder books outright while nineteen others want the time.
async fn a_holder_wins(app: &TestApp) {
    let patients = app.patients(20).await;
    let wanted = app.wanted(0, VISIT, app.slot(10));
    held(app, patients[7], wanted).await;
    let now = app.now;
    let racers = patients
        .iter()
        .map(|id| {
            let (database, command) = (app.database.clone(), outright(*id, wanted));
            async move { booking::book(&database, command, now).await }
        })
        .collect();
    let results: Vec<Result<Summary, AppError>> = app.race_behind(DOCTORS, vec![racers]).await;
    let (winner, _) = one_winner(&results);
    assert_eq!(winner.patient_id, Some(patients[7]));
    app.assert_sound().await;
}

#[tokio::test]
async fn the_holder_of_a_time_books_it_before_everybody_else() {
    a_holder_wins(&TestApp::crowded().await).await;
}

#[tokio::test]
async fn the_holder_of_a_time_books_it_before_everybody_else_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    app.open_hours().await;
    a_holder_wins(&app).await;
}

/// Twenty times at once, without a key: the first takes the hold, and the patient has the time then.
#[tokio::test]
async fn a_hold_is_consumed_once() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    let me = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(10));
    held(&app, me, wanted).await;
    let now = app.now;
    let racers = (0..20)
        .map(|_| {
            let (database, command) = (app.database.clone(), outright(me, wanted));
            async move { booking::book(&database, command, now).await }
        })
        .collect();
    let results: Vec<Result<Summary, AppError>> = app.race_behind(DOCTORS, vec![racers]).await;
    one_winner(&results);
    app.assert_sound().await;
}
