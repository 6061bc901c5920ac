//! Services.

use serde_json::{Value, json};

use super::{clinic, if_match, service, with, without};
use crate::support::{Answer, People, Program, TestApp, data, refused};

#[tokio::test]
async fn a_service_added_by_the_api_can_be_booked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = service("flu");
    let first = people.admin.post_under("k", "services", &body).await;
    let added = data(&first, 201);
    assert_eq!(added["version"], 1);
    let location = first.location();
    assert_eq!(location, format!("/api/v1/services/{}", added["id"]));
    let again = people.admin.post_under("k", "services", &body).await;
    assert_eq!((again.json(), again.location()), (first.json(), location.clone()));
    let path = location.strip_prefix("/api/v1/").unwrap();
    let answer = people.admin.get(path).await;
    assert!(answer.header("etag").starts_with("W/\"1-"), "{answer:?}");
    let read = data(&answer, 200);
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    assert_eq!(read["doctors"], 0);
    assert_eq!(read["last_change"]["change"], "service_added");

    let doctor = app.doctors[0].id;
    let profile = format!("doctors/{doctor}/profile");
    let mut offers = data(&people.admin.get(&profile).await, 200)["offers"].clone();
    let one = json!({ "clinic_id": app.clinic, "service_id": added["id"] });
    offers.as_array_mut().unwrap().push(one);
    let offered = json!({ "offers": offers, "version": 1 });
    data(
        &people
            .admin
            .put(&format!("doctors/{doctor}/offers"), &offered)
            .await,
        200,
    );
    let listed = data(&people.patient.get(&format!("doctors/{doctor}")).await, 200);
    let of_doctor = listed["services"].as_array().unwrap();
    let flu = of_doctor.iter().find(|service| service["type"] == "flu").unwrap();
    assert_eq!(flu["price"], body["price"]);
    let at = app.slot(48).to_string();
    let wish = json!({ "doctor_id": doctor, "scheduled_at": at, "type": "flu", "reason": "" });
    let booked = data(&people.patient.post("appointments", &wish).await, 201);
    assert_eq!(booked["status"], "confirmed");

    let dearer = with(&body, "price", json!({ "amount": "200000", "currency": "IDR" }));
    let dearer = with(&dearer, "active", json!(false));
    let changed = data(&if_match(&people.admin, path, "\"1\"", &dearer).await, 200);
    assert_eq!(changed["version"], 2);
    let kept = data(
        &people
            .patient
            .get(&format!("appointments/{}", booked["id"]))
            .await,
        200,
    );
    assert_eq!(kept["price"], body["price"]);
    refused(&people.patient.get(path).await, 404, "NOT_FOUND");
    let again = with(&wish, "scheduled_at", json!(app.slot(52).to_string()));
    refused(
        &people.patient.post("appointments", &again).await,
        404,
        "NOT_FOUND",
    );
    let last = data(&people.admin.get(path).await, 200)["last_change"].clone();
    assert_eq!(
        (&last["change"], &last["changed_by"]),
        (&json!("service_changed"), &json!("admin"))
    );
    // A price that is no longer said.
    let free = with(&without(&dearer, "price"), "version", json!(2));
    data(&people.admin.put(path, &free).await, 200);
    assert_eq!(data(&people.admin.get(path).await, 200)["price"], Value::Null);
    app.assert_sound().await;
}

#[tokio::test]
async fn only_admins_read_services_that_cannot_be_booked() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    app.sql("update services set active = false where key = 'long'")
        .await;
    let keys = |answer: &Answer| -> Vec<String> {
        let services = data(answer, 200);
        let services = services.as_array().unwrap();
        let key = |service: &Value| service["key"].as_str().unwrap().to_owned();
        services.iter().map(key).collect()
    };
    for (program, path, expected) in [
        (&visitor, "services", vec!["instant", "visit"]),
        (&people.doctor, "services", vec!["instant", "visit"]),
        (&people.admin, "services", vec!["long", "instant", "visit"]),
        (
            &people.admin,
            "services?active=true&sort=-name",
            vec!["visit", "instant"],
        ),
        (&people.admin, "services?active=false", vec!["long"]),
        (&visitor, "services?active=false", vec![]),
        (
            &people.admin,
            "services?sort=key",
            vec!["instant", "long", "visit"],
        ),
        (
            &people.admin,
            "services?sort=-duration_minutes",
            vec!["long", "visit", "instant"],
        ),
        (&people.admin, "services?mode=video", vec![]),
    ] {
        assert_eq!(keys(&program.get(path).await), expected, "{path}");
    }
    let seen = data(&visitor.get("services").await, 200);
    assert!(seen[0].get("last_change").is_none() && seen[0].get("doctors").is_none());
    for (path, name) in [
        ("services?sort=price", "sort"),
        ("services?active=yes", "active"),
        ("services?mode=letter", "mode"),
        ("clinics?sort=", "sort"),
        ("services?colour=red", "colour"),
    ] {
        let details = refused(&visitor.get(path).await, 422, "VALIDATION_FAILED");
        assert!(details.get(name).is_some(), "{path}: {details}");
    }
    data(&people.admin.post("clinics", &clinic("Alpha")).await, 201);
    let names = |answer: &Answer| -> Vec<String> {
        let clinics = data(answer, 200);
        let clinics = clinics.as_array().unwrap();
        clinics
            .iter()
            .map(|clinic| clinic["name"].as_str().unwrap().to_owned())
            // Of the other reception.
            .filter(|name| name != "Other clinic")
            .collect()
    };
    assert_eq!(names(&visitor.get("clinics").await), ["Alpha", "Clinic"]);
    assert_eq!(
        names(&visitor.get("clinics?sort=-city").await),
        ["Clinic", "Alpha"]
    );
    assert_eq!(names(&visitor.get("clinics?city=Jakarta").await), ["Alpha"]);
    refused(
        &visitor.with("janji_wrong").get("services").await,
        401,
        "UNAUTHENTICATED",
    );
}
