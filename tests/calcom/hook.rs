//! What is posted to us: signed, once, and believed in nothing but that it is time to look.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::Sha256;

use super::{
    CalComHere, clinic,
    round::{HOOK_SECRET, linked},
};
use crate::support::{Answer, Site, TestApp};

fn body(trigger: &str, uid: &str, at: Timestamp) -> Vec<u8> {
    json!({
        "triggerEvent": trigger, "createdAt": at.to_string(),
        "payload": { "uid": uid, "startTime": "2026-12-07T02:00:00.000Z", "endTime": "2026-12-07T02:30:00.000Z" }
    })
    .to_string()
    .into_bytes()
}

fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    engine::account::secret::hex(&mac.finalize().into_bytes())
}

async fn post(site: &Site<'_>, account: &str, body: Vec<u8>, signature: Option<&str>) -> u16 {
    let visitor = site.visitor();
    let path = format!("/hooks/calcom/{account}");
    let mut request = visitor.http.post(visitor.url(&path)).body(body);
    if let Some(signature) = signature {
        request = request.header("x-cal-signature-256", signature);
    }
    Answer::of(request).await.status
}

/// A clinic with an account that was looked at, and is not due for a while.
async fn with_account() -> (TestApp, i64) {
    let app = clinic().await;
    let here = CalComHere::open().await;
    let account_id = linked(&app, &here).await;
    app.sql("update calendar_accounts set pull_at = now() + interval '1 hour'")
        .await;
    (app, account_id)
}

const DUE: &str = "select count(*) from calendar_accounts where pull_at <= now() + interval '5 seconds'";
const HEARD: &str = "select count(*) from provider_events where source = 'calcom'";

#[tokio::test]
async fn what_is_signed_is_heard_once() {
    let (app, account_id) = with_account().await;
    let site = app.serve().await;
    let account = account_id.to_string();
    let body = body("BOOKING_CREATED", "uid-1", app.state.now());
    let signature = sign(HOOK_SECRET, &body);
    assert_eq!(app.count(DUE).await, 0);
    assert_eq!(post(&site, &account, body.clone(), Some(&signature)).await, 204);
    assert_eq!((app.count(DUE).await, app.count(HEARD).await), (1, 1));
    app.sql("update calendar_accounts set pull_at = now() + interval '1 hour'")
        .await;
    // Whoever plays it back is answered as before, and nothing happens.
    assert_eq!(post(&site, &account, body, Some(&signature)).await, 204);
    assert_eq!((app.count(DUE).await, app.count(HEARD).await), (0, 1));
    let other = super::hook::body("MEETING_ENDED", "uid-1", app.state.now());
    let signature = sign(HOOK_SECRET, &other);
    assert_eq!(post(&site, &account, other, Some(&signature)).await, 204);
    assert_eq!((app.count(DUE).await, app.count(HEARD).await), (0, 1));
}

#[tokio::test]
async fn what_is_forged_old_broken_or_for_nobody_is_refused() {
    let (app, account_id) = with_account().await;
    let site = app.serve().await;
    let account = account_id.to_string();
    let now = app.state.now();
    let genuine = body("BOOKING_CREATED", "uid-1", now);
    let signature = sign(HOOK_SECRET, &genuine);
    for (signature, expected) in [
        (None, 401),
        (Some("no-secret-provided".to_owned()), 401),
        (Some(String::new()), 401),
        (Some(sign("hook_of_somebody_else", &genuine)), 401),
        (Some(sign("", &genuine)), 401),
    ] {
        let status = post(&site, &account, genuine.clone(), signature.as_deref()).await;
        assert_eq!(status, expected, "{signature:?}");
    }
    let mut changed = genuine.clone();
    changed.push(b' ');
    assert_eq!(post(&site, &account, changed, Some(&signature)).await, 401);
    for at in [
        now - SignedDuration::from_hours(25),
        now + SignedDuration::from_mins(6),
    ] {
        let body = body("BOOKING_CREATED", "uid-1", at);
        let signature = sign(HOOK_SECRET, &body);
        assert_eq!(post(&site, &account, body, Some(&signature)).await, 401, "{at}");
    }
    let broken = b"{}".to_vec();
    let of_broken = sign(HOOK_SECRET, &broken);
    assert_eq!(post(&site, &account, broken, Some(&of_broken)).await, 400);
    let long = vec![b' '; 1024 * 1024 + 1];
    let of_long = sign(HOOK_SECRET, &long);
    assert_eq!(post(&site, &account, long, Some(&of_long)).await, 413);
    for nobody in ["999", "x", "-1"] {
        assert_eq!(
            post(&site, nobody, genuine.clone(), Some(&signature)).await,
            404,
            "{nobody}"
        );
    }
    // Without a secret there is nothing here.
    app.sql("delete from calendar_hooks").await;
    assert_eq!(post(&site, &account, genuine, Some(&signature)).await, 404);
    assert_eq!((app.count(DUE).await, app.count(HEARD).await), (0, 0));
}
