//! FHIR R4, as programs of hospitals speak it.

mod book;
mod bulk;
mod change;
mod directory;
mod find;
mod patients;
mod race;
mod refused;
mod scopes;
mod search;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Answer, Program, TestApp};

impl Program {
    /// A request to a path below `/fhir/r4`.
    fn fhir(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/fhir/r4/{path}", self.site);
        let request = self.http.request(method.parse().unwrap(), url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn read(&self, path: &str) -> Answer {
        Answer::of(self.fhir("GET", path)).await
    }

    async fn send(&self, path: &str, body: &Value) -> Answer {
        let request = self.fhir("POST", path);
        Answer::of(
            request
                .header("content-type", "application/fhir+json")
                .body(body.to_string()),
        )
        .await
    }

    async fn search(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.fhir("POST", path).form(form)).await
    }

    /// Changes an appointment whose version was read.
    async fn put_version(&self, id: &str, version: i64, body: &Value) -> Answer {
        let request = self.fhir("PUT", &format!("Appointment/{id}"));
        Answer::of(request.header("if-match", format!("W/\"{version}\"")).json(body)).await
    }
}

/// The resource of a successful answer.
fn resource(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        "application/fhir+json; charset=utf-8",
        "{answer:?}"
    );
    let resource = answer.json();
    assert!(resource["resourceType"].is_string(), "{resource}");
    assert!(
        !answer.body.contains("null") && !answer.body.contains("[]"),
        "{resource}"
    );
    resource
}

/// The codes of the issues of a refusal.
fn issues(answer: &Answer, status: u16) -> Vec<String> {
    let outcome = resource(answer, status);
    assert_eq!(outcome["resourceType"], "OperationOutcome", "{outcome}");
    let issues = outcome["issue"].as_array().unwrap();
    for issue in issues {
        assert!(["fatal", "error"].contains(&issue["severity"].as_str().unwrap()));
        assert!(
            issue["details"]["text"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
    assert!(
        !answer.body.contains("sqlx") && !answer.body.contains("select "),
        "{answer:?}"
    );
    issues
        .iter()
        .map(|issue| issue["code"].as_str().unwrap().to_owned())
        .collect()
}

/// The resources of a bundle that match.
fn matches(bundle: &Value) -> Vec<Value> {
    assert_eq!(bundle["type"], "searchset", "{bundle}");
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries
        .into_iter()
        .filter(|entry| entry["search"]["mode"] == "match")
        .map(|mut entry| entry["resource"].take())
        .collect()
}

/// The ids of a bundle's matches.
fn ids(bundle: &Value) -> Vec<String> {
    let ids = matches(bundle)
        .into_iter()
        .map(|one| one["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The id of a time, and of the appointment that is proposed at it.
fn name(app: &TestApp, doctor: usize, service: usize, starts_at: Timestamp) -> String {
    format!(
        "{}-{}-{}-{}",
        app.doctors[doctor].id,
        app.clinic,
        app.services[service],
        starts_at.as_second()
    )
}

/// The inputs of an operation about an appointment.
fn about(name: &str) -> Value {
    json!({
        "resourceType": "Parameters",
        "parameter": [{
            "name": "appointment-reference",
            "valueReference": { "reference": format!("Appointment/{name}") },
        }],
    })
}
