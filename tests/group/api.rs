//! Group sessions by the API.

use serde_json::{Value, json};

use crate::support::{People, TestApp, data, refused};

fn wish(app: &TestApp, slot: i64) -> Value {
    json!({
        "clinic_id": app.clinic, "type": "visit", "title": "Birth class", "starts_at": app.slot(slot).to_string(),
        "minutes": 60, "capacity": 3,
    })
}

#[tokio::test]
async fn a_session_is_planned_published_changed_and_cancelled() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let planned = people.doctor.post("groups", &wish(&app, 20)).await;
    let path = planned.header("location");
    let draft = data(&planned, 201)[0].take();
    assert_eq!((&draft["state"], &draft["version"]), (&json!("draft"), &json!(1)));
    let path = path.strip_prefix("/api/v1/").unwrap().to_owned();
    // The same request without a key is the same session.
    let again = data(&people.doctor.post("groups", &wish(&app, 20)).await, 201);
    assert_eq!(again[0]["id"], draft["id"]);
    refused(&people.patient.get(&path).await, 404, "NOT_FOUND");
    assert_eq!(data(&people.patient.get("groups").await, 200), json!([]));

    let published = people
        .doctor
        .post(&format!("{path}/publish"), &json!({ "version": 1 }))
        .await;
    assert_eq!(data(&published, 200)["state"], "published");
    let seen = data(&people.patient.get(&path).await, 200);
    assert_eq!((&seen["capacity"], &seen["free"]), (&json!(3), &json!(3)));
    assert_eq!(seen["type"], "visit");
    assert_eq!(seen["paid_first"], Value::Null);
    let list = data(&people.patient.get("groups?service=visit").await, 200);
    assert_eq!(list[0]["id"], draft["id"]);
    assert_eq!(
        data(&people.patient.get("groups?service=long").await, 200),
        json!([])
    );

    let mut change = wish(&app, 24);
    for name in ["clinic_id", "type"] {
        change.as_object_mut().unwrap().remove(name);
    }
    change["version"] = json!(1);
    let stale = refused(&people.doctor.put(&path, &change).await, 409, "STALE_VERSION");
    assert_eq!(
        (&stale["version"], &stale["state"]),
        (&json!(2), &json!("published"))
    );
    change["version"] = json!(2);
    let moved = data(&people.doctor.put(&path, &change).await, 200);
    assert_eq!(moved["starts_at"], app.slot(24).to_string());

    let cancel = json!({ "reason": "The doctor is ill", "version": 3 });
    let cancelled = data(&people.admin.post(&format!("{path}/cancel"), &cancel).await, 200);
    assert_eq!(cancelled["state"], "cancelled");
    app.assert_whole().await;
}

