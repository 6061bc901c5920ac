//! The card of a patient on pages and for programs, and two records that become one.

use serde_json::json;

use super::fill;
use crate::support::{Everybody, People, TestApp, data, refused};
use engine::error::AppError;

#[tokio::test]
async fn staff_see_and_change_a_patient_and_somebody_who_was_faster_is_told() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let id = app.patient(1).await;
    let reference = app.confirmed(id, 0, app.slot(20)).await;
    let fields = [
        ("name", "Maya Putri"),
        ("birthday", "1984-05-17"),
        ("desk_note", "Hears badly"),
    ];
    for (base, staff) in [("admin", &everybody.admin), ("doctor", &everybody.doctor)] {
        let path = format!("/{base}/patients/{id}");
        let page = staff.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("tel:+6281255500001"), "{}", page.body);
        let links = page.links("main a");
        for link in [
            format!("/{base}/appointments/{reference}"),
            format!("/{base}/book?patient={id}"),
        ] {
            assert!(links.contains(&link), "{link} in {links:?}");
        }
        let moving = format!("/{base}/appointments/{reference}/reschedule?next=");
        assert!(links.iter().any(|link| link.starts_with(&moving)), "{links:?}");
    }
    let path = format!("/admin/patients/{id}");
    let answer = fill(&everybody.admin, &path, "save-card", &fields).await;
    assert_eq!(answer.location(), format!("{path}?saved=card"));
    let page = everybody.admin.get(&path).await;
    assert_eq!(page.texts("h1"), ["Maya Putri"]);
    assert!(
        page.form("save-card")
            .contains(&("desk_note".to_owned(), "Hears badly".to_owned()))
    );
    // The doctor had the page open: what they typed is kept, and the change is told.
    let id_text = id.to_string();
    let old = [
        ("patient", &*id_text),
        ("version", "0"),
        ("name", "Maya P."),
        ("desk_note", "Comes late"),
    ];
    let path = format!("/doctor/patients/{id}");
    let answer = everybody.doctor.submit(&path, "save-card", &old).await;
    assert_eq!(answer.error(), Some(AppError::StalePatient));
    let page = everybody.doctor.get(&answer.location()).await;
    let form = page.form("save-card");
    assert!(
        form.contains(&("desk_note".to_owned(), "Comes late".to_owned())),
        "{form:?}"
    );
    assert!(form.contains(&("version".to_owned(), "1".to_owned())), "{form:?}");
    assert_eq!(everybody.other_doctor.get(&path).await.status, 404);
}

#[tokio::test]
async fn programs_of_staff_read_and_change_the_card_and_patients_do_not() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let id = people.patient_id;
    let path = format!("patients/{id}/card");
    let card = json!({ "name": "Maya", "birthday": "1984-05-17", "note": "Hears badly", "version": 0 });
    assert_eq!(
        data(&people.admin.put(&path, &card).await, 200)["version"],
        json!(1)
    );
    refused(&people.admin.put(&path, &card).await, 409, "STALE_VERSION");
    let read = data(&people.admin.get(&path).await, 200);
    assert_eq!(
        (&read["birthday"], &read["note"]),
        (&json!("1984-05-17"), &json!("Hears badly"))
    );
    refused(&people.doctor.get(&path).await, 404, "NOT_FOUND");
    refused(&people.patient.get(&path).await, 404, "NOT_FOUND");
    refused(&people.patient.put(&path, &card).await, 404, "NOT_FOUND");
    // Nothing of what is noted is in what the patient reads.
    for path in ["me", "me/contact", "family"] {
        let own = people.patient.get(path).await;
        assert!(!own.body.contains("Hears badly"), "{path}: {}", own.body);
    }
    let mut bad = card.clone();
    bad["version"] = json!(1);
    bad["birthday"] = json!("17 May");
    refused(&people.admin.put(&path, &bad).await, 422, "VALIDATION_FAILED");
}

