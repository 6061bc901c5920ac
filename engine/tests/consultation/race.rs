//! Several messages at once: each once, in one order, and none after the thread was closed.

use std::pin::Pin;

use engine::{
    appointment::{ChangeStatus, Status, change_status},
    consultation::{Sent, read, send},
    error::AppError,
    idempotency::{Key, KeyOwner},
};

use super::{by_text, message, rules};
use crate::support::{APPOINTMENTS, TestApp, patient_caller};

#[tokio::test]
async fn a_message_that_is_sent_twenty_times_at_once_is_written_once() {
    let app = TestApp::crowded().await;
    let (patient_id, reference, now) = by_text(&app).await;
    let caller = patient_caller(patient_id);
    let mut command = message(caller.clone(), &reference, "It itches");
    command.key = Some(Key::sent(KeyOwner::Caller(&caller), "k", "write-message", &reference).unwrap());
    let twins = (0..20)
        .map(|_| {
            let (database, command) = (app.database.clone(), command.clone());
            async move { send(&database, command, now).await }
        })
        .collect();
    let answers = app.race(twins).await;
    let first = answers[0].clone().unwrap();
    assert_eq!(first.position, 1);
    assert!(
        answers.iter().all(|answer| answer.as_ref() == Ok(&first)),
        "{answers:?}"
    );
    assert_eq!(app.count("select count(*) from consultation_messages").await, 1);
    assert_eq!(
        app.count("select last_position::bigint from consultations").await,
        1
    );
    // Later, too, it is the same message.
    assert_eq!(send(&app.database, command, now).await, Ok(first));
    app.assert_whole().await;
}

#[tokio::test]
async fn two_who_write_at_once_have_one_order() {
    let app = TestApp::crowded().await;
    let (patient_id, reference, now) = by_text(&app).await;
    let (patient, doctor) = (patient_caller(patient_id), app.doctor_caller(0));
    let writers = (0..20)
        .map(|number| {
            let caller = if number % 2 == 0 { &patient } else { &doctor };
            let command = message(caller.clone(), &reference, &format!("message {number}"));
            let database = app.database.clone();
            async move { send(&database, command, now).await }
        })
        .collect();
    let sent = app.race_behind(APPOINTMENTS, vec![writers]).await;
    let mut positions: Vec<i32> = sent.iter().map(|sent| sent.as_ref().unwrap().position).collect();
    positions.sort_unstable();
    assert_eq!(positions, (1..=20).collect::<Vec<i32>>());
    let mut orders = Vec::new();
    for caller in [patient, doctor] {
        let thread = read(&app.database, caller, reference.as_str().into(), rules(), now)
            .await
            .unwrap();
        assert_eq!(thread.unread, 10);
        let texts: Vec<String> = thread.messages.into_iter().map(|message| message.text).collect();
        orders.push(texts);
    }
    assert_eq!(orders[0], orders[1]);
    for (number, sent) in sent.iter().enumerate() {
        let place = usize::try_from(sent.as_ref().unwrap().position).unwrap() - 1;
        assert_eq!(orders[0][place], format!("message {number}"));
    }
    app.assert_whole().await;
}

type Racer = Pin<Box<dyn Future<Output = Result<Option<Sent>, AppError>> + Send>>;

#[tokio::test]
async fn nothing_is_written_after_the_thread_was_closed() {
    let app = TestApp::crowded().await;
    let (patient_id, reference, now) = by_text(&app).await;
    let writers = |count: usize| -> Vec<Racer> {
        (0..count)
            .map(|_| {
                let command = message(patient_caller(patient_id), &reference, "Are you there?");
                let database = app.database.clone();
                Box::pin(async move { send(&database, command, now).await.map(Some) }) as Racer
            })
            .collect()
    };
    let close = ChangeStatus {
        key: None,
        caller: app.doctor_caller(0),
        which: reference.as_str().into(),
        to: Status::NoShow,
        version: None,
        reason: "Nobody came".to_owned(),
    };
    let database = app.database.clone();
    let closing = Box::pin(async move { change_status(&database, close, now).await.map(|_| None) }) as Racer;
    let results = app
        .race_behind(APPOINTMENTS, vec![writers(5), vec![closing], writers(5)])
        .await;
    assert_eq!(results[5], Ok(None));
    let (written, refused): (Vec<_>, Vec<_>) = results
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != 5)
        .map(|(_, result)| result)
        .partition(|result| result.is_ok());
    assert!(
        refused
            .iter()
            .all(|result| **result == Err(AppError::ConsultationClosed)),
        "{results:?}"
    );
    let count = app.count("select count(*) from consultation_messages").await;
    assert_eq!(usize::try_from(count).unwrap(), written.len());
    assert!(results[..5].iter().all(Result::is_ok), "{results:?}");
    assert!(results[6..].iter().all(Result::is_err), "{results:?}");
    app.assert_whole().await;
}
