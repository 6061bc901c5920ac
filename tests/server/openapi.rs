//! The description of the API: complete, and the one that was committed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::TestApp;
use janji::api;

fn described() -> Value {
    serde_json::from_str(&api::text()).unwrap()
}

/// Path, method and description of every call.
fn calls(description: &Value) -> Vec<(String, String, &Value)> {
    let paths = description["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, call)| (path.clone(), method.clone(), call))
        })
        .collect()
}

#[test]
fn the_committed_description_is_current() {
    let committed =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json")).unwrap();
    assert!(
        committed == api::text(),
        "docs/openapi.json is not what the program says: run `janji openapi > docs/openapi.json`, and look at what changed"
    );
}

#[test]
fn every_call_is_described_with_its_access_and_its_errors() {
    let description = described();
    assert_eq!(description["openapi"], "3.1.0");
    let calls = calls(&description);
    let names: BTreeSet<&str> = calls
        .iter()
        .map(|(_, _, call)| call["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), calls.len(), "two calls have one name");
    for (path, method, call) in &calls {
        let here = format!("{method} {path}");
        let has = |member: &str| !call[member].is_null();
        assert!(has("summary") && has("tags"), "{here}");
        let responses = call["responses"].as_object().unwrap();
        for (status, response) in responses {
            assert_ne!(response["description"], "", "{here} {status}");
            let media_type = match status.as_str() < "400" {
                true if path.ends_with(".ics") => "text/calendar",
                true if path.ends_with("/export/file") => "application/zip",
                true => "application/json",
                false => "application/problem+json",
            };
            assert!(
                response["content"][media_type]["schema"].is_object(),
                "{here} {status}"
            );
        }
        let fails = |status: &str| assert!(responses.contains_key(status), "{here} can fail with {status}");
        ["500", "503", "504"].into_iter().for_each(fails);
        if has("security") {
            ["401", "403"].into_iter().for_each(fails);
        }
        if has("requestBody") {
            ["409", "413", "415", "422"].into_iter().for_each(fails);
        }
        if path.contains('{') {
            fails("404");
        }
    }
}

#[tokio::test]
async fn the_page_of_the_description_loads_nothing_from_other_sites() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let served = visitor.get("/api/v1/openapi.json").await;
    assert_eq!(served.status, 200);
    assert_eq!(served.json(), described());
    let page = visitor.get("/api/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(!page.body.contains("://"), "{}", page.body);
}

/// A schema that is named and not there makes the whole description useless to a program.
#[test]
fn every_schema_that_is_named_is_defined() {
    let text = api::text();
    let description = described();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let named: BTreeSet<&str> = text
        .split("\"#/components/schemas/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(!named.is_empty());
    for name in named {
        assert!(schemas.contains_key(name), "{name}");
    }
}
