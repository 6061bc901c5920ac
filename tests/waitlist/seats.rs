//! Waiting for seats of a group session: by pages without JavaScript, by the API, and by the staff.

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::clinic;
use crate::support::{Answer, Browser, PHONE, People, RULES, TestApp, data, refused};

/// Sends the form of a page as it stands there, but for these fields.
async fn send(browser: &Browser, path: &str, form: &str, changed: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    let mut fields = page.form(form);
    fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = fields.chain(changed.iter().copied()).collect();
    browser.submit(path, form, &fields).await
}

/// A session of one seat that somebody has, with the reference of their appointment.
async fn full(app: &TestApp) -> (i64, String) {
    let group_id = app.group(1, true).await;
    let command = engine::group::Take {
        caller: app.admin_caller(),
        group_id,
        patient_id: app.patient(70).await,
        seats: 1,
        name: None,
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    let taken = engine::group::take(&app.database, command, app.now)
        .await
        .unwrap();
    (group_id, taken.appointment.reference)
}

/// The doctor takes the seat back.
async fn frees(app: &TestApp, reference: &str) {
    let command = engine::appointment::ChangeStatus {
        caller: app.doctor_caller(0),
        which: reference.into(),
        to: engine::appointment::Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    engine::appointment::change_status(&app.database, command, app.now)
        .await
        .unwrap();
}

#[sqlx::test]
async fn a_patient_waits_for_a_seat_and_takes_it_on_the_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
    app.patient(1).await;
    let (group, reference) = full(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let page = patient.get(&format!("/groups/{group}")).await;
    let way = format!("/waitlist/join?group={group}&amp;seats=1");
    assert!(page.body.contains(&way), "{}", page.body);
    let path = format!("/waitlist/join?group={group}&seats=1");
    // What was typed is kept where it cannot be.
    let wrong = [
        ("seats", "two"),
        ("reason", "With my mother"),
        ("days[notice]", "120"),
    ];
    let answer = send(&patient, &path, "join-waitlist", &wrong).await;
    assert!(answer.error().is_some(), "{answer:?}");
    let again = patient.get(&answer.location()).await;
    assert_eq!(again.field("join-waitlist", "seats"), "two");
    assert!(again.body.contains("With my mother"));
    let right = [("seats", "1"), ("reason", ""), ("days[notice]", "120")];
    let answer = send(&patient, &path, "join-waitlist", &right).await;
    assert_eq!(answer.location(), "/waitlist?done=join", "{}", answer.body);
    let mine = patient.get("/waitlist").await;
    assert!(mine.body.contains("Class 1"), "{}", mine.body);
    frees(&app, &reference).await;
    // It is kept for one, and free for nobody.
    let public = site.visitor().get("/groups").await;
    assert!(public.body.contains("No seats left"), "{}", public.body);
    let answer = send(&patient, "/waitlist", "accept-offer", &[]).await;
    assert!(answer.location().ends_with("/done"), "{}", answer.location());
    let accepted = "select count(*) from waitlist_entries where state = 'accepted'";
    assert_eq!(app.count(accepted).await, 1);
    app.assert_whole().await;
}

#[sqlx::test]
async fn who_gives_seats_on_is_told_that_they_wait_no_more(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
    app.patient(1).await;
    let (group, reference) = full(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let path = format!("/waitlist/join?group={group}");
    let fields = [("seats", "1"), ("days[notice]", "120")];
    send(&patient, &path, "join-waitlist", &fields).await;
    frees(&app, &reference).await;
    let answer = send(&patient, "/waitlist", "decline-offer", &[]).await;
    assert_eq!(answer.location(), "/waitlist?done=decline-seats");
    let page = patient.get("/waitlist?done=decline-seats").await;
    assert!(
        page.body.contains("no longer wait for this session"),
        "{}",
        page.body
    );
}

#[sqlx::test]
async fn the_desk_answers_for_a_patient_who_calls(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
    app.patient(1).await;
    let (group, reference) = full(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let path = format!("/waitlist/join?group={group}");
    let fields = [("seats", "1"), ("days[notice]", "120")];
    send(&patient, &path, "join-waitlist", &fields).await;
    frees(&app, &reference).await;
    let desk = site.staff("admin@test.example").await;
    let answer = send(&desk, "/admin/waitlist", "accept-offer", &[]).await;
    assert_eq!(answer.location(), "/admin/waitlist?done=accept-for", "{answer:?}");
    let by_desk = "select count(*) from waitlist_offers where state = 'accepted' and answered_by is not null";
    assert_eq!(app.count(by_desk).await, 1);
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_program_waits_for_seats_and_staff_answer_and_offer(_: PgPoolOptions, options: PgConnectOptions) {
    let app = clinic(options).await;
    let (group, reference) = full(&app).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let seats = format!("groups/{group}/seats");
    let details = refused(
        &people.patient.post(&seats, &json!({ "seats": 1 })).await,
        409,
        "INSUFFICIENT_INVENTORY",
    );
    assert_eq!(details["group_id"], json!(group));
    let wish = json!({ "group_id": group, "seats": 1 });
    let first = data(&people.patient.post("waitlist", &wish).await, 201);
    let second = data(&people.other.post("waitlist", &wish).await, 201);
    assert_eq!(
        (&first["group_id"], &first["seats"], &first["state"]),
        (&json!(group), &json!(1), &json!("waiting"))
    );
    // The same once more is the same.
    assert_eq!(
        data(&people.patient.post("waitlist", &wish).await, 201)["id"],
        first["id"]
    );
    frees(&app, &reference).await;
    assert_eq!(
        data(&people.other.get(&format!("groups/{group}")).await, 200)["free"],
        0
    );
    let path = format!("waitlist/{}", first["id"]);
    let entry = data(&people.patient.get(&path).await, 200);
    assert_eq!(
        (&entry["offers"][0]["state"], &entry["offers"][0]["seats"]),
        (&json!("offered"), &json!(1))
    );
    // The patient calls, and does not want it any more.
    let declined = data(
        &people.admin.post(&format!("{path}/decline"), &json!({})).await,
        200,
    );
    assert_eq!(
        (&declined["state"], &declined["ended_because"]),
        (&json!("ended"), &json!("declined"))
    );
    let path = format!("waitlist/{}", second["id"]);
    let accept = format!("{path}/accept");
    let booked = data(&people.admin.post(&accept, &json!({})).await, 200);
    assert_eq!(
        data(&people.other.post(&accept, &json!({})).await, 200)["id"],
        booked["id"]
    );
    // Who has seats waits no more, and nobody is offered what is not there.
    let offer = format!("{path}/offer");
    refused(
        &people.admin.post(&offer, &json!({})).await,
        409,
        "INSUFFICIENT_INVENTORY",
    );
    app.assert_whole().await;
}

#[sqlx::test]
async fn a_wish_for_seats_that_cannot_be_is_refused_by_its_field(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = clinic(options).await;
    let (group, _) = full(&app).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let many = json!({ "group_id": group, "seats": 2 });
    refused(
        &people.patient.post("waitlist", &many).await,
        422,
        "VALIDATION_FAILED",
    );
    let nowhere = json!({ "seats": 2 });
    refused(
        &people.patient.post("waitlist", &nowhere).await,
        422,
        "VALIDATION_FAILED",
    );
    let unknown = json!({ "group_id": group + 1, "seats": 1 });
    refused(&people.patient.post("waitlist", &unknown).await, 404, "NOT_FOUND");
}
