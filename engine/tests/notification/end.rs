//! What becomes of messages: tried again, given up, erased, kept.

use engine::{
    notification::{Outcome, Receipt, Trouble, deliver, outbox, take_receipt},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::{CODES, OTHERS, Postbox, dispatch, put_out, send_all, soon};
use crate::support::TestApp;

const DAY_MINUTES: i64 = 24 * 60;

async fn state(app: &TestApp) -> (String, String) {
    sqlx::query_as("select state, last_error from messages order by id desc limit 1")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

fn words(state: &str, trouble: &str) -> (String, String) {
    (state.to_owned(), trouble.to_owned())
}

async fn code(app: &TestApp) {
    app.sql(
        "insert into messages (channel, recipient, body, secret_until)
         values ('sms', '+6281255500001', '123456 is your code', now() + interval '10 minutes')",
    )
    .await;
}

#[tokio::test]
async fn what_a_provider_does_not_take_now_is_tried_until_it_is_too_late() {
    let app = TestApp::new().await;
    put_out(&app, 1).await;
    let postbox = Postbox::with(|_| Some(Outcome::Later(Trouble::RefusedForNow)));
    let dispatch = dispatch(&app, &postbox);
    let mut now = soon(&app);
    let end = plus_minutes(now, 2 * DAY_MINUTES);
    let mut attempts = 0;
    while now < end {
        attempts += deliver(&dispatch, OTHERS, now).await.unwrap();
        now = plus_minutes(now, 1);
    }
    // After 1, 5, 15 minutes and then every hour, for a day.
    assert!((24..=28).contains(&attempts), "{attempts}");
    assert_eq!(state(&app).await, words("failed", "refused_for_now"));
    assert_eq!(postbox.letters().len(), attempts);
}

#[tokio::test]
async fn what_a_provider_refuses_is_given_up_at_once() {
    let app = TestApp::new().await;
    put_out(&app, 1).await;
    let dispatch = dispatch(&app, &Postbox::with(|_| Some(Outcome::Refused(Trouble::Refused))));
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(state(&app).await, words("failed", "refused"));
}

#[tokio::test]
async fn nothing_more_goes_to_who_said_stop_or_is_not_there() {
    let app = TestApp::new().await;
    let now = soon(&app);
    put_out(&app, 1).await;
    send_all(
        &dispatch(
            &app,
            &Postbox::with(|_| Some(Outcome::Refused(Trouble::OptedOut))),
        ),
        now,
    )
    .await;
    assert_eq!(state(&app).await, words("suppressed", "opted_out"));
    let postbox = Postbox::new();
    put_out(&app, 1).await;
    send_all(&dispatch(&app, &postbox), now).await;
    assert_eq!(state(&app).await, words("suppressed", "opted_out"));
    assert_eq!(postbox.letters().len(), 0);

    app.sql("delete from message_stops; delete from messages").await;
    let nobody = Postbox::with(|_| Some(Outcome::Refused(Trouble::NoSuchRecipient)));
    for attempts in [1, 2, 2] {
        put_out(&app, 1).await;
        send_all(&dispatch(&app, &nobody), now).await;
        assert_eq!(nobody.letters().len(), attempts);
    }
}

#[tokio::test]
async fn who_wants_no_reminders_still_gets_everything_else() {
    let app = TestApp::new().await;
    app.sql(
        "insert into message_stops (recipient, reason, stopped_at)
         values ('+628121000001', 'unsubscribed', now());
         insert into messages (kind, channel, recipient, body, not_after)
         values ('reminder_day', 'sms', '+628121000001', '', now() + interval '1 day')",
    )
    .await;
    let postbox = Postbox::new();
    let now = soon(&app);
    send_all(&dispatch(&app, &postbox), now).await;
    assert_eq!(state(&app).await, words("suppressed", "opted_out"));
    put_out(&app, 1).await;
    send_all(&dispatch(&app, &postbox), now).await;
    assert_eq!(postbox.letters().len(), 1);
}

#[tokio::test]
async fn a_code_is_erased_once_it_is_sent_or_given_up() {
    const CODES_LEFT: &str = "select count(*) from messages where body <> ''";
    let app = TestApp::new().await;
    code(&app).await;
    let postbox = Postbox::new();
    assert_eq!(
        deliver(&dispatch(&app, &postbox), CODES, soon(&app))
            .await
            .unwrap(),
        1
    );
    assert!(postbox.letters()[0].text().starts_with("123456"));
    assert_eq!(app.count(CODES_LEFT).await, 0);

    code(&app).await;
    let refused = Postbox::with(|_| Some(Outcome::Refused(Trouble::Refused)));
    deliver(&dispatch(&app, &refused), CODES, soon(&app))
        .await
        .unwrap();
    assert_eq!(app.count(CODES_LEFT).await, 0);

    // The demo goes on showing what it did not send.
    code(&app).await;
    let mut demo = dispatch(&app, &postbox);
    demo.senders.is_demo = true;
    deliver(&demo, CODES, soon(&app)).await.unwrap();
    assert_eq!(state(&app).await, words("sent", ""));
    tidy(&app, plus_minutes(app.now, 60)).await;
    assert_eq!(app.count(CODES_LEFT).await, 1);
}

async fn tidy(app: &TestApp, now: Timestamp) {
    app.database
        .write("test.tidy", move |mut tx| async move {
            outbox::tidy(&mut tx, now).await?;
            tx.commit().await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn nothing_that_is_due_is_ever_deleted() {
    let app = TestApp::new().await;
    put_out(&app, 4).await;
    app.sql(
        "update messages set created_at = now() - interval '3 years', due_at = now() - interval '3 years';
         update messages set state = 'claimed', claimed_by = 'somebody', claimed_until = now() - interval '3 years'
         where body = 'text 2';
         update messages set state = 'sent', sent_at = now() - interval '3 years', ended_at = now() - interval '3 years'
         where body = 'text 3';
         update messages set state = 'sent', sent_at = now() - interval '3 months', ended_at = now() - interval '3 months'
         where body = 'text 4';",
    )
    .await;
    tidy(&app, app.now).await;
    let left: Vec<(String, String)> = sqlx::query_as("select state, body from messages order by id")
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap();
    // Texts are kept for a month, and what is known of a message for a year.
    assert_eq!(
        left,
        [
            words("due", "text 1"),
            words("claimed", "text 2"),
            words("sent", "")
        ]
    );
}

#[tokio::test]
async fn a_clock_that_jumps_two_days_sends_nothing_that_is_stale() {
    let app = TestApp::new().await;
    put_out(&app, 3).await;
    let postbox = Postbox::new();
    send_all(
        &dispatch(&app, &postbox),
        plus_minutes(app.database.now(), 2 * DAY_MINUTES),
    )
    .await;
    assert_eq!(postbox.letters().len(), 0);
    assert_eq!(state(&app).await, words("failed", "too_late"));
    put_out(&app, 1).await;
    send_all(&dispatch(&app, &postbox), plus_minutes(app.database.now(), 30)).await;
    assert_eq!(postbox.letters().len(), 1);
}

#[tokio::test]
async fn caps_end_what_somebody_pumps_out() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let mut dispatch = dispatch(&app, &postbox);
    let settings = |per_recipient, per_day| {
        std::sync::Arc::new(engine::notification::Settings {
            per_recipient,
            per_day,
            ..engine::notification::Settings::default()
        })
    };
    dispatch.settings = settings(2, 0);
    for _ in 0..3 {
        put_out(&app, 1).await;
        send_all(&dispatch, soon(&app)).await;
    }
    assert_eq!(postbox.letters().len(), 2);
    assert_eq!(state(&app).await, words("failed", "recipient_cap"));
    dispatch.settings = settings(0, 3);
    for _ in 0..2 {
        put_out(&app, 1).await;
        send_all(&dispatch, soon(&app)).await;
    }
    assert_eq!(postbox.letters().len(), 3);
    assert_eq!(state(&app).await, words("failed", "day_cap"));
}

#[tokio::test]
async fn a_receipt_that_comes_again_or_late_changes_nothing() {
    let app = TestApp::new().await;
    put_out(&app, 1).await;
    let postbox = Postbox::with(|_| {
        Some(Outcome::Sent {
            provider_id: Some("SM1".to_owned()),
        })
    });
    send_all(&dispatch(&app, &postbox), soon(&app)).await;
    let take = async |id: &str, arrived| {
        let receipt = Receipt {
            provider_id: id.to_owned(),
            arrived,
        };
        take_receipt(&app.database, receipt, app.now).await.unwrap()
    };
    assert!(!take("SM2", Ok(())).await);
    assert!(take("SM1", Ok(())).await);
    assert_eq!(state(&app).await, words("delivered", ""));
    assert!(take("SM1", Err(Trouble::Undelivered)).await);
    assert!(take("SM1", Ok(())).await);
    assert_eq!(state(&app).await, words("delivered", ""));
}
