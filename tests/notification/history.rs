//! What was told about an appointment and to a patient, where staff look at them.

use crate::support::{PHONE, People, TestApp, data, refused};

/// Writes that somebody was told of an appointment.
async fn told(app: &TestApp, reference: &str, body: &str) {
    let appointment_id = app.id_of(reference).await;
    sqlx::query(
        "insert into messages (kind, channel, recipient, body, state, sent_at, ended_at, appointment_id, patient_id)
         select 'confirmed', 'sms', '+6281255500001', $2, 'sent', now(), now(), id, patient_id
         from appointments where id = $1",
    )
    .bind(appointment_id)
    .bind(body)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
}

const SECRET: &str = "abcdefghjkmnpqrstuvwxyz234";

#[tokio::test]
async fn staff_see_what_was_told_and_patients_and_strangers_do_not() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(200)).await;
    told(
        &app,
        &reference,
        &format!("What was said https://clinic.example/a/{SECRET}"),
    )
    .await;
    let admin = site.staff("admin@test.example").await;
    let doctor = site.staff("doctor1@test.example").await;
    let pages = [
        (&admin, format!("/admin/appointments/{reference}")),
        (&admin, format!("/admin/patients/{}", people.patient_id)),
        (&doctor, format!("/doctor/appointments/{reference}")),
    ];
    for (browser, path) in pages {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.body.contains("What was told") && page.body.contains("What was said"),
            "{path}: {}",
            page.body
        );
        // Whoever has the link acts for the patient.
        assert!(!page.body.contains(SECRET), "{path}");
    }
    let path = format!("appointments/{reference}/notifications");
    for program in [&people.admin, &people.doctor] {
        let messages = data(&program.get(&path).await, 200);
        assert_eq!(messages[0]["kind"], "confirmed");
        assert_eq!(messages[0]["state"], "sent");
        assert_eq!(messages[0]["text"], "What was said https://clinic.example/a/…");
        assert!(messages[0].get("to").is_none());
    }
    refused(&people.other_doctor.get(&path).await, 404, "NOT_FOUND");
    refused(&people.other.get(&path).await, 404, "NOT_FOUND");
    refused(&people.patient.get(&path).await, 403, "FORBIDDEN");
}

#[tokio::test]
async fn a_code_is_in_no_history() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    site.visitor()
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let code = app.newest_code(PHONE).await;
    // However it came to be about a patient.
    let patient = app.patient(1).await;
    sqlx::query("update messages set patient_id = $1")
        .bind(patient)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    let admin = site.staff("admin@test.example").await;
    let page = admin.get(&format!("/admin/patients/{patient}")).await;
    assert!(page.body.contains("Code to sign in"));
    assert!(!page.body.contains(&code));
}

#[tokio::test]
async fn each_part_of_a_visit_has_what_was_told_of_all_of_it() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let first = app.confirmed(people.patient_id, 0, app.slot(200)).await;
    let second = app.confirmed(people.patient_id, 1, app.slot(202)).await;
    told(&app, &first, "Both of them").await;
    let second_id = app.id_of(&second).await;
    sqlx::query(
        "insert into message_parts (appointment_id, said, message_id)
         select $1, 'confirmed', id from messages where body = 'Both of them'",
    )
    .bind(second_id)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    for reference in [first, second] {
        let path = format!("appointments/{reference}/notifications");
        let messages = data(&people.admin.get(&path).await, 200);
        assert!(
            messages
                .as_array()
                .unwrap()
                .iter()
                .any(|message| message["text"] == "Both of them"),
            "{messages}"
        );
    }
}
