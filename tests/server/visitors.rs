//! Public pages: one rendering for all visitors who ask at once, and a nonce for each.

use std::collections::HashSet;

use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use crate::support::{Answer, Browser, TestApp, VISIT};

/// The nonce that the policy of an answer names.
fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    let (_, rest) = policy.split_once("'nonce-").unwrap();
    rest.split_once('\'').unwrap().0.to_owned()
}

/// How many wait for the table of doctors.
async fn waiting(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_locks
         where not granted and relation = 'doctors'::regclass
           and database = (select oid from pg_database where datname = current_database())",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

fn asks(browser: &Browser, path: &str) -> impl Future<Output = Answer> + Send + use<> {
    let request = browser.http.get(browser.url(path));
    async move { Answer::of(request).await }
}

#[tokio::test]
async fn visitors_who_ask_at_once_are_shown_one_rendering_with_a_nonce_each() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let mut closed = app.connection().await;
    let mut seen = app.connection().await;
    let mut gate = closed.begin().await.unwrap();
    sqlx::query("lock table doctors in access exclusive mode")
        .execute(&mut *gate)
        .await
        .unwrap();
    let mut visitors = JoinSet::new();
    for _ in 0..20 {
        visitors.spawn(asks(&site.visitor(), "/"));
    }
    // Who shows the cookie of a session may be known, and comes last.
    while waiting(&mut seen).await < 1 {
        tokio::task::yield_now().await;
    }
    let known = site.visitor();
    known.set_cookie("janji-language=de");
    known.set_cookie("janji=nobody");
    let known = tokio::spawn(asks(&known, "/"));
    while waiting(&mut seen).await < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        waiting(&mut seen).await,
        2,
        "one for all visitors, one for who is known"
    );
    gate.rollback().await.unwrap();
    let answers = visitors.join_all().await;
    let mut nonces = HashSet::new();
    for answer in &answers {
        assert_eq!(answer.status, 200);
        let nonce = nonce(answer);
        assert!(answer.body.contains(&format!("nonce=\"{nonce}\"")));
        assert!(nonces.insert(nonce));
    }
    let texts: HashSet<_> = answers.iter().map(|answer| answer.texts("h1")).collect();
    assert_eq!(texts.len(), 1);
    let known = known.await.unwrap();
    assert!(known.body.contains("lang=\"de\""));
}

#[tokio::test]
async fn a_visitor_sees_what_was_done_before_they_asked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    // Each free time is a button that sends its seconds.
    let free = format!("value=\"{}\"", wanted.starts_at);
    let page = format!(
        "/doctors/{}?clinic={}&service={}&from={}",
        wanted.doctor_id,
        wanted.clinic_id,
        wanted.service_id,
        app.day(20)
    );
    let before = asks(&site.visitor(), &page).await;
    assert!(before.body.contains(&free), "{}", before.body);
    let patient = app.patient(0).await;
    app.requested(patient, wanted).await;
    let after = asks(&site.visitor(), &page).await;
    assert_eq!(after.status, 200);
    assert!(!after.body.contains(&free));
}
