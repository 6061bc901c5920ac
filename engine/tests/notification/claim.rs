//! Several workers, some of which die: nothing is lost, and nothing is sent twice that nobody lost.

use std::collections::BTreeMap;

use engine::{
    notification::{Channel, Kind, LEASE_MINUTES, Outcome, claim, deliver, deliver_one, send_again},
    time::plus_minutes,
};
use jiff::Timestamp;

use super::{CODES, OTHERS, Postbox, dispatch, put_out, send_all, soon};
use crate::support::{TestApp, crowded};

const SENT: &str = "select count(*) from messages where state = 'sent'";

#[tokio::test]
async fn three_servers_send_each_of_500_messages_once() {
    let app = TestApp::crowded().await;
    put_out(&app, 500).await;
    let (postbox, now) = (Postbox::new(), soon(&app));
    let servers = (0..3)
        .map(|_| {
            let mut dispatch = dispatch(&app, &postbox);
            dispatch.database = app.options.open(&crowded());
            async move {
                // Each goes on until all are sent: one that finds nothing may have come while the others had them.
                loop {
                    deliver(&dispatch, OTHERS, now).await.unwrap();
                    let left = sqlx::query_scalar::<_, i64>(
                        "select count(*) from messages where state in ('due', 'claimed')",
                    )
                    .fetch_one(dispatch.database.pool())
                    .await
                    .unwrap();
                    if left == 0 {
                        return;
                    }
                }
            }
        })
        .collect();
    app.race(servers).await;
    assert_eq!(app.count(SENT).await, 500);
    let mut times = BTreeMap::<String, usize>::new();
    for letter in postbox.letters() {
        *times.entry(letter.name).or_default() += 1;
    }
    assert_eq!(times.len(), 500);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
}

#[tokio::test]
async fn a_claim_of_a_worker_that_died_ends_and_the_message_is_sent() {
    let app = TestApp::new().await;
    put_out(&app, 1).await;
    let (postbox, now) = (Postbox::new(), soon(&app));
    let dispatch = dispatch(&app, &postbox);
    let dead = claim(&app.database, OTHERS, 8, now).await.unwrap();
    assert_eq!(dead.len(), 1);
    send_all(&dispatch, now).await;
    send_all(&dispatch, plus_minutes(now, LEASE_MINUTES - 1)).await;
    assert_eq!(postbox.letters().len(), 0);
    let later = plus_minutes(now, LEASE_MINUTES);
    send_all(&dispatch, later).await;
    assert_eq!(postbox.letters().len(), 1);
    // It was not dead, but slow: it has nothing to send any more.
    deliver_one(dispatch, postbox.clone(), dead[0].clone(), later)
        .await
        .unwrap();
    assert_eq!(postbox.letters().len(), 1);
    assert_eq!(app.count(SENT).await, 1);
}

#[tokio::test]
async fn what_was_in_flight_when_a_worker_died_is_sent_again_under_the_same_name() {
    let app = TestApp::crowded().await;
    put_out(&app, 1).await;
    let now = soon(&app);
    // The provider has it, and the worker dies before it hears of that.
    let silent = Postbox::with(|_| None);
    let claimed = claim(&app.database, OTHERS, 8, now).await.unwrap().remove(0);
    let dying = tokio::spawn(deliver_one(dispatch(&app, &silent), silent.clone(), claimed, now));
    while silent.letters().is_empty() {
        tokio::task::yield_now().await;
    }
    dying.abort();
    let postbox = Postbox::new();
    send_all(&dispatch(&app, &postbox), plus_minutes(now, LEASE_MINUTES)).await;
    let (first, second) = (silent.letters().remove(0), postbox.letters().remove(0));
    assert_eq!(
        (first.name.clone(), first.text()),
        (second.name.clone(), second.text())
    );
    assert_eq!(app.count("select attempts::bigint from messages").await, 2);
}

#[tokio::test]
async fn a_provider_that_hangs_keeps_no_code_waiting() {
    let app = TestApp::crowded().await;
    put_out(&app, 100).await;
    app.sql(
        "insert into messages (channel, recipient, body, secret_until)
         values ('sms', '+6281255500001', '123456 is your code', now() + interval '10 minutes')",
    )
    .await;
    let now = soon(&app);
    let postbox =
        Postbox::with(|letter| (letter.kind == Kind::Code).then_some(Outcome::Sent { provider_id: None }));
    let dispatch = dispatch(&app, &postbox);
    let hanging = {
        let dispatch = dispatch.clone();
        tokio::spawn(async move { deliver(&dispatch, OTHERS, now).await })
    };
    while postbox.letters().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(deliver(&dispatch, CODES, now).await.unwrap(), 1);
    assert_eq!(app.count(SENT).await, 1);
    hanging.abort();
}

#[tokio::test]
async fn thirty_admins_and_two_workers_send_a_message_again_once() {
    let app = TestApp::crowded().await;
    put_out(&app, 1).await;
    app.sql("update messages set state = 'failed', last_error = 'refused', ended_at = now()")
        .await;
    let id = app.count("select id from messages").await;
    let (postbox, now) = (Postbox::new(), soon(&app));
    let dispatch = dispatch(&app, &postbox);
    let admins = (0..30)
        .map(|_| {
            let (database, caller, at) = (app.database.clone(), app.admin_caller(), app.database.now());
            async move { send_again(&database, caller, id, at).await }
        })
        .collect();
    // Before anything is sent, all of them find it given up or due.
    assert!(app.race(admins).await.iter().all(Result::is_ok));
    let workers = (0..2)
        .map(|_| {
            let dispatch = dispatch.clone();
            async move { deliver(&dispatch, OTHERS, now).await.unwrap() }
        })
        .collect();
    assert_eq!(app.race(workers).await.iter().sum::<usize>(), 1);
    assert_eq!(postbox.letters().len(), 1);
    // Sent is sent.
    assert!(
        send_again(&app.database, app.admin_caller(), id, now)
            .await
            .is_err()
    );
    assert!(
        send_again(&app.database, app.doctor_caller(0), id, now)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn messages_about_one_appointment_are_claimed_one_after_the_other() {
    let app = TestApp::new().await;
    app.sql(
        "insert into messages (kind, channel, recipient, body, appointment_id, not_after)
         select 'day_cancelled', 'sms', '+6281255500001', 'text', 7, now() + interval '1 day' from generate_series(1, 3)",
    )
    .await;
    let now = soon(&app);
    for expected in 1..=3 {
        let claimed = claim(&app.database, OTHERS, 8, now).await.unwrap();
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        let postbox = Postbox::new();
        deliver_one(dispatch(&app, &postbox), postbox.clone(), claimed[0].clone(), now)
            .await
            .unwrap();
        assert_eq!(app.count(SENT).await, expected);
    }
}

/// What nobody can send waits until it is too late, and is then given up by whoever can.
#[tokio::test]
async fn a_lane_without_a_sender_claims_nothing() {
    let app = TestApp::new().await;
    put_out(&app, 1).await;
    let postbox = Postbox::new();
    let mut dispatch = dispatch(&app, &postbox);
    dispatch.senders.sms = None;
    let now: Timestamp = soon(&app);
    assert!(dispatch.senders.of(Channel::Sms).is_none());
    assert_eq!(deliver(&dispatch, OTHERS, now).await.unwrap(), 0);
    assert_eq!(
        app.count("select count(*) from messages where state = 'due'")
            .await,
        1
    );
}
