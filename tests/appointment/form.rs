//! Forms on the pages of doctors and admins.

use crate::support::{Everybody, TestApp, request};

#[tokio::test]
async fn a_doctor_confirms_a_request_on_their_page() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let confirm = [
        ("reference", &*theirs),
        ("to", "confirmed"),
        ("version", "2"),
        ("reason", ""),
    ];
    let answer = everybody
        .doctor
        .submit("/doctor", "change-status", &confirm)
        .await;
    assert_eq!((answer.status / 100, answer.error()), (3, None), "{answer:?}");
    assert_eq!(app.appointment(&theirs).await.0, "confirmed");
    app.assert_sound().await;
}

#[tokio::test]
async fn an_admin_cancels_only_the_version_that_they_see() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let confirm = [
        ("reference", &*theirs),
        ("to", "confirmed"),
        ("version", "2"),
        ("reason", ""),
    ];
    everybody
        .doctor
        .submit("/doctor", "change-status", &confirm)
        .await;
    let cancel = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "2"),
        ("reason", "closed that day"),
    ];
    let stale = everybody.admin.call("change-status", &cancel).await;
    assert_eq!((stale.status, stale.code().as_str()), (409, "STALE_VERSION"));
    let fresh = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "3"),
        ("reason", "closed that day"),
    ];
    let answer = everybody.admin.submit("/admin", "change-status", &fresh).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert_eq!(app.appointment(&theirs).await.0, "cancelled");
    let again = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "4"),
        ("reason", ""),
    ];
    let again = everybody.patient.call("change-status", &again).await;
    assert_eq!((again.status, again.code().as_str()), (422, "INVALID_TRANSITION"));
    app.assert_sound().await;
}

#[tokio::test]
async fn an_admin_stops_a_doctor_on_their_page() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let doctor = app.doctors[0].id.to_string();
    let active = [("doctor_id", &*doctor), ("version", "1"), ("active", "false")];
    let answer = admin.submit("/admin/doctors", "set-doctor-active", &active).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert_eq!(
        site.visitor().get(&format!("/doctors/{doctor}")).await.status,
        404
    );
}
