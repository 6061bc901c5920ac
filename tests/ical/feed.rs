//! The calendar at a secret address.

use serde_json::json;

use super::{address, fetch, sequence, value, values};
use crate::support::{Answer, People, TestApp, VISIT, data, refused};
use engine::appointment::Status;

#[tokio::test]
async fn a_calendar_contains_names_only_on_request_and_never_health_data() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let seen = app
        .visit(people.patient_id, 0, app.slot(10), Status::Completed)
        .await;
    app.requested(people.patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    app.confirmed(people.other_id, 0, app.slot(30)).await;
    app.hold(1, app.wanted(0, VISIT, app.slot(40)), app.now)
        .await
        .unwrap();
    let id = app
        .count("select id from appointments where status = 'completed'")
        .await;
    let medication =
        json!({"name": "Amoxicillin", "dose": "500 mg", "frequency": "daily", "duration": "7 days"});
    let prescription = json!({"appointment_id": id, "medications": [medication]});
    data(&people.doctor.post("prescriptions", &prescription).await, 201);
    // Both are called somebody.
    app.sql("update patients set name = 'Maya Putri' where phone like '%000'")
        .await;

    let never = [
        "cough",
        "Amoxicillin",
        "500 mg",
        "62812555",
        "555",
        "test.example",
    ];
    let names = ["Visit", "Dr 1", "Maya", "Somebody", "Clinic"];
    for (program, count) in [(&people.patient, 2), (&people.doctor, 3)] {
        let neutral = fetch(&site, &address(program, false).await).await;
        assert_eq!(values(&neutral, "UID").len(), count, "{neutral:?}");
        for word in never.iter().chain(&names) {
            assert!(!neutral.body.contains(word), "{word} in {}", neutral.body);
        }
        let detailed = fetch(&site, &address(program, true).await).await;
        for word in never {
            assert!(!detailed.body.contains(word), "{word} in {}", detailed.body);
        }
        assert_eq!(values(&neutral, "UID"), values(&detailed, "UID"));
    }
    let summaries =
        async |program, details| values(&fetch(&site, &address(program, details).await).await, "SUMMARY");
    assert_eq!(
        summaries(&people.patient, false).await,
        ["Appointment", "Appointment (requested)"]
    );
    assert_eq!(
        summaries(&people.patient, true).await,
        ["Visit\\, Dr 1", "Visit\\, Dr 1 (requested)"]
    );
    let doctors = summaries(&people.doctor, false).await;
    assert_eq!(doctors[0], format!("Appointment {seen}"));
    assert_eq!(
        summaries(&people.doctor, true).await[..2],
        ["Maya Putri\\, Visit", "Maya Putri\\, Visit (requested)"]
    );
    // Another doctor's calendar has none of it.
    let other = fetch(&site, &address(&people.other_doctor, true).await).await;
    assert_eq!(values(&other, "UID"), [""; 0]);
    let made = people.admin.post("calendar", &json!({})).await;
    refused(&made, 403, "FORBIDDEN");
}

#[tokio::test]
async fn a_calendar_contains_cancellations_and_the_last_month() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for slot in [10, 20, 30, 40] {
        app.confirmed(people.patient_id, 0, app.slot(slot)).await;
    }
    app.sql(
        "update appointments set starts_at = starts_at - (case id when 1 then 33 else 29 end) * interval '1 day',
                                 ends_at = ends_at - (case id when 1 then 33 else 29 end) * interval '1 day',
                                 blocks_from = blocks_from - (case id when 1 then 33 else 29 end) * interval '1 day',
                                 blocks_until = blocks_until - (case id when 1 then 33 else 29 end) * interval '1 day'
         where id in (1, 2);",
    )
    .await;
    let cancel = json!({"status": "cancelled"});
    data(&people.patient.post("appointments/4/status", &cancel).await, 200);
    // A second hold releases the first: neither was ever in a calendar.
    for slot in [50, 60] {
        app.hold(1, app.wanted(0, VISIT, app.slot(slot)), app.now)
            .await
            .unwrap();
    }
    let let_go = "select count(*) from appointments where status = 'cancelled'";
    assert_eq!(app.count(let_go).await, 2);
    for program in [&people.patient, &people.doctor] {
        let feed = fetch(&site, &address(program, false).await).await;
        assert_eq!(
            values(&feed, "STATUS"),
            ["CONFIRMED", "CONFIRMED", "CANCELLED"],
            "{feed:?}"
        );
    }
}

#[tokio::test]
async fn a_calendar_is_not_modified_until_an_appointment_changes() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let path = address(&people.patient, false).await;
    let visitor = site.visitor();
    let ask =
        async |tag: &str| Answer::of(visitor.http.get(visitor.url(&path)).header("if-none-match", tag)).await;
    let first = ask("\"another\"").await;
    assert_eq!(first.status, 200);
    let tag = first.header("etag");
    let again = ask(&tag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let cancel = json!({"status": "cancelled"});
    data(
        &people
            .patient
            .post(&format!("appointments/{reference}/status"), &cancel)
            .await,
        200,
    );
    let changed = ask(&tag).await;
    assert_eq!(value(&changed, "STATUS"), "CANCELLED");
    assert_eq!(value(&changed, "UID"), value(&first, "UID"));
    assert!(sequence(&changed) > sequence(&first));
}

#[tokio::test]
async fn a_calendar_is_sent_for_its_owner_alone() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let first = fetch(&site, &address(&people.patient, false).await).await;
    for (header, expected) in [
        ("cache-control", "private, no-cache"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
        ("x-content-type-options", "nosniff"),
        ("set-cookie", ""),
    ] {
        assert_eq!(first.header(header), expected, "{header}");
    }
    assert_eq!(value(&first, "REFRESH-INTERVAL;VALUE=DURATION"), "PT1H");
}

#[tokio::test]
async fn a_fetch_of_a_calendar_is_noted() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let path = address(&people.patient, false).await;
    assert_eq!(fetch(&site, &path).await.status, 200);
    let noted = async {
        while app
            .count("select count(*) from calendar_feeds where last_used_at is not null")
            .await
            == 0
        {}
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), noted)
        .await
        .expect("nobody notes it");
    let known = data(&people.patient.get("calendar").await, 200);
    assert!(known["last_used_at"].is_string(), "{known}");
}

#[tokio::test]
async fn long_names_are_folded_between_characters() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    app.sql("update doctors set name = repeat('診療', 60) || E', \\\\ ; Dr\\r\\nSEQUENCE:7'")
        .await;
    let feed = fetch(&site, &address(&people.patient, true).await).await;
    let expected = format!("Visit\\, {}\\, \\\\ \\; Dr\\nSEQUENCE:7", "診療".repeat(60));
    assert_eq!(value(&feed, "SUMMARY"), expected);
    // Two steps of the appointment before it was confirmed, and the name.
    assert_eq!(value(&feed, "SEQUENCE"), "4");
}

#[tokio::test]
async fn a_calendar_is_in_the_language_of_its_owner() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let request = people.patient.request("POST", "calendar");
    let made = Answer::of(request.header("accept-language", "de").json(&json!({}))).await;
    let made = data(&made, 201);
    let path = made["url"]
        .as_str()
        .unwrap()
        .strip_prefix(&people.patient.site)
        .unwrap()
        .to_owned();
    let feed = fetch(&site, &path).await;
    assert_eq!(value(&feed, "SUMMARY"), "Termin");
    assert_eq!(value(&feed, "X-WR-CALNAME"), "Termine");
}
