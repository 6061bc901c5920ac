//! Webhooks that fail, end, or are stopped by somebody.

use engine::{
    appointment::Status,
    error::AppError,
    time::plus_minutes,
    webhook::{self, GIVE_UP_HOURS, Replay},
};
use jiff::Timestamp;

use super::{OK, Receiver, change, clinic, dispatch, is, made, post_all, says, soon, state, states, tidy};
use crate::support::TestApp;

const MAILS: &str =
    "select count(*) from messages where kind = 'account' and recipient = 'admin@test.example'";

/// Posts again and again, whenever something is due, for so many hours.
async fn post_for(
    app: &TestApp,
    receiver: &std::sync::Arc<Receiver>,
    from: Timestamp,
    hours: i64,
) -> Timestamp {
    let mut now = from;
    let end = plus_minutes(from, hours * 60);
    while now < end {
        post_all(&dispatch(app, receiver), now).await;
        now = plus_minutes(now, 30);
    }
    now
}

#[tokio::test]
async fn after_three_days_without_success_it_is_paused_and_its_owner_told() {
    let app = clinic().await;
    let id = made(&app).await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    let broken = Receiver::with(|_| Some(says(500)));
    let from = soon(&app);
    let now = post_for(&app, &broken, from, GIVE_UP_HOURS - 1).await;
    assert_eq!(state(&app, id).await, ("active".to_owned(), None));
    assert_eq!(app.count(MAILS).await, 0);
    let now = post_for(&app, &broken, now, 3).await;
    assert_eq!(state(&app, id).await, is("paused", "failing"));
    assert_eq!(app.count(MAILS).await, 1);
    assert_eq!(states(&app).await, ["failed", "due"]);
    assert!(broken.requests().len() <= 13, "{}", broken.requests().len());
    // What happens meanwhile is kept, and posted when it goes on.
    change(&app, 0, &reference, Status::Cancelled).await.unwrap();
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), now).await;
    assert_eq!(receiver.requests().len(), 0);
    let admin = app.admin_caller();
    webhook::resume(&app.database, &admin, id, now).await.unwrap();
    let since = plus_minutes(app.now, -60);
    let count = webhook::replay(&app.database, &admin, id, Replay::FailedSince(since), now).await;
    assert_eq!(count, Ok(1));
    post_all(&dispatch(&app, &receiver), now).await;
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
async fn one_delivery_that_is_refused_for_three_days_stops_no_other() {
    let app = clinic().await;
    let id = made(&app).await;
    let patients = app.patients(2).await;
    let refused = app.confirmed(patients[0], 0, app.slot(20)).await;
    let about = format!("\"id\":{},", app.id_of(&refused).await);
    let receiver = Receiver::with(move |request| match request.body.contains(&about) {
        true => Some(says(400)),
        false => Some(OK),
    });
    let now = post_for(&app, &receiver, soon(&app), 1).await;
    // Something else arrives meanwhile.
    app.confirmed(patients[1], 1, app.slot(20)).await;
    post_for(&app, &receiver, now, GIVE_UP_HOURS + 1).await;
    assert_eq!(state(&app, id).await, ("active".to_owned(), None));
    let states = states(&app).await;
    assert_eq!(
        (&*states[0], &*states[2], &*states[3]),
        ("failed", "delivered", "delivered")
    );
    assert_eq!(app.count(MAILS).await, 1);
}

#[tokio::test]
async fn an_address_that_is_gone_ends_the_webhook() {
    let app = clinic().await;
    let id = made(&app).await;
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    let gone = Receiver::with(|_| Some(says(410)));
    let now = soon(&app);
    post_all(&dispatch(&app, &gone), now).await;
    assert_eq!(gone.requests().len(), 1);
    assert_eq!(state(&app, id).await, is("ended", "gone"));
    // What waits is dropped by the worker, however much that is.
    assert_eq!(states(&app).await, ["failed", "due"]);
    tidy(&app, now).await;
    assert_eq!(states(&app).await, ["failed", "dropped"]);
    assert_eq!(app.count(MAILS).await, 1);
    assert_eq!(
        app.count("select count(*) from webhooks where secret = ''").await,
        1
    );
    change(&app, 0, &reference, Status::Cancelled).await.unwrap();
    assert_eq!(states(&app).await.len(), 2);
    let admin = app.admin_caller();
    let resumed = webhook::resume(&app.database, &admin, id, now).await;
    assert!(matches!(resumed, Err(AppError::ValidationFailed { .. })));
}

#[tokio::test]
async fn one_that_is_paused_is_told_later_and_a_test_at_once() {
    let app = clinic().await;
    let (id, admin) = (made(&app).await, app.admin_caller());
    webhook::pause(&app.database, &admin, id).await.unwrap();
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    let now = soon(&app);
    let broken = Receiver::with(|_| Some(says(500)));
    webhook::send_test(&app.database, &admin, id, app.database.now())
        .await
        .unwrap();
    webhook::send_test(&app.database, &admin, id, app.database.now())
        .await
        .unwrap();
    post_all(&dispatch(&app, &broken), now).await;
    // Once, also where it fails.
    assert_eq!(broken.topics(), ["webhook.test"]);
    assert_eq!(broken.told()[0]["data"], serde_json::json!({ "webhook_id": id }));
    assert_eq!(states(&app).await, ["due", "due", "failed"]);
    assert_eq!(app.count(MAILS).await, 0);
    webhook::resume(&app.database, &admin, id, now).await.unwrap();
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), now).await;
    assert_eq!(
        receiver.topics(),
        ["appointment.requested", "appointment.confirmed"]
    );
}

#[tokio::test]
async fn one_that_was_deleted_is_told_nothing_more() {
    let app = clinic().await;
    let (id, admin) = (made(&app).await, app.admin_caller());
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    let now = soon(&app);
    webhook::delete(&app.database, &admin, id, now).await.unwrap();
    let receiver = Receiver::new();
    post_all(&dispatch(&app, &receiver), now).await;
    assert_eq!(receiver.requests().len(), 0);
    let again = webhook::delete(&app.database, &admin, id, now).await;
    assert_eq!(again, Err(AppError::NotFound));
    tidy(&app, now).await;
    assert_eq!(states(&app).await, ["dropped", "dropped"]);
    tidy(&app, plus_minutes(now, 30 * 24 * 60 + 1)).await;
    assert_eq!(app.count("select count(*) from webhook_deliveries").await, 0);
    assert_eq!(app.count("select count(*) from webhooks").await, 0);
}

#[tokio::test]
async fn what_was_delivered_is_posted_again_under_its_name_when_somebody_asks() {
    let app = clinic().await;
    let (id, admin) = (made(&app).await, app.admin_caller());
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    let (receiver, now) = (Receiver::new(), soon(&app));
    post_all(&dispatch(&app, &receiver), now).await;
    let first = app.count("select min(id) from webhook_deliveries").await;
    let replays = (0..5)
        .map(|_| {
            let (database, admin) = (app.database.clone(), admin.clone());
            async move {
                webhook::replay(&database, &admin, id, Replay::One(first), now)
                    .await
                    .unwrap()
            }
        })
        .collect();
    // The first of them has it posted again; for the others it waits already.
    assert_eq!(app.race(replays).await.iter().sum::<u64>(), 1);
    post_all(&dispatch(&app, &receiver), now).await;
    let names: Vec<String> = receiver
        .requests()
        .into_iter()
        .map(|request| request.name)
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[0], names[2]);
    let missing = webhook::replay(&app.database, &admin, id, Replay::One(first + 1000), now).await;
    assert_eq!(missing, Err(AppError::NotFound));
    app.assert_whole().await;
}
