//! Requests that arrive again later, and for how long they are remembered.

use super::{GATE, book, book_at, sent};
use crate::support::{APPOINTMENTS, INSTANT, RULES, TestApp, VISIT, hold, patient_caller, refusal, visitor};
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    booking::{self, Book, Reschedule},
    error::{AppError, Refusal},
    idempotency::{self, Key, KeyOwner},
    prescription::{self as prescription, Medication},
    rating::{self as rating, Score},
    time::plus_minutes,
};

#[tokio::test]
async fn a_replay_gives_the_first_answer_after_later_changes() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let command = book(id, wanted, sent(&patient_caller(id), "k", wanted));
    let first = book_at(&app, command.clone(), app.now).await.unwrap();
    let confirm = ChangeStatus {
        caller: app.doctor_caller(0),
        which: first.reference.clone().into(),
        to: Status::Confirmed,
        version: Some(1),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, confirm, app.now).await.unwrap();
    assert_eq!(book_at(&app, command, app.now).await.unwrap(), first);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let (early, late) = (
        app.wanted(0, VISIT, app.slot(0)),
        app.wanted(0, VISIT, app.slot(4)),
    );
    let first = book(id, early, sent(&patient_caller(id), "k", early));
    book_at(&app, first, app.now).await.unwrap();
    let other = book(id, late, sent(&patient_caller(id), "k", late));
    assert_eq!(
        book_at(&app, other, app.now).await,
        Err(AppError::IdempotencyConflict)
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}

#[tokio::test]
async fn two_people_may_use_the_same_key() {
    let app = TestApp::new().await;
    for (number, id) in app.patients(2).await.into_iter().enumerate() {
        let wanted = app.wanted(number, VISIT, app.slot(0));
        let command = book(id, wanted, sent(&patient_caller(id), "k", wanted));
        book_at(&app, command, app.now).await.unwrap();
    }
    assert_eq!(app.count("select count(*) from appointments").await, 2);
}

#[tokio::test]
async fn a_refused_request_can_be_tried_again_under_its_key() {
    let app = TestApp::new().await;
    let (one, other) = (app.patient(1).await, app.patient(2).await);
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let winner = book_at(&app, book(one, wanted, None), app.now).await.unwrap();
    let loser = book(other, wanted, sent(&patient_caller(other), "k", wanted));
    let lost = book_at(&app, loser.clone(), app.now).await;
    assert_eq!(refusal(&lost), Some(Refusal::SlotTaken));
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);

    let cancel = ChangeStatus {
        caller: patient_caller(one),
        which: winner.reference.into(),
        to: Status::Cancelled,
        version: Some(1),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, cancel, app.now).await.unwrap();
    book_at(&app, loser, app.now).await.unwrap();
    app.assert_sound().await;
}

#[tokio::test]
async fn a_refusal_that_writes_something_stores_no_answer() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let booked = book_at(&app, book(id, wanted, None), app.now).await.unwrap();
    let confirm = ChangeStatus {
        caller: app.doctor_caller(0),
        which: booked.reference.into(),
        to: Status::Confirmed,
        version: Some(1),
        reason: String::new(),
        key: sent(&app.doctor_caller(0), "k", 1),
    };
    // The request has run out: that is written, and said.
    let later = plus_minutes(app.now, 24 * 60 + 1);
    for _ in 0..2 {
        let refused = change_status(&app.database, confirm.clone(), later).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    assert_eq!(
        app.count("select count(*) from idempotency_keys where answer is not null")
            .await,
        0
    );
    // The key is free for what is done in its stead.
    let other = app.patient(2).await;
    app.given(0, other).await;
    let wanted = app.wanted(0, VISIT, app.slot(2 * 60));
    let command = Book {
        caller: app.doctor_caller(0),
        key: sent(&app.doctor_caller(0), "k", 2),
        ..book(other, wanted, None)
    };
    book_at(&app, command, later).await.unwrap();
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let (early, late) = (
        app.wanted(0, VISIT, app.slot(0)),
        app.wanted(0, VISIT, app.slot(200)),
    );
    let first = book_at(
        &app,
        book(id, early, sent(&patient_caller(id), "k", early)),
        app.now,
    )
    .await
    .unwrap();
    let other = book(id, late, sent(&patient_caller(id), "k", late));
    let nearly = plus_minutes(app.now, 24 * 60 - 1);
    assert_eq!(
        book_at(&app, other.clone(), nearly).await,
        Err(AppError::IdempotencyConflict)
    );
    let after = plus_minutes(app.now, 24 * 60);
    let second = book_at(&app, other, after).await.unwrap();
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn a_key_is_deleted_after_a_day() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let command = book(id, wanted, sent(&patient_caller(id), "k", wanted));
    book_at(&app, command, app.now).await.unwrap();
    let (keys, a_day_later) = (
        "select count(*) from idempotency_keys",
        plus_minutes(app.now, 24 * 60),
    );
    for (now, left) in [(plus_minutes(a_day_later, -1), 1), (a_day_later, 0)] {
        app.database
            .write("test.expire", move |mut tx| async move {
                idempotency::tidy(&mut tx, now).await?;
                tx.commit().await
            })
            .await
            .unwrap();
        assert_eq!(app.count(keys).await, left);
    }
}

