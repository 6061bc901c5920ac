//! Booking by the API.

use serde_json::{Value, json};

use crate::support::{People, Program, TestApp, data, refused, wish};
use engine::account::session::SignedIn;

#[tokio::test]
async fn nineteen_of_twenty_programs_for_one_time_are_offered_another() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    app.open_hours().await;
    let starts_at = app.slot(20);
    let mut racers = Vec::new();
    let patients = app.patients(20).await;
    for patient_id in &patients {
        let program = Program::acting_for(&site, SignedIn::Patient(*patient_id)).await;
        let body = wish(&app, 0, starts_at);
        racers.push(async move { program.post("appointments", &body).await });
    }
    let answers = app.race(racers).await;
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(won, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let details = refused(answer, 409, "BOOKING_FAILED");
        assert_eq!(details["reason"], "slot_taken");
        let offers = details["alternatives"].as_array().unwrap();
        assert_eq!(offers.len(), 3, "{details}");
        for offer in offers {
            assert_eq!(offer["type"], "visit");
            assert_eq!(offer["clinic_id"], app.clinic);
            let is_other = offer["starts_at"] != starts_at.to_string();
            assert!(is_other || offer["doctor_id"] != app.doctors[0].id);
        }
        assert!(
            offers
                .iter()
                .any(|offer| offer["starts_at"] == starts_at.to_string())
        );
    }
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    app.assert_sound().await;

    // Every alternative can be booked.
    let loser = answers.iter().position(|answer| answer.status != 201).unwrap();
    let offer = &answers[loser].json()["details"]["alternatives"][0];
    let patient = Program::acting_for(&site, SignedIn::Patient(patients[loser])).await;
    let body = json!({
        "doctor_id": offer["doctor_id"], "scheduled_at": offer["starts_at"], "type": offer["type"],
        "clinic_id": offer["clinic_id"],
    });
    data(&patient.post("appointments", &body).await, 201);
}

#[tokio::test]
async fn ten_requests_under_one_key_are_answered_the_same() {
    let app = TestApp::crowded().await;
    let people = People::of(&app.serve().await).await;
    let body = wish(&app, 0, app.slot(20));
    let again = || {
        let (patient, body) = (people.patient.clone(), body.clone());
        async move { patient.post_under("one", "appointments", &body).await }
    };
    let answers = app.race((0..10).map(|_| again()).collect()).await;
    let first = data(&answers[0], 201);
    for answer in &answers {
        assert_eq!(data(answer, 201), first);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let (body, other) = (wish(&app, 0, app.slot(20)), wish(&app, 0, app.slot(22)));
    data(
        &people.patient.post_under("one", "appointments", &body).await,
        201,
    );
    let answer = people.patient.post_under("one", "appointments", &other).await;
    refused(&answer, 409, "IDEMPOTENCY_CONFLICT");
}

#[tokio::test]
async fn a_key_that_is_too_long_is_refused() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let answer = people
        .patient
        .post_under(&"k".repeat(201), "appointments", &wish(&app, 0, app.slot(22)))
        .await;
    assert_eq!(
        refused(&answer, 422, "VALIDATION_FAILED")["idempotency_key"],
        "too-long"
    );
}

