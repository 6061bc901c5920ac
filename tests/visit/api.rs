//! Visits by the API.

use crate::support::{Answer, Site, TestApp};

async fn token(site: &Site<'_>, phone: &str) -> String {
    let browser = site.visitor();
    let ask = browser.http.post(browser.url("/api/v1/auth/otp"));
    let asked = Answer::of(ask.json(&serde_json::json!({ "phone": phone })))
        .await
        .json();
    let code = site.app.newest_code(phone).await;
    let body = serde_json::json!({ "challenge": asked["data"]["challenge"], "code": code, "name": "P" });
    let verify = browser.http.post(browser.url("/api/v1/auth/otp/verify"));
    let answer = Answer::of(verify.json(&body)).await.json();
    answer["data"]["token"].as_str().unwrap().to_owned()
}

async fn post(site: &Site<'_>, path: &str, token: &str, body: &serde_json::Value) -> Answer {
    let browser = site.visitor();
    let request = browser.http.post(browser.url(&format!("/api/v1/{path}")));
    Answer::of(request.bearer_auth(token).json(body)).await
}

#[tokio::test]
async fn a_program_books_a_visit_or_is_offered_it_at_another_time() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (asha, bima) = (
        token(&site, "+6281255500001").await,
        token(&site, "+6281255500002").await,
    );
    let part = |doctor: usize, slot: i64| {
        serde_json::json!({
            "doctor_id": app.doctors[doctor].id,
            "scheduled_at": app.slot(slot).to_string(),
            "type": "visit",
        })
    };
    let body = serde_json::json!({ "segments": [part(1, 24), part(0, 21)], "reason": "A cough" });
    let answer = post(&site, "appointments", &asha, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let data = answer.json()["data"].clone();
    let appointments = data["appointments"].as_array().unwrap();
    assert_eq!(appointments.len(), 2);
    assert_eq!(appointments[0]["doctor_id"], app.doctors[1].id);
    assert_eq!(appointments[1]["reason"], "A cough");
    let again = post(&site, "appointments", &asha, &body).await;
    assert_eq!(again.json()["data"], data, "the same request without a key");

    let refused = post(&site, "appointments", &bima, &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "BOOKING_FAILED"));
    let details = refused.json()["details"].clone();
    assert_eq!(
        (&details["segment"], &details["reason"]),
        (&0.into(), &"slot_taken".into())
    );
    // Half an hour later both are free, then half an hour earlier.
    let offers = details["alternatives"].as_array().unwrap();
    let starts: Vec<_> = offers.iter().map(|visit| visit[0]["starts_at"].clone()).collect();
    assert_eq!(
        starts,
        [25, 23, 26].map(|slot| serde_json::Value::from(app.slot(slot).to_string())),
        "{details}"
    );
    assert_eq!(offers[0][1]["starts_at"], app.slot(22).to_string());
    assert_eq!(offers[0][1]["doctor_id"], app.doctors[0].id);

    for (body, field, problem) in [
        (
            serde_json::json!({ "segments": [part(0, 30)] }),
            "segments",
            "missing",
        ),
        (
            serde_json::json!({ "segments": [part(0, 30), part(1, 30)] }),
            "segments",
            "malformed",
        ),
        (
            serde_json::json!({ "segments": [part(0, 30), part(1, 31)], "doctor_id": 1 }),
            "doctor_id",
            "malformed",
        ),
        (
            serde_json::json!({ "segments": [part(0, 30), { "doctor_id": 1, "type": "visit" }] }),
            "segments[1].scheduled_at",
            "missing",
        ),
    ] {
        let refused = post(&site, "appointments", &bima, &body).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "VALIDATION_FAILED"),
            "{body}"
        );
        assert_eq!(
            refused.json()["details"],
            serde_json::json!({ field: problem }),
            "{body}"
        );
    }

    let path = format!("visits/{}/cancel", data["visit"]);
    assert_eq!(
        post(&site, &path, &bima, &serde_json::json!({})).await.status,
        404
    );
    let cancelled = post(&site, &path, &asha, &serde_json::json!({})).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    assert_eq!(cancelled.json()["data"]["appointments"][1]["status"], "cancelled");
    assert_eq!(post(&site, "appointments", &bima, &body).await.status, 201);
    app.assert_whole().await;
}
