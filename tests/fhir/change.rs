//! `PUT` and `PATCH`: one change of the version that was read.

use serde_json::{Value, json};

use super::{issues, name, resource};
use crate::support::{Answer, People, Program, TestApp, VISIT, data};

/// A request of the patient at the first doctor, as it is read.
async fn requested(app: &TestApp, people: &People) -> Value {
    app.requested(people.patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    let id = app.count("select max(id) from appointments").await;
    resource(&people.patient.read(&format!("Appointment/{id}")).await, 200)
}

fn version(appointment: &Value) -> i64 {
    appointment["meta"]["versionId"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

fn id(appointment: &Value) -> &str {
    appointment["id"].as_str().unwrap()
}

async fn patch(program: &Program, appointment: &Value, version: i64, steps: &Value) -> Answer {
    let request = program.fhir("PATCH", &format!("Appointment/{}", id(appointment)));
    let request = request
        .header("if-match", format!("W/\"{version}\""))
        .header("content-type", "application/json-patch+json");
    Answer::of(request.body(steps.to_string())).await
}

#[tokio::test]
async fn a_change_is_made_of_the_version_that_was_read() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut body = requested(&app, &people).await;
    let (first, path) = (version(&body), format!("Appointment/{}", id(&body)));
    body["slot"][0]["reference"] = format!("Slot/{}", name(&app, 0, VISIT, app.slot(24))).into();
    let answer = people.patient.put_version(id(&body), first, &body).await;
    let moved = resource(&answer, 200);
    assert_eq!(version(&moved), first + 1);
    assert_eq!(answer.header("etag"), format!("W/\"{}\"", first + 1));
    // Both ways to say a version that is old.
    let answer = people.patient.put_version(id(&body), first, &moved).await;
    assert_eq!(issues(&answer, 400), ["invalid"], "they disagree");
    let mut old = moved.clone();
    old["meta"]["versionId"] = first.to_string().into();
    assert_eq!(
        issues(&people.patient.put_version(id(&body), first, &old).await, 412),
        ["conflict"]
    );
    let answer = Answer::of(people.patient.fhir("PUT", &path).json(&old)).await;
    assert_eq!(issues(&answer, 409), ["conflict"]);
    // Nobody changes what they have not read.
    let mut unread = moved.clone();
    unread.as_object_mut().unwrap().remove("meta");
    let answer = Answer::of(people.patient.fhir("PUT", &path).json(&unread)).await;
    assert_eq!(issues(&answer, 428), ["required"]);
    // What is as it was is not changed.
    let same = resource(
        &people.patient.put_version(id(&body), first + 1, &moved).await,
        200,
    );
    assert_eq!(same, moved);
    let mut cancelled = moved;
    cancelled["status"] = "cancelled".into();
    let cancelled = resource(
        &people.patient.put_version(id(&body), first + 1, &cancelled).await,
        200,
    );
    assert_eq!(cancelled["status"], "cancelled");
    let mut again = cancelled.clone();
    again["status"] = "booked".into();
    let answer = people
        .doctor
        .put_version(id(&body), version(&cancelled), &again)
        .await;
    assert_eq!(issues(&answer, 422), ["business-rule"]);
    app.assert_sound().await;
}

#[tokio::test]
async fn only_status_or_time_is_changed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = requested(&app, &people).await;
    let with = |key: &str, value: Value| {
        let mut body = body.clone();
        body[key] = value;
        body
    };
    let other_doctor = json!([{ "actor": { "reference": format!("Practitioner/{}", app.doctors[1].id) } }]);
    let other_slot = json!([{ "reference": format!("Slot/{}", name(&app, 1, VISIT, app.slot(24))) }]);
    let mut both = with("status", json!("cancelled"));
    both["start"] = app.slot(24).to_string().into();
    for (body, status, code) in [
        (both, 422, "business-rule"),
        (with("participant", other_doctor), 422, "business-rule"),
        (with("slot", other_slot), 422, "business-rule"),
        (with("status", json!("zzz")), 400, "invalid"),
        (with("status", json!("proposed")), 400, "invalid"),
        (with("id", json!("999999")), 400, "invalid"),
        (with("start", json!("tomorrow")), 400, "invalid"),
        // The patient may not, whatever the version.
        (with("status", json!("booked")), 422, "business-rule"),
    ] {
        let answer = people.patient.put_version(id(&body), version(&body), &body).await;
        if body["id"] == "999999" {
            assert_eq!(answer.status, 404, "{answer:?}");
            continue;
        }
        assert_eq!(issues(&answer, status), [code], "{body}");
    }
    let request = people.patient.fhir("PUT", &format!("Appointment/{}", id(&body)));
    let answer = Answer::of(request.json(&with("id", json!("999999")))).await;
    assert_eq!(issues(&answer, 400), ["invalid"]);
    for stranger in [&people.other, &people.other_doctor, &people.other_reception] {
        let answer = stranger
            .put_version(id(&body), version(&body), &with("status", json!("cancelled")))
            .await;
        assert_eq!(issues(&answer, 404), ["not-found"]);
    }
}

#[tokio::test]
async fn a_patch_takes_all_steps_or_none() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = requested(&app, &people).await;
    let read = version(&body);
    let confirm = json!([
        { "op": "test", "path": "/status", "value": "pending" },
        { "op": "replace", "path": "/status", "value": "booked" },
    ]);
    let stale = patch(&people.doctor, &body, read + 5, &confirm).await;
    assert_eq!(issues(&stale, 412), ["conflict"]);
    let confirmed = resource(&patch(&people.doctor, &body, read, &confirm).await, 200);
    assert_eq!(
        (&confirmed["status"], version(&confirmed)),
        (&json!("booked"), read + 1)
    );
    assert_eq!(confirmed["participant"][1]["status"], "accepted");
    let answer = patch(&people.doctor, &body, read + 1, &confirm).await;
    assert_eq!(
        issues(&answer, 422),
        ["business-rule"],
        "the test is not met any more"
    );
    for steps in [
        json!([{ "op": "replace", "path": "/nothing", "value": 1 }]),
        json!([{ "op": "move", "path": "/status", "from": "/id" }]),
        json!({ "status": "cancelled" }),
        json!([{ "op": "replace", "path": "/start", "value": 7 }]),
    ] {
        assert_eq!(
            issues(&patch(&people.doctor, &body, read + 1, &steps).await, 400),
            ["invalid"],
            "{steps}"
        );
    }
    let request = people.doctor.fhir("PATCH", &format!("Appointment/{}", id(&body)));
    let answer = Answer::of(request.header("if-match", "W/\"3\"").json(&confirm)).await;
    assert_eq!(issues(&answer, 415), ["not-supported"]);
    let request = people.doctor.fhir("PATCH", &format!("Appointment/{}", id(&body)));
    let request = request.header("content-type", "application/json-patch+json");
    assert_eq!(
        issues(&Answer::of(request.body(confirm.to_string())).await, 428),
        ["required"]
    );
}

