//! Signing what was understood, and withdrawing it.

use serde_json::json;

use super::visit;
use crate::support::{Answer, Browser, People, TestApp, data, refused};
use engine::appointment::Status;

const TYPED: [(&str, &str); 4] = [
    ("medications[0][name]", "Amoxicillin"),
    ("medications[0][dose]", "2\t5 ml"),
    ("medications[0][frequency]", "1\t0\u{b}0"),
    ("medications[0][duration]", "7\u{85}days"),
];

/// Sends the form of a page with a prescription, with some of its fields typed into.
async fn sign(doctor: &Browser, page: &str, typed: &[(&str, &str)]) -> Answer {
    fill(doctor, page, "prescribe", typed).await
}

/// Sends a form of a page, with some of its fields typed into.
async fn fill(doctor: &Browser, page: &str, name: &str, typed: &[(&str, &str)]) -> Answer {
    let mut form = doctor.get(page).await.form(name);
    form.retain(|(name, _)| !typed.iter().any(|(other, _)| other == name));
    let mut fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
    fields.extend(typed);
    doctor.submit(page, name, &fields).await
}

#[tokio::test]
async fn a_prescription_is_shown_as_it_was_understood_and_then_signed() {
    let app = TestApp::new().await;
    let (_, reference) = visit(&app, Status::InProgress).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/doctor/appointments/{reference}/prescribe");
    // With the button that checks, and with white space that would read otherwise.
    for extra in [&[("check", "true")][..], &[]] {
        let fields = [&TYPED[..], extra].concat();
        let shown = sign(&doctor, &page, &fields).await;
        assert_eq!(shown.location(), format!("{page}?check=1"));
        let check = doctor.get(&shown.location()).await;
        assert_eq!(check.texts("tbody td")[..3], ["2 5 ml", "1 0 0", "7 days"]);
        assert_eq!(app.count("select count(*) from prescriptions").await, 0);
    }
    let signed = sign(&doctor, &format!("{page}?check=1"), &[]).await;
    assert_eq!(
        signed.location(),
        format!("/doctor/appointments/{reference}?prescribed=1")
    );
    let dose = "select count(*) from medications where dose = '2 5 ml' and frequency = '1 0 0'";
    assert_eq!(app.count(dose).await, 1);
}

#[tokio::test]
async fn a_withdrawn_prescription_is_written_anew_and_shown_as_void() {
    let app = TestApp::new().await;
    let (_, reference) = visit(&app, Status::Completed).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let patient = site.patient("+6281255500001").await;
    let page = format!("/doctor/appointments/{reference}/prescribe");
    let view = format!("/doctor/appointments/{reference}/prescription");
    sign(&doctor, &page, &TYPED).await;
    sign(&doctor, &format!("{page}?check=1"), &[]).await;

    // Without a reason, nothing happens; what was typed is kept.
    let long = "x".repeat(510);
    for (reason, said) in [(" ", "error-reason"), (&*long, "10 characters too many")] {
        let refused = fill(&doctor, &view, "withdraw-prescription", &[("reason", reason)]).await;
        let back = doctor.get(&refused.location()).await;
        assert!(
            said == "error-reason" || back.body.contains(said),
            "{}",
            back.body
        );
        assert_eq!(back.texts("#errors a").len(), 1);
    }
    let reason = [("reason", "The dose was wrong")];
    let withdrawn = fill(&doctor, &view, "withdraw-prescription", &reason).await;
    assert_eq!(withdrawn.location(), format!("{page}?withdrawn=1"));
    let anew = doctor.get(&withdrawn.location()).await;
    let form = anew.form("prescribe");
    assert!(form.iter().any(|(_, value)| value == "2 5 ml"));

    // The patient sees at once that it is void.
    let own = format!("/appointments/{reference}/prescription");
    let seen = patient.get(&own).await;
    assert_eq!(seen.texts(".void h2")[0], "Void");
    assert!(seen.body.contains("The dose was wrong"));

    let better = [("medications[0][dose]", "25 ml"), ("check", "true")];
    let signed = sign(&doctor, &page, &better).await;
    assert_eq!(signed.error(), None);
    let signed = sign(&doctor, &format!("{page}?check=1"), &[]).await;
    assert_eq!(signed.error(), None);
    for seen in [patient.get(&own).await, doctor.get(&view).await] {
        assert_eq!(seen.texts(".paper").len(), 2);
        assert_eq!(seen.texts(".paper.void").len(), 1);
        let doses = seen.texts("tbody td:nth-child(2)");
        assert_eq!(doses, ["25 ml", "2 5 ml"]);
    }
}

#[tokio::test]
async fn a_program_checks_withdraws_and_writes_anew() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let reference = app
        .visit(people.patient_id, 0, app.slot(20), Status::Completed)
        .await;
    let id = app.id_of(&reference).await;
    let line = json!({ "name": "A", "dose": "2\t5 ml", "frequency": "1\t0\t0", "duration": "7 days" });
    let body = |check: bool| json!({ "appointment_id": id, "medications": [line], "check": check });
    let shown = data(&people.doctor.post("prescriptions", &body(true)).await, 200);
    assert_eq!(shown["medications"][0]["dose"], "2 5 ml");
    assert_eq!(app.count("select count(*) from prescriptions").await, 0);
    refused(
        &people.other_doctor.post("prescriptions", &body(true)).await,
        404,
        "NOT_FOUND",
    );
    let first = data(&people.doctor.post("prescriptions", &body(false)).await, 201);
    refused(
        &people.doctor.post("prescriptions", &body(true)).await,
        409,
        "PRESCRIPTION_EXISTS",
    );

    let path = format!("prescriptions/{}/withdraw", first["id"]);
    let reason = json!({ "reason": "The dose was wrong" });
    for stranger in [
        &people.patient,
        &people.other,
        &people.other_doctor,
        &people.admin,
    ] {
        let answer = stranger.post(&path, &reason).await;
        assert!(matches!(answer.status, 403 | 404), "{answer:?}");
    }
    let details = refused(
        &people.doctor.post(&path, &json!({ "reason": "\u{3164}" })).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details["reason"], "missing");
    for _ in 0..2 {
        let withdrawn = data(&people.doctor.post_under("k", &path, &reason).await, 200);
        assert_eq!(withdrawn["withdrawn_because"], "The dose was wrong");
        assert!(withdrawn["withdrawn_at"].is_string());
    }
    refused(
        &people.doctor.post(&path, &reason).await,
        409,
        "PRESCRIPTION_WITHDRAWN",
    );
    let second = data(&people.doctor.post("prescriptions", &body(false)).await, 201);
    let list = data(&people.patient.get("prescriptions").await, 200);
    assert_eq!([&list[0]["id"], &list[1]["id"]], [&second["id"], &first["id"]]);
    assert!(list[0]["withdrawn_at"].is_null() && list[1]["withdrawn_at"].is_string());
}
