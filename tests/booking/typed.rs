//! Text that was typed is kept for the next try.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;
use engine::error::AppError;

#[sqlx::test]
async fn a_reason_that_was_typed_is_there_for_the_next_try_and_for_no_other_appointment(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let reference = app.confirmed(id, 0, app.slot(20)).await;
    let other = app.confirmed(id, 0, app.slot(24)).await;
    let site = app.serve().await;
    let patient = site.patient("+6281255500001").await;
    let doctor = site.staff("doctor1@test.example").await;
    let cancel = |version: &'static str, reason: &'static str| {
        [
            ("reference", reference.clone()),
            ("to", "cancelled".to_owned()),
            ("version", version.to_owned()),
            ("reason", reason.to_owned()),
        ]
    };
    for (browser, page, reason) in [
        (
            &patient,
            format!("/appointments/{reference}/cancel"),
            "I have a fever <b>",
        ),
        (
            &doctor,
            format!("/doctor/appointments/{reference}"),
            "The heating is broken",
        ),
    ] {
        let fields = cancel("2", reason);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let stale = browser.submit(&page, "change-status", &fields).await;
        assert!(
            matches!(stale.error(), Some(AppError::StaleVersion { .. })),
            "{stale:?}"
        );
        let told = browser.get(stale.location().split('#').next().unwrap()).await;
        // In the form that tries again, and in the page's own.
        let reasons: Vec<String> = told
            .form("change-status")
            .into_iter()
            .filter(|(name, value)| name == "reason" && value == reason)
            .map(|(_, value)| value)
            .collect();
        assert!(reasons.len() >= 2, "{:?}", told.form("change-status"));
    }
    let others = doctor.get(&format!("/doctor/appointments/{other}")).await;
    assert!(!others.body.contains("The heating is broken"));

    // Once it is done, nothing is left of it.
    let page = format!("/appointments/{reference}/cancel");
    let fields = cancel("3", "I have a fever <b>");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        patient.submit(&page, "change-status", &fields).await.error(),
        None
    );
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
}
