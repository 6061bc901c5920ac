//! Descriptions that are refused, and people who are.

use serde_json::{Value, json};

use super::{clinic, service, with, without};
use crate::support::{Answer, People, Program, TestApp, refused};
use janji::api;

#[tokio::test]
async fn every_error_of_a_description_names_the_field_as_it_was_sent() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let (flu, alpha, ayu) = (
        service("flu"),
        clinic("Alpha"),
        app.doctor_body("ayu@test.example"),
    );
    let price = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    for (path, body, details) in [
        (
            "services",
            with(&flu, "key", json!("Flu")),
            json!({ "key": "malformed" }),
        ),
        (
            "services",
            with(&flu, "key", json!("")),
            json!({ "key": "malformed" }),
        ),
        (
            "services",
            with(&flu, "key", json!("visit")),
            json!({ "key": "taken" }),
        ),
        (
            "services",
            with(&flu, "name", json!(" \n")),
            json!({ "name": "missing" }),
        ),
        (
            "services",
            with(&flu, "mode", json!("letter")),
            json!({ "mode": "malformed" }),
        ),
        ("services", without(&flu, "mode"), json!({ "mode": "missing" })),
        (
            "services",
            with(&flu, "duration_minutes", json!(0)),
            json!({ "duration_minutes": "malformed" }),
        ),
        (
            "services",
            with(
                &with(&flu, "interval_minutes", json!(1441)),
                "cutoff_minutes",
                json!(-1),
            ),
            json!({ "interval_minutes": "malformed", "cutoff_minutes": "malformed" }),
        ),
        (
            "services",
            with(
                &with(&flu, "buffer_before_minutes", json!(-1)),
                "buffer_after_minutes",
                json!(1441),
            ),
            json!({ "buffer_before_minutes": "malformed", "buffer_after_minutes": "malformed" }),
        ),
        (
            "services",
            with(
                &with(&flu, "notice_minutes", json!(-1)),
                "horizon_days",
                json!(731),
            ),
            json!({ "notice_minutes": "malformed", "horizon_days": "malformed" }),
        ),
        (
            "services",
            with(&flu, "price", price("1.234", "IDR")),
            json!({ "price.amount": "malformed" }),
        ),
        (
            "services",
            with(&flu, "price", price("1", "idr")),
            json!({ "price.currency": "malformed" }),
        ),
        (
            "services",
            with(&flu, "price", json!({ "amount": 1, "currency": "IDR" })),
            json!({ "price.amount": "malformed" }),
        ),
        (
            "services",
            with(&flu, "version", json!(1)),
            json!({ "version": "unknown" }),
        ),
        (
            "clinics",
            with(&alpha, "phone", json!("")),
            json!({ "phone": "missing" }),
        ),
        (
            "clinics",
            with(&alpha, "time_zone", json!("Mars/Olympus")),
            json!({ "time_zone": "malformed" }),
        ),
        (
            "clinics",
            with(&alpha, "city", json!("x".repeat(201))),
            json!({ "city": "too-long" }),
        ),
        (
            "doctors",
            with(&ayu, "email", json!("ayu")),
            json!({ "email": "malformed" }),
        ),
        (
            "doctors",
            with(&with(&ayu, "password", json!("short")), "services", json!([])),
            json!({ "password": "malformed", "services": "missing" }),
        ),
        (
            "doctors",
            with(&ayu, "password", json!("Password2026!")),
            json!({ "password": "common" }),
        ),
        (
            "doctors",
            with(&ayu, "week", json!([])),
            json!({ "week": "missing" }),
        ),
        (
            "doctors",
            with(&ayu, "languages", json!(["id", ""])),
            json!({ "languages": "malformed" }),
        ),
        (
            "doctors",
            with(
                &ayu,
                "week",
                json!([{ "weekday": "monday", "from": "17:00", "until": "09:00" }]),
            ),
            json!({ "week": "malformed" }),
        ),
        (
            "doctors",
            with(&ayu, "clinic_id", json!("1")),
            json!({ "clinic_id": "malformed" }),
        ),
    ] {
        let answer = people.admin.post(path, &body).await;
        assert_eq!(
            refused(&answer, 422, "VALIDATION_FAILED"),
            details,
            "{path} {body}"
        );
    }
    for body in [
        with(&ayu, "clinic_id", json!(999)),
        with(&ayu, "services", json!([999])),
    ] {
        refused(&people.admin.post("doctors", &body).await, 404, "NOT_FOUND");
    }
    let offers = json!({ "offers": [{ "clinic_id": 999, "service_id": 999 }], "version": 1 });
    let path = format!("doctors/{}/offers", app.doctors[0].id);
    refused(&people.admin.put(&path, &offers).await, 404, "NOT_FOUND");
    assert_eq!(app.count("select count(*) from organisation_changes").await, 0);
}

#[tokio::test]
async fn only_admins_describe_the_organisation() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    let doctor = format!("doctors/{}", app.doctors[0].id);
    let profile = json!({
        "name": "Dr Ayu", "speciality": "Surgery", "about": "", "languages": [], "email": "doctor1@test.example",
    });
    for (method, path, body) in [
        ("POST", "services".to_owned(), Some(service("flu"))),
        (
            "PUT",
            format!("services/{}", app.services[0]),
            Some(service("visit")),
        ),
        ("POST", "clinics".to_owned(), Some(clinic("Alpha"))),
        ("PUT", format!("clinics/{}", app.clinic), Some(clinic("Clinic"))),
        (
            "POST",
            "doctors".to_owned(),
            Some(app.doctor_body("ayu@test.example")),
        ),
        ("GET", "admin/doctors".to_owned(), None),
        ("GET", format!("{doctor}/profile"), None),
        ("PUT", format!("{doctor}/profile"), Some(profile)),
        ("PUT", format!("{doctor}/offers"), Some(json!({ "offers": [] }))),
        (
            "PUT",
            format!("{doctor}/activity"),
            Some(json!({ "active": false })),
        ),
        (
            "POST",
            "import/doctors".to_owned(),
            Some(
                json!({ "lines": "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,\
                                   break_until\na,b,c,d,e,f,g,h,i,j,k,l\n" }),
            ),
        ),
    ] {
        for (who, program, expected) in [
            ("visitor", &visitor, 401),
            ("patient", &people.patient, 404),
            ("doctor", &people.doctor, 404),
            ("other doctor", &people.other_doctor, 404),
            ("admin", &people.admin, 200),
        ] {
            let version = app
                .count("select version::bigint from doctors order by id limit 1")
                .await;
            let mut request = program.request(method, &path);
            if method == "PUT" {
                let tag = if path.starts_with("doctors") { version } else { 1 };
                request = request.header("if-match", format!("\"{tag}\""));
            }
            let answer = Answer::of(match &body {
                Some(body) => request.json(body),
                None => request,
            })
            .await;
            let status = match answer.status {
                201 => 200,
                status => status,
            };
            assert_eq!(status, expected, "{method} {path} by the {who}: {answer:?}");
        }
    }
}

#[test]
fn fields_that_are_never_stored_are_still_described() {
    let description: Value = serde_json::from_str(&api::text()).unwrap();
    let schemas = &description["components"]["schemas"];
    for (schema, name, is_needed) in [
        ("NewDoctor", "password", true),
        ("ProfileChange", "password", false),
        ("ProfileChange", "own_password", false),
        ("DoctorLines", "lines", true),
    ] {
        let schema = &schemas[schema];
        assert!(schema["properties"][name].is_object(), "{name}");
        let needed = schema["required"].as_array().unwrap();
        assert_eq!(needed.contains(&json!(name)), is_needed, "{name}");
    }
}
