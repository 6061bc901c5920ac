//! Waiting for seats of a group session: by pages without JavaScript, by the API, and by the staff.

use serde_json::json;

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
    let reference = seated(app, group_id, app.patient(70).await).await;
    (group_id, reference)
}

/// A patient takes a seat, and this is the reference of the appointment.
async fn seated(app: &TestApp, group_id: i64, patient_id: i64) -> String {
    let command = engine::group::Take {
        caller: app.admin_caller(),
        group_id,
        patient_id,
        seats: 1,
        name: None,
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    let taken = engine::group::take(&app.database, command, app.now)
        .await
        .unwrap();
    taken.appointment.reference
}

/// The desk takes the seat back.
async fn frees(app: &TestApp, reference: &str) {
    let command = engine::appointment::ChangeStatus {
        caller: app.admin_caller(),
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

#[tokio::test]
async fn a_patient_waits_for_a_seat_and_takes_it_on_the_page() {
    let app = clinic().await;
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

#[tokio::test]
async fn who_gives_seats_on_is_told_that_they_wait_no_more() {
    let app = clinic().await;
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

#[tokio::test]
async fn the_desk_answers_for_a_patient_who_calls() {
    let app = clinic().await;
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

#[tokio::test]
async fn a_program_waits_for_seats_and_staff_answer_and_offer() {
    let app = clinic().await;
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

#[tokio::test]
async fn a_wish_for_seats_that_cannot_be_is_refused_by_its_field() {
    let app = clinic().await;
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

#[tokio::test]
async fn what_the_desk_typed_for_one_patient_is_not_in_the_form_of_another() {
    let app = clinic().await;
    let (one, other) = (app.patient(1).await, app.patient(2).await);
    let (group, _) = full(&app).await;
    let site = app.serve().await;
    let desk = site.staff("admin@test.example").await;
    let of = |patient: i64| format!("/admin/waitlist/join?patient={patient}&group={group}");
    let wrong = [
        ("seats", "two"),
        ("reason", "With my mother"),
        ("days[notice]", "120"),
    ];
    let answer = send(&desk, &of(one), "join-waitlist", &wrong).await;
    assert!(answer.error().is_some(), "{answer:?}");
    let again = desk.get(&answer.location()).await;
    assert!(again.body.contains("With my mother"), "{}", again.body);
    let page = desk.get(&of(other)).await;
    assert!(!page.form("join-waitlist").is_empty(), "{}", page.body);
    assert!(!page.body.contains("With my mother"), "{}", page.body);
    assert_eq!(page.field("join-waitlist", "seats"), "1");
}

#[tokio::test]
async fn who_has_a_seat_is_not_led_to_wait_for_one() {
    let app = clinic().await;
    let group = app.group(1, true).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let me = app
        .count("select id from patients where phone = '+6281255500777'")
        .await;
    let (page, way) = (
        format!("/groups/{group}"),
        format!("/waitlist/join?group={group}"),
    );
    let seat = seated(&app, group, me).await;
    let full = patient.get(&page).await;
    assert!(!full.body.contains(&way), "{}", full.body);
    frees(&app, &seat).await;
    seated(&app, group, app.patient(70).await).await;
    let full = patient.get(&page).await;
    assert!(full.body.contains(&way), "{}", full.body);
}

/// A class without a doctor, of one seat.
async fn class(app: &TestApp, people: &People) -> i64 {
    let class = json!({
        "clinic_id": app.clinic, "type": "visit", "title": "Breathing", "starts_at": app.slot(5 * 48).to_string(),
        "minutes": 60, "capacity": 1, "publish": true,
    });
    data(&people.admin.post("groups", &class).await, 201)[0]["id"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn who_waits_for_a_class_reads_that_it_has_no_doctor() {
    let app = clinic().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let group = class(&app, &people).await;
    let seat = seated(&app, group, app.patient(70).await).await;
    let patient = site.patient(PHONE).await;
    let path = format!("/waitlist/join?group={group}");
    let page = patient.get(&path).await;
    assert!(page.body.contains("No doctor"), "{}", page.body);
    let fields = [("seats", "1"), ("days[notice]", "120")];
    send(&patient, &path, "join-waitlist", &fields).await;
    frees(&app, &seat).await;
    let mine = patient.get("/waitlist").await;
    assert!(mine.body.contains("No doctor"), "{}", mine.body);
    let entries = data(&people.admin.get("waitlist").await, 200);
    assert_eq!(
        (&entries[0]["doctor_id"], &entries[0]["offers"][0]["doctor_id"]),
        (&json!(null), &json!(null))
    );
    // It runs out, and somebody else has the seat: times of doctors are no help.
    app.sql("update appointments set held_until = created_at where status = 'held'")
        .await;
    app.sql(
        "update waitlist_offers set kept_until = appointments.created_at
         from appointments where appointments.id = appointment_id and state = 'offered'",
    )
    .await;
    engine::appointment::expire(&app.database, app.database.now())
        .await
        .unwrap();
    seated(&app, group, app.patient(71).await).await;
    let offer = entries[0]["offers"][0]["id"].to_string();
    let answer = patient
        .submit("/waitlist", "accept-offer", &[("offer", &*offer)])
        .await;
    assert!(answer.error().is_some(), "{answer:?}");
    let refused = patient.get(&answer.location()).await;
    assert!(refused.texts(".offers").is_empty(), "{}", refused.body);
}
