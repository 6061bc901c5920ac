//! Prescriptions and ratings by the API.

use serde_json::{Value, json};

use crate::support::{People, TestApp, data, refused};
use engine::appointment::Status;

#[tokio::test]
async fn prescriptions_and_ratings_are_read_only_by_their_people() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut written = Vec::new();
    for slot in [20, 30] {
        let reference = app
            .visit(people.patient_id, 0, app.slot(slot), Status::Completed)
            .await;
        let id = data(
            &people.doctor.get(&format!("appointments/{reference}")).await,
            200,
        )["id"]
            .take();
        let line = json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" });
        let body = json!({ "appointment_id": id, "medications": [line] });
        data(&people.doctor.post("prescriptions", &body).await, 201);
        written.insert(0, id);
    }
    for reader in [&people.patient, &people.doctor] {
        let list = data(&reader.get("prescriptions").await, 200);
        let ids: Vec<&Value> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["appointment_id"])
            .collect();
        assert_eq!(ids, [&written[0], &written[1]]);
        let one = data(
            &reader
                .get(&format!("prescriptions?appointment={}", written[1]))
                .await,
            200,
        );
        assert_eq!(one[0], list[1]);
        let page = reader.get("prescriptions?limit=1").await.json();
        let next = data(
            &reader
                .get(&format!(
                    "prescriptions?cursor={}",
                    page["next_cursor"].as_str().unwrap()
                ))
                .await,
            200,
        );
        assert_eq!(next, json!([list[1]]));
    }
    for stranger in [&people.other, &people.other_doctor] {
        for query in [
            "",
            &format!("?patient={}", people.patient_id),
            &format!("?appointment={}", written[0]),
        ] {
            assert_eq!(
                data(&stranger.get(&format!("prescriptions{query}")).await, 200),
                json!([])
            );
        }
    }
    refused(&people.admin.get("prescriptions").await, 403, "FORBIDDEN");
    let visits = data(
        &people
            .doctor
            .get(&format!("patients/{}/visits", people.patient_id))
            .await,
        200,
    );
    assert_eq!(visits[0]["prescription"]["appointment_id"], written[0]);

    let path = format!("appointments/{}/rating", written[0]);
    refused(&people.patient.get(&path).await, 404, "NOT_FOUND");
    let rated = people
        .patient
        .post(
            "ratings",
            &json!({ "appointment_id": written[0], "score": 4, "comment": "Kind" }),
        )
        .await;
    let rating = data(&rated, 201);
    assert_eq!(rated.location(), format!("/api/v1/{path}"));
    for reader in [&people.patient, &people.doctor, &people.admin] {
        assert_eq!(data(&reader.get(&path).await, 200), rating);
    }
    for stranger in [&people.other, &people.other_doctor] {
        refused(&stranger.get(&path).await, 404, "NOT_FOUND");
    }
}

/// One medication of a prescription.
fn line(name: &str) -> Value {
    json!({ "name": name, "dose": "500 mg", "frequency": "3 × daily", "duration": "7 days", "note": "" })
}

/// An appointment of the patient with the first doctor that is over; its id.
async fn completed(app: &TestApp, people: &People) -> i64 {
    let reference = app
        .visit(people.patient_id, 0, app.slot(20), Status::Completed)
        .await;
    app.id_of(&reference).await
}

#[tokio::test]
async fn one_of_two_prescriptions_or_ratings_at_once_is_written() {
    let app = TestApp::crowded().await;
    let people = People::of(&app.serve().await).await;
    let id = completed(&app, &people).await;
    let prescription = json!({ "appointment_id": id, "medications": [line("A"), line("B")], "note": "Rest" });
    let rating = json!({ "appointment_id": id, "score": 4, "comment": "Good" });
    for (program, path, body, code) in [
        (
            &people.doctor,
            "prescriptions",
            &prescription,
            "PRESCRIPTION_EXISTS",
        ),
        (&people.patient, "ratings", &rating, "RATING_EXISTS"),
    ] {
        let racers = (0..2)
            .map(|_| {
                let (program, body) = (program.clone(), body.clone());
                async move { program.post(path, &body).await }
            })
            .collect();
        let mut answers = app.race(racers).await;
        answers.sort_by_key(|answer| answer.status);
        let made = data(&answers[0], 201);
        assert_eq!(made["appointment_id"], id);
        refused(&answers[1], 409, code);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_malformed_prescription_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let id = completed(&app, &people).await;
    for (wrong, field) in [
        (json!({ "appointment_id": id, "medications": [] }), "medications"),
        (
            json!({ "appointment_id": id, "medications": vec![line("A"); 21] }),
            "medications",
        ),
        (
            json!({ "appointment_id": id, "medications": [{ "name": "A" }] }),
            "medications[0].dose",
        ),
        (
            json!({ "appointment_id": id, "medications": [line(" ")] }),
            "medication_name",
        ),
        (json!({ "appointment_id": id, "medications": "A" }), "medications"),
        (json!({ "medications": [line("A")] }), "appointment_id"),
    ] {
        let answer = people.doctor.post("prescriptions", &wrong).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert!(details[field].is_string(), "{field}: {details}");
    }
}

#[tokio::test]
async fn a_score_that_is_no_number_from_one_to_five_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let id = completed(&app, &people).await;
    for score in [
        json!(0),
        json!(6),
        json!(4.5),
        json!("5"),
        json!(99_999),
        json!(null),
    ] {
        let body = json!({ "appointment_id": id, "score": score });
        let answer = people.patient.post("ratings", &body).await;
        assert!(refused(&answer, 422, "VALIDATION_FAILED")["score"].is_string());
    }
}

#[tokio::test]
async fn a_prescription_or_rating_under_a_key_is_answered_the_same() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let id = completed(&app, &people).await;
    let (prescription, rating) = (
        json!({ "appointment_id": id, "medications": [line("A")] }),
        json!({ "appointment_id": id, "score": 5 }),
    );
    for (program, path, body) in [
        (&people.doctor, "prescriptions", prescription),
        (&people.patient, "ratings", rating),
    ] {
        let first = program.post_under("k", path, &body).await;
        let again = program.post_under("k", path, &body).await;
        assert_eq!(data(&first, 201), data(&again, 201));
    }
}

#[tokio::test]
async fn a_prescription_before_the_appointment_has_begun_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let early = app.confirmed(people.patient_id, 0, app.slot(28)).await;
    let id = app.id_of(&early).await;
    let answer = people
        .doctor
        .post(
            "prescriptions",
            &json!({ "appointment_id": id, "medications": [line("A")] }),
        )
        .await;
    refused(&answer, 422, "INVALID_TRANSITION");
}