#[tokio::test]
async fn a_request_without_a_key_counts_once_while_its_booking_stands() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let body = wish(&app, 0, app.slot(22));
    let bare = data(&people.other.post("appointments", &body).await, 201);
    assert_eq!(data(&people.other.post("appointments", &body).await, 201), bare);
    let path = format!("appointments/{}/status", bare["id"]);
    let cancel = json!({ "status": "cancelled" });
    data(&people.other.post(&path, &cancel).await, 200);
    let anew = data(&people.other.post("appointments", &body).await, 201);
    assert_ne!(anew["id"], bare["id"]);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_cancellation_under_a_key_is_answered_the_same() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let body = wish(&app, 0, app.slot(22));
    let booked = data(&people.other.post("appointments", &body).await, 201);
    let path = format!("appointments/{}/status", booked["id"]);
    let cancel = json!({ "status": "cancelled" });
    let cancelled = data(&people.other.post_under("two", &path, &cancel).await, 200);
    assert_eq!(
        (&cancelled["status"], &cancelled["version"]),
        (&json!("cancelled"), &json!(2))
    );
    assert_eq!(
        data(&people.other.post_under("two", &path, &cancel).await, 200),
        cancelled
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_time_without_an_offset_is_read_in_the_zone_of_the_clinic() {
    let app = TestApp::new().await;
    app.sql("update clinics set time_zone = 'Asia/Jakarta'").await;
    let people = People::of(&app.serve().await).await;
    let midnight = app.slot(0);
    for (number, said) in [
        (20, format!("{} 17:00:00", midnight.strftime("%F"))),
        (22, format!("{}T18:00:00", midnight.strftime("%F"))),
        (24, format!("{}T19:00:00+07:00", midnight.strftime("%F"))),
        (26, format!("{}T13:00:00Z", midnight.strftime("%F"))),
    ] {
        let mut body = wish(&app, 0, midnight);
        body["scheduled_at"] = said.as_str().into();
        let booked = data(&people.patient.post("appointments", &body).await, 201);
        assert_eq!(booked["starts_at"], app.slot(number).to_string(), "{said}");
        assert_eq!(booked["time_zone"], "Asia/Jakarta");
    }
    let id: i64 = 1;
    let body = json!({ "scheduled_at": format!("{} 21:30:00", midnight.strftime("%F")) });
    let moved = data(
        &people
            .patient
            .post(&format!("appointments/{id}/reschedule"), &body)
            .await,
        200,
    );
    assert_eq!(moved["starts_at"], app.slot(29).to_string());
}

#[tokio::test]
async fn the_clinic_that_has_the_time_is_booked() {
    let app = TestApp::new().await;
    app.sql(
        "insert into clinics (name, address, city, phone, time_zone)
         values ('Second', 'Street 2', 'Town', '+1 555 0101', 'UTC');
         insert into offers select doctors.id, 2, services.id from doctors, services;
         insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
         select doctors.id, 2, weekday, 720, 1440 from doctors, generate_series(1, 7) as weekday;
         update working_hours set until_minute = 720 where clinic_id = 1;",
    )
    .await;
    let people = People::of(&app.serve().await).await;
    for (number, clinic) in [(20, 1), (30, 2)] {
        let body = wish(&app, 0, app.slot(number));
        let booked = data(&people.patient.post("appointments", &body).await, 201);
        assert_eq!(booked["clinic_id"], clinic);
        let taken = people.other.post("appointments", &body).await;
        assert_eq!(refused(&taken, 409, "BOOKING_FAILED")["reason"], "slot_taken");
        let mut elsewhere = wish(&app, 1, app.slot(number));
        elsewhere["clinic_id"] = (3 - clinic).into();
        let closed = people.other.post("appointments", &elsewhere).await;
        assert_eq!(refused(&closed, 409, "BOOKING_FAILED")["reason"], "slot_closed");
    }
}

/// The body of a request for a visit, for this patient.
fn wish_for(app: &TestApp, doctor: usize, slot: i64, patient_id: i64) -> Value {
    let mut body = wish(app, doctor, app.slot(slot));
    body["patient_id"] = patient_id.into();
    body
}

#[tokio::test]
async fn a_booking_by_staff_needs_a_patient() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    for staff in [&people.doctor, &people.admin] {
        let answer = staff.post("appointments", &wish(&app, 0, app.slot(20))).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "patient_id": "missing" }));
        let answer = staff.post("appointments", &wish_for(&app, 0, 20, 999)).await;
        refused(&answer, 404, "NOT_FOUND");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn strangers_cannot_book_for_a_patient() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let answer = people
        .doctor
        .post("appointments", &wish_for(&app, 1, 20, people.patient_id))
        .await;
    refused(&answer, 404, "NOT_FOUND");
    let answer = people
        .patient
        .post("appointments", &wish_for(&app, 0, 20, people.other_id))
        .await;
    refused(&answer, 403, "FORBIDDEN");
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[tokio::test]
async fn staff_and_patients_book_for_a_patient() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    app.given(0, people.patient_id).await;
    for (program, doctor, slot) in [
        (&people.doctor, 0, 20),
        (&people.admin, 1, 22),
        (&people.patient, 0, 24),
    ] {
        let body = wish_for(&app, doctor, slot, people.patient_id);
        let booked = data(&program.post("appointments", &body).await, 201);
        assert_eq!(booked["patient_id"], people.patient_id);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn an_instant_service_is_confirmed_at_once() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let mut instant = wish(&app, 0, app.slot(26));
    instant["type"] = "instant".into();
    let booked = data(&people.patient.post("appointments", &instant).await, 201);
    assert_eq!(booked["status"], "confirmed");
    app.assert_sound().await;
}

