//! Consultations by the API.

use serde_json::json;

use crate::support::{People, TestApp, data, refused};
use engine::appointment::Status;

#[tokio::test]
async fn a_thread_is_written_and_read_by_programs() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .visit(people.patient_id, 0, app.slot(20), Status::InProgress)
        .await;
    app.sql("update appointments set mode = 'text'").await;
    let path = format!("appointments/{reference}");
    let messages = format!("{path}/messages");
    let body = json!({ "message": "It itches" });
    let first = data(&people.patient.post_under("k", &messages, &body).await, 201);
    assert_eq!(first["position"], 1);
    // Also under the other name of the appointment.
    let by_id = format!("appointments/{}/messages", first["appointment_id"]);
    let again = data(&people.patient.post_under("k", &by_id, &body).await, 201);
    assert_eq!(again, first);
    let other = json!({ "message": "It hurts" });
    refused(
        &people.patient.post_under("k", &messages, &other).await,
        409,
        "IDEMPOTENCY_CONFLICT",
    );
    // Without a key, to say it twice is to say it twice.
    for position in [2, 3] {
        let sent = data(
            &people.doctor.post(&messages, &json!({ "message": "Yes" })).await,
            201,
        );
        assert_eq!(sent["position"], position);
    }
    let consultation = format!("{path}/consultation");
    let read = data(&people.patient.get(&consultation).await, 200);
    assert_eq!((&read["phase"], &read["unread"]), (&json!("open"), &json!(2)));
    let said: Vec<_> = read["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["author"].as_str().unwrap(), one["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        said,
        [("patient", "It itches"), ("doctor", "Yes"), ("doctor", "Yes")]
    );
    // To read it says nothing of having seen it.
    assert_eq!(data(&people.patient.get(&consultation).await, 200)["unread"], 2);
    data(
        &people
            .patient
            .post(&format!("{messages}/seen"), &json!({ "position": 2 }))
            .await,
        200,
    );
    let read = data(&people.doctor.get(&consultation).await, 200);
    let seen: Vec<bool> = read["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["seen"].as_bool().unwrap())
        .collect();
    assert_eq!(seen, [false, true, false]);

    for stranger in [&people.other, &people.other_doctor, &people.admin] {
        refused(&stranger.get(&consultation).await, 404, "NOT_FOUND");
        refused(&stranger.post(&messages, &body).await, 404, "NOT_FOUND");
    }
    refused(
        &people.patient.post(&messages, &json!({ "message": " " })).await,
        422,
        "VALIDATION_FAILED",
    );
    app.sql("update appointments set status = 'no_show'").await;
    refused(
        &people.patient.post(&messages, &body).await,
        409,
        "CONSULTATION_CLOSED",
    );
    let read = data(&people.patient.get(&consultation).await, 200);
    assert_eq!(read["phase"], "closed");
    assert_eq!(read["messages"].as_array().unwrap().len(), 3);
}
