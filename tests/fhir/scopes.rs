//! Who may call: by token, and by the scopes of the token.

use jiff::Timestamp;
use serde_json::json;

use super::{about, issues, name, resource};
use crate::support::{Answer, Program, Site, TestApp, VISIT};
use engine::account::{session::SignedIn, token::issue};

/// A program of a patient, with a token that was made for this scope.
async fn with_scope(site: &Site<'_>, patient_id: i64, scope: &str) -> Program {
    let app = site.app;
    let who = SignedIn::Patient(patient_id);
    let issued = issue(&app.database, who, None, Timestamp::now()).await.unwrap();
    sqlx::query(
        "update tokens set name = 'A program', scopes = array[$1] where id = (select max(id) from tokens)",
    )
    .bind(scope)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    Program::new(site).with(&issued.token)
}

#[tokio::test]
async fn every_call_about_somebody_needs_a_token_with_its_scope() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient_id = app.patient(1).await;
    let visitor = Program::new(&site);
    let (reads, books) = (
        with_scope(&site, patient_id, "read").await,
        with_scope(&site, patient_id, "book").await,
    );
    for (method, path, scope) in [
        ("GET", "Appointment", "read"),
        ("POST", "Appointment/_search", "read"),
        ("GET", "Appointment/1", "read"),
        ("GET", "Patient", "read"),
        ("POST", "Patient/_search", "read"),
        ("GET", "Patient/1", "read"),
        ("POST", "Appointment", "book"),
        ("POST", "Appointment/$hold", "book"),
        ("POST", "Appointment/$book", "book"),
        ("PUT", "Appointment/1", "book"),
        ("PATCH", "Appointment/1", "book"),
    ] {
        let answer = Answer::of(visitor.fhir(method, path)).await;
        assert_eq!(issues(&answer, 401), ["login"], "{method} {path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        let without = if scope == "read" { &books } else { &reads };
        let answer = Answer::of(without.fhir(method, path)).await;
        assert_eq!(issues(&answer, 403), ["forbidden"], "{method} {path}");
        assert!(answer.body.contains(scope), "{answer:?}");
        let with = if scope == "read" { &reads } else { &books };
        let answer = Answer::of(with.fhir(method, path)).await;
        assert!(
            ![401, 403].contains(&answer.status),
            "{method} {path}: {answer:?}"
        );
    }
    let time = name(&app, 0, VISIT, app.slot(20));
    resource(&books.send("Appointment/$hold", &about(&time)).await, 201);
    let lapsed = visitor.with("not a token");
    assert_eq!(
        issues(&lapsed.send("Appointment/$hold", &about(&time)).await, 401),
        ["login"]
    );
}

#[tokio::test]
async fn a_cookie_opens_nothing() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.patient(crate::support::PHONE).await;
    let url = browser.url("/fhir/r4/Appointment");
    let answer = Answer::of(browser.http.get(&url)).await;
    assert_eq!(issues(&answer, 401), ["login"]);
    // There is no session to misuse, so there is no origin to check.
    let request = browser.http.post(browser.url("/fhir/r4/Appointment/$find"));
    let request = request
        .header("origin", "https://evil.example")
        .json(&json!({ "resourceType": "Parameters" }));
    assert_eq!(issues(&Answer::of(request).await, 400), ["required"]);
}