#[tokio::test]
async fn a_class_without_a_doctor_is_planned_by_admins_and_has_no_doctor_in_answers() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut class = wish(&app, 20);
    class["publish"] = json!(true);
    let planned = data(&people.admin.post("groups", &class).await, 201);
    // A doctor who names nobody plans a session of their own.
    let own = data(&people.doctor.post("groups", &wish(&app, 20)).await, 201);
    let own = data(&people.doctor.get(&format!("groups/{}", own[0]["id"])).await, 200);
    assert_eq!(own["doctor_name"], "Dr 1");
    class["doctor_id"] = json!(0);
    class["title"] = json!("Another");
    refused(&people.doctor.post("groups", &class).await, 404, "NOT_FOUND");

    let path = format!("groups/{}", planned[0]["id"]);
    let seen = data(&people.patient.get(&path).await, 200);
    assert_eq!(
        (&seen["doctor_id"], &seen["doctor_name"]),
        (&Value::Null, &Value::Null)
    );
    let taken = data(
        &people.patient.post(&format!("{path}/seats"), &json!({})).await,
        201,
    );
    let seat = data(
        &people.patient.get(&format!("appointments/{}", taken["id"])).await,
        200,
    );
    assert_eq!(
        (&seat["doctor_id"], &seat["doctor_name"]),
        (&Value::Null, &Value::Null)
    );
    refused(&people.patient.get("doctors/0").await, 404, "NOT_FOUND");
    let doctors = data(&people.patient.get("doctors").await, 200);
    assert!(
        doctors.as_array().unwrap().iter().all(|one| one["id"] != 0),
        "{doctors}"
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn whoever_comes_too_late_is_told_how_many_seats_are_left() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let (group, other) = (app.group(3, true).await, app.group(5, true).await);
    let path = format!("groups/{group}/seats");
    let taken = data(
        &people
            .patient
            .post(&path, &json!({ "seats": 2, "reason": "Two" }))
            .await,
        201,
    );
    assert_eq!(
        (&taken["seats"], &taken["status"]),
        (&json!([1, 2]), &json!("confirmed"))
    );
    assert_eq!(taken["group_id"], group);
    // Sent again without a key, it is the same answer.
    let again = people
        .patient
        .post(&path, &json!({ "seats": 2, "reason": "Two" }))
        .await;
    assert_eq!(data(&again, 201)["id"], taken["id"]);

    let late = people.other.post(&path, &json!({ "seats": 2 })).await;
    let details = refused(&late, 409, "INSUFFICIENT_INVENTORY");
    assert_eq!(
        (&details["requested"], &details["available"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(details["group_id"], group);
    assert_eq!(details["alternatives"][0]["group_id"], other);
    assert_eq!(
        data(&people.other.post(&path, &json!({})).await, 201)["seats"],
        json!([3])
    );
    refused(
        &people.patient.post(&path, &json!({ "seats": 0 })).await,
        422,
        "VALIDATION_FAILED",
    );

    // Lower than what is taken.
    let seen = data(&people.admin.get(&format!("groups/{group}")).await, 200);
    let change = json!({
        "title": "Class", "starts_at": seen["starts_at"], "minutes": 60, "capacity": 2, "version": seen["version"],
    });
    let refused_change = people.admin.put(&format!("groups/{group}"), &change).await;
    let details = refused(&refused_change, 409, "INSUFFICIENT_INVENTORY");
    assert_eq!(
        (&details["requested"], &details["available"]),
        (&json!(3), &json!(2))
    );

    // It is an appointment like any other.
    let id = taken["id"].as_i64().unwrap();
    let cancel = json!({ "status": "cancelled" });
    data(
        &people
            .patient
            .post(&format!("appointments/{id}/status"), &cancel)
            .await,
        200,
    );
    assert_eq!(
        data(&people.patient.get(&format!("groups/{group}")).await, 200)["free"],
        2
    );
    let elsewhere = json!({ "scheduled_at": app.slot(60).to_string() });
    let seat = data(&people.other.get("appointments").await, 200)[0]["id"].clone();
    let moved = people
        .other
        .post(&format!("appointments/{seat}/reschedule"), &elsewhere)
        .await;
    refused(&moved, 422, "INVALID_TRANSITION");
    app.assert_whole().await;
}

#[tokio::test]
async fn who_has_seats_is_for_staff_alone() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let group = app.group(3, true).await;
    let path = format!("groups/{group}/seats");
    data(&people.patient.post(&path, &json!({})).await, 201);
    let by_admin = json!({ "patient_id": people.other_id, "seats": 2 });
    data(&people.admin.post(&path, &by_admin).await, 201);
    refused(
        &people.admin.post(&path, &json!({})).await,
        422,
        "VALIDATION_FAILED",
    );
    let seen = data(&people.doctor.get(&path).await, 200);
    assert_eq!(seen.as_array().unwrap().len(), 2);
    assert_eq!(seen[1]["seats"], json!([2, 3]));
    for stranger in [&people.patient, &people.other_doctor, &people.other_reception] {
        refused(&stranger.get(&path).await, 404, "NOT_FOUND");
    }
    refused(&people.patient.post(&path, &by_admin).await, 403, "FORBIDDEN");
    // Nobody else is in the answers of a patient.
    let group = people.patient.get(&format!("groups/{group}")).await;
    assert!(!group.body.contains("Patient 1"), "{group:?}");
}
