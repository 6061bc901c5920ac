//! `$hold`, `$book` and `POST Appointment`.

use serde_json::{Value, json};

use super::{about, issues, name, resource};
use crate::support::{Answer, People, Program, TestApp, VISIT};

/// Holds a time, and answers with the appointment.
async fn held(program: &Program, name: &str) -> Value {
    let answer = program.send("Appointment/$hold", &about(name)).await;
    let held = resource(&answer, 201);
    assert_eq!(
        (&held["status"], &held["meta"]["tag"][0]["code"]),
        (&json!("pending"), &json!("held"))
    );
    assert!(answer.header("expires").ends_with(" GMT"), "{answer:?}");
    assert_eq!(
        answer.header("etag"),
        format!("W/\"{}\"", held["meta"]["versionId"].as_str().unwrap())
    );
    let path = format!("/fhir/r4/Appointment/{}", held["id"].as_str().unwrap());
    assert!(answer.location().ends_with(&path), "{answer:?}");
    held
}

fn id(appointment: &Value) -> &str {
    appointment["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_time_is_found_held_and_booked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let time = name(&app, 0, VISIT, app.slot(20));
    let proposed = resource(&people.patient.read(&format!("Appointment/{time}")).await, 200);
    assert_eq!(proposed["status"], "proposed");
    let held = held(&people.patient, id(&proposed)).await;
    // Whoever has it, it is not proposed any more.
    assert_eq!(
        issues(&people.other.read(&format!("Appointment/{time}")).await, 404),
        ["not-found"]
    );
    for stranger in [&people.other, &people.other_reception] {
        let path = format!("Appointment/{}", id(&held));
        assert_eq!(issues(&stranger.read(&path).await, 404), ["not-found"]);
    }
    let answer = people.other.send("Appointment/$book", &about(id(&held))).await;
    assert_eq!(issues(&answer, 404), ["not-found"]);
    let answer = people.doctor.send("Appointment/$book", &about(id(&held))).await;
    assert_eq!(issues(&answer, 403), ["forbidden"]);

    let mut body = about(id(&held));
    let comment = json!({ "name": "comment", "valueString": "A cough" });
    body["parameter"].as_array_mut().unwrap().push(comment);
    let answer = people.patient.send("Appointment/$book", &body).await;
    let booked = resource(&answer, 201);
    assert_eq!(
        (&booked["id"], &booked["status"], &booked["reasonCode"][0]["text"]),
        (&held["id"], &json!("pending"), &json!("A cough"))
    );
    assert_eq!(answer.header("expires"), "");
    assert_eq!(booked["meta"]["tag"][0]["code"], "pending");
    let patient = format!("Patient/{}", people.patient_id);
    assert_eq!(booked["participant"][0]["actor"]["reference"], patient);
    assert_eq!(booked["participant"][1]["status"], "needs-action");
    // Sent again, it is what it is.
    let again = resource(&people.patient.send("Appointment/$book", &body).await, 201);
    assert_eq!(again, booked);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_taken_time_says_what_is_free() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let time = name(&app, 0, VISIT, app.slot(20));
    held(&people.patient, &time).await;
    for call in ["$hold", "$book"] {
        let answer = people
            .other
            .send(&format!("Appointment/{call}"), &about(&time))
            .await;
        assert_eq!(issues(&answer, 409), ["not-found", "conflict"]);
        let outcome = answer.json();
        assert_eq!(outcome["issue"][0]["severity"], "fatal");
        let contained = outcome["contained"].as_array().unwrap();
        assert_eq!(contained.len(), 3);
        let first = contained[0]["id"].as_str().unwrap();
        assert_eq!(
            outcome["issue"][1]["extension"][0]["valueReference"]["reference"],
            format!("#{first}")
        );
        assert!(
            outcome["issue"][1]["diagnostics"]
                .as_str()
                .unwrap()
                .contains("slot_taken")
        );
    }
    // What is offered instead can be had.
    let answer = people.other.send("Appointment/$hold", &about(&time)).await;
    let instead = answer.json()["contained"][0]["id"].as_str().unwrap().to_owned();
    held(&people.other, &instead).await;
    app.sql("update appointments set held_until = held_until - interval '11 minutes'")
        .await;
    let first = app.count("select min(id) from appointments").await.to_string();
    held(&people.other, &time).await;
    let answer = people.patient.send("Appointment/$book", &about(&first)).await;
    assert_eq!(issues(&answer, 409), ["not-found", "conflict"]);
    assert!(answer.body.contains("hold_expired"), "{answer:?}");
}

#[tokio::test]
async fn staff_hold_nothing_and_book_for_patients() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let time = name(&app, 0, VISIT, app.slot(20));
    let answer = people.admin.send("Appointment/$hold", &about(&time)).await;
    assert_eq!(issues(&answer, 403), ["forbidden"]);
    let answer = people.admin.send("Appointment/$book", &about(&time)).await;
    assert_eq!(issues(&answer, 400), ["required"]);
    let mut body = about(&time);
    let patient = json!({ "resourceType": "Patient", "id": people.patient_id.to_string() });
    body["parameter"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "name": "patient-resource", "resource": patient }));
    let booked = resource(&people.admin.send("Appointment/$book", &body).await, 201);
    assert_eq!(booked["status"], "booked");
    // Nobody books for whom they do not act.
    let mut body = about(&name(&app, 0, VISIT, app.slot(21)));
    let patient = json!({ "reference": format!("Patient/{}", people.patient_id) });
    body["parameter"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "name": "patient-reference", "valueReference": patient }));
    assert_eq!(
        issues(&people.other.send("Appointment/$book", &body).await, 403),
        ["forbidden"]
    );
    // The other doctor has nothing to do with the patient.
    body["parameter"][0] = about(&name(&app, 1, VISIT, app.slot(21)))["parameter"][0].clone();
    assert_eq!(
        issues(&people.other_doctor.send("Appointment/$book", &body).await, 404),
        ["not-found"]
    );
}

