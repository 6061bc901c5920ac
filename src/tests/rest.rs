//! The API over HTTP, as programs use it (X1, PRODUCT §5).

use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{
    app::{Answer, INSTANT, PASSWORD, Setup, TestApp, VISIT},
    program::{People, Program, data, refused},
};
use crate::{
    account::{Limits, session::SignedIn},
    appointment::Status,
    time::plus_minutes,
};

const PHONE: &str = "+6281255500777";

fn wish(app: &TestApp, doctor: usize, starts_at: Timestamp) -> Value {
    json!({
        "doctor_id": app.doctors[doctor].id,
        "scheduled_at": starts_at.to_string(),
        "type": "visit",
        "reason": "A cough",
    })
}

async fn ids(app: &TestApp, reference: &str) -> i64 {
    sqlx::query_scalar("select id from appointments where reference = $1")
        .bind(reference)
        .fetch_one(&mut app.connection().await)
        .await
        .unwrap()
}

// Signing in.

#[sqlx::test]
async fn from_a_phone_number_to_a_booked_appointment(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let asked = visitor.post("auth/otp", &json!({ "phone": PHONE })).await;
    let challenge = data(&asked, 202)["challenge"].as_str().unwrap().to_owned();
    let code = app.newest_code(PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let answer = visitor
        .post(
            "auth/otp/verify",
            &json!({ "challenge": challenge, "code": wrong }),
        )
        .await;
    refused(&answer, 401, "UNAUTHENTICATED");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let verification = json!({ "challenge": challenge, "code": code, "name": "Dewi" });
    let signed_in = data(&visitor.post("auth/otp/verify", &verification).await, 200);
    assert_eq!(signed_in["role"], "patient");
    let token = signed_in["token"].as_str().unwrap();
    assert!(token.starts_with("janji_"), "{token}");
    refused(
        &visitor.post("auth/otp/verify", &verification).await,
        401,
        "UNAUTHENTICATED",
    );

    let doctors = data(&visitor.get("doctors").await, 200);
    let doctor_id = doctors[0]["id"].as_i64().unwrap();
    assert_eq!(doctors[0]["services"][0]["type"], "visit");
    let doctor = data(&visitor.get(&format!("doctors/{doctor_id}")).await, 200);
    assert_eq!(doctor["name"], doctors[0]["name"]);
    let slots = data(
        &visitor
            .get(&format!("doctors/{doctor_id}/slots?service=visit&from=&to="))
            .await,
        200,
    );
    let starts_at = slots[3]["starts_at"].clone();

    let patient = visitor.with(token);
    let body = json!({
        "doctor_id": doctor_id, "scheduled_at": starts_at, "type": "visit", "reason": "A cough",
    });
    let answer = patient.post("appointments", &body).await;
    let booked = data(&answer, 201);
    assert_eq!(booked["status"], "pending");
    assert_eq!(booked["version"], 1);
    assert_eq!(booked["starts_at"], starts_at);
    assert_eq!(booked["ends_at"], slots[3]["ends_at"]);
    assert_eq!(booked["patient_id"], signed_in["patient_id"]);
    assert_eq!(booked["type"], "visit");
    assert_eq!(booked["time_zone"], "UTC");
    let location = answer.location();
    assert_eq!(location, format!("/api/v1/appointments/{}", booked["id"]));

    let found = data(
        &patient.get(location.strip_prefix("/api/v1/").unwrap()).await,
        200,
    );
    for (name, value) in booked.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name}");
    }
    assert_eq!(found["patient_name"], "Dewi");
    let by_reference = format!("appointments/{}", booked["reference"].as_str().unwrap());
    assert_eq!(data(&patient.get(&by_reference).await, 200), found);
    assert_eq!(data(&patient.get("appointments").await, 200), json!([found]));
    let left = data(
        &visitor
            .get(&format!("doctors/{doctor_id}/slots?service=visit"))
            .await,
        200,
    );
    assert!(
        left.as_array()
            .unwrap()
            .iter()
            .all(|slot| slot["starts_at"] != starts_at)
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_token_ends_when_it_is_revoked_or_expires_or_its_owner_goes(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let login = |password: &str| json!({ "email": "doctor1@test.example", "password": password });
    refused(
        &visitor.post("auth/login", &login("wrong")).await,
        401,
        "UNAUTHENTICATED",
    );
    let mut programs = Vec::new();
    for _ in 0..3 {
        let signed_in = data(&visitor.post("auth/login", &login(PASSWORD)).await, 200);
        assert_eq!(signed_in["role"], "doctor");
        programs.push(visitor.with(signed_in["token"].as_str().unwrap()));
    }
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select hash from tokens")
        .fetch_all(&mut app.connection().await)
        .await
        .unwrap();
    assert!(stored.iter().all(|hash| hash.len() == 32));

    data(&programs[0].get("appointments").await, 200);
    data(&programs[0].post("auth/logout", &json!({})).await, 200);
    refused(&programs[0].get("appointments").await, 401, "UNAUTHENTICATED");
    refused(
        &programs[0].post("auth/logout", &json!({})).await,
        401,
        "UNAUTHENTICATED",
    );

    data(&programs[1].get("appointments").await, 200);
    app.sql("update tokens set made_at = '2000-01-01', expires_at = '2000-02-01' where id = 2")
        .await;
    refused(&programs[1].get("appointments").await, 401, "UNAUTHENTICATED");

    data(&programs[2].get("appointments").await, 200);
    app.sql("update staff set active = false").await;
    refused(&programs[2].get("appointments").await, 401, "UNAUTHENTICATED");
}

#[sqlx::test]
async fn nothing_but_a_token_says_who_calls(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.staff("admin@test.example").await;
    assert!(!browser.cookies().is_empty());
    let by_cookie = Program {
        http: browser.http.clone(),
        site: browser.site.clone(),
        token: None,
    };
    let paths = ["appointments", "appointments/1", "prescriptions/1", "admin/locks"];
    for path in paths {
        refused(&by_cookie.get(path).await, 401, "UNAUTHENTICATED");
    }
    // Who calls is asked before what was sent is looked at.
    for path in [
        "appointments",
        "appointments/1/status",
        "prescriptions",
        "ratings",
    ] {
        refused(&by_cookie.post(path, &json!([])).await, 401, "UNAUTHENTICATED");
    }
    let known = Program::acting_for(&site, SignedIn::Staff(app.admin_staff_id)).await;
    let token = known.token.clone().unwrap();
    for header in [
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {token}0"),
        "Bearer".to_owned(),
        "Bearer janji_".to_owned(),
        "Bearer ' or 1=1 --".to_owned(),
    ] {
        let request = by_cookie
            .request("GET", "appointments")
            .header("authorization", &header);
        refused(&Answer::of(request).await, 401, "UNAUTHENTICATED");
    }
    let request = by_cookie
        .request("GET", "appointments")
        .header("authorization", format!("bearer {token}"));
    assert_eq!(Answer::of(request).await.status, 200);
}

#[sqlx::test]
async fn codes_and_sign_ins_are_limited(_: PgPoolOptions, options: PgConnectOptions) {
    let limits = Limits {
        codes_per_phone: 1,
        sign_ins: 1,
        ..Limits::default()
    };
    let setup = Setup {
        limits,
        ..Setup::default()
    };
    let app = TestApp::with(options, setup).await;
    let visitor = Program::new(&app.serve().await);
    for (path, body, first) in [
        ("auth/otp", json!({ "phone": PHONE }), 202),
        (
            "auth/login",
            json!({ "email": "nobody@test.example", "password": "wrong" }),
            401,
        ),
    ] {
        assert_eq!(visitor.post(path, &body).await.status, first);
        let again = visitor.post(path, &body).await;
        refused(&again, 429, "RATE_LIMITED");
        let seconds: u32 = again.header("retry-after").parse().unwrap();
        assert!((800..=900).contains(&seconds), "{seconds}");
    }
}

// Booking.

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

// What is sent.

#[sqlx::test]
async fn whatever_is_sent_is_refused_in_the_same_form_and_nothing_is_written(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let good = wish(&app, 0, app.slot(20));
    let change = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let deep = serde_json::from_str::<Value>(&format!("{}{}", "[".repeat(100), "]".repeat(100))).unwrap();
    for (name, value, status, code, problem) in [
        ("doctor_id", json!("1"), 422, "VALIDATION_FAILED", "malformed"),
        ("doctor_id", json!(1.5), 422, "VALIDATION_FAILED", "malformed"),
        ("doctor_id", json!(999), 404, "NOT_FOUND", ""),
        ("doctor_id", json!(-1), 404, "NOT_FOUND", ""),
        ("doctor_id", json!(i64::MAX), 404, "NOT_FOUND", ""),
        (
            "doctor_id",
            json!(u64::MAX),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        ("clinic_id", json!(999), 404, "NOT_FOUND", ""),
        ("type", json!("surgery"), 404, "NOT_FOUND", ""),
        ("type", json!("visit\0"), 404, "NOT_FOUND", ""),
        ("type", json!("' or 1=1 --"), 404, "NOT_FOUND", ""),
        ("type", json!(7), 422, "VALIDATION_FAILED", "malformed"),
        (
            "scheduled_at",
            json!("tomorrow"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        ("scheduled_at", json!(""), 422, "VALIDATION_FAILED", "malformed"),
        (
            "scheduled_at",
            json!("2026-11-24"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!("2026-02-30 10:00:00"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!("-009999-01-01T00:00:00Z"),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!(1_764_000_000),
            422,
            "VALIDATION_FAILED",
            "malformed",
        ),
        (
            "scheduled_at",
            json!("2020-01-01 10:00:00"),
            409,
            "BOOKING_FAILED",
            "",
        ),
        (
            "scheduled_at",
            json!("9999-12-30T10:00:00Z"),
            409,
            "BOOKING_FAILED",
            "",
        ),
        (
            "reason",
            json!("ä".repeat(501)),
            422,
            "VALIDATION_FAILED",
            "too-long",
        ),
        ("reason", json!({ "a": 1 }), 422, "VALIDATION_FAILED", "malformed"),
        ("reason", deep, 422, "VALIDATION_FAILED", "malformed"),
        ("status", json!("confirmed"), 422, "VALIDATION_FAILED", "unknown"),
    ] {
        let answer = people
            .patient
            .post("appointments", &change(name, value.clone()))
            .await;
        let details = refused(&answer, status, code);
        match code {
            "VALIDATION_FAILED" => assert_eq!(details, json!({ name: problem }), "{name}: {value}"),
            "BOOKING_FAILED" => {
                assert_eq!(details["reason"], "slot_closed", "{name}: {value}");
                assert!(details["alternatives"].is_array());
            }
            _ => {}
        }
    }
    for name in ["scheduled_at", "type"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        let answer = people.patient.post("appointments", &body).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ name: "missing" }));
    }
    let raw = |body: Vec<u8>| {
        people
            .patient
            .request("POST", "appointments")
            .header("content-type", "application/json")
            .body(body)
    };
    for body in [
        b"".to_vec(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"\xff\xfe".to_vec(),
        format!("{good} {good}").into_bytes(),
        "[".repeat(10_000).into_bytes(),
    ] {
        let details = refused(&Answer::of(raw(body)).await, 422, "VALIDATION_FAILED");
        assert!(details["body"].is_string(), "{details}");
    }
    let long = change("reason", "x".repeat(70_000).into());
    refused(
        &people.patient.post("appointments", &long).await,
        413,
        "VALIDATION_FAILED",
    );
    let form = people
        .patient
        .request("POST", "appointments")
        .form(&[("doctor_id", "1")]);
    refused(&Answer::of(form).await, 415, "VALIDATION_FAILED");
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);
}

#[sqlx::test]
async fn there_is_no_answer_of_the_api_that_is_not_json(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for (method, path, status, allow) in [
        ("GET", "nothing", 404, ""),
        ("GET", "", 404, ""),
        ("GET", "..", 404, ""),
        ("GET", "../nothing", 404, ""),
        ("POST", "../form/hold", 404, ""),
        ("POST", "appointments/1/nothing", 404, ""),
        ("GET", "appointments/one", 404, ""),
        ("GET", "appointments/99999999999999999999", 404, ""),
        ("GET", "appointments/%00", 404, ""),
        ("GET", "appointments/%ff", 404, ""),
        ("GET", "doctors/abc", 404, ""),
        ("GET", "doctors/999", 404, ""),
        ("GET", "prescriptions/999", 404, ""),
        ("DELETE", "appointments/1", 405, "GET,HEAD"),
        ("PUT", "ratings", 405, "POST"),
        ("DELETE", "prescriptions", 405, "POST,GET,HEAD"),
        ("GET", "auth/login", 405, "POST"),
    ] {
        let answer = Answer::of(people.patient.request(method, path)).await;
        refused(&answer, status, "NOT_FOUND");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let german = people
        .patient
        .request("GET", "appointments/999")
        .header("accept-language", "de-DE");
    let english = people.patient.get("appointments/999").await.json()["error"].take();
    assert_ne!(Answer::of(german).await.json()["error"], english);
    for query in [
        "status=booked",
        "doctor=x",
        "from=yesterday",
        "to=2026-13-01",
        "limit=0",
        "limit=999999",
        "cursor=x",
        "sort=name",
        "order=id",
        "status=pending&status=pending",
        "cursor=starts_at.-300000000000000000.1",
    ] {
        let answer = people.patient.get(&format!("appointments?{query}")).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        let name = query.split('=').next().unwrap();
        assert!(details[name].is_string(), "{query}: {details}");
    }
    let backwards = people
        .patient
        .get("appointments?from=2026-02-02&to=2026-02-01")
        .await;
    refused(&backwards, 400, "INVALID_DATE_RANGE");
    let slots = |query: &str| {
        let (program, path) = (
            people.patient.clone(),
            format!("doctors/{}/slots?{query}", app.doctors[0].id),
        );
        async move { program.get(&path).await }
    };
    for (query, status, code) in [
        ("from=2026-01-01", 422, "VALIDATION_FAILED"),
        ("service=surgery", 404, "NOT_FOUND"),
        ("service=visit%00", 404, "NOT_FOUND"),
        ("service=visit&clinic=999", 404, "NOT_FOUND"),
        ("service=visit&from=x", 422, "VALIDATION_FAILED"),
        (
            "service=visit&from=2026-02-02&to=2026-02-01",
            400,
            "INVALID_DATE_RANGE",
        ),
        (
            "service=visit&from=2026-01-01&to=2027-01-01",
            400,
            "INVALID_DATE_RANGE",
        ),
    ] {
        refused(&slots(query).await, status, code);
    }
    for query in ["from=1970-01-01&to=1970-01-02", "from=9999-12-01&to=9999-12-30"] {
        let none = data(&slots(&format!("service=visit&{query}")).await, 200);
        assert_eq!(none, json!([]), "{query}");
    }
    let day = app.slot(0).strftime("%F").to_string();
    let all = data(&slots(&format!("service=visit&from={day}&to={day}")).await, 200);
    assert_eq!(all.as_array().unwrap().len(), 48);
    assert_eq!(all[0]["starts_at"], app.slot(0).to_string());
    let (from, to) = (app.slot(2), app.slot(4));
    let some = data(&slots(&format!("service=visit&from={from}&to={to}")).await, 200);
    assert_eq!(some.as_array().unwrap().len(), 2);
    for query in ["q=%00", "clinic=999", "q=Dr%201", "language=xx"] {
        data(&people.patient.get(&format!("doctors?{query}")).await, 200);
    }
    // What no database takes is nobody's.
    refused(&people.patient.get("slots?service=%00").await, 404, "NOT_FOUND");
    assert_eq!(
        data(&people.patient.get("appointments?type=%00").await, 200),
        json!([])
    );
    let any = json!({ "scheduled_at": app.slot(3).to_string(), "type": "\0" });
    for path in ["appointments", "holds"] {
        refused(&people.patient.post(path, &any).await, 404, "NOT_FOUND");
    }
}

// Whose it is.

#[sqlx::test]
async fn what_is_somebody_elses_is_not_there_and_stays_as_it_is(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .visit(people.patient_id, 0, app.slot(20), Status::Completed)
        .await;
    let id = ids(&app, &reference).await;
    let line = json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" });
    let prescription = json!({ "appointment_id": id, "medications": [line] });
    let rating = json!({ "appointment_id": id, "score": 1 });
    let before = app.appointment(&reference).await;
    for stranger in [&people.other, &people.other_doctor] {
        for which in [id.to_string(), reference.clone()] {
            refused(
                &stranger.get(&format!("appointments/{which}")).await,
                404,
                "NOT_FOUND",
            );
            let body = json!({ "status": "cancelled" });
            let answer = stranger
                .post(&format!("appointments/{which}/status"), &body)
                .await;
            refused(&answer, 404, "NOT_FOUND");
            for at in [app.slot(30).to_string(), "2027-01-01 10:00:00".to_owned()] {
                let body = json!({ "scheduled_at": at });
                let answer = stranger
                    .post(&format!("appointments/{which}/reschedule"), &body)
                    .await;
                refused(&answer, 404, "NOT_FOUND");
            }
        }
        refused(
            &stranger.post("prescriptions", &prescription).await,
            404,
            "NOT_FOUND",
        );
        refused(&stranger.post("ratings", &rating).await, 404, "NOT_FOUND");
        assert_eq!(data(&stranger.get("appointments").await, 200), json!([]));
    }
    for (program, path, body) in [
        (&people.patient, "prescriptions", &prescription),
        (&people.admin, "prescriptions", &prescription),
        (&people.doctor, "ratings", &rating),
        (&people.admin, "ratings", &rating),
    ] {
        refused(&program.post(path, body).await, 404, "NOT_FOUND");
    }
    assert_eq!(app.appointment(&reference).await, before);

    let written = data(&people.doctor.post("prescriptions", &prescription).await, 201);
    let path = format!("prescriptions/{}", written["id"]);
    for (program, may) in [
        (&people.patient, true),
        (&people.doctor, true),
        (&people.other, false),
        (&people.other_doctor, false),
        (&people.admin, false),
    ] {
        let answer = program.get(&path).await;
        match may {
            true => assert_eq!(data(&answer, 200)["medications"], written["medications"]),
            false => drop(refused(&answer, 404, "NOT_FOUND")),
        }
    }
    for (program, status) in [
        (&people.patient, 403),
        (&people.doctor, 403),
        (&people.admin, 200),
    ] {
        assert_eq!(program.get("admin/locks").await.status, status);
    }
    let locks = data(&people.admin.get("admin/locks").await, 200);
    assert!(
        locks["operations"]["prescription.prescribe"]["done"].is_number(),
        "{locks}"
    );
    assert!(locks["pool"]["most"].is_number() && locks["deadlocks"].is_number());
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_list_can_be_narrowed_and_is_read_page_by_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for number in 0..7 {
        let doctor = usize::try_from(number % 2).unwrap();
        // Several begin at the same time.
        let at = app.slot(20 + 2 * (number / 2));
        let patient_id = if doctor == 0 {
            people.patient_id
        } else {
            people.other_id
        };
        app.requested(patient_id, app.wanted(doctor, VISIT, at)).await;
    }
    let mut path = "appointments?limit=3".to_owned();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let answer = people.admin.get(&path).await;
        seen.extend(
            data(&answer, 200)
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_i64().unwrap()),
        );
        pages += 1;
        match answer.json()["next_cursor"].as_str() {
            Some(cursor) => path = format!("appointments?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (7, 3));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    let count = |program: &Program, query: String| {
        let program = program.clone();
        async move {
            let answer = program.get(&format!("appointments?{query}")).await;
            data(&answer, 200).as_array().unwrap().len()
        }
    };
    let (day, next) = (app.slot(0).strftime("%F"), app.slot(48).strftime("%F"));
    for (program, query, expected) in [
        (&people.patient, String::new(), 4),
        (&people.doctor, String::new(), 4),
        (&people.other_doctor, String::new(), 3),
        (&people.patient, format!("doctor={}", app.doctors[1].id), 0),
        (&people.admin, format!("doctor={}", app.doctors[1].id), 3),
        (&people.admin, "status=pending".to_owned(), 7),
        (&people.admin, "status=confirmed".to_owned(), 0),
        (&people.admin, format!("from={day}&to={day}"), 7),
        (&people.admin, format!("from={next}"), 0),
        (
            &people.admin,
            format!("from={}&to={}", app.slot(22), app.slot(24)),
            2,
        ),
        (&people.admin, format!("from={day}%2011:00:00"), 5),
        (&people.admin, "from=9999-12-30&to=9999-12-31".to_owned(), 0),
    ] {
        assert_eq!(count(program, query.clone()).await, expected, "{query}");
    }
    app.sql("update appointments set answer_until = now() - interval '1 second' where id = 1")
        .await;
    for (query, expected) in [("status=expired", 1), ("status=pending", 6)] {
        assert_eq!(count(&people.admin, query.to_owned()).await, expected, "{query}");
    }
}

// Changes.

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
