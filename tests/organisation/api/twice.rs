//! Descriptions that are sent twice, and descriptions of an older version.

use serde_json::json;

use super::{clinic, if_match, service, with};
use crate::support::{Answer, People, TestApp, data, refused};

#[tokio::test]
async fn a_description_that_is_sent_twice_at_once_is_added_once() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let doctors = "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,break_until\n\
                   Dr A,Surgery,id,a@test.example,a first password,Clinic,visit,mon-fri,09:00,17:00,,\n";
    for (path, body) in [
        ("services", service("flu")),
        ("clinics", clinic("Alpha")),
        ("doctors", app.doctor_body("ayu@test.example")),
        ("import/doctors", json!({ "lines": doctors })),
    ] {
        let racers = (0..6)
            .map(|_| {
                let (program, body) = (people.admin.clone(), body.clone());
                async move { program.post_under(path, path, &body).await }
            })
            .collect();
        let answers: Vec<Answer> = app.race(racers).await;
        for answer in &answers {
            assert!(matches!(answer.status, 200 | 201), "{path}: {answer:?}");
            assert_eq!(answer.json(), answers[0].json(), "{path}");
        }
    }
    assert_eq!(app.count("select count(*) from organisation_changes").await, 4);
}

#[tokio::test]
async fn a_description_of_a_stale_version_is_refused_with_the_last_change() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let doctor = format!("doctors/{}", app.doctors[0].id);
    let profile = json!({
        "name": "Dr Ayu", "speciality": "Surgery", "about": "", "languages": [], "email": "doctor1@test.example",
    });
    for (path, body, change) in [
        (
            format!("services/{}", app.services[0]),
            service("visit"),
            "service_changed",
        ),
        (
            format!("clinics/{}", app.clinic),
            clinic("Clinic"),
            "clinic_changed",
        ),
        (format!("{doctor}/profile"), profile, "doctor_changed"),
        (
            format!("{doctor}/offers"),
            json!({ "offers": [] }),
            "offers_changed",
        ),
        (
            format!("{doctor}/activity"),
            json!({ "active": false }),
            "doctor_deactivated",
        ),
    ] {
        let read = match path.starts_with("doctors") {
            true => format!("{doctor}/profile"),
            false => path.clone(),
        };
        let seen = data(&people.admin.get(&read).await, 200)["version"]
            .as_i64()
            .unwrap();
        let details = refused(&people.admin.put(&path, &body).await, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "version": "missing" }), "{path}");
        let tag = format!("\"{seen}\"");
        let saved = data(&if_match(&people.admin, &path, &tag, &body).await, 200);
        assert_eq!(saved["version"], seen + 1, "{path}");
        let other = match body.get("active") {
            Some(_) if change == "doctor_deactivated" => with(&body, "active", json!(true)),
            _ => body.clone(),
        };
        let by_header = if_match(&people.admin, &path, &tag, &other).await;
        let by_body = people
            .admin
            .put(&path, &with(&other, "version", json!(seen)))
            .await;
        for (answer, status) in [(by_header, 412), (by_body, 409)] {
            let details = refused(&answer, status, "STALE_VERSION");
            assert_eq!(details["version"], seen + 1, "{path}");
            assert_eq!(details["changed_by"], "admin", "{path}");
            assert_eq!(details["change"], change, "{path}");
            assert!(details["changed_at"].is_string(), "{path}");
        }
        let now = data(&people.admin.get(&read).await, 200);
        assert_eq!(now["version"], seen + 1, "{path}");
    }
}
