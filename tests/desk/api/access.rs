//! Whose patients are whose, what is recorded of it, and what staff note for themselves.

use engine::account::Limits;
use serde_json::json;

use crate::support::{People, Setup, TestApp, data, refused};

#[tokio::test]
async fn a_doctor_learns_nothing_by_numbers_that_were_guessed() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    for id in [people.patient_id, people.other_id, 1, 2, 3] {
        let time = json!({ "doctor_id": app.doctors[0].id, "type": "visit", "scheduled_at": app.slot(20).to_string() });
        let mut one = time.clone();
        one["patient_id"] = json!(id);
        let mut overbooked = one.clone();
        overbooked["overbook"] = json!(true);
        overbooked["reason"] = json!("It hurts");
        let mut later = time.clone();
        later["scheduled_at"] = json!(app.slot(24).to_string());
        let visit = json!({ "patient_id": id, "segments": [time, later] });
        for body in [one, overbooked, visit] {
            let answer = people.doctor.post("appointments", &body).await;
            refused(&answer, 404, "NOT_FOUND");
        }
        let walk_in = json!({ "type": "visit", "patient_id": id });
        let answer = people.doctor.post("walk-ins", &walk_in).await;
        // Late in the evening nothing is free any more, whoever asks.
        assert!([404, 409].contains(&answer.status), "{id}: {}", answer.status);
        for path in [format!("patients/{id}"), format!("patients/{id}/visits")] {
            refused(&people.doctor.get(&path).await, 404, "NOT_FOUND");
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn an_admin_gives_a_patient_and_sees_who_has_read() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = format!("patients/{}", people.patient_id);
    let to = json!({ "doctor_id": app.doctors[0].id });
    for stranger in [&people.doctor, &people.patient] {
        for call in ["give", "take-back"] {
            let answer = stranger.post(&format!("{path}/{call}"), &to).await;
            refused(&answer, 403, "FORBIDDEN");
        }
        refused(&stranger.get(&format!("{path}/reads")).await, 403, "FORBIDDEN");
    }
    data(&people.admin.post(&format!("{path}/give"), &to).await, 200);
    data(&people.doctor.get(&path).await, 200);
    let reads = data(&people.admin.get(&format!("{path}/reads")).await, 200);
    assert_eq!(reads.as_array().unwrap().len(), 1);
    assert_eq!(
        (&reads[0]["what"], &reads[0]["staff_id"]),
        (&json!("patient"), &json!(app.doctors[0].staff_id))
    );
    data(&people.admin.post(&format!("{path}/take-back"), &to).await, 200);
    refused(&people.doctor.get(&path).await, 404, "NOT_FOUND");
    let nobody = json!({ "doctor_id": 999_999 });
    refused(
        &people.admin.post(&format!("{path}/give"), &nobody).await,
        404,
        "NOT_FOUND",
    );
}

#[tokio::test]
async fn phone_numbers_are_not_searched_through() {
    let limits = Limits {
        phones_per_staff: 3,
        ..Limits::default()
    };
    let setup = Setup {
        limits,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let people = People::of(&app.serve().await).await;
    // Known, unknown and malformed: each counts.
    for (phone, status) in [("+6281255590001", 422), ("12", 422), ("+6281255590002", 422)] {
        let answer = people.doctor.post("patients", &json!({ "phone": phone })).await;
        assert_eq!(answer.status, status, "{phone}");
    }
    let known = json!({ "phone": "+6281255590001", "name": "Dewi" });
    refused(&people.doctor.post("patients", &known).await, 429, "RATE_LIMITED");
    let walk_in = json!({ "type": "visit", "phone": "+6281255590001", "name": "Dewi" });
    refused(
        &people.doctor.post("walk-ins", &walk_in).await,
        429,
        "RATE_LIMITED",
    );
    data(&people.admin.post("patients", &known).await, 200);
}

#[tokio::test]
async fn what_staff_note_is_nowhere_for_the_patient() {
    const WHY: &str = "Shouted at the desk";
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let body = |id: i64| json!({ "doctor_id": app.doctors[0].id, "type": "visit", "scheduled_at": app.slot(20).to_string(), "patient_id": id, "overbook": true });
    let mut first = body(people.other_id);
    first["reason"] = json!("A cough");
    data(&people.admin.post("appointments", &first).await, 201);
    for (field, reason) in [("reason", ""), ("note", "A sore throat")] {
        let mut second = body(people.patient_id);
        second["reason"] = json!(reason);
        second[field] = json!(WHY);
        let booked = data(&people.admin.post("appointments", &second).await, 201);
        assert_eq!(booked["overbooked"], json!(true), "{field}");
        assert_eq!(booked["reason"], json!(reason), "{field}");
        let path = format!("appointments/{}", booked["id"]);
        for path in [
            path.clone(),
            format!("{path}/history"),
            format!("{path}/calendar.ics?details=true"),
            "appointments".to_owned(),
        ] {
            let theirs = people.patient.get(&path).await;
            assert_eq!(theirs.status, 200, "{path}");
            assert!(!theirs.body.contains(WHY), "{field} {path}: {}", theirs.body);
        }
        let history = data(&people.doctor.get(&format!("{path}/history")).await, 200);
        assert_eq!(
            (&history[0]["note"], &history[0]["reason"]),
            (&json!(WHY), &json!(""))
        );
        app.sql("update appointments set status = 'cancelled' where overbooked_because is not null")
            .await;
    }
    let mut no_use = body(people.patient_id);
    no_use["overbook"] = json!(false);
    no_use["note"] = json!(WHY);
    refused(
        &people.admin.post("appointments", &no_use).await,
        422,
        "VALIDATION_FAILED",
    );
}
