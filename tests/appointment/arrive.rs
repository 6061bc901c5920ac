//! Patients arrive: said on pages and by programs.

use serde_json::json;

use crate::support::{Everybody, PHONE, Program, TestApp, data, request};
use engine::account::session::SignedIn;

/// A confirmed appointment of the patient with the phone above, which has just begun.
async fn begun(app: &TestApp) -> String {
    let patient_id = app
        .count("select id from patients where phone = '+6281255500777'")
        .await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    app.sql(
        "update appointments
         set starts_at = date_trunc('minute', now()), ends_at = date_trunc('minute', now()) + interval '30 minutes',
             blocks_from = date_trunc('minute', now()),
             blocks_until = date_trunc('minute', now()) + interval '30 minutes',
             wall_time = date_trunc('minute', now()) at time zone 'UTC';
         update appointment_changes set to_starts_at = (select starts_at from appointments)",
    )
    .await;
    reference
}

const ARRIVED: &str = "select count(*) from appointments where arrived_at is not null";

#[tokio::test]
async fn the_desk_says_that_a_patient_is_here_and_takes_it_back() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = begun(&app).await;
    let admin = &everybody.admin;
    let page = admin.get("/admin/day").await;
    assert_eq!(page.texts(".expected .badge"), ["Late"]);
    let form = page.form("arrive");
    let key = form.iter().find(|(name, _)| name == "key").unwrap().1.clone();
    let fields = [("key", &*key), ("next", "/admin/day"), ("reference", &*reference)];
    for _ in 0..2 {
        let answer = admin.submit("/admin/day", "arrive", &fields).await;
        assert_eq!(answer.location(), format!("/admin/day?changed={reference}"));
    }
    assert_eq!(app.count(ARRIVED).await, 1);
    let page = admin.get(&format!("/admin/day?changed={reference}")).await;
    assert_eq!(page.texts(".expected .badge"), ["Here, 0 min"]);
    assert_eq!(page.texts("td.here").len(), 1);
    assert!(
        page.texts("section.notice").join(" ").contains("is here"),
        "{}",
        page.body
    );
    // Everybody of staff sees it.
    for (browser, path) in [(&everybody.doctor, "/doctor"), (admin, "/admin")] {
        let seen = browser.get(path).await;
        assert!(seen.body.contains("Here, 0 min"), "{path}: {}", seen.body);
    }
    let back = page.form("take-back-arrival");
    let back: Vec<(&str, &str)> = back.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = admin.submit("/admin/day", "take-back-arrival", &back).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert_eq!(app.count(ARRIVED).await, 0);
    // And missed with one click.
    let page = admin.get("/admin/day").await;
    let missed = page.form("change-status");
    assert!(
        missed.contains(&("to".to_owned(), "no_show".to_owned())),
        "{missed:?}"
    );
    let missed: Vec<(&str, &str)> = missed.iter().map(|(name, value)| (&**name, &**value)).collect();
    admin.submit("/admin/day", "change-status", &missed).await;
    assert_eq!(app.appointment(&reference).await.0, "no_show");
    app.assert_sound().await;
}

#[tokio::test]
async fn who_is_here_comes_first_on_today_and_who_waits_for_an_answer_next() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = begun(&app).await;
    let asked = request(&app).await;
    let first_row = "main ol.rows > li:first-child h3 a";
    let path = |reference: &str| format!("/doctor/appointments/{reference}");
    let page = everybody.doctor.get("/doctor").await;
    assert_eq!(page.links(first_row), [path(&asked), path(&reference)]);
    assert!(page.texts("ol.rows.here").is_empty());
    assert!(
        page.texts("ol.rows.waiting .waited")
            .iter()
            .any(|waited| waited.starts_with("waiting for")),
        "{}",
        page.body
    );

    let admin = &everybody.admin;
    let form = admin.get("/admin/day").await.form("arrive");
    // The calendar has one form, and a button for each who may arrive.
    let mut form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
    form.push(("reference", &reference));
    let arrived = admin.submit("/admin/day", "arrive", &form).await;
    assert_eq!(arrived.error(), None, "{arrived:?} {form:?}");
    assert_eq!(app.count(ARRIVED).await, 1, "{arrived:?} {form:?}");
    let page = everybody.doctor.get("/doctor").await;
    // Who is here stands in one place, with the waiting time and one step.
    assert_eq!(page.links(first_row), [path(&reference), path(&asked)]);
    assert_eq!(page.texts("ol.rows.here .badge.here"), ["Here, 0 min"]);
    assert_eq!(page.texts("ol.rows.here .btn.primary").len(), 1);
    let start = page.form("change-status");
    assert!(
        start.contains(&("to".to_owned(), "in_progress".to_owned())),
        "{start:?}"
    );
    assert!(page.texts(".empty").is_empty(), "{}", page.body);

    let start: Vec<(&str, &str)> = start
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .take(5)
        .collect();
    let answer = everybody.doctor.submit("/doctor", "change-status", &start).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    // With the doctor, they are still the first.
    let page = everybody.doctor.get("/doctor").await;
    assert_eq!(page.links("ol.rows.here h3 a"), [path(&reference)]);
}

#[tokio::test]
async fn a_patient_says_that_they_are_here() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let reference = begun(&app).await;
    let path = format!("/appointments/{reference}");
    assert!(
        everybody
            .patient
            .get("/appointments")
            .await
            .body
            .contains("I am here")
    );
    let form = everybody.patient.get(&path).await.form("arrive");
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = everybody.patient.submit(&path, "arrive", &form).await;
    assert_eq!(answer.location(), path, "{answer:?}");
    let page = everybody.patient.get(&path).await;
    assert!(page.body.contains("We know that you are here"), "{}", page.body);
    assert!(!page.form("take-back-arrival").is_empty());
    assert!(page.form("arrive").is_empty());
    // Another patient knows nothing of it.
    assert_eq!(everybody.other_patient.call("arrive", &form).await.status, 404);
    let doctor = everybody
        .doctor
        .get(&format!("/doctor/appointments/{reference}"))
        .await;
    assert!(doctor.body.contains("Here, 0 min"), "{}", doctor.body);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_program_says_that_a_patient_is_here() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    site.patient(PHONE).await;
    let reference = begun(&app).await;
    let admin = Program::acting_for(&site, SignedIn::Staff(app.admin_staff_id)).await;
    let doctor = Program::acting_for(&site, SignedIn::Staff(app.doctors[0].staff_id)).await;
    let path = format!("appointments/{reference}/arrival");
    let here = data(&admin.post(&path, &json!({})).await, 200);
    assert_eq!(
        (here["status"].as_str(), here["version"].as_i64()),
        (Some("confirmed"), Some(4))
    );
    assert!(here["arrived_at"].is_string(), "{here}");
    let seen = data(&doctor.get(&format!("appointments/{reference}")).await, 200);
    assert!(seen["arrived_at"].is_string(), "{seen}");
    let back = format!("{path}/take-back");
    assert_eq!(doctor.post(&back, &json!({})).await.status, 422);
    let gone = data(&admin.post(&back, &json!({})).await, 200);
    assert!(gone["arrived_at"].is_null(), "{gone}");
    let history = data(
        &admin.get(&format!("appointments/{reference}/history")).await,
        200,
    );
    let said: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["arrived"].as_bool())
        .collect();
    assert_eq!(said[said.len() - 2..], [Some(true), Some(false)]);
    app.assert_sound().await;
}
