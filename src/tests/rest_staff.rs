//! What staff and those who watch do by programs: patients, walk-ins, histories, the audit and the check.

use jiff::ToSpan;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{
    app::{Answer, TestApp},
    program::{People, data, refused},
};
use crate::appointment::Status;

#[sqlx::test]
async fn a_patient_is_found_by_phone_and_seen_by_who_has_to_do_with_them(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let who = json!({ "phone": "0812 5559 0001", "name": "Dewi" });
    let made = data(&people.doctor.post("patients", &who).await, 200);
    assert_eq!(
        (&made["phone"], &made["name"]),
        (&json!("+6281255590001"), &json!("Dewi"))
    );
    let same = json!({ "phone": "+62 812-5559-0001", "name": "Somebody else" });
    assert_eq!(data(&people.admin.post("patients", &same).await, 200), made);
    let path = format!("patients/{}", made["id"]);
    assert_eq!(data(&people.admin.get(&path).await, 200), made);
    // They have not been booked with this doctor.
    for stranger in [&people.doctor, &people.other_doctor] {
        refused(&stranger.get(&path).await, 404, "NOT_FOUND");
        refused(&stranger.get(&format!("{path}/visits")).await, 404, "NOT_FOUND");
    }
    let walk_in = json!({ "type": "visit", "patient_id": made["id"], "doctor_id": app.doctors[0].id });
    let body = json!({ "doctor_id": app.doctors[0].id, "type": "visit", "scheduled_at": app.slot(3).to_string(),
        "patient_id": made["id"], "reason": "A cough" });
    let booked = data(&people.doctor.post("appointments", &body).await, 201);
    assert_eq!(data(&people.doctor.get(&path).await, 200), made);
    let visits = data(&people.doctor.get(&format!("{path}/visits")).await, 200);
    assert_eq!(visits[0]["appointment"]["id"], booked["id"]);
    assert_eq!(visits[0]["prescription"], Value::Null);
    refused(&people.other_doctor.get(&path).await, 404, "NOT_FOUND");
    refused(
        &people.admin.get(&format!("{path}/visits")).await,
        403,
        "FORBIDDEN",
    );
    for own in ["patients", &path, &format!("{path}/visits")] {
        refused(&people.patient.get(own).await, 403, "FORBIDDEN");
    }
    refused(&people.patient.post("patients", &who).await, 403, "FORBIDDEN");
    refused(&people.patient.post("walk-ins", &walk_in).await, 403, "FORBIDDEN");

    let all = data(&people.admin.get("patients").await, 200);
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(data(&people.doctor.get("patients").await, 200), json!([made]));
    assert_eq!(data(&people.other_doctor.get("patients").await, 200), json!([]));
    for (q, found) in [("dewi", 1), ("5559%200001", 1), ("nobody", 0), ("%00", 3)] {
        let list = data(&people.admin.get(&format!("patients?q={q}")).await, 200);
        assert_eq!(list.as_array().unwrap().len(), found, "{q}");
    }
    let (mut ids, mut path) = (Vec::new(), "patients?limit=1".to_owned());
    loop {
        let page = people.admin.get(&path).await.json();
        ids.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_i64().unwrap()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("patients?limit=1&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(
        ids,
        [people.patient_id, people.other_id, made["id"].as_i64().unwrap()]
    );
    for (body, field, problem) in [
        (json!({ "phone": "12" }), "phone", "malformed"),
        (json!({ "phone": "+6281255590002" }), "name", "missing"),
        (json!({ "name": "Dewi" }), "phone", "missing"),
    ] {
        let details = refused(
            &people.admin.post("patients", &body).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ field: problem }));
    }
}

