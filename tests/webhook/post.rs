//! What is posted, judged by the library of the specification, and receivers that misbehave.

use std::time::{Duration, Instant};

use engine::webhook::{self, DeliveryFilter, DeliveryView, State, Trouble};
use janji::webhook::sign::written;
use standardwebhooks::Webhook;

use super::{Receiver, clinic, dispatch, made, post_all};
use crate::support::{TestApp, VISIT};

/// What the first delivery of a webhook came to.
async fn first(app: &TestApp, id: i64) -> DeliveryView {
    let filter = DeliveryFilter {
        limit: 10,
        ..DeliveryFilter::default()
    };
    let found = webhook::deliveries(&app.database, &app.admin_caller(), id, filter, app.state.now()).await;
    found.unwrap().pop().unwrap()
}

/// Tries webhooks out at each of these paths, and posts.
async fn tried(app: &TestApp, receiver: &Receiver, paths: &[&str]) -> Vec<i64> {
    let mut ids = Vec::new();
    for path in paths {
        let (id, _) = made(app, &receiver.url(path)).await;
        webhook::send_test(&app.database, &app.admin_caller(), id, app.state.now())
            .await
            .unwrap();
        ids.push(id);
    }
    post_all(&dispatch(app, true)).await;
    ids
}

#[tokio::test]
async fn a_request_is_verified_by_the_library_of_the_specification() {
    let app = clinic(true).await;
    let receiver = Receiver::start().await;
    let (_, secret) = made(&app, &receiver.url("/ok")).await;
    let patient_id = app.patient(1).await;
    app.requested(patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    post_all(&dispatch(&app, true)).await;
    let got = receiver.got("/ok").remove(0);
    let judge = Webhook::new(&written(&secret)).unwrap();
    judge.verify(&got.body, &got.headers).unwrap();
    let mut forged = got.body.to_vec();
    forged[0] ^= 1;
    assert!(judge.verify(&forged, &got.headers).is_err());
    let (_, other) = made(&app, &receiver.url("/other")).await;
    let stranger = Webhook::new(&written(&other)).unwrap();
    assert!(stranger.verify(&got.body, &got.headers).is_err());
    assert_eq!(got.headers["content-type"], "application/json");
    let body: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(body["type"], "appointment.requested");
}

#[tokio::test]
async fn what_a_receiver_answers_is_kept_as_text_and_bounded() {
    let app = clinic(true).await;
    let receiver = Receiver::start().await;
    let began = Instant::now();
    let ids = tried(&app, &receiver, &["/500", "/huge", "/redirect", "/410"]).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let refused = first(&app, ids[0]).await;
    assert_eq!(
        (refused.answer_status, refused.trouble),
        (Some(500), Some(Trouble::Refused))
    );
    assert_eq!(refused.answer, "<script>alert(1)</script> ");
    // All is well that says so, however long it goes on.
    let huge = first(&app, ids[1]).await;
    assert_eq!((huge.answer_status, huge.trouble), (Some(200), None));
    assert_eq!(huge.answer.len(), 1024);
    let redirected = first(&app, ids[2]).await;
    assert_eq!(
        (redirected.answer_status, redirected.trouble),
        (Some(302), Some(Trouble::Redirected))
    );
    assert!(receiver.got("/inside").is_empty());
    let gone = webhook::one(&app.database, &app.admin_caller(), ids[3], app.state.now()).await;
    assert_eq!(gone.unwrap().state, State::Ended);
}

#[tokio::test]
async fn a_receiver_that_says_yes_and_never_ends_is_not_told_again() {
    let app = clinic(true).await;
    let receiver = Receiver::start().await;
    let ids = tried(&app, &receiver, &["/drip"]).await;
    let told = first(&app, ids[0]).await;
    assert_eq!(told.state, webhook::DeliveryState::Delivered);
    assert_eq!((told.answer_status, told.trouble), (Some(200), None));
    assert_eq!(told.answer, "well");
    assert_eq!(receiver.got("/drip").len(), 1);
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_hung_up_on_and_told_again() {
    let app = clinic(true).await;
    let receiver = Receiver::start().await;
    let (id, _) = made(&app, &receiver.url("/slow")).await;
    let (other, _) = made(&app, &receiver.url("/ok")).await;
    let patient_id = app.patient(1).await;
    app.requested(patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    let began = Instant::now();
    post_all(&dispatch(&app, true)).await;
    assert!(began.elapsed() < Duration::from_secs(10));
    let slow = first(&app, id).await;
    assert_eq!(
        (slow.trouble, slow.answer_status),
        (Some(Trouble::TimedOut), None)
    );
    assert_eq!(slow.state, webhook::DeliveryState::Due);
    assert_eq!(first(&app, other).await.state, webhook::DeliveryState::Delivered);
}

#[tokio::test]
async fn a_closed_door_is_told_as_such() {
    let app = clinic(true).await;
    // The port of a listener that is gone.
    let receiver = Receiver::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let path = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let ids = tried(&app, &receiver, &[&path]).await;
    assert_eq!(first(&app, ids[0]).await.trouble, Some(Trouble::Unreachable));
}

#[tokio::test]
async fn nothing_is_posted_inside_where_the_installation_does_not_allow_it() {
    let app = clinic(false).await;
    let receiver = Receiver::start().await;
    // Made while they were allowed: what leads inside by its look, and one by its name.
    let port = receiver.url("").rsplit(':').next().unwrap().to_owned();
    let inside = receiver.url("/ok");
    let named = format!("https://localhost:{port}/ok");
    let mut ids = Vec::new();
    for url in [&inside, &named] {
        let (id, _) = made(&app, url).await;
        webhook::send_test(&app.database, &app.admin_caller(), id, app.state.now())
            .await
            .unwrap();
        ids.push(id);
    }
    post_all(&dispatch(&app, false)).await;
    for id in ids {
        assert_eq!(first(&app, id).await.trouble, Some(Trouble::PrivateAddress));
    }
    assert!(receiver.got("/ok").is_empty());
}
