//! The guard of the pages.

mod admin;
mod doctor;
mod everybody;
mod signing_in;

use crate::support::{Everybody, PHONE, TestApp, VISIT, request};

/// A page, and what each of [`Everybody::all`] gets, in that order; 0 is not asked. Who has not signed in is sent to do so.
type Row = (String, [u16; 8]);

/// What the addresses of pages name.
struct Known {
    /// A request of the patient to the doctor.
    theirs: String,
    by_text: String,
    by_video: String,
    /// A hold of a browser that is none of theirs.
    held: String,
    doctor: i64,
    /// Somebody else.
    patient: i64,
    patient_id: i64,
    /// Sessions of the doctor.
    draft: i64,
    open: i64,
}

#[tokio::test]
async fn every_page_is_shown_only_to_people_whom_it_is_for() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let patient_id = app
        .count("select id from patients where phone = '+6281255500777'")
        .await;
    let mut remote = Vec::new();
    for (slot, mode) in [(7 * 48 + 2, "text"), (7 * 48 + 4, "video")] {
        let reference = app.confirmed(patient_id, 0, app.slot(slot)).await;
        sqlx::query("update appointments set mode = $2 where reference = $1")
            .bind(&reference)
            .bind(mode)
            .execute(&mut *app.spare().await)
            .await
            .unwrap();
        remote.push(reference);
    }
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(50)), app.now)
        .await
        .unwrap();
    let known = Known {
        theirs,
        by_text: remote[0].clone(),
        by_video: remote[1].clone(),
        held,
        doctor: app.doctors[0].id,
        patient: app.patient(77).await,
        patient_id,
        draft: app.group(1, false).await,
        open: app.group(3, true).await,
    };
    let table = [
        everybody::rows(&known),
        doctor::rows(&app, &known),
        admin::rows(&known),
    ]
    .concat();
    let mut wrong = Vec::new();
    for (path, expected) in table {
        for ((who, browser), expected) in everybody.all().into_iter().zip(expected) {
            if expected == 0 {
                continue;
            }
            let answer = browser.get(&path).await;
            // 302 and 303 are the same to a browser here.
            let status = if answer.status == 303 { 302 } else { answer.status };
            if status != expected {
                wrong.push(format!(
                    "{path} for {who}: {} instead of {expected}",
                    answer.status
                ));
            }
            let body = answer.body.as_str();
            // Patients may see their own name at the head of the page.
            if expected >= 400
                && who != "patient"
                && (body.contains(PHONE) || body.contains("A cough") || body.contains("Somebody"))
            {
                wrong.push(format!("{path} tells {who} about the patient"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
