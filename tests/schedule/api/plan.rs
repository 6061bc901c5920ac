//! Planning a schedule.

use serde_json::{Value, json};

use super::{every_day, if_match};
use crate::support::{People, TestApp, VISIT, data, refused};

#[tokio::test]
async fn a_week_planned_by_the_api_can_be_booked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.day(2 * 48);
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

#[tokio::test]
async fn an_exception_applies_until_it_is_removed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.day(3 * 48);
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

#[tokio::test]
async fn an_absence_is_added_once_and_removed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.day(4 * 48);
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

#[tokio::test]
async fn a_day_is_stopped_or_cancelled_by_the_api() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.day(5 * 48);
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

#[tokio::test]
async fn a_closed_clinic_has_no_times_until_it_opens_again() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let day = app.day(6 * 48);
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

#[tokio::test]
async fn a_program_learns_why_a_time_is_not_offered() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let ask = |at: String| app.plan_path(&format!("/why-not?service=visit&clinic={}&at={at}", app.clinic));
    let free = app.slot(2 * 48);
    let why = data(&people.doctor.get(&ask(free.to_string())).await, 200);
    assert_eq!((&why["offered"], &why["reason"]), (&json!(true), &Value::Null));
    let day = app.day(2 * 48).to_string();
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