/// A visitor chooses a time by its button on a page, which has a key of its own.
fn choose(app: &TestApp, slot: i64) -> impl Future<Output = Result<String, AppError>> + Send + use<> {
    let (database, now) = (app.database.clone(), app.now);
    let wanted = app.wanted(0, VISIT, app.slot(slot));
    let visitor = visitor(1);
    let key = Key::of_form(
        KeyOwner::Visitor(&visitor),
        "page",
        "hold",
        &slot.to_string(),
        &wanted,
    )
    .unwrap();
    let command = booking::Hold {
        key: Some(key),
        ..hold(1, wanted)
    };
    async move { booking::hold(&database, command, now).await }
}

#[tokio::test]
async fn a_hold_that_is_sent_twenty_times_at_once_is_one_hold() {
    let app = TestApp::crowded().await;
    let results = app
        .race_behind(GATE, vec![(0..20).map(|_| choose(&app, 0)).collect()])
        .await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    app.assert_sound().await;
}

/// Another time lets go of the first one; so back on the page, the first button holds it anew.
#[tokio::test]
async fn a_time_that_is_chosen_again_after_another_is_held_anew() {
    let app = TestApp::new().await;
    let first = choose(&app, 0).await.unwrap();
    choose(&app, 4).await.unwrap();
    let again = choose(&app, 0).await.unwrap();
    assert_ne!(again, first);
    assert_eq!(
        app.count("select count(*) from appointments where status = 'held'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_move_is_replayed() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, INSTANT, app.slot(2));
    let booked = book_at(&app, book(id, wanted, None), app.now).await.unwrap();
    let command = Reschedule {
        caller: patient_caller(id),
        which: booked.reference.clone().into(),
        version: Some(1),
        starts_at: app.slot(0),
        visitor: None,
        rules: RULES,
        key: sent(&patient_caller(id), "move", 0),
    };
    let first = booking::reschedule(&app.database, command.clone(), app.now)
        .await
        .unwrap();
    assert_eq!(
        booking::reschedule(&app.database, command, app.now).await,
        Ok(first)
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_change_of_status_is_replayed() {
    let app = TestApp::new().await;
    let (id, doctor) = (app.patient(1).await, app.doctor_caller(0));
    let wanted = app.wanted(0, INSTANT, app.slot(2));
    let booked = book_at(&app, book(id, wanted, None), app.now).await.unwrap();
    for (version, to) in (1..).zip([Status::InProgress, Status::Completed]) {
        let step = ChangeStatus {
            caller: doctor.clone(),
            which: booked.reference.clone().into(),
            to,
            version: Some(version),
            reason: String::new(),
            key: sent(&doctor, to.as_str(), version),
        };
        let first = change_status(&app.database, step.clone(), app.now).await.unwrap();
        assert_eq!(change_status(&app.database, step, app.now).await, Ok(first));
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_prescription_is_replayed() {
    let app = TestApp::crowded().await;
    let (id, doctor) = (app.patient(1).await, app.doctor_caller(0));
    let reference = app.visit(id, 0, app.slot(2), Status::Completed).await;
    let prescribe = |key| prescription::Prescribe {
        caller: doctor.clone(),
        which: reference.clone().into(),
        medications: vec![Medication {
            name: "Amoxicillin".to_owned(),
            dose: "500 mg".to_owned(),
            frequency: "three times a day".to_owned(),
            duration: "7 days".to_owned(),
            note: String::new(),
        }],
        note: String::new(),
        key,
    };
    let twins: Vec<_> = (0..20)
        .map(|_| {
            let (database, command, now) = (app.database.clone(), prescribe(sent(&doctor, "rx", 1)), app.now);
            async move { prescription::prescribe(&database, command, now).await }
        })
        .collect();
    let results = app.race_behind(APPOINTMENTS, vec![twins]).await;
    assert!(
        results[0].is_ok() && results.iter().all(|result| result == &results[0]),
        "{results:?}"
    );
    let other = prescription::prescribe(&app.database, prescribe(None), app.now).await;
    assert_eq!(other, Err(AppError::PrescriptionExists));
}

#[tokio::test]
async fn a_rating_is_replayed() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let reference = app.visit(id, 0, app.slot(2), Status::Completed).await;
    let rate = rating::Rate {
        caller: patient_caller(id),
        which: reference.into(),
        score: Score::parse("5").unwrap(),
        comment: String::new(),
        key: sent(&patient_caller(id), "rate", 5),
    };
    let first = rating::rate(&app.database, rate.clone(), app.now).await.unwrap();
    assert_eq!(rating::rate(&app.database, rate, app.now).await, Ok(first));
}
