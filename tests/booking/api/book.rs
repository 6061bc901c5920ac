//! Booking by the API.

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{INSTANT, People, Program, TestApp, data, refused, wish};
use engine::account::session::SignedIn;

#[sqlx::test]
async fn of_twenty_programs_that_want_one_time_one_has_it_and_the_others_are_offered_another(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    app.open_hours().await;
    let starts_at = app.slot(20);
    let mut racers = Vec::new();
    for patient_id in app.patients(20).await {
        let program = Program::acting_for(&site, SignedIn::Patient(patient_id)).await;
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

    // What is offered can be had.
    let loser = answers.iter().position(|answer| answer.status != 201).unwrap();
    let offer = &answers[loser].json()["details"]["alternatives"][0];
    let patient = Program::acting_for(&site, SignedIn::Patient(i64::try_from(loser).unwrap() + 1)).await;
    let body = json!({
        "doctor_id": offer["doctor_id"], "scheduled_at": offer["starts_at"], "type": offer["type"],
        "clinic_id": offer["clinic_id"],
    });
    data(&patient.post("appointments", &body).await, 201);
}

#[sqlx::test]
async fn what_is_sent_again_is_answered_the_same_and_done_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = wish(&app, 0, app.slot(20));
    let again = |key: &'static str| {
        let (patient, body) = (people.patient.clone(), body.clone());
        async move { patient.post_under(key, "appointments", &body).await }
    };
    let answers = app.race((0..10).map(|_| again("one")).collect()).await;
    let first = data(&answers[0], 201);
    for answer in &answers {
        assert_eq!(data(answer, 201), first);
    }
    let other = wish(&app, 0, app.slot(22));
    let answer = people.patient.post_under("one", "appointments", &other).await;
    refused(&answer, 409, "IDEMPOTENCY_CONFLICT");
    let answer = people
        .patient
        .post_under(&"k".repeat(201), "appointments", &other)
        .await;
    assert_eq!(
        refused(&answer, 422, "VALIDATION_FAILED")["idempotency_key"],
        "too-long"
    );

    // Without a key, the request itself is one as long as what it booked stands.
    let bare = data(&people.other.post("appointments", &other).await, 201);
    assert_eq!(data(&people.other.post("appointments", &other).await, 201), bare);
    let path = format!("appointments/{}/status", bare["id"]);
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
    let anew = data(&people.other.post("appointments", &other).await, 201);
    assert_ne!(anew["id"], bare["id"]);
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_time_is_read_in_the_zone_of_the_clinic(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn where_a_doctor_works_at_two_clinics_the_one_that_has_the_time_is_booked(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
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

#[sqlx::test]
async fn staff_book_for_a_patient_and_patients_for_themselves(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let people = People::of(&app.serve().await).await;
    let body = |doctor: usize, number: i64, patient: Option<i64>| {
        let mut body = wish(&app, doctor, app.slot(number));
        if let Some(patient) = patient {
            body["patient_id"] = patient.into();
        }
        body
    };
    for staff in [&people.doctor, &people.admin] {
        let answer = staff.post("appointments", &body(0, 20, None)).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "patient_id": "missing" }));
        let answer = staff.post("appointments", &body(0, 20, Some(999))).await;
        refused(&answer, 404, "NOT_FOUND");
    }
    let (one, other) = (Some(people.patient_id), Some(people.other_id));
    let answer = people.doctor.post("appointments", &body(1, 20, one)).await;
    refused(&answer, 404, "NOT_FOUND");
    let answer = people.patient.post("appointments", &body(0, 20, other)).await;
    refused(&answer, 403, "FORBIDDEN");
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    for (program, body) in [
        (&people.doctor, body(0, 20, one)),
        (&people.admin, body(1, 22, one)),
        (&people.patient, body(0, 24, one)),
    ] {
        let booked = data(&program.post("appointments", &body).await, 201);
        assert_eq!(booked["patient_id"], people.patient_id);
    }
    let mut instant = body(0, 26, None);
    instant["type"] = "instant".into();
    let booked = data(&people.patient.post("appointments", &instant).await, 201);
    assert_eq!(booked["status"], "confirmed");
    assert_eq!(app.services.len(), INSTANT + 1);
    app.assert_sound().await;
}

#[sqlx::test]
async fn staff_overbook_with_a_reason_and_patients_do_not(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let people = People::of(&app.serve().await).await;
    let body = |patient: i64| {
        let mut body = wish(&app, 0, app.slot(20));
        body["patient_id"] = patient.into();
        body["overbook"] = true.into();
        body
    };
    let answer = people
        .patient
        .post("appointments", &body(people.patient_id))
        .await;
    refused(&answer, 403, "FORBIDDEN");
    let mut silent = body(people.patient_id);
    silent["reason"] = "".into();
    let answer = people.doctor.post("appointments", &silent).await;
    assert_eq!(
        refused(&answer, 422, "VALIDATION_FAILED"),
        json!({ "reason": "missing" })
    );
    let answer = people
        .other_doctor
        .post("appointments", &body(people.patient_id))
        .await;
    refused(&answer, 404, "NOT_FOUND");
    let first = data(
        &people.doctor.post("appointments", &body(people.patient_id)).await,
        201,
    );
    assert_eq!(
        (&first["overbooked"], &first["status"]),
        (&json!(false), &json!("confirmed"))
    );
    let second = data(
        &people.admin.post("appointments", &body(people.other_id)).await,
        201,
    );
    assert_eq!(
        (&second["overbooked"], &second["status"]),
        (&json!(true), &json!("confirmed"))
    );
    let again = data(
        &people.admin.post("appointments", &body(people.other_id)).await,
        201,
    );
    assert_eq!(again["id"], second["id"]);
    let path = format!("appointments/{}", second["id"]);
    assert_eq!(data(&people.admin.get(&path).await, 200)["overbooked"], true);
    // The same patient is not in two places.
    let mut elsewhere = body(people.other_id);
    elsewhere["doctor_id"] = app.doctors[1].id.into();
    let answer = people.admin.post("appointments", &elsewhere).await;
    assert_eq!(
        refused(&answer, 409, "BOOKING_FAILED")["reason"],
        "patient_overlap"
    );
    let moved = json!({ "scheduled_at": app.slot(30).to_string() });
    let answer = people.admin.post(&format!("{path}/reschedule"), &moved).await;
    assert_eq!(data(&answer, 200)["overbooked"], false);
    app.assert_sound().await;
}
