//! Webhooks by the API.

use serde_json::{Value, json};

use super::{Receiver, clinic, dispatch, post_all};
use crate::support::{Answer, People, data, refused};

fn wish(url: &str) -> Value {
    json!({ "url": url, "description": "Billing", "events": ["appointment.confirmed"] })
}

#[tokio::test]
async fn a_program_makes_changes_and_deletes_a_webhook() {
    let app = clinic(false).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = wish("https://hooks.example.com/janji");
    let made = data(&people.admin.post_under("k", "webhooks", &body).await, 201);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"), "{made}");
    // The same request makes it once, and tells the secret once.
    let again = data(&people.admin.post_under("k", "webhooks", &body).await, 201);
    assert_eq!((&again["id"], &again["secret"]), (&made["id"], &Value::Null));
    let path = format!("webhooks/{}", made["id"]);
    let read = people.admin.get(&path).await;
    assert!(read.header("etag").starts_with("W/\"1-"), "{read:?}");
    assert!(!read.body.contains("whsec_") && data(&read, 200)["secret"].is_null());
    let mut change = wish("https://hooks.example.com/other");
    change["events"] = json!(["prescription.written", "appointment.moved"]);
    change["version"] = json!(1);
    let changed = data(&people.admin.put(&path, &change).await, 200);
    assert_eq!(
        changed["events"],
        json!(["appointment.moved", "prescription.written"])
    );
    refused(&people.admin.put(&path, &change).await, 409, "STALE_VERSION");
    let secret = data(
        &people.admin.post(&format!("{path}/secret"), &json!({})).await,
        200,
    );
    assert_ne!(secret["secret"], made["secret"]);
    assert!(secret["old_secret_until"].is_string());
    let paused = data(
        &people.admin.post(&format!("{path}/pause"), &json!({})).await,
        200,
    );
    assert_eq!(
        (&paused["state"], &paused["because"]),
        (&json!("paused"), &json!("by_hand"))
    );
    let resumed = data(
        &people.admin.post(&format!("{path}/resume"), &json!({})).await,
        200,
    );
    assert_eq!(
        (&resumed["state"], &resumed["because"]),
        (&json!("active"), &Value::Null)
    );
    data(&people.admin.delete(&path).await, 200);
    refused(&people.admin.get(&path).await, 404, "NOT_FOUND");
    assert_eq!(data(&people.admin.get("webhooks").await, 200), json!([]));
}

#[tokio::test]
async fn wrong_inputs_are_named_as_the_program_named_them() {
    let app = clinic(false).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let with = |field: &str, value: Value| {
        let mut body = wish("https://hooks.example.com/janji");
        body[field] = value;
        body
    };
    for (field, value) in [
        ("url", json!("http://hooks.example.com/")),
        ("url", json!("https://169.254.169.254/latest")),
        ("description", json!(" ")),
        ("events", json!([])),
        ("events", json!(["appointment.held"])),
        ("events", json!(["webhook.test"])),
        ("doctor_id", json!(999)),
        ("clinic_id", json!(999)),
    ] {
        let answer = people.admin.post("webhooks", &with(field, value.clone())).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert!(details.to_string().contains(field), "{field} {value}: {details}");
    }
    assert_eq!(app.count("select count(*) from webhooks").await, 0);
}

#[tokio::test]
async fn a_token_needs_its_scope_and_for_details_that_to_read() {
    let app = clinic(false).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut tokens = Vec::new();
    for scopes in [json!(["read"]), json!(["webhooks"]), json!(["webhooks", "read"])] {
        let body = json!({ "name": "A program", "scopes": scopes, "days": 7 });
        let token = data(&people.doctor.post("tokens", &body).await, 201);
        tokens.push(people.doctor.with(token["token"].as_str().unwrap()));
    }
    let (plain, mut detailed) = (
        wish("https://hooks.example.com/"),
        wish("https://hooks.example.com/"),
    );
    detailed["details"] = json!(true);
    let status = |answer: &Answer| answer.status;
    assert_eq!(status(&tokens[0].post("webhooks", &plain).await), 403);
    assert_eq!(status(&tokens[1].post("webhooks", &plain).await), 201);
    assert_eq!(status(&tokens[1].post("webhooks", &detailed).await), 403);
    assert_eq!(status(&tokens[2].post("webhooks", &detailed).await), 201);
    assert_eq!(data(&people.other_doctor.get("webhooks").await, 200), json!([]));
    refused(&people.patient.get("webhooks").await, 404, "NOT_FOUND");
}

#[tokio::test]
async fn a_program_reads_what_it_was_told_and_has_it_posted_again() {
    let app = clinic(true).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let receiver = Receiver::start().await;
    let made = data(
        &people.doctor.post("webhooks", &wish(&receiver.url("/ok"))).await,
        201,
    );
    let path = format!("webhooks/{}", made["id"]);
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    data(
        &people.doctor.post(&format!("{path}/test"), &json!({})).await,
        200,
    );
    post_all(&dispatch(&app, true)).await;
    let listed = data(&people.doctor.get(&format!("{path}/deliveries")).await, 200);
    assert_eq!(listed[0]["type"], "webhook.test");
    assert_eq!(
        (&listed[1]["type"], &listed[1]["state"]),
        (&json!("appointment.confirmed"), &json!("delivered"))
    );
    let first = receiver.got("/ok").remove(0);
    assert_eq!(
        listed[1]["webhook_id"],
        first.headers["webhook-id"].to_str().unwrap()
    );
    let page = people
        .doctor
        .get(&format!("{path}/deliveries?limit=1"))
        .await
        .json();
    let next = page["next_cursor"].as_str().unwrap();
    let rest = data(
        &people
            .doctor
            .get(&format!("{path}/deliveries?cursor={next}"))
            .await,
        200,
    );
    assert_eq!(rest[0]["id"], listed[1]["id"]);
    let replay = format!("{path}/deliveries/{}/replay", listed[1]["id"]);
    let replayed = data(&people.doctor.post(&replay, &json!({})).await, 200);
    assert_eq!(replayed, json!({ "deliveries": 1 }));
    post_all(&dispatch(&app, true)).await;
    let got = receiver.got("/ok");
    assert_eq!(got.len(), 3);
    assert_eq!(
        (&got[0].headers["webhook-id"], &got[0].body),
        (&got[2].headers["webhook-id"], &got[2].body)
    );
    let since = json!({ "since": app.now.to_string() });
    let failed = data(&people.doctor.post(&format!("{path}/replay"), &since).await, 200);
    assert_eq!(failed, json!({ "deliveries": 0 }));
    let failed = people
        .doctor
        .get(&format!("{path}/deliveries?state=failed"))
        .await;
    assert_eq!(data(&failed, 200), json!([]));
}
