//! Secret addresses of calendars: seen, replaced and revoked.

use serde_json::json;

use super::{address, fetch};
use crate::support::{Answer, Browser, People, Program, Site, TestApp, data, refused};
use engine::account::session::SignedIn;

/// Checks that an address is not found, just like one that never was.
async fn assert_nowhere(site: &Site<'_>, path: &str) {
    let mut bodies = Vec::new();
    for path in [path, &format!("/calendars/{}.ics", "0".repeat(64))] {
        let answer = fetch(site, path).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "NOT_FOUND"),
            "{path}"
        );
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert!(!answer.body.contains("/calendars/"), "{answer:?}");
        bodies.push(answer.body);
    }
    assert_eq!(bodies[0], bodies[1], "{path}");
}

#[tokio::test]
async fn a_new_address_replaces_the_one_before() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    refused(&people.patient.get("calendar").await, 404, "NOT_FOUND");
    let first = address(&people.patient, false).await;
    assert_eq!(fetch(&site, &first).await.status, 200);
    let second = address(&people.patient, true).await;
    assert_nowhere(&site, &first).await;
    assert_eq!(fetch(&site, &second).await.status, 200);
    let known = data(&people.patient.get("calendar").await, 200);
    assert_eq!(known["details"], true);
    assert!(!known.to_string().contains("calendars"));
}

#[tokio::test]
async fn a_revoked_address_leads_nowhere_and_other_addresses_still_work() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let path = address(&people.patient, true).await;
    data(&people.other.post("calendar", &json!({})).await, 201);
    data(&people.patient.delete("calendar").await, 200);
    assert_nowhere(&site, &path).await;
    refused(&people.patient.delete("calendar").await, 404, "NOT_FOUND");
    assert_eq!(data(&people.other.get("calendar").await, 200)["details"], false);
}

#[tokio::test]
async fn the_address_of_a_deactivated_person_leads_nowhere() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let (patients, doctors) = (
        address(&people.patient, false).await,
        address(&people.doctor, false).await,
    );
    app.sql("update patients set active = false; update staff set active = false")
        .await;
    for path in [&patients, &doctors] {
        assert_nowhere(&site, path).await;
    }
}

#[tokio::test]
async fn a_malformed_address_leads_nowhere() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let path = address(&people.doctor, false).await;
    for path in [&path.replace(".ics", ""), "/calendars/.ics", "/calendars/%FF.ics"] {
        assert_nowhere(&site, path).await;
    }
}

#[tokio::test]
async fn a_request_for_an_address_that_is_sent_again_gets_the_same_one() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = json!({"details": true});
    let racers = (0..10)
        .map(|_| {
            let (program, body) = (people.patient.clone(), body.clone());
            async move { program.post_under("k", "calendar", &body).await }
        })
        .collect();
    let answers = app.race(racers).await;
    let made = data(&answers[0], 201);
    for answer in &answers {
        assert_eq!(data(answer, 201), made);
    }
    let url = made["url"].as_str().unwrap().to_owned();
    assert_eq!(Answer::of(people.patient.http.get(&url)).await.status, 200);
}

#[tokio::test]
async fn the_key_of_an_address_works_only_for_the_token_that_sent_it() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = json!({"details": true});
    let made = people.patient.post_under("k", "calendar", &body).await;
    let url = data(&made, 201)["url"].as_str().unwrap().to_owned();
    for (program, body) in [
        // Another request; and one of who has but half of the secret.
        (&people.patient, json!({"details": false})),
        (
            &Program::acting_for(&site, SignedIn::Patient(people.patient_id)).await,
            body.clone(),
        ),
    ] {
        let answer = program.post_under("k", "calendar", &body).await;
        refused(&answer, 409, "IDEMPOTENCY_CONFLICT");
    }
    assert_eq!(Answer::of(people.patient.http.get(&url)).await.status, 200);
}

