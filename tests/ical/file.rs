//! The file of one appointment.

use serde_json::json;

use super::{sequence, value};
use crate::support::{Answer, People, Program, TestApp, VISIT, data, refused};

#[tokio::test]
async fn an_appointment_keeps_its_uid_and_counts_its_changes() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .requested(people.patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    let path = format!("appointments/{reference}/calendar.ics");
    let requested = people.patient.get(&path).await;
    let uid = value(&requested, "UID");
    assert!(uid.starts_with(&reference), "{uid}");
    assert_eq!(value(&requested, "STATUS"), "TENTATIVE");
    assert_eq!(
        value(&requested, "DTSTART"),
        app.slot(20).strftime("%Y%m%dT%H%M%SZ").to_string()
    );
    assert_eq!(
        value(&requested, "DTEND"),
        app.slot(21).strftime("%Y%m%dT%H%M%SZ").to_string()
    );
    assert_eq!(
        requested.header("content-disposition"),
        format!("attachment; filename=\"janji-{reference}.ics\"")
    );

    let change = |status: &'static str| {
        let path = format!("appointments/{reference}/status");
        let (doctor, body) = (&people.doctor, json!({"status": status, "reason": "closed"}));
        async move { data(&doctor.post(&path, &body).await, 200) }
    };
    change("confirmed").await;
    let confirmed = people.doctor.get(&path).await;
    assert_eq!(value(&confirmed, "STATUS"), "CONFIRMED");

    let to = json!({"scheduled_at": app.slot(30).to_string()});
    let moved = people
        .patient
        .post(&format!("appointments/{reference}/reschedule"), &to)
        .await;
    data(&moved, 200);
    let moved = people.admin.get(&path).await;
    assert_eq!(
        value(&moved, "DTSTART"),
        app.slot(30).strftime("%Y%m%dT%H%M%SZ").to_string()
    );

    change("cancelled").await;
    let cancelled = people.patient.get(&path).await;
    assert_eq!(value(&cancelled, "STATUS"), "CANCELLED");
    assert_eq!(value(&cancelled, "TRANSP"), "TRANSPARENT");

    let told = [&requested, &confirmed, &moved, &cancelled];
    assert!(told.iter().all(|answer| value(answer, "UID") == uid));
    let counted: Vec<i32> = told.iter().map(|answer| sequence(answer)).collect();
    assert!(counted.is_sorted_by(|one, next| one < next), "{counted:?}");
    // The same is told at whatever host somebody has found it.
    let elsewhere = people
        .patient
        .request("GET", &path)
        .header("host", "clinic.example");
    let elsewhere = Answer::of(elsewhere).await;
    assert_eq!(value(&elsewhere, "UID"), uid);
    assert_eq!(
        value(&elsewhere, "URL"),
        format!("http://clinic.example/appointments/{reference}")
    );
}

#[tokio::test]
async fn the_file_of_an_appointment_is_only_for_people_who_may_see_it() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let theirs = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let id = app.count("select id from appointments").await;
    for which in [theirs.clone(), id.to_string()] {
        let path = format!("appointments/{which}/calendar.ics");
        for (program, expected) in [
            (&people.patient, 200),
            (&people.doctor, 200),
            (&people.admin, 200),
            (&people.other, 404),
            (&people.other_doctor, 404),
            (&Program::new(&site), 401),
        ] {
            assert_eq!(program.get(&path).await.status, expected);
        }
    }
    // A hold is in no calendar, not even in that of its owner.
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(30)), app.now)
        .await
        .unwrap();
    for which in [held, "AAAA-AAAA".to_owned(), "0".to_owned()] {
        let path = format!("appointments/{which}/calendar.ics");
        refused(&people.admin.get(&path).await, 404, "NOT_FOUND");
    }
    let path = format!("appointments/{theirs}/calendar.ics");
    let detailed = people.patient.get(&format!("{path}?details=true")).await;
    assert_eq!(value(&detailed, "SUMMARY"), "Visit\\, Dr 1");
    for path in [format!("{path}?details=much"), format!("{path}?more=1")] {
        refused(&people.patient.get(&path).await, 422, "VALIDATION_FAILED");
    }
}
