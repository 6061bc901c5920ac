//! The worker, which forgets what has expired.

use jiff::{SignedDuration, Timestamp};

use crate::support::{RULES, TestApp, VISIT, patient_caller};
use engine::{
    account::{
        scope::Scope,
        secret::Holder,
        token::named::{CreateToken, make, tell},
    },
    booking::{Book, book},
    idempotency::{Key, KeyOwner},
    privacy::{self, Entry, QUIET_MINUTES},
    time::plus_minutes,
};
use janji::server::worker::step;

#[tokio::test]
async fn the_worker_forgets_an_idempotency_key_after_a_day() {
    let app = TestApp::new().await;
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let patient_id = app.patient(1).await;
    let caller = patient_caller(patient_id);
    let command = Book {
        key: Some(Key::sent(KeyOwner::Caller(&caller), "k", "test", &wanted).unwrap()),
        caller,
        wanted,
        patient_id,
        reason: String::new(),
        overbook: None,
        rules: RULES,
    };
    book(&app.database, command, app.now).await.unwrap();
    let keys = "select count(*) from idempotency_keys";
    step(&app.state, plus_minutes(app.now, 24 * 60 - 1))
        .await
        .unwrap();
    assert_eq!(app.count(keys).await, 1);
    step(&app.state, plus_minutes(app.now, 24 * 60)).await.unwrap();
    assert_eq!(app.count(keys).await, 0);
}

#[tokio::test]
async fn the_worker_forgets_a_token_that_nobody_looked_at() {
    let app = TestApp::new().await;
    let caller = patient_caller(app.patient(0).await);
    let browser = Holder::new([7]);
    let mut command = CreateToken::new(caller.clone(), "Wall", Some(vec![Scope::Read]), 30).unwrap();
    command.browser = Some(browser.clone());
    let (named, _) = make(&app.database, command, app.now).await.unwrap();
    let late = plus_minutes(app.now, 10);
    let told = tell(&app.database, &caller, named.id, browser.clone(), late).await;
    assert_eq!(told, Ok(None));
    let almost = late - SignedDuration::from_secs(1);
    step(&app.state, almost).await.unwrap();
    let waiting = "select count(*) from tokens where salt is not null";
    assert_eq!(app.count(waiting).await, 1);
    step(&app.state, late).await.unwrap();
    assert_eq!(app.count(waiting).await, 0);
    assert_eq!(app.count("select count(*) from tokens").await, 1);
}

/// Whoever looks at a copy before it is released does not see who was erased since the backup.
#[tokio::test]
async fn a_paused_copy_forgets_again() {
    let app = TestApp::new().await;
    app.sql("update installation set paused_since = now(), restored_from = now() - interval '1 day'")
        .await;
    let patient_id = app.patient(1).await;
    let made_at = app
        .count("select (extract(epoch from max(created_at)) * 1000000)::bigint from patients")
        .await;
    let entry = Entry {
        certificate: "K7QM-4D2P-9HXT-R3WB".to_owned(),
        patient_id,
        patient_made_at: Timestamp::from_microsecond(made_at).unwrap(),
        requested_at: app.now,
    };
    assert_eq!(privacy::replay(&app.database, vec![entry], app.now).await, Ok(1));
    let erased = "select count(*) from erasures where erased_at is not null";
    step(&app.state, app.now).await.unwrap();
    assert_eq!(app.count(erased).await, 0);
    step(&app.state, plus_minutes(app.now, QUIET_MINUTES))
        .await
        .unwrap();
    assert_eq!(app.count(erased).await, 1);
}