#[tokio::test]
async fn the_database_does_not_contain_the_secret_of_an_address() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let made = people.patient.post_under("k", "calendar", &json!({})).await;
    let url = data(&made, 201)["url"].as_str().unwrap().to_owned();
    let browser = patient_with_address(&site).await;
    let shown = address_on(&browser.get("/calendar").await).unwrap();
    for url in [&url, &shown] {
        let secret = url.rsplit('/').next().unwrap().strip_suffix(".ics").unwrap();
        for table in [
            "idempotency_keys",
            "sessions",
            "calendar_feeds",
            "tokens",
            "messages",
        ] {
            let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
                "select count(*) from {table} as anything where strpos(anything::text, $1) > 0"
            )))
            .bind(secret)
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
            assert_eq!(found, 0, "{table}");
        }
    }
}

/// A patient who has just had an address made on the page, and has not seen it yet.
async fn patient_with_address(site: &Site<'_>) -> Browser {
    let browser = site.patient("+6281255500777").await;
    let page = browser.get("/calendar").await;
    let form = page.form("make-calendar");
    let fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert!(fields.contains(&("details", "false")), "{fields:?}");
    let answer = browser.submit("/calendar", "make-calendar", &fields).await;
    assert_eq!((answer.location().as_str(), answer.error()), ("/calendar", None));
    // A second click.
    let answer = browser.submit("/calendar", "make-calendar", &fields).await;
    assert_eq!(answer.location(), "/calendar");
    browser
}

/// The address that a page shows.
fn address_on(page: &Answer) -> Option<String> {
    use scraper::{Html, Selector};

    assert_eq!(page.status, 200, "{page:?}");
    Html::parse_document(&page.body)
        .select(&Selector::parse("#address").unwrap())
        .find_map(|input| input.value().attr("value").map(str::to_owned))
}

#[tokio::test]
async fn the_page_shows_an_address_once() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = patient_with_address(&site).await;
    let page = browser.get("/calendar").await;
    let address = address_on(&page).unwrap();
    assert!(address.starts_with(&format!("{}/calendars/", site.visitor().site)));
    let webcal = address.replacen("http://", "webcal://", 1);
    assert!(page.links("a.btn").contains(&webcal), "{page:?}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(app.count("select count(*) from calendar_feeds").await, 1);
    let path = address.strip_prefix(&browser.site).unwrap();
    assert_eq!(fetch(&site, path).await.status, 200);

    let again = browser.get("/calendar").await;
    assert_eq!(address_on(&again), None);
    assert!(!again.body.contains("/calendars/"), "{again:?}");
    assert!(again.body.contains("Last fetched"), "{again:?}");
}

#[tokio::test]
async fn an_address_that_is_revoked_on_the_page_leads_nowhere() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = patient_with_address(&site).await;
    let address = address_on(&browser.get("/calendar").await).unwrap();
    let path = address.strip_prefix(&browser.site).unwrap();
    let answer = browser.submit("/calendar", "revoke-calendar", &[]).await;
    assert_eq!(answer.location(), "/calendar?revoked=1");
    assert_eq!(fetch(&site, path).await.status, 404);
    let told = browser.get("/calendar?revoked=1").await;
    assert!(
        told.texts("h2").iter().any(|text| text.contains("revoked")),
        "{told:?}"
    );
    assert!(told.form("revoke-calendar").is_empty() && !told.body.contains("revoke-calendar"));
}

#[tokio::test]
async fn only_patients_and_doctors_have_a_page_of_their_calendar() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    assert_eq!(admin.get("/calendar").await.status, 404);
    assert_eq!(
        admin.call("make-calendar", &[("details", "false")]).await.status,
        404
    );
    assert_eq!(site.visitor().call("revoke-calendar", &[]).await.status, 401);
    let doctor = site.staff("doctor1@test.example").await;
    assert!(
        doctor
            .get("/doctor")
            .await
            .links("a")
            .contains(&"/calendar".to_owned())
    );
}

#[tokio::test]
async fn a_program_of_staff_signs_in_again_before_it_makes_an_address() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.sql("update tokens set made_at = made_at - interval '11 minutes', expires_at = expires_at + interval '1 day'")
        .await;
    refused(
        &people.doctor.post("calendar", &json!({})).await,
        403,
        "STEP_UP_REQUIRED",
    );
    refused(&people.doctor.get("calendar").await, 404, "NOT_FOUND");
    // Patients sign in by a code each time.
    data(&people.patient.post("calendar", &json!({})).await, 201);
}
