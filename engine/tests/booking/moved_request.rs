//! What a move does to the time limits of an appointment: until when a request waits for its answer, and how much notice staff
//! give.

use jiff::Timestamp;

use crate::support::{RULES, TestApp, VISIT, patient_caller, refusal};
use engine::{
    account::Caller,
    appointment::{Summary, look_up},
    booking::{self, Book, Reschedule},
    error::{AppError, Refusal},
    time::plus_minutes,
};

async fn move_to(
    app: &TestApp,
    caller: Caller,
    reference: &str,
    starts_at: Timestamp,
    now: Timestamp,
) -> Result<Summary, AppError> {
    let command = Reschedule {
        caller,
        which: reference.into(),
        version: None,
        starts_at,
        visitor: None,
        rules: RULES,
        key: None,
    };
    booking::reschedule(&app.database, command, now).await
}

/// In microseconds, as the database has it.
async fn answer_until(app: &TestApp, reference: &str) -> Option<i64> {
    let appointment = look_up(&app.database, app.admin_caller(), reference.into()).await;
    appointment.unwrap().answer_until.map(Timestamp::as_microsecond)
}

#[tokio::test]
async fn a_moved_request_waits_for_its_answer_as_one_for_the_new_time() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let made_at = app.now;
    let a_day_later = plus_minutes(made_at, 24 * 60);
    // Four hours ahead, to the half hour: the next day's times may be more than a day away.
    let half_hours = app.now.as_second().div_euclid(1800) + 8;
    let (soon, far) = (
        Timestamp::from_second(half_hours * 1800).unwrap(),
        app.slot(7 * 48),
    );
    assert!(soon < a_day_later);
    let reference = app.requested(me, app.wanted(0, VISIT, soon)).await;
    assert_eq!(answer_until(&app, &reference).await, Some(soon.as_microsecond()));
    // There and back, and back again: it is reckoned for the time that it has.
    let later = plus_minutes(made_at, 5);
    let a_day_later = plus_minutes(later, 24 * 60);
    for (starts_at, expected) in [(far, a_day_later), (soon, soon), (far, a_day_later)] {
        move_to(&app, patient_caller(me), &reference, starts_at, later)
            .await
            .unwrap();
        assert_eq!(
            answer_until(&app, &reference).await,
            Some(expected.as_microsecond()),
            "{starts_at}"
        );
    }
    // So it has its new time after the old one has passed.
    let taken = Book {
        caller: app.admin_caller(),
        wanted: app.wanted(0, VISIT, far),
        patient_id: app.patient(2).await,
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    };
    let refused = booking::book(&app.database, taken, plus_minutes(soon, 1)).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken), "{refused:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_request_that_is_moved_shortly_before_it_expires_has_another_day() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let reference = app.requested(me, app.wanted(0, VISIT, app.slot(5 * 48))).await;
    let nearly = plus_minutes(app.now, 23 * 60);
    move_to(&app, app.admin_caller(), &reference, app.slot(9 * 48), nearly)
        .await
        .unwrap();
    assert_eq!(
        answer_until(&app, &reference).await,
        Some(plus_minutes(nearly, 24 * 60).as_microsecond())
    );
}

#[tokio::test]
async fn staff_move_at_the_notice_at_which_they_book() {
    let app = TestApp::new().await;
    app.sql("update services set notice_minutes = 600").await;
    let me = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(60));
    let reference = app.books(me, wanted).await.unwrap().reference;
    let now = plus_minutes(app.slot(10), 10);
    let refused = move_to(&app, patient_caller(me), &reference, app.slot(12), now).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotClosed), "{refused:?}");
    for (caller, slot) in [(app.admin_caller(), 12), (app.doctor_caller(0), 11)] {
        move_to(&app, caller, &reference, app.slot(slot), now)
            .await
            .unwrap();
    }
    // A time that has begun is nobody's.
    let past = move_to(&app, app.admin_caller(), &reference, app.slot(10), now).await;
    assert_eq!(refusal(&past), Some(Refusal::SlotClosed), "{past:?}");
    app.assert_sound().await;
}
