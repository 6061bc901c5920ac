//! Booking with any doctor by the API.

use std::collections::BTreeSet;

use crate::support::{Answer, Site, TestApp};
use engine::time::plus_minutes;

async fn call(site: &Site<'_>, token: &str, body: serde_json::Value) -> Answer {
    let browser = site.visitor();
    let request = browser.http.post(browser.url("/api/v1/appointments"));
    Answer::of(request.bearer_auth(token).json(&body)).await
}

#[tokio::test]
async fn a_program_books_any_doctor_until_nobody_is_free() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let mut tokens = Vec::new();
    for number in 0..5 {
        let phone = format!("+6281255500{number:03}");
        let browser = site.visitor();
        let asked = Answer::of(
            browser
                .http
                .post(browser.url("/api/v1/auth/otp"))
                .json(&serde_json::json!({ "phone": phone })),
        )
        .await
        .json();
        let code = app.newest_code(&phone).await;
        let body = serde_json::json!({ "challenge": asked["data"]["challenge"], "code": code, "name": "P" });
        let verify = browser
            .http
            .post(browser.url("/api/v1/auth/otp/verify"))
            .json(&body);
        let token = Answer::of(verify).await.json()["data"]["token"].clone();
        tokens.push(token.as_str().unwrap().to_owned());
    }
    let at = app.slot(10);
    let slots = site
        .visitor()
        .get(&format!("/api/v1/slots?service=instant&from={at}&limit=2"))
        .await;
    let slots = slots.json();
    assert_eq!(slots["data"].as_array().unwrap().len(), 2, "{slots}");
    assert_eq!(slots["data"][0]["starts_at"], at.to_string());
    assert_eq!(slots["data"][0]["doctors"].as_array().unwrap().len(), 4);

    let body = serde_json::json!({ "scheduled_at": at.to_string(), "type": "instant" });
    let mut doctors = BTreeSet::new();
    for token in &tokens[..4] {
        let answer = call(&site, token, body.clone()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        doctors.insert(answer.json()["data"]["doctor_id"].as_i64().unwrap());
        let again = call(&site, token, body.clone()).await;
        assert_eq!(
            again.json()["data"],
            answer.json()["data"],
            "the same request without a key"
        );
    }
    assert_eq!(doctors.len(), 4);
    let refused = call(&site, &tokens[4], body).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "BOOKING_FAILED"));
    let details = refused.json()["details"].clone();
    assert_eq!(details["reason"], "slot_taken");
    let offers = details["alternatives"].as_array().unwrap();
    assert_eq!(offers.len(), 3, "{details}");
    assert_eq!(offers[0]["starts_at"], plus_minutes(at, 30).to_string());
    let unknown = serde_json::json!({ "scheduled_at": at.to_string(), "type": "nothing" });
    assert_eq!(call(&site, &tokens[4], unknown).await.status, 404);
    app.assert_sound().await;
}
