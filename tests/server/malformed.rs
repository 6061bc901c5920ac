//! Requests to the API that are malformed.

use serde_json::{Value, json};

use crate::support::{Answer, People, TestApp, data, refused, wish};

#[tokio::test]
async fn every_malformed_request_is_refused_in_the_same_form() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let good = wish(&app, 0, app.slot(20));
    let change = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let deep = serde_json::from_str::<Value>(&format!("{}{}", "[".repeat(100), "]".repeat(100))).unwrap();
    for (name, value, status, code, problem) in [
        ("doctor_id", json!("1"), 422, "VALIDATION_FAILED", "malformed"),
        ("doctor_id", json!(1.5), 422, "VALIDATION_FAILED", "malformed"),
        ("doctor_id", json!(999), 404, "NOT_FOUND", ""),
        ("doctor_id", json!(-1), 404, "NOT_FOUND", ""),
        ("doctor_id", json!(i64::MAX), 404, "NOT_FOUND", ""),
        (
            "doctor_id",
            json!(u64::MAX),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        ("clinic_id", json!(999), 404, "NOT_FOUND", ""),
        ("type", json!("surgery"), 404, "NOT_FOUND", ""),
        ("type", json!("visit\0"), 404, "NOT_FOUND", ""),
        ("type", json!("' or 1=1 --"), 404, "NOT_FOUND", ""),
        ("type", json!(7), 422, "VALIDATION_FAILED", "malformed"),
        (
            "scheduled_at",
            json!("tomorrow"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        ("scheduled_at", json!(""), 422, "VALIDATION_FAILED", "malformed"),
        (
            "scheduled_at",
            json!("2026-11-24"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!("2026-02-30 10:00:00"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!("-009999-01-01T00:00:00Z"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!(1_764_000_000),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!("2020-01-01 10:00:00"),
            409,
            "BOOKING_FAILED",
            "",
        ),
        (
            "scheduled_at",
            json!("9999-12-30T10:00:00Z"),
            409,
            "BOOKING_FAILED",
            "",
        ),
        (
            "reason",
            json!("ä".repeat(501)),
            422,
            "VALIDATION_FAILED",
            "too-long",
        ),
        ("reason", json!({ "a": 1 }), 422, "VALIDATION_FAILED", "malformed"),
        ("reason", deep, 422, "VALIDATION_FAILED", "malformed"),
        ("status", json!("confirmed"), 422, "VALIDATION_FAILED", "unknown"),
    ] {
        let answer = people
            .patient
            .post("appointments", &change(name, value.clone()))
            .await;
        let details = refused(&answer, status, code);
        match code {
            "VALIDATION_FAILED" => assert_eq!(details, json!({ name: problem }), "{name}: {value}"),
            "BOOKING_FAILED" => {
                assert_eq!(details["reason"], "slot_closed", "{name}: {value}");
                assert!(details["alternatives"].is_array());
            }
            _ => {}
        }
    }
    for name in ["scheduled_at", "type"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        let answer = people.patient.post("appointments", &body).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ name: "missing" }));
    }
    let raw = |body: Vec<u8>| {
        people
            .patient
            .request("POST", "appointments")
            .header("content-type", "application/json")
            .body(body)
    };
    for body in [
        b"".to_vec(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"\xff\xfe".to_vec(),
        format!("{good} {good}").into_bytes(),
        "[".repeat(10_000).into_bytes(),
    ] {
        let details = refused(&Answer::of(raw(body)).await, 422, "VALIDATION_FAILED");
        assert!(details["body"].is_string(), "{details}");
    }
    let long = change("reason", "x".repeat(300_000).into());
    refused(
        &people.patient.post("appointments", &long).await,
        413,
        "VALIDATION_FAILED",
    );
    let form = people
        .patient
        .request("POST", "appointments")
        .form(&[("doctor_id", "1")]);
    refused(&Answer::of(form).await, 415, "VALIDATION_FAILED");
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);
}

#[tokio::test]
async fn every_answer_of_the_api_is_json() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for (method, path, status, allow) in [
        ("GET", "nothing", 404, ""),
        ("GET", "", 404, ""),
        ("GET", "..", 404, ""),
        ("GET", "../nothing", 404, ""),
        ("POST", "../form/hold", 404, ""),
        ("POST", "appointments/1/nothing", 404, ""),
        ("GET", "appointments/one", 404, ""),
        ("GET", "appointments/99999999999999999999", 404, ""),
        ("GET", "appointments/%00", 404, ""),
        ("GET", "appointments/%ff", 404, ""),
        ("GET", "doctors/abc", 404, ""),
        ("GET", "doctors/999", 404, ""),
        ("GET", "prescriptions/999", 404, ""),
        ("DELETE", "appointments/1", 405, "GET,HEAD"),
        ("PUT", "ratings", 405, "POST"),
        ("DELETE", "prescriptions", 405, "POST,GET,HEAD"),
        ("GET", "auth/login", 405, "POST"),
    ] {
        let answer = Answer::of(people.patient.request(method, path)).await;
        refused(&answer, status, "NOT_FOUND");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let german = people
        .patient
        .request("GET", "appointments/999")
        .header("accept-language", "de-DE");
    let english = people.patient.get("appointments/999").await.json()["error"].take();
    assert_ne!(Answer::of(german).await.json()["error"], english);
    for query in [
        "status=booked",
        "doctor=x",
        "from=yesterday",
        "to=2026-13-01",
        "limit=0",
        "limit=999999",
        "cursor=x",
        "sort=name",
        "order=id",
        "status=pending&status=pending",
        "cursor=starts_at.-300000000000000000.1",
    ] {
        let answer = people.patient.get(&format!("appointments?{query}")).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        let name = query.split('=').next().unwrap();
        assert!(details[name].is_string(), "{query}: {details}");
    }
    let backwards = people
        .patient
        .get("appointments?from=2026-02-02&to=2026-02-01")
        .await;
    refused(&backwards, 400, "INVALID_DATE_RANGE");
    let slots = |query: &str| {
        let (program, path) = (
            people.patient.clone(),
            format!("doctors/{}/slots?{query}", app.doctors[0].id),
        );
        async move { program.get(&path).await }
    };
    for (query, status, code) in [
        ("from=2026-01-01", 422, "VALIDATION_FAILED"),
        ("service=surgery", 404, "NOT_FOUND"),
        ("service=visit%00", 404, "NOT_FOUND"),
        ("service=visit&clinic=999", 404, "NOT_FOUND"),
        ("service=visit&from=x", 422, "VALIDATION_FAILED"),
        (
            "service=visit&from=2026-02-02&to=2026-02-01",
            400,
            "INVALID_DATE_RANGE",
        ),
        (
            "service=visit&from=2026-01-01&to=2027-01-01",
            400,
            "INVALID_DATE_RANGE",
        ),
    ] {
        refused(&slots(query).await, status, code);
    }
    for query in ["from=1970-01-01&to=1970-01-02", "from=9999-12-01&to=9999-12-30"] {
        let none = data(&slots(&format!("service=visit&{query}")).await, 200);
        assert_eq!(none, json!([]), "{query}");
    }
    let day = app.slot(0).strftime("%F").to_string();
    let all = data(&slots(&format!("service=visit&from={day}&to={day}")).await, 200);
    assert_eq!(all.as_array().unwrap().len(), 48);
    assert_eq!(all[0]["starts_at"], app.slot(0).to_string());
    let (from, to) = (app.slot(2), app.slot(4));
    let some = data(&slots(&format!("service=visit&from={from}&to={to}")).await, 200);
    assert_eq!(some.as_array().unwrap().len(), 2);
    for query in ["q=%00", "clinic=999", "q=Dr%201", "language=xx"] {
        data(&people.patient.get(&format!("doctors?{query}")).await, 200);
    }
    // A text that no database takes is nobody's.
    refused(&people.patient.get("slots?service=%00").await, 404, "NOT_FOUND");
    assert_eq!(
        data(&people.patient.get("appointments?type=%00").await, 200),
        json!([])
    );
    let any = json!({ "scheduled_at": app.slot(3).to_string(), "type": "\0" });
    for path in ["appointments", "holds"] {
        refused(&people.patient.post(path, &any).await, 404, "NOT_FOUND");
    }
}