#[tokio::test]
async fn a_change_under_a_key_is_made_once() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut body = requested(&app, &people).await;
    let read = version(&body);
    body["start"] = app.slot(24).to_string().into();
    let send = async || {
        let request = people.patient.fhir("PUT", &format!("Appointment/{}", id(&body)));
        let request = request
            .header("if-match", format!("W/\"{read}\""))
            .header("idempotency-key", "move");
        Answer::of(request.json(&body)).await
    };
    let moved = resource(&send().await, 200);
    assert_eq!(resource(&send().await, 200), moved);
    assert_eq!(version(&moved), read + 1);
}

#[tokio::test]
async fn a_hold_is_given_back() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let time = name(&app, 0, VISIT, app.slot(20));
    let mut held = resource(
        &people
            .patient
            .send("Appointment/$hold", &super::about(&time))
            .await,
        201,
    );
    held["status"] = "cancelled".into();
    let given_back = resource(
        &people.patient.put_version(id(&held), version(&held), &held).await,
        200,
    );
    assert_eq!(given_back["status"], "cancelled");
    resource(
        &people.other.send("Appointment/$hold", &super::about(&time)).await,
        201,
    );
}

#[tokio::test]
async fn a_seat_in_a_session_without_a_doctor_is_read_and_cancelled() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let class = json!({
        "clinic_id": app.clinic, "type": "visit", "title": "Birth class", "starts_at": app.slot(20).to_string(),
        "minutes": 60, "capacity": 3, "publish": true,
    });
    let planned = data(&people.admin.post("groups", &class).await, 201);
    let path = format!("groups/{}/seats", planned[0]["id"]);
    let seat = async |program: &Program| {
        let taken = data(&program.post(&path, &json!({})).await, 201);
        resource(&program.read(&format!("Appointment/{}", taken["id"])).await, 200)
    };
    let (first, second) = (seat(&people.patient).await, seat(&people.other).await);
    assert_eq!(first["status"], "booked");
    let actors: Vec<&str> = (first["participant"].as_array().unwrap().iter())
        .map(|one| one["actor"]["reference"].as_str().unwrap())
        .collect();
    assert_eq!(
        actors,
        [
            format!("Patient/{}", people.patient_id),
            format!("Location/{}", app.clinic)
        ]
    );
    let found = people
        .patient
        .read("Appointment?_include=Appointment:practitioner")
        .await;
    assert_eq!(super::ids(&resource(&found, 200)), [id(&first)]);
    assert!(!found.body.contains("Practitioner/0"), "{found:?}");
    assert!(
        !found.body.contains("\"resourceType\":\"Practitioner\""),
        "{found:?}"
    );
    // What was read is sent back as it is, with a doctor whom it does not have, and cancelled.
    let same = people
        .patient
        .put_version(id(&first), version(&first), &first)
        .await;
    assert_eq!(resource(&same, 200), first);
    let mut astray = first.clone();
    let doctor = json!({ "actor": { "reference": format!("Practitioner/{}", app.doctors[0].id) }, "status": "accepted" });
    astray["participant"].as_array_mut().unwrap().push(doctor);
    let answer = people
        .patient
        .put_version(id(&first), version(&first), &astray)
        .await;
    assert_eq!(issues(&answer, 422), ["business-rule"]);
    let steps = json!([{ "op": "replace", "path": "/status", "value": "cancelled" }]);
    let answer = patch(&people.patient, &first, version(&first), &steps).await;
    assert_eq!(resource(&answer, 200)["status"], "cancelled");
    let mut cancelled = second.clone();
    cancelled["status"] = "cancelled".into();
    let parameters = json!({
        "resourceType": "Parameters",
        "parameter": [{ "name": "appointment-resource", "resource": cancelled }],
    });
    let answer = people.other.send("Appointment/$book", &parameters).await;
    assert_eq!(resource(&answer, 200)["status"], "cancelled");
    app.assert_whole().await;
}
