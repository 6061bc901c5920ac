//! Text that was typed is kept for the next try.

use crate::support::{Answer, Browser, TestApp};
use engine::error::AppError;

/// Cancels an appointment in this version with a form of a page, for this reason.
async fn cancel(browser: &Browser, page: &str, reference: &str, version: &str, reason: &str) -> Answer {
    let fields = [
        ("reference", reference),
        ("to", "cancelled"),
        ("version", version),
        ("reason", reason),
    ];
    browser.submit(page, "change-status", &fields).await
}

#[tokio::test]
async fn a_typed_reason_is_kept_for_the_next_try() {
    let app = TestApp::new().await;
    let reference = app.confirmed(app.patient(1).await, 0, app.slot(20)).await;
    let site = app.serve().await;
    for (browser, page, reason) in [
        (
            site.patient("+6281255500001").await,
            format!("/appointments/{reference}/cancel"),
            "I have a fever <b>",
        ),
        (
            site.staff("doctor1@test.example").await,
            format!("/doctor/appointments/{reference}"),
            "The heating is broken",
        ),
    ] {
        let stale = cancel(&browser, &page, &reference, "2", reason).await;
        assert!(
            matches!(stale.error(), Some(AppError::StaleVersion { .. })),
            "{stale:?}"
        );
        let told = browser.get(stale.location().split('#').next().unwrap()).await;
        // In the form that tries again, and in the page's own.
        let form = told.form("change-status");
        let reasons = form
            .iter()
            .filter(|(name, value)| name == "reason" && value == reason);
        assert!(reasons.count() >= 2, "{form:?}");
    }
}

#[tokio::test]
async fn a_typed_reason_is_kept_for_no_other_appointment() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let reference = app.confirmed(id, 0, app.slot(20)).await;
    let other = app.confirmed(id, 0, app.slot(24)).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/doctor/appointments/{reference}");
    let reason = "The heating is broken";
    let stale = cancel(&doctor, &page, &reference, "2", reason).await;
    assert!(stale.error().is_some(), "{stale:?}");
    let others = doctor.get(&format!("/doctor/appointments/{other}")).await;
    assert!(!others.body.contains(reason));
}

#[tokio::test]
async fn the_next_try_after_a_stale_version_cancels() {
    let app = TestApp::new().await;
    let reference = app.confirmed(app.patient(1).await, 0, app.slot(20)).await;
    let site = app.serve().await;
    let patient = site.patient("+6281255500001").await;
    let page = format!("/appointments/{reference}/cancel");
    let stale = cancel(&patient, &page, &reference, "2", "I have a fever <b>").await;
    assert!(stale.error().is_some(), "{stale:?}");
    let done = cancel(&patient, &page, &reference, "3", "I have a fever <b>").await;
    assert_eq!(done.error(), None);
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
}
