//! Changing an appointment by the API.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{People, TestApp, VISIT, data, refused, wish};
use engine::time::plus_minutes;

/// A request of the patient at the first doctor; the path at which its status is changed.
async fn request(app: &TestApp, people: &People) -> String {
    let body = wish(app, 0, app.slot(20));
    let booked = data(&people.patient.post("appointments", &body).await, 201);
    format!("appointments/{}/status", booked["id"])
}

fn to(status: &str, version: Option<i32>) -> Value {
    json!({ "status": status, "version": version })
}

#[tokio::test]
async fn a_malformed_change_of_status_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = request(&app, &people).await;
    for wrong in [
        json!({}),
        json!({ "status": "nothing" }),
        json!({ "status": "confirmed", "version": "1" }),
        json!({ "status": "confirmed", "version": 3_000_000_000_i64 }),
    ] {
        refused(&people.doctor.post(&path, &wrong).await, 422, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn a_change_to_a_status_that_cannot_follow_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = request(&app, &people).await;
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
}

#[tokio::test]
async fn a_confirmation_that_is_sent_twice_counts_once() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = request(&app, &people).await;
    let confirmed = data(&people.doctor.post(&path, &to("confirmed", Some(1))).await, 200);
    assert_eq!(
        (&confirmed["status"], &confirmed["version"]),
        (&json!("confirmed"), &json!(2))
    );
    assert_eq!(confirmed["type"], "visit");
    // Of two clicks of the doctor, the second one changes nothing.
    let again = data(&people.doctor.post(&path, &to("confirmed", Some(1))).await, 200);
    assert_eq!(again["version"], 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_late_change_is_refused_with_who_changed_it_before() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = request(&app, &people).await;
    data(&people.doctor.post(&path, &to("confirmed", Some(1))).await, 200);
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
}

#[tokio::test]
async fn a_change_without_a_version_applies_to_the_current_one() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let path = request(&app, &people).await;
    data(&people.doctor.post(&path, &to("confirmed", Some(1))).await, 200);
    let cancelled = people
        .admin
        .post(&path, &json!({ "status": "cancelled", "reason": "closed" }))
        .await;
    assert_eq!(data(&cancelled, 200)["version"], 3);
    app.assert_sound().await;
}

#[tokio::test]
async fn one_of_a_confirmation_and_a_rejection_at_once_succeeds() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for (number, version) in [(20, Some(2)), (22, None)] {
        let reference = app
            .requested(people.patient_id, app.wanted(0, VISIT, app.slot(number)))
            .await;
        let path = format!("appointments/{}/status", app.id_of(&reference).await);
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

/// A request of the patient: its reference, and the path at which it is moved.
async fn movable(app: &TestApp, people: &People) -> (String, String) {
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let reference = app.requested(people.patient_id, wanted).await;
    let path = format!("appointments/{}/reschedule", app.id_of(&reference).await);
    (reference, path)
}

fn to_slot(app: &TestApp, slot: i64, version: Option<i32>) -> Value {
    json!({ "scheduled_at": app.slot(slot).to_string(), "version": version })
}

#[tokio::test]
async fn the_alternatives_to_a_move_are_times_of_the_same_doctor() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let (mine, path) = movable(&app, &people).await;
    app.requested(people.other_id, app.wanted(0, VISIT, app.slot(22)))
        .await;
    for which in [path.clone(), format!("appointments/{mine}/reschedule")] {
        let answer = people.patient.post(&which, &to_slot(&app, 22, None)).await;
        let details = refused(&answer, 409, "BOOKING_FAILED");
        assert_eq!(details["reason"], "slot_taken");
        let offers = details["alternatives"].as_array().unwrap();
        assert!(!offers.is_empty());
        assert!(offers.iter().all(|offer| offer["doctor_id"] == app.doctors[0].id));
    }
}

#[tokio::test]
async fn a_move_that_is_sent_again_counts_once() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let (_, path) = movable(&app, &people).await;
    let moved = data(
        &people.patient.post(&path, &to_slot(&app, 30, Some(2))).await,
        200,
    );
    assert_eq!(
        (&moved["version"], &moved["starts_at"]),
        (&json!(3), &json!(app.slot(30).to_string()))
    );
    assert_eq!(moved["ends_at"], plus_minutes(app.slot(30), 30).to_string());
    // Sent again, with the version or without, it is there already.
    for version in [Some(2), None] {
        let again = data(
            &people.patient.post(&path, &to_slot(&app, 30, version)).await,
            200,
        );
        assert_eq!(again["version"], 3);
    }
    let keyed = people
        .patient
        .post_under("move", &path, &to_slot(&app, 32, None))
        .await;
    assert_eq!(data(&keyed, 200)["version"], 4);
    let replay = people
        .patient
        .post_under("move", &path, &to_slot(&app, 32, None))
        .await;
    assert_eq!(data(&replay, 200), data(&keyed, 200));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_move_of_a_stale_version_is_refused_with_who_changed_it() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let (_, path) = movable(&app, &people).await;
    let body = to_slot(&app, 30, Some(2));
    data(&people.patient.post(&path, &body).await, 200);
    let answer = people.patient.post(&path, &to_slot(&app, 32, Some(2))).await;
    assert_eq!(refused(&answer, 409, "STALE_VERSION")["changed_by"], "Patient 0");
}
