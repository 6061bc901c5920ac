//! Confirming several requests at once: on Today without JavaScript, and by the API.

use serde_json::json;

use crate::support::{People, TestApp, VISIT, data, patient_caller, refused};
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    error::{AppError, Field, FieldProblem},
};

async fn cancelled(app: &TestApp, patient: i64, reference: &str) {
    let command = ChangeStatus {
        caller: patient_caller(patient),
        which: reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
}

#[tokio::test]
async fn a_doctor_confirms_what_is_ticked_and_is_told_what_could_not_be() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    let mut references = Vec::new();
    for (patient, slot) in patients.iter().zip((20..).step_by(2)) {
        references.push(
            app.requested(*patient, app.wanted(0, VISIT, app.slot(slot)))
                .await,
        );
    }
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = doctor.get("/doctor").await;
    assert_eq!(page.texts("button#chosen"), ["Confirm the ticked requests"]);
    for reference in &references {
        assert!(
            page.body.contains(&format!("{reference}:2")),
            "a box for {reference}"
        );
    }
    // Meanwhile one of the patients has cancelled.
    cancelled(&app, patients[1], &references[1]).await;
    let ticked: Vec<String> = references
        .iter()
        .map(|reference| format!("{reference}:2"))
        .collect();
    let fields = [("chosen[0]", &*ticked[0]), ("chosen[1]", &*ticked[1])];
    let answer = doctor.submit("/doctor", "confirm-several", &fields).await;
    let told = doctor.get(&answer.location()).await;
    let notice = told.texts("section.notice").join(" ");
    assert!(notice.contains("One request is confirmed."), "{notice}");
    assert!(
        notice.contains("One could not be confirmed:")
            && notice.contains("Patient 1")
            && notice.contains("cancelled"),
        "{notice}"
    );
    assert_eq!(
        app.count("select count(*) from appointments where status = 'confirmed'")
            .await,
        1
    );
    let nothing = doctor.submit("/doctor", "confirm-several", &[]).await;
    assert_eq!(
        nothing.error(),
        Some(AppError::invalid(Field::Chosen, FieldProblem::Missing))
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn a_program_confirms_several_and_learns_what_could_not_be() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let mut requests = Vec::new();
    let mut references = Vec::new();
    for slot in [20, 22] {
        let reference = app
            .requested(people.patient_id, app.wanted(0, VISIT, app.slot(slot)))
            .await;
        requests.push(json!({ "appointment_id": app.id_of(&reference).await, "version": 2 }));
        references.push(reference);
    }
    cancelled(&app, people.patient_id, &references[1]).await;
    let body = json!({ "requests": requests });
    let done = data(
        &people
            .doctor
            .post_under("one", "appointments/confirm", &body)
            .await,
        200,
    );
    assert_eq!(done["confirmed"][0]["reference"], references[0]);
    assert_eq!(done["refused"][0]["code"], "STALE_VERSION");
    // The same request again is answered the same.
    let again = data(
        &people
            .doctor
            .post_under("one", "appointments/confirm", &body)
            .await,
        200,
    );
    assert_eq!(again["confirmed"], done["confirmed"]);
    refused(
        &people.other_doctor.post("appointments/confirm", &body).await,
        404,
        "NOT_FOUND",
    );
    refused(
        &people.patient.post("appointments/confirm", &body).await,
        403,
        "FORBIDDEN",
    );
    let nothing = json!({ "requests": [] });
    let answer = people.doctor.post("appointments/confirm", &nothing).await;
    assert_eq!(refused(&answer, 422, "VALIDATION_FAILED")["requests"], "missing");
    app.assert_sound().await;
}