/// The body of a request to overbook the first doctor at ten tomorrow.
fn overbooking(app: &TestApp, patient_id: i64) -> Value {
    let mut body = wish_for(app, 0, 20, patient_id);
    body["overbook"] = true.into();
    body
}

/// The doctor books the patient, and an admin the other one at the same time: the second appointment.
async fn overbooked(app: &TestApp, people: &People) -> Value {
    app.given(0, people.patient_id).await;
    let first = overbooking(app, people.patient_id);
    let first = data(&people.doctor.post("appointments", &first).await, 201);
    assert_eq!(
        (&first["overbooked"], &first["status"]),
        (&json!(false), &json!("confirmed"))
    );
    let second = overbooking(app, people.other_id);
    data(&people.admin.post("appointments", &second).await, 201)
}

#[tokio::test]
async fn only_the_doctor_and_admins_overbook() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let body = overbooking(&app, people.patient_id);
    refused(
        &people.patient.post("appointments", &body).await,
        403,
        "FORBIDDEN",
    );
    refused(
        &people.other_doctor.post("appointments", &body).await,
        404,
        "NOT_FOUND",
    );
}

#[tokio::test]
async fn an_overbooking_needs_a_reason() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let mut silent = overbooking(&app, people.patient_id);
    silent["reason"] = "".into();
    let answer = people.doctor.post("appointments", &silent).await;
    assert_eq!(
        refused(&answer, 422, "VALIDATION_FAILED"),
        json!({ "reason": "missing" })
    );
}

#[tokio::test]
async fn a_second_appointment_at_a_time_is_marked_as_overbooked() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let second = overbooked(&app, &people).await;
    assert_eq!(
        (&second["overbooked"], &second["status"]),
        (&json!(true), &json!("confirmed"))
    );
    let again = overbooking(&app, people.other_id);
    let again = data(&people.admin.post("appointments", &again).await, 201);
    assert_eq!(again["id"], second["id"], "it was sent twice");
    let path = format!("appointments/{}", second["id"]);
    assert_eq!(data(&people.admin.get(&path).await, 200)["overbooked"], true);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_overbooked_patient_cannot_be_with_two_doctors_at_once() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    overbooked(&app, &people).await;
    let mut elsewhere = overbooking(&app, people.other_id);
    elsewhere["doctor_id"] = app.doctors[1].id.into();
    let answer = people.admin.post("appointments", &elsewhere).await;
    assert_eq!(
        refused(&answer, 409, "BOOKING_FAILED")["reason"],
        "patient_overlap"
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn an_overbooked_appointment_becomes_ordinary_at_a_free_time() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let second = overbooked(&app, &people).await;
    let path = format!("appointments/{}/reschedule", second["id"]);
    let moved = json!({ "scheduled_at": app.slot(30).to_string() });
    let answer = people.admin.post(&path, &moved).await;
    assert_eq!(data(&answer, 200)["overbooked"], false);
    app.assert_sound().await;
}
