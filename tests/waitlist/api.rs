//! The waitlist by the API.

use serde_json::{Value, json};

use super::clinic;
use crate::support::{People, TestApp, data, refused};

/// Half hours ahead, where an offer is kept.
const FREED: i64 = 60;

/// Somebody whose appointment is cancelled by the doctor.
async fn frees(app: &TestApp, people: &People, slot: i64) {
    let patient_id = app.patient(40 + usize::try_from(slot).unwrap()).await;
    let reference = app.confirmed(patient_id, 0, app.slot(slot)).await;
    let body = json!({ "status": "cancelled", "reason": "Away" });
    let path = format!("appointments/{reference}/status");
    data(&people.doctor.post(&path, &body).await, 200);
}

fn wish() -> Value {
    json!({ "type": "visit", "notice_minutes": 0, "reason": "A cough" })
}

#[tokio::test]
async fn a_program_joins_and_accepts_what_comes_free() {
    let app = clinic().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let joined = data(&people.patient.post("waitlist", &wish()).await, 201);
    assert_eq!(
        (&joined["state"], &joined["place"]),
        (&json!("waiting"), &json!({ "from": 1, "to": 3 }))
    );
    // The same once more is the same, also without a key.
    let again = data(&people.patient.post("waitlist", &wish()).await, 201);
    assert_eq!(again["id"], joined["id"]);
    let path = format!("waitlist/{}", joined["id"]);
    frees(&app, &people, FREED).await;
    let entry = data(&people.patient.get(&path).await, 200);
    assert_eq!(entry["state"], "offered");
    assert_eq!(entry["offers"][0]["state"], "offered");
    assert_eq!(entry["offers"][0]["starts_at"], json!(app.slot(FREED)));
    let accept = format!("{path}/accept");
    let booked = data(&people.patient.post(&accept, &json!({})).await, 200);
    assert_eq!(booked["starts_at"], json!(app.slot(FREED)));
    assert_eq!(
        data(&people.patient.post(&accept, &json!({})).await, 200)["id"],
        booked["id"]
    );
    assert_eq!(data(&people.patient.get(&path).await, 200)["state"], "accepted");
    app.assert_whole().await;
}

#[tokio::test]
async fn what_is_declined_goes_on_and_who_leaves_is_off() {
    let app = clinic().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let first = data(&people.patient.post("waitlist", &wish()).await, 201);
    let second = data(&people.other.post("waitlist", &wish()).await, 201);
    frees(&app, &people, FREED).await;
    let declined = format!("waitlist/{}/decline", first["id"]);
    let entry = data(&people.patient.post(&declined, &json!({})).await, 200);
    assert_eq!(
        (&entry["state"], &entry["offers"][0]["state"]),
        (&json!("waiting"), &json!("declined"))
    );
    let path = format!("waitlist/{}", second["id"]);
    assert_eq!(data(&people.other.get(&path).await, 200)["state"], "offered");
    // It is somebody else's.
    refused(&people.patient.get(&path).await, 404, "NOT_FOUND");
    refused(&people.patient.delete(&path).await, 404, "NOT_FOUND");
    data(&people.other.delete(&path).await, 200);
    data(&people.other.delete(&path).await, 200);
    let entry = data(&people.other.get(&path).await, 200);
    assert_eq!(
        (&entry["state"], &entry["ended_because"]),
        (&json!("ended"), &json!("left"))
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn an_offer_that_is_accepted_too_late_is_refused_with_alternatives() {
    let app = clinic().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let joined = data(&people.patient.post("waitlist", &wish()).await, 201);
    frees(&app, &people, FREED).await;
    app.sql("update appointments set held_until = created_at where status = 'held'")
        .await;
    // Somebody is faster.
    let wanted = json!({
        "doctor_id": app.doctors[0].id, "scheduled_at": app.slot(FREED).to_string(), "type": "visit"
    });
    data(&people.other.post("appointments", &wanted).await, 201);
    let accept = format!("waitlist/{}/accept", joined["id"]);
    let details = refused(
        &people.patient.post(&accept, &json!({})).await,
        409,
        "BOOKING_FAILED",
    );
    assert_eq!(details["reason"], "hold_expired");
    assert!(!details["alternatives"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn staff_read_the_list_and_offer_by_hand() {
    let app = clinic().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let first = data(&people.patient.post("waitlist", &wish()).await, 201);
    let second = data(&people.other.post("waitlist", &wish()).await, 201);
    let answer = people.admin.get("waitlist?limit=1").await.json();
    assert_eq!(answer["data"][0]["id"], first["id"]);
    let next = answer["next_cursor"].as_str().unwrap();
    let answer = people
        .admin
        .get(&format!("waitlist?limit=1&cursor={next}"))
        .await
        .json();
    assert_eq!(answer["data"][0]["id"], second["id"]);
    let offer = format!("waitlist/{}/offer", second["id"]);
    let time = json!({
        "doctor_id": app.doctors[0].id, "clinic_id": app.clinic, "starts_at": app.slot(FREED).to_string()
    });
    let entry = data(&people.admin.post(&offer, &time).await, 200);
    assert_eq!(entry["offers"][0]["why"], "by_hand");
    // The time is kept for somebody now.
    let other = format!("waitlist/{}/offer", first["id"]);
    let details = refused(&people.admin.post(&other, &time).await, 409, "BOOKING_FAILED");
    assert_eq!(details["reason"], "slot_taken");
    refused(&people.patient.post(&other, &time).await, 404, "NOT_FOUND");
}

#[tokio::test]
async fn a_wish_that_cannot_be_read_is_refused_by_its_field() {
    let app = clinic().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for (name, value) in [
        ("weekdays", json!(["someday"])),
        ("day_parts", json!(["night"])),
        ("notice_minutes", json!(-1)),
        ("instead_of", json!("nothing at all")),
    ] {
        let mut wish = wish();
        wish[name] = value;
        let answer = people.patient.post("waitlist", &wish).await;
        refused(&answer, 422, "VALIDATION_FAILED");
        assert!(answer.body.contains(name), "{answer:?}");
    }
    let over = json!({ "type": "visit", "first_day": "2020-01-01", "last_day": "2020-01-02" });
    refused(
        &people.patient.post("waitlist", &over).await,
        400,
        "INVALID_DATE_RANGE",
    );
    let unknown = json!({ "type": "astrology" });
    refused(&people.patient.post("waitlist", &unknown).await, 404, "NOT_FOUND");
}
