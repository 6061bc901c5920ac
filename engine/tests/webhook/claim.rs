//! Several workers, some of which die: everything arrives, in its order, and twice only what somebody lost.

use std::collections::BTreeMap;

use engine::{
    appointment::Status,
    database::Database,
    time::plus_minutes,
    webhook::{self, LEASE_MINUTES, Posted, Trouble, claim, deliver, deliver_one},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    OK, Receiver, URL, change, clinic, dispatch, made, post_all, says, soon, state, states, try_to_make,
    wishes,
};
use crate::support::{TestApp, crowded};

/// So many appointments that were confirmed, each of a patient of its own.
async fn confirmed(app: &TestApp, count: usize) -> Vec<String> {
    let mut references = Vec::new();
    for (number, patient_id) in app.patients(count).await.into_iter().enumerate() {
        let slot = 20 + i64::try_from(number).unwrap();
        references.push(app.confirmed(patient_id, 0, app.slot(slot)).await);
    }
    references
}

#[tokio::test]
async fn ten_workers_of_three_servers_post_everything_once() {
    let app = clinic().await;
    for number in 0..4 {
        let url = format!("{URL}/{number}");
        try_to_make(&app, app.admin_caller(), wishes(&url)).await.unwrap();
    }
    confirmed(&app, 5).await;
    let (receiver, now) = (Receiver::new(), soon(&app));
    let servers: Vec<Database> = (0..3).map(|_| app.options.open(&crowded())).collect();
    let workers = (0..10)
        .map(|number| {
            let mut dispatch = dispatch(&app, &receiver);
            dispatch.database = servers[number % 3].clone();
            async move {
                loop {
                    deliver(&dispatch, now).await.unwrap();
                    // One that finds nothing may have come while others had the webhooks.
                    let left: i64 =
                        sqlx::query_scalar("select count(*) from webhook_deliveries where state = 'due'")
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
    app.race(workers).await;
    let mut times = BTreeMap::<String, usize>::new();
    for request in receiver.requests() {
        *times.entry(request.name).or_default() += 1;
    }
    assert_eq!(times.len(), 4 * 5 * 2);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn of_two_workers_at_once_one_has_the_webhook() {
    let app = clinic().await;
    made(&app).await;
    confirmed(&app, 3).await;
    let now = soon(&app);
    let workers = (0..8)
        .map(|_| {
            let database = app.database.clone();
            async move { claim(&database, now).await.unwrap() }
        })
        .collect();
    let claimed = app.race(workers).await;
    assert_eq!(claimed.iter().flatten().count(), 1);
}

#[tokio::test]
async fn what_was_in_flight_when_a_worker_died_is_posted_again_under_the_same_name() {
    let app = clinic().await;
    made(&app).await;
    confirmed(&app, 1).await;
    let now = soon(&app);
    // The receiver has it, and the worker dies before it hears of that.
    let silent = Receiver::with(|_| None);
    let first = dispatch(&app, &silent);
    let dying = tokio::spawn(async move { deliver(&first, now).await });
    while silent.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    dying.abort();
    let receiver = Receiver::new();
    let dispatch = dispatch(&app, &receiver);
    post_all(&dispatch, now).await;
    assert_eq!(receiver.requests().len(), 0);
    post_all(&dispatch, plus_minutes(now, LEASE_MINUTES)).await;
    let (lost, again) = (silent.requests().remove(0), receiver.requests().remove(0));
    assert_eq!((&lost.name, &lost.body), (&again.name, &again.body));
    assert_eq!(
        receiver.topics(),
        ["appointment.requested", "appointment.confirmed"]
    );
    assert_eq!(
        app.count("select max(attempts)::bigint from webhook_deliveries")
            .await,
        2
    );
}

#[tokio::test]
async fn a_worker_whose_claim_has_ended_writes_nothing_down() {
    let app = clinic().await;
    let id = made(&app).await;
    confirmed(&app, 1).await;
    let now = soon(&app);
    let slow = claim(&app.database, now).await.unwrap().unwrap();
    let later = plus_minutes(now, LEASE_MINUTES);
    let other = claim(&app.database, later).await.unwrap().unwrap();
    assert_eq!(slow.id, other.id);
    let gone = Receiver::with(|_| Some(says(410)));
    deliver_one(&dispatch(&app, &gone), slow, later).await.unwrap();
    assert_eq!(state(&app, id).await, ("active".to_owned(), None));
    deliver_one(&dispatch(&app, &Receiver::new()), other, later)
        .await
        .unwrap();
    assert_eq!(states(&app).await, ["delivered", "due"]);
}

#[tokio::test]
async fn of_one_appointment_nothing_overtakes_what_happened_before() {
    let app = clinic().await;
    made(&app).await;
    let references = confirmed(&app, 2).await;
    change(&app, 0, &references[0], Status::Cancelled).await.unwrap();
    let (first, second) = (app.id_of(&references[0]).await, app.id_of(&references[1]).await);
    let about = format!("\"id\":{first},");
    let receiver = Receiver::with(move |request| match request.body.contains(&about) {
        true => Some(says(503)),
        false => Some(OK),
    });
    let dispatch = dispatch(&app, &receiver);
    let mut now = soon(&app);
    for _ in 0..6 {
        post_all(&dispatch, now).await;
        now = plus_minutes(now, 6);
    }
    let told = |id: i64| -> Vec<String> {
        let bodies = receiver
            .told()
            .into_iter()
            .filter(|body| body["data"]["id"] == id);
        let mut topics: Vec<String> = bodies
            .map(|body| body["type"].as_str().unwrap().to_owned())
            .collect();
        topics.dedup();
        topics
    };
    assert_eq!(told(first), ["appointment.requested"]);
    assert_eq!(told(second), ["appointment.requested", "appointment.confirmed"]);
    // It works again: the rest comes, in its order.
    let receiver = Receiver::new();
    post_all(&super::dispatch(&app, &receiver), plus_minutes(now, 24 * 60)).await;
    assert_eq!(
        receiver.topics(),
        [
            "appointment.requested",
            "appointment.confirmed",
            "appointment.cancelled"
        ]
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn one_that_hangs_has_one_request_and_keeps_no_other_waiting() {
    let app = clinic().await;
    let hanging = format!("{URL}/hangs");
    try_to_make(&app, app.admin_caller(), wishes(&hanging))
        .await
        .unwrap();
    made(&app).await;
    confirmed(&app, 3).await;
    let now = soon(&app);
    let receiver = Receiver::with(|request| (!request.url.ends_with("/hangs")).then_some(OK));
    let first = dispatch(&app, &receiver);
    let stuck = tokio::spawn(async move { deliver(&first, now).await });
    while receiver.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    post_all(&dispatch(&app, &receiver), now).await;
    let to = |url: &str| {
        receiver
            .requests()
            .iter()
            .filter(|request| request.url == url)
            .count()
    };
    assert_eq!((to(&hanging), to(URL)), (1, 6));
    stuck.abort();
}

#[tokio::test]
async fn one_that_fails_is_left_alone_for_a_while_and_others_have_their_turn() {
    let app = clinic().await;
    let broken = format!("{URL}/broken");
    try_to_make(&app, app.admin_caller(), wishes(&broken))
        .await
        .unwrap();
    made(&app).await;
    confirmed(&app, 4).await;
    let receiver = Receiver::with(|request| match request.url.ends_with("/broken") {
        true => Some(Posted::Failed(Trouble::Unreachable)),
        false => Some(OK),
    });
    let dispatch = dispatch(&app, &receiver);
    let now = soon(&app);
    post_all(&dispatch, now).await;
    let tried = || {
        receiver
            .requests()
            .iter()
            .filter(|request| request.url == broken)
            .count()
    };
    assert_eq!((tried(), receiver.requests().len()), (1, 9));
    let after = |seconds: i64| -> Timestamp { now + SignedDuration::from_secs(seconds) };
    for (seconds, expected) in [(6, 2), (20, 2), (40, 3), (60, 3), (110, 4)] {
        post_all(&dispatch, after(seconds)).await;
        assert_eq!(tried(), expected, "after {seconds} s");
    }
    let failures = webhook::list(&app.database, &app.admin_caller(), now)
        .await
        .unwrap();
    assert_eq!(
        failures.iter().map(|one| one.failures).collect::<Vec<_>>(),
        [0, 4]
    );
}
