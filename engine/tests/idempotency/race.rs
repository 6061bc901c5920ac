//! Requests that arrive at once under one key.

use super::{GATE, book, book_at, sent};
use crate::support::{TestApp, VISIT, one_winner, patient_caller};
use engine::{
    appointment::{ChangeStatus, Status, Summary, change_status},
    booking::{self, Book},
    error::AppError,
    idempotency::{Key, KeyOwner},
};

async fn book_all(app: &TestApp, gate: &'static str, commands: Vec<Book>) -> Vec<Result<Summary, AppError>> {
    let now = app.now;
    let racers = commands
        .into_iter()
        .map(|command| {
            let database = app.database.clone();
            async move { booking::book(&database, command, now).await }
        })
        .collect();
    app.race_behind(gate, vec![racers]).await
}

#[tokio::test]
async fn thirty_requests_under_one_key_make_one_booking() {
    let app = TestApp::crowded().await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let twins = (0..30).map(|_| book(id, wanted, sent(&patient_caller(id), "k", wanted)));
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

#[tokio::test]
async fn without_a_key_the_request_itself_is_the_key() {
    let app = TestApp::crowded().await;
    let id = app.patient(1).await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let key = || Some(Key::derived(KeyOwner::Caller(&patient_caller(id)), "test", &wanted).unwrap());
    let twins = (0..30).map(|_| book(id, wanted, key()));
    let results = book_all(&app, GATE, twins.collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );

    // To book again after a cancellation is a new booking.
    let cancel = ChangeStatus {
        caller: patient_caller(id),
        which: first.reference.clone().into(),
        to: Status::Cancelled,
        version: Some(first.version),
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, cancel, app.now).await.unwrap();
    let again = book_at(&app, book(id, wanted, key()), app.now).await.unwrap();
    assert_ne!(again.id, first.id);
    assert_eq!(
        book_at(&app, book(id, wanted, key()), app.now).await.unwrap(),
        again
    );
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn different_requests_racing_under_one_key_make_one_booking() {
    let app = TestApp::crowded().await;
    let id = app.patient(1).await;
    let commands = (0..20).map(|number| {
        let wanted = app.wanted(0, VISIT, app.slot(2 * number));
        book(id, wanted, sent(&patient_caller(id), "k", wanted))
    });
    let results = book_all(&app, GATE, commands.collect()).await;
    let (_, errors) = one_winner(&results);
    assert!(
        errors.iter().all(|error| *error == AppError::IdempotencyConflict),
        "{errors:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}
