//! Reading a prescription.

use super::visit;
use crate::support::{TestApp, VISIT};
use engine::{
    account::Caller,
    appointment::Status,
    prescription::{Medication, Prescribe, prescribe},
};

fn medication(name: &str) -> Medication {
    Medication {
        name: name.to_owned(),
        dose: "500 mg".to_owned(),
        frequency: "three times a day".to_owned(),
        duration: "7 days".to_owned(),
        note: String::new(),
    }
}

fn command(caller: Caller, reference: &str, names: &[&str]) -> Prescribe {
    Prescribe {
        key: None,
        caller,
        which: reference.into(),
        medications: names.iter().map(|name| medication(name)).collect(),
        note: "Drink plenty".to_owned(),
    }
}

#[tokio::test]
async fn only_its_patient_and_its_doctor_read_a_prescription() {
    const HOSTILE: &str = "</td><script>alert(1)</script>\"'&";
    let app = TestApp::new().await;
    let (patient_id, reference) = visit(&app, Status::Completed).await;
    let visits = format!("/doctor/patients/{patient_id}");
    app.patient(2).await;
    let mut command = command(app.doctor_caller(0), &reference, &["Amoxicillin", HOSTILE]);
    command.note = HOSTILE.to_owned();
    prescribe(&app.database, command, app.now).await.unwrap();

    let site = app.serve().await;
    let patient = site.patient("+6281255500001").await;
    let doctor = site.staff("doctor1@test.example").await;
    let path = format!("/appointments/{reference}/prescription");
    let appointment = patient.get(&format!("/appointments/{reference}")).await;
    assert!(appointment.body.contains(&path), "no way to the prescription");
    for page in [
        patient.get(&path).await,
        doctor.get(&format!("/doctor{path}")).await,
        doctor.get(&visits).await,
    ] {
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Amoxicillin"));
        assert!(!page.body.contains("<script>alert"), "a medication became markup");
    }
    assert_eq!(
        patient.get(&path).await.texts("tbody th"),
        ["Amoxicillin", HOSTILE]
    );

    for (stranger, at_the_patients) in [
        (site.patient("+6281255500002").await, 404),
        // Pages of patients are not for staff, whosever they are.
        (site.staff("doctor2@test.example").await, 403),
        (site.staff("admin@test.example").await, 403),
    ] {
        for (path, status) in [
            (path.clone(), at_the_patients),
            (format!("/doctor{path}"), 404),
            (format!("/doctor/appointments/{reference}/prescribe"), 404),
            (visits.clone(), 404),
        ] {
            let page = stranger.get(&path).await;
            assert_eq!(page.status, status, "{path}");
            assert!(!page.body.contains("Amoxicillin"));
        }
        let fields = [
            ("reference", reference.as_str()),
            ("medications[0][name]", "1"),
            ("medications[0][dose]", "1"),
            ("medications[0][frequency]", "1"),
            ("medications[0][duration]", "1"),
        ];
        let answer = stranger.call("prescribe", &fields).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
    }
    let nobody = site.visitor().get(&format!("/doctor{path}")).await;
    assert!(nobody.location().starts_with("/staff/sign-in?next="));
    let nobody = site
        .visitor()
        .call("prescribe", &[("reference", &reference)])
        .await;
    assert_eq!(nobody.status, 401);
    assert_eq!(app.count("select count(*) from prescriptions").await, 1);
}

#[tokio::test]
async fn a_doctor_sees_only_the_visits_of_a_patient_to_them() {
    let app = TestApp::new().await;
    let (patient_id, theirs) = visit(&app, Status::Completed).await;
    let to_another = app.visit(patient_id, 1, app.slot(20), Status::Completed).await;
    // Somebody who has only looked is no patient yet.
    let other = app.patient(2).await;
    app.hold(7, app.wanted(0, VISIT, app.slot(30)), app.now)
        .await
        .unwrap();
    app.sql("update appointments set patient_id = (select id from patients order by created_at desc limit 1) where status = 'held'")
        .await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = doctor.get(&format!("/doctor/patients/{patient_id}")).await;
    assert!(page.body.contains(&theirs));
    assert!(!page.body.contains(&to_another));
    for path in [
        format!("/doctor/patients/{other}"),
        "/doctor/patients/999999".to_owned(),
        "/doctor/patients/-1".to_owned(),
        "/doctor/patients/everybody".to_owned(),
    ] {
        assert_eq!(doctor.get(&path).await.status, 404, "{path}");
    }
    let third = site.staff("doctor3@test.example").await;
    let page = third.get(&format!("/doctor/patients/{patient_id}")).await;
    assert_eq!(page.status, 404);
}
