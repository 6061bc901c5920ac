//! Plans that are refused, and people who are.

use serde_json::{Value, json};

use super::{every_day, if_match};
use crate::support::{Answer, People, Program, TestApp, data, refused};

#[tokio::test]
async fn only_its_doctor_and_admins_read_and_change_a_schedule() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    let day = app.day(8 * 48).to_string();
    let exception = app.plan_path(&format!("/exceptions/{}/{day}", app.clinic));
    let at = app.slot(9 * 48).to_string();
    let why = app.plan_path(&format!("/why-not?service=visit&clinic={}&at={at}", app.clinic));
    let closure = json!({ "first_day": day });
    let closed = data(&people.admin.post("closures", &closure).await, 201);
    let closure_path = format!("closures/{}", closed["id"]);
    let calls = [
        ("GET", app.plan_path(""), None, true),
        ("GET", why, None, true),
        (
            "PUT",
            app.plan_path("/week"),
            Some(json!({ "clinic_id": app.clinic, "week": every_day(&[("00:00", "24:00", "work")]) })),
            true,
        ),
        ("PUT", exception.clone(), Some(json!({ "hours": [] })), true),
        ("DELETE", exception, None, true),
        (
            "POST",
            app.plan_path("/absences"),
            Some(json!({ "first_day": day })),
            true,
        ),
        (
            "POST",
            app.plan_path("/stop-day"),
            Some(json!({ "clinic_id": app.clinic, "day": day })),
            true,
        ),
        (
            "POST",
            app.plan_path("/cancel-day"),
            Some(json!({ "clinic_id": app.clinic, "day": day, "reason": "Ill" })),
            true,
        ),
        ("GET", "closures".to_owned(), None, false),
        ("POST", "closures".to_owned(), Some(closure), false),
        ("DELETE", closure_path, None, false),
    ];
    for (method, path, body, is_doctors) in &calls {
        for (who, program, expected) in [
            ("visitor", &visitor, 401),
            ("patient", &people.patient, 404),
            ("other doctor", &people.other_doctor, 404),
            ("doctor", &people.doctor, if *is_doctors { 200 } else { 404 }),
            ("admin", &people.admin, 200),
        ] {
            if *method == "DELETE" && who == "admin" && *is_doctors {
                // The doctor has removed it.
                let put = Some(json!({ "hours": [] }));
                let tag = format!("\"{}\"", app.doctor_version(0).await);
                assert_eq!(
                    if_match(program, "PUT", path, &tag, put.as_ref()).await.status,
                    200
                );
            }
            let tag = format!("\"{}\"", app.doctor_version(0).await);
            let answer = if_match(program, method, path, &tag, body.as_ref()).await;
            let status = match answer.status {
                201 => 200,
                status => status,
            };
            assert_eq!(status, expected, "{method} {path} by the {who}: {answer:?}");
        }
    }
    let nobody = "doctors/999/schedule";
    refused(&people.admin.get(nobody).await, 404, "NOT_FOUND");
    app.assert_sound().await;
}

#[tokio::test]
async fn every_error_of_a_plan_names_the_field_as_it_was_sent() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let clinic = app.clinic;
    let monday = |from: &str, until: &str| json!({ "weekday": "monday", "from": from, "until": until });
    let week = |week: Value| json!({ "clinic_id": clinic, "week": week, "version": 1 });
    let long = "n".repeat(501);
    let exception = format!("/exceptions/{clinic}/2030-01-07");
    let put = "PUT";
    let post = "POST";
    for (method, path, body, name, problem) in [
        (
            put,
            "/week",
            json!({ "week": [], "version": 1 }),
            "clinic_id",
            "missing",
        ),
        (
            put,
            "/week",
            json!({ "clinic_id": clinic, "version": 1 }),
            "week",
            "missing",
        ),
        (
            put,
            "/week",
            week(json!([monday("9:00 WIB", "12:00")])),
            "week[0].from",
            "malformed",
        ),
        (
            put,
            "/week",
            week(json!([monday("09:00", "24:30")])),
            "week[0].until",
            "malformed",
        ),
        (
            put,
            "/week",
            week(json!([{ "weekday": "mon", "from": "09:00", "until": "12:00" }])),
            "week[0].weekday",
            "malformed",
        ),
        (
            put,
            "/week",
            week(json!([monday("12:00", "09:00")])),
            "week",
            "malformed",
        ),
        (
            put,
            "/week",
            week(json!([monday("09:00", "12:00"), monday("11:00", "13:00")])),
            "week",
            "malformed",
        ),
        (
            put,
            "/week",
            week(json!(vec![monday("00:00", "00:01"); 101])),
            "week",
            "too-long",
        ),
        (
            put,
            "/week",
            json!({ "clinic_id": clinic, "week": [], "version": 1, "more": 1 }),
            "more",
            "unknown",
        ),
        (
            put,
            exception.as_str(),
            json!({ "version": 1 }),
            "hours",
            "missing",
        ),
        (
            put,
            exception.as_str(),
            json!({ "hours": [{ "from": "12:00", "until": "12:00" }], "version": 1 }),
            "hours",
            "malformed",
        ),
        (
            put,
            exception.as_str(),
            json!({ "hours": [], "note": long, "version": 1 }),
            "note",
            "too-long",
        ),
        (post, "/absences", json!({ "version": 1 }), "first_day", "missing"),
        (
            post,
            "/absences",
            json!({ "first_day": "2030-02-30", "version": 1 }),
            "first_day",
            "malformed",
        ),
        (
            post,
            "/absences",
            json!({ "first_day": "2030-01-01", "yearly": "yes", "version": 1 }),
            "yearly",
            "malformed",
        ),
        (
            post,
            "/absences",
            json!({ "first_day": "2030-01-01", "hours": { "from": "10:00", "until": "09:00" }, "version": 1 }),
            "hours",
            "malformed",
        ),
        (
            post,
            "/stop-day",
            json!({ "clinic_id": clinic, "version": 1 }),
            "day",
            "missing",
        ),
        (
            post,
            "/cancel-day",
            json!({ "clinic_id": clinic, "day": "2030-01-01", "reason": " \u{1} ", "version": 1 }),
            "reason",
            "missing",
        ),
    ] {
        let path = app.plan_path(path);
        let answer = Answer::of(people.doctor.request(method, &path).json(&body)).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ name: problem }), "{method} {path} {body}");
    }
    for body in [
        json!({ "first_day": "2030-01-02", "last_day": "2030-01-01", "version": 1 }),
        json!({ "first_day": "2030-01-01", "last_day": "2031-01-01", "yearly": true, "version": 1 }),
    ] {
        let answer = people.doctor.post(&app.plan_path("/absences"), &body).await;
        refused(&answer, 400, "INVALID_DATE_RANGE");
        assert!(
            answer.json()["error"].as_str().unwrap().contains("yearly"),
            "{answer:?}"
        );
    }
    for body in [
        json!({ "first_day": "2030-01-01", "clinic_id": 999, "version": 1 }),
        json!({ "first_day": "2030-01-01", "clinic_id": -1, "version": 1, "preview": true }),
    ] {
        let answer = people.doctor.post(&app.plan_path("/absences"), &body).await;
        refused(&answer, 404, "NOT_FOUND");
    }
    assert_eq!(app.doctor_version(0).await, 1);
}
