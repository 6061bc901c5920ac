//! Refusals: every one is an `OperationOutcome`.

use serde_json::json;

use super::{about, issues, name, resource};
use crate::support::{Answer, People, Program, Setup, TestApp, VISIT};

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_fhir() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    for path in [
        "",
        "Observation",
        "Observation/1",
        "Slot/1/_history",
        "Appointment/",
        "$nothing",
        "metadata/x",
    ] {
        let answer = visitor.read(path).await;
        assert_eq!(issues(&answer, 404), ["not-found"], "{path}");
    }
    for url in ["/fhir", "/fhir/", "/fhir/r5/Slot", "/fhir/r4"] {
        let answer = Answer::of(visitor.http.get(format!("{}{url}", visitor.site))).await;
        assert_eq!(issues(&answer, 404), ["not-found"], "{url}");
    }
    for (method, path) in [
        ("DELETE", "Appointment/1"),
        ("PUT", "Slot/1"),
        ("POST", "Slot"),
        ("DELETE", "metadata"),
        ("GET", "Appointment/$hold/x"),
        ("TRACE", "metadata"),
    ] {
        let answer = Answer::of(visitor.fhir(method, path)).await;
        assert!([404, 405].contains(&answer.status), "{method} {path}: {answer:?}");
        issues(&answer, answer.status);
    }
    let answer = Answer::of(visitor.fhir("DELETE", "Appointment/1")).await;
    assert!(answer.header("allow").contains("PATCH"), "{answer:?}");
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let send = async |path: &str, kind: &'static str, body: String| {
        let request = people.patient.fhir("POST", path).header("content-type", kind);
        Answer::of(request.body(body)).await
    };
    for path in [
        "Appointment",
        "Appointment/$hold",
        "Appointment/$book",
        "Appointment/$find",
    ] {
        for body in [
            "",
            "{",
            "[]",
            "null",
            "\"x\"",
            "{\"resourceType\":7}",
            "{} {}",
            "\u{0}",
        ] {
            let answer = send(path, "application/fhir+json", body.to_owned()).await;
            assert!(
                issues(&answer, 400)
                    .iter()
                    .all(|code| ["invalid", "required"].contains(&code.as_str()))
            );
        }
        let answer = send(path, "application/fhir+xml", "<a/>".to_owned()).await;
        assert_eq!(issues(&answer, 415), ["not-supported"], "{path}");
        let long = format!("{{\"resourceType\":\"{}\"}}", "x".repeat(300_000));
        let answer = send(path, "application/fhir+json", long).await;
        assert_eq!(issues(&answer, 413), ["too-long"], "{path}");
    }
    let answer = send("Slot/_search", "application/json", "{}".to_owned()).await;
    assert_eq!(issues(&answer, 415), ["not-supported"]);
    let long = format!("Slot?schedule={}", "1".repeat(20_000));
    assert_eq!(issues(&people.patient.read(&long).await, 414), ["too-long"]);
}

#[tokio::test]
async fn formats_and_parameters_that_are_not_known_are_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    for format in [
        "json",
        "application/json",
        "application/fhir%2Bjson",
        "application/fhir+json",
    ] {
        resource(&visitor.read(&format!("metadata?_format={format}")).await, 200);
    }
    for format in ["xml", "application/fhir%2Bxml", "ttl", ""] {
        let answer = visitor.read(&format!("Location?_format={format}")).await;
        assert_eq!(issues(&answer, 406), ["not-supported"], "{format}");
    }
    let request = visitor
        .fhir("GET", "Location")
        .header("accept", "application/fhir+xml");
    assert_eq!(issues(&Answer::of(request).await, 406), ["not-supported"]);
    let strict =
        async |path: &str| Answer::of(visitor.fhir("GET", path).header("prefer", "handling=strict")).await;
    for path in [
        "Location?zzz=1",
        "Practitioner?active=true",
        "Appointment/$find?start=2027-01-01&end=2027-01-02&x=1",
    ] {
        assert_eq!(issues(&strict(path).await, 400), ["not-supported"], "{path}");
        resource(&visitor.read(path).await, 200);
    }
    resource(&strict("Location?name=clinic&_count=3&_format=json").await, 200);
}

#[tokio::test]
async fn refusals_are_in_the_language_of_the_caller() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let request = visitor.fhir("GET", "Slot").header("accept-language", "de");
    let outcome = Answer::of(request).await.json();
    let text = outcome["issue"][0]["details"]["text"].as_str().unwrap();
    assert!(text.contains("höchstens 31 Tage"), "{text}");
}

#[tokio::test]
async fn too_many_requests_of_a_token_are_refused() {
    let setup = Setup {
        requests_per_token: 3,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for _ in 0..3 {
        resource(&people.patient.read("Patient").await, 200);
    }
    let answer = people.patient.read("Patient").await;
    assert_eq!(issues(&answer, 429), ["throttled"]);
    assert!(!answer.header("retry-after").is_empty() && !answer.header("ratelimit").is_empty());
    let time = name(&app, 0, VISIT, app.slot(20));
    assert_eq!(
        issues(
            &people.patient.send("Appointment/$hold", &about(&time)).await,
            429
        ),
        ["throttled"]
    );
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let first = visitor.read("Location").await;
    let request = visitor
        .fhir("GET", "Location")
        .header("if-none-match", first.header("etag"));
    let again = Answer::of(request).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(json!(first.json()["total"]), json!(1));
}
