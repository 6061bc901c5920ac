//! The page of a patient, for admins.

use crate::support::{Everybody, People, TestApp, data, refused};

#[tokio::test]
async fn an_admin_gives_a_patient_on_a_page_and_sees_who_has_read() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (people, everybody) = (People::of(&site).await, Everybody::of(&site).await);
    let (id, doctor) = (people.patient_id, app.doctors[0].id);
    let (page, path) = (format!("/admin/patients/{id}"), format!("patients/{id}"));
    refused(&people.doctor.get(&path).await, 404, "NOT_FOUND");
    let shown = everybody.admin.get(&page).await;
    assert_eq!(shown.status, 200);
    assert!(
        shown.texts("h1")[0].contains("Patient 0"),
        "{:?}",
        shown.texts("h1")
    );
    assert!(shown.form("take-patient-back").is_empty());
    let (patient, chosen) = (id.to_string(), doctor.to_string());
    let fields = [("patient", &*patient), ("doctor_id", &*chosen)];
    for _ in 0..2 {
        let answer = everybody.admin.submit(&page, "give-patient", &fields).await;
        assert_eq!(answer.location(), format!("{page}?saved=1"));
    }
    data(&people.doctor.get(&path).await, 200);
    let shown = everybody.admin.get(&page).await;
    assert_eq!(shown.texts("h3").len(), 1, "{:?}", shown.texts("h3"));
    let reads = shown.texts(".timeline li");
    // The doctor, and the admin who has looked at this page.
    assert_eq!(reads.len(), 2, "{reads:?}");
    let back = shown.form("take-patient-back");
    assert_eq!(
        back,
        [
            ("patient".to_owned(), patient.clone()),
            ("doctor_id".to_owned(), chosen.clone())
        ]
    );
    let answer = everybody.admin.submit(&page, "take-patient-back", &fields).await;
    assert_eq!(answer.location(), format!("{page}?saved=1"));
    refused(&people.doctor.get(&path).await, 404, "NOT_FOUND");
    // Nobody is given to nobody, and nothing happens to who is not there.
    for (fields, status) in [
        ([("patient", &*patient), ("doctor_id", "999")], 404),
        ([("patient", "17"), ("doctor_id", &*chosen)], 404),
    ] {
        assert_eq!(everybody.admin.call("give-patient", &fields).await.status, status);
    }
    for form in ["give-patient", "take-patient-back"] {
        let doctors_own = everybody.doctor.call(form, &fields).await;
        assert_eq!(doctors_own.status, 404, "{form}");
    }
    assert_eq!(app.count("select count(*) from acquaintances").await, 0);
}
