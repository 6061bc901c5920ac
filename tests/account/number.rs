//! Numbers that change hands: what a code alone does not open, on pages, by the API, in calendars and by links.

use engine::{
    account::session::SignedIn,
    error::{AppError, Field, FieldProblem},
    notification::{Lane, deliver, listen},
    time::plus_minutes,
};
use janji::notification::{options::Options, settings::Settings};
use serde_json::json;

use crate::support::{People, Program, Setup, TestApp, data, refused};

/// The number of the patient with this number.
const NUMBER: &str = "+6281255500000";

/// A patient with an appointment that was booked a year ago, in a clinic that wants numbers to be confirmed.
async fn old(app: &TestApp, patient_id: i64) -> String {
    let reference = app.confirmed(patient_id, 0, app.slot(200)).await;
    app.sql(
        "update appointments set created_at = created_at - interval '1 year';
         update organisation set number_days = 90",
    )
    .await;
    reference
}

#[tokio::test]
async fn pages_show_what_is_older_once_the_desk_has_confirmed_the_number() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient_id = app.patient(0).await;
    let reference = old(&app, patient_id).await;
    let patient = site.patient(NUMBER).await;
    let page = patient.get("/appointments").await;
    assert!(!page.body.contains(&reference), "{}", page.body);
    assert!(page.body.contains("Older appointments are not shown"));
    for path in ["", "/cancel", "/reschedule"] {
        let path = format!("/appointments/{reference}{path}");
        assert_eq!(patient.get(&path).await.status, 404, "{path}");
    }
    let cancel = [
        ("reference", &*reference),
        ("to", "cancelled"),
        ("version", "2"),
        ("reason", ""),
    ];
    assert_eq!(patient.call("change-status", &cancel).await.status, 404);

    let admin = site.staff("admin@test.example").await;
    let path = format!("/admin/patients/{patient_id}");
    let page = admin.get(&path).await;
    assert!(page.body.contains("Never confirmed.") && page.body.contains("That no longer counts"));
    let id = patient_id.to_string();
    let answer = admin.submit(&path, "confirm-number", &[("patient", &id)]).await;
    assert_eq!(answer.location(), format!("{path}?saved=number"));
    let page = admin.get(&answer.location()).await;
    assert!(page.body.contains("The number is confirmed") && !page.body.contains("That no longer counts"));

    // The session is the same.
    let page = patient.get("/appointments").await;
    assert!(page.body.contains(&reference));
    assert!(!page.body.contains("Older appointments are not shown"));
    assert_eq!(
        patient.get(&format!("/appointments/{reference}")).await.status,
        200
    );
}

#[tokio::test]
async fn programs_and_calendars_find_what_is_older_once_the_number_is_confirmed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = old(&app, people.patient_id).await;
    let new = app.confirmed(people.patient_id, 1, app.slot(204)).await;
    let calendar = data(&people.patient.post("calendar", &json!({})).await, 201);
    let url = calendar["url"].as_str().unwrap().to_owned();
    let feed = &url[url.find("/calendars/").unwrap()..];
    let path = format!("appointments/{reference}");
    for call in ["", "/history", "/calendar.ics"] {
        refused(
            &people.patient.get(&format!("{path}{call}")).await,
            404,
            "NOT_FOUND",
        );
    }
    let me = data(&people.patient.get("me").await, 200);
    assert!(me["opened_since"].is_string());
    let listed = people.patient.get("appointments").await;
    assert!(!listed.body.contains(&reference) && listed.body.contains(&new));
    let events = site.visitor().get(feed).await;
    assert!(!events.body.contains(&reference) && events.body.contains(&new));
    // A token that is made now sees no more.
    let other = Program::acting_for(&site, SignedIn::Patient(people.patient_id)).await;
    refused(&other.get(&path).await, 404, "NOT_FOUND");

    let confirm = format!("patients/{}/confirm-number", people.patient_id);
    for who in [&people.doctor, &people.patient] {
        refused(&who.post(&confirm, &json!({})).await, 403, "FORBIDDEN");
    }
    data(&people.admin.post(&confirm, &json!({})).await, 200);
    data(&people.patient.get(&path).await, 200);
    let me = data(&people.patient.get("me").await, 200);
    assert!(me.get("opened_since").is_none());
    assert!(people.patient.get("appointments").await.body.contains(&reference));
    assert!(site.visitor().get(feed).await.body.contains(&reference));
}

#[tokio::test]
async fn a_link_opens_what_is_older_once_the_number_is_confirmed() {
    let messages = Settings::of(Options {
        public_url: Some("https://clinic.example".to_owned()),
        ..Options::default()
    })
    .unwrap();
    let setup = Setup {
        messages,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    listen(&app.state.outbox);
    let site = app.serve().await;
    let patient_id = app.patient(0).await;
    let _ = old(&app, patient_id).await;
    let now = plus_minutes(app.database.now(), 1);
    for lane in Lane::ALL {
        while deliver(&app.state.outbox, lane, now).await.unwrap() > 0 {}
    }
    let text = app.newest_message(NUMBER).await;
    let text = match text.contains("/a/") {
        true => text,
        false => sqlx::query_scalar("select body from messages where body like '%/a/%' order by id limit 1")
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap(),
    };
    let address = text.split_whitespace().last().unwrap();
    let link = address.strip_prefix("https://clinic.example").unwrap();
    let whoever = site.visitor();
    assert_eq!(whoever.get(link).await.status, 404);
    let secret = link.strip_prefix("/a/").unwrap();
    assert_eq!(whoever.call("link-come", &[("secret", secret)]).await.status, 404);
    let admin = site.staff("admin@test.example").await;
    let id = patient_id.to_string();
    admin
        .submit(
            &format!("/admin/patients/{id}"),
            "confirm-number",
            &[("patient", &id)],
        )
        .await;
    assert_eq!(whoever.get(link).await.status, 200);
}

#[tokio::test]
async fn an_admin_says_for_how_long_a_confirmed_number_counts() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let days = "select number_days::bigint from organisation";
    assert_eq!(app.count(days).await, 0);
    let admin = site.staff("admin@test.example").await;
    let answer = admin
        .submit("/admin/phones", "number-days", &[("days", "90")])
        .await;
    assert_eq!(answer.location(), "/admin/phones?done=1");
    assert_eq!(app.count(days).await, 90);
    assert!(admin.get("/admin/phones").await.body.contains("value=\"90\""));
    for wrong in ["367", "-1", "soon"] {
        let answer = admin
            .submit("/admin/phones", "number-days", &[("days", wrong)])
            .await;
        assert_eq!(
            answer.error(),
            Some(AppError::invalid(Field::Days, FieldProblem::Malformed)),
            "{wrong}"
        );
    }
    admin
        .submit("/admin/phones", "number-days", &[("days", "")])
        .await;
    assert_eq!(app.count(days).await, 0);

    let saved = data(
        &people
            .admin
            .put("organisation/numbers", &json!({ "days": 30 }))
            .await,
        200,
    );
    assert_eq!(saved, json!({ "days": 30 }));
    assert_eq!(data(&people.admin.get("organisation/numbers").await, 200), saved);
    let wrong = people
        .admin
        .put("organisation/numbers", &json!({ "days": 400 }))
        .await;
    assert_eq!(
        refused(&wrong, 422, "VALIDATION_FAILED"),
        json!({ "days": "malformed" })
    );
    refused(
        &people
            .patient
            .put("organisation/numbers", &json!({ "days": 0 }))
            .await,
        403,
        "FORBIDDEN",
    );
}
