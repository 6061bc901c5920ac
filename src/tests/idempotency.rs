//! What is sent twice is done once (B6).

use std::time::Duration;

use jiff::Timestamp;
use sqlx::{
    Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::app::{
    APPOINTMENTS, Answer, DOCTORS, INSTANT, Setup, TestApp, VISIT, hold, one_winner, refusal, visitor,
};
use crate::{
    account::Caller,
    appointment::{
        Status,
        service::{ChangeStatus, Summary, change_status},
    },
    booking::{
        Wanted,
        service::{self as booking, Book, Reschedule},
    },
    database::Settings,
    error::{AppError, Refusal},
    idempotency::{Key, Whose},
    prescription::{Medication, service as prescription},
    rating::{Score, service as rating},
    time::plus_minutes,
};

const GATE: &str = "lock table idempotency_keys in share mode";

fn patient(id: i64) -> Caller {
    Caller::Patient { id, name: None }
}

fn sent(caller: &Caller, key: &str, request: impl serde::Serialize) -> Option<Key> {
    Some(Key::sent(Whose::Caller(caller), key, "test", &request).unwrap())
}

fn book(patient_id: i64, wanted: Wanted, key: Option<Key>) -> Book {
    Book {
        caller: patient(patient_id),
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        answer_minutes: 60,
        key,
    }
}

async fn book_at(app: &TestApp, command: Book, now: Timestamp) -> Result<Summary, AppError> {
    booking::book(&app.database, &app.live, command, now).await
}

async fn book_all(app: &TestApp, gate: &'static str, commands: Vec<Book>) -> Vec<Result<Summary, AppError>> {
    let now = app.now;
    let racers = commands
        .into_iter()
        .map(|command| {
            let (database, live) = (app.database.clone(), app.live.clone());
            async move { booking::book(&database, &live, command, now).await }
        })
        .collect();
    app.race_behind(gate, vec![racers]).await
}

#[sqlx::test]
async fn thirty_twins_make_one_booking_and_get_the_same_answer(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let twins = (0..30).map(|_| book(id, wanted, sent(&patient(id), "k", wanted)));
    let results = book_all(&app, GATE, twins.collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    assert_eq!(
        app.count("select count(*) from idempotency_keys where answer is not null")
            .await,
        1
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn without_a_key_the_request_itself_is_one(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let key = || Some(Key::derived(Whose::Caller(&patient(id)), "test", &wanted).unwrap());
    let twins = (0..30).map(|_| book(id, wanted, key()));
    let results = book_all(&app, GATE, twins.collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );

    // To book again after a cancellation is a new booking.
    let cancel = ChangeStatus {
        caller: patient(id),
        which: first.reference.clone().into(),
        to: Status::Cancelled,
        version: Some(first.version),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, &app.live, cancel, app.now)
        .await
        .unwrap();
    let again = book_at(&app, book(id, wanted, key()), app.now).await.unwrap();
    assert_ne!(again.id, first.id);
    assert_eq!(
        book_at(&app, book(id, wanted, key()), app.now).await.unwrap(),
        again
    );
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_replay_gives_the_first_answer_whatever_happened_since(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let command = book(id, wanted, sent(&patient(id), "k", wanted));
    let first = book_at(&app, command.clone(), app.now).await.unwrap();
    let confirm = ChangeStatus {
        caller: app.doctor_caller(0),
        which: first.reference.clone().into(),
        to: Status::Confirmed,
        version: Some(1),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, &app.live, confirm, app.now)
        .await
        .unwrap();
    assert_eq!(book_at(&app, command, app.now).await.unwrap(), first);
}

#[sqlx::test]
async fn another_request_under_a_key_is_refused_and_somebody_elses_key_is_another(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let (one, other) = (app.patient(1).await, app.patient(2).await);
    let (early, late) = (
        app.wanted(0, VISIT, app.slot(0)),
        app.wanted(0, VISIT, app.slot(4)),
    );
    book_at(&app, book(one, early, sent(&patient(one), "k", early)), app.now)
        .await
        .unwrap();
    let mismatch = book_at(&app, book(one, late, sent(&patient(one), "k", late)), app.now).await;
    assert_eq!(mismatch, Err(AppError::IdempotencyConflict));
    book_at(&app, book(other, late, sent(&patient(other), "k", late)), app.now)
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from appointments").await, 2);
}

#[sqlx::test]
async fn different_requests_that_race_under_one_key_make_one_booking(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let commands = (0..20).map(|number| {
        let wanted = app.wanted(0, VISIT, app.slot(2 * number));
        book(id, wanted, sent(&patient(id), "k", wanted))
    });
    let results = book_all(&app, GATE, commands.collect()).await;
    let (_, errors) = one_winner(&results);
    assert!(
        errors.iter().all(|error| *error == AppError::IdempotencyConflict),
        "{errors:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}

#[sqlx::test]
async fn what_was_refused_leaves_no_key_and_may_be_tried_again(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (one, other) = (app.patient(1).await, app.patient(2).await);
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let winner = book_at(&app, book(one, wanted, None), app.now).await.unwrap();
    let loser = book(other, wanted, sent(&patient(other), "k", wanted));
    let lost = book_at(&app, loser.clone(), app.now).await;
    assert_eq!(refusal(&lost), Some(Refusal::SlotTaken));
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);

    let cancel = ChangeStatus {
        caller: patient(one),
        which: winner.reference.into(),
        to: Status::Cancelled,
        version: Some(1),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, &app.live, cancel, app.now)
        .await
        .unwrap();
    book_at(&app, loser, app.now).await.unwrap();
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_refusal_that_writes_something_leaves_no_answer_either(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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
        let refused = change_status(&app.database, &app.live, confirm.clone(), later).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    assert_eq!(
        app.count("select count(*) from idempotency_keys where answer is not null")
            .await,
        0
    );
    // The key is free for what is done in its stead.
    let other = app.patient(2).await;
    let wanted = app.wanted(0, VISIT, app.slot(2 * 60));
    let command = Book {
        caller: app.doctor_caller(0),
        key: sent(&app.doctor_caller(0), "k", 2),
        ..book(other, wanted, None)
    };
    book_at(&app, command, later).await.unwrap();
}

#[sqlx::test]
async fn a_key_is_remembered_for_a_day(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let (early, late) = (
        app.wanted(0, VISIT, app.slot(0)),
        app.wanted(0, VISIT, app.slot(200)),
    );
    let first = book_at(&app, book(id, early, sent(&patient(id), "k", early)), app.now)
        .await
        .unwrap();
    let other = book(id, late, sent(&patient(id), "k", late));
    let nearly = plus_minutes(app.now, 24 * 60 - 1);
    assert_eq!(
        book_at(&app, other.clone(), nearly).await,
        Err(AppError::IdempotencyConflict)
    );
    let after = plus_minutes(app.now, 24 * 60);
    let second = book_at(&app, other, after).await.unwrap();
    assert_ne!(first.id, second.id);
    crate::server::worker::step(&app.state, plus_minutes(after, 24 * 60))
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);
}

#[sqlx::test]
async fn a_hold_that_is_sent_twice_is_one_and_choosing_it_anew_holds_it_anew(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let choose = |slot: i64| {
        let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
        let wanted = app.wanted(0, VISIT, app.slot(slot));
        let visitor = visitor(1);
        let key = Key::of_form(
            Whose::Visitor(&visitor),
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
        async move { booking::hold(&database, &live, command, now).await }
    };
    let results = app
        .race_behind(GATE, vec![(0..20).map(|_| choose(0)).collect()])
        .await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    // Another time lets go of it; so back on the page, the first button holds it anew.
    choose(4).await.unwrap();
    let again = choose(0).await.unwrap();
    assert_ne!(again, first);
    assert_eq!(
        app.count("select count(*) from appointments where status = 'held'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn moves_changes_prescriptions_and_ratings_are_replayed_too(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let doctor = app.doctor_caller(0);
    let booked = book_at(&app, book(id, app.wanted(0, INSTANT, app.slot(2)), None), app.now)
        .await
        .unwrap();
    let moved = Reschedule {
        caller: patient(id),
        which: booked.reference.clone().into(),
        version: Some(1),
        starts_at: app.slot(0),
        visitor: None,
        key: sent(&patient(id), "move", 0),
    };
    let first = booking::reschedule(&app.database, &app.live, moved.clone(), app.now)
        .await
        .unwrap();
    assert_eq!(
        booking::reschedule(&app.database, &app.live, moved, app.now)
            .await
            .unwrap(),
        first
    );

    for (version, to) in (2..).zip([Status::InProgress, Status::Completed]) {
        let step = ChangeStatus {
            caller: doctor.clone(),
            which: booked.reference.clone().into(),
            to,
            version: Some(version),
            reason: String::new(),
            key: sent(&doctor, to.as_str(), version),
        };
        let first = change_status(&app.database, &app.live, step.clone(), app.now)
            .await
            .unwrap();
        assert_eq!(
            change_status(&app.database, &app.live, step, app.now)
                .await
                .unwrap(),
            first
        );
    }

    let prescribe = |key| prescription::Prescribe {
        caller: doctor.clone(),
        which: booked.reference.clone().into(),
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

    let rate = rating::Rate {
        caller: patient(id),
        which: booked.reference.clone().into(),
        score: Score::parse("5").unwrap(),
        comment: String::new(),
        key: sent(&patient(id), "rate", 5),
    };
    let first = rating::rate(&app.database, rate.clone(), app.now).await.unwrap();
    assert_eq!(rating::rate(&app.database, rate, app.now).await, Ok(first));
    app.assert_sound().await;
}

#[sqlx::test]
async fn forty_patients_who_book_one_time_at_once_get_one_booking(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let patients = app.patients(40).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let commands = patients.iter().map(|&id| book(id, wanted, None)).collect();
    let results = book_all(&app, DOCTORS, commands).await;
    let (_, errors) = one_winner(&results);
    let taken = AppError::BookingFailed {
        reason: Refusal::SlotTaken,
        wanted,
    };
    assert!(errors.iter().all(|error| *error == taken), "{errors:?}");
    app.assert_sound().await;
}

#[sqlx::test]
async fn one_patient_who_books_two_doctors_at_once_is_in_one_place(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let id = app.patient(1).await;
    let commands = (0..4).map(|doctor| book(id, app.wanted(doctor, VISIT, app.slot(0)), None));
    let results = book_all(&app, DOCTORS, commands.collect()).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert_eq!(
        results
            .iter()
            .filter(|result| refusal(result) == Some(Refusal::PatientOverlap))
            .count(),
        3
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn staff_book_for_a_patient_without_notice_and_only_what_is_theirs(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("update services set notice_minutes = 100000, horizon_days = 365")
        .await;
    let (one, other) = (app.patient(1).await, app.patient(2).await);
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let closed = book_at(&app, book(one, wanted, None), app.now).await;
    assert_eq!(refusal(&closed), Some(Refusal::SlotClosed));
    let by = |caller: Caller, patient_id: i64| Book {
        caller,
        ..book(patient_id, wanted, None)
    };
    for (caller, patient_id) in [
        (patient(other), one),
        (app.doctor_caller(1), one),
        (app.doctor_caller(0), one + other + 1000),
    ] {
        let refused = book_at(&app, by(caller, patient_id), app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
    book_at(&app, by(app.doctor_caller(0), one), app.now)
        .await
        .unwrap();
    app.assert_sound().await;
}

#[sqlx::test]
async fn who_was_told_to_try_again_sends_the_same_key_and_others_get_a_new_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let setup = Setup {
        settings: Settings {
            lock_timeout: Duration::from_millis(50),
            ..Setup::default().settings
        },
        ..Setup::default()
    };
    let app = TestApp::with(options, setup).await;
    app.open_hours().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let list = format!(
        "/doctors/{}?clinic={}&service={}",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id
    );
    let key_of = |page: &Answer| {
        let form = page.form("hold");
        form.into_iter().find(|(name, _)| name == "key").unwrap().1
    };
    let key = key_of(&browser.get(&list).await);
    assert_ne!(
        key,
        key_of(&browser.get(&list).await),
        "a form has a key of its own"
    );
    let fields = [
        ("doctor_id", wanted.doctor_id.to_string()),
        ("clinic_id", wanted.clinic_id.to_string()),
        ("service_id", wanted.service_id.to_string()),
        ("starts_at", wanted.starts_at.to_string()),
        ("key", key.clone()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();

    let mut other = app.connection().await;
    let mut holder = other.begin().await.unwrap();
    sqlx::query("select from calendar_hours for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    let busy = browser.submit(&list, "hold", &fields).await;
    assert_eq!(busy.error(), Some(AppError::InventoryLocked), "{busy:?}");
    let told = browser.get(busy.location().split('#').next().unwrap()).await;
    assert_eq!(key_of(&told), key);
    holder.rollback().await.unwrap();

    let first = browser.submit(&list, "hold", &fields).await;
    assert!(first.location().starts_with("/book/"), "{first:?}");
    let again = browser.submit(&list, "hold", &fields).await;
    assert_eq!(again.location(), first.location());
    assert_eq!(app.count("select count(*) from appointments").await, 1);

    // What somebody else writes into the URL is no key of ours.
    for planted in ["x", "%22%3E%3Cscript%3E", &"0".repeat(33)] {
        let page = browser.get(&format!("{list}&__key={planted}")).await;
        assert_ne!(key_of(&page), planted);
        assert!(!page.body.contains("\"><script>"));
    }
}
