//! A doctor is told by e-mail when a calendar elsewhere needs a hand, once, and not of whom it is.

use std::sync::Arc;

use engine::{
    caldav::{Answer, AnswerQuestion, State, Trouble, answer, questions, round, sync_now},
    notification::{Channel, Dispatch, Kind},
    time::plus_minutes,
};

use super::{Postbox, listening, send_all};
use crate::{
    caldav::{Server, account, clinic, dispatch, later, linked, settle},
    support::TestApp,
};

/// Sends what is due this many minutes from now.
async fn after(app: &TestApp, mails: &Dispatch, minutes: i64) {
    send_all(mails, plus_minutes(app.database.now(), minutes)).await;
}

/// Works for an hour.
async fn an_hour(app: &TestApp, server: &Arc<Server>) {
    let calendars = dispatch(app, server);
    for minute in 0..60 {
        round(&calendars, later(app, minute)).await.unwrap();
    }
}

async fn suppressed(app: &TestApp) -> i64 {
    app.count("select count(*) from messages where state = 'suppressed' and last_error = 'no_longer_true'")
        .await
}

#[tokio::test]
async fn a_doctor_is_told_of_a_calendar_that_lets_us_in_no_more() {
    let app = clinic().await;
    let (server, postbox) = (Arc::new(Server::default()), Postbox::new());
    let mails = listening(&app, &postbox);
    let id = linked(&app).await;
    server.refuse(Some(Trouble::Unauthorized));
    an_hour(&app, &server).await;
    assert_eq!(account(&app).await.state, State::Paused);
    // They may be at it.
    after(&app, &mails, 3).await;
    assert_eq!(postbox.kinds(), []);
    after(&app, &mails, 10).await;
    assert_eq!(postbox.kinds(), [Kind::CalendarPaused]);
    let letter = postbox.letters().remove(0);
    assert_eq!(
        (letter.channel, letter.recipient.as_str()),
        (Channel::Email, "doctor1@test.example")
    );
    let text = letter.text();
    assert!(text.contains("https://clinic.example/doctor/calendars"), "{text}");
    // Whoever tries once more in vain knows.
    sync_now(&app.database, &app.doctor_caller(0), id, app.database.now())
        .await
        .unwrap();
    an_hour(&app, &server).await;
    assert_eq!(account(&app).await.state, State::Paused);
    after(&app, &mails, 10).await;
    assert_eq!(postbox.kinds(), [Kind::CalendarPaused]);
    // Another password that is refused is other news, until one is given that is not.
    for (refused, told) in [(true, 2), (false, 2)] {
        linked(&app).await;
        server.refuse(Some(Trouble::Unauthorized));
        app.sql("update calendar_accounts set rest_until = null, pull_at = now() - interval '1 second'")
            .await;
        an_hour(&app, &server).await;
        assert_eq!(account(&app).await.state, State::Paused);
        if !refused {
            server.refuse(None);
            linked(&app).await;
            settle(&app, &dispatch(&app, &server)).await;
        }
        after(&app, &mails, 10).await;
        assert_eq!(postbox.letters().len(), told);
    }
    assert_eq!(suppressed(&app).await, 1);
}

#[tokio::test]
async fn a_doctor_is_asked_once_what_becomes_of_what_was_deleted() {
    let app = clinic().await;
    let server = Arc::new(Server::default());
    linked(&app).await;
    let mut references = Vec::new();
    for (patient_id, slot) in app.patients(3).await.into_iter().zip(20..) {
        references.push(app.confirmed(patient_id, 0, app.slot(slot)).await);
    }
    let calendars = dispatch(&app, &server);
    settle(&app, &calendars).await;
    let postbox = Postbox::new();
    let mails = listening(&app, &postbox);
    let names = server.names();
    for name in &names[..2] {
        server.change(name, None);
    }
    settle(&app, &calendars).await;
    let asked = async || questions(&app.database, &app.doctor_caller(0)).await.unwrap();
    assert_eq!(asked().await.len(), 2);
    after(&app, &mails, 3).await;
    assert_eq!(postbox.kinds(), []);
    after(&app, &mails, 10).await;
    // Once for both.
    assert_eq!(postbox.kinds(), [Kind::CalendarAsks]);
    let letter = postbox.letters().remove(0);
    assert_eq!(letter.recipient, "doctor1@test.example");
    let text = letter.text();
    assert!(text.contains("https://clinic.example/doctor/calendars"), "{text}");
    for secret in references.iter().map(String::as_str).chain(["Patient", "+62"]) {
        assert!(!text.contains(secret), "{text}");
    }
    let keep_all = async || {
        for question in asked().await {
            let command = AnswerQuestion {
                caller: app.doctor_caller(0),
                id: question.id,
                answer: Answer::Keep,
                reason: String::new(),
            };
            answer(&app.database, command, app.database.now()).await.unwrap();
        }
    };
    // One more is one more mail, unless it has been answered by then.
    server.change(&names[2], None);
    settle(&app, &calendars).await;
    after(&app, &mails, 10).await;
    assert_eq!(postbox.kinds(), [Kind::CalendarAsks; 2]);
    keep_all().await;
    settle(&app, &calendars).await;
    server.change(&names[0], None);
    settle(&app, &calendars).await;
    keep_all().await;
    after(&app, &mails, 10).await;
    assert_eq!(postbox.kinds(), [Kind::CalendarAsks; 2]);
    assert_eq!(suppressed(&app).await, 1);
}
