//! Clinics that are closed.

use crate::support::{TestApp, VISIT};
use engine::error::AppError;

#[tokio::test]
async fn clinics_are_closed_and_opened_again_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(20)).await;
    let admin = site.staff("admin@test.example").await;
    let day = app.day(20).to_string();
    let page = "/admin/closures";
    let bad = [
        ("dates[first_day]", &*day),
        ("dates[last_day]", "2020-01-01"),
        ("dates[note]", "Holiday"),
    ];
    let answer = admin.submit(page, "close-clinic", &bad).await;
    assert_eq!(answer.error(), Some(AppError::InvalidDateRange));
    let back = admin.get(answer.location().split('#').next().unwrap()).await;
    assert!(
        back.form("close-clinic")
            .contains(&("dates[note]".to_owned(), "Holiday".to_owned()))
    );
    let answer = admin
        .submit(
            page,
            "close-clinic",
            &[("dates[first_day]", &*day), ("dates[yearly]", "true")],
        )
        .await;
    let asked = admin.get(&answer.location()).await;
    assert_eq!(asked.texts("#ask .row").len(), 1, "{}", asked.body);
    assert_eq!(app.count("select count(*) from time_off").await, 0);
    let decided = asked.field("close-clinic", "decided");
    let answer = admin
        .submit(
            page,
            "close-clinic",
            &[
                ("dates[first_day]", &*day),
                ("dates[yearly]", "true"),
                ("decided", &decided),
            ],
        )
        .await;
    let saved = admin.get(&answer.location()).await;
    assert!(
        saved
            .links("a.btn.primary")
            .iter()
            .any(|link| link.starts_with("/admin/calls/"))
    );
    assert!(saved.texts("#errors")[0].contains("One appointment no longer fits"));
    assert_eq!(saved.texts("#closure li").len(), 1);
    assert!(!app.offers(app.wanted(2, VISIT, app.slot(20))).await);
    let id = app.count("select id from time_off").await.to_string();
    let answer = admin.submit(page, "reopen-clinic", &[("id", &id)]).await;
    assert_eq!(admin.get(&answer.location()).await.texts("#closure li").len(), 0);
    assert!(app.offers(app.wanted(2, VISIT, app.slot(20))).await);
}
