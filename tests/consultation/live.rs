//! Open pages of a thread.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{PHONE, by_text};
use crate::support::TestApp;

#[sqlx::test]
async fn an_open_page_hears_what_the_other_one_writes_and_says_what_it_has_shown(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let reference = by_text(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/appointments/{reference}/consultation");
    let live = format!("/live/consultations/{reference}");
    let shown = patient.get(&page).await;
    assert!(shown.body.contains(&live), "{}", shown.body);
    let mut stream = patient.http.get(patient.url(&live)).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let mut told = String::new();
    let mut has_written = false;
    let listen = async {
        while !told.contains("Since when?") {
            told += std::str::from_utf8(&stream.chunk().await.unwrap().expect("hung up")).unwrap();
            if !has_written && told.contains("No messages yet") {
                has_written = true;
                let fields = [("reference", reference.as_str()), ("message", "Since when?")];
                doctor
                    .submit(&format!("/doctor{page}"), "write-message", &fields)
                    .await;
            }
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), listen).await;
    assert!(in_time.is_ok(), "{told}");
    assert!(told.contains("event: thread"), "{told}");
    // What is on its way may be lost.
    let read = doctor.get(&format!("/doctor{page}")).await;
    assert_eq!(read.texts("#thread .state"), ["Sent"]);
    assert!(told.contains(r#"data-other="1""#), "{told}");
    let shown = [("reference", reference.as_str()), ("position", "1")];
    assert_eq!(patient.call("see-messages", &shown).await.status, 200);
    let read = doctor.get(&format!("/doctor{page}")).await;
    assert_eq!(read.texts("#thread .state"), ["Seen"]);
}

#[sqlx::test]
async fn who_has_signed_out_hears_no_more(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let reference = by_text(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let doctor = site.staff("doctor1@test.example").await;
    let live = format!("/live/consultations/{reference}");
    let mut stream = patient.http.get(patient.url(&live)).send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    app.sql("delete from sessions where patient_id is not null").await;
    let page = format!("/doctor/appointments/{reference}/consultation");
    let fields = [("reference", reference.as_str()), ("message", "Since when?")];
    doctor.submit(&page, "write-message", &fields).await;
    let mut told = String::new();
    let rest = async {
        while let Some(part) = stream.chunk().await.unwrap() {
            told += std::str::from_utf8(&part).unwrap();
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(20), rest).await;
    assert!(ended.is_ok() && !told.contains("Since when?"), "{told}");
}
