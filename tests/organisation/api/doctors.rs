//! Doctors.

use serde_json::{Value, json};

use super::with;
use crate::support::{Answer, PASSWORD, People, Program, TestApp, data, refused};
use engine::appointment::Status;

#[tokio::test]
async fn a_doctor_added_by_the_api_can_be_booked_at_once() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = app.doctor_body("Ayu@test.example");
    let first = people.admin.post_under("k", "doctors", &body).await;
    let id = data(&first, 201)["id"].as_i64().unwrap();
    assert_eq!(first.location(), format!("/api/v1/doctors/{id}"));
    assert_eq!(
        people.admin.post_under("k", "doctors", &body).await.json(),
        first.json()
    );
    let other = with(&body, "password", json!("another password"));
    refused(
        &people.admin.post_under("k", "doctors", &other).await,
        409,
        "IDEMPOTENCY_CONFLICT",
    );
    let details = refused(
        &people.admin.post("doctors", &body).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details, json!({ "email": "taken" }));

    let slots = data(
        &people
            .patient
            .get(&format!("doctors/{id}/slots?service=visit"))
            .await,
        200,
    );
    let wish =
        json!({ "doctor_id": id, "scheduled_at": slots[0]["starts_at"], "type": "visit", "reason": "" });
    data(&people.patient.post("appointments", &wish).await, 201);
    let visitor = Program::new(&site);
    let login = |password: &str| json!({ "email": "ayu@test.example", "password": password });
    let signed_in = data(&visitor.post("auth/login", &login("a first password")).await, 200);
    let doctor = visitor.with(signed_in["token"].as_str().unwrap());

    let path = format!("doctors/{id}/profile");
    let answer = people.admin.get(&path).await;
    assert!(answer.header("etag").starts_with("W/\"1-"), "{answer:?}");
    let profile = data(&answer, 200);
    assert_eq!(profile["email"], "ayu@test.example");
    assert_eq!(profile["languages"], body["languages"]);
    assert_eq!(
        profile["offers"],
        json!([{ "clinic_id": app.clinic, "service_id": app.services[0] }])
    );
    assert_eq!(profile["next"][0]["times"].as_array().unwrap().len(), 4);
    assert_eq!(profile["last_change"]["change"], "doctor_added");
    let schedule = data(&doctor.get(&format!("doctors/{id}/schedule")).await, 200);
    assert_eq!(schedule["clinics"][0]["week"].as_array().unwrap().len(), 3);

    let mut change = json!({
        "name": "Dr Ayu Lestari", "speciality": "Surgery", "about": "", "languages": [],
        "email": "lestari@test.example", "version": 1,
    });
    // How somebody signs in changes only with the password of whoever changes it.
    let details = refused(&people.admin.put(&path, &change).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "own_password": "missing" }));
    change["own_password"] = json!("wrong");
    let details = refused(&people.admin.put(&path, &change).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "own_password": "malformed" }));
    change["own_password"] = json!(PASSWORD);
    assert_eq!(data(&people.admin.put(&path, &change).await, 200)["version"], 2);
    data(&doctor.get(&format!("doctors/{id}/schedule")).await, 200);
    change["version"] = json!(2);
    change["password"] = json!("a second password");
    data(&people.admin.put(&path, &change).await, 200);
    refused(
        &doctor.get(&format!("doctors/{id}/schedule")).await,
        401,
        "UNAUTHENTICATED",
    );
    let login = json!({ "email": "lestari@test.example", "password": "a second password" });
    data(&visitor.post("auth/login", &login).await, 200);
    change["version"] = json!(3);
    change["email"] = json!("doctor1@test.example");
    let details = refused(&people.admin.put(&path, &change).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "email": "taken" }));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_doctor_stopped_by_the_api_cannot_be_booked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let id = app.doctors[0].id;
    let path = format!("doctors/{id}/activity");
    let stop = json!({ "active": false, "version": 1 });
    let request = || {
        people
            .admin
            .request("PUT", &path)
            .header("idempotency-key", "k")
            .json(&stop)
    };
    let first = Answer::of(request()).await;
    assert_eq!(data(&first, 200), json!({ "id": id, "version": 2 }));
    refused(
        &people.patient.get(&format!("doctors/{id}")).await,
        404,
        "NOT_FOUND",
    );
    let listed = data(&people.admin.get("admin/doctors?active=false").await, 200);
    assert_eq!(listed[0]["id"], id);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let go_on = json!({ "active": true, "version": 2 });
    assert_eq!(data(&people.admin.put(&path, &go_on).await, 200)["version"], 3);
    // The answer of then, and not what it was about once more.
    assert_eq!(Answer::of(request()).await.json(), first.json());
    data(&people.patient.get(&format!("doctors/{id}")).await, 200);
    let details = refused(&people.admin.put(&path, &stop).await, 409, "STALE_VERSION");
    assert_eq!(details["version"], 3);
    assert_eq!(details["change"], "doctor_activated");
    let profile = data(&people.admin.get(&format!("doctors/{id}/profile")).await, 200);
    assert_eq!(profile["active"], true);
}

#[tokio::test]
async fn doctors_are_listed_in_order_and_page_by_page() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    app.sql("update doctors set name = 'Dr Twin' where id in (select id from doctors order by id limit 2)")
        .await;
    for doctor in [2, 3] {
        let patient = app.patient(doctor).await;
        app.visit(patient, doctor, app.slot(48), Status::Completed).await;
    }
    app.sql(
        "insert into ratings (appointment_id, doctor_id, score, rated_at)
         select id, doctor_id, row_number() over (order by doctor_id), now() from appointments",
    )
    .await;
    let [one, two, three, four] = [0, 1, 2, 3].map(|index| app.doctors[index].id);
    for (sort, expected) in [
        ("", vec![three, four, one, two]),
        ("sort=name", vec![three, four, one, two]),
        ("sort=-name", vec![one, two, four, three]),
        ("sort=rating", vec![three, four, one, two]),
        ("sort=-rating", vec![four, three, one, two]),
    ] {
        let whole = visitor.get(&format!("doctors?{sort}")).await;
        assert_eq!(whole.json()["next_cursor"], Value::Null);
        let ids = |page: &Value| -> Vec<i64> {
            let doctors = page.as_array().unwrap();
            doctors
                .iter()
                .map(|doctor| doctor["id"].as_i64().unwrap())
                .collect()
        };
        assert_eq!(ids(&data(&whole, 200)), expected, "{sort}");
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for _ in 0..4 {
            let page = visitor.get(&format!("doctors?{sort}&limit=1{cursor}")).await;
            found.extend(ids(&data(&page, 200)));
            match page.json()["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, expected, "{sort}");
    }
    // A doctor who has gone meanwhile does not make the list begin again.
    let first = visitor.get("doctors?limit=2").await.json();
    app.sql("update doctors set active = false where name = 'Dr 4'")
        .await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = data(&visitor.get(&format!("doctors?cursor={cursor}")).await, 200);
    assert_eq!(rest[0]["id"], one);
    assert_eq!(rest.as_array().unwrap().len(), 2);
    for (path, name) in [
        (format!("doctors?sort=-name&cursor={cursor}"), "cursor"),
        ("doctors?cursor=x".to_owned(), "cursor"),
        ("doctors?sort=age".to_owned(), "sort"),
        ("doctors?limit=0".to_owned(), "limit"),
        ("doctors?limit=61".to_owned(), "limit"),
    ] {
        let details = refused(&visitor.get(&path).await, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ name: "malformed" }), "{path}");
    }
}
