//! Making, listing and revoking tokens by the API.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{hex, stored};
use crate::support::{Answer, People, Program, TestApp, data, refused};
use janji::server::worker::step;

#[tokio::test]
async fn thirty_requests_under_one_key_make_one_token_and_show_it_once() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let before = app.count("select count(*) from tokens").await;
    let body = json!({ "name": "Wall", "scopes": ["read", "book", "read"], "days": 7 });
    let racers: Vec<_> = (0..30)
        .map(|_| {
            let (program, body) = (people.patient.clone(), body.clone());
            async move { program.post_under("k", "tokens", &body).await }
        })
        .collect();
    let answers = app.race(racers).await;
    let made: Vec<Value> = answers.iter().map(|answer| data(answer, 201)).collect();
    assert_eq!(app.count("select count(*) from tokens").await, before + 1);
    let tokens: Vec<&str> = made.iter().filter_map(|made| made["token"].as_str()).collect();
    let [token] = tokens.as_slice() else {
        panic!("it was told {} times", tokens.len())
    };
    for other in &made {
        for name in ["id", "name", "scopes", "expires_at"] {
            assert_eq!(other[name], made[0][name]);
        }
    }
    assert_eq!(made[0]["scopes"], json!(["read", "book"]));
    let stored = stored(&app).await;
    assert!(!stored.contains(token) && !stored.contains(&hex(token)));
    data(&Program::new(&site).with(token).get("me").await, 200);
    let other = json!({ "name": "Wall", "days": 7 });
    let answer = people.patient.post_under("k", "tokens", &other).await;
    refused(&answer, 409, "IDEMPOTENCY_CONFLICT");
}

#[tokio::test]
async fn a_signed_in_program_makes_lists_and_revokes_tokens() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for (program, role, id, scopes) in [
        (&people.patient, "patient", "patient_id", json!(["book"])),
        (&people.doctor, "doctor", "doctor_id", json!(["treat", "plan"])),
        (&people.admin, "admin", "staff_id", json!(["organise"])),
    ] {
        let me = data(&program.get("me").await, 200);
        assert_eq!(me["role"], role);
        assert!(me[id].is_i64() && me["name"].is_string(), "{me}");
        assert!(me["token"]["name"].is_null() && me["token"]["scopes"].is_null());
        let body = json!({ "name": "A script", "scopes": scopes, "days": 90 });
        let made = data(&program.post("tokens", &body).await, 201);
        assert_eq!(made["scopes"], scopes);
        let named = program.with(made["token"].as_str().unwrap());
        assert_eq!(data(&named.get("me").await, 200)["token"]["scopes"], scopes);
        assert_eq!(
            refused(&named.get("tokens").await, 403, "FORBIDDEN"),
            json!({ "scope": "read" })
        );
        let listed = data(&program.get("tokens").await, 200);
        let [first, rest @ ..] = listed.as_array().unwrap().as_slice() else {
            panic!("{listed}")
        };
        assert_eq!(first["id"], made["id"]);
        assert!(first.get("token").is_none() && first.get("hash").is_none());
        assert!(rest.iter().any(|token| token["id"] == me["token"]["id"]));
        let path = format!("tokens/{}", made["id"]);
        data(&program.delete(&path).await, 200);
        refused(&named.get("me").await, 401, "UNAUTHENTICATED");
        // It is as it was to be.
        data(&program.delete(&path).await, 200);
    }
}

#[tokio::test]
async fn a_program_may_revoke_its_own_token() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let body = json!({ "name": "A script", "days": 1 });
    let made = data(&people.patient.post("tokens", &body).await, 201);
    let named = people.patient.with(made["token"].as_str().unwrap());
    data(&named.get("appointments").await, 200);
    refused(&named.post("tokens", &body).await, 403, "FORBIDDEN");
    let answer = Answer::of(named.request("POST", "auth/logout")).await;
    data(&answer, 200);
    refused(&named.get("me").await, 401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_expired_token_opens_nothing() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = json!({ "name": "A script", "days": 1 });
    let made = data(&people.patient.post("tokens", &body).await, 201);
    let named = people.patient.with(made["token"].as_str().unwrap());
    let expires_at: Timestamp = made["expires_at"].as_str().unwrap().parse().unwrap();
    let made_at: Timestamp = made["made_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(expires_at.duration_since(made_at), SignedDuration::from_hours(24));
    data(&named.get("me").await, 200);
    app.sql("update tokens set made_at = now() - interval '2 days', expires_at = now() - interval '1 second' where name is not null")
        .await;
    refused(&named.get("me").await, 401, "UNAUTHENTICATED");
    let listed = data(&people.patient.get("tokens").await, 200);
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|token| token["name"].is_null())
    );
}

#[tokio::test]
async fn the_worker_deletes_expired_tokens() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let body = json!({ "name": "A script", "days": 1 });
    data(&people.patient.post("tokens", &body).await, 201);
    let named = "select count(*) from tokens where name is not null";
    step(&app.state, Timestamp::now()).await.unwrap();
    assert_eq!(app.count(named).await, 1);
    app.sql("update tokens set made_at = now() - interval '2 days', expires_at = now() - interval '1 second' where name is not null")
        .await;
    step(&app.state, Timestamp::now()).await.unwrap();
    assert_eq!(app.count(named).await, 0);
}

#[tokio::test]
async fn a_malformed_request_for_a_token_is_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let before = app.count("select count(*) from tokens").await;
    for (body, details) in [
        (json!({ "days": 1 }), json!({ "name": "missing" })),
        (
            json!({ "name": " \u{7} ", "days": 1 }),
            json!({ "name": "missing" }),
        ),
        (
            json!({ "name": "x".repeat(61), "days": 1 }),
            json!({ "name": "too-long" }),
        ),
        (json!({ "name": "A script" }), json!({ "days": "missing" })),
        (
            json!({ "name": "A script", "days": 0 }),
            json!({ "days": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 367 }),
            json!({ "days": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 65537 }),
            json!({ "days": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "scopes": [] }),
            json!({ "scopes": "missing" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "scopes": ["organise"] }),
            json!({ "scopes": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "scopes": ["everything"] }),
            json!({ "scopes[0]": "malformed" }),
        ),
        (
            json!({ "name": "A script", "days": 1, "more": 1 }),
            json!({ "more": "unknown" }),
        ),
    ] {
        let answer = people.patient.post("tokens", &body).await;
        assert_eq!(refused(&answer, 422, "VALIDATION_FAILED"), details, "{body}");
    }
    assert_eq!(app.count("select count(*) from tokens").await, before);
}
