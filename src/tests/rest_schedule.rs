//! Schedules over the API: what programs plan is what can be booked.

use jiff::civil;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{
    app::{Answer, TestApp, VISIT},
    program::{People, Program, data, refused},
};
use crate::time;

impl TestApp {
    /// A path of the first doctor's schedule.
    fn plan_path(&self, rest: &str) -> String {
        format!("doctors/{}/schedule{rest}", self.doctors[0].id)
    }

    /// The date of this half hour.
    fn date(&self, slot: i64) -> civil::Date {
        time::local_date(self.slot(slot), &jiff::tz::TimeZone::UTC)
    }

    /// How many free times of a visit the first doctor has on a date.
    async fn free_on(&self, program: &Program, day: civil::Date) -> usize {
        let path = format!(
            "doctors/{}/slots?service=visit&from={day}&to={day}",
            self.doctors[0].id
        );
        let slots = data(&program.get(&path).await, 200);
        slots.as_array().unwrap().len()
    }

    async fn doctor_version(&self) -> i64 {
        self.count("select version::bigint from doctors order by id limit 1")
            .await
    }
}

/// A request that says in a header which version was seen.
async fn if_match(program: &Program, method: &str, path: &str, tag: &str, body: Option<&Value>) -> Answer {
    let request = program.request(method, path).header("if-match", tag);
    Answer::of(match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// On every day.
fn every_day(ranges: &[(&str, &str, &str)]) -> Value {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    days.iter()
        .flat_map(|day| {
            ranges.iter().map(move |(from, until, kind)| {
                json!({ "weekday": day, "from": from, "until": until, "kind": kind })
            })
        })
        .collect()
}

#[sqlx::test]
async fn a_week_that_a_program_puts_is_what_can_be_booked(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.date(2 * 48);
    let reference = app.confirmed(people.patient_id, 0, app.slot(2 * 48 + 40)).await;

    let answer = people.doctor.get(&app.plan_path("")).await;
    assert!(answer.header("etag").starts_with("W/\"1-"), "{answer:?}");
    let seen = data(&answer, 200);
    assert_eq!(seen["version"], 1);
    assert_eq!(seen["clinics"][0]["clinic_id"], app.clinic);
    assert_eq!(seen["clinics"][0]["time_zone"], "UTC");
    assert_eq!(
        seen["clinics"][0]["week"][0],
        json!({
            "weekday": "monday", "from": "00:00", "until": "24:00", "kind": "work",
            "valid_from": null, "valid_until": null
        })
    );
    assert_eq!(seen["not_held"], json!([]));
    assert_eq!(seen["last_change"], Value::Null);

    let mut week = json!({
        "clinic_id": app.clinic, "version": 1, "preview": true,
        "week": every_day(&[("09:00", "17:00", "work"), ("12:00", "13:00", "break")]),
    });
    let path = app.plan_path("/week");
    let preview = data(&people.doctor.put(&path, &week).await, 200);
    assert_eq!(preview["version"], 1);
    assert_eq!(preview["no_longer_held"][0]["reference"], reference);
    let of_day = |times: &Value| {
        times["days"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["day"] == day.to_string())
            .map(|one| one["free"].as_array().unwrap().len())
    };
    let times = preview["times"].as_array().unwrap();
    let visits = times.iter().find(|times| times["type"] == "visit").unwrap();
    assert_eq!(of_day(visits), Some(14));
    assert_eq!(app.free_on(&people.patient, day).await, 47);

    week["preview"] = json!(false);
    let changed = data(&people.doctor.put(&path, &week).await, 200);
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["no_longer_held"], preview["no_longer_held"]);
    assert_eq!(changed.get("times"), None);
    assert_eq!(app.free_on(&people.patient, day).await, 14);
    let seen = data(&people.admin.get(&app.plan_path("")).await, 200);
    assert_eq!(seen["not_held"][0]["reference"], reference);
    assert_eq!(seen["last_change"]["change"], "week");
    assert_eq!(seen["last_change"]["changed_by"], "doctor1");
    assert_eq!(seen["clinics"][0]["week"].as_array().unwrap().len(), 14);
    app.assert_sound().await;
}

#[sqlx::test]
async fn an_exception_holds_until_it_is_removed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.date(3 * 48);
    let path = app.plan_path(&format!("/exceptions/{}/{day}", app.clinic));
    let exception = json!({
        "hours": [{ "from": "09:00", "until": "12:00" }], "breaks": [{ "from": "10:00", "until": "10:30" }],
        "note": "Inventory",
    });
    let tag = people.doctor.get(&app.plan_path("")).await.header("etag");
    let changed = data(
        &if_match(&people.doctor, "PUT", &path, &tag, Some(&exception)).await,
        200,
    );
    assert_eq!(changed["version"], 2);
    assert_eq!(app.free_on(&people.patient, day).await, 5);
    let seen = data(&people.doctor.get(&app.plan_path("")).await, 200);
    let kept = &seen["clinics"][0]["exceptions"][0];
    assert_eq!(kept["day"], day.to_string());
    for name in ["hours", "breaks", "note"] {
        assert_eq!(kept[name], exception[name], "{name}");
    }

    let details = refused(&people.doctor.delete(&path).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "if-match": "missing" }));
    let answer = if_match(&people.doctor, "DELETE", &path, &tag, None).await;
    let details = refused(&answer, 412, "STALE_VERSION");
    assert_eq!(details["version"], 2);
    assert_eq!(details["changed_by"], "doctor1");
    assert_eq!(details["change"], "exception");
    assert!(details["changed_at"].is_string());
    assert_eq!(app.free_on(&people.patient, day).await, 5);

    let preview = format!("{path}?preview=true");
    let would = data(
        &if_match(&people.doctor, "DELETE", &preview, "\"2\"", None).await,
        200,
    );
    assert!(would["times"].is_array());
    assert_eq!(app.free_on(&people.patient, day).await, 5);
    let removed = data(
        &if_match(&people.doctor, "DELETE", &path, "\"2\"", None).await,
        200,
    );
    assert_eq!(removed["version"], 3);
    assert_eq!(app.free_on(&people.patient, day).await, 48);
    refused(
        &if_match(&people.doctor, "DELETE", &path, "\"3\"", None).await,
        404,
        "NOT_FOUND",
    );
    for path in [
        "/exceptions/1/2026-2-3",
        "/exceptions/x/2026-12-24",
        "/exceptions/1/tomorrow",
    ] {
        let answer = if_match(&people.doctor, "DELETE", &app.plan_path(path), "\"3\"", None).await;
        refused(&answer, 404, "NOT_FOUND");
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn an_absence_is_added_once_and_taken_back(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.date(4 * 48);
    let path = app.plan_path("/absences");
    let absence = json!({
        "first_day": day.to_string(), "hours": { "from": "09:00", "until": "11:00" }, "note": "School",
        "version": 1,
    });
    let mut preview = absence.clone();
    preview["preview"] = json!(true);
    let would = data(&people.doctor.post(&path, &preview).await, 200);
    assert!(would.get("id").is_none() && would["times"].is_array());
    let first = people.doctor.post_under("k", &path, &absence).await;
    let added = data(&first, 201);
    let again = people.doctor.post_under("k", &path, &absence).await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    let mut other = absence.clone();
    other["note"] = json!("Another");
    refused(
        &people.doctor.post_under("k", &path, &other).await,
        409,
        "IDEMPOTENCY_CONFLICT",
    );
    assert_eq!(app.count("select count(*) from time_off").await, 1);
    assert_eq!(app.free_on(&people.patient, day).await, 44);
    let seen = data(&people.doctor.get(&app.plan_path("")).await, 200);
    assert_eq!(seen["absences"][0]["id"], added["id"]);
    assert_eq!(seen["absences"][0]["first_day"], day.to_string());
    assert_eq!(seen["absences"][0]["hours"], absence["hours"]);
    assert_eq!(seen["absences"][0]["clinic_id"], Value::Null);

    let one = format!("{path}/{}", added["id"]);
    let removed = data(&if_match(&people.admin, "DELETE", &one, "\"2\"", None).await, 200);
    assert_eq!(removed["version"], 3);
    assert_eq!(app.free_on(&people.patient, day).await, 48);
    // It is one of the other doctor's now, which is none of this one's.
    let theirs = format!("doctors/{}/schedule/absences", app.doctors[1].id);
    let id = data(&people.other_doctor.post(&theirs, &absence).await, 201)["id"].clone();
    let answer = if_match(&people.doctor, "DELETE", &format!("{path}/{id}"), "\"3\"", None).await;
    refused(&answer, 404, "NOT_FOUND");
    assert_eq!(app.count("select count(*) from time_off").await, 1);
}

#[sqlx::test]
async fn a_day_is_stopped_and_a_cancelled_one_is_told_to_its_patients(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.date(5 * 48);
    let reference = app.confirmed(people.patient_id, 0, app.slot(5 * 48 + 20)).await;
    let request = app
        .requested(people.other_id, app.wanted(0, VISIT, app.slot(5 * 48 + 22)))
        .await;
    let stop = json!({ "clinic_id": app.clinic, "day": day.to_string(), "note": "Full", "version": 1 });
    let path = app.plan_path("/stop-day");
    let first = people.doctor.post_under("stop", &path, &stop).await;
    let stopped = data(&first, 200);
    assert_eq!(stopped["no_longer_held"].as_array().unwrap().len(), 2);
    assert_eq!(app.free_on(&people.patient, day).await, 0);
    assert_eq!(
        people.doctor.post_under("stop", &path, &stop).await.json(),
        first.json()
    );

    let path = app.plan_path("/cancel-day");
    let mut cancel = json!({ "clinic_id": app.clinic, "day": day.to_string(), "reason": "", "version": 2 });
    let details = refused(
        &people.doctor.post(&path, &cancel).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details, json!({ "reason": "missing" }));
    cancel["reason"] = json!("The doctor is ill");
    let first = people.doctor.post_under("cancel", &path, &cancel).await;
    let cancelled = data(&first, 200);
    assert_eq!(
        (&cancelled["version"], &cancelled["told"]),
        (&json!(3), &json!(2))
    );
    let again = people.doctor.post_under("cancel", &path, &cancel).await;
    assert_eq!(again.json(), first.json());
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
    assert_eq!(app.appointment(&request).await.0, "rejected");
    let message = app.newest_message("+6281255500000").await;
    assert!(message.contains("The doctor is ill"), "{message}");
    assert_eq!(
        app.count("select count(*) from messages where body like '%doctor is ill%'")
            .await,
        2
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_closed_clinic_has_no_times_until_it_is_open_again(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.date(6 * 48);
    let reference = app.confirmed(people.patient_id, 0, app.slot(6 * 48 + 20)).await;
    let closure = json!({
        "clinic_id": app.clinic, "first_day": day.to_string(), "last_day": day.to_string(), "yearly": true,
        "note": "Independence",
    });
    let first = people.admin.post_under("k", "closures", &closure).await;
    let closed = data(&first, 201);
    assert_eq!(closed["no_longer_held"][0]["reference"], reference);
    assert_eq!(
        people.admin.post_under("k", "closures", &closure).await.json(),
        first.json()
    );
    assert_eq!(app.free_on(&people.patient, day).await, 0);
    let listed = data(&people.admin.get("closures").await, 200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    for (name, value) in closure.as_object().unwrap() {
        assert_eq!(&listed[0][name], value, "{name}");
    }
    let seen = data(&people.doctor.get(&app.plan_path("")).await, 200);
    assert_eq!(seen["closures"], listed);
    let one = format!("closures/{}", closed["id"]);
    data(&people.admin.delete(&one).await, 200);
    refused(&people.admin.delete(&one).await, 404, "NOT_FOUND");
    assert_eq!(app.free_on(&people.patient, day).await, 47);
    assert_eq!(data(&people.admin.get("closures").await, 200), json!([]));
}

#[sqlx::test]
async fn what_is_sent_twice_at_once_is_planned_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.date(6 * 48).to_string();
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

#[sqlx::test]
async fn who_changes_an_older_schedule_is_told_what_happened_and_changes_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.date(7 * 48).to_string();
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
    assert_eq!(app.doctor_version().await, 2);
}

#[sqlx::test]
async fn a_schedule_is_its_doctors_and_the_admins_alone(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    let day = app.date(8 * 48).to_string();
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
                let tag = format!("\"{}\"", app.doctor_version().await);
                assert_eq!(
                    if_match(program, "PUT", path, &tag, put.as_ref()).await.status,
                    200
                );
            }
            let tag = format!("\"{}\"", app.doctor_version().await);
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

#[sqlx::test]
async fn what_is_not_right_in_a_plan_is_named_as_it_was_sent(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
            week(json!([monday("9:00", "12:00")])),
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
    assert_eq!(app.doctor_version().await, 1);
}

#[sqlx::test]
async fn a_program_is_told_why_a_time_is_not_offered(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let ask = |at: String| app.plan_path(&format!("/why-not?service=visit&clinic={}&at={at}", app.clinic));
    let free = app.slot(2 * 48);
    let why = data(&people.doctor.get(&ask(free.to_string())).await, 200);
    assert_eq!((&why["offered"], &why["reason"]), (&json!(true), &Value::Null));
    let day = app.date(2 * 48).to_string();
    let absence = json!({ "first_day": day, "version": 1 });
    data(
        &people.doctor.post(&app.plan_path("/absences"), &absence).await,
        201,
    );
    let why = data(&people.admin.get(&ask(format!("{day}%2000:00:00"))).await, 200);
    assert_eq!(
        (&why["offered"], &why["reason"]),
        (&json!(false), &json!("absence"))
    );
    assert!(why["text"].as_str().is_some_and(|text| !text.is_empty()));
    let path = app.plan_path(&format!("/why-not?clinic={}&at={free}", app.clinic));
    let details = refused(&people.doctor.get(&path).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "service": "missing" }));
    let details = refused(
        &people.doctor.get(&ask("soon".to_owned())).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details, json!({ "at": "malformed" }));
}
