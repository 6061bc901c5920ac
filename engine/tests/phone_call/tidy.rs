//! What was said, and who called, is forgotten in time.

use engine::{
    appointment::{AppointmentName, history},
    phone_call::{Answer, CallEvent, Proof, Tool, What, note_event, tidy},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::{CALLER, answer, book, call, clinic, hidden, rules, visit};
use crate::support::TestApp;

const SAID: &str = "select count(*) from phone_calls where transcript is not null";
const NUMBERS: &str = "select count(*) from phone_calls where number is not null";

async fn ended(app: &TestApp, call_id: &str, transcript_days: u32) {
    let event = CallEvent {
        call: call(call_id),
        what: What::Ended,
        began_at: Some(app.now),
        ended_at: Some(app.now),
        because: None,
        is_faulty: false,
        transcript: Some("I cough".to_owned()),
    };
    let mut rules = rules();
    rules.transcript_days = transcript_days;
    note_event(&app.database, event, &rules, app.now).await.unwrap();
}

async fn tidied(app: &TestApp, now: Timestamp) {
    app.database
        .write("test.tidy", move |mut tx| async move {
            tidy(&mut tx, 30, now).await?;
            tx.commit().await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_said_is_kept_where_the_clinic_says_so_and_as_long() {
    let app = clinic().await;
    ended(&app, "c1", 0).await;
    assert_eq!(app.count(SAID).await, 0);
    ended(&app, "c2", 30).await;
    assert_eq!(app.count(SAID).await, 1);
    let day = 24 * 60;
    tidied(&app, plus_minutes(app.now, 29 * day)).await;
    assert_eq!(app.count(SAID).await, 1);
    tidied(&app, plus_minutes(app.now, 31 * day)).await;
    assert_eq!(app.count(SAID).await, 0);
    assert_eq!(app.count(NUMBERS).await, 2);
}

#[tokio::test]
async fn numbers_are_forgotten_and_the_history_stays() {
    let app = clinic().await;
    let booked = answer(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await;
    let Answer::Booked { reference, .. } = booked else {
        panic!("{booked:?}");
    };
    let open = Tool::RequestCallback {
        number: String::new(),
        note: "A letter".to_owned(),
    };
    answer(&app, call("c2"), open).await;
    let later = plus_minutes(app.now, 91 * 24 * 60);
    tidied(&app, later).await;
    // Who waits for a call is not forgotten.
    assert_eq!(app.count(NUMBERS).await, 1);
    assert_eq!(app.count("select count(*) from phone_call_steps").await, 2);
    let which = AppointmentName::Reference(reference);
    let history = history(&app.database, app.admin_caller(), which).await.unwrap();
    assert!(history.changes[0].by_phone);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_number_that_was_hidden_and_said_is_forgotten() {
    let app = clinic().await;
    let mine = |code: &str| Tool::MyAppointments {
        proof: Proof {
            number: CALLER.to_owned(),
            code: code.to_owned(),
            again: false,
        },
    };
    assert_eq!(answer(&app, hidden("c1"), mine("")).await, Answer::CodeSent);
    let code = app.newest_code(CALLER).await;
    answer(&app, hidden("c1"), mine(&code)).await;
    let kept =
        "select count(*) from phone_calls where coalesce(code_number, proved_number, challenge) is not null";
    let steps = "select count(*) from phone_call_steps";
    tidied(&app, plus_minutes(app.now, 89 * 24 * 60)).await;
    assert_eq!((app.count(kept).await, app.count(steps).await), (1, 1));
    tidied(&app, plus_minutes(app.now, 91 * 24 * 60)).await;
    assert_eq!((app.count(kept).await, app.count(steps).await), (0, 0));
    // What is asked later than that is forgotten as well.
    assert_eq!(answer(&app, hidden("c1"), mine("")).await, Answer::CodeSent);
    assert_eq!((app.count(kept).await, app.count(steps).await), (1, 1));
    tidied(&app, plus_minutes(app.now, 92 * 24 * 60)).await;
    assert_eq!((app.count(kept).await, app.count(steps).await), (0, 0));
}
