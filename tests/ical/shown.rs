//! Changes of what a calendar shows that are no changes of the appointment.

use serde_json::json;

use super::{address, fetch, lines, sequence, value};
use crate::support::{Answer, People, Site, TestApp, data};

/// The calendar at this address, as a program asks for it that has known the clinic by this name.
async fn fetch_from(site: &Site<'_>, path: &str, host: &str) -> Answer {
    let visitor = site.visitor();
    Answer::of(visitor.http.get(visitor.url(path)).header("host", host)).await
}

#[tokio::test]
async fn whatever_an_entry_shows_counts_as_a_change_of_it() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let (patients, doctors) = (
        address(&people.patient, true).await,
        address(&people.doctor, true).await,
    );
    // As if all of it had been long ago.
    app.sql("update appointment_changes set changed_at = changed_at - interval '1 day'")
        .await;
    for (path, change) in [
        (&patients, "update clinics set address = 'Street 2'"),
        (&patients, "update clinics set city = 'Village'"),
        (&patients, "update clinics set name = 'Practice ' || id"),
        (&patients, "update doctors set name = 'Dr Lena ' || id"),
        (&doctors, "update patients set name = 'Maya ' || id"),
    ] {
        let before = fetch(&site, path).await;
        assert_eq!(fetch(&site, path).await.body, before.body);
        app.sql(
            "update clinics set shown_at = shown_at - interval '1 hour';
                 update doctors set shown_at = shown_at - interval '1 hour';
                 update patients set shown_at = shown_at - interval '1 hour';",
        )
        .await;
        let before = (
            sequence(&before),
            value(&fetch(&site, path).await, "LAST-MODIFIED"),
        );
        app.sql(change).await;
        let after = fetch(&site, path).await;
        assert!(sequence(&after) > before.0, "{change}: {after:?}");
        assert!(value(&after, "LAST-MODIFIED") > before.1, "{change}: {after:?}");
        assert_eq!(value(&after, "DTSTAMP"), value(&after, "LAST-MODIFIED"));
    }
    // What nobody sees is no change.
    let before = fetch(&site, &patients).await;
    app.sql("update clinics set phone = '+1 555 0199', version = version + 1; update doctors set version = version + 1")
        .await;
    assert_eq!(fetch(&site, &patients).await.body, before.body);
}

#[tokio::test]
async fn a_link_to_another_site_counts_as_a_change() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    app.sql("update appointment_changes set changed_at = changed_at - interval '1 day'")
        .await;
    let path = address(&people.patient, false).await;
    let before = fetch_from(&site, &path, "old.example").await;
    assert_eq!(
        value(&before, "URL"),
        format!("http://old.example/appointments/{reference}")
    );
    assert_eq!(fetch_from(&site, &path, "old.example").await.body, before.body);
    let after = fetch_from(&site, &path, "new.example").await;
    assert!(sequence(&after) > sequence(&before));
    assert!(value(&after, "LAST-MODIFIED") > value(&before, "LAST-MODIFIED"));
    assert_eq!(fetch_from(&site, &path, "new.example").await.body, after.body);
    // The file that the same person saves goes on from there, and nobody else's calendar has changed.
    let file = people
        .patient
        .request("GET", &format!("appointments/{reference}/calendar.ics"))
        .header("host", "third.example");
    assert!(sequence(&Answer::of(file).await) > sequence(&after));
    let doctors = address(&people.doctor, false).await;
    assert_eq!(
        sequence(&fetch_from(&site, &doctors, "new.example").await),
        sequence(&before)
    );
}

#[tokio::test]
async fn a_calendar_without_appointments_has_a_component() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let path = address(&people.patient, false).await;
    let begins = |answer: &Answer| {
        let lines = lines(answer);
        let begins = lines.iter().filter(|line| line.starts_with("BEGIN:"));
        begins.cloned().collect::<Vec<_>>()
    };
    let empty = fetch(&site, &path).await;
    assert_eq!(
        begins(&empty),
        ["BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "BEGIN:STANDARD"]
    );
    let body =
        json!({"doctor_id": app.doctors[0].id, "scheduled_at": app.slot(20).to_string(), "type": "visit"});
    data(&people.patient.post("appointments", &body).await, 201);
    assert_eq!(
        begins(&fetch(&site, &path).await),
        ["BEGIN:VCALENDAR", "BEGIN:VEVENT"]
    );
}