#[sqlx::test]
async fn who_walks_in_is_given_the_first_free_time_of_today(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    // In the last hour of a day there may be no time left; of a clinic far in the west there is.
    app.sql("update clinics set time_zone = case when extract(hour from now() at time zone 'UTC') > 20 then 'Etc/GMT+11' else 'UTC' end")
        .await;
    let body = json!({ "type": "visit", "phone": "+6281255590001", "name": "Dewi", "reason": "Fever" });
    let booked = data(&people.doctor.post_under("w", "walk-ins", &body).await, 201);
    assert_eq!(
        (&booked["status"], &booked["doctor_id"]),
        (&json!("confirmed"), &json!(app.doctors[0].id))
    );
    assert_eq!(
        data(&people.doctor.post_under("w", "walk-ins", &body).await, 201)["id"],
        booked["id"]
    );
    let patient_id = booked["patient_id"].clone();
    // In two places at once is nobody.
    let again = json!({ "type": "visit", "patient_id": people.patient_id, "doctor_id": app.doctors[0].id });
    let next = data(&people.admin.post("walk-ins", &again).await, 201);
    assert_ne!(next["starts_at"], booked["starts_at"]);
    for (body, field, problem) in [
        (json!({ "type": "visit" }), "doctor_id", "missing"),
        (
            json!({ "type": "visit", "doctor_id": app.doctors[0].id }),
            "patient_id",
            "missing",
        ),
        (
            json!({ "type": "visit", "doctor_id": app.doctors[0].id, "patient_id": patient_id, "phone": "+6281255590001" }),
            "phone",
            "malformed",
        ),
    ] {
        let details = refused(
            &people.admin.post("walk-ins", &body).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ field: problem }), "{body}");
    }
    let elsewhere = json!({ "type": "visit", "doctor_id": app.doctors[1].id, "patient_id": patient_id });
    refused(
        &people.doctor.post("walk-ins", &elsewhere).await,
        404,
        "NOT_FOUND",
    );
    let patients = app.count("select count(*) from patients").await;
    let stranger =
        json!({ "type": "visit", "doctor_id": app.doctors[1].id, "phone": "+6281255590009", "name": "X" });
    refused(&people.doctor.post("walk-ins", &stranger).await, 404, "NOT_FOUND");
    assert_eq!(app.count("select count(*) from patients").await, patients);
    let unknown = json!({ "type": "massage", "patient_id": patient_id });
    refused(&people.doctor.post("walk-ins", &unknown).await, 404, "NOT_FOUND");
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_change_goes_by_the_version_that_was_seen(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .requested(people.patient_id, app.wanted(0, 0, app.slot(20)))
        .await;
    let path = format!("appointments/{reference}");
    let seen = people.doctor.get(&path).await.header("etag");
    assert!(seen.starts_with("W/\"2-"), "{seen}");
    let change = |version: &str, body: Value| {
        let request = people.doctor.request("POST", &format!("{path}/status"));
        Answer::of(request.header("if-match", version).json(&body))
    };
    let confirm = json!({ "status": "confirmed" });
    for stale in ["\"1\"", "W/\"1-0\"", "\"3\""] {
        let details = refused(&change(stale, confirm.clone()).await, 412, "STALE_VERSION");
        assert_eq!(details["version"], 2);
        assert_eq!(details["changed_by_role"], "patient");
    }
    for malformed in ["2", "\"two\"", "\"\"", "W/2"] {
        let details = refused(
            &change(malformed, confirm.clone()).await,
            422,
            "VALIDATION_FAILED",
        );
        assert_eq!(details, json!({ "if-match": "malformed" }));
    }
    let both = json!({ "status": "confirmed", "version": 1 });
    let details = refused(&change(&seen, both).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "version": "malformed" }));
    assert_eq!(app.appointment(&reference).await.0, "pending");
    assert_eq!(data(&change(&seen, confirm).await, 200)["version"], 3);
    let move_to = json!({ "scheduled_at": app.slot(24).to_string() });
    let request = people
        .doctor
        .request("POST", &format!("{path}/reschedule"))
        .header("if-match", &seen);
    refused(&Answer::of(request.json(&move_to)).await, 412, "STALE_VERSION");
    let request = people
        .doctor
        .request("POST", &format!("{path}/reschedule"))
        .header("if-match", "*");
    data(&Answer::of(request.json(&move_to)).await, 200);

    let history = data(&people.patient.get(&format!("{path}/history")).await, 200);
    let history = history.as_array().unwrap();
    let versions: Vec<i64> = history
        .iter()
        .map(|change| change["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert_eq!(
        (&history[2]["from"], &history[2]["to"]),
        (&json!("pending"), &json!("confirmed"))
    );
    assert_eq!(history[2]["changed_by_role"], "doctor");
    assert_eq!(
        (&history[3]["from"], &history[3]["to"]),
        (&json!("confirmed"), &json!("confirmed"))
    );
    assert_eq!(history[3]["to_starts_at"], app.slot(24).to_string());
    for stranger in [&people.other, &people.other_doctor] {
        refused(&stranger.get(&format!("{path}/history")).await, 404, "NOT_FOUND");
    }
}

