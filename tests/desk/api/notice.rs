//! Staff act at zero notice, and are offered what they can book.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{People, TestApp, data, refused, wish};

/// The alternatives in the details of a refusal, with their starts.
fn starts(details: &Value) -> Vec<Timestamp> {
    let offers = details["alternatives"].as_array().unwrap();
    offers
        .iter()
        .map(|offer| offer["starts_at"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn staff_move_and_are_offered_times_within_the_notice_of_patients() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    // Ten days.
    app.sql("update services set notice_minutes = 14400").await;
    let taken = app.slot(20);
    let order = |patient_id: i64| {
        let mut body = wish(&app, 0, taken);
        body["patient_id"] = json!(patient_id);
        body
    };
    data(
        &people.admin.post("appointments", &order(people.patient_id)).await,
        201,
    );
    let refused_at_once = people.patient.post("appointments", &wish(&app, 0, taken)).await;
    let details = refused(&refused_at_once, 409, "BOOKING_FAILED");
    let notice = engine::time::plus_minutes(Timestamp::now(), 14400 - 1);
    assert!(starts(&details).iter().all(|at| *at >= notice), "{details}");
    for program in [&people.admin, &people.doctor] {
        let lost = program.post("appointments", &order(people.other_id)).await;
        let details = refused(&lost, 409, "BOOKING_FAILED");
        let offered = starts(&details);
        assert!(
            !offered.is_empty() && offered.iter().all(|at| *at < notice),
            "{details}"
        );
        if program.token == people.doctor.token {
            let offers = details["alternatives"].as_array().unwrap();
            assert!(offers.iter().all(|offer| offer["doctor_id"] == app.doctors[0].id));
        }
    }
    // A move, and what is offered instead of one.
    let mut other = wish(&app, 0, app.slot(30));
    other["patient_id"] = json!(people.other_id);
    let booked = data(&people.admin.post("appointments", &other).await, 201);
    let path = format!("appointments/{}/reschedule", booked["id"]);
    let to = |at: Timestamp| json!({ "scheduled_at": at.to_string() });
    let lost = people.doctor.post(&path, &to(taken)).await;
    let offered = starts(&refused(&lost, 409, "BOOKING_FAILED"));
    assert!(!offered.is_empty() && offered.iter().all(|at| *at < notice));
    refused(
        &people.other.post(&path, &to(app.slot(32))).await,
        409,
        "BOOKING_FAILED",
    );
    for program in [&people.doctor, &people.admin] {
        let moved = data(&program.post(&path, &to(offered[0])).await, 200);
        assert_eq!(moved["starts_at"], offered[0].to_string());
    }
    // And of a visit.
    let part = |doctor: usize| json!({"doctor_id": app.doctors[doctor].id, "scheduled_at": taken.to_string(), "type": "visit"});
    let mut second = part(1);
    second["scheduled_at"] = json!(app.slot(24).to_string());
    let body = json!({ "patient_id": people.other_id, "segments": [part(0), second] });
    let lost = people.admin.post("appointments", &body).await;
    let details = refused(&lost, 409, "BOOKING_FAILED");
    let first = &details["alternatives"][0][0]["starts_at"];
    let first: Timestamp = first.as_str().unwrap().parse().unwrap();
    assert!(first < notice, "{details}");
}

#[tokio::test]
async fn a_patient_books_outright_what_a_program_holds() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let hold = |doctor: Option<i64>, slot| json!({"doctor_id": doctor, "scheduled_at": app.slot(slot).to_string(), "type": "visit"});
    for (slot, doctor) in [(20, Some(app.doctors[0].id)), (30, None)] {
        let held = data(&people.patient.post("holds", &hold(doctor, slot)).await, 201);
        let booked = data(
            &people.patient.post("appointments", &hold(doctor, slot)).await,
            201,
        );
        assert_eq!(booked["doctor_id"], held["doctor_id"]);
        assert_eq!(booked["status"], "pending");
    }
    let taken = people
        .other
        .post("appointments", &hold(Some(app.doctors[0].id), 20))
        .await;
    refused(&taken, 409, "BOOKING_FAILED");
    app.assert_sound().await;
}
