//! Patients who walk in.

use serde_json::json;

use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn a_walk_in_gets_the_first_free_time_of_today() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    // In the last hour of a day there may be no time left; of a clinic far in the west there is.
    app.hours_before_midnight().await;
    let body = json!({ "type": "visit", "phone": "+6281255590001", "name": "Dewi", "reason": "Fever" });
    let booked = data(&people.doctor.post_under("w", "walk-ins", &body).await, 201);
    assert_eq!(
        (&booked["status"], &booked["doctor_id"]),
        (&json!("confirmed"), &json!(app.doctors[0].id))
    );
    assert_eq!(
        data(&people.doctor.post_under("w", "walk-ins", &body).await, 201)["id"],
        booked["id"]
    );
    let patient_id = booked["patient_id"].clone();
    // In two places at once is nobody.
    let again = json!({ "type": "visit", "patient_id": people.patient_id, "doctor_id": app.doctors[0].id });
    let next = data(&people.admin.post("walk-ins", &again).await, 201);
    assert_ne!(next["starts_at"], booked["starts_at"]);
    for (body, field, problem) in [
        (json!({ "type": "visit" }), "doctor_id", "missing"),
        (
            json!({ "type": "visit", "doctor_id": app.doctors[0].id }),
            "patient_id",
            "missing",
        ),
        (
            json!({ "type": "visit", "doctor_id": app.doctors[0].id, "patient_id": patient_id, "phone": "+6281255590001" }),
            "phone",
            "malformed",
        ),
    ] {
        let details = refused(
            &people.admin.post("walk-ins", &body).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ field: problem }), "{body}");
    }
    let elsewhere = json!({ "type": "visit", "doctor_id": app.doctors[1].id, "patient_id": patient_id });
    refused(
        &people.doctor.post("walk-ins", &elsewhere).await,
        404,
        "NOT_FOUND",
    );
    let patients = app.count("select count(*) from patients").await;
    let stranger =
        json!({ "type": "visit", "doctor_id": app.doctors[1].id, "phone": "+6281255590009", "name": "X" });
    refused(&people.doctor.post("walk-ins", &stranger).await, 404, "NOT_FOUND");
    assert_eq!(app.count("select count(*) from patients").await, patients);
    let unknown = json!({ "type": "massage", "patient_id": patient_id });
    refused(&people.doctor.post("walk-ins", &unknown).await, 404, "NOT_FOUND");
    app.assert_sound().await;
}
