//! `HEAD`: the headers of `GET`, without its body.

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use crate::support::{TestApp, VISIT};
use engine::account::{session::SignedIn, token::issue};

/// The headers of an answer that differ from one request to the next.
const OF_THE_MOMENT: [&str; 5] = [
    "date",
    "set-cookie",
    "content-security-policy",
    "transfer-encoding",
    "ratelimit",
];

fn lasting(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut lasting: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    lasting.sort();
    lasting
}

#[tokio::test]
async fn head_has_the_headers_of_get() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient = app.patient(0).await;
    app.requested(patient, app.wanted(0, VISIT, app.slot(20))).await;
    let issued = issue(
        &app.database,
        SignedIn::Staff(app.admin_staff_id),
        None,
        Timestamp::now(),
    );
    let token = issued.await.unwrap().token;
    let doctor = app.doctors[0].id;
    let visitor = site.visitor();
    for (path, is_known) in [
        ("/".to_owned(), false),
        ("/sign-in".to_owned(), false),
        ("/nowhere".to_owned(), false),
        ("/appointments".to_owned(), false),
        ("/api/v1/doctors".to_owned(), false),
        (format!("/api/v1/doctors/{doctor}/slots?service=visit"), false),
        ("/api/v1/doctors/999".to_owned(), false),
        ("/api/v1/appointments".to_owned(), false),
        ("/api/v1/appointments".to_owned(), true),
        (format!("/api/v1/doctors/{doctor}/schedule"), true),
        ("/api/v1/openapi.json".to_owned(), false),
        ("/healthz".to_owned(), false),
    ] {
        for encoding in ["identity", "gzip, br"] {
            let ask = |method: reqwest::Method| {
                let request = visitor.http.request(method, visitor.url(&path));
                let request = request.header("accept-encoding", encoding);
                match is_known {
                    true => request.bearer_auth(&token),
                    false => request,
                }
            };
            let get = ask(reqwest::Method::GET).send().await.unwrap();
            let head = ask(reqwest::Method::HEAD).send().await.unwrap();
            assert_eq!(head.status(), get.status(), "{path}");
            assert_eq!(
                lasting(head.headers()),
                lasting(get.headers()),
                "{path}, {encoding}"
            );
            assert!(head.bytes().await.unwrap().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn head_is_conditional_as_get_is() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let url = visitor.url("/api/v1/doctors");
    let first = visitor.http.head(&url).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    assert!(
        first.headers()["vary"]
            .to_str()
            .unwrap()
            .contains("accept-language")
    );
    assert_eq!(first.headers()["cache-control"], "no-cache");
    let again = visitor.http.head(&url).header("if-none-match", &tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let posted_to = visitor.http.head(visitor.url("/api/v1/auth/otp")).send().await;
    assert_eq!(posted_to.unwrap().status(), 405);
}
