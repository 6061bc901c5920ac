//! Open pages of a thread.

use std::time::Duration;

use super::{PHONE, by_text};
use crate::support::TestApp;

#[tokio::test]
async fn an_open_page_hears_what_the_other_one_writes_and_says_what_it_has_shown() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn who_has_signed_out_hears_no_more() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn an_open_list_hears_that_something_is_new_and_not_what() {
    let app = TestApp::new().await;
    let reference = by_text(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let doctor = site.staff("doctor1@test.example").await;
    let other = site.staff("doctor2@test.example").await;
    let admin = site.staff("admin@test.example").await;
    assert_eq!(site.visitor().get("/live/mine").await.status, 401);
    assert_eq!(admin.get("/live/mine").await.status, 404);
    for (browser, page) in [(&patient, "/appointments"), (&doctor, "/doctor")] {
        let shown = browser.get(page).await;
        assert!(shown.body.contains("/live/mine"), "{page}");
    }
    let mut stream = doctor.http.get(doctor.url("/live/mine")).send().await.unwrap();
    let mut strange = other.http.get(other.url("/live/mine")).send().await.unwrap();
    let mut told = String::new();
    let listen = async {
        while !told.contains("event: changed") {
            told += std::str::from_utf8(&stream.chunk().await.unwrap().expect("hung up")).unwrap();
        }
    };
    // What is written is announced once; the line between servers may not be up yet, so there are several.
    let write = async {
        for number in 0.. {
            let message = format!("Since when? {number}");
            let fields = [("reference", reference.as_str()), ("message", &message)];
            let page = format!("/appointments/{reference}/consultation");
            patient.submit(&page, "write-message", &fields).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), async {
        tokio::select! { () = listen => {} () = write => {} }
    });
    assert!(in_time.await.is_ok());
    assert!(!told.contains("Since when?"), "{told}");
    let shown = doctor.get("/doctor").await;
    assert!(!shown.texts("#messages li").is_empty(), "{}", shown.body);
    // Nobody else has heard anything but that the line is up.
    let mut heard = String::new();
    let listen = async {
        while let Some(part) = strange.chunk().await.unwrap() {
            heard += std::str::from_utf8(&part).unwrap();
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(500), listen).await;
    assert!(heard.matches("event: changed").count() <= 1, "{heard}");
}

#[tokio::test]
async fn the_two_of_a_no_show_may_read_what_was_written() {
    let app = TestApp::new().await;
    let reference = by_text(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/appointments/{reference}/consultation");
    let fields = [("reference", reference.as_str()), ("message", "Are you there?")];
    doctor
        .submit(&format!("/doctor{page}"), "write-message", &fields)
        .await;
    app.sql("update appointments set status = 'no_show'").await;
    for (browser, base) in [(&patient, ""), (&doctor, "/doctor")] {
        let shown = browser.get(&format!("{base}/appointments/{reference}")).await;
        let thread = format!("{base}{page}");
        assert!(
            shown.links("a").contains(&thread),
            "{thread}: {:?}",
            shown.links("a")
        );
        assert_eq!(
            browser.get(&thread).await.texts("#thread .said"),
            ["Are you there?"]
        );
    }
}
