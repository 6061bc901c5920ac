//! Prescriptions and ratings by the API.

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{People, TestApp, data, refused};
use engine::appointment::Status;

#[sqlx::test]
async fn prescriptions_and_ratings_are_read_by_whose_they_are(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
