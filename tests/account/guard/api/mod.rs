//! The guard of the API: whatever belongs to somebody else is not found, on every route of the description, and stays
//! as it is.

mod theirs;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use self::theirs::Theirs;
use crate::account::staff::with_links;
use crate::support::{Answer, People, Program, TestApp};
use janji::api;

/// A call that somebody has to sign in for.
#[derive(Clone, Debug)]
struct Call {
    method: String,
    /// With the names of its parameters.
    path: String,
    body: Option<Value>,
}

/// Calls that act for the caller alone, whoever else is named in them.
const OWN: [(&str, &str); 16] = [
    ("post", "/api/v1/me/export"),
    ("post", "/api/v1/me/erasure"),
    ("put", "/api/v1/me/consents"),
    ("post", "/api/v1/prescription-templates"),
    ("put", "/api/v1/me/contact"),
    ("post", "/api/v1/auth/logout"),
    ("post", "/api/v1/holds"),
    ("post", "/api/v1/tokens"),
    ("post", "/api/v1/webhooks"),
    ("post", "/api/v1/calendar"),
    ("post", "/api/v1/family"),
    ("delete", "/api/v1/calendar"),
    // Staff find whom they know the number of.
    ("post", "/api/v1/patients"),
    // Who searches does so among their own.
    ("post", "/api/v1/appointments/search"),
    ("post", "/api/v1/patients/search"),
    ("post", "/api/v1/find"),
];

/// Every call that somebody has to sign in for, reading first.
/// Nobody has been offered a time here: `tests/waitlist/api.rs` answers offers. Nor has anybody a copy of their data: see
/// `tests/privacy/api.rs`.
const ANSWERS: [&str; 3] = [
    "/api/v1/waitlist/{id}/accept",
    "/api/v1/waitlist/{id}/decline",
    "/api/v1/me/export/file",
];

fn calls(theirs: &Theirs) -> Vec<Call> {
    let description: Value = serde_json::from_str(&api::text()).unwrap();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let mut calls = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            // An empty one among them: nobody has to.
            let is_public = call["security"]
                .as_array()
                .is_none_or(|any| any.contains(&json!({})));
            if is_public || OWN.contains(&(method.as_str(), path.as_str())) {
                continue;
            }
            let body = &call["requestBody"]["content"]["application/json"]["schema"];
            calls.push(Call {
                method: method.to_uppercase(),
                path: path.clone(),
                body: (!body.is_null()).then(|| theirs.body(body, schemas)),
            });
        }
    }
    let order = ["GET", "POST", "PUT", "DELETE"];
    // What closes an account comes last: whose it is has no calls after it.
    calls.sort_by_key(|call| {
        let place = order.iter().position(|method| *method == call.method);
        (call.path.ends_with("/access"), place)
    });
    calls
}

async fn send(program: &Program, call: &Call, path: &str, version: i64) -> Answer {
    let path = path.strip_prefix("/api/v1/").unwrap();
    let mut request = program.request(&call.method, path);
    if call.method == "DELETE" {
        request = request.header("if-match", format!("\"{version}\""));
    }
    Answer::of(match &call.body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// Every row there is, but for what says that somebody has asked.
async fn everything(app: &TestApp) -> BTreeMap<String, Option<String>> {
    let mut connection = app.connection().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE'
           and table_name not in ('tokens', 'rate_limits', 'idempotency_keys', 'security_notes', '_sqlx_migrations')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for table in tables {
        let all = format!("select md5(string_agg(it::text, ',' order by it::text)) from {table} as it");
        let hash = sqlx::query_scalar(AssertSqlSafe(all))
            .fetch_one(&mut connection)
            .await
            .unwrap();
        rows.insert(table, hash);
    }
    let tokens = "select string_agg(id::text || coalesce(revoked_at::text, ''), ',' order by id) from tokens";
    let tokens = sqlx::query_scalar(tokens)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    rows.insert("tokens".to_owned(), tokens);
    rows
}

fn is_refusal(status: Option<&u16>) -> bool {
    status.is_none_or(|status| [401, 403, 404].contains(status))
}

#[tokio::test]
async fn the_data_of_other_people_is_not_found_on_any_route() {
    let app = TestApp::with(with_links()).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let theirs = Theirs::of(&app, &people).await;
    let version = theirs.in_bodies["version"].as_i64().unwrap();
    let calls = calls(&theirs);
    assert!(calls.len() > 40, "{}", calls.len());
    let nobody = Program::new(&site);
    let before = everything(&app).await;
    for call in &calls {
        for path in theirs.paths(&call.path) {
            let here = format!("{} {path}", call.method);
            assert_eq!(send(&nobody, call, &path, version).await.status, 401, "{here}");
            for stranger in [&people.other, &people.other_doctor, &people.other_reception] {
                let answer = send(stranger, call, &path, version).await;
                let is_list = call.method == "GET" && !call.path.contains('{');
                let is_refused = [403, 404].contains(&answer.status);
                assert!(
                    is_refused || is_list && answer.status == 200,
                    "{here}: {answer:?}"
                );
                for secret in &theirs.secrets {
                    assert!(!answer.body.contains(secret), "{here}: {answer:?}");
                }
            }
        }
    }
    assert_eq!(everything(&app).await, before);

    // Each of these calls does something for whose it is: it was the wall that refused it, and nothing else.
    let mut nobodys = Vec::new();
    for call in &calls {
        let mut statuses = Vec::new();
        // There are two of everything: a call that changes the first one leaves the second one for the next call.
        'done: for path in theirs.paths(&call.path) {
            for owner in [&people.patient, &people.doctor, &people.admin] {
                let version = app
                    .count("select version::bigint from doctors order by id limit 1")
                    .await;
                statuses.push(send(owner, call, &path, version).await.status);
                if !is_refusal(statuses.last()) {
                    break 'done;
                }
            }
        }
        if is_refusal(statuses.last()) && !ANSWERS.contains(&call.path.as_str()) {
            nobodys.push(format!(
                "{} {}: {statuses:?} {:?}",
                call.method, call.path, call.body
            ));
        }
    }
    assert!(nobodys.is_empty(), "{nobodys:#?}");
    app.assert_sound().await;
}
