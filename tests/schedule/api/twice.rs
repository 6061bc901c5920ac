//! Plans that are sent twice, and plans for an older version.

use serde_json::json;

use super::if_match;
use crate::support::{Answer, People, TestApp, data, refused};

#[tokio::test]
async fn a_plan_that_is_sent_twice_at_once_is_made_once() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.day(6 * 48).to_string();
    for (program, path, body, table) in [
        (
            &people.admin,
            "closures".to_owned(),
            json!({ "first_day": day }),
            "select count(*) from time_off where doctor_id is null",
        ),
        (
            &people.doctor,
            app.plan_path("/absences"),
            json!({ "first_day": day, "version": 1 }),
            "select count(*) from time_off where doctor_id is not null",
        ),
        (
            &people.doctor,
            app.plan_path("/stop-day"),
            json!({ "clinic_id": app.clinic, "day": day, "version": 2 }),
            "select count(*) from schedule_changes where what = 'day_stopped'",
        ),
        (
            &people.doctor,
            app.plan_path("/cancel-day"),
            json!({ "clinic_id": app.clinic, "day": day, "reason": "Ill", "version": 3 }),
            "select count(*) from schedule_changes where what = 'day_cancelled'",
        ),
        (
            &people.doctor,
            app.plan_path("/open-day"),
            json!({ "clinic_id": app.clinic, "day": day, "version": 4 }),
            "select count(*) from schedule_changes where what = 'day_opened'",
        ),
    ] {
        let racers = (0..8)
            .map(|_| {
                let (program, path, body) = (program.clone(), path.clone(), body.clone());
                async move { program.post_under(&path, &path, &body).await }
            })
            .collect();
        let answers: Vec<Answer> = app.race(racers).await;
        for answer in &answers {
            assert!(matches!(answer.status, 200 | 201), "{path}: {answer:?}");
            assert_eq!(answer.json(), answers[0].json(), "{path}");
        }
        assert_eq!(app.count(table).await, 1, "{path}");
    }
}

#[tokio::test]
async fn a_plan_for_a_stale_version_is_refused_with_the_last_change() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.day(7 * 48).to_string();
    let absence = json!({ "first_day": day, "version": 1 });
    data(
        &people.admin.post(&app.plan_path("/absences"), &absence).await,
        201,
    );
    let exception = format!("/exceptions/{}/{day}", app.clinic);
    let rows = "select (select count(*) from time_off) + (select count(*) from plan_exceptions)
                     + (select count(*) from working_hours where doctor_id = (select min(id) from doctors))";
    let before = app.count(rows).await;
    for (method, path, body) in [
        ("PUT", "/week", json!({ "clinic_id": app.clinic, "week": [] })),
        ("PUT", exception.as_str(), json!({ "hours": [] })),
        ("POST", "/absences", json!({ "first_day": day })),
        (
            "POST",
            "/stop-day",
            json!({ "clinic_id": app.clinic, "day": day }),
        ),
        (
            "POST",
            "/cancel-day",
            json!({ "clinic_id": app.clinic, "day": day, "reason": "Ill" }),
        ),
        (
            "POST",
            "/open-day",
            json!({ "clinic_id": app.clinic, "day": day }),
        ),
    ] {
        let path = app.plan_path(path);
        let missing = Answer::of(people.doctor.request(method, &path).json(&body)).await;
        let details = refused(&missing, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "version": "missing" }), "{path}");
        let by_header = if_match(&people.doctor, method, &path, "\"1\"", Some(&body)).await;
        let mut in_body = body.clone();
        in_body["version"] = json!(1);
        let by_body = Answer::of(people.doctor.request(method, &path).json(&in_body)).await;
        for (answer, status) in [(by_header, 412), (by_body, 409)] {
            let details = refused(&answer, status, "STALE_VERSION");
            assert_eq!(details["version"], 2, "{path}");
            assert_eq!(details["changed_by"], "admin", "{path}");
            assert_eq!(details["change"], "absence", "{path}");
        }
        let both = if_match(&people.doctor, method, &path, "\"2\"", Some(&in_body)).await;
        let details = refused(&both, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "version": "malformed" }), "{path}");
    }
    for path in [exception.as_str(), "/absences/1"] {
        let answer = if_match(&people.doctor, "DELETE", &app.plan_path(path), "\"1\"", None).await;
        assert_eq!(refused(&answer, 412, "STALE_VERSION")["version"], 2, "{path}");
    }
    assert_eq!(app.count(rows).await, before);
    assert_eq!(app.doctor_version(0).await, 2);
}
