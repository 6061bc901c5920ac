//! Changing an appointment by the API.

use jiff::Timestamp;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::ids;
use crate::support::{People, TestApp, VISIT, data, refused, wish};
use engine::{appointment::Status, time::plus_minutes};

#[sqlx::test]
async fn an_appointment_goes_its_way_and_who_comes_late_is_told_who_was_there(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let booked = data(
        &people
            .patient
            .post("appointments", &wish(&app, 0, app.slot(20)))
            .await,
        201,
    );
    let path = format!("appointments/{}/status", booked["id"]);
    let to = |status: &str, version: Option<i32>| json!({ "status": status, "version": version });
    for wrong in [
        json!({}),
        json!({ "status": "nothing" }),
        json!({ "status": "confirmed", "version": "1" }),
        json!({ "status": "confirmed", "version": 3_000_000_000_i64 }),
    ] {
        refused(&people.doctor.post(&path, &wrong).await, 422, "VALIDATION_FAILED");
    }
    for held in ["held", "expired", "completed"] {
        let answer = people.doctor.post(&path, &to(held, None)).await;
        let details = refused(&answer, 422, "INVALID_TRANSITION");
        assert_eq!(
            (&details["from"], &details["to"]),
            (&json!("pending"), &json!(held))
        );
    }
    refused(
        &people.patient.post(&path, &to("confirmed", None)).await,
        422,
        "INVALID_TRANSITION",
    );
    let confirmed = data(&people.doctor.post(&path, &to("confirmed", Some(1))).await, 200);
    assert_eq!(
        (&confirmed["status"], &confirmed["version"]),
        (&json!("confirmed"), &json!(2))
    );
    assert_eq!(confirmed["type"], "visit");
    // Of two clicks of the doctor, the second one changes nothing.
    let again = data(&people.doctor.post(&path, &to("confirmed", Some(1))).await, 200);
    assert_eq!(again["version"], 2);
    let answer = people.admin.post(&path, &to("rejected", Some(1))).await;
    let details = refused(&answer, 409, "STALE_VERSION");
    assert_eq!(details["status"], "confirmed");
    assert_eq!(details["version"], 2);
    assert_eq!(details["changed_by"], "doctor1");
    assert!(
        details["changed_at"]
            .as_str()
            .is_some_and(|at| at.parse::<Timestamp>().is_ok())
    );
    // Without a version it is about what is there now.
    let answer = people.admin.post(&path, &to("confirmed", None)).await;
    assert_eq!(
        refused(&answer, 422, "INVALID_TRANSITION")["changed_by"],
        "doctor1"
    );
    let cancelled = people
        .admin
        .post(&path, &json!({ "status": "cancelled", "reason": "closed" }))
        .await;
    assert_eq!(data(&cancelled, 200)["version"], 3);
    app.assert_sound().await;
}

#[sqlx::test]
async fn of_a_confirmation_and_a_rejection_at_once_one_wins(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for (number, version) in [(20, Some(2)), (22, None)] {
        let reference = app
            .requested(people.patient_id, app.wanted(0, VISIT, app.slot(number)))
            .await;
        let path = format!("appointments/{}/status", ids(&app, &reference).await);
        let racers = (0..6)
            .map(|index| {
                let (program, status) = match index % 2 {
                    0 => (people.doctor.clone(), "confirmed"),
                    _ => (people.admin.clone(), "rejected"),
                };
                let (path, body) = (path.clone(), json!({ "status": status, "version": version }));
                async move { (status, program.post(&path, &body).await) }
            })
            .collect();
        let answers = app.race(racers).await;
        let (status, _, _) = app.appointment(&reference).await;
        for (wanted, answer) in &answers {
            match answer.status {
                200 => assert_eq!(*wanted, status),
                409 => drop(refused(answer, 409, "STALE_VERSION")),
                _ => drop(refused(answer, 422, "INVALID_TRANSITION")),
            }
        }
        if version.is_none() {
            assert_eq!(
                answers.iter().filter(|(_, answer)| answer.status == 200).count(),
                1
            );
        }
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn an_appointment_is_moved_and_the_alternatives_stay_with_its_doctor(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mine = app
        .requested(people.patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    app.requested(people.other_id, app.wanted(0, VISIT, app.slot(22)))
        .await;
    let id = ids(&app, &mine).await;
    let path = format!("appointments/{id}/reschedule");
    let to = |number: i64, version: Option<i32>| json!({ "scheduled_at": app.slot(number).to_string(), "version": version });
    for which in [path.clone(), format!("appointments/{mine}/reschedule")] {
        let answer = people.patient.post(&which, &to(22, None)).await;
        let details = refused(&answer, 409, "BOOKING_FAILED");
        assert_eq!(details["reason"], "slot_taken");
        let offers = details["alternatives"].as_array().unwrap();
        assert!(!offers.is_empty());
        assert!(offers.iter().all(|offer| offer["doctor_id"] == app.doctors[0].id));
    }
    let moved = data(&people.patient.post(&path, &to(30, Some(2))).await, 200);
    assert_eq!(
        (&moved["version"], &moved["starts_at"]),
        (&json!(3), &json!(app.slot(30).to_string()))
    );
    assert_eq!(moved["ends_at"], plus_minutes(app.slot(30), 30).to_string());
    // Sent again, with the version or without, it is there already.
    for version in [Some(2), None] {
        let again = data(&people.patient.post(&path, &to(30, version)).await, 200);
        assert_eq!(again["version"], 3);
    }
    let answer = people.patient.post(&path, &to(32, Some(2))).await;
    assert_eq!(refused(&answer, 409, "STALE_VERSION")["changed_by"], "Patient 0");
    let keyed = people.patient.post_under("move", &path, &to(32, None)).await;
    assert_eq!(data(&keyed, 200)["version"], 4);
    let replay = people.patient.post_under("move", &path, &to(32, None)).await;
    assert_eq!(data(&replay, 200), data(&keyed, 200));
    app.assert_sound().await;
}

#[sqlx::test]
async fn of_two_prescriptions_and_two_ratings_at_once_one_is_written(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .visit(people.patient_id, 0, app.slot(20), Status::Completed)
        .await;
    let id = ids(&app, &reference).await;
    let line = |name: &str| json!({ "name": name, "dose": "500 mg", "frequency": "3 × daily", "duration": "7 days", "note": "" });
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
    // Under a key, who asks again is given the first answer.
    let second = app
        .visit(people.patient_id, 0, app.slot(24), Status::Completed)
        .await;
    let id = ids(&app, &second).await;
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
    let early = app.confirmed(people.patient_id, 0, app.slot(28)).await;
    let id = ids(&app, &early).await;
    let answer = people
        .doctor
        .post(
            "prescriptions",
            &json!({ "appointment_id": id, "medications": [line("A")] }),
        )
        .await;
    refused(&answer, 422, "INVALID_TRANSITION");
    app.assert_sound().await;
}