#[sqlx::test]
async fn a_list_is_in_the_order_that_was_asked_for(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut made = Vec::new();
    for (patient, doctor, slot) in [
        (people.patient_id, 0, 30),
        (people.other_id, 1, 20),
        (people.patient_id, 1, 40),
        (people.other_id, 0, 10),
    ] {
        made.push(
            app.requested(patient, app.wanted(doctor, 0, app.slot(slot)))
                .await,
        );
    }
    let order =
        |numbers: [usize; 4]| -> Vec<String> { numbers.iter().map(|number| made[*number].clone()).collect() };
    for (sort, expected) in [
        ("", order([3, 1, 0, 2])),
        ("&sort=starts_at", order([3, 1, 0, 2])),
        ("&sort=-starts_at", order([2, 0, 1, 3])),
        ("&sort=id", order([0, 1, 2, 3])),
        ("&sort=-id", order([3, 2, 1, 0])),
    ] {
        let (mut read, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = people
                .admin
                .get(&format!("appointments?limit=3{sort}{cursor}"))
                .await;
            let page = {
                data(&page, 200);
                page.json()
            };
            let references = page["data"].as_array().unwrap().iter();
            read.extend(references.map(|one| one["reference"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(read, expected, "{sort}");
    }
    let page = people.admin.get("appointments?limit=1&sort=id").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in [
        format!("sort=-id&cursor={cursor}"),
        format!("cursor={cursor}"),
        "sort=name".to_owned(),
    ] {
        refused(
            &people.admin.get(&format!("appointments?{query}")).await,
            422,
            "VALIDATION_FAILED",
        );
    }
    for (query, expected) in [
        (format!("patient={}", people.patient_id), 2),
        (format!("clinic={}", app.clinic), 4),
        ("clinic=999".to_owned(), 0),
        ("type=visit".to_owned(), 4),
        ("type=long".to_owned(), 0),
        ("q=patient%201".to_owned(), 2),
        (format!("q={}", made[2]), 1),
        (
            format!("doctor={}&patient={}", app.doctors[0].id, people.other_id),
            1,
        ),
    ] {
        let list = data(&people.admin.get(&format!("appointments?{query}")).await, 200);
        assert_eq!(list.as_array().unwrap().len(), expected, "{query}");
        // Whatever is asked for, a patient has their own.
        let own = data(&people.patient.get(&format!("appointments?{query}")).await, 200);
        let own = own.as_array().unwrap();
        assert!(
            own.iter().all(|one| one["patient_id"] == people.patient_id),
            "{query}"
        );
    }
}

#[sqlx::test]
async fn prescriptions_and_ratings_are_read_by_whose_they_are(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut written = Vec::new();
    for slot in [20, 30] {
        let reference = app
            .visit(people.patient_id, 0, app.slot(slot), Status::Completed)
            .await;
        let id = data(
            &people.doctor.get(&format!("appointments/{reference}")).await,
            200,
        )["id"]
            .take();
        let line = json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" });
        let body = json!({ "appointment_id": id, "medications": [line] });
        data(&people.doctor.post("prescriptions", &body).await, 201);
        written.insert(0, id);
    }
    for reader in [&people.patient, &people.doctor] {
        let list = data(&reader.get("prescriptions").await, 200);
        let ids: Vec<&Value> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["appointment_id"])
            .collect();
        assert_eq!(ids, [&written[0], &written[1]]);
        let one = data(
            &reader
                .get(&format!("prescriptions?appointment={}", written[1]))
                .await,
            200,
        );
        assert_eq!(one[0], list[1]);
        let page = reader.get("prescriptions?limit=1").await.json();
        let next = data(
            &reader
                .get(&format!(
                    "prescriptions?cursor={}",
                    page["next_cursor"].as_str().unwrap()
                ))
                .await,
            200,
        );
        assert_eq!(next, json!([list[1]]));
    }
    for stranger in [&people.other, &people.other_doctor] {
        for query in [
            "",
            &format!("?patient={}", people.patient_id),
            &format!("?appointment={}", written[0]),
        ] {
            assert_eq!(
                data(&stranger.get(&format!("prescriptions{query}")).await, 200),
                json!([])
            );
        }
    }
    refused(&people.admin.get("prescriptions").await, 403, "FORBIDDEN");
    let visits = data(
        &people
            .doctor
            .get(&format!("patients/{}/visits", people.patient_id))
            .await,
        200,
    );
    assert_eq!(visits[0]["prescription"]["appointment_id"], written[0]);

    let path = format!("appointments/{}/rating", written[0]);
    refused(&people.patient.get(&path).await, 404, "NOT_FOUND");
    let rated = people
        .patient
        .post(
            "ratings",
            &json!({ "appointment_id": written[0], "score": 4, "comment": "Kind" }),
        )
        .await;
    let rating = data(&rated, 201);
    assert_eq!(rated.location(), format!("/api/v1/{path}"));
    for reader in [&people.patient, &people.doctor, &people.admin] {
        assert_eq!(data(&reader.get(&path).await, 200), rating);
    }
    for stranger in [&people.other, &people.other_doctor] {
        refused(&stranger.get(&path).await, 404, "NOT_FOUND");
    }
}

#[sqlx::test]
async fn who_changed_what_and_whether_the_promise_was_kept_is_for_admins(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let move_to = json!({ "scheduled_at": app.slot(24).to_string() });
    data(
        &people
            .doctor
            .post(&format!("appointments/{reference}/reschedule"), &move_to)
            .await,
        200,
    );
    let list = data(&people.admin.get("admin/changes").await, 200);
    let list = list.as_array().unwrap();
    assert_eq!(list[0]["what"], "moved");
    assert_eq!(list[0]["staff_id"], app.doctors[0].staff_id);
    // Whom and whose time it was about, whoever did it.
    assert_eq!(list[0]["patient_id"], people.patient_id);
    assert_eq!(list[0]["doctor_id"], app.doctors[0].id);
    assert!(
        list.len() >= 3
            && list
                .windows(2)
                .all(|pair| pair[0]["id"].as_i64() > pair[1]["id"].as_i64())
    );
    let by_staff = data(
        &people
            .admin
            .get(&format!("admin/changes?staff={}", app.doctors[0].staff_id))
            .await,
        200,
    );
    assert!(
        by_staff
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["changed_by_role"] == "doctor")
    );
    let first = people.admin.get("admin/changes?limit=1").await.json();
    let rest = data(
        &people
            .admin
            .get(&format!(
                "admin/changes?cursor={}",
                first["next_cursor"].as_str().unwrap()
            ))
            .await,
        200,
    );
    assert_eq!(rest.as_array().unwrap().len(), list.len() - 1);
    let tomorrow = (jiff::Timestamp::now() + 24.hours()).to_string();
    for (query, count) in [
        (format!("from={tomorrow}"), 0),
        (format!("to={tomorrow}"), list.len()),
    ] {
        let found = data(&people.admin.get(&format!("admin/changes?{query}")).await, 200);
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
    for of in ["schedules", "organisation"] {
        assert_eq!(
            data(&people.admin.get(&format!("admin/changes?of={of}")).await, 200),
            json!([])
        );
    }
    refused(
        &people.admin.get("admin/changes?of=passwords").await,
        422,
        "VALIDATION_FAILED",
    );
    refused(
        &people
            .admin
            .get("admin/changes?from=2026-02-02&to=2026-02-01")
            .await,
        400,
        "INVALID_DATE_RANGE",
    );

    let report = data(&people.admin.post("admin/integrity", &json!({})).await, 200);
    assert_eq!(
        (&report["sound"], &report["appointments"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(data(&people.admin.get("admin/integrity").await, 200), report);
    app.sql("delete from appointment_changes where version = 1").await;
    let report = data(&people.admin.post("admin/integrity", &json!({})).await, 200);
    assert_eq!(report["sound"], false);
    let broken: Vec<&Value> = report["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["broken"] != 0)
        .collect();
    assert!(
        !broken.is_empty()
            && broken
                .iter()
                .all(|rule| !rule["rows"].as_array().unwrap().is_empty())
    );
    for who in [&people.patient, &people.doctor] {
        for path in ["admin/changes", "admin/integrity", "admin/locks"] {
            refused(&who.get(path).await, 403, "FORBIDDEN");
        }
        refused(&who.post("admin/integrity", &json!({})).await, 403, "FORBIDDEN");
    }
}
