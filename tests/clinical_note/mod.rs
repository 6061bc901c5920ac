//! Clinical notes on pages, without JavaScript, and by the API.

use serde_json::json;

use crate::support::{People, TestApp, data, refused};
use engine::error::AppError;

#[tokio::test]
async fn a_doctor_writes_a_note_and_the_second_window_loses_nothing() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let reference = app.confirmed(me, 0, app.slot(20)).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/doctor/appointments/{reference}");
    let fields = |version: &'static str, text: &'static str| {
        [
            ("reference", reference.clone()),
            ("version", version.to_owned()),
            ("clinical_note", text.to_owned()),
        ]
    };
    let send = |version: &'static str, text: &'static str| {
        let (doctor, page, fields) = (&doctor, page.clone(), fields(version, text));
        async move {
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            doctor.submit(&page, "clinical-note", &fields).await
        }
    };
    let saved = send("0", "A <cough>\nfor two weeks").await;
    assert_eq!(saved.error(), None, "{saved:?}");
    let shown = doctor.get(&page).await;
    assert!(shown.body.contains("A &lt;cough&gt;"), "{}", shown.body);
    let late = send("0", "What the other window says").await;
    assert_eq!(late.error(), Some(AppError::StaleText));
    let told = doctor.get(&late.location()).await;
    assert!(
        told.body
            .contains("changed this note while you were looking at it")
    );
    // Both are there: what holds, and what was typed.
    assert!(told.body.contains("What the other window says") && told.body.contains("A &lt;cough&gt;"));
    let form = told.form("clinical-note");
    assert!(form.contains(&("version".to_owned(), "1".to_owned())), "{form:?}");
    let again = send("1", "What the other window says").await;
    assert_eq!(again.error(), None, "{again:?}");
    assert_eq!(app.count("select count(*) from clinical_notes").await, 2);

    // Nobody else is shown any of it.
    let admin = site.staff("admin@test.example").await;
    let desk = admin.get(&format!("/admin/appointments/{reference}")).await;
    assert!(desk.status == 200 && !desk.body.contains("other window"));
    app.assert_sound().await;
}

#[tokio::test]
async fn programs_of_doctors_read_and_write_notes_and_nobody_elses_do() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let path = format!("appointments/{reference}/clinical-note");
    let none = data(&people.doctor.get(&path).await, 200);
    assert_eq!((&none["version"], &none["text"]), (&json!(0), &json!("")));
    let first = json!({ "text": "A cough", "version": 0 });
    let written = data(&people.doctor.put(&path, &first).await, 200);
    assert_eq!(written["version"], 1);
    let late = json!({ "text": "Late", "version": 0 });
    refused(&people.doctor.put(&path, &late).await, 409, "STALE_VERSION");
    let long = json!({ "text": "x".repeat(5001), "version": 1 });
    let answer = people.doctor.put(&path, &long).await;
    assert_eq!(refused(&answer, 422, "VALIDATION_FAILED")["text"], "too-long");
    let of_patient = format!("patients/{}/clinical-notes", people.patient_id);
    let list = data(&people.doctor.get(&of_patient).await, 200);
    assert_eq!(list[0]["note"]["text"], "A cough");
    for (program, status, code) in [
        (&people.patient, 403, "FORBIDDEN"),
        (&people.admin, 403, "FORBIDDEN"),
        (&people.other_doctor, 404, "NOT_FOUND"),
    ] {
        refused(&program.get(&path).await, status, code);
        refused(&program.get(&of_patient).await, status, code);
        refused(&program.put(&path, &first).await, status, code);
    }
    app.given(1, people.patient_id).await;
    let read = data(&people.other_doctor.get(&path).await, 200);
    assert_eq!(read["text"], "A cough");
    refused(
        &people
            .other_doctor
            .put(&path, &json!({ "text": "Mine", "version": 1 }))
            .await,
        404,
        "NOT_FOUND",
    );
    app.assert_sound().await;
}