#[tokio::test]
async fn patients_change_their_own_name_on_their_account() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let id = app.patient(1).await;
    let patient = site.patient("+6281255500001").await;
    let page = patient.get("/account").await;
    assert!(
        page.form("change-name")
            .contains(&("name".to_owned(), "Patient 1".to_owned())),
        "{}",
        page.body
    );
    let id = id.to_string();
    let answer = patient
        .submit(
            "/account",
            "change-name",
            &[("patient", &id), ("name", " Maya  Putri ")],
        )
        .await;
    assert_eq!(answer.location(), "/account?done=name");
    assert!(patient.get("/account").await.body.contains("Maya Putri"));
    let other = app.patient(2).await.to_string();
    let theirs = patient
        .call("change-name", &[("patient", &other), ("name", "X")])
        .await;
    assert_eq!((theirs.status, theirs.code().as_str()), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn an_admin_compares_two_records_makes_them_one_and_takes_it_back() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let (stays, goes) = (app.patient(1).await, app.patient(2).await);
    app.confirmed(goes, 0, app.slot(20)).await;
    let base = format!("/admin/patients/{stays}");
    let choose = format!("{base}/merge");
    assert!(admin.get(&base).await.links("main a").contains(&choose));
    let (stays_text, goes_text) = (stays.to_string(), goes.to_string());
    let search = [("patient", &*stays_text), ("search", "Patient 2")];
    let answer = admin.submit(&choose, "find-same", &search).await;
    // Who is searched is in no URL.
    assert_eq!(answer.location(), format!("{choose}?searched=1"));
    let found = admin.get(&answer.location()).await.links("main a");
    let compare = format!("{choose}?with={goes}");
    assert!(found.contains(&compare), "{found:?}");
    let page = admin.get(&compare).await;
    assert!(page.body.contains("Patient 1") && page.body.contains("Patient 2"));
    let answer = fill(&admin, &compare, "merge-patients", &[("phone", "goes")]).await;
    assert_eq!(answer.location(), format!("{base}?merged=1"), "{answer:?}");
    let merged = admin.get(&answer.location()).await;
    assert!(merged.body.contains("tel:+6281255500002"), "{}", merged.body);
    // The record that went leads to the one that stays.
    let gone = admin.get(&format!("/admin/patients/{goes}")).await;
    assert_eq!((gone.status, gone.location()), (303, base.clone()));
    let undo = merged.form("undo-merge");
    let undo: Vec<(&str, &str)> = undo.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = admin.submit(&base, "undo-merge", &undo).await;
    assert!(
        answer.location().starts_with(&format!("{base}?undone=1&since=0")),
        "{answer:?}"
    );
    assert_eq!(admin.get(&format!("/admin/patients/{goes}")).await.status, 200);
    let fields = [("stays", &*stays_text), ("goes", &*goes_text)];
    let doctor = site.staff("doctor1@test.example").await;
    assert_eq!(doctor.call("merge-patients", &fields).await.status, 404);
    app.assert_sound().await;
}

#[tokio::test]
async fn records_that_overlap_are_shown_and_not_merged() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let admin = site.staff("admin@test.example").await;
    let (stays, goes) = (app.patient(31).await, app.patient(32).await);
    app.confirmed(stays, 0, app.slot(20)).await;
    let theirs = app.confirmed(goes, 1, app.slot(20)).await;
    let page = admin
        .get(&format!("/admin/patients/{stays}/merge?with={goes}"))
        .await;
    assert!(
        page.links("section.notice a")
            .iter()
            .any(|link| link.ends_with(&theirs)),
        "{}",
        page.body
    );
    assert!(page.form("merge-patients").is_empty());
    let wish = json!({ "patient_id": goes });
    let path = format!("patients/{stays}/merge");
    refused(&people.admin.post(&path, &wish).await, 409, "RECORDS_OVERLAP");
    app.sql("update appointments set status = 'cancelled' where doctor_id = (select min(doctor_id) from appointments)")
        .await;
    let merged = data(&people.admin.post(&path, &wish).await, 200);
    assert_eq!(merged["patient_id"], json!(stays));
    refused(&people.admin.post(&path, &wish).await, 409, "RECORD_MERGED");
    let undo = format!("merges/{}/undo", merged["merge_id"]);
    let undone = data(&people.admin.post(&undo, &json!({})).await, 200);
    assert_eq!(
        (&undone["patient_id"], &undone["appointments"]),
        (&json!(goes), &json!(1))
    );
    refused(&people.doctor.post(&path, &wish).await, 404, "NOT_FOUND");
}
