//! The bulk publication: all times for everybody, where the organisation wants it, and nothing of anybody.

use serde_json::{Value, json};

use super::{issues, name};
use crate::support::{Answer, People, Program, Setup, TestApp, VISIT};

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.status);
    assert_eq!(answer.header("content-type"), "application/fhir+ndjson");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    let lines = answer.body.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn nothing_is_published_unasked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for path in [
        "$bulk-publish",
        "$bulk-publish/slots.ndjson",
        "$bulk-publish/locations.ndjson",
    ] {
        for program in [&Program::new(&site), &people.admin] {
            assert_eq!(issues(&program.read(path).await, 404), ["not-found"], "{path}");
        }
    }
}

#[tokio::test]
async fn all_times_are_published_and_nobody_s_name() {
    let setup = Setup {
        fhir_publish: true,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    // Of one doctor, so that it is quick.
    app.sql("update doctors set active = false where name <> 'Dr 1'")
        .await;
    let patient_id = app.patient(42).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    let manifest = visitor.read("$bulk-publish").await;
    assert_eq!(manifest.status, 200);
    let manifest = manifest.json();
    assert_eq!(manifest["error"], json!([]));
    assert!(
        manifest["request"]
            .as_str()
            .unwrap()
            .ends_with("/fhir/r4/$bulk-publish")
    );
    assert!(manifest["transactionTime"].as_str().unwrap().ends_with('Z'));
    let mut counts = Vec::new();
    for output in manifest["output"].as_array().unwrap() {
        let path = output["url"].as_str().unwrap().split("/fhir/r4/").nth(1).unwrap();
        let answer = visitor.read(path).await;
        let resources = lines(&answer);
        assert!(resources.iter().all(|one| one["resourceType"] == output["type"]));
        counts.push(resources.len());
        for secret in ["Patient", "+62812", "cough", "K7"] {
            assert!(!answer.body.contains(secret), "{path} has {secret}");
        }
        // Whoever has it is told so.
        let request = visitor
            .fhir("GET", path)
            .header("if-none-match", answer.header("etag"));
        let again = Answer::of(request).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        assert_eq!(again.header("etag"), answer.header("etag"));
    }
    assert_eq!((counts[0], counts[1]), (1, 1));
    let slots = visitor.read("$bulk-publish/slots.ndjson").await;
    let all = lines(&slots);
    let slot = |name: &str| all.iter().find(|slot| slot["id"] == name).unwrap().clone();
    let taken = slot(&name(&app, 0, VISIT, app.slot(20)));
    assert_eq!(taken["status"], "busy");
    let free = slot(&name(&app, 0, VISIT, app.slot(21)));
    assert_eq!(free["status"], "free");
    let link = free["extension"][0]["valueUrl"].as_str().unwrap();
    let page = link.split(&visitor.site).nth(1).unwrap();
    assert_eq!(site.visitor().get(page).await.status, 200);
    assert_eq!(free["extension"][1]["valueInteger"], 1);
    assert_eq!(free["extension"][2]["valueString"], "+1 555 0100");
    // A change makes it another file.
    app.confirmed(patient_id, 0, app.slot(40)).await;
    let request = visitor
        .fhir("GET", "$bulk-publish/slots.ndjson")
        .header("if-none-match", slots.header("etag"));
    let changed = Answer::of(request).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), slots.header("etag"));
    assert_eq!(
        issues(&visitor.read("$bulk-publish/patients.ndjson").await, 404),
        ["not-found"]
    );
}
