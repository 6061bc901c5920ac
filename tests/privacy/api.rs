//! One's own data by the API.

use engine::privacy::export;
use serde_json::json;

use crate::support::{People, Program, TestApp, data, refused};

/// The number of the patient of [`People`].
const PHONE: &str = "+6281255500000";

/// A fresh code, as the phone has got it.
async fn fresh(app: &TestApp, nobody: &Program) -> serde_json::Value {
    let sent = data(&nobody.post("auth/otp", &json!({ "phone": PHONE })).await, 202);
    json!({ "challenge": sent["challenge"], "code": app.newest_code(PHONE).await })
}

#[tokio::test]
async fn a_program_fetches_a_copy_and_has_its_patient_forgotten() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let nobody = Program::new(&site);
    assert_eq!(data(&people.patient.get("me/export").await, 200)["state"], "none");
    refused(&people.patient.get("me/export/file").await, 404, "NOT_FOUND");
    let wrong = json!({ "challenge": "x", "code": "000000" });
    refused(
        &people.patient.post("me/export", &wrong).await,
        401,
        "UNAUTHENTICATED",
    );
    let proof = fresh(&app, &nobody).await;
    // A code of somebody else proves nothing.
    refused(
        &people.other.post("me/export", &proof).await,
        401,
        "UNAUTHENTICATED",
    );
    let proof = fresh(&app, &nobody).await;
    let asked = data(&people.patient.post("me/export", &proof).await, 202);
    assert_eq!(asked["state"], "waiting");
    assert_eq!(export::make(&app.database, app.now).await, Ok(1));
    assert_eq!(
        data(&people.patient.get("me/export").await, 200)["state"],
        "ready"
    );
    assert_eq!(people.patient.get("me/export/file").await.status, 200);
    let preview = data(&people.patient.get("me/erasure").await, 200);
    assert_eq!(
        (&preview["obstacle"], &preview["records"]),
        (&json!(null), &json!(0))
    );
    let proof = fresh(&app, &nobody).await;
    let erased = data(&people.patient.post("me/erasure", &proof).await, 202);
    assert!(
        erased["certificate"]
            .as_str()
            .is_some_and(|certificate| certificate.len() == 19)
    );
    // Its token ended with it.
    refused(&people.patient.get("me/export").await, 401, "UNAUTHENTICATED");
    app.assert_whole().await;
}

#[tokio::test]
async fn consents_and_reads_are_told_to_patients_alone() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let wish = json!({ "purpose": "waitlist", "given": false });
    data(&people.patient.put("me/consents", &wish).await, 200);
    let known = data(&people.patient.get("me/consents").await, 200);
    let waitlist = known
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["purpose"] == "waitlist");
    assert_eq!(waitlist.unwrap()["given"], json!(false));
    let unknown = json!({ "purpose": "anything", "given": true });
    refused(
        &people.patient.put("me/consents", &unknown).await,
        422,
        "VALIDATION_FAILED",
    );
    people.admin.get(&format!("patients/{}", people.patient_id)).await;
    let read = data(&people.patient.get("me/reads").await, 200);
    assert_eq!(read[0]["name"], "admin");
    refused(&people.doctor.get("me/reads").await, 403, "FORBIDDEN");
    refused(&people.doctor.put("me/consents", &wish).await, 403, "FORBIDDEN");
}