/// An appointment that is to be made.
fn wish(app: &TestApp, slot: i64, patient_id: i64) -> Value {
    json!({
        "resourceType": "Appointment",
        "status": "proposed",
        "reasonCode": [{ "text": "A cough" }],
        "slot": [{ "reference": format!("Slot/{}", name(app, 0, VISIT, app.slot(slot))) }],
        "participant": [{ "actor": { "reference": format!("Patient/{patient_id}") }, "status": "accepted" }],
    })
}

#[tokio::test]
async fn a_resource_is_booked_once_under_its_key() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = wish(&app, 20, people.patient_id);
    let under = async |header: &'static str, value: &str, body: &Value| {
        let request = people.patient.fhir("POST", "Appointment").header(header, value);
        Answer::of(request.json(body)).await
    };
    // Without a key, the request is its own, by whichever door it comes.
    let first = resource(&people.patient.send("Appointment", &body).await, 201);
    let again = resource(&people.patient.send("Appointment", &body).await, 201);
    assert_eq!(first["id"], again["id"]);
    let by_json = crate::support::wish(&app, 0, app.slot(20));
    let by_json = crate::support::data(&people.patient.post("appointments", &by_json).await, 201);
    assert_eq!(by_json["id"].to_string(), id(&first));
    let keyed = wish(&app, 26, people.patient_id);
    let one = resource(&under("idempotency-key", "k", &keyed).await, 201);
    let again = resource(&under("idempotency-key", "k", &keyed).await, 201);
    assert_eq!(one["id"], again["id"]);
    let other = wish(&app, 22, people.patient_id);
    assert_eq!(
        issues(&under("idempotency-key", "k", &other).await, 409),
        ["conflict"]
    );

    let criteria = format!("patient=Patient/{}&date={}", people.patient_id, app.slot(20));
    let known = resource(&under("if-none-exist", &criteria, &body).await, 200);
    assert_eq!(known["id"], first["id"]);
    let criteria = format!("patient=Patient/{}&date={}", people.patient_id, app.slot(22));
    let made = resource(&under("if-none-exist", &criteria, &other).await, 201);
    assert_ne!(made["id"], first["id"]);
    let criteria = format!("patient=Patient/{}", people.patient_id);
    assert_eq!(
        issues(&under("if-none-exist", &criteria, &other).await, 412),
        ["multiple-matches"]
    );
    for criteria in ["", "zzz=1", "patient.name=Dewi"] {
        let answer = under("if-none-exist", criteria, &other).await;
        assert_eq!(answer.status, 400, "{criteria}");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 3);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_conditional_create_is_one_booking_for_thirty_at_once() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = wish(&app, 20, people.patient_id);
    let criteria = format!("date={}", app.slot(20));
    let racers = (0..30).map(|_| {
        let request = people
            .patient
            .fhir("POST", "Appointment")
            .header("if-none-exist", &criteria);
        let request = request.json(&body);
        async move { Answer::of(request).await }
    });
    let mut ids: Vec<String> = Vec::new();
    for answer in app.race(racers.collect()).await {
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        ids.push(id(&answer.json()).to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[tokio::test]
async fn other_wishes_under_one_criterion_are_one_booking_while_it_meets_it() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let criteria = format!("patient=Patient/{}&status=pending", people.patient_id);
    let create = |slot: i64| {
        let body = wish(&app, slot, people.patient_id);
        let request = people.patient.fhir("POST", "Appointment");
        Answer::of(request.header("if-none-exist", &criteria).json(&body))
    };
    let racers = (0..10).map(|number| create(30 + number));
    let mut first: Vec<Value> = Vec::new();
    for answer in app.race(racers.collect()).await {
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        first.push(answer.json());
    }
    first.dedup_by(|one, other| id(one) == id(other));
    assert_eq!(first.len(), 1, "{first:?}");
    let mut confirmed = first.remove(0);
    confirmed["status"] = "booked".into();
    let version = confirmed["meta"]["versionId"].as_str().unwrap().parse().unwrap();
    let answer = people
        .doctor
        .put_version(id(&confirmed), version, &confirmed)
        .await;
    assert_eq!(resource(&answer, 200)["status"], "booked");
    // It waits for nobody any more, and another one may.
    let other = resource(&create(60).await, 201);
    assert_ne!(id(&other), id(&confirmed));
    assert_eq!(id(&resource(&create(64).await, 200)), id(&other));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_conditional_create_books_again_after_a_cancellation() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = wish(&app, 20, people.patient_id);
    let criteria = format!("patient=Patient/{}&status=pending,booked", people.patient_id);
    let create = async |status: u16| {
        let request = people
            .patient
            .fhir("POST", "Appointment")
            .header("if-none-exist", &criteria);
        resource(&Answer::of(request.json(&body)).await, status)
    };
    let first = create(201).await;
    assert_eq!(create(200).await["id"], first["id"]);
    let version = first["meta"]["versionId"].as_str().unwrap().parse().unwrap();
    let mut cancelled = first.clone();
    cancelled["status"] = "cancelled".into();
    let answer = people.patient.put_version(id(&first), version, &cancelled).await;
    assert_eq!(resource(&answer, 200)["status"], "cancelled");
    let again = create(201).await;
    assert_ne!(again["id"], first["id"]);
    assert_eq!(again["status"], "pending");
    assert_eq!(create(200).await["id"], again["id"]);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_an_appointment_says_twice_has_to_agree() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let doctor = |number: usize| json!({ "actor": { "reference": format!("Practitioner/{}", app.doctors[number].id) } });
    let visit = json!([{ "coding": [{ "code": "visit" }] }]);
    let start = app.slot(20).to_string();
    let whole = wish(&app, 20, people.patient_id);
    let with = |key: &str, value: Value| {
        let mut body = whole.clone();
        body[key] = value;
        body
    };
    for (body, code) in [
        (with("start", app.slot(21).to_string().into()), "invalid"),
        (with("participant", json!([doctor(1)])), "invalid"),
        (with("slot", json!([{ "reference": "Slot/1" }])), "invalid"),
        (with("slot", json!([])), "required"),
        (with("resourceType", json!("Patient")), "invalid"),
        (
            json!({ "resourceType": "Appointment", "start": start, "participant": [doctor(0)] }),
            "required",
        ),
    ] {
        assert_eq!(
            issues(&people.patient.send("Appointment", &body).await, 400),
            [code],
            "{body}"
        );
    }
    let gone = wish(&app, -400, people.patient_id);
    assert_eq!(
        issues(&people.patient.send("Appointment", &gone).await, 409),
        ["not-found", "conflict"]
    );
    // Without a slot, the doctor, the service and the start say it.
    let body = json!({
        "resourceType": "Appointment", "status": "proposed", "start": start, "serviceType": visit,
        "participant": [doctor(0)],
    });
    let booked = resource(&people.patient.send("Appointment", &body).await, 201);
    assert_eq!(
        booked["slot"][0]["reference"],
        format!("Slot/{}", name(&app, 0, VISIT, app.slot(20)))
    );
}

#[tokio::test]
async fn book_takes_resources_and_cancels() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let with = |resource: Value| {
        json!({
            "resourceType": "Parameters",
            "parameter": [{ "name": "appointment-resource", "resource": resource }],
        })
    };
    let time = name(&app, 0, VISIT, app.slot(20));
    let proposed = resource(&people.patient.read(&format!("Appointment/{time}")).await, 200);
    let mut booked = resource(
        &people.patient.send("Appointment/$book", &with(proposed)).await,
        201,
    );
    booked["start"] = app.slot(24).to_string().into();
    let moved = resource(
        &people
            .patient
            .send("Appointment/$book", &with(booked.clone()))
            .await,
        200,
    );
    assert_eq!(
        (&moved["id"], &moved["meta"]["versionId"]),
        (&booked["id"], &json!("2"))
    );
    // What was read before is old.
    booked["status"] = "cancelled".into();
    booked["start"] = moved["start"].clone();
    booked["slot"] = moved["slot"].clone();
    let answer = people.patient.send("Appointment/$book", &with(booked)).await;
    assert_eq!(issues(&answer, 409), ["conflict"]);
    let mut cancelled = moved;
    cancelled["status"] = "cancelled".into();
    cancelled["cancelationReason"] = json!({ "text": "No time" });
    let cancelled = resource(
        &people.patient.send("Appointment/$book", &with(cancelled)).await,
        200,
    );
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["cancelationReason"]["coding"][1]["code"], "cancelled");
    app.assert_sound().await;
}
